"""Signing in and out, and knowing who asks."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from psycopg.errors import ForeignKeyViolation, UniqueViolation

from amaan.kernel.acting import acting, acting_as, system
from amaan.kernel.clock import Clock
from amaan.kernel.engines import Database
from amaan.kernel.errors import InvalidError, NotFoundError
from amaan.kernel.ids import new_id
from amaan.trust import rules, store
from amaan.trust.locking import Locks
from amaan.trust.model import (
    NOWHERE,
    Account,
    Client,
    Method,
    NotSignedInError,
    PasswordRefusedError,
    Session,
    SignInAgainError,
    SignInRefusedError,
    UsernameTakenError,
    Worker,
    WorkerRefusedError,
)
from amaan.trust.passwords import Passwords
from amaan.trust.roles import Role
from amaan.trust.settings import TrustSettings

TOKEN_BYTES = 32
FIRST_USERNAME = "administrator"
KEEP_ENDED_SESSIONS = timedelta(days=30)


def new_token() -> str:
    """Return a random token of 256 bits, URL-safe."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> bytes:
    """Return what the database knows of a token: tokens are random, so one SHA-256 is enough."""
    return hashlib.sha256(token.encode()).digest()


class TrustService:
    """Use cases of accounts, sessions and worker tokens; one transaction each."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        settings: TrustSettings,
        passwords: Passwords | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self.settings = settings
        self.passwords = passwords or Passwords()
        self.locks = Locks(database, clock, settings)
        self._when_ended: list[Callable[[], None]] = []

    def when_sessions_end(self, call: Callable[[], None]) -> None:
        """Call back each time somebody signs out or changes a password (not on idleness)."""
        self._when_ended.append(call)

    async def is_first_run(self) -> bool:
        """Tell whether there is no account yet."""
        async with self._database.transaction() as connection:
            return not await store.any_account(connection)

    async def create_first_account(self, password: str, *, must_change: bool = False) -> Account:
        """Add the administrator of the first run."""
        with acting_as(system("first_run")):
            return await self.create_account(
                FIRST_USERNAME,
                "Administrator",
                password,
                [(Role.ADMINISTRATOR, None)],
                must_change=must_change,
            )

    async def create_account(
        self,
        username: str,
        display_name: str,
        password: str,
        grants: Sequence[tuple[str, str | None]],
        *,
        must_change: bool = False,
    ) -> Account:
        """Add an account on behalf of whoever acts; a grant is a role and a group, None everywhere.

        ``must_change``: the password is good for one sign-in. Raises InvalidError for a name, role
        or group that cannot be, UsernameTakenError.
        """
        name = rules.check_username(username)
        granted = rules.check_grants(grants)
        hashed, now, by = await self.passwords.hash(password), self._clock.now(), acting().actor
        fresh = store.NewAccount(new_id(now), name, display_name, hashed, must_change)
        try:
            async with self._database.transaction() as connection:
                await store.insert_account(connection, fresh, now, by)
                await store.set_grants(connection, fresh.id, granted, now, by)
                account = await store.find_account(connection, fresh.id)
        except UniqueViolation as error:
            raise UsernameTakenError(f"there is an account {name} already") from error
        except ForeignKeyViolation as error:
            raise InvalidError("a grant names a group of sites that is not there") from error
        assert account is not None, "it was inserted in this transaction"
        return account

    async def sign_in(
        self, username: str, password: str, client: Client = NOWHERE
    ) -> tuple[str, Session]:
        """Return a fresh token and its session.

        Raises SignInRefusedError for a wrong name or password, AccountLockedError after too many.
        """
        found = await self.locks.begin(username.strip().lower())
        matches = await self.passwords.matches(
            found.password_hash if found is not None else None, password
        )
        late = found is not None and rules.is_given_too_long_ago(
            found.given_at, self._clock.now(), self.settings
        )
        if found is None or not matches or found.disabled or late:
            raise SignInRefusedError("the user name or the password is wrong")
        if found.factors:  # earlier failures stand until the second factor is shown
            await self.locks.take_back(found.account.id)
        else:
            await self.locks.forget(found.account.id)
        return await self.open_session(found.account.id, Method.PASSWORD, client)

    async def open_session(
        self, account: UUID, method: Method, client: Client, *, strong: bool = False
    ) -> tuple[str, Session]:
        """Return a fresh token and the session of an account that has shown who it is.

        Raises SignInRefusedError for an account that is disabled.
        """
        now, token = self._clock.now(), new_token()
        fresh = store.NewSession(
            token_hash(token), new_id(now), account, now + self.settings.session_longest
        )
        async with self._database.transaction() as connection:
            await store.insert_session(connection, fresh, now, method, client, strong=strong)
            kept = await store.find_session(connection, fresh.token_hash)
            if kept is None:
                raise SignInRefusedError("this account may not sign in")
            await store.forget_old_sessions(connection, now - KEEP_ENDED_SESSIONS)
        return token, self._judged(kept)

    def _judged(self, kept: store.Kept) -> Session:
        owes = rules.owed(kept.session, must_change=kept.must_change, settings=self.settings)
        return replace(kept.session, owes=owes)

    async def session_of(self, token: str | None, *, active: bool = True) -> Session:
        """Return the session of a cookie and, when ``active``, keep it from becoming idle.

        Raises NotSignedInError.
        """
        if not token:
            raise NotSignedInError("nobody is signed in")
        now, hashed = self._clock.now(), token_hash(token)
        async with self._database.transaction() as connection:
            kept = await store.find_session(connection, hashed)
            if kept is None or rules.is_over(
                last_seen_at=kept.session.last_seen_at,
                ends_at=kept.session.ends_at,
                now=now,
                settings=self.settings,
            ):
                raise NotSignedInError("the session is over: sign in again")
            session = self._judged(kept)
            if active and now - session.last_seen_at >= rules.SEEN_RESOLUTION:
                await store.mark_seen(connection, hashed, now)
                session = replace(session, last_seen_at=now)
        return session

    def idle_end(self, session: Session) -> datetime:
        """Return when the session ends if nothing more is asked."""
        return min(session.ends_at, session.last_seen_at + self.settings.session_idle)

    def check_recent(self, session: Session) -> None:
        """Raise SignInAgainError for a session that did not begin lately."""
        if self._clock.now() - session.created_at >= self.settings.recent_sign_in:
            raise SignInAgainError("sign in again first: this changes how you sign in")

    async def sign_out(self, token: str | None) -> None:
        """End the session; one that is over or unknown is fine."""
        if token:
            async with self._database.transaction() as connection:
                await store.end_session(connection, token_hash(token), self._clock.now())
            self.tell_ended()

    async def sessions_of(self, account: UUID) -> list[Session]:
        """Return the sessions of an account that stand, newest first; what they owe left out."""
        now = self._clock.now()
        async with self._database.transaction() as connection:
            found = await store.list_sessions(connection, account)
        return [
            session
            for session in found
            if not rules.is_over(
                last_seen_at=session.last_seen_at,
                ends_at=session.ends_at,
                now=now,
                settings=self.settings,
            )
        ]

    async def end_sessions(
        self, account: UUID, *, only: UUID | None = None, but: UUID | None = None
    ) -> int:
        """End an account's sessions at once, streams included; return how many.

        ``only`` one of them, or all ``but`` one. NotFoundError when ``only`` is none of them.
        """
        async with self._database.transaction() as connection:
            ended = await store.revoke_sessions(
                connection, account, self._clock.now(), only=only, but=but
            )
        if only is not None and not ended:
            raise NotFoundError("no such session")
        self.tell_ended()
        return ended

    async def strengthen(self, token: str, method: Method) -> tuple[str, Session]:
        """Mark that a session showed a second factor; return its new token and itself.

        The token of before is worth nothing from here on. Raises NotSignedInError.
        """
        fresh = new_token()
        async with self._database.transaction() as connection:
            await store.strengthen_session(connection, token_hash(token), token_hash(fresh), method)
        return fresh, await self.session_of(fresh)

    async def check_password(self, account: Account, password: str) -> None:
        """Ask for the password once more before something that matters.

        Raises SignInRefusedError for a wrong one (it counts towards a lock), AccountLockedError.
        """
        found = await self.locks.begin(account.username)
        if found is None or not await self.passwords.matches(found.password_hash, password):
            raise SignInRefusedError("the password is wrong")
        await self.locks.forget(account.id)

    async def change_password(self, token: str, current: str, new: str) -> None:
        """Replace the password and end the account's other sessions.

        Raises SignInRefusedError for a wrong current password (it counts towards a lock),
        PasswordRefusedError for a weak new one, or one that is the same.
        """
        account = (await self.session_of(token)).account
        rules.check_new_password(new, username=account.username)
        if new == current:
            raise PasswordRefusedError("the new password is the old one")
        await self.check_password(account, current)
        hashed, now = await self.passwords.hash(new), self._clock.now()
        async with self._database.transaction() as connection:
            await store.set_password(connection, account.id, hashed, now)
            await store.end_sessions_of(connection, account.id, now, but=token_hash(token))
        self.tell_ended()

    async def admit_worker_token(self, token: str, name: str) -> None:
        """Make a worker token good; idempotent."""
        async with self._database.transaction() as connection:
            await store.insert_worker_token(connection, token_hash(token), name, self._clock.now())

    async def worker_of(self, token: str | None) -> Worker:
        """Return the worker of a bearer token. Raises WorkerRefusedError."""
        if not token:
            raise WorkerRefusedError("a worker token is needed")
        async with self._database.transaction() as connection:
            name = await store.find_worker_token(connection, token_hash(token))
        if name is None:
            raise WorkerRefusedError("the worker token is unknown or revoked")
        return Worker(name)

    def tell_ended(self) -> None:
        """Make every stream ask at once whether its session, and its reach, still stand."""
        for call in self._when_ended:
            call()
