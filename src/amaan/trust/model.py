"""Accounts, sessions, workers, and what went wrong with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from amaan.kernel.errors import ConflictError, InvalidError, RefusedError, UnauthenticatedError

ADMINISTRATOR = "administrator"
NO_SESSION = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Grant:
    """A role held everywhere (``group`` and ``sites`` None) or in a group of sites."""

    role: str
    group: str | None = None
    sites: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """A person who may sign in. ``grants`` decide what else."""

    id: UUID
    username: str
    display_name: str
    grants: tuple[Grant, ...]

    @property
    def roles(self) -> tuple[str, ...]:
        """Every role held somewhere, sorted, once."""
        return tuple(sorted({grant.role for grant in self.grants}))


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a permission carries an account: ``sites`` None is everywhere."""

    sites: tuple[str, ...] | None


class Method(StrEnum):
    """The last thing a session showed to prove who it is."""

    PASSWORD = "password"  # noqa: S105  a kind of proof
    TOTP = "totp"
    PASSKEY = "passkey"
    OIDC = "oidc"


class Debt(StrEnum):
    """What a session must do before anything else."""

    SECOND_FACTOR = "second_factor"  # show it
    PASSWORD = "password"  # noqa: S105  change the one that somebody else gave
    ENROL = "enrol"  # a role needs a second factor and there is none yet


@dataclass(frozen=True, slots=True)
class Client:
    """Where a sign-in came from: network address, and the browser's name for itself."""

    address: str = ""
    agent: str = ""


NOWHERE = Client()


@dataclass(frozen=True, slots=True)
class Factors:
    """Which second factors an account has in use."""

    totp: bool = False
    passkeys: int = 0

    def __bool__(self) -> bool:
        return self.totp or self.passkeys > 0


NO_FACTORS = Factors()


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in on one browser. It ends at ``ends_at`` even when busy.

    ``strong``: a second factor was shown. ``owes``: see Debt; None where nothing is owed.
    ``id`` opens nothing: it names the session in lists and in the audit log.
    """

    account: Account
    created_at: datetime
    last_seen_at: datetime
    ends_at: datetime
    id: UUID = NO_SESSION
    strong: bool = False
    owes: str | None = None
    method: str = Method.PASSWORD
    client: Client = NOWHERE
    factors: Factors = NO_FACTORS


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


class OwingError(RefusedError):
    """Signed in, but something is owed first; ``context["owes"]`` says what (see Session)."""

    code: ClassVar[str] = "owing"


class SignInAgainError(RefusedError):
    """Signed in too long ago for a change of how one signs in."""

    code: ClassVar[str] = "sign-in-again"


class OriginRefusedError(RefusedError):
    """A write that a page of another origin asked for."""

    code: ClassVar[str] = "origin-refused"


class PasswordRefusedError(InvalidError):
    """A new password that is too weak."""

    code: ClassVar[str] = "password-refused"


class UsernameTakenError(ConflictError):
    """A new account under a name that another one has."""

    code: ClassVar[str] = "username-taken"
