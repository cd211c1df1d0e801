from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.authorities import EVERY_PLATE, Desk, open_desk
from tests.people import People
from tests.rooms.plates.deliveries import BOOT, a_read, delivery, moment

from amaan.app.opening import Engines
from amaan.app.settings import CentreSettings
from amaan.kernel.clock import ManualClock
from amaan.trust.authority.model import Scope, Use
from amaan.trust.service import TrustService

JPEG = b"\xff\xd8\xff\xe0 a picture"
DIGEST = hashlib.sha256(JPEG).hexdigest()
ENTRY = {"plate": "bgc-771", "reason": "stolen", "category": "stolen", "severity": "high"}


@pytest.fixture
async def desk(engines: Engines) -> Desk:
    return await open_desk(engines.database, engines.clock, engines.blobs)


@pytest.fixture
async def plates(desk: Desk) -> str:
    """Id of an authority for any plate."""
    return str((await desk.active(Scope(plates=EVERY_PLATE))).id)


@pytest.fixture
async def area(desk: Desk, clock: ManualClock) -> str:
    """Id of an authority for every plate of some cameras."""
    scope = Scope(
        cameras=("RZ-01-A", "AP-01-A"),
        since=clock.now() - timedelta(days=1),
        until=clock.now() + timedelta(days=9),
        uses=(Use.SEARCH,),
    )
    return str((await desk.active(scope)).id)


@pytest.fixture
def entry(plates: str) -> dict[str, str]:
    return ENTRY | {"authority": plates}


@pytest.fixture
async def worker(engines: Engines, centre_settings: CentreSettings) -> dict[str, str]:
    """Headers of a worker that the centre knows."""
    trust = TrustService(engines.database, engines.clock, centre_settings.trust)
    await trust.admit_worker_token("w" * 43, "test")
    return {"Authorization": f"Bearer {'w' * 43}"}


async def deliver(
    client: httpx.AsyncClient, worker: dict[str, str], clock: ManualClock, *reads: dict[str, Any]
) -> httpx.Response:
    body = delivery(*reads, sent_at=clock.now())
    headers = worker | {"Content-Type": "application/json"}
    return await client.post("/api/plates/observations", content=body, headers=headers)


async def put(
    client: httpx.AsyncClient, worker: dict[str, str], digest: str, content: bytes
) -> httpx.Response:
    headers = worker | {"Content-Type": "image/jpeg"}
    return await client.put(f"/api/plates/pictures/{digest}", content=content, headers=headers)


def at(clock: ManualClock, seconds: float = 0) -> str:
    return moment(clock.now() + timedelta(seconds=seconds))


async def test_delivery_is_acknowledged_and_found(
    console: httpx.AsyncClient, worker: dict[str, str], clock: ManualClock, plates: str
) -> None:
    answer = await deliver(
        console, worker, clock, a_read(1, observed_at=at(clock)), a_read(2, confidence=2)
    )
    assert answer.status_code == 200
    body = answer.json()
    assert body["acknowledged"] == [{"boot": str(BOOT), "first": 1, "last": 2}]
    assert (body["accepted"], body["duplicates"], body["conflicts"]) == (1, 0, [])
    assert [(r["boot"], r["seq"]) for r in body["rejected"]] == [(str(BOOT), 2)]
    found = (
        await console.get("/api/plates/reads", params={"plate": "BGC771", "authority": plates})
    ).json()
    (read,) = found["items"]
    assert read["observed_at"] == at(clock)
    assert (read["camera"], read["camera_name"], read["lon"]) == ("RZ-01-A", None, None)
    alone = await console.get(f"/api/plates/reads/{read['id']}?authority={plates}")
    assert alone.json() == read


async def test_no_worker_token_no_delivery_and_no_session_no_search(
    stranger: httpx.AsyncClient, worker: dict[str, str], clock: ManualClock
) -> None:
    assert (await deliver(stranger, {}, clock, a_read(1))).status_code == 401
    assert (await put(stranger, {}, DIGEST, JPEG)).status_code == 401
    some = f"reads/{BOOT}"
    paths = ("reads", "entries", some, f"{some}/picture", "journeys?plate=A1", "entries/export")
    for path in paths:
        answer = await stranger.get(f"/api/plates/{path}", headers=worker)
        assert answer.status_code == 401, path
    answer = await stranger.post("/api/plates/entries", json=ENTRY, headers=worker)
    assert answer.status_code == 401


async def test_body_that_is_no_delivery_is_a_problem(
    console: httpx.AsyncClient, worker: dict[str, str]
) -> None:
    headers = worker | {"Content-Type": "application/json"}
    answer = await console.post("/api/plates/observations", content=b"{", headers=headers)
    assert answer.status_code == 422
    assert answer.json()["code"] == "plates.invalid-batch"


async def test_picture_goes_in_by_its_hash_and_comes_out_with_its_read(
    console: httpx.AsyncClient, worker: dict[str, str], clock: ManualClock, plates: str
) -> None:
    sent = a_read(1, observed_at=at(clock), picture=DIGEST)
    await deliver(console, worker, clock, sent)
    found = await console.get(f"/api/plates/reads?plate=BGC771&authority={plates}")
    path = f"/api/plates/reads/{found.json()['items'][0]['id']}"
    under = {"authority": plates}
    assert (await console.get(f"{path}/picture", params=under)).status_code == 404
    for _ in range(2):
        assert (await put(console, worker, DIGEST, JPEG)).status_code == 204
    picture = await console.get(f"{path}/picture", params=under)
    assert (picture.content, picture.headers["content-type"]) == (JPEG, "image/jpeg")
    assert picture.headers["cache-control"] == "no-store"
    assert (await console.get(f"{path}/crop", params=under)).status_code == 404
    assert (await console.get(f"/api/plates/pictures/{DIGEST}")).status_code == 404


@pytest.mark.parametrize(
    ("digest", "content", "status"),
    [
        (DIGEST, JPEG + b"!", 422),
        (hashlib.sha256(b"<svg>").hexdigest(), b"<svg>", 422),
        (DIGEST.upper(), JPEG, 422),
        ("0" * 64, JPEG + bytes(4 << 20), 413),
    ],
)
async def test_picture_that_is_not_what_it_says_is_refused(
    console: httpx.AsyncClient, worker: dict[str, str], digest: str, content: bytes, status: int
) -> None:
    answer = await put(console, worker, digest, content)
    assert answer.status_code == status


async def test_entry_is_written_changed_and_ended(
    console: httpx.AsyncClient, entry: dict[str, str], people: People
) -> None:
    written = await console.post("/api/plates/entries", json=entry)
    assert written.status_code == 201, written.text
    body = written.json()
    assert (body["plate"], body["kind"], body["active"]) == ("BGC771", "plate", True)
    assert body["created_by"] == people.account_of(console).username
    assert body["authority"] == entry["authority"]
    again = await console.post("/api/plates/entries", json=entry)
    assert (again.status_code, again.json()["code"]) == (409, "plates.entry-exists")
    path = f"/api/plates/entries/{body['id']}"
    changed = await console.patch(path, json={"severity": "critical", "instructions": "armed"})
    assert (changed.json()["severity"], changed.json()["reason"]) == ("critical", "stolen")
    assert (await console.get(path)).json() == changed.json()
    assert (await console.delete(path)).status_code == 204
    assert (await console.get(path)).json()["active"] is False
    assert (await console.patch(path, json={"severity": "low"})).status_code == 409
    assert (await console.get("/api/plates/entries")).json()["items"] == []
    expired = await console.get("/api/plates/entries", params={"state": "expired", "q": "gc77"})
    assert len(expired.json()["items"]) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"plate": "*"},
        {"plate": "کراچی"},
        {"reason": "  "},
        {"category": "enemy"},
        {"valid_until": "2020-01-01T00:00:00Z"},
        {"valid_until": "2030-01-01T00:00:00"},
        {"colour": "red"},
    ],
)
async def test_senseless_entry_is_refused(
    console: httpx.AsyncClient, change: dict[str, str], entry: dict[str, str]
) -> None:
    answer = await console.post("/api/plates/entries", json=entry | change)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_null_only_takes_the_end_away(
    console: httpx.AsyncClient, entry: dict[str, str]
) -> None:
    written = (await console.post("/api/plates/entries", json=entry)).json()
    path = f"/api/plates/entries/{written['id']}"
    until = {"valid_until": "2026-04-01T00:00:00Z"}
    assert (await console.patch(path, json=until)).json()["valid_until"].startswith("2026-04")
    assert (await console.patch(path, json={"valid_until": None})).json()["valid_until"] is None
    assert (await console.patch(path, json={"reason": None})).status_code == 422


async def test_entry_is_found_however_its_plate_is_written(
    console: httpx.AsyncClient, entry: dict[str, str]
) -> None:
    await console.post("/api/plates/entries", json=entry | {"plate": "ABC-123"})
    for text in ("ABC-123", "abc 123", "ABC123", "bc.12", "A?C*3", ENTRY["reason"]):
        found = await console.get("/api/plates/entries", params={"q": text})
        assert [entry["plate"] for entry in found.json()["items"]] == ["ABC123"], text
    for text in ("ABC124", "-", "B?"):
        found = await console.get("/api/plates/entries", params={"q": f"X{text}"})
        assert found.json()["items"] == [], text


async def test_entries_are_paged(
    console: httpx.AsyncClient, clock: ManualClock, entry: dict[str, str]
) -> None:
    for number in range(5):
        clock.advance(timedelta(seconds=1))
        await console.post("/api/plates/entries", json=entry | {"plate": f"AAA{number}"})
    seen: list[str] = []
    cursor = ""
    while True:
        answer = await console.get("/api/plates/entries", params={"limit": 2, "cursor": cursor})
        seen += [item["plate"] for item in answer.json()["items"]]
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            break
    assert seen == [f"AAA{number}" for number in (4, 3, 2, 1, 0)]


async def test_file_goes_in_and_comes_out(console: httpx.AsyncClient, plates: str) -> None:
    text = "plate,reason,category,severity\nBGC771,stolen,stolen,high\nbad one!,x,stolen,high\n"
    answer = await console.post(
        "/api/plates/entries/import",
        params={"authority": plates},
        content=text,
        headers={"Content-Type": "text/csv"},
    )
    report = answer.json()
    assert (report["accepted"], report["rejected_count"]) == (1, 1)
    assert (report["rejected"][0]["line"], report["rejected"][0]["column"]) == (3, "plate")
    export = await console.get("/api/plates/entries/export", params={"authority": plates})
    assert export.headers["content-type"] == "text/csv; charset=utf-8"
    assert "BGC771,stolen,stolen,high" in export.text


async def test_journey_is_a_line_through_known_places(
    console: httpx.AsyncClient,
    office: httpx.AsyncClient,
    worker: dict[str, str],
    clock: ManualClock,
    plates: str,
    area: str,
) -> None:
    for code, lon in (("RZ-01", 67.03), ("AP-01", 67.16)):
        site = {"code": code, "name": code, "name_ur": "", "kind": "other", "lon": lon, "lat": 24.9}
        assert (await office.post("/api/city/sites", json=site)).status_code == 201
        camera = {"code": f"{code}-A", "name": code, "site": code, "address": "rtsp://10.0.0.1/a"}
        assert (await office.post("/api/city/cameras", json=camera)).status_code == 201
    clock.advance(timedelta(seconds=2))
    await deliver(
        console,
        worker,
        clock,
        a_read(1, camera="AP-01-A", observed_at=at(clock)),
        a_read(2, camera="RZ-01-A", observed_at=at(clock, -60)),
    )
    asked = {"plate": "BGC771", "authority": plates}
    journey = (await console.get("/api/plates/journeys", params=asked)).json()
    line, *points = journey["features"]
    assert line["geometry"] == {"type": "LineString", "coordinates": [[67.03, 24.9], [67.16, 24.9]]}
    assert [p["properties"]["camera"] for p in points] == ["RZ-01-A", "AP-01-A"]
    twice = await console.get(
        "/api/plates/reads", params={"camera": ["AP-01-A", "AP-01-A"], "authority": area}
    )
    assert [read["camera"] for read in twice.json()["items"]] == ["AP-01-A"]
    there = {"bounds": "67.1,24.8,67.2,25", "authority": area}
    inside = await console.get("/api/plates/reads", params=there)
    assert [read["camera"] for read in inside.json()["items"]] == ["AP-01-A"]


@pytest.mark.parametrize(
    "params",
    [
        {"bounds": "1,2,3"},
        {"bounds": "200,0,201,1"},
        {"from": "yesterday"},
        {"from": "2026-01-01T00:00:00"},
        {"match": "fuzzy"},
        {"limit": "0"},
        {"cursor": "x"},
        {"plate": "A?", "match": "exact"},
        {"plate": "A\0"},
    ],
)
async def test_senseless_search_is_a_problem(
    console: httpx.AsyncClient, params: dict[str, str], area: str
) -> None:
    answer = await console.get("/api/plates/reads", params=params | {"authority": area})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
