"""What is written about who did what, and what went wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from amaan.kernel.errors import ConflictError, InvalidError, UnavailableError
from amaan.kernel.events import JsonValue


class Outcome(StrEnum):
    """``begun``: let through, not done yet; a crash leaves it without one of the others."""

    BEGUN = "begun"
    ALLOWED = "allowed"
    DENIED = "denied"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Record:
    """Something to be written down. ``at`` None: now.

    ``actor`` is as in ``kernel.acting``. ``action`` names the operation (``search_reads``),
    ``permission`` what allowed it. ``request`` joins the begun and the final entry of one
    request. ``late``: written after the fact, because the log did not answer and saving a life
    does not wait.
    """

    action: str
    actor: str
    outcome: Outcome = Outcome.ALLOWED
    permission: str | None = None
    username: str | None = None
    status: int | None = None
    method: str | None = None
    path: str | None = None
    address: str | None = None
    session: str | None = None
    request: str | None = None
    authority: UUID | None = None
    details: Mapping[str, JsonValue] = field(default_factory=dict)
    at: datetime | None = None
    late: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A record in the log: ``record.at`` is set, ``leaf`` the bytes that were hashed.

    ``position`` counts from 0 without gaps.
    """

    position: int
    record: Record
    leaf: bytes
    leaf_hash: bytes


@dataclass(frozen=True, slots=True)
class Asked:
    """Which entries are wanted; None is any. ``since`` is with, ``until`` without its moment.

    ``actor`` is an actor or a user name. ``before`` and ``after`` are positions, both without.
    """

    actor: str | None = None
    action: str | None = None
    permission: str | None = None
    outcome: Outcome | None = None
    plate: str | None = None
    authority: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    after: int | None = None


class AuditUnavailableError(UnavailableError):
    """Nothing can be written down now, so nothing is done or shown."""

    code: ClassVar[str] = "audit-unavailable"


class LogDivergedError(ConflictError):
    """The log does not continue what was signed before."""

    code: ClassVar[str] = "audit-diverged"


class NoteError(InvalidError):
    """A signed note or checkpoint that is not in its form, or whose signature is not good."""

    code: ClassVar[str] = "note-refused"


class NotSignedYetError(ConflictError):
    """No signed checkpoint reaches this far yet; one is signed every minute."""

    code: ClassVar[str] = "not-signed-yet"
