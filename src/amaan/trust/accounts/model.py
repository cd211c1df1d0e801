"""Accounts as an administrator sees them, and groups of sites."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from amaan.kernel.errors import ConflictError, NotFoundError, RefusedError
from amaan.trust.model import Account, Factors


@dataclass(frozen=True, slots=True)
class Listed:
    """An account with what its administration needs; no secrets."""

    account: Account
    created_at: datetime
    disabled_at: datetime | None
    locked_until: datetime | None
    must_change_password: bool
    factors: Factors
    last_seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class AccountChange:
    """What is to be changed; None leaves a thing as it is. A grant is a role and a group."""

    display_name: str | None = None
    grants: tuple[tuple[str, str | None], ...] | None = None
    disabled: bool | None = None


@dataclass(frozen=True, slots=True)
class SiteGroup:
    """Sites under one name, for grants; ``sites`` are codes, sorted, each once."""

    code: str
    name: str
    sites: tuple[str, ...]


class NoAccountError(NotFoundError):
    """No account with that id or name."""

    code: ClassVar[str] = "no-account"


class NoGroupError(NotFoundError):
    """No group of sites with that code."""

    code: ClassVar[str] = "no-group"


class OwnGrantsError(RefusedError):
    """Nobody decides what he himself may do."""

    code: ClassVar[str] = "own-grants"


class LastAdministratorError(ConflictError):
    """Without an administrator nobody could make one."""

    code: ClassVar[str] = "last-administrator"


class GroupConflictError(ConflictError):
    """A group that is there already, or that grants still hang on."""

    code: ClassVar[str] = "group-conflict"
