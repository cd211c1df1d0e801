"""A hot-list and an ingest over a fresh database, with a clock that stands still."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from tests.authorities import EVERY_PLATE, Desk, open_desk
from tests.rooms.plates.deliveries import NOW

from amaan.engines.postgres.database import PostgresDatabase
from amaan.engines.postgres.outbox import PostgresOutbox, events_after
from amaan.kernel.clock import ManualClock
from amaan.kernel.events import Event
from amaan.plates.entries import HotlistService
from amaan.plates.gate import MatchGate
from amaan.plates.ingest import IngestService
from amaan.plates.model import CameraPlace, Category, EntryDraft, EntryKind, Severity
from amaan.trust.authority.model import Authority, Scope, Use

PLACES = {
    "RZ-01-A": CameraPlace("RZ-01-A", "Club Road", "RZ-01", 67.03, 24.85),
    "AP-01-A": CameraPlace("AP-01-A", "Airport", "AP-01", 67.16, 24.90),
}


class TwoCameras:
    async def places(self) -> Mapping[str, CameraPlace]:
        return PLACES


@dataclass
class Room:
    """``authority`` allows any entry and search of a plate; ``area`` a look at some cameras."""

    database: PostgresDatabase
    clock: ManualClock
    desk: Desk
    hotlist: HotlistService
    ingest: IngestService
    authority: Authority
    area: Authority
    position: int = 0

    async def rows(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        async with self.database.transaction() as connection:
            return await (await connection.execute(statement, values or None)).fetchall()

    def draft(self, plate: str, kind: EntryKind = EntryKind.PLATE) -> EntryDraft:
        return EntryDraft(
            plate,
            kind,
            "stolen in Clifton",
            Category.STOLEN,
            Severity.HIGH,
            "FIR 12/26",
            "",
            NOW,
            None,
            self.authority.id,
        )

    async def relay(self) -> list[Event]:
        """Carry what was announced since the last call to the hot-list; return all of it."""
        async with self.database.transaction() as connection:
            events = await events_after(connection, self.position, 100)
        for event in events:
            if event.name == "trust.authority_changed":
                async with self.database.transaction() as connection:
                    await self.hotlist.handle(connection, event)
            self.position = event.position
        return events

    async def matched(self) -> int:
        return len(await self.rows("SELECT 1 FROM plates.matches"))


@pytest.fixture
async def room(database: PostgresDatabase, tmp_path: Path) -> Room:
    clock = ManualClock(NOW)
    desk = await open_desk(database, clock, tmp_path / "papers")
    hotlist = HotlistService(database, clock, desk.service)
    gate = MatchGate(desk.service, TwoCameras())
    return Room(
        database,
        clock,
        desk,
        hotlist,
        IngestService(database, PostgresOutbox(), hotlist.index, gate, clock),
        await desk.active(Scope(plates=EVERY_PLATE), case_ref="FIR 1/26"),
        await desk.active(
            Scope(
                cameras=("RZ-01-A", "AP-01-A", "ELSEWHERE"),
                since=NOW - timedelta(days=1),
                until=NOW + timedelta(days=9),
                uses=(Use.SEARCH,),
            )
        ),
    )
