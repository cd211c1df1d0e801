from __future__ import annotations

import json

import httpx
import pytest
from tests.people import People

NEW = {
    "kind": "access",
    "name": "Sana Qureshi",
    "contact": "0300-0000000",
    "plate": "ABC123",
    "text": "Who looked for my vehicle?",
}
MONTH = {"from": "2026-02-01", "to": "2026-03-01"}


async def a_request(auditor: httpx.AsyncClient) -> dict[str, object]:
    answer = await auditor.post("/api/trust/requests", json=NEW)
    assert answer.status_code == 201, answer.text
    found: dict[str, object] = answer.json()
    return found


async def the_log(auditor: httpx.AsyncClient) -> str:
    answer = await auditor.get("/api/trust/audit/entries", params={"limit": 100})
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_request_is_taken_in_answered_appealed_and_decided_by_an_officer(
    auditor: httpx.AsyncClient, approver: httpx.AsyncClient
) -> None:
    request = await a_request(auditor)
    path = f"/api/trust/requests/{request['id']}"
    assert request["name"] == NEW["name"]
    assert request["overdue"] is False
    for step in ("verify", "answer", "appeal"):
        answer = await auditor.post(f"{path}/{step}", json={"text": "As it was"})
        assert answer.status_code == 200, answer.text
    (listed,) = (await approver.get("/api/trust/appeals")).json()["items"]
    appeal = await approver.get(f"/api/trust/appeals/{listed['id']}")
    assert "name" not in appeal.json()
    assert "Sana" not in appeal.text
    assert len(appeal.json()["history"]) == 4
    decided = await approver.post(f"{path}/decide", json={"text": "Right", "outcome": "upheld"})
    assert decided.json()["state"] == "upheld"
    again = await approver.post(f"{path}/decide", json={"text": "No", "outcome": "dismissed"})
    assert (again.status_code, again.json()["code"]) == (409, "request-state")
    (only,) = (await auditor.get("/api/trust/requests", params={"state": "upheld"})).json()["items"]
    assert only["reference"] == request["reference"]


async def test_each_step_is_in_the_log_with_its_outcome_and_without_the_person(
    auditor: httpx.AsyncClient,
) -> None:
    request = await a_request(auditor)
    await auditor.post(
        f"/api/trust/requests/{request['id']}/refuse", json={"text": "Sana was not to be verified"}
    )
    await auditor.get(f"/api/trust/requests/{request['id']}")
    text = await the_log(auditor)
    assert '"step":"received"' in text
    assert '"step":"refused"' in text
    assert '"kind":"access"' in text
    for secret in ("Sana", "0300-0000000", "ABC123", "looked for my vehicle"):
        assert secret not in text


@pytest.mark.parametrize("role", ["investigator", "administrator", "approving_officer"])
async def test_only_those_who_handle_requests_see_them(
    people: People, auditor: httpx.AsyncClient, role: str
) -> None:
    request = await a_request(auditor)
    client = await people.person(role, strong=True)
    path = f"/api/trust/requests/{request['id']}"
    for answer in (
        await client.get("/api/trust/requests"),
        await client.get(path),
        await client.post("/api/trust/requests", json=NEW),
        await client.post(f"{path}/verify", json={"text": "x"}),
    ):
        assert answer.status_code == 403
    own = await auditor.post(f"{path}/decide", json={"text": "x", "outcome": "upheld"})
    assert own.status_code == 403


async def test_report_is_the_same_bytes_each_time_though_asking_is_logged(
    auditor: httpx.AsyncClient, office: httpx.AsyncClient
) -> None:
    await a_request(auditor)
    first = await auditor.get("/api/trust/report", params=MONTH)
    second = await office.get("/api/trust/report", params=MONTH)
    assert first.status_code == 200, first.text
    assert first.content == second.content
    assert json.loads(first.content)["log"]["size"] == 0  # nothing was written before March
    march = await auditor.get(
        "/api/trust/report", params={"from": "2026-03-01", "to": "2026-04-01"}
    )
    assert march.json()["tables"]["requests"]["rows"]["access"]["received"]["n"] is None
    again = {"from": "2026-03-01", "to": "2026-04-01", "size": march.json()["log"]["size"]}
    assert (await auditor.get("/api/trust/report", params=again)).content == march.content


async def test_report_for_people_says_when_the_month_is_not_over(
    auditor: httpx.AsyncClient,
) -> None:
    page = await auditor.get("/api/trust/report.html", params={**MONTH, "lang": "ur"})
    assert page.status_code == 200
    assert 'dir="rtl"' in page.text
    assert 'class="draft"' not in page.text
    running = {"from": "2026-03-01", "to": "2026-04-01"}
    page = await auditor.get("/api/trust/report.html", params=running)
    assert "Not for publication" in page.text


@pytest.mark.parametrize("params", [{"from": "2026-02-02", "to": "2026-03-01"}, {"from": "x"}, {}])
async def test_report_over_anything_but_whole_months_is_refused(
    auditor: httpx.AsyncClient, params: dict[str, str]
) -> None:
    answer = await auditor.get("/api/trust/report", params=params)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_operator_sees_no_report(people: People) -> None:
    client = await people.person("video_operator")
    assert (await client.get("/api/trust/report", params=MONTH)).status_code == 403
