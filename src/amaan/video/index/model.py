"""Segments, gaps, and the journal that tells of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Literal
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from amaan.city.devices.model import Outage as Outage
from amaan.kernel.errors import ConflictError, InvalidError

Stream = Literal["main", "sub"]
Times = NDArray[np.int64]
"""Rows of (from, to) in Unix milliseconds, or of (from, to, place in CAUSES)."""


class Cause(StrEnum):
    """Why a time was not recorded. ``plan``: it was not wanted."""

    LINK = "link"
    CAMERA = "camera"
    POWER = "power"
    DISK = "disk"
    RESTART = "restart"
    PLAN = "plan"


CAUSES = tuple(Cause)  # packed gaps name a cause by its place here: only ever add at the end


class Removed(StrEnum):
    """Why a worker's file is gone."""

    AGE = "age"
    BYTES = "bytes"
    DISK = "disk"
    PLAN = "plan"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Segment:
    """A file of recorded video. ``end`` and ``sha256`` are None while it is being written."""

    id: UUID
    camera: str
    stream: Stream
    start: datetime
    end: datetime | None
    bytes: int
    sha256: str | None
    codec: str
    width: int
    height: int
    fps: float
    has_audio: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """A time that was not recorded. ``end`` None: it lasts."""

    id: UUID
    camera: str
    stream: Stream
    start: datetime
    end: datetime | None
    cause: Cause
    detail: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """A file that is gone from its worker."""

    id: UUID
    reason: Removed


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a ledger's journal; ``seq`` counts from 1 without gaps."""

    seq: int
    said: Segment | Gap | Dropped


@dataclass(frozen=True, slots=True)
class Span:
    """A time of a camera. since <= t < until."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stretch of recording lies. ``digest``: of the copy at the centre, if there is one."""

    segment: UUID
    worker: str
    at_worker: bool
    start: datetime
    end: datetime | None
    digest: str | None


@dataclass(frozen=True, slots=True)
class CameraTimeline:
    """What there is of one camera within the time asked for.

    ``spans``: rows of (from, to); ``gaps``: rows of (from, to, place in CAUSES). ``oldest``: when
    the first day of which anything is kept begins, Unix ms; None: nothing is.
    """

    camera: str
    spans: Times
    gaps: Times
    oldest: int | None


@dataclass(frozen=True, slots=True)
class AlarmMark:
    """An alarm on a timeline."""

    id: UUID
    camera: str
    at: datetime
    kind: str
    severity: str


@dataclass(frozen=True, slots=True)
class ReadsMark:
    """How many vehicles a camera read from ``at`` to the next bucket's begin."""

    camera: str
    at: datetime
    count: int


@dataclass(frozen=True, slots=True)
class LedgerSegment:
    """A segment as its ledger has it, Unix milliseconds."""

    camera: str
    start_ms: int
    end_ms: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class LedgerGap:
    """A gap as its ledger has it."""

    camera: str
    start_ms: int
    end_ms: int | None


class JournalHoleError(ConflictError):
    """Entries are missing before those sent; ``applied`` says up to where all are here."""

    code: ClassVar[str] = "journal-hole"


class TimelineTooLongError(InvalidError):
    """A timeline shows so many days and no more."""

    code: ClassVar[str] = "timeline-too-long"
