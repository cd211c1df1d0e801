"""What incidents know of cameras and alarms, as the centre puts it together."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.authorities import open_desk
from tests.people import People
from tests.rooms.plates.deliveries import a_read, delivery, moment

from amaan.app import incidents
from amaan.app.incidents import CamerasSeen
from amaan.app.opening import Engines
from amaan.app.settings import CentreSettings
from amaan.city.model import NewCamera, Site, SiteKind
from amaan.city.service import CityService
from amaan.engines.postgres.database import PostgresDatabase
from amaan.kernel.clock import ManualClock
from amaan.kernel.geography import Point
from amaan.trust.sealing import Sealer
from amaan.trust.service import TrustService

HERE = "RZ-01-A"
ENTRY = {"plate": "BGC771", "reason": "stolen", "category": "stolen", "severity": "high"}


async def test_every_camera_is_known_over_all_pages_and_the_nearest_site(
    database: PostgresDatabase, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incidents, "_PAGE", 2)
    city = CityService(database, clock, Sealer(bytes(32)))
    seen = CamerasSeen(city)
    assert await seen.cameras() == {}
    assert await seen.site_near(Point(67.0, 24.8)) is None
    for code, lon in (("EAST", 67.2), ("WEST", 67.0)):
        await city.add_site(Site(code, code, "", SiteKind.OTHER, Point(lon, 24.8)))
        for letter in "ABC"[: 3 if code == "EAST" else 2]:
            camera = NewCamera(f"{code}-{letter}", letter, code, "rtsp://127.0.0.1/x")
            await city.add_camera(camera)
    found = await seen.cameras()
    assert sorted(found) == ["EAST-A", "EAST-B", "EAST-C", "WEST-A", "WEST-B"]
    assert (found["WEST-B"].site, found["WEST-B"].lon) == ("WEST", 67.0)
    assert await seen.site_near(Point(67.09, 24.8)) == "WEST"
    assert await seen.site_near(Point(67.11, 24.8)) == "EAST"


@pytest.fixture
async def alarm(
    console: httpx.AsyncClient,
    office: httpx.AsyncClient,
    engines: Engines,
    centre_settings: CentreSettings,
    clock: ManualClock,
) -> dict[str, Any]:
    """An alarm that the running centre raised, of a camera that stands."""
    site = {"code": "RZ-01", "name": "R", "name_ur": "", "kind": "other", "lon": 67, "lat": 24.8}
    assert (await office.post("/api/city/sites", json=site)).status_code == 201
    for code in (HERE, "RZ-01-B"):
        camera = {"code": code, "name": code, "site": "RZ-01", "address": "rtsp://127.0.0.1/x"}
        assert (await office.post("/api/city/cameras", json=camera)).status_code == 201
    trust = TrustService(engines.database, clock, centre_settings.trust)
    await trust.admit_worker_token("w" * 43, "test")
    desk = await open_desk(engines.database, clock, engines.blobs)
    entry = ENTRY | {"authority": str((await desk.active()).id)}
    assert (await console.post("/api/plates/entries", json=entry)).status_code == 201
    read = a_read(1, observed_at=moment(clock.now() - timedelta(seconds=7)))
    answer = await console.post(
        "/api/plates/observations",
        content=delivery(read, sent_at=clock.now()),
        headers={"Authorization": f"Bearer {'w' * 43}", "Content-Type": "application/json"},
    )
    assert answer.status_code == 200, answer.text
    for _ in range(100):
        items: list[dict[str, Any]] = (await console.get("/api/alarms")).json()["items"]
        if items:
            return items[0]
        await asyncio.sleep(0.05)
    raise AssertionError("no alarm came")


async def test_incident_from_an_alarm_knows_when_its_camera_saw_it(
    people: People, console: httpx.AsyncClient, alarm: dict[str, Any], clock: ManualClock
) -> None:
    assert alarm["read"]["camera"] == HERE
    moments = {}
    for camera in (HERE, "RZ-01-B"):
        case = {"title": "x", "kind": "vehicle", "camera": camera, "alarm": alarm["id"]}
        answer = await console.post("/api/incidents", json=case)
        assert answer.status_code == 201, answer.text
        moments[camera] = answer.json()["timeline"][0]["moment"]
    assert moments == {HERE: alarm["last_observed_at"], "RZ-01-B": None}
    unknown = {"title": "x", "camera": HERE, "alarm": "0192f3c0-0000-7000-8000-000000000001"}
    assert (await console.post("/api/incidents", json=unknown)).status_code == 404
