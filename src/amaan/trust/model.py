"""Accounts, sessions, workers, and what went wrong with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from amaan.kernel.errors import InvalidError, RefusedError, UnauthenticatedError

ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Account:
    """A person who may sign in. ``roles`` decide what else."""

    id: UUID
    username: str
    display_name: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in on one browser. It ends at ``ends_at`` even when busy."""

    account: Account
    created_at: datetime
    last_seen_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Worker:
    """A camera worker that showed a good token; ``token_name`` says which."""

    token_name: str


class NotSignedInError(UnauthenticatedError):
    """No session, or one that is over."""

    code: ClassVar[str] = "not-signed-in"


class SignInRefusedError(UnauthenticatedError):
    """Wrong name or wrong password: never says which."""

    code: ClassVar[str] = "sign-in-refused"


class AccountLockedError(UnauthenticatedError):
    """Too many failures; also said of names that do not exist, so that it tells nothing."""

    code: ClassVar[str] = "account-locked"
    status: ClassVar[int] = 429


class WorkerRefusedError(UnauthenticatedError):
    """No worker token, or a wrong or revoked one."""

    code: ClassVar[str] = "worker-refused"


class NotPermittedError(RefusedError):
    """Signed in, but the account's roles do not reach this far."""

    code: ClassVar[str] = "not-permitted"


class OriginRefusedError(RefusedError):
    """A write that a page of another origin asked for."""

    code: ClassVar[str] = "origin-refused"


class PasswordRefusedError(InvalidError):
    """A new password that is too weak."""

    code: ClassVar[str] = "password-refused"
