"""Decisions about signing in. Pure: time is passed in."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from amaan.kernel.errors import InvalidError
from amaan.trust.model import Account, Debt, Grant, Method, PasswordRefusedError, Reach, Session
from amaan.trust.passwords import is_common
from amaan.trust.roles import (
    HELD_ALONE,
    NEED_SECOND_FACTOR,
    PERMISSIONS,
    Role,
    all_permissions,
    check_roles,
)
from amaan.trust.settings import TrustSettings

PASSWORD_SHORTEST = 12
PASSWORD_LONGEST = 128  # argon2 would take more, but a megabyte of password is an attack
SEEN_RESOLUTION = timedelta(minutes=1)
# Without 0 o 1 l i: the first password is typed from a screen.
_FIRST_PASSWORD_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # noqa: S105  an alphabet
_FIRST_PASSWORD_GROUPS = 4
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")


@dataclass(frozen=True, slots=True)
class Attempts:
    """Failures in a row, and until when the account is locked for them."""

    failed: int
    locked_until: datetime | None


def is_locked(attempts: Attempts, now: datetime) -> bool:
    """Tell whether no password at all is looked at for now."""
    return attempts.locked_until is not None and now < attempts.locked_until


def count_attempt(attempts: Attempts, now: datetime, settings: TrustSettings) -> Attempts:
    """Count one attempt before its password is checked, so that parallel guesses all count.

    A success afterwards sets everything back. The caller has made sure that it is not locked.
    """
    failed = 1 if attempts.locked_until is not None else attempts.failed + 1
    locked = failed >= settings.failures_to_lock
    return Attempts(failed, now + settings.lock_time if locked else None)


def is_given_too_long_ago(
    given_at: datetime | None, now: datetime, settings: TrustSettings
) -> bool:
    """Tell whether a password that somebody else gave was not used in time."""
    return given_at is not None and now - given_at >= settings.given_password_lasts


def is_over(
    *, last_seen_at: datetime, ends_at: datetime, now: datetime, settings: TrustSettings
) -> bool:
    """Tell whether a session is over by idleness or age."""
    return now >= ends_at or now - last_seen_at >= settings.session_idle


def reach(account: Account, permission: str, *, strong: bool = False) -> Reach | None:
    """Return how far a permission such as ``plates.search`` carries an account; None: nowhere.

    ``strong``: whether the session has shown a second factor, which some permissions need.
    """
    if permission in NEED_SECOND_FACTOR and not strong:
        return None
    sites: set[str] = set()
    found = False
    for grant in account.grants:
        if permission in PERMISSIONS[Role(grant.role)]:
            if grant.sites is None:
                return Reach(None)
            found = True
            sites.update(grant.sites)
    return Reach(tuple(sorted(sites))) if found else None


def owed(session: Session, *, must_change: bool, settings: TrustSettings) -> Debt | None:
    """Return what a session must do before anything else; showing who it is comes first.

    A password that somebody else gave is not asked to be changed where none was shown.
    """
    if session.factors and not session.strong:
        return Debt.SECOND_FACTOR
    if must_change and session.method in (Method.PASSWORD, Method.TOTP):
        return Debt.PASSWORD
    needed = needs_second_factor(session.account, settings)
    if needed and not session.factors and not session.strong:
        return Debt.ENROL
    return None


def needs_second_factor(account: Account, settings: TrustSettings) -> bool:
    """Tell whether a role of the account asks for one."""
    return not set(settings.second_factor_roles).isdisjoint(account.roles)


def permissions_in(session: Session) -> tuple[str, ...]:
    """Return every permission that carries this session somewhere, sorted."""
    return tuple(
        permission
        for permission in sorted(all_permissions())
        if reach(session.account, permission, strong=session.strong) is not None
    )


def check_grants(grants: Iterable[tuple[str, str | None]]) -> tuple[Grant, ...]:
    """Return each grant once, without the sites of its group.

    Raises InvalidError for an unknown role, one held alone beside others, or one that watches
    over others in a group of sites only.
    """
    held = sorted({(role, group or "") for role, group in grants})
    check_roles(role for role, _ in held)
    for role, group in held:
        if group and role in HELD_ALONE:
            raise InvalidError(f"{role} is held everywhere, in no group of sites")
    return tuple(Grant(role, group or None) for role, group in held)


def check_username(username: str) -> str:
    """Return the name as it is kept: lower case. Raises InvalidError."""
    name = username.strip().lower()
    if not _USERNAME.fullmatch(name):
        raise InvalidError(
            "a user name has 2 to 64 of a-z, 0-9, dot, hyphen and underscore, "
            "and begins with a letter or a digit"
        )
    return name


def check_new_password(new: str, *, username: str) -> None:
    """Raise PasswordRefusedError, saying what is wrong, for a password that is easy to guess."""
    if len(new) < PASSWORD_SHORTEST:
        raise PasswordRefusedError(f"a password has at least {PASSWORD_SHORTEST} characters")
    if len(new) > PASSWORD_LONGEST:
        raise PasswordRefusedError(f"a password has at most {PASSWORD_LONGEST} characters")
    folded = new.casefold()
    if username.casefold() in folded or "amaan" in folded:
        raise PasswordRefusedError("a password does not hold the user's name or the product's")
    if len(set(folded)) < 5:
        raise PasswordRefusedError("a password has at least 5 different characters")
    if is_common(new):
        raise PasswordRefusedError("that password is among those that everybody tries first")


def first_password() -> str:
    """Return a random password of 20 characters, 99 bits, in groups that can be typed."""
    return "-".join(
        "".join(secrets.choice(_FIRST_PASSWORD_ALPHABET) for _ in range(5))
        for _ in range(_FIRST_PASSWORD_GROUPS)
    )


def same_origin(*, origin: str | None, host: str | None, fetch_site: str | None) -> bool:
    """Tell whether a write comes from our own page, or from a program that is no browser.

    A browser names the origin of every write; without one only a client that is no page of
    anybody (``Sec-Fetch-Site`` absent or ``none``) is let through.
    """
    if origin is None:
        return fetch_site in (None, "none", "same-origin")
    if fetch_site not in (None, "same-origin"):
        return False
    return host is not None and origin != "null" and urlsplit(origin).netloc == host.lower()
