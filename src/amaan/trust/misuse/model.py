"""What detectors know, what they suspect, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from amaan.kernel.errors import ConflictError, InvalidError, NotFoundError
from amaan.kernel.geography import Bounds, Point


class Detector(StrEnum):
    """What kind of misuse is looked for."""

    REPEATED_TARGET = "repeated_target"
    OWN_VEHICLE = "own_vehicle"
    COLLEAGUES_VEHICLE = "colleagues_vehicle"
    LONE_AFTER_HOURS = "lone_after_hours"
    OFF_SHIFT = "off_shift"
    COPIED_REASONS = "copied_reasons"
    SENSITIVE_PLACE = "sensitive_place"
    BULK_EXPORT = "bulk_export"


class PlaceKind(StrEnum):
    """Why a place is sensitive."""

    WORSHIP = "worship"
    PROTEST = "protest"
    OTHER = "other"


class ReviewDecision(StrEnum):
    """What an auditor made of a finding."""

    EXPLAINED = "explained"
    REFERRED = "referred"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account. ``actor`` is ``account:<uuid>``, as the audit log names it."""

    actor: str
    username: str
    roles: frozenset[str]
    groups: frozenset[str] = frozenset()

    def works_beside(self, other: Person) -> bool:
        """Tell whether both do the same work in a same place; no group is everywhere."""
        return bool(self.roles & other.roles) and (
            not self.groups or not other.groups or bool(self.groups & other.groups)
        )


@dataclass(frozen=True, slots=True)
class Vehicles:
    """Plates that a person has declared, as ``plain_plate`` writes them."""

    own: frozenset[str] = frozenset()
    household: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Shift:
    """When somebody was on duty: start <= t < end."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Circle:
    """A round place."""

    centre: Point
    radius_m: float


@dataclass(frozen=True, slots=True)
class SensitivePlace:
    """A place that may be looked at during ``since`` to ``until`` only for a named vehicle."""

    id: UUID
    name: str
    kind: PlaceKind
    area: Circle | Bounds
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class AuthorityFacts:
    """Of an authority, what a search is held against. ``plates`` None: an area, no vehicle."""

    case: str
    plates: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that detectors know besides the log."""

    people: Mapping[str, Person] = field(default_factory=dict)
    vehicles: Mapping[str, Vehicles] = field(default_factory=dict)
    shifts: Mapping[str, Sequence[Shift]] = field(default_factory=dict)
    places: Sequence[SensitivePlace] = ()
    cameras: Mapping[str, Point] = field(default_factory=dict)
    authorities: Mapping[UUID, AuthorityFacts] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What a detector says. ``subject`` names what it is about, alike from night to night.

    ``positions`` are the entries of the audit log that it stands on, ascending.
    """

    detector: Detector
    actor: str
    subject: str
    since: datetime
    until: datetime
    positions: tuple[int, ...]
    explanation: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A suspicion that was written down. It is reviewed once ``decision`` is set."""

    id: UUID
    suspicion: Suspicion
    found_at: datetime
    username: str = ""
    decision: ReviewDecision | None = None
    note: str = ""
    reviewed_at: datetime | None = None
    reviewed_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """What a run judged, and what came of it. ``nightly``: by itself, going on from the last."""

    since: datetime
    until: datetime
    nightly: bool
    entries: int
    raised: int = 0
    grown: int = 0


class FindingNotFoundError(NotFoundError):
    """There is no finding with that id."""

    code: ClassVar[str] = "unknown-finding"


class FindingReviewedError(ConflictError):
    """A finding that was reviewed before."""

    code: ClassVar[str] = "finding-reviewed"


class PlaceNotFoundError(NotFoundError):
    """There is no sensitive place with that id."""

    code: ClassVar[str] = "unknown-place"


class UnknownPersonError(NotFoundError):
    """There is no account with that id."""

    code: ClassVar[str] = "unknown-account"


class FactsInputError(InvalidError):
    """A vehicle, shift or place that cannot be; ``context["field"]`` says which part."""

    code: ClassVar[str] = "facts-input"
