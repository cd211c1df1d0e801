from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.people import People

from amaan.kernel.clock import ManualClock

PDF = b"%PDF-1.4 an order"


async def upload(client: httpx.AsyncClient, content: bytes, kind: str) -> httpx.Response:
    return await client.post(
        "/api/trust/documents", content=content, headers={"Content-Type": kind}
    )


async def request(client: httpx.AsyncClient, clock: ManualClock, **changes: Any) -> httpx.Response:
    document = (await upload(client, PDF, "application/pdf")).json()
    asked = {
        "purpose": "stolen_vehicle",
        "case_ref": "FIR 12/26",
        "grounds": "reported stolen in Clifton",
        "document": {"sha256": document["sha256"], "name": "order.pdf"},
        "scope": {"plates": ["bgc-771"], "uses": ["search", "entry"]},
        "expires_at": (clock.now() + timedelta(days=30)).isoformat(),
    }
    return await client.post("/api/trust/authorities", json=asked | changes)


async def test_authority_is_asked_for_by_one_and_approved_by_another(
    console: httpx.AsyncClient, approver: httpx.AsyncClient, people: People, clock: ManualClock
) -> None:
    made = await request(console, clock)
    assert made.status_code == 201, made.text
    asked = made.json()
    assert (asked["state"], asked["scope"]["plates"]) == ("requested", ["BGC771"])
    assert asked["requested_by"]["username"] == people.account_of(console).username
    waiting = (await approver.get("/api/trust/authorities", params={"state": "open"})).json()
    assert [item["id"] for item in waiting["items"]] == [asked["id"]]
    path = f"/api/trust/authorities/{asked['id']}"
    assert (await console.post(f"{path}/approve", json={"reason": "x"})).status_code == 403
    approved = await approver.post(f"{path}/approve", json={"reason": "order seen"})
    assert approved.status_code == 200, approved.text
    assert approved.json() == (await console.get(path)).json()
    assert (approved.json()["state"], approved.json()["decision_reason"]) == (
        "active",
        "order seen",
    )
    again = await approver.post(f"{path}/approve", json={})
    assert (again.status_code, again.json()["code"]) == (409, "authority-state")
    assert (await approver.post(f"{path}/revoke", json={})).status_code == 422
    revoked = await approver.post(f"{path}/revoke", json={"reason": "found"})
    assert [step["change"] for step in revoked.json()["history"]] == [
        "requested",
        "approved",
        "revoked",
    ]


async def test_who_may_both_ask_and_approve_does_not_approve_his_own(
    people: People, clock: ManualClock
) -> None:
    both = await people.person("investigator", "approving_officer", strong=True)
    asked = (await request(both, clock)).json()
    for step in ("approve", "refuse"):
        path = f"/api/trust/authorities/{asked['id']}/{step}"
        answer = await both.post(path, json={"reason": "mine"})
        assert (answer.status_code, answer.json()["code"]) == (403, "authority-own")


async def test_approving_needs_a_second_factor(
    console: httpx.AsyncClient, people: People, clock: ManualClock
) -> None:
    weak = await people.person("approving_officer")
    asked = (await request(console, clock)).json()
    answer = await weak.post(f"/api/trust/authorities/{asked['id']}/approve", json={})
    assert answer.status_code == 403


async def test_only_a_senior_approves_what_reaches_beyond_the_tier(
    console: httpx.AsyncClient, approver: httpx.AsyncClient, people: People, clock: ManualClock
) -> None:
    since = (clock.now() - timedelta(days=200)).isoformat()
    scope = {"plates": ["BGC771"], "since": since, "uses": ["search"]}
    asked = (await request(console, clock, scope=scope)).json()
    assert asked["beyond_tier"] is True
    path = f"/api/trust/authorities/{asked['id']}/approve"
    answer = await approver.post(path, json={})
    assert (answer.status_code, answer.json()["code"]) == (403, "authority-needs-senior")
    senior = await people.person("senior_approving_officer", strong=True)
    assert (await senior.post(path, json={})).status_code == 200


@pytest.mark.parametrize("role", ["video_operator", "dispatcher", "approving_officer", "auditor"])
async def test_others_do_not_ask(people: People, clock: ManualClock, role: str) -> None:
    client = await people.person(role, strong=True)
    assert (await upload(client, PDF, "application/pdf")).status_code == 403
    body = {"purpose": "robbery"}
    assert (await client.post("/api/trust/authorities", json=body)).status_code == 403


async def test_paper_comes_out_as_it_went_in_and_only_what_it_is_goes_in(
    console: httpx.AsyncClient, approver: httpx.AsyncClient, people: People
) -> None:
    stored = await upload(console, PDF, "application/pdf")
    assert (stored.status_code, stored.json()["type"]) == (201, "application/pdf")
    path = f"/api/trust/documents/{stored.json()['sha256']}"
    paper = await approver.get(path)
    assert paper.content == PDF
    assert paper.headers["content-disposition"].startswith("attachment")
    assert paper.headers["cache-control"] == "no-store"
    assert (await approver.get(path.replace(path[-1], "0" if path[-1] != "0" else "1"))).is_error
    operator = await people.person("video_operator")
    assert (await operator.get(path)).status_code == 403
    for content, kind in ((b"<html>", "application/pdf"), (PDF + bytes(10 << 20), "image/png")):
        assert (await upload(console, content, kind)).status_code in (413, 422)
    assert (await upload(console, PDF, "text/html")).status_code == 415


@pytest.mark.parametrize(
    "change",
    [
        {"purpose": "curiosity"},
        {"grounds": "because"},
        {"document": {"sha256": "ab" * 32, "name": "never uploaded.pdf"}},
        {"scope": {"uses": ["search"]}},
        {"scope": {"plates": ["*"], "uses": ["search"]}},
        {"scope": {"plates": ["A1"], "uses": []}},
        {"scope": {"plates": ["A1"], "uses": ["search"], "bounds": [1, 2, 3]}},
        {"expires_at": "2020-01-01T00:00:00Z"},
        {"replaces": "0192f3c0-0000-7000-8000-000000000001"},
        {"colour": "red"},
    ],
)
async def test_senseless_request_is_a_problem(
    console: httpx.AsyncClient, clock: ManualClock, change: dict[str, Any]
) -> None:
    answer = await request(console, clock, **change)
    assert answer.status_code in (404, 422)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_purposes_are_a_closed_list(console: httpx.AsyncClient) -> None:
    items = (await console.get("/api/trust/purposes")).json()["items"]
    codes = [item["code"] for item in items]
    assert "stolen_vehicle" in codes
    assert len(codes) == len(set(codes))
