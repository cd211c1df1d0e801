from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from tests.people import People

from amaan.kernel.acting import acting_as, system

SITE = {"code": "RZ-01", "name": "Gate", "name_ur": "", "kind": "red_zone", "lon": 67, "lat": 24}
POWER = {"code": "RZ-01-P", "site": "RZ-01", "kind": "power", "name": "Supply", "capacity_wh": 1200}
DOOR = {"code": "RZ-01-D", "site": "RZ-01", "kind": "door", "name": "Cabinet"}
WINDOW = {"days": [0, 2], "from": "09:00", "to": "17:30"}


@pytest.fixture
async def registry(office: httpx.AsyncClient) -> httpx.AsyncClient:
    assert (await office.post("/api/city/sites", json=SITE)).status_code == 201
    for device in (POWER, DOOR):
        assert (await office.post("/api/city/devices", json=device)).status_code == 201
    return office


@pytest.fixture
async def gateway(people: People) -> httpx.AsyncClient:
    """A site's gateway with its token."""
    with acting_as(system("test")):
        await people.app.state.trust.admit_worker_token("g" * 43, "gateway")
    client = await people.stranger()
    client.headers["Authorization"] = f"Bearer {'g' * 43}"
    return client


def telemetry(people: People, **values: object) -> dict[str, object]:
    at = people.clock.now() - timedelta(seconds=5)
    return {"device": "RZ-01-P", "at": at.isoformat(), "values": values}


async def test_telemetry_is_seen_by_the_console(
    people: People,
    registry: httpx.AsyncClient,
    gateway: httpx.AsyncClient,
    console: httpx.AsyncClient,
) -> None:
    readings = [telemetry(people, source="battery", charge_share=0.9, load_w=80)]
    answer = await gateway.post("/api/city/telemetry", json={"readings": readings})
    assert (answer.status_code, answer.json()) == (200, {"accepted": 1, "refused": []})
    status = (await console.get("/api/city/sites/RZ-01/status")).json()
    assert status["power"]["state"] == "battery"
    assert status["forecast"]["basis"] == "load"
    assert [device["code"] for device in status["doors"]] == ["RZ-01-D"]
    now = people.clock.now()
    params = {"from": (now - timedelta(hours=1)).isoformat(), "to": now.isoformat()}
    history = await console.get("/api/city/devices/RZ-01-P/history", params=params)
    assert [point["values"]["load_w"] for point in history.json()["items"]] == [80]


async def test_no_worker_token_no_telemetry(
    people: People, registry: httpx.AsyncClient, console: httpx.AsyncClient
) -> None:
    body = {"readings": [telemetry(people, source="none")]}
    answer = await console.post("/api/city/telemetry", json=body)
    assert (answer.status_code, answer.json()["code"]) == (401, "worker-refused")


async def test_operator_reads_the_registry_and_does_not_change_it(
    registry: httpx.AsyncClient, console: httpx.AsyncClient
) -> None:
    items = (await console.get("/api/city/devices")).json()["items"]
    assert [item["code"] for item in items] == ["RZ-01-D", "RZ-01-P"]
    for answer in (
        await console.post("/api/city/devices", json={**DOOR, "code": "X"}),
        await console.patch("/api/city/devices/RZ-01-D", json={"name": "x"}),
        await console.delete("/api/city/devices/RZ-01-D"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "not-permitted")


async def test_device_is_changed_in_part_and_taken_away(registry: httpx.AsyncClient) -> None:
    path = "/api/city/devices/RZ-01-D"
    changed = (await registry.patch(path, json={"windows": [WINDOW]})).json()
    assert (changed["windows"], changed["name"]) == ([WINDOW], "Cabinet")
    until = "2026-03-04T09:00:00Z"
    changed = (await registry.patch(path, json={"maintenance_until": until})).json()
    assert (changed["windows"], changed["maintenance_until"]) == ([WINDOW], until)
    changed = (await registry.patch(path, json={"maintenance_until": None})).json()
    assert changed["maintenance_until"] is None
    assert (await registry.delete(path)).status_code == 204
    assert (await registry.patch(path, json={"name": "x"})).json()["code"] == "unknown-device"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({**DOOR}, "code-taken"),
        ({**DOOR, "code": "N", "site": "NO"}, "unknown-site"),
        ({**DOOR, "code": "N", "capacity_wh": 5}, "device-input"),
        ({**POWER, "code": "N", "windows": [WINDOW]}, "device-input"),
        ({**DOOR, "code": "../x"}, "invalid"),
        ({**DOOR, "code": "N", "windows": [{**WINDOW, "from": "9"}]}, "invalid"),
        ({**DOOR, "code": "N", "kind": "siren"}, "invalid"),
    ],
)
async def test_device_that_cannot_be_is_refused(
    registry: httpx.AsyncClient, body: dict[str, object], code: str
) -> None:
    answer = await registry.post("/api/city/devices", json=body)
    assert answer.status_code in (404, 409, 422)
    assert answer.json()["code"] == code


async def test_changes_of_the_registry_are_in_the_audit_log(
    registry: httpx.AsyncClient, auditor: httpx.AsyncClient
) -> None:
    entries = (await auditor.get("/api/trust/audit/entries")).json()["items"]
    named = [entry["details"].get("device") for entry in entries if "device" in entry["details"]]
    assert {"RZ-01-P", "RZ-01-D"} <= set(named)
