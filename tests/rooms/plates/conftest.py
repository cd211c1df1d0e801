"""A hot-list and an ingest over a fresh database, with a clock that stands still."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from tests.rooms.plates.deliveries import NOW

from amaan.engines.postgres.database import PostgresDatabase
from amaan.engines.postgres.outbox import PostgresOutbox
from amaan.kernel.clock import ManualClock
from amaan.plates.entries import HotlistService
from amaan.plates.ingest import IngestService


@dataclass
class Room:
    database: PostgresDatabase
    clock: ManualClock
    hotlist: HotlistService
    ingest: IngestService

    async def rows(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        async with self.database.transaction() as connection:
            return await (await connection.execute(statement, values or None)).fetchall()


@pytest.fixture
def room(database: PostgresDatabase) -> Room:
    clock = ManualClock(NOW)
    hotlist = HotlistService(database, clock)
    ingest = IngestService(database, PostgresOutbox(), hotlist.index, clock)
    return Room(database, clock, hotlist, ingest)
