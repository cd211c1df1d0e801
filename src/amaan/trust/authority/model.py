"""Authorities: what one person asked to be allowed, and another approved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from amaan.kernel.errors import ConflictError, InvalidError, NotFoundError, RefusedError
from amaan.kernel.geography import Bounds


class Purpose(StrEnum):
    """What a plate may be looked for; nothing else is a purpose."""

    STOLEN_VEHICLE = "stolen_vehicle"
    WANTED_VEHICLE = "wanted_vehicle"
    WARRANT = "warrant"
    MISSING_PERSON = "missing_person"
    KIDNAPPING = "kidnapping"
    TERRORISM = "terrorism"
    HIT_AND_RUN = "hit_and_run"
    ROBBERY = "robbery"
    HOMICIDE = "homicide"
    NARCOTICS = "narcotics"
    COURT_ORDER = "court_order"
    PROTECTION = "protection"
    TRAFFIC_OFFENCE = "traffic_offence"
    MISUSE_INQUIRY = "misuse_inquiry"
    SUBJECT_ACCESS = "subject_access"


class State(StrEnum):
    """requested -> active -> expired | revoked | withdrawn; refused, withdrawn, expired unused.

    An emergency is active from its request; one that nobody approves ends sealed.
    """

    REQUESTED = "requested"
    ACTIVE = "active"
    REFUSED = "refused"
    REVOKED = "revoked"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    SEALED = "sealed"


class Use(StrEnum):
    """What for: asking for reads, standing on the hot-list, taking recordings out."""

    SEARCH = "search"
    ENTRY = "entry"
    EXPORT = "export"


class Change(StrEnum):
    """A step of an authority, as its history tells it."""

    REQUESTED = "requested"
    DECLARED = "declared"
    APPROVED = "approved"
    REFUSED = "refused"
    REVOKED = "revoked"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    SEALED = "sealed"
    REPLACED = "replaced"


class Decision(StrEnum):
    """What the second person said."""

    APPROVED = "approved"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Scope:
    """What is allowed; None asks nothing of that kind.

    ``plates`` are normalised, patterns with ``?`` and ``*`` among them. Cameras, sites and bounds
    narrow each other. since <= a read's time < until.
    """

    plates: tuple[str, ...] | None = None
    cameras: tuple[str, ...] | None = None
    sites: tuple[str, ...] | None = None
    bounds: Bounds | None = None
    since: datetime | None = None
    until: datetime | None = None
    uses: tuple[Use, ...] = (Use.SEARCH, Use.ENTRY)


@dataclass(frozen=True, slots=True)
class Document:
    """The paper behind it. ``sha256`` is lower-case hexadecimal, ``name`` as the sender had it."""

    sha256: str
    name: str


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A paper that was uploaded."""

    sha256: str
    size_bytes: int
    type: str


@dataclass(frozen=True, slots=True)
class NewAuthority:
    """What a person asks for. ``replaces``: the authority whose scope this one changes."""

    purpose: Purpose
    case_ref: str
    grounds: str
    document: Document
    scope: Scope
    expires_at: datetime
    emergency: bool = False
    replaces: UUID | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """An account as others see it."""

    id: UUID
    username: str
    display_name: str


@dataclass(frozen=True, slots=True)
class Step:
    """One change. ``by`` None: time did it."""

    at: datetime
    by: Person | None
    change: Change
    reason: str


@dataclass(frozen=True, slots=True)
class Authority:
    """An authority as recorded; ask ``rules.standing`` what time has made of its state.

    ``decision`` None: nobody has decided. ``emergency_until``: its end unless approved.
    ``beyond_tier``: it asks for reads older than a role reaches back by itself.
    """

    id: UUID
    number: int
    state: State
    purpose: Purpose
    case_ref: str
    grounds: str
    document: Document
    scope: Scope
    expires_at: datetime
    emergency: bool
    emergency_until: datetime | None
    replaces: UUID | None
    beyond_tier: bool
    beyond_tier_approved: bool
    requested_by: Person
    requested_at: datetime
    decision: Decision | None = None
    decided_by: Person | None = None
    decided_at: datetime | None = None
    decision_reason: str | None = None
    active_since: datetime | None = None
    ended_at: datetime | None = None
    history: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody is about to do. ``plate`` is normalised and may be a pattern for a search.

    None asks nothing of that kind: every plate, every camera, all times.
    """

    use: Use
    plate: str | None = None
    cameras: tuple[str, ...] | None = None
    bounds: Bounds | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cover:
    """What of that is allowed: it narrows the query. ``cameras`` None is every camera."""

    authority: UUID
    purpose: Purpose
    case_ref: str
    plates: tuple[str, ...] | None
    cameras: tuple[str, ...] | None
    since: datetime | None
    until: datetime | None
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class EntryCover:
    """An active authority for hot-list entries. ``covers`` takes a normalised plate or pattern.

    ``ends_at`` is sooner than ``expires_at`` while it is an emergency that nobody approved.
    """

    authority: UUID
    ends_at: datetime
    expires_at: datetime
    covers: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Sighting:
    """A read that somebody wants to see, or that met an entry.

    ``plates``: its own, and those it may have been misread from.
    """

    plates: tuple[str, ...]
    camera: str
    observed_at: datetime


class AuthorityNotFoundError(NotFoundError):
    """No such authority."""

    code: ClassVar[str] = "authority-not-found"


class DocumentNotFoundError(NotFoundError):
    """No such paper was uploaded."""

    code: ClassVar[str] = "document-not-found"


class AuthorityError(InvalidError):
    """A request that says too little, too much or nonsense; ``field`` names where."""

    code: ClassVar[str] = "authority-invalid"


class DocumentError(InvalidError):
    """Not a PDF, JPEG or PNG, or too large."""

    code: ClassVar[str] = "document-invalid"


class AuthorityStateError(ConflictError):
    """The authority's state does not allow this step; ``state`` says what it is now."""

    code: ClassVar[str] = "authority-state"


class EmergencyAgainError(ConflictError):
    """Another emergency of the case waits for approval, or ended without it; so for a person."""

    code: ClassVar[str] = "authority-emergency-again"


class OwnAuthorityError(RefusedError):
    """Nobody decides on what he asked for himself, and nobody withdraws another's."""

    code: ClassVar[str] = "authority-own"


class NeedsSeniorError(RefusedError):
    """It reaches further back than this approver may approve."""

    code: ClassVar[str] = "authority-needs-senior"


class AuthorityNeededError(RefusedError):
    """Nothing was named that would allow this."""

    code: ClassVar[str] = "authority-needed"


class AuthorityNotActiveError(RefusedError):
    """The authority named allows nothing now; ``state`` says why."""

    code: ClassVar[str] = "authority-not-active"


class NotCoveredError(RefusedError):
    """The authority named is active, and allows something else."""

    code: ClassVar[str] = "authority-not-covering"
