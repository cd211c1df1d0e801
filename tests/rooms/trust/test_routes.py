from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from tests.people import People

from amaan.kernel.acting import acting_as, system
from amaan.kernel.clock import ManualClock
from amaan.trust.audit.model import Record
from amaan.trust.audit.service import AuditLog

PASSWORD = "a long enough phrase"  # noqa: S105  of a database that lives for one test
SIGN_IN = {"username": "administrator", "password": PASSWORD}


async def test_sign_in_gives_a_cookie_that_no_script_and_no_other_site_gets(
    stranger: httpx.AsyncClient,
) -> None:
    answer = await stranger.post("/api/trust/sessions", json=SIGN_IN)
    assert answer.status_code == 201
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("amaan_session=")
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "path=/" in cookie
    body = answer.json()
    assert body["account"]["username"] == "administrator"
    assert "expires_at" in body
    assert PASSWORD not in answer.text
    current = await stranger.get("/api/trust/sessions/current")
    assert current.json()["account"] == body["account"]
    assert current.headers["cache-control"] == "no-store"


async def test_wrong_password_is_a_problem_with_a_stable_code(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.post("/api/trust/sessions", json={**SIGN_IN, "password": "wrong"})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "sign-in-refused"
    assert "set-cookie" not in answer.headers


async def test_locked_account_says_how_long_to_wait(stranger: httpx.AsyncClient) -> None:
    for _ in range(5):
        await stranger.post("/api/trust/sessions", json={**SIGN_IN, "password": "wrong"})
    answer = await stranger.post("/api/trust/sessions", json=SIGN_IN)
    assert answer.status_code == 429
    assert answer.json()["code"] == "account-locked"
    assert answer.headers["retry-after"] == "600"


async def test_session_of_before_is_over_when_somebody_signs_in_on_top(
    console: httpx.AsyncClient,
) -> None:
    before = console.cookies["amaan_session"]
    await console.post("/api/trust/sessions", json=SIGN_IN)
    console.cookies.clear()
    answer = await console.get(
        "/api/trust/sessions/current", headers={"Cookie": f"amaan_session={before}"}
    )
    assert answer.status_code == 401


async def test_signing_out_ends_it(console: httpx.AsyncClient) -> None:
    token = console.cookies["amaan_session"]
    assert (await console.delete("/api/trust/sessions/current")).status_code == 204
    answer = await console.get(
        "/api/trust/sessions/current", headers={"Cookie": f"amaan_session={token}"}
    )
    assert answer.status_code == 401


async def test_idle_session_is_refused(console: httpx.AsyncClient, clock: ManualClock) -> None:
    clock.advance(timedelta(minutes=31))
    answer = await console.get("/api/trust/sessions/current")
    assert answer.status_code == 401
    assert answer.json()["code"] == "not-signed-in"


async def test_password_can_be_changed(console: httpx.AsyncClient) -> None:
    answer = await console.post(
        "/api/trust/password", json={"current": PASSWORD, "new": "another good phrase"}
    )
    assert answer.status_code == 204
    weak = await console.post(
        "/api/trust/password", json={"current": "another good phrase", "new": "short"}
    )
    assert (weak.status_code, weak.json()["code"]) == (422, "password-refused")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.test"},
        {"Origin": "null"},
        {"Origin": "", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://centre.test", "Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_write_asked_for_by_another_origin_is_refused(
    console: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    for method, path in (
        ("POST", "/api/trust/sessions"),
        ("DELETE", "/api/trust/sessions/current"),
        ("POST", "/api/city/cameras"),
        ("PATCH", "/api/city/cameras/A"),
    ):
        answer = await console.request(method, path, headers=headers, json={})
        assert answer.status_code == 403
        assert answer.json()["code"] == "origin-refused"
    assert (await console.get("/api/trust/sessions/current")).status_code == 200


@pytest.mark.parametrize(
    "body", [{}, {"username": "a"}, {"username": "\0", "password": "x"}, [], "x", None]
)
async def test_malformed_sign_in_is_refused_without_repeating_it(
    stranger: httpx.AsyncClient, body: object
) -> None:
    answer = await stranger.post("/api/trust/sessions", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "invalid"


async def test_password_of_a_malformed_sign_in_is_not_repeated(
    stranger: httpx.AsyncClient,
) -> None:
    answer = await stranger.post(
        "/api/trust/sessions", json={"username": ["x"], "password": "hunter2-canary" * 20}
    )
    assert answer.status_code == 422
    assert "hunter2" not in answer.text


async def _log(people: People) -> list[Record]:
    """Return the audit log of sign-ins."""
    log = AuditLog(people.database, people.clock)
    with acting_as(system("test")):
        found = [entry.record async for entry in log.entries()]
    return [one for one in found if one.permission == "trust.sign_in"]


async def test_sign_ins_are_written_down_good_and_bad_without_the_password(
    people: People, stranger: httpx.AsyncClient
) -> None:
    await stranger.post("/api/trust/sessions", json={**SIGN_IN, "password": "hunter2-canary"})
    await stranger.post(
        "/api/trust/sessions", json={"username": "hunter2-canary!", "password": "x"}
    )
    good = await stranger.post("/api/trust/sessions", json=SIGN_IN)
    ended = [one for one in await _log(people) if one.outcome != "begun"]
    assert [one.outcome for one in ended] == ["denied", "denied", "allowed"]
    assert [one.username for one in ended] == ["administrator", None, "administrator"]
    details = [one.details for one in ended]
    assert details[0] == {"method": "password", "reason": "sign-in-refused"}
    assert details[2] == {"method": "password", "strong": False, "owes": None}
    assert ended[2].actor == f"account:{good.json()['account']['id']}"
    assert ended[2].session == good.json()["id"]
    assert "hunter2-canary" not in str(ended)


async def test_own_changes_are_written_down(people: People, console: httpx.AsyncClient) -> None:
    await console.delete("/api/trust/sessions")
    await console.post("/api/trust/totp")
    log = AuditLog(people.database, people.clock)
    with acting_as(system("test")):
        found = [entry.record async for entry in log.entries()]
    actor = f"account:{people.account_of(console).id}"
    done = [(one.action, one.outcome) for one in found if one.actor == actor]
    assert done == [
        ("end_other_sessions", "begun"),
        ("end_other_sessions", "allowed"),
        ("offer_totp", "begun"),
        ("offer_totp", "allowed"),
    ]
