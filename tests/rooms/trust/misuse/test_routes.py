from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.people import People

from amaan.app.opening import Engines
from amaan.kernel.acting import acting_as, system
from amaan.trust.audit.model import Record
from amaan.trust.audit.service import AuditLog
from amaan.trust.misuse.service import MisuseService

DAY = timedelta(days=1)
PLACE = {
    "name": "Mosque",
    "kind": "worship",
    "circle": {"lon": 67.0, "lat": 24.9, "radius_m": 250},
    "from": "2026-03-06T07:30:00Z",
    "to": "2026-03-06T09:30:00Z",
}


class NoCameras:
    async def positions(self) -> dict[str, Any]:
        return {}


async def a_finding(people: People, engines: Engines, auditor: httpx.AsyncClient) -> dict[str, Any]:
    """Let somebody look for their own vehicle, and the night come."""
    account = await people.account("investigator")
    answer = await auditor.put(
        f"/api/trust/accounts/{account.id}/vehicles", json={"own": ["abc-123"], "household": []}
    )
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"own": ["ABC123"], "household": []}
    log = AuditLog(engines.database, engines.clock)
    misuse = MisuseService(engines.database, engines.outbox, log, NoCameras(), engines.clock)
    now = engines.clock.now()
    with acting_as(system("misuse")):
        await log.write(
            Record(
                "search_reads",
                f"account:{account.id}",
                permission="plates.search",
                username=account.username,
                details={"plate": "ABC 123", "match": "exact"},
            )
        )
        await misuse.run(now - DAY, now + DAY, actor="system:misuse")
    (found,) = (await auditor.get("/api/trust/findings")).json()["items"]
    assert found["username"] == account.username
    return dict(found)


async def test_finding_is_shown_with_its_entries_and_reviewed_once(
    people: People, engines: Engines, auditor: httpx.AsyncClient
) -> None:
    found = await a_finding(people, engines, auditor)
    path = f"/api/trust/findings/{found['id']}"
    detail = (await auditor.get(path)).json()
    assert detail["detector"] == "own_vehicle"
    assert [entry["position"] for entry in detail["entries"]] == found["evidence"]
    assert detail["entries"][0]["details"]["plate"] == "ABC 123"
    review = {"decision": "referred", "note": "To the inspector"}
    answer = await auditor.post(f"{path}/review", json=review)
    assert answer.json()["decision"] == "referred"
    again = await auditor.post(f"{path}/review", json=review)
    assert (again.status_code, again.json()["code"]) == (409, "finding-reviewed")
    assert (await auditor.get("/api/trust/findings")).json()["items"] == []
    (item,) = (await auditor.get("/api/trust/findings?state=reviewed")).json()["items"]
    assert item["note"] == "To the inspector"
    entries = await auditor.get("/api/trust/audit/entries", params={"action": "review_finding"})
    decisions = {entry["details"].get("decision") for entry in entries.json()["items"]}
    assert "referred" in decisions


async def test_unknown_finding_account_and_place_are_not_found(auditor: httpx.AsyncClient) -> None:
    nothing = "00000000-0000-7000-8000-000000000000"
    for method, path in (
        ("GET", f"findings/{nothing}"),
        ("GET", f"accounts/{nothing}/vehicles"),
        ("DELETE", f"sensitive-places/{nothing}"),
    ):
        assert (await auditor.request(method, f"/api/trust/{path}")).status_code == 404


@pytest.mark.parametrize(
    "role", ["administrator", "supervisor", "investigator", "senior_approving_officer"]
)
async def test_nobody_in_the_chain_of_command_sees_findings_or_facts(
    people: People, engines: Engines, auditor: httpx.AsyncClient, role: str
) -> None:
    found = await a_finding(people, engines, auditor)
    client = await people.person(role, strong=True)
    for method, path in (
        ("GET", "findings"),
        ("GET", f"findings/{found['id']}"),
        ("POST", f"findings/{found['id']}/review"),
        ("GET", f"accounts/{found['account']}/vehicles"),
        ("PUT", f"accounts/{found['account']}/vehicles"),
        ("POST", "shifts/import"),
        ("GET", "sensitive-places"),
        ("POST", "sensitive-places"),
        ("DELETE", f"sensitive-places/{found['id']}"),
    ):
        answer = await client.request(method, f"/api/trust/{path}")
        assert answer.status_code == 403, f"{method} {path}"


async def test_roster_is_taken_with_a_report_of_bad_lines(
    people: People, auditor: httpx.AsyncClient
) -> None:
    account = await people.account("investigator")
    sheet = (
        "username,start,end\n"
        f"{account.username},2026-03-04T07:00:00+05:00,2026-03-04T15:00:00+05:00\n"
        "nobody,2026-03-04T07:00:00+05:00,2026-03-04T15:00:00+05:00\n"
    )
    headers = {"content-type": "text/csv"}
    answer = await auditor.post("/api/trust/shifts/import", content=sheet, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.json()["accepted"] == 1
    assert answer.json()["rejected"][0]["line"] == 3
    bad = await auditor.post("/api/trust/shifts/import", content=b"\xff\xfe", headers=headers)
    assert bad.status_code == 422


async def test_sensitive_places_are_kept_and_taken_away(auditor: httpx.AsyncClient) -> None:
    made = await auditor.post("/api/trust/sensitive-places", json=PLACE)
    assert made.status_code == 201, made.text
    assert {**PLACE, "id": made.json()["id"], "bounds": None} == {
        **made.json(),
        "from": PLACE["from"],
        "to": PLACE["to"],
    }
    (only,) = (await auditor.get("/api/trust/sensitive-places")).json()["items"]
    assert only == made.json()
    gone = await auditor.delete(f"/api/trust/sensitive-places/{only['id']}")
    assert gone.status_code == 204
    assert (await auditor.get("/api/trust/sensitive-places")).json()["items"] == []


@pytest.mark.parametrize(
    "change",
    [
        {"circle": None},
        {"bounds": [66, 24, 67, 25]},
        {"circle": None, "bounds": [67, 24, 66, 25]},
        {"to": PLACE["from"]},
        {"to": "2027-03-06T07:30:00Z"},
        {"from": "2026-03-06T07:30:00"},
        {"name": " "},
    ],
)
async def test_place_that_cannot_be_is_refused(
    auditor: httpx.AsyncClient, change: dict[str, Any]
) -> None:
    answer = await auditor.post("/api/trust/sensitive-places", json={**PLACE, **change})
    assert answer.status_code == 422, answer.text
