"""argon2id, off the event loop and never more than a few at once."""

from __future__ import annotations

import asyncio
from functools import cache
from importlib.resources import files
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE = 2  # each takes 64 MiB: a flood of sign-ins must not eat the centre's memory

_DECORATION: Final = "0123456789!?.*#$_-"


@cache
def _common() -> frozenset[str]:
    """Return those of the 50,000 passwords that Django and zxcvbn list that are long enough."""
    text = (files("amaan.trust") / "common-passwords.txt").read_text()
    return frozenset(text.split())


def is_common(password: str) -> bool:
    """Tell whether a password, its case and digits at its end aside, is one that all try first."""
    folded = password.casefold()
    return folded in _common() or folded.rstrip(_DECORATION) in _common()


class Passwords:
    """Hashes and checks passwords with RFC 9106's second recommended setting (64 MiB, 3 passes)."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._nobody = self._hasher.hash("nobody")

    async def hash(self, password: str) -> str:
        """Return a PHC string."""
        async with self._slots:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def matches(self, password_hash: str | None, password: str) -> bool:
        """Check a password; None (no such account) takes as long and is False."""
        async with self._slots:
            found = await asyncio.to_thread(self._check, password_hash or self._nobody, password)
        return found and password_hash is not None

    def _check(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False
