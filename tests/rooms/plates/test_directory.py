from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from tests.rooms.plates.deliveries import NOW

from amaan.city.model import Camera, NewCamera, Site, SiteKind
from amaan.city.service import CityService
from amaan.engines.postgres.database import PostgresDatabase
from amaan.kernel.clock import ManualClock
from amaan.kernel.geography import Point
from amaan.plates.directory import KEPT, CityDirectory
from amaan.trust.sealing import Sealer


class GatedCity(CityService):
    """The city's service, with a gate before its list and a count of who asked for it."""

    gate: asyncio.Event
    asked = 0

    async def cameras(self, after: str = "", limit: int = 2000) -> list[Camera]:
        self.asked += 1
        await self.gate.wait()
        return await super().cameras(after, limit)


@pytest.fixture
async def city(database: PostgresDatabase) -> GatedCity:
    city = GatedCity(database, ManualClock(NOW), Sealer(bytes(32)))
    city.gate = asyncio.Event()
    city.gate.set()
    await city.add_site(Site("RZ-01", "RZ-01", "", SiteKind.RED_ZONE, Point(67.0, 24.8)))
    await city.add_camera(NewCamera("A", "Gate", "RZ-01", "rtsp://10.0.0.5/1"))
    return city


async def test_many_who_ask_at_once_read_the_list_once(city: GatedCity) -> None:
    directory = CityDirectory(city, ManualClock(NOW))
    found = await asyncio.gather(*(directory.places() for _ in range(20)))
    assert city.asked == 1
    assert all(list(places) == ["A"] for places in found)


async def test_old_list_is_served_while_it_is_read_anew(city: GatedCity) -> None:
    clock = ManualClock(NOW)
    directory = CityDirectory(city, clock)
    await directory.places()
    await city.add_camera(NewCamera("B", "Yard", "RZ-01", "rtsp://10.0.0.5/2"))
    clock.advance(KEPT + timedelta(seconds=1))
    city.gate.clear()
    reading = asyncio.create_task(directory.places())
    while city.asked == 1:
        await asyncio.sleep(0)
    assert list(await directory.places()) == ["A"]
    city.gate.set()
    assert list(await reading) == ["A", "B"]
