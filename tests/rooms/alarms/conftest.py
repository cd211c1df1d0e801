"""Ingest, hot-list, alarms and the relay between them, over a fresh database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.rooms.plates.deliveries import NOW

from amaan.alarms.service import AlarmsService
from amaan.engines.blobs.disk import DiskBlobs
from amaan.engines.postgres.database import PostgresDatabase
from amaan.engines.postgres.outbox import PostgresOutbox, events_after
from amaan.kernel.clock import ManualClock
from amaan.kernel.events import Event
from amaan.plates.entries import HotlistService
from amaan.plates.ingest import IngestService
from amaan.plates.model import CameraPlace
from amaan.plates.service import PlatesService
from amaan.video.clips import ClipService


class OneCamera:
    async def places(self) -> Mapping[str, CameraPlace]:
        return {"RZ-01-A": CameraPlace("RZ-01-A", "Club Road", "RZ-01", 67.03, 24.85)}


@dataclass
class House:
    database: PostgresDatabase
    clock: ManualClock
    hotlist: HotlistService
    ingest: IngestService
    plates: PlatesService
    alarms: AlarmsService
    position: int = 0

    async def relay(self) -> list[Event]:
        """Carry what was announced since the last call to the alarms; return all of it."""
        seen: list[Event] = []
        while True:
            async with self.database.transaction() as connection:
                events = await events_after(connection, self.position, 100)
            if not events:
                return seen
            for event in events:
                async with self.database.transaction() as connection:
                    await self.alarms.handle(connection, event)
                self.position = event.position
                seen.append(event)


@pytest.fixture
def house(database: PostgresDatabase, tmp_path: Path) -> House:
    clock, outbox, blobs = ManualClock(NOW), PostgresOutbox(), DiskBlobs(tmp_path / "blobs")
    hotlist = HotlistService(database, clock)
    plates = PlatesService(database, OneCamera(), blobs)
    clips = ClipService(database, outbox, blobs, clock)
    return House(
        database,
        clock,
        hotlist,
        IngestService(database, outbox, hotlist.index, clock),
        plates,
        AlarmsService(database, outbox, plates, clips, clock),
    )
