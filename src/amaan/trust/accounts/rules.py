"""Decisions about the administration of accounts. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from uuid import UUID

from amaan.kernel.errors import InvalidError
from amaan.trust.accounts.model import AccountChange, OwnGrantsError

MOST_SITES = 10_000
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_SITE = re.compile(r"[^\s,\x00-\x1f]{1,64}")  # no comma: sites travel as a list in a setting


def check_asker(actor: str, account: UUID, change: AccountChange) -> None:
    """Raise OwnGrantsError when somebody changes his own grants or disables himself."""
    if actor != f"account:{account}":
        return
    if change.grants is not None or change.disabled is not None:
        raise OwnGrantsError(
            "nobody changes his own grants, disables or resets himself: ask another one"
        )


def check_display_name(name: str) -> str:
    """Return the name without blanks around it. Raises InvalidError."""
    trimmed = name.strip()
    if not trimmed or len(trimmed) > 100 or not trimmed.isprintable():
        raise InvalidError("a display name has 1 to 100 printable characters")
    return trimmed


def check_group(code: str, name: str, sites: Iterable[str]) -> tuple[str, ...]:
    """Return the sites, sorted, each once. Raises InvalidError."""
    if not _CODE.fullmatch(code):
        raise InvalidError("a group's code has 1 to 40 of a-z, 0-9 and hyphen")
    check_display_name(name)
    found = tuple(sorted(set(sites)))
    if len(found) > MOST_SITES:
        raise InvalidError(f"a group has at most {MOST_SITES} sites")
    for site in found:
        if not _SITE.fullmatch(site):
            raise InvalidError("a site's code has 1 to 64 characters, no blank and no comma")
    return found
