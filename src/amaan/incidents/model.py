"""Incidents, their timeline, and pursuits: what people saw, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from amaan.city.roads.model import Basis, NextCamera
from amaan.kernel.errors import ConflictError, InvalidError, NotFoundError, RefusedError
from amaan.kernel.geography import Point


class IncidentState(StrEnum):
    """new -> in_progress -> on_scene -> resolved -> closed; the last two open again."""

    NEW = "new"
    IN_PROGRESS = "in_progress"
    ON_SCENE = "on_scene"
    RESOLVED = "resolved"
    CLOSED = "closed"


class IncidentKind(StrEnum):
    """What it is about."""

    VEHICLE = "vehicle"
    ROAD = "road"
    CRIME = "crime"
    FIRE = "fire"
    MEDICAL = "medical"
    PUBLIC_ORDER = "public_order"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class NewIncident:
    """What a person says happened. The place is a camera's, or a point."""

    title: str
    kind: IncidentKind
    text: str = ""
    camera: str | None = None
    place: Point | None = None
    alarm: UUID | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident. ``sites``: those it touches, the first where it began; who works at one of
    them sees it. ``state_at``: since when its state stands."""

    id: UUID
    number: int
    title: str
    kind: IncidentKind
    state: IncidentState
    sites: tuple[str, ...]
    camera: str | None
    place: Point
    alarm: UUID | None
    opened_at: datetime
    opened_by: str
    state_at: datetime
    pursued: bool = False


class EntryKind(StrEnum):
    """What a line of the timeline tells."""

    OPENED = "opened"
    NOTE = "note"
    STATE = "state"
    PURSUIT = "pursuit"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the timeline; never changed. ``what``: the state, or the step of the pursuit.

    ``moment``: time of the picture that a step is about, or of the alarm that it was opened from.
    """

    id: UUID
    at: datetime
    by: str
    kind: EntryKind
    what: str
    text: str
    camera: str | None = None
    moment: datetime | None = None


class What(StrEnum):
    """A step of a pursuit. ``seen``, ``not_seen`` and ``lost`` are a person's own judgement."""

    STARTED = "started"
    SEEN = "seen"
    NOT_SEEN = "not_seen"
    LOST = "lost"
    OPENED = "opened"
    UNDONE = "undone"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Step:
    """``at``: time of the picture; ``made_at``: when the person said it. ``undoes``: a step."""

    id: UUID
    what: What
    camera: str
    at: datetime
    made_at: datetime
    by: str
    note: str = ""
    undoes: UUID | None = None


@dataclass(frozen=True, slots=True)
class NewStep:
    """What a person says. ``camera`` may be absent for what ends or undoes.

    ``at``: time of the picture that the person looked at; None, never for ``seen``: as it is said.
    """

    what: What
    at: datetime | None
    camera: str | None = None
    note: str = ""
    undoes: UUID | None = None


@dataclass(frozen=True, slots=True)
class PursuitRow:
    """A pursuit as it is kept."""

    id: UUID
    incident: UUID
    started_at: datetime
    started_by: str
    ended_at: datetime | None
    ended_by: str | None


class PursuitState(StrEnum):
    """How a pursuit stands."""

    TRACKING = "tracking"
    LOST = "lost"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Sighting:
    """A step of the trail. ``at_least_kmh``: since the one before, by the straight line.

    ``plausible``: no faster than a road vehicle; it says nothing of whether it was the same one.
    """

    step: Step
    place: Point | None
    at_least_kmh: float | None
    plausible: bool


class Expected(StrEnum):
    """How a next camera stands against its window of arrival."""

    EARLY = "early"
    DUE = "due"
    PAST = "past"
    NOT_SEEN = "not_seen"


@dataclass(frozen=True, slots=True)
class Offer:
    """A next camera with its window."""

    camera: NextCamera
    earliest: datetime
    latest: datetime
    state: Expected


@dataclass(frozen=True, slots=True)
class PursuitView:
    """A pursuit as it is worked with: steps, trail, and what to look at next."""

    row: PursuitRow
    state: PursuitState
    steps: Sequence[Step]
    trail: Sequence[Sighting]
    basis: Basis
    offers: Sequence[Offer]


class IncidentNotFoundError(NotFoundError):
    """No such incident, or none that the asker may know of."""

    code: ClassVar[str] = "incidents.not-found"


class IncidentStateError(ConflictError):
    """The incident's state does not allow this; ``state`` says what it is now."""

    code: ClassVar[str] = "incidents.state"


class IncidentInputError(InvalidError):
    """What was said of an incident cannot be; ``field`` says which part."""

    code: ClassVar[str] = "incidents.input"


class NoOpenIncidentError(RefusedError):
    """Nobody is followed without an open incident."""

    code: ClassVar[str] = "incidents.not-open"


class PursuitError(ConflictError):
    """There is no pursuit, or one already, or the step does not fit it."""

    code: ClassVar[str] = "incidents.pursuit"
