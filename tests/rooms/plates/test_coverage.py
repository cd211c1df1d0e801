"""What an authority lets be searched and seen."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.authorities import Desk, open_desk
from tests.people import People
from tests.rooms.plates.deliveries import a_read, delivery, moment

from amaan.app.opening import Engines
from amaan.app.settings import CentreSettings
from amaan.kernel.clock import ManualClock
from amaan.kernel.geography import Bounds
from amaan.trust.authority.model import Scope, Use
from amaan.trust.service import TrustService

JPEG = b"\xff\xd8\xff\xe0 a picture"
DIGEST = hashlib.sha256(JPEG).hexdigest()


class Town:
    """Two cameras, reads of the last months, and who may ask."""

    def __init__(self, console: httpx.AsyncClient, desk: Desk, clock: ManualClock) -> None:
        self.console, self.desk, self.clock = console, desk, clock
        self.seq = 0

    async def drive(self, *reads: dict[str, Any]) -> None:
        rows = []
        for changes in reads:
            self.seq += 1
            plate, days = changes.pop("plate", "BGC771"), changes.pop("days", 0)
            at = moment(self.clock.now() - timedelta(days=days, seconds=1))
            rows.append(a_read(self.seq, plate, observed_at=at, picture=DIGEST, **changes))
        answer = await self.console.post(
            "/api/plates/observations",
            content=delivery(*rows, sent_at=self.clock.now()),
            headers={"Authorization": f"Bearer {'w' * 43}", "Content-Type": "application/json"},
        )
        assert answer.status_code == 200, answer.text

    async def under(self, scope: Scope, **changes: Any) -> str:
        return str((await self.desk.active(scope, **changes)).id)

    async def search(self, authority: str | None, **asked: Any) -> tuple[int, Any]:
        """Return status and plates found, or status and the problem's code."""
        params = asked | ({"authority": authority} if authority else {})
        answer = await self.console.get("/api/plates/reads", params=params)
        body = answer.json()
        if answer.status_code != 200:
            return answer.status_code, body["code"]
        return 200, [read["plate"] for read in body["items"]]


@pytest.fixture
async def town(
    console: httpx.AsyncClient,
    office: httpx.AsyncClient,
    engines: Engines,
    centre_settings: CentreSettings,
    clock: ManualClock,
) -> Town:
    trust = TrustService(engines.database, clock, centre_settings.trust)
    await trust.admit_worker_token("w" * 43, "test")
    for code, lon in (("RZ-01", 67.03), ("AP-01", 67.16)):
        site = {"code": code, "name": code, "name_ur": "", "kind": "other", "lon": lon, "lat": 24.9}
        assert (await office.post("/api/city/sites", json=site)).status_code == 201
        camera = {"code": f"{code}-A", "name": code, "site": code, "address": "rtsp://10.0.0.1/a"}
        assert (await office.post("/api/city/cameras", json=camera)).status_code == 201
    clock.advance(timedelta(seconds=2))
    return Town(console, await open_desk(engines.database, clock, engines.blobs), clock)


async def test_search_without_an_authority_that_covers_it_is_refused(town: Town) -> None:
    await town.drive({}, {"plate": "BGC772"})
    asked = str((await town.desk.requested()).id)
    one = await town.under(Scope(plates=("BGC771",)))
    entry = await town.under(Scope(plates=("BGC771",), uses=(Use.ENTRY,)))
    nobody = "0192f3c0-0000-7000-8000-000000000001"
    assert await town.search(None, plate="BGC771") == (403, "authority-needed")
    assert await town.search(nobody, plate="BGC771") == (403, "authority-needed")
    assert await town.search(asked, plate="BGC771") == (403, "authority-not-active")
    for authority, plate in ((one, "BGC772"), (entry, "BGC771")):
        assert await town.search(authority, plate=plate) == (403, "authority-not-covering")
    assert await town.search(one) == (403, "authority-not-covering")
    assert await town.search(one, plate="BGC77?", match="pattern") == (
        403,
        "authority-not-covering",
    )
    assert await town.search(one, plate="bgc-771") == (200, ["BGC771"])
    journeys = await town.console.get("/api/plates/journeys", params={"plate": "BGC771"})
    assert (journeys.status_code, journeys.json()["code"]) == (403, "authority-needed")


async def test_near_search_finds_near_plates_of_covered_ones_only(town: Town) -> None:
    await town.drive({"plate": "8GC771"}, {"plate": "BGC77Z"})
    one = await town.under(Scope(plates=("BGC771",)))
    assert await town.search(one, plate="BGC771", match="near") == (200, ["8GC771"])
    near = await town.search(one, plate="8GC771", match="near")
    assert near == (403, "authority-not-covering")


async def test_search_is_narrowed_to_the_cameras_area_and_time_of_the_authority(
    town: Town,
) -> None:
    await town.drive(
        {"camera": "RZ-01-A", "days": 9},
        {"camera": "RZ-01-A", "days": 2},
        {"camera": "AP-01-A", "days": 2},
        {"camera": "ELSEWHERE", "days": 2},
    )
    now = town.clock.now()
    plates = ("BGC771",)
    scopes = {
        Scope(plates=plates): 4,
        Scope(plates=plates, since=now - timedelta(days=3)): 3,
        Scope(plates=plates, until=now - timedelta(days=3)): 1,
        Scope(plates=plates, cameras=("ELSEWHERE",)): 1,
        Scope(plates=plates, sites=("RZ-01",)): 2,
        Scope(plates=plates, bounds=Bounds(67.0, 24.8, 67.1, 25.0)): 2,
        Scope(plates=plates, sites=("RZ-01",), since=now - timedelta(days=3)): 1,
    }
    for number, (scope, expected) in enumerate(scopes.items()):
        authority = await town.under(scope, case_ref=f"FIR {number}/26")
        _, found = await town.search(authority, plate="BGC771")
        assert len(found) == expected, scope
    site = await town.under(Scope(plates=plates, sites=("RZ-01",)))
    asked = {"plate": "BGC771", "camera": ["RZ-01-A", "AP-01-A"]}
    assert len((await town.search(site, **asked))[1]) == 2
    asked["camera"] = ["AP-01-A"]
    assert await town.search(site, **asked) == (403, "authority-not-covering")


async def test_area_can_be_browsed_only_under_an_authority_for_every_plate_of_it(
    town: Town,
) -> None:
    await town.drive({"plate": "AAA111"}, {"plate": "AAA112", "camera": "AP-01-A"})
    since, until = town.clock.now() - timedelta(days=1), town.clock.now() + timedelta(days=1)
    scope = Scope(sites=("RZ-01",), since=since, until=until, uses=(Use.SEARCH,))
    area = await town.under(scope)
    assert await town.search(area) == (200, ["AAA111"])
    assert await town.search(area, plate="AAA*", match="pattern") == (200, ["AAA111"])


async def test_read_and_its_pictures_are_bound_to_what_allows_them(
    town: Town, people: People
) -> None:
    await town.drive({}, {"plate": "8GC771"}, {"plate": "XYZ123"})
    await town.console.put(
        f"/api/plates/pictures/{DIGEST}",
        content=JPEG,
        headers={"Authorization": f"Bearer {'w' * 43}", "Content-Type": "image/jpeg"},
    )
    every = await town.under(
        Scope(
            cameras=("RZ-01-A",),
            since=town.clock.now() - timedelta(days=1),
            until=town.clock.now() + timedelta(days=1),
            uses=(Use.SEARCH,),
        )
    )
    one = await town.under(Scope(plates=("BGC771",)))
    answer = await town.console.get("/api/plates/reads", params={"authority": every})
    ids = {read["plate"]: read["id"] for read in answer.json()["items"]}
    town.clock.advance(timedelta(minutes=20))
    dispatcher = await people.person("dispatcher")

    async def statuses(client: httpx.AsyncClient, plate: str, authority: str | None) -> set[int]:
        params = {"authority": authority} if authority else {}
        path = f"/api/plates/reads/{ids[plate]}"
        return {(await client.get(p, params=params)).status_code for p in (path, f"{path}/picture")}

    assert await statuses(town.console, "BGC771", one) == {200}
    assert await statuses(town.console, "8GC771", one) == {200}
    assert await statuses(town.console, "XYZ123", one) == {403}
    assert await statuses(town.console, "XYZ123", every) == {200}
    assert await statuses(town.console, "BGC771", None) == {403}
    assert await statuses(dispatcher, "BGC771", one) == {403}


async def test_read_that_passes_now_is_seen_by_who_watches_live(town: Town, people: People) -> None:
    await town.drive({})
    area = Scope(
        cameras=("RZ-01-A",),
        since=town.clock.now() - timedelta(days=1),
        until=town.clock.now() + timedelta(days=1),
        uses=(Use.SEARCH,),
    )
    answer = await town.console.get(
        "/api/plates/reads", params={"authority": await town.under(area)}
    )
    path = f"/api/plates/reads/{answer.json()['items'][0]['id']}"
    operator = await people.person("video_operator")
    dispatcher = await people.person("dispatcher")
    assert (await operator.get(path)).status_code == 200
    assert (await dispatcher.get(path)).status_code == 403
    town.clock.advance(timedelta(minutes=15))
    assert (await operator.get(path)).status_code == 403


async def test_matched_read_is_seen_by_who_decides_until_it_is_sealed(
    town: Town, people: People
) -> None:
    emergency = await town.desk.requested(Scope(plates=("BGC771",)), emergency=True)
    entry = {"plate": "BGC771", "reason": "taken", "category": "stolen", "severity": "high"}
    written = await town.console.post(
        "/api/plates/entries", json=entry | {"authority": str(emergency.id)}
    )
    assert written.status_code == 201, written.text
    await town.drive({})
    found = await town.console.get(
        "/api/plates/reads", params={"plate": "BGC771", "authority": str(emergency.id)}
    )
    path = f"/api/plates/reads/{found.json()['items'][0]['id']}"
    dispatcher = await people.person("dispatcher")
    town.clock.advance(timedelta(minutes=20))
    assert (await dispatcher.get(path)).status_code == 200
    town.clock.advance(timedelta(hours=24))
    dispatcher = await people.person("dispatcher")
    assert (await dispatcher.get(path)).status_code == 403


async def test_approver_sees_what_would_become_searchable(
    town: Town, approver: httpx.AsyncClient
) -> None:
    await town.drive(
        {"days": 5}, {"days": 5, "plate": "BGC772"}, {"camera": "AP-01-A"}, {"plate": "XYZ1"}
    )
    asked = await town.desk.requested(Scope(plates=("BGC771", "BGC77*"), sites=("RZ-01",)))
    params = {"authority": str(asked.id)}
    reach = (await approver.get("/api/plates/reach", params=params)).json()
    assert (reach["cameras"], reach["reads"], reach["plates"]) == (["RZ-01-A"], 2, 2)
    assert reach["estimate"] is False


async def test_who_may_search_learns_no_count_before_somebody_approved(
    town: Town, approver: httpx.AsyncClient, people: People
) -> None:
    await town.drive({})
    both = await people.person("investigator", "approving_officer", strong=True)
    asked = await town.desk.asked(Scope(plates=("BGC771",)))
    body = {
        "purpose": "stolen_vehicle",
        "case_ref": "FIR 12/26",
        "grounds": "reported stolen in Clifton",
        "document": {"sha256": asked.document.sha256, "name": "order.pdf"},
        "scope": {"plates": ["BGC771"], "cameras": ["RZ-01-A"], "uses": ["search"]},
        "expires_at": asked.expires_at.isoformat(),
    }
    written = await both.post("/api/trust/authorities", json=body)
    assert written.status_code == 201, written.text
    params = {"authority": written.json()["id"]}
    own = await both.get("/api/plates/reach", params=params)
    assert (own.status_code, own.json()["code"]) == (403, "authority-own")
    for role in ("investigator", "supervisor"):
        other = await people.person(role)
        assert (await other.get("/api/plates/reach", params=params)).status_code == 403
    assert (await approver.get("/api/plates/reach", params=params)).json()["reads"] == 1


async def test_approver_is_told_of_reads_that_only_a_near_search_finds(
    town: Town, approver: httpx.AsyncClient
) -> None:
    await town.drive({"plate": "8GC771"})
    asked = await town.desk.requested(Scope(plates=("BGC771",)))
    params = {"authority": str(asked.id)}
    assert (await approver.get("/api/plates/reach", params=params)).json()["reads"] == 1


async def test_search_leaves_what_was_asked_and_given_on_the_trail(
    town: Town, auditor: httpx.AsyncClient
) -> None:
    await town.drive({})
    one = await town.under(Scope(plates=("BGC771",)))
    await town.search(one, plate="BGC771")
    await town.search(one, plate="XYZ123")
    answer = await auditor.get(
        "/api/trust/audit/entries", params={"action": "search_reads", "limit": 10}
    )
    items = answer.json()["items"]
    assert len(items) == 2
    denied, allowed = items[0], items[1]
    assert (allowed["authority"], denied["authority"]) == (one, one)
    assert allowed["details"]["count"] == 1
    assert allowed["details"]["case"] == "FIR 12/26"
    assert (denied["outcome"], denied["details"]["plate"]) == ("denied", "XYZ123")
