"""Asking for authorities, deciding on them, and asking what they allow."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

import structlog

from amaan.kernel.clock import Clock
from amaan.kernel.engines import BlobStore, Database
from amaan.kernel.errors import UnavailableError
from amaan.kernel.events import Outbox
from amaan.kernel.ids import new_id
from amaan.trust.authority import events, rules, store
from amaan.trust.authority.model import (
    Asked,
    Authority,
    AuthorityNeededError,
    AuthorityNotFoundError,
    Change,
    Cover,
    DocumentNotFoundError,
    EmergencyAgainError,
    EntryCover,
    NewAuthority,
    Person,
    Sighting,
    State,
    Step,
    StoredDocument,
)
from amaan.trust.authority.papers import type_of
from amaan.trust.authority.ports import Places
from amaan.trust.authority.settings import AuthoritySettings
from amaan.trust.model import Account

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg.rows import TupleRow

EXPIRE_EVERY_S: Final = 10.0
EMERGENCY_MEMORY: Final = timedelta(days=30)  # a case whose emergency nobody approved has none
EMERGENCIES_MOST: Final = 3  # of one person that nobody approved, in that time
_DUE_AT_ONCE: Final = 100
_log = structlog.get_logger(__name__)


def person_of(account: Account) -> Person:
    """Return an account as others see it."""
    return Person(account.id, account.username, account.display_name)


class AuthorityService:
    """Authorities, one transaction a step. Who may call what is the routes' question."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        blobs: BlobStore,
        clock: Clock,
        settings: AuthoritySettings | None = None,
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._blobs = blobs
        self._clock = clock
        self.settings = settings or AuthoritySettings()

    # -- documents ---------------------------------------------------------------------------

    async def put_document(self, content: bytes, by: Account) -> StoredDocument:
        """Keep a paper. Raises DocumentError for what is no PDF, JPEG or PNG, or too large."""
        media_type = type_of(content)
        digest = hashlib.sha256(content).hexdigest()
        await self._blobs.put(digest, content)
        stored = StoredDocument(digest, len(content), media_type)
        async with self._database.transaction() as connection:
            await store.insert_document(connection, stored, by.id, self._clock.now())
        return stored

    async def document(self, sha256: str) -> tuple[StoredDocument, bytes]:
        """Return a paper with its bytes. Raises DocumentNotFoundError."""
        async with self._database.transaction() as connection:
            stored = await store.find_document(connection, sha256)
        if stored is None:
            raise DocumentNotFoundError("no such document")
        return stored, await self._blobs.get(sha256)

    # -- steps -------------------------------------------------------------------------------

    async def request(self, by: Account, new: NewAuthority) -> Authority:
        """Ask; an emergency is active at once, for a day at most.

        Raises AuthorityError, DocumentNotFoundError, AuthorityNotFoundError or
        AuthorityStateError (of the one it replaces), EmergencyAgainError.
        """
        now = self._clock.now()
        new = rules.checked(new, now, self.settings)
        asked = rules.requested(new, new_id(now), person_of(by), now, self.settings)
        async with self._database.transaction() as connection:
            if await store.find_document(connection, new.document.sha256) is None:
                raise DocumentNotFoundError("upload the document first", field="document.sha256")
            if new.replaces is not None:
                rules.check_replaceable(await _get(connection, new.replaces), now)
            if new.emergency:
                await _refuse_again(connection, new, by, now)
            asked = replace(asked, number=await store.insert(connection, asked))
            change = Change.DECLARED if new.emergency else Change.REQUESTED
            await self._record(connection, asked, change, person_of(by), "")
        return await self.authority(asked.id)

    async def approve(
        self, identifier: UUID, by: Account, reason: str = "", *, senior: bool = False
    ) -> Authority:
        """Let it be active; what it replaces ends. ``senior``: may approve beyond the age tier.

        Raises OwnAuthorityError, AuthorityStateError, NeedsSeniorError, AuthorityNotFoundError.
        """
        now, person = self._clock.now(), person_of(by)
        reason = rules.checked_reason(reason, needed=False)
        async with self._database.transaction() as connection:
            before = await _get(connection, identifier, lock=True)
            after = rules.approve(before, person, now, reason, senior=senior)
            if before.replaces is not None:
                old = await _get(connection, before.replaces, lock=True)
                rules.check_replaceable(old, now)
                await store.update(connection, rules.revoke(old, now))
                told = f"replaced by {after.number}"
                await self._record(
                    connection, rules.revoke(old, now), Change.REPLACED, person, told
                )
            await store.update(connection, after)
            await self._record(connection, after, Change.APPROVED, person, reason)
        return await self.authority(identifier)

    async def refuse(self, identifier: UUID, by: Account, reason: str) -> Authority:
        """Say no, with a reason; an emergency is sealed. Raises as ``approve``."""
        person, reason = person_of(by), rules.checked_reason(reason)
        return await self._step(
            identifier, lambda a, now: rules.refuse(a, person, now, reason), person, reason
        )

    async def revoke(self, identifier: UUID, by: Account, reason: str) -> Authority:
        """End an active authority, with a reason. Raises AuthorityStateError."""
        reason = rules.checked_reason(reason)
        return await self._step(identifier, rules.revoke, person_of(by), reason)

    async def withdraw(self, identifier: UUID, by: Account, reason: str = "") -> Authority:
        """Take back what one asked for oneself. Raises OwnAuthorityError, AuthorityStateError."""
        person, reason = person_of(by), rules.checked_reason(reason, needed=False)
        return await self._step(
            identifier, lambda a, now: rules.withdraw(a, person, now), person, reason
        )

    async def _step(
        self,
        identifier: UUID,
        step: Callable[[Authority, datetime], Authority],
        by: Person,
        reason: str,
    ) -> Authority:
        now = self._clock.now()
        async with self._database.transaction() as connection:
            after = step(await _get(connection, identifier, lock=True), now)
            await store.update(connection, after)
            await self._record(connection, after, Change(after.state.value), by, reason)
        return await self.authority(identifier)

    async def _record(
        self,
        connection: AsyncConnection[TupleRow],
        after: Authority,
        change: Change,
        by: Person | None,
        reason: str,
    ) -> None:
        now = self._clock.now()
        step = (now, by.id if by else None, change, reason)
        await store.add_step(connection, after.id, step)
        await self._outbox.announce(connection, [events.changed(after, change, now)])

    # -- time --------------------------------------------------------------------------------

    async def expire_due(self) -> int:
        """Write down what time has ended; return how many. Nothing waits for this to be right."""
        now, count = self._clock.now(), 0
        async with self._database.transaction() as connection:
            for before in await store.lock_due(connection, now, _DUE_AT_ONCE):
                after = rules.timed_out(before, now)
                if after is before:
                    continue
                await store.update(connection, after)
                await self._record(connection, after, Change(after.state.value), None, "")
                count += 1
        if count:
            _log.info("authority.expired", count=count)
        return count

    async def follow(self) -> None:
        """Expire what is due until cancelled."""
        while True:
            count = 0
            try:
                count = await self.expire_due()
            except UnavailableError as error:
                _log.warning("authority.waiting", reason=error.detail)
            await asyncio.sleep(0 if count == _DUE_AT_ONCE else EXPIRE_EVERY_S)

    # -- questions ---------------------------------------------------------------------------

    async def authority(self, identifier: UUID) -> Authority:
        """Return an authority as time has left it, with history. AuthorityNotFoundError."""
        async with self._database.transaction() as connection:
            found = await _get(connection, identifier)
            steps = await store.history(connection, [identifier])
        return self._told(found, steps)

    async def page(
        self, *, state: str, mine: UUID | None, before: UUID | None, limit: int
    ) -> list[Authority]:
        """Return authorities newest first.

        ``state``: requested, active, ended, all, or open (waiting for a decision, emergencies
        too). ``mine``: only what this account asked for.
        """
        async with self._database.transaction() as connection:
            found = await store.page(
                connection, self._clock.now(), state=state, mine=mine, before=before, limit=limit
            )
            steps = await store.history(connection, [each.id for each in found])
        return [self._told(each, steps) for each in found]

    async def cover(self, identifier: UUID | None, asked: Asked, places: Places) -> Cover:
        """Return what of that is allowed now.

        Raises AuthorityNeededError, AuthorityNotActiveError, NotCoveredError; an authority that
        does not exist covers nothing.
        """
        found = await self.named(identifier)
        return rules.cover(found, asked, places, self._clock.now(), self.settings)

    async def named(self, identifier: UUID | None) -> Authority:
        """Return the authority somebody named, without history. Raises AuthorityNeededError."""
        async with self._database.transaction() as connection:
            return await _named(connection, identifier)

    async def check_read(self, identifier: UUID, read: Sighting, places: Places) -> Authority:
        """Return the authority if a search under it might have found a read. Raises as cover."""
        found = await self.named(identifier)
        rules.check_read(found, read, places, self._clock.now(), self.settings)
        return found

    async def widest(self, identifier: UUID, places: Places, by: UUID) -> Cover:
        """Return all that could be searched under it, were it approved as it asks.

        Raises OwnAuthorityError for who asked for it: nobody weighs his own request.
        """
        found = await self.authority(identifier)
        rules.check_weighed(found, by)
        return rules.widest(found, places, self._clock.now(), self.settings)

    async def entries_under(
        self, connection: AsyncConnection[TupleRow], identifier: UUID | None
    ) -> EntryCover:
        """Return what hot-list entries an authority allows, by the caller's transaction.

        Raises AuthorityNeededError, AuthorityNotActiveError, NotCoveredError.
        """
        found = await _named(connection, identifier)
        return rules.entry_cover(found, self._clock.now())

    async def held(
        self, connection: AsyncConnection[TupleRow], identifiers: Sequence[UUID]
    ) -> Mapping[UUID, Authority]:
        """Return those that are active now, by the caller's transaction."""
        now = self._clock.now()
        found = await store.some(connection, identifiers) if identifiers else {}
        return {
            each.id: each for each in found.values() if rules.standing(each, now) is State.ACTIVE
        }

    async def known(
        self, connection: AsyncConnection[TupleRow], identifier: UUID
    ) -> Authority | None:
        """Return an authority as time has left it, by the caller's transaction."""
        found = await store.get(connection, identifier)
        return None if found is None else rules.timed_out(found, self._clock.now())

    @staticmethod
    def ends_at(authority: Authority) -> datetime:
        """Return the first moment at which it allows nothing, as far as is known now."""
        return rules.ends_at(authority)

    @staticmethod
    def covers_sighting(authority: Authority, read: Sighting, places: Places) -> bool:
        """Tell whether a camera and a time lie in the authority's scope."""
        return rules.covers_sighting(authority.scope, read, places)

    def _told(self, found: Authority, steps: Mapping[UUID, Sequence[Step]]) -> Authority:
        now = rules.timed_out(found, self._clock.now())
        return replace(now, history=tuple(steps.get(found.id, ())))


async def _named(connection: AsyncConnection[TupleRow], identifier: UUID | None) -> Authority:
    if identifier is None:
        raise AuthorityNeededError("name the authority that allows this")
    found = await store.get(connection, identifier)
    if found is None:
        raise AuthorityNeededError("there is no such authority")
    return found


async def _get(
    connection: AsyncConnection[TupleRow], identifier: UUID, *, lock: bool = False
) -> Authority:
    found = await store.get(connection, identifier, lock=lock)
    if found is None:
        raise AuthorityNotFoundError(f"no authority {identifier}")
    return found


async def _refuse_again(
    connection: AsyncConnection[TupleRow], new: NewAuthority, by: Account, now: datetime
) -> None:
    before, of_person = await store.unapproved_emergencies(
        connection, new.case_ref, by.id, now - EMERGENCY_MEMORY
    )
    if before is not None:
        raise EmergencyAgainError(
            "an emergency of this case was not approved: request an authority",
            authority=str(before),
        )
    if of_person >= EMERGENCIES_MOST:
        raise EmergencyAgainError(
            f"{of_person} of your emergencies were not approved: request an authority"
        )
