"""Deliveries in: each counts once, is durable before it is acknowledged, and is matched on the way.

Deliveries that arrive while others commit wait and share the next commit (group commit): one
COPY, one lock round and one flush for all of them.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

import psycopg
import structlog

from amaan.kernel.clock import Clock
from amaan.kernel.engines import Database
from amaan.kernel.events import NewEvent, Outbox
from amaan.kernel.ids import new_id
from amaan.plates import events, ledger
from amaan.plates.gate import MatchGate, Met
from amaan.plates.grouping import Group, OpenLedger, Receipt
from amaan.plates.hotlist import HotlistIndex
from amaan.plates.known import KnownPlates
from amaan.plates.model import CameraPlace, IngestBusyError, RefusedObservation
from amaan.plates.observations import Delivery
from amaan.plates.packing import DAY_US, EPOCH, Arrived, Batch, Refused, without_overdue
from amaan.plates.settings import PlatesSettings
from amaan.plates.store import ingest as store
from amaan.plates.store.retention import forgotten

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg.rows import TupleRow

READ_EVENTS_EVERY: Final = timedelta(milliseconds=200)  # the console shows at most 5 a second
SLICE: Final = 100  # reads packed at a stretch: about two milliseconds
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class IngestCounts:
    """Totals since the start, for metrics."""

    reads: int = 0
    duplicates: int = 0
    conflicts: int = 0
    rejected: int = 0
    matches: int = 0
    commits: int = 0
    waiting_reads: int = 0


@dataclass(slots=True)
class _Waiting:
    batch: Batch
    done: asyncio.Future[Receipt]

    @property
    def size(self) -> int:
        return len(self.batch.reads) + len(self.batch.refused)


class IngestService:
    """Takes deliveries; safe to call many times at once in one event loop."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        hotlist: HotlistIndex,
        gate: MatchGate,
        clock: Clock,
        settings: PlatesSettings | None = None,
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._hotlist = hotlist
        self._gate = gate
        self._clock = clock
        self._settings = settings or PlatesSettings()
        self._waiting: deque[_Waiting] = deque()
        self._slots = asyncio.Semaphore(self._settings.ingest_connections)
        self._reading = asyncio.Lock()
        self._known = KnownPlates()
        self._forgotten = 0
        self.days_kept: int | None = None  # reads older than that are refused; None: none are
        self._days: dict[int, date | None] = {}  # since EPOCH: the day, where it has a partition
        self._read_event_at = datetime.min.replace(tzinfo=UTC)
        self._tasks: set[asyncio.Task[None]] = set()
        self.counts = IngestCounts()

    async def receive(self, body: bytes) -> Receipt:
        """Store a delivery and return once it is committed.

        Raises BatchError for a body that is no batch, IngestBusyError when too much waits,
        UnavailableError when the database does not answer: then nothing was acknowledged.
        """
        if self.counts.waiting_reads > self._settings.waiting_reads:
            raise IngestBusyError(f"{self.counts.waiting_reads} reads wait to be stored")
        batch = await self._read(body)
        waiting = _Waiting(batch, asyncio.get_running_loop().create_future())
        self.counts.waiting_reads += waiting.size
        self._waiting.append(waiting)
        task = asyncio.create_task(self._commit_next())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await waiting.done

    async def _read(self, body: bytes) -> Batch:
        """Read a delivery in slices, one delivery at a time.

        Everything else in this process, alarms first, waits no longer than a slice takes.
        """
        received_at = self._clock.now()
        async with self._reading:
            opened = Delivery(body, received_at)
            for _ in range(0, len(opened), SLICE):
                opened.pack(SLICE)
                await asyncio.sleep(0)
            return self._in_time(opened.batch())

    def _in_time(self, batch: Batch) -> Batch:
        """Refuse reads whose days are over: the nightly run would only take them away again."""
        if self.days_kept is None:
            return batch
        return without_overdue(batch, self._clock.now() - timedelta(days=self.days_kept))

    async def _commit_next(self) -> None:
        """Commit what waits, in one group; the task of a delivery already taken does nothing."""
        async with self._slots:
            group: list[_Waiting] = []
            size = 0
            while self._waiting and size < self._settings.group_reads:
                group.append(self._waiting.popleft())
                size += group[-1].size
            if not group:
                return
            try:
                await self._commit(group)
            except Exception as error:  # noqa: BLE001  top of a task: each waiter hears of it
                for waiting in group:
                    if not waiting.done.done():
                        waiting.done.set_exception(error)
            finally:
                self.counts.waiting_reads -= size

    async def _commit(self, group: Sequence[_Waiting]) -> None:
        batches = [waiting.batch for waiting in group]
        try:
            receipts = await self._store(batches)
        except psycopg.DataError:
            if len(group) > 1:
                for waiting in group:
                    await self._commit([waiting])
                return
            receipts = [await self._store_around_bad_reads(batches[0])]
        for waiting, receipt in zip(group, receipts, strict=True):
            if not waiting.done.done():
                waiting.done.set_result(receipt)

    async def _store_around_bad_reads(self, batch: Batch) -> Receipt:
        """Find, by halving, the reads that the database will not take, and refuse those."""
        try:
            return (await self._store([batch]))[0]
        except psycopg.DataError as error:
            _log.warning("plates.batch_halved", worker=batch.worker, reads=len(batch.reads))
            reads = batch.reads
            if len(reads) <= 1:
                reason = f"the database cannot hold it: {error.sqlstate}"
                bad = [Refused(r.boot, r.seq, r.digest, reason, r.payload) for r in reads]
                return (await self._store([_part(batch, [], [*batch.refused, *bad])]))[0]
            half = len(reads) // 2
            first = await self._store_around_bad_reads(_part(batch, reads[:half], batch.refused))
            second = await self._store_around_bad_reads(_part(batch, reads[half:], []))
            return Receipt(
                first.acknowledged + second.acknowledged,
                first.accepted + second.accepted,
                first.duplicates + second.duplicates,
                first.conflicts + second.conflicts,
                first.rejected + second.rejected,
            )

    async def _store(self, batches: Sequence[Batch]) -> list[Receipt]:
        try:
            return await self._store_once(batches)
        except psycopg.errors.UndefinedTable:
            self._days.clear()  # the days of one of them were over meanwhile
            return await self._store_once(batches)

    async def _store_once(self, batches: Sequence[Batch]) -> list[Receipt]:
        await self._ensure_days(batches)
        places = await self._gate.places()
        async with self._database.transaction() as connection:
            group = Group(await self._open_ledgers(connection, batches))
            receipts = []
            for batch in batches:
                receipts.append(group.take(batch))
                await asyncio.sleep(0)
            if group.received:
                by_day = [(self._days.get(day), rows) for day, rows in group.rows.items()]
                await store.copy_reads(connection, by_day)
                await store.record_received(connection, group.blocks())
            await self._heed_forgotten(connection)
            plates = self._known.unknown(read.plate for read in group.fresh)
            if plates:
                await store.add_plates(connection, plates)
            announced = await self._add_matches(connection, group.fresh, places)
            announced += await self._add_refusals(connection, group.refusals)
            announced += self._sample(group.fresh)
            await self._outbox.announce(connection, announced)
        self._known.learn(plates)
        self._count(receipts)
        return receipts

    async def _heed_forgotten(self, connection: AsyncConnection[TupleRow]) -> None:
        """Know nothing any more once plates were taken out; until the commit none are."""
        revision = await forgotten(connection)
        if revision != self._forgotten:
            self._known, self._forgotten = KnownPlates(), revision

    async def _ensure_days(self, batches: Sequence[Batch]) -> None:
        numbers = {read.observed_us // DAY_US for batch in batches for read in batch.reads}
        today = self._clock.now().date()
        kept = self.days_kept or self._settings.partition_days
        oldest = today - timedelta(days=min(kept, self._settings.partition_days))
        for number in sorted(numbers):
            if not -EPOCH.toordinal() < number < 2_000_000:
                continue
            day = EPOCH.date() + timedelta(days=number)
            if number in self._days or not oldest <= day <= today + timedelta(days=2):
                continue
            async with self._database.transaction() as connection:
                made = await store.ensure_day(connection, day)
            self._days[number] = day if made else None

    async def _open_ledgers(
        self, connection: AsyncConnection[TupleRow], batches: Sequence[Batch]
    ) -> dict[tuple[str, UUID], OpenLedger]:
        numbers: dict[tuple[str, UUID], list[int]] = {}
        for batch in batches:
            for read in batch.reads:
                numbers.setdefault((batch.worker, read.boot), []).append(read.seq)
            for refused in batch.refused:
                if refused.boot is not None and refused.seq is not None:
                    key = (batch.worker, refused.boot)
                    numbers.setdefault(key, []).append(refused.seq)
        if not numbers:
            return {}
        locked = await store.lock_ledgers(connection, numbers)
        opened = {}
        for key, seqs in numbers.items():
            row = locked[key]
            known: Mapping[int, bytes] = {}
            if min(seqs) <= row.high_seq:
                stored = await store.blocks(connection, row.id, ledger.blocks_of(seqs))
                known = ledger.received_of(stored)
            opened[key] = OpenLedger(row.id, dict(known))
        return opened

    async def _add_matches(
        self,
        connection: AsyncConnection[TupleRow],
        reads: Sequence[Arrived],
        places: Mapping[str, CameraPlace],
    ) -> list[NewEvent]:
        now = self._clock.now()
        met = await self._met(reads, now)
        admitted = await self._gate.admit(connection, met, places, now)
        matches, announced = [], []
        for each, authority in admitted:
            match = store.NewMatch(
                new_id(now),
                each.read_id,
                each.observed_at,
                each.entry_id,
                each.comparison,
                now,
                authority,
                each.camera,
            )
            matches.append(match)
            announced.append(
                events.matched(match.id, each.read_id, each.entry_id, each.camera, each.observed_at)
            )
        if matches:
            await store.add_matches(connection, matches)
            self.counts.matches += len(matches)
        return announced

    async def _met(self, reads: Sequence[Arrived], now: datetime) -> list[Met]:
        candidates = self._hotlist.candidates
        met = []
        for number, read in enumerate(reads):
            if number % (SLICE * 10) == 0:
                await asyncio.sleep(0)
            if not candidates(read.plate):
                continue
            for entry_id, comparison in self._hotlist.match(
                read.plate, now, uncertain=read.uncertain
            ):
                observed_at = EPOCH + timedelta(microseconds=read.observed_us)
                read_id = UUID(bytes=read.id)
                met.append(Met(read_id, read.plate, read.camera, observed_at, entry_id, comparison))
        return met

    async def _add_refusals(
        self, connection: AsyncConnection[TupleRow], refusals: Sequence[RefusedObservation]
    ) -> list[NewEvent]:
        if not refusals:
            return []
        fresh = await store.add_refusals(connection, refusals)
        rejected: dict[str, list[RefusedObservation]] = {}
        for refusal in refusals:
            if refusal.id in fresh and refusal.kind == "rejected":
                rejected.setdefault(refusal.source, []).append(refusal)
        for source, lost in rejected.items():  # one line a sender, however many it sent
            _log.error(
                "plates.read_rejected",
                source=source,
                reads=len(lost),
                seq=lost[0].seq,
                reason=lost[0].reason,
            )
        return [
            events.conflicted(r.id, r.source, r.boot, r.seq, r.received_at)
            for r in refusals
            if r.id in fresh and r.kind == "conflict" and r.boot is not None and r.seq is not None
        ]

    def _sample(self, reads: Sequence[Arrived]) -> list[NewEvent]:
        now = self._clock.now()
        if not reads or now - self._read_event_at < READ_EVENTS_EVERY:
            return []
        self._read_event_at = now
        newest = max(reads, key=lambda read: read.observed_us)
        at = EPOCH + timedelta(microseconds=newest.observed_us)
        return [events.read_seen(UUID(bytes=newest.id), at)]

    def _count(self, receipts: Sequence[Receipt]) -> None:
        counts = self.counts
        counts.commits += 1
        for receipt in receipts:
            counts.reads += receipt.accepted
            counts.duplicates += receipt.duplicates
            counts.conflicts += len(receipt.conflicts)
            counts.rejected += len(receipt.rejected)


def _part(batch: Batch, reads: list[Arrived], refused: list[Refused]) -> Batch:
    return Batch(batch.worker, batch.received_at, batch.clock_offset, reads, refused)
