"""Alarms removed when their days are over, whatever became of them; those of held reads stay."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

from amaan.alarms import store
from amaan.kernel.engines import Database
from amaan.trust.retention.model import Planned, Receipt, Removal, Terms
from amaan.trust.retention.ports import Book

ALARMS: Final = "alarms"
BATCH: Final = 1_000


class AlarmsKeeper:
    """``trust.retention.ports.Keeper`` of this room."""

    names = (ALARMS,)

    def __init__(self, database: Database) -> None:
        self._database = database

    async def plan(self, terms: Terms) -> Sequence[Planned]:
        """Count them."""
        async with self._database.transaction() as connection:
            count = await store.count_over(connection, terms.before(ALARMS))
        return [Planned(ALARMS, "alarms", count)]

    async def remove(self, terms: Terms, book: Book) -> None:
        """Delete them with what they stand for."""
        while True:
            async with self._database.transaction() as connection:
                gone = await store.remove_over(connection, terms.before(ALARMS), BATCH)
                ids = sorted(identifier.bytes for identifier, _ in gone)
                times = [at for _, at in gone]
                removal = Removal(
                    name=ALARMS,
                    things="alarms",
                    removed=len(gone),
                    digest=hashlib.sha256(b"".join(ids)).hexdigest(),
                    since=min(times, default=None),
                    until=max(times, default=None),
                )
                await book.record(connection, removal)
            if len(gone) < BATCH:
                return

    async def left_of(self, receipt: Receipt) -> Sequence[str]:
        """Say nothing: an alarm has no name outside the database."""
        return ()
