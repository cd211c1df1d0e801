"""Classes, holds, removals and their receipts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from amaan.kernel.errors import ConflictError, InvalidError, NotFoundError, RefusedError


@dataclass(frozen=True, slots=True)
class RetentionClass:
    """One kind of record and its ``days``; ``least`` and ``most`` bound what may be set."""

    name: str
    days: int
    least: int
    most: int
    about: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What a run goes by: its moment and the days of each class, as they stood when it began."""

    now: datetime
    days: Mapping[str, int]

    def before(self, name: str) -> datetime:
        """Return the moment before which things of a class are over."""
        return self.now - timedelta(days=self.days[name])


@dataclass(frozen=True, slots=True)
class Planned:
    """What a run would remove now; counts are exact for rows, None where nobody counts before."""

    name: str
    things: str
    count: int | None
    partitions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Removal:
    """What a keeper removed in one transaction.

    ``since`` and ``until`` span what it removed. ``digest`` is the SHA-256 over the removed ids,
    ascending, each in its own bytes (a UUID's 16, a blob's 32, else UTF-8 with a newline).
    ``names`` are those ids where they are few and say nothing of a person (digests of files).
    """

    name: str
    things: str
    removed: int
    digest: str
    since: datetime | None = None
    until: datetime | None = None
    kept: int = 0
    partitions: tuple[str, ...] = ()
    blobs: int = 0
    blob_bytes: int = 0
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """A removal as signed. ``number`` grows by one from receipt to receipt."""

    id: UUID
    number: int
    at: datetime
    removal: Removal
    note: str


@dataclass(frozen=True, slots=True)
class HoldScope:
    """Reads, pictures, clips and alarms that must stay: of the plates, at the cameras (None is
    any; not both), with since <= observed_at < until."""

    plates: tuple[str, ...] | None
    cameras: tuple[str, ...] | None
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class HoldDraft:
    """What a person asks to be held."""

    authority: UUID
    case_ref: str
    reason: str
    scope: HoldScope
    review_at: datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """A legal hold. Released by another person than the one who placed it."""

    id: UUID
    authority: UUID
    case_ref: str
    reason: str
    scope: HoldScope
    review_at: datetime
    placed_at: datetime
    placed_by: UUID
    placed_by_username: str
    released_at: datetime | None = None
    released_by: UUID | None = None
    released_by_username: str | None = None
    release_reason: str | None = None

    def is_overdue(self, now: datetime) -> bool:
        """Tell whether somebody should have looked again; it holds all the same."""
        return self.released_at is None and self.review_at <= now


@dataclass(frozen=True, slots=True)
class HoldReview:
    """Somebody looked whether the hold is needed still."""

    at: datetime
    by_username: str
    reason: str
    review_at: datetime


@dataclass(frozen=True, slots=True)
class Run:
    """One run. ``ended_at`` None: it goes on, or was killed. ``failed``: classes that erred."""

    id: UUID
    started_at: datetime
    ended_at: datetime | None
    asked_by: str
    failed: str | None


class RetentionClassNotFoundError(NotFoundError):
    """No such class."""

    code: ClassVar[str] = "retention.class-not-found"


class RetentionDaysError(InvalidError):
    """Days outside the bounds of the class, or no reason given."""

    code: ClassVar[str] = "retention.invalid-days"


class ReceiptNotFoundError(NotFoundError):
    """No such receipt."""

    code: ClassVar[str] = "retention.receipt-not-found"


class HoldNotFoundError(NotFoundError):
    """No such hold, or another's where the asker sees only his own."""

    code: ClassVar[str] = "retention.hold-not-found"


class HoldError(InvalidError):
    """A hold that says too little, or too much; ``field`` names where."""

    code: ClassVar[str] = "retention.invalid-hold"


class HoldAuthorityError(RefusedError):
    """The authority is not active: nothing may be held by it."""

    code: ClassVar[str] = "authority-not-active"


class HoldReleasedError(ConflictError):
    """The hold was released; place another."""

    code: ClassVar[str] = "retention.hold-released"


class HoldSamePersonError(RefusedError):
    """Who placed a hold does not release it."""

    code: ClassVar[str] = "retention.same-person"


class ReceiptError(InvalidError):
    """A receipt that does not verify; the detail says why."""

    code: ClassVar[str] = "retention.bad-receipt"
