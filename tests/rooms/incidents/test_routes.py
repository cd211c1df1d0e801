"""Incidents and pursuits over HTTP, in a running centre."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import psycopg
import pytest
from tests.people import People

from amaan.kernel.acting import acting_as, system
from amaan.kernel.clock import ManualClock
from amaan.simulation.roads import demo_roads

# Three crossings of one street of the demo city, from west to east, and one elsewhere.
SITES = [
    ("NURSERY", 67.0660, 24.8613),
    ("BALOCH", 67.0822, 24.8681),
    ("KARSAZ", 67.0962, 24.8752),
    ("MARKET", 67.0293, 24.8619),
]


def later(people: People, by: timedelta) -> None:
    """Have time go by."""
    assert isinstance(people.clock, ManualClock)
    people.clock.advance(by)


@pytest.fixture
async def town(office: httpx.AsyncClient) -> None:
    for code, lon, lat in SITES:
        site = {"code": code, "name": code, "name_ur": "", "kind": "other", "lon": lon, "lat": lat}
        assert (await office.post("/api/city/sites", json=site)).status_code == 201
        camera = {"code": f"{code}-A", "name": code.title(), "site": code}
        camera |= {"address": "rtsp://127.0.0.1/x"}
        assert (await office.post("/api/city/cameras", json=camera)).status_code == 201


@pytest.fixture
async def roads(people: People, town: None) -> None:
    with acting_as(system("test")):
        await people.app.state.incidents.roads.put(demo_roads(), "demo")


async def opened(console: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    body = {"title": "White Corolla, plate BGC 771", "kind": "vehicle", "camera": "BALOCH-A"}
    answer = await console.post("/api/incidents", json=body | more)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def begun(people: People, console: httpx.AsyncClient) -> tuple[str, dict[str, Any]]:
    incident = await opened(console)
    path = f"/api/incidents/{incident['id']}"
    seen_at = (people.clock.now() - timedelta(seconds=20)).isoformat()
    answer = await console.post(f"{path}/pursuit", json={"camera": "BALOCH-A", "seen_at": seen_at})
    assert answer.status_code == 201, answer.text
    return path, answer.json()


async def say(
    people: People, console: httpx.AsyncClient, path: str, what: str, **more: Any
) -> httpx.Response:
    body = {"what": what, "at": people.clock.now().isoformat(), **more}
    return await console.post(f"{path}/pursuit/steps", json=body)


async def test_incident_goes_its_way_and_its_timeline_tells_it(
    people: People, console: httpx.AsyncClient, town: None
) -> None:
    incident = await opened(console, text="drove through the barrier")
    assert (incident["state"], incident["site"], incident["open"]) == ("new", "BALOCH", True)
    path = f"/api/incidents/{incident['id']}"
    assert (await console.post(f"{path}/notes", json={"text": "unit asked for"})).status_code == 201
    for state in ("in_progress", "on_scene"):
        moved = await console.post(f"{path}/state", json={"state": state})
        assert (moved.status_code, moved.json()["state"]) == (200, state)
    refused = await console.post(f"{path}/state", json={"state": "closed", "reason": "x"})
    assert (refused.status_code, refused.json()["code"]) == (409, "incidents.state")
    silent = await console.post(f"{path}/state", json={"state": "resolved"})
    assert (silent.status_code, silent.json()["code"]) == (422, "incidents.input")
    for state in ("resolved", "closed", "in_progress"):
        moved = await console.post(f"{path}/state", json={"state": state, "reason": "so"})
        assert moved.status_code == 200
    told = [(e["kind"], e["what"] or e["text"]) for e in moved.json()["timeline"]]
    assert told == [
        ("opened", "new"),
        ("note", "unit asked for"),
        *(("state", s) for s in ("in_progress", "on_scene", "resolved", "closed", "in_progress")),
    ]
    listed = (await console.get("/api/incidents")).json()["items"]
    assert [one["number"] for one in listed] == [incident["number"]]


async def test_timeline_and_steps_cannot_be_changed_in_the_database(
    people: People, console: httpx.AsyncClient, roads: None, application_dsn: str
) -> None:
    await begun(people, console)
    with psycopg.connect(application_dsn, autocommit=True) as connection:
        connection.execute("SELECT set_config('amaan.sites', '*', false)")
        for table in ("entries", "steps"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(
                    f"UPDATE incidents.{table} SET by = 'nobody'"  # noqa: S608  constants
                )


async def test_pursuit_offers_the_cameras_of_the_street_in_travel_order(
    people: People, console: httpx.AsyncClient, roads: None
) -> None:
    path, pursuit = await begun(people, console)
    assert (pursuit["state"], pursuit["basis"]) == ("tracking", "roads")
    offered = [one["camera"] for one in pursuit["next"]]
    assert set(offered[:2]) == {"KARSAZ-A", "NURSERY-A"}
    assert offered == [c["camera"] for c in sorted(pursuit["next"], key=lambda c: c["travel_s"])]
    for one in pursuit["next"]:
        assert one["earliest"] < one["latest"]
        assert len(one["way"]) > 1
    before = {one["camera"]: one["earliest"] for one in pursuit["next"]}
    later(people, timedelta(seconds=70))
    seen = (await say(people, console, path, "seen", camera="KARSAZ-A")).json()
    assert [one["camera"] for one in seen["trail"]] == ["BALOCH-A", "KARSAZ-A"]
    assert seen["trail"][1]["at_least_kmh"] == pytest.approx(65, abs=15)
    after = {one["camera"]: one["earliest"] for one in seen["next"]}
    assert "KARSAZ-A" not in after
    assert after["NURSERY-A"] > before["NURSERY-A"]


async def test_without_roads_cameras_come_by_the_straight_line_and_it_says_so(
    people: People, console: httpx.AsyncClient, town: None
) -> None:
    _, pursuit = await begun(people, console)
    assert pursuit["basis"] == "straight_line"
    assert pursuit["next"][0]["camera"] == "KARSAZ-A"
    assert {one["direct"] for one in pursuit["next"]} == {None}
    assert (await console.get("/api/city/roads/status")).json()["imported"] is False


async def test_nobody_is_followed_without_an_open_incident(
    people: People, console: httpx.AsyncClient, roads: None
) -> None:
    start = {"camera": "BALOCH-A", "seen_at": people.clock.now().isoformat()}
    absent = "/api/incidents/0192f3c0-0000-7000-8000-000000000001"
    answer = await console.post(f"{absent}/pursuit", json=start)
    assert (answer.status_code, answer.json()["code"]) == (404, "incidents.not-found")
    path, _ = await begun(people, console)
    again = await console.post(f"{path}/pursuit", json=start)
    assert (again.status_code, again.json()["code"]) == (409, "incidents.pursuit")
    done = await console.post(f"{path}/state", json={"state": "resolved", "reason": "stopped"})
    assert done.status_code == 200
    ended = (await console.get(f"{path}/pursuit")).json()
    assert (ended["state"], ended["next"]) == ("ended", [])
    assert [step["what"] for step in ended["steps"]] == ["started", "ended"]
    for answer in (
        await say(people, console, path, "seen", camera="KARSAZ-A"),
        await console.post(f"{path}/pursuit", json=start),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "incidents.not-open")
    wish = {"camera": "BALOCH-A", "incident": path.rpartition("/")[2]}
    live = await console.post("/api/video/live", json=wish)
    assert (live.status_code, live.json()["code"]) == (403, "incidents.not-open")
    wish["incident"] = absent.rpartition("/")[2]
    assert (await console.post("/api/video/live", json=wish)).status_code == 404


async def test_step_is_taken_back_by_a_further_one_and_both_stay(
    people: People, console: httpx.AsyncClient, roads: None
) -> None:
    path, _ = await begun(people, console)
    later(people, timedelta(seconds=70))
    seen = (await say(people, console, path, "seen", camera="KARSAZ-A")).json()
    wrong = seen["steps"][-1]["id"]
    undone = (await say(people, console, path, "undone", undoes=wrong)).json()
    assert [one["camera"] for one in undone["trail"]] == ["BALOCH-A"]
    assert [(s["what"], s["undone"]) for s in undone["steps"]] == [
        ("started", False),
        ("seen", True),
        ("undone", False),
    ]
    twice = await say(people, console, path, "undone", undoes=wrong)
    assert (twice.status_code, twice.json()["code"]) == (409, "incidents.pursuit")
    told = (await console.get(path)).json()["timeline"]
    assert [e["what"] for e in told if e["kind"] == "pursuit"] == ["started", "seen", "undone"]


async def test_every_step_is_in_the_audit_log_with_incident_and_camera(
    people: People, console: httpx.AsyncClient, roads: None, dsn: str
) -> None:
    path, _ = await begun(people, console)
    await say(people, console, path, "not_seen", camera="NURSERY-A")
    await say(people, console, path, "lost", camera="BALOCH-A")
    with psycopg.connect(dsn) as connection:
        found = connection.execute(
            "SELECT convert_from(leaf, 'UTF8') FROM trust.audit_entries ORDER BY position"
        ).fetchall()
    incident = path.rpartition("/")[2]
    for step, camera in (("not_seen", "NURSERY-A"), ("lost", "BALOCH-A"), ("started", "BALOCH-A")):
        assert any(
            incident in body and f'"step":"{step}"' in body and camera in body for (body,) in found
        )


async def test_moment_of_a_sighting_is_asked_for_at_the_centre(
    people: People, console: httpx.AsyncClient, roads: None, dsn: str
) -> None:
    path, _ = await begun(people, console)
    later(people, timedelta(seconds=70))
    await say(people, console, path, "not_seen", camera="NURSERY-A")
    await say(people, console, path, "seen", camera="KARSAZ-A")
    with psycopg.connect(dsn) as connection:
        wanted = connection.execute(
            "SELECT cause, camera, until - since FROM video.wanted_copies ORDER BY camera"
        ).fetchall()
    cause = f"incident:{path.rpartition('/')[2]}"
    assert wanted == [(cause, c, timedelta(minutes=3)) for c in ("BALOCH-A", "KARSAZ-A")]


async def test_what_is_said_without_a_picture_stands_at_the_clock_of_the_centre(
    people: People, console: httpx.AsyncClient, roads: None
) -> None:
    path, _ = await begun(people, console)
    later(people, timedelta(seconds=70))
    said = {"what": "not_seen", "camera": "NURSERY-A"}
    step = (await console.post(f"{path}/pursuit/steps", json=said)).json()["steps"][-1]
    assert step["at"] == step["made_at"]
    refused = await console.post(f"{path}/pursuit/steps", json=said | {"what": "seen"})
    assert (refused.status_code, refused.json()["code"]) == (422, "incidents.input")


async def test_operator_of_one_site_sees_what_comes_to_it_and_nothing_else(
    people: People, console: httpx.AsyncClient, roads: None
) -> None:
    group = await people.group("karsaz", "KARSAZ")
    other = await people.person("video_operator", group=group)
    path, _ = await begun(people, console)
    assert (await other.get("/api/incidents")).json()["items"] == []
    for answer in (
        await other.get(path),
        await other.get(f"{path}/pursuit"),
        await other.post(f"{path}/notes", json={"text": "x"}),
        await say(people, other, path, "seen", camera="KARSAZ-A"),
    ):
        assert answer.status_code == 404
    later(people, timedelta(seconds=70))
    await say(people, console, path, "seen", camera="KARSAZ-A")
    pursuit = (await other.get(f"{path}/pursuit")).json()
    assert [one["camera"] for one in pursuit["trail"]] == ["KARSAZ-A"]
    assert pursuit["next"] == []
    assert "BALOCH" not in str(pursuit)
    hidden = await say(people, other, path, "seen", camera="BALOCH-A")
    assert (hidden.status_code, hidden.json()["code"]) == (404, "unknown-camera")
    with_place = {"title": "x", "place": {"lon": 67.0822, "lat": 24.8681}}
    own = await other.post("/api/incidents", json=with_place)
    assert own.json()["site"] == "KARSAZ"


async def test_who_may_only_look_does_not_act(
    people: People, console: httpx.AsyncClient, roads: None
) -> None:
    path, _ = await begun(people, console)
    looker = await people.person("investigator")
    assert (await looker.get(f"{path}/pursuit")).status_code == 200
    for answer in (
        await say(people, looker, path, "seen", camera="KARSAZ-A"),
        await looker.post(f"{path}/state", json={"state": "in_progress"}),
        await looker.post("/api/incidents", json={"title": "x", "camera": "BALOCH-A"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "not-permitted")
