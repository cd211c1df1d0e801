"""Sites and cameras."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Protocol

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


class RecordMode(StrEnum):
    """When a camera is recorded. ``event``: around reads, alarms and requests."""

    CONTINUOUS = "continuous"
    EVENT = "event"
    SCHEDULED = "scheduled"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class WeeklyTime:
    """A time on some days of the week, local. Monday is 0; ``start`` < ``end``, at most 24:00."""

    days: tuple[int, ...]
    start: str
    end: str


@dataclass(frozen=True, slots=True)
class RecordPlan:
    """What of a camera is kept at its worker. ``schedule`` counts in the mode of that name.

    ``before_s`` and ``after_s`` are kept around an event; ``days`` and ``gigabytes`` (10^9 bytes)
    None: no limit of its own.
    """

    mode: RecordMode = RecordMode.CONTINUOUS
    schedule: tuple[WeeklyTime, ...] = ()
    before_s: float = 10.0
    after_s: float = 30.0
    days: int | None = None
    gigabytes: float | None = None


@dataclass(frozen=True, slots=True)
class Camera:
    """One camera, without its secrets: addresses have *** for the password, or are None.

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
    sub_address: str | None
    onvif_address: str | None
    vendor: str
    model: str
    audio: bool
    record: RecordPlan


@dataclass(frozen=True, slots=True)
class NewCamera:
    """What a person says of a camera. Its addresses are the whole ones: never log this.

    An address that is empty, or the masked one, keeps the one that the camera has. The smaller
    stream and the ONVIF service (an http address with user and password) may be None: none.
    """

    code: str
    name: str
    site: str
    address: str
    place: Point | None = None
    bearing_deg: float | None = None
    enabled: bool = True
    read_plates: bool = True
    analysis_fps: float = DEFAULT_ANALYSIS_FPS
    sub_address: str | None = None
    onvif_address: str | None = None
    vendor: str = ""
    model: str = ""
    audio: bool = False
    record: RecordPlan = RecordPlan()

    def __repr__(self) -> str:
        return f"NewCamera({self.code!r}, site={self.site!r})"


@dataclass(frozen=True, slots=True)
class Held:
    """A time of a camera that is never removed while a hold stands. since <= t < until."""

    since: datetime
    until: datetime


class TimeHeld(Protocol):
    """A time that somebody else knows to be held."""

    @property
    def since(self) -> datetime:
        """The first moment."""

    @property
    def until(self) -> datetime:
        """The moment after the last."""


HoldsFor = Callable[[Sequence[str]], Awaitable[Mapping[str, Sequence[TimeHeld]]]]
"""Returns what holds keep of each of some cameras."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """A camera that a worker is to watch; what is sealed opens with trust's Sealer."""

    code: str
    address_sealed: str
    analysis_fps: float
    read_plates: bool
    sub_address_sealed: str | None = None
    onvif_sealed: str | None = None
    audio: bool = False
    record: RecordPlan = RecordPlan()
    holds: tuple[Held, ...] = ()


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
