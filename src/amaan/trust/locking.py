"""Counting failures, so that nobody guesses a password or a code."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime
from uuid import UUID

from amaan.kernel.clock import Clock
from amaan.kernel.engines import Database
from amaan.trust import rules, store
from amaan.trust.model import AccountLockedError
from amaan.trust.rules import Attempts
from amaan.trust.settings import TrustSettings

UNKNOWN_NAMES_KEPT = 10_000
NO_FAILURES = Attempts(0, None)


class Locks:
    """Counts each attempt before it is looked at; names that do not exist are locked too."""

    def __init__(self, database: Database, clock: Clock, settings: TrustSettings) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._unknown: OrderedDict[str, Attempts] = OrderedDict()

    async def begin(self, username: str) -> store.Credentials | None:
        """Count an attempt; None when there is no such account. Raises AccountLockedError."""
        now = self._clock.now()
        async with self._database.transaction() as connection:
            found = await store.lock_credentials(connection, username)
            if found is not None:
                attempts = self._counted(found.attempts, now)
                await store.set_attempts(connection, found.account.id, attempts)
                return found
        attempts = self._counted(self._unknown.pop(username, NO_FAILURES), now, username)
        self._remember_unknown(username, attempts)
        return None

    async def take_back(self, account: UUID) -> None:
        """Uncount one attempt: it was right, but only half of what must be shown."""
        async with self._database.transaction() as connection:
            await store.take_attempt_back(connection, account, self._settings.failures_to_lock)

    async def forget(self, account: UUID) -> None:
        """Forget the failures: everything that must be shown was right."""
        async with self._database.transaction() as connection:
            await store.set_attempts(connection, account, NO_FAILURES)

    def _counted(self, attempts: Attempts, now: datetime, unknown: str | None = None) -> Attempts:
        if rules.is_locked(attempts, now):
            if unknown is not None:
                self._remember_unknown(unknown, attempts)
            assert attempts.locked_until is not None
            wait_s = (attempts.locked_until - now).total_seconds()
            raise AccountLockedError(
                "too many wrong passwords or codes: wait and try again",
                retry_after_s=round(wait_s),
            )
        return rules.count_attempt(attempts, now, self._settings)

    def _remember_unknown(self, username: str, attempts: Attempts) -> None:
        self._unknown[username] = attempts
        while len(self._unknown) > UNKNOWN_NAMES_KEPT:
            self._unknown.popitem(last=False)
