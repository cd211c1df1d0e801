"""Reads, hot-list entries, matches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from amaan.kernel.errors import ConflictError, InvalidError, NotFoundError, UnavailableError
from amaan.kernel.geography import Bounds
from amaan.trust.authority.model import Cover


class EntryKind(StrEnum):
    """What an entry's text is: one plate, or a pattern with ``?`` (one) and ``*`` (any run)."""

    PLATE = "plate"
    PATTERN = "pattern"


class Category(StrEnum):
    """Why a vehicle is looked for."""

    STOLEN = "stolen"
    WANTED = "wanted"
    MISSING_PERSON = "missing_person"
    SECURITY = "security"
    OTHER = "other"


class Severity(StrEnum):
    """How soon a person must look, most urgent first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class MatchKind(StrEnum):
    """How a read met an entry."""

    EXACT = "exact"
    NEAR = "near"
    PATTERN = "pattern"


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """What a person writes on the hot-list. ``plate`` is normalised; times are UTC.

    ``authority``: what allows it. It matches no longer than that, whatever ``valid_until`` says.
    """

    plate: str
    kind: EntryKind
    reason: str
    category: Category
    severity: Severity
    case_ref: str
    instructions: str
    valid_from: datetime
    valid_until: datetime | None
    authority: UUID


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as recorded. ``plate`` and ``kind`` never change: end it and write another.

    ``authority`` is None only of entries from before there were authorities; those have ended.
    ``authority_until``: when the authority ends, as last heard.
    """

    id: UUID
    plate: str
    kind: EntryKind
    reason: str
    category: Category
    severity: Severity
    case_ref: str
    instructions: str
    valid_from: datetime
    valid_until: datetime | None
    created_by: str
    created_at: datetime
    authority: UUID | None
    authority_until: datetime | None

    @property
    def ends_at(self) -> datetime:
        """The first moment at which it no longer matches: its own end, or its authority's."""
        ends = [end for end in (self.valid_until, self.authority_until) if end is not None]
        return min(ends, default=self.created_at)

    def is_active(self, now: datetime) -> bool:
        """Tell whether reads match it: valid_from <= now < ends_at."""
        return self.valid_from <= now < self.ends_at


@dataclass(frozen=True, slots=True)
class Difference:
    """One character that differs; ``position`` counts from 0."""

    position: int
    read: str
    entry: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a read meets an entry. ``cost`` is 0 for exact and pattern, up to 1 for near.

    ``verify`` says that the text alone does not carry the match: near, or an uncertain read.
    """

    kind: MatchKind
    cost: float
    verify: bool
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Read:
    """One vehicle that passed one camera, as stored.

    ``observed_at`` is the camera's worker's own time; ``clock_offset_ms`` (receiver minus sender)
    is set where the worker's clock was off by more than a second, ``clock_suspect`` where the
    time is absurd even so corrected. ``box`` is left, top, width, height in pixels of a frame of
    ``frame_size`` (width, height). ``picture`` and ``crop`` are SHA-256 of JPEG files.
    """

    id: UUID
    source: str
    boot: UUID
    seq: int
    plate: str
    raw_text: str
    confidence: float
    characters: tuple[float, ...]
    camera: str
    observed_at: datetime
    received_at: datetime
    decided_at: datetime
    first_seen_at: datetime
    last_seen_at: datetime
    box: tuple[int, int, int, int]
    frame_size: tuple[int, int]
    direction: str
    frames: int
    agreeing: int
    uncertain: bool
    clock_offset_ms: int | None
    clock_suspect: bool
    picture: str | None
    crop: str | None


@dataclass(frozen=True, slots=True)
class Match:
    """A read that met an entry, recorded with the read itself.

    ``authority``: the entry's at that moment; None from before there were authorities.
    """

    id: UUID
    comparison: Comparison
    entry: Entry
    read: Read
    matched_at: datetime
    authority: UUID | None


@dataclass(frozen=True, slots=True)
class RefusedObservation:
    """What was sent but is no read of ours; ``kind`` is ``rejected`` or ``conflict``."""

    id: UUID
    source: str
    boot: UUID | None
    seq: int | None
    kind: str
    reason: str
    digest: bytes
    payload: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True)
class CameraPlace:
    """Where a camera stands, as this room shows it. ``site`` is the site's code."""

    code: str
    name: str
    site: str
    lon: float
    lat: float


class PlateMatch(StrEnum):
    """How a search holds its plate against reads."""

    EXACT = "exact"
    PATTERN = "pattern"
    NEAR = "near"


@dataclass(frozen=True, slots=True)
class Search:
    """What a person asks for; None asks nothing of that kind. since <= observed_at < until."""

    plate: str | None = None
    match: PlateMatch = PlateMatch.EXACT
    cameras: tuple[str, ...] | None = None
    bounds: Bounds | None = None
    since: datetime | None = None
    until: datetime | None = None
    cursor: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class ReadPage:
    """Reads newest first; ``next_cursor`` is None on the last page."""

    reads: tuple[Read, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Extent:
    """What an authority would let be searched. ``estimate``: too many to count, ``reads`` guessed.

    ``plates``: different plates among the reads that were counted.
    """

    widest: Cover
    reads: int
    plates: int
    estimate: bool


class CursorError(InvalidError):
    """A cursor that this room did not give."""

    code = "plates.invalid-cursor"


class PlateError(InvalidError):
    """Not a plate or pattern that can be looked for."""

    code = "plates.invalid-plate"


class BatchError(InvalidError):
    """A whole batch that cannot be taken; nothing of it was recorded."""

    code = "plates.invalid-batch"


class BatchTooLargeError(BatchError):
    """More reads or bytes than one batch may hold."""

    code = "plates.batch-too-large"
    status = 413


class EntryNotFoundError(NotFoundError):
    """No such hot-list entry."""

    code = "plates.entry-not-found"


class ReadNotFoundError(NotFoundError):
    """No such read."""

    code = "plates.read-not-found"


class EntryEndedError(ConflictError):
    """The entry has ended; a new one must be written."""

    code = "plates.entry-ended"


class EntryExistsError(ConflictError):
    """The same plate, category and case stand on the hot-list already; change that entry."""

    code = "plates.entry-exists"


class EntryError(InvalidError):
    """An entry that says too little, too much or nonsense; ``field`` names where."""

    code = "plates.invalid-entry"


class SearchTooBroadError(UnavailableError):
    """The search ran into its time limit: narrow the plate, the cameras or the time."""

    code = "plates.search-too-broad"


class IngestBusyError(UnavailableError):
    """More reads wait than the centre holds; send again later. Nothing was recorded."""

    code = "plates.ingest-busy"
