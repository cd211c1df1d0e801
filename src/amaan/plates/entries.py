"""Keeping the hot-list: written by people, followed by the matcher."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

import structlog

from amaan.kernel.clock import Clock
from amaan.kernel.engines import Database
from amaan.kernel.errors import UnavailableError
from amaan.kernel.events import Event, Subscriptions
from amaan.kernel.ids import new_id
from amaan.plates import rules
from amaan.plates.hotlist import HotlistIndex
from amaan.plates.model import (
    Entry,
    EntryDraft,
    EntryEndedError,
    EntryExistsError,
    EntryNotFoundError,
)
from amaan.plates.settings import PlatesSettings
from amaan.plates.store import entries as store
from amaan.trust.authority.events import CHANGED
from amaan.trust.authority.model import NotCoveredError, State
from amaan.trust.authority.service import AuthorityService

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg.rows import TupleRow

SUBSCRIBER: Final = "hotlist"
_log = structlog.get_logger(__name__)


class HotlistService:
    """The hot-list and its index in this process. Changes reach the index before they return."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        authorities: AuthorityService,
        settings: PlatesSettings | None = None,
        *,
        matching: bool = True,
    ) -> None:
        """Without ``matching`` no index is kept: for programs that only write the list."""
        self._matching = matching
        self._database = database
        self._clock = clock
        self._authorities = authorities
        self._settings = settings or PlatesSettings()
        self._refreshing = asyncio.Lock()
        self.index = HotlistIndex()

    async def refresh(self) -> int:
        """Bring the index up to the database's revision; return how many entries changed."""
        changed = 0
        if not self._matching:
            return changed
        async with self._refreshing, self._database.transaction() as connection:
            await connection.execute("SET LOCAL statement_timeout = 0")
            newest = await store.revision(connection)
            if newest == self.index.revision:
                return 0
            portions = store.changed_since(
                connection, self.index.revision, newest, self._clock.now()
            )
            async for portion in portions:
                for entry in portion:
                    self.index.put(entry)
                changed += len(portion)
                await asyncio.sleep(0)
            self.index.revision = newest
        _log.info("hotlist.refreshed", revision=newest, changed=changed, entries=len(self.index))
        return changed

    async def load(self) -> None:
        """Fill the index; call it before the first delivery, or that matches nothing."""
        await self.refresh()

    async def follow(self) -> None:
        """Refresh until cancelled, so that changes made by other processes arrive too."""
        while True:
            try:
                await self.refresh()
            except UnavailableError as error:
                _log.warning("hotlist.waiting", reason=error.detail)
            await asyncio.sleep(self._settings.hotlist_poll_s)

    async def add(self, draft: EntryDraft, by: str) -> Entry:
        """Write a new entry. EntryExistsError when one not yet ended says the same.

        Raises AuthorityNeededError, AuthorityNotActiveError, NotCoveredError too.
        """
        now = self._clock.now()
        rules.check_draft(draft)
        async with self._database.transaction() as connection:
            revision = await store.next_revision(connection)
            cover = await self._authorities.entries_under(connection, draft.authority)
            rules.check_cover(draft, cover)
            await _refuse_same(connection, draft, now)
            entry = rules.entry_from(draft, new_id(now), by, now, cover.ends_at)
            await store.insert(connection, entry, revision)
        await self.refresh()
        return entry

    async def change(self, entry_id: UUID, edit: Callable[[EntryDraft], EntryDraft]) -> Entry:
        """Change an entry; its plate stays. EntryEndedError once it has ended.

        Its authority must allow what it then says. EntryExistsError where another entry does.
        """
        now = self._clock.now()
        async with self._database.transaction() as connection:
            revision = await store.next_revision(connection)
            entry = await self._unended(connection, entry_id, now)
            draft = edit(rules.draft_of(entry))
            assert (draft.plate, draft.kind) == (entry.plate, entry.kind), "the plate stays"
            rules.check_draft(draft)
            cover = await self._authorities.entries_under(connection, draft.authority)
            rules.check_cover(draft, cover)
            await _refuse_same(connection, draft, now, but=entry_id)
            changed = rules.entry_from(
                draft, entry.id, entry.created_by, entry.created_at, cover.ends_at
            )
            await store.update(connection, changed, revision)
        await self.refresh()
        return changed

    async def end(self, entry_id: UUID) -> None:
        """Let an entry match nothing from now on; it stays on record."""
        now = self._clock.now()
        async with self._database.transaction() as connection:
            revision = await store.next_revision(connection)
            entry = await self._unended(connection, entry_id, now)
            ended = replace(entry, valid_from=min(entry.valid_from, now), valid_until=now)
            await store.update(connection, ended, revision)
        await self.refresh()

    async def entry(self, entry_id: UUID) -> Entry:
        """Return an entry, ended or not."""
        async with self._database.transaction() as connection:
            entry = await store.get(connection, entry_id)
        if entry is None:
            raise EntryNotFoundError(f"no hot-list entry {entry_id}")
        return entry

    async def page(
        self, *, state: str, text: str | None, before: UUID | None, limit: int
    ) -> list[Entry]:
        """Return entries newest first. ``text`` may be part of a plate, case or reason."""
        async with self._database.transaction() as connection:
            return await store.page(
                connection,
                self._clock.now(),
                state=state,
                like=rules.search_like(text) if text else None,
                plate_like=rules.plate_like(text) if text else None,
                before=before,
                limit=limit,
            )

    async def count(self, state: str, authority: UUID | None) -> int:
        """Return how many entries ``stream`` would yield. Raises as it does."""
        async with self._database.transaction() as connection:
            cover = await self._authorities.entries_under(connection, authority)
            return await store.count(connection, self._clock.now(), state, cover.authority)

    async def stream(self, state: str, authority: UUID | None) -> AsyncIterator[Entry]:
        """Yield an authority's entries of a state (``active``, ``unended``, ``expired``, ``all``).

        Raises AuthorityNeededError, AuthorityNotActiveError, NotCoveredError.
        """
        async with self._database.transaction() as connection:
            await connection.execute("SET LOCAL statement_timeout = 0")
            cover = await self._authorities.entries_under(connection, authority)
            found = store.stream(connection, self._clock.now(), state, cover.authority)
            async for entry in found:
                yield entry

    def subscribe(self, subscriptions: Subscriptions) -> None:
        """Hear of authorities."""
        subscriptions.subscribe(SUBSCRIBER, [CHANGED], self.handle)

    async def handle(self, connection: AsyncConnection[TupleRow], event: Event) -> None:
        """Bring entries in line with their authority, whatever it is by now; idempotent.

        Other processes' indexes hear of it by the revision.
        """
        authority = await self._authorities.known(connection, UUID(event.key))
        if authority is None or authority.state is State.REQUESTED:
            return
        revision = await store.next_revision(connection)
        ends_at = self._authorities.ends_at(authority)
        await store.set_authority_end(connection, authority.id, ends_at, revision)
        if authority.state is State.SEALED:
            await store.seal_matches(connection, authority.id, ends_at)
        if authority.state is State.ACTIVE and authority.replaces is not None:
            await self._move(connection, authority.replaces, authority.id, revision)

    async def _move(
        self, connection: AsyncConnection[TupleRow], old: UUID, new: UUID, revision: int
    ) -> None:
        """Put entries under the authority that took the place of theirs, where it covers them."""
        try:
            cover = await self._authorities.entries_under(connection, new)
        except NotCoveredError:
            return
        standing = await store.plates_under(connection, old, self._clock.now())
        moved = [entry_id for entry_id, plate in standing if cover.covers(plate)]
        await store.move_to(connection, moved, new, cover.ends_at, revision)

    async def _unended(
        self, connection: AsyncConnection[TupleRow], entry_id: UUID, now: datetime
    ) -> Entry:
        entry = await store.get(connection, entry_id)
        if entry is None:
            raise EntryNotFoundError(f"no hot-list entry {entry_id}")
        if entry.ends_at <= now:
            raise EntryEndedError(f"the entry ended at {entry.ends_at:%Y-%m-%d %H:%M} UTC")
        return entry


async def _refuse_same(
    connection: AsyncConnection[TupleRow],
    draft: EntryDraft,
    now: datetime,
    *,
    but: UUID | None = None,
) -> None:
    same = await store.same_unended(connection, draft, now, but=but)
    if same is not None:
        raise EntryExistsError(
            f"{draft.plate} stands on the hot-list for this category and case", entry=str(same)
        )
