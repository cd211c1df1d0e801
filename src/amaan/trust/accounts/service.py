"""What an administrator does with accounts; whoever acts (``kernel.acting``) is held against it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from psycopg.errors import ForeignKeyViolation

from amaan.kernel.acting import acting
from amaan.kernel.clock import Clock
from amaan.kernel.engines import Database
from amaan.kernel.errors import InvalidError
from amaan.trust import rules as trust_rules
from amaan.trust import store as trust_store
from amaan.trust.accounts import rules, store
from amaan.trust.accounts.model import (
    AccountChange,
    LastAdministratorError,
    Listed,
    NoAccountError,
)
from amaan.trust.factors import store as factors_store
from amaan.trust.locking import NO_FAILURES
from amaan.trust.model import Account
from amaan.trust.service import TrustService


class AccountsService:
    """Use cases of account administration; one transaction each."""

    def __init__(self, database: Database, trust: TrustService, clock: Clock) -> None:
        self._database = database
        self._trust = trust
        self._clock = clock

    async def add(
        self, username: str, display_name: str, grants: Sequence[tuple[str, str | None]]
    ) -> tuple[Account, str]:
        """Add an account; return it and a password that is good for one sign-in.

        Raises InvalidError, UsernameTakenError.
        """
        password = trust_rules.first_password()
        name = rules.check_display_name(display_name)
        account = await self._trust.create_account(
            username, name, password, grants, must_change=True
        )
        return account, password

    async def page(self, after: str, limit: int) -> list[Listed]:
        """Return accounts by user name, those after a name."""
        async with self._database.transaction() as connection:
            return await store.page(connection, after, limit)

    async def account(self, account: UUID) -> Listed:
        """Return an account. Raises NoAccountError."""
        async with self._database.transaction() as connection:
            return _there(await store.find(connection, account))

    async def by_name(self, username: str) -> Listed:
        """Return an account by its user name. Raises NoAccountError."""
        async with self._database.transaction() as connection:
            return _there(await store.find_by_name(connection, username.strip().lower()))

    async def change(self, account: UUID, change: AccountChange) -> Listed:
        """Change an account; its sessions are refreshed, or ended when it is disabled, at once.

        Raises NoAccountError, InvalidError, OwnGrantsError, LastAdministratorError.
        """
        by, now = acting().actor, self._clock.now()
        rules.check_asker(by, account, change)
        grants = None if change.grants is None else trust_rules.check_grants(change.grants)
        try:
            async with self._database.transaction() as connection:
                await store.lock_administrators(connection)
                await factors_store.lock_account(connection, account)
                _there(await store.find(connection, account))
                if change.display_name is not None:
                    name = rules.check_display_name(change.display_name)
                    await store.set_display_name(connection, account, name)
                if grants is not None:
                    await trust_store.set_grants(connection, account, grants, now, by)
                if change.disabled is not None:
                    at = now if change.disabled else None
                    await store.set_disabled(connection, account, at)
                if change.disabled:
                    await trust_store.revoke_sessions(connection, account, now, by="disabled")
                if await store.count_administrators(connection) == 0:
                    raise LastAdministratorError("an administrator must be left: make another one")
                found = _there(await store.find(connection, account))
        except ForeignKeyViolation as error:
            raise InvalidError("a grant names a group of sites that is not there") from error
        self._trust.tell_ended()
        return found

    async def reset(self, account: UUID) -> str:
        """Take password, second factors, bindings, lock and sessions away; return a new password.

        It is good for one sign-in. Raises NoAccountError, OwnGrantsError.
        """
        by, now = acting().actor, self._clock.now()
        rules.check_asker(by, account, AccountChange(disabled=False))
        password = trust_rules.first_password()
        hashed = await self._trust.passwords.hash(password)
        async with self._database.transaction() as connection:
            await factors_store.lock_account(connection, account)
            _there(await store.find(connection, account))
            await trust_store.set_password(connection, account, hashed, now, must_change=True)
            await trust_store.set_attempts(connection, account, NO_FAILURES)
            await factors_store.forget_factors(connection, account)
            await trust_store.revoke_sessions(connection, account, now, by="reset")
        self._trust.tell_ended()
        return password

    async def unlock(self, account: UUID) -> None:
        """Forget failures and the lock that came of them. Raises NoAccountError."""
        async with self._database.transaction() as connection:
            _there(await store.find(connection, account))
            await trust_store.set_attempts(connection, account, NO_FAILURES)


def _there(found: Listed | None) -> Listed:
    if found is None:
        raise NoAccountError("no such account")
    return found
