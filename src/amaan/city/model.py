"""Sites and cameras."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from amaan.kernel.errors import ConflictError, InvalidError, NotFoundError
from amaan.kernel.geography import Point

DEFAULT_ANALYSIS_FPS = 5.0


class SiteKind(StrEnum):
    """What a site watches over."""

    RED_ZONE = "red_zone"
    SADDAR = "saddar"
    AIRPORT = "airport"
    HOSPITAL = "hospital"
    CORRIDOR = "corridor"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Site:
    """A place with cameras. ``name_ur`` is the Urdu name, empty where nobody gave one."""

    code: str
    name: str
    name_ur: str
    kind: SiteKind
    place: Point


@dataclass(frozen=True, slots=True)
class Camera:
    """One camera, without its secret: ``address`` has *** for the password.

    ``place`` is its own or, where it has none (``placed`` false), its site's. ``analysis_fps`` is
    how many frames a second are read at most.
    """

    code: str
    name: str
    site: str
    place: Point
    placed: bool
    bearing_deg: float | None
    address: str
    enabled: bool
    read_plates: bool
    analysis_fps: float


@dataclass(frozen=True, slots=True)
class NewCamera:
    """What a person says of a camera. ``address`` is the whole one: never log this."""

    code: str
    name: str
    site: str
    address: str
    place: Point | None = None
    bearing_deg: float | None = None
    enabled: bool = True
    read_plates: bool = True
    analysis_fps: float = DEFAULT_ANALYSIS_FPS

    def __repr__(self) -> str:
        return f"NewCamera({self.code!r}, site={self.site!r})"


@dataclass(frozen=True, slots=True)
class Assignment:
    """A camera that a worker is to watch; ``address_sealed`` opens with trust's Sealer."""

    code: str
    address_sealed: str
    analysis_fps: float
    read_plates: bool


@dataclass(frozen=True, slots=True)
class Assignments:
    """All of one worker's cameras. ``revision`` changes whenever they do, and only then."""

    revision: str
    cameras: tuple[Assignment, ...]


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A line of a CSV file that was not taken. ``line`` counts from 1, the heading included.

    ``row`` repeats the line as it stood, with the password of its address masked.
    """

    line: int
    column: str
    reason: str
    row: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a CSV file."""

    accepted: int
    rejected: tuple[RejectedRow, ...]


class UnknownSiteError(NotFoundError):
    """There is no site with that code."""

    code: ClassVar[str] = "unknown-site"


class UnknownCameraError(NotFoundError):
    """There is no camera with that code."""

    code: ClassVar[str] = "unknown-camera"


class TakenCodeError(ConflictError):
    """A site or camera with that code stands already."""

    code: ClassVar[str] = "code-taken"


class CityInputError(InvalidError):
    """A site or camera that cannot be; ``context["field"]`` says which part."""

    code: ClassVar[str] = "city-input"
