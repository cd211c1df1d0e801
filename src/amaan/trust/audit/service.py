"""The log: one writer, many entries a transaction, and nobody goes on before it is committed."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

import psycopg
import structlog

from amaan.kernel.acting import acting_as, system
from amaan.kernel.clock import Clock
from amaan.kernel.engines import Database
from amaan.kernel.errors import NotFoundError, UnavailableError
from amaan.kernel.events import JsonValue
from amaan.trust.audit import merkle, rules, store
from amaan.trust.audit.merkle import Frontier, Span
from amaan.trust.audit.model import Asked, AuditUnavailableError, Entry, Record
from amaan.trust.model import Account

BATCH: Final = 500
WAITING_MOST: Final = 10_000
WAIT_S: Final = 8.0  # for one entry, in the queue and on its way
READ_BATCH: Final = 1_000

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Waiting:
    leaf: bytes
    record: Record
    written: asyncio.Future[int] = field(repr=False)


class AuditLog:
    """Writes entries and reads them back.

    With ``run`` at work, entries that come together share a transaction; without it (commands)
    each has its own. Either way ``write`` returns only when the entry is committed.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._waiting: deque[_Waiting] = deque()
        self._wake = asyncio.Event()
        self._writing = asyncio.Lock()
        self._frontier: Frontier | None = None
        self._runs = False

    @property
    def waiting(self) -> int:
        """How many entries stand in the queue."""
        return len(self._waiting)

    async def write(self, record: Record) -> int:
        """Return the position of the entry, once committed.

        Raises AuditUnavailableError when it cannot be known to be; it may be there all the same.
        """
        leaf = rules.leaf_of(record, self._clock.now())
        if not self._runs:
            return (await self.append([leaf]))[0].position
        if len(self._waiting) >= WAITING_MOST:
            raise AuditUnavailableError("the audit log cannot keep up: nothing is done unwritten")
        waiting = _Waiting(leaf, record, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._wake.set()
        try:
            async with asyncio.timeout(WAIT_S):
                return await waiting.written
        except TimeoutError:
            raise _unavailable() from None

    async def run(self) -> None:
        """Write what comes, until cancelled; who then still waits is refused."""
        self._runs = True
        batch: list[_Waiting] = []
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._waiting:
                    batch = self._next_batch()
                    await self._write_batch(batch)
        finally:
            self._runs = False
            for waiting in (*batch, *self._waiting):
                if not waiting.written.done():
                    waiting.written.set_exception(_unavailable())
            self._waiting.clear()

    def _next_batch(self) -> list[_Waiting]:
        taken = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
        return [waiting for waiting in taken if not waiting.written.done()]

    async def _write_batch(self, batch: Sequence[_Waiting]) -> None:
        if not batch:
            return
        try:
            entries = await self.append([waiting.leaf for waiting in batch])
        except AuditUnavailableError as error:
            for waiting in batch:
                if not waiting.written.done():
                    waiting.written.set_exception(AuditUnavailableError(error.detail))
            return
        for waiting, entry in zip(batch, entries, strict=True):
            if not waiting.written.done():
                waiting.written.set_result(entry.position)

    async def append(self, leaves: Sequence[bytes]) -> list[Entry]:
        """Commit leaves in one transaction, in their order. Raises AuditUnavailableError."""
        async with self._writing:
            try:
                with acting_as(system("audit")):
                    entries = await self._try_to_append(leaves)
                    if entries is None:  # another writer (a command) was first; now it waits
                        entries = await self._try_to_append(leaves)
                    if entries is not None:
                        return entries
            except (UnavailableError, psycopg.Error) as error:
                _log.error("audit.unavailable", reason=type(error).__name__)
                raise _unavailable() from error
            except BaseException:
                self._frontier = None
                raise
            raise _unavailable()

    async def _try_to_append(self, leaves: Sequence[bytes]) -> list[Entry] | None:
        """Return None when another writer has grown the tree that was remembered."""
        old, self._frontier = self._frontier, None  # known again once this has committed
        async with self._database.transaction() as connection:
            if old is None:
                old = await store.lock_frontier(connection)
                if len(old.hashes) != old.size.bit_count():
                    raise AuditUnavailableError("the audit log's tree row is damaged")
            new = old.copy()
            made: list[tuple[int, int, bytes]] = []
            entries: list[Entry] = []
            for leaf in leaves:
                entry = rules.entry_of(new.size, leaf)
                new.append(entry.leaf_hash, made)
                entries.append(entry)
            if not await store.append(connection, old, new, entries, made):
                return None
        self._frontier = new
        return entries

    async def write_late(self, leaves: Sequence[bytes]) -> int:
        """Append late leaves that are not there yet; return how many were missing."""
        with acting_as(system("audit")):
            try:
                async with self._database.transaction() as connection:
                    hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
                    known = await store.late_known(connection, hashes)
            except (UnavailableError, psycopg.Error) as error:
                raise _unavailable() from error
        missing = [leaf for leaf, hashed in zip(leaves, hashes, strict=True) if hashed not in known]
        if missing:
            await self.append(missing)
        return len(missing)

    def leaf_of_late(self, record: Record) -> bytes:
        """Return the bytes of an entry that will be written later, stamped now."""
        return rules.leaf_of(replace(record, late=True), self._clock.now())

    async def pushed(self, account: Account, shown: Mapping[str, Sequence[str]]) -> int:
        """Write down that an account's console is to be told of events.

        ``shown``: their keys (the id of a read or an alarm, the code of a camera) by the name
        under which they go out. The centre acts, not the person: nobody asked for them.
        Raises AuditUnavailableError: then they may not be shown.
        """
        keys: dict[str, JsonValue] = {name: list(those) for name, those in shown.items()}
        count = sum(len(those) for those in shown.values())
        return await self.write(
            Record(
                "push_events",
                "system:live",
                permission="console.listen",
                username=account.username,
                details={"account": str(account.id), "shown": keys, "count": count},
            )
        )

    async def entries(
        self, asked: Asked | None = None, *, batch: int = READ_BATCH
    ) -> AsyncIterator[Entry]:
        """Yield what was asked for (by default everything), oldest first, by position.

        A short transaction for each batch: what is written meanwhile is seen too. The caller says
        on whose behalf it reads (``acting_as``).
        """
        asked = asked or Asked()
        while True:
            async with self._database.transaction() as connection:
                found = await store.find_entries(connection, asked, batch, newest_first=False)
            for entry in found:
                yield entry
            if len(found) < batch:
                return
            asked = replace(asked, after=found[-1].position)

    async def newest(self, asked: Asked, limit: int) -> list[Entry]:
        """Return the newest entries that fit, newest first."""
        async with self._database.transaction() as connection:
            return await store.find_entries(connection, asked, limit, newest_first=True)

    async def size(self) -> int:
        """Return how many entries there are."""
        async with self._database.transaction() as connection:
            return (await store.frontier(connection)).size

    async def span_of(self, since: datetime | None, until: datetime | None) -> Span:
        """Return the span of positions that holds every entry of a time; empty without any."""
        async with self._database.transaction() as connection:
            return await store.positions_between(connection, since, until)

    async def entry(self, position: int) -> Entry:
        """Return one entry. Raises NotFoundError."""
        async with self._database.transaction() as connection:
            found = await store.find_entry(connection, position)
        if found is None:
            raise NotFoundError("there is no such entry")
        return found


def _unavailable() -> AuditUnavailableError:
    return AuditUnavailableError("the audit log does not answer: nothing is done unwritten")
