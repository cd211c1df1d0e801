"""Who may turn a camera now. Pure: time is passed in.

Whoever moves a camera holds it until some seconds after the last move. A higher role takes it
over, an equal or lower one waits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar, Final
from uuid import UUID

from amaan.kernel.errors import ConflictError
from amaan.trust.roles import Role

LEASE: Final = timedelta(seconds=10)
RANKS: Final = {Role.VIDEO_OPERATOR: 1, Role.DISPATCHER: 2, Role.SUPERVISOR: 3}


class SteeredByAnotherError(ConflictError):
    """Somebody of the same or a higher role turns the camera; ``held_by`` says who."""

    code: ClassVar[str] = "steered-by-another"


@dataclass(frozen=True, slots=True)
class Claim:
    """Who wants to turn a camera. ``name`` is shown to others."""

    account: UUID
    name: str
    rank: int


@dataclass(frozen=True, slots=True)
class Lease:
    """Who holds a camera, until when. ``taken_from``: whom it was taken from, while he held it."""

    holder: Claim
    until: datetime
    taken_from: Claim | None = None


def rank_of(roles: Iterable[str]) -> int:
    """Return the priority of somebody's highest role; 0 for roles that turn no camera."""
    return max((RANKS.get(Role(role), 0) for role in roles), default=0)


def holds(lease: Lease | None, now: datetime) -> bool:
    """Tell whether somebody holds the camera now."""
    return lease is not None and now < lease.until


def claim(lease: Lease | None, who: Claim, now: datetime) -> Lease:
    """Return the lease of who moves now. Raises SteeredByAnotherError."""
    if lease is None or not holds(lease, now):
        return Lease(who, now + LEASE)
    if lease.holder.account == who.account:
        return replace(lease, holder=who, until=now + LEASE)
    if who.rank > lease.holder.rank:
        return Lease(who, now + LEASE, lease.holder)
    raise SteeredByAnotherError(
        f"{lease.holder.name} turns this camera",
        held_by=lease.holder.name,
        until=lease.until.isoformat(),
    )
