"""Ingest, hot-list, alarms and the relay between them, over a fresh database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import pytest
from tests.authorities import Desk, open_desk
from tests.rooms.plates.deliveries import NOW

from amaan.alarms.service import AlarmsService
from amaan.engines.blobs.disk import DiskBlobs
from amaan.engines.postgres.database import PostgresDatabase
from amaan.engines.postgres.outbox import PostgresOutbox, events_after
from amaan.kernel.clock import ManualClock
from amaan.kernel.events import Event, Handler
from amaan.plates.entries import HotlistService
from amaan.plates.gate import MatchGate
from amaan.plates.ingest import IngestService
from amaan.plates.model import CameraPlace, Category, EntryDraft, EntryKind, Severity
from amaan.plates.service import PlatesService
from amaan.trust.authority.events import CHANGED as AUTHORITY_CHANGED
from amaan.trust.authority.model import Authority
from amaan.video.clips import ClipService

WANTED = EntryDraft(
    "BGC771",
    EntryKind.PLATE,
    "stolen in Clifton",
    Category.STOLEN,
    Severity.CRITICAL,
    "FIR 12/26",
    "do not stop alone",
    NOW,
    None,
    UUID(int=0),
)


class OneCamera:
    async def places(self) -> Mapping[str, CameraPlace]:
        return {"RZ-01-A": CameraPlace("RZ-01-A", "Club Road", "RZ-01", 67.03, 24.85)}


@dataclass
class House:
    desk: Desk
    authority: Authority
    clips: ClipService
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
                for handler in self.handlers_of(event):
                    async with self.database.transaction() as connection:
                        await handler(connection, event)
                self.position = event.position
                seen.append(event)

    def handlers_of(self, event: Event) -> list[Handler]:
        if event.name == AUTHORITY_CHANGED:
            return [self.hotlist.handle, self.alarms.handle]
        return [self.alarms.handle]

    def wanted(self, authority: Authority | None = None) -> EntryDraft:
        return replace(WANTED, authority=(authority or self.authority).id)


@pytest.fixture
async def house(database: PostgresDatabase, tmp_path: Path) -> House:
    clock, outbox, blobs = ManualClock(NOW), PostgresOutbox(), DiskBlobs(tmp_path / "blobs")
    desk = await open_desk(database, clock, blobs)
    hotlist = HotlistService(database, clock, desk.service)
    plates = PlatesService(database, OneCamera(), blobs, desk.service, clock)
    clips = ClipService(database, outbox, blobs, clock)
    gate = MatchGate(desk.service, OneCamera())
    return House(
        desk,
        await desk.active(),
        clips,
        database,
        clock,
        hotlist,
        IngestService(database, outbox, hotlist.index, gate, clock),
        plates,
        AlarmsService(database, outbox, plates, clips, clock),
    )
