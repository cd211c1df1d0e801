"""Reads, their plates and what was refused, removed when their days are over.

A day's partition is dropped whole; what must stay of it (hits, held reads, reads that a corrected
clock makes younger) has moved to the default partition in the same transaction. Pictures are
condemned here and removed by trust, which sees whether anything else refers to them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

import structlog

from amaan.kernel.engines import Database
from amaan.plates.store import retention as store
from amaan.trust.retention.model import Planned, Receipt, Removal, Terms
from amaan.trust.retention.ports import Book

READS: Final = "reads"
HITS: Final = "hits"
REFUSED: Final = "refused_observations"
BATCH: Final = 5_000
PLATES_BATCH: Final = 1_000  # writers of reads wait meanwhile
DROP_S, DROP_LOCK_S = 3_600, 20  # a million reads take up to a minute
_log = structlog.get_logger(__name__)


def partition_of(day: date) -> str:
    """Return the name of a day's partition."""
    return f"reads_{day:%Y%m%d}"


def span_of(day: date) -> tuple[datetime, datetime]:
    """Return a UTC day's first moment and the next day's."""
    low = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return low, low + timedelta(days=1)


class ReadsKeeper:
    """``trust.retention.ports.Keeper`` of this room."""

    names = (READS, HITS, REFUSED)

    def __init__(self, database: Database) -> None:
        self._database = database

    async def plan(self, terms: Terms) -> Sequence[Planned]:
        """Tell which days are over and how many reads they hold (some of which will stay)."""
        reads_before, hits_before = _bounds(terms)
        planned = []
        async with self._database.transaction() as connection:
            await store.limit_time(connection, DROP_S, DROP_LOCK_S)
            for day in await self._over(terms):
                count = await store.count_day(connection, *span_of(day))
                planned.append(Planned(READS, "reads", count, (partition_of(day),)))
            overdue = await store.count_overdue(connection, reads_before, hits_before)
            refused = await store.overdue_refusals(connection, terms.before(REFUSED))
        return [
            *planned,
            Planned(HITS, "reads of the default partition", overdue),
            Planned(REFUSED, "refused observations", refused),
        ]

    async def remove(self, terms: Terms, book: Book) -> None:
        """Drop the days that are over, then what is over in the default partition."""
        for day in await self._over(terms):
            await self._drop(day, terms, book)
        while await self._forget_overdue(terms, book) == BATCH:
            pass
        await self._forget_plates(book)
        while await self._forget_refusals(terms, book) == BATCH:
            pass

    async def left_of(self, receipt: Receipt) -> Sequence[str]:
        """Name partitions that a receipt says are dropped and that are there."""
        if receipt.removal.name != READS:
            return ()
        async with self._database.transaction() as connection:
            return [
                f"partition plates.{name}"
                for name in receipt.removal.partitions
                if await store.has_day(connection, name)
            ]

    async def _over(self, terms: Terms) -> list[date]:
        before = terms.before(READS)
        async with self._database.transaction() as connection:
            return [day for day in await store.days(connection) if span_of(day)[1] <= before]

    async def _drop(self, day: date, terms: Terms, book: Book) -> None:
        reads_before, hits_before = _bounds(terms)
        since, until = span_of(day)
        async with self._database.transaction() as connection:
            await store.limit_time(connection, DROP_S, DROP_LOCK_S)
            gone = await store.drop_day(connection, day, reads_before, hits_before, terms.now)
            if gone is None:
                return  # another run was quicker
            removal = Removal(
                name=READS,
                things="reads",
                removed=gone.removed,
                digest=gone.ids.hex(),
                since=since,
                until=until,
                kept=gone.kept,
                partitions=(partition_of(day),),
            )
            await book.record(connection, removal)
        _log.info("retention.day_dropped", day=str(day), reads=gone.removed, kept=gone.kept)

    async def _forget_overdue(self, terms: Terms, book: Book) -> int:
        async with self._database.transaction() as connection:
            await store.limit_time(connection, DROP_S, DROP_LOCK_S)
            gone = await store.forget_overdue(connection, *_bounds(terms), terms.now, BATCH)
            await book.record(
                connection,
                Removal(HITS, "reads", gone.removed, gone.ids.hex(), gone.since, gone.until),
            )
        return gone.removed

    async def _forget_plates(self, book: Book) -> None:
        """Take plates out of the list that patterns search, where no read or entry has them.

        The receipt counts them and names none: a plate's hash could be guessed.
        """
        some = False
        while True:
            async with self._database.transaction() as connection:
                await store.limit_time(connection, DROP_S, DROP_LOCK_S)
                taken, removed = await store.forget_plates(connection, PLATES_BATCH)
                await book.record(connection, Removal(READS, "plates", removed, ""))
            some = some or taken > 0
            if not taken:
                break
        if some:
            async with self._database.transaction() as connection:
                await store.limit_time(connection, DROP_S, DROP_LOCK_S)
                await store.rewrite_remains(connection)

    async def _forget_refusals(self, terms: Terms, book: Book) -> int:
        async with self._database.transaction() as connection:
            gone = await store.forget_refusals(connection, terms.before(REFUSED), BATCH)
            digest = hashlib.sha256(b"".join(sorted(one.bytes for one, _ in gone))).hexdigest()
            times = [at for _, at in gone]
            removal = Removal(
                name=REFUSED,
                things="refused observations",
                removed=len(gone),
                digest=digest,
                since=min(times, default=None),
                until=max(times, default=None),
            )
            await book.record(connection, removal)
        return len(gone)


def _bounds(terms: Terms) -> tuple[datetime, datetime]:
    """Return before when reads are over, and hits: those never earlier than other reads."""
    reads_before = terms.before(READS)
    return reads_before, min(reads_before, terms.before(HITS))
