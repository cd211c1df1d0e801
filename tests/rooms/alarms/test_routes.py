from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.authorities import open_desk
from tests.people import People
from tests.rooms.plates.deliveries import a_read, delivery, moment

from amaan.app.opening import Engines
from amaan.app.settings import CentreSettings
from amaan.kernel.clock import ManualClock
from amaan.trust.service import TrustService

ENTRY = {"plate": "BGC771", "reason": "stolen", "category": "stolen", "severity": "high"}


@pytest.fixture
async def alarm(
    console: httpx.AsyncClient,
    engines: Engines,
    centre_settings: CentreSettings,
    clock: ManualClock,
) -> dict[str, Any]:
    """An alarm that the running centre raised by itself."""
    trust = TrustService(engines.database, clock, centre_settings.trust)
    await trust.admit_worker_token("w" * 43, "test")
    desk = await open_desk(engines.database, clock, engines.blobs)
    entry = ENTRY | {"authority": str((await desk.active()).id)}
    assert (await console.post("/api/plates/entries", json=entry)).status_code == 201
    read = a_read(1, observed_at=moment(clock.now() - timedelta(seconds=1)))
    answer = await console.post(
        "/api/plates/observations",
        content=delivery(read, sent_at=clock.now()),
        headers={"Authorization": f"Bearer {'w' * 43}", "Content-Type": "application/json"},
    )
    assert answer.status_code == 200
    for _ in range(100):
        items: list[dict[str, Any]] = (await console.get("/api/alarms")).json()["items"]
        if items:
            return items[0]
        await asyncio.sleep(0.05)
    raise AssertionError("no alarm came")


async def test_alarm_is_taken_and_confirmed(
    console: httpx.AsyncClient, alarm: dict[str, Any], people: People
) -> None:
    path = f"/api/alarms/{alarm['id']}"
    assert (await console.get(path)).json() == alarm
    assert (alarm["state"], alarm["entry"]["plate"]) == ("raised", "BGC771")
    assert alarm["clip"]["state"] == "wanted"
    taken = await console.post(f"{path}/acknowledge")
    assert (taken.json()["state"], taken.json()["acknowledged_by"]) == (
        "acknowledged",
        people.account_of(console).username,
    )
    assert (await console.post(f"{path}/confirm", json={"reason": ""})).status_code == 422
    confirmed = await console.post(f"{path}/confirm", json={"reason": "same car"})
    assert (confirmed.status_code, confirmed.json()["decision_reason"]) == (200, "same car")
    late = await console.post(f"{path}/reject", json={"reason": "no"})
    assert (late.status_code, late.json()["code"]) == (409, "alarms.state")
    assert (await console.get("/api/alarms")).json()["items"] == []
    decided = (await console.get("/api/alarms", params={"state": "decided"})).json()["items"]
    assert [item["id"] for item in decided] == [alarm["id"]]
    assert (await console.post(f"{path}/clear")).json()["state"] == "cleared"


async def test_unknown_alarm_and_senseless_questions_are_problems(
    console: httpx.AsyncClient,
) -> None:
    unknown = "0192f3c0-0000-7000-8000-000000000001"
    assert (await console.get(f"/api/alarms/{unknown}")).status_code == 404
    assert (await console.post(f"/api/alarms/{unknown}/acknowledge")).status_code == 404
    for query in ("cursor=x", "state=new", "limit=0", "limit=9999"):
        answer = await console.get(f"/api/alarms?{query}")
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"


async def test_nobody_sees_or_decides_unless_signed_in(stranger: httpx.AsyncClient) -> None:
    unknown = "/api/alarms/0192f3c0-0000-7000-8000-000000000001"
    assert (await stranger.get("/api/alarms")).status_code == 401
    assert (await stranger.get(unknown)).status_code == 401
    answer = await stranger.post(f"{unknown}/confirm", json={"reason": "x"})
    assert answer.status_code == 401
