from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from amaan.city.devices.model import Delivered, Device, DeviceKind
from amaan.city.devices.retention import TELEMETRY, TelemetryKeeper
from amaan.city.devices.service import DeviceService
from amaan.city.devices.settings import DeviceSettings
from amaan.city.model import Site, SiteKind
from amaan.city.service import CityService
from amaan.engines.postgres.database import PostgresDatabase
from amaan.engines.postgres.outbox import PostgresOutbox
from amaan.kernel.clock import ManualClock
from amaan.kernel.geography import Point
from amaan.trust.retention.model import Removal, Terms
from amaan.trust.sealing import Sealer


@dataclass
class Notes:
    """A ``Book`` that only remembers."""

    removals: list[Removal] = field(default_factory=list)

    async def record(self, connection: object, removal: Removal) -> None:
        """Remember."""
        self.removals.append(removal)

    async def condemn(self, connection: object, name: str, digests: object) -> None:
        """Do nothing: telemetry has no files."""


@pytest.fixture
async def devices(database: PostgresDatabase, clock: ManualClock) -> DeviceService:
    city = CityService(database, clock, Sealer(bytes(32)))
    await city.add_site(Site("GATE", "Gate", "", SiteKind.OTHER, Point(67, 24.8)))
    service = DeviceService(database, PostgresOutbox(), clock, DeviceSettings())
    await service.add_device(Device("GATE-D", "GATE", DeviceKind.DOOR, "Cabinet"))
    return service


async def test_telemetry_goes_when_its_days_are_over_by_the_centres_clock(
    devices: DeviceService, database: PostgresDatabase, clock: ManualClock
) -> None:
    for hour in range(3):
        at = clock.now() - timedelta(hours=1) + timedelta(minutes=hour)
        await devices.take([Delivered("GATE-D", at, {"open": hour % 2 == 0})])
    clock.advance(timedelta(days=89))
    await devices.take([Delivered("GATE-D", clock.now() - timedelta(days=3), {"open": True})])
    clock.advance(timedelta(days=2))
    terms, book, keeper = Terms(clock.now(), {TELEMETRY: 90}), Notes(), TelemetryKeeper(database)
    assert (await keeper.plan(terms))[0].count == 3
    await keeper.remove(terms, book)
    assert [removal.removed for removal in book.removals] == [3]
    left = await devices.history("GATE-D", clock.now() - timedelta(days=91), clock.now())
    assert len(left) == 1
