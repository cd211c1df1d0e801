from __future__ import annotations

from uuid import uuid4

import httpx
from tests.people import PASSWORD, People

from amaan.trust.audit.model import Asked
from amaan.trust.guards import COOKIE
from amaan.trust.service import TrustService

SESSIONS = "/api/trust/sessions"


async def sign_in(people: People, username: str, agent: str = "x") -> httpx.AsyncClient:
    client = await people.stranger()
    answer = await client.post(
        SESSIONS,
        json={"username": username, "password": PASSWORD},
        headers={"User-Agent": agent},
    )
    assert answer.status_code == 201, answer.text
    return client


async def test_own_sessions_are_listed_with_where_they_came_from(people: People) -> None:
    account = await people.account("supervisor")
    here = await sign_in(people, account.username, "Firefox " + "x" * 300)
    await sign_in(people, account.username)
    await people.person("supervisor")  # somebody else's
    items = (await here.get(SESSIONS)).json()["items"]
    assert len(items) == 2
    own = [one for one in items if one["current"]]
    assert len(own) == 1
    assert own[0]["agent"].startswith("Firefox")
    assert len(own[0]["agent"]) == 200
    assert own[0]["address"] == "127.0.0.1"
    assert own[0]["method"] == "password"
    assert own[0]["id"] == (await here.get(f"{SESSIONS}/current")).json()["id"]


async def test_own_session_is_ended_from_another_one(people: People) -> None:
    account = await people.account("supervisor")
    here, there = await sign_in(people, account.username), await sign_in(people, account.username)
    other = (await there.get(f"{SESSIONS}/current")).json()["id"]
    assert (await here.delete(f"{SESSIONS}/{other}")).status_code == 204
    assert (await there.get(f"{SESSIONS}/current")).status_code == 401
    assert (await here.delete(f"{SESSIONS}/{other}")).status_code == 404
    assert (await here.get(f"{SESSIONS}/current")).status_code == 200


async def test_all_other_sessions_are_ended_at_once(people: People) -> None:
    account = await people.account("supervisor")
    here, there = await sign_in(people, account.username), await sign_in(people, account.username)
    stranger = await people.person("supervisor")
    assert (await here.delete(SESSIONS)).status_code == 204
    assert (await here.get(f"{SESSIONS}/current")).status_code == 200
    assert (await there.get(f"{SESSIONS}/current")).status_code == 401
    assert (await stranger.get(f"{SESSIONS}/current")).status_code == 200


async def test_session_of_somebody_else_is_not_found(people: People) -> None:
    one, other = await people.person("supervisor"), await people.person("supervisor")
    foreign = (await other.get(f"{SESSIONS}/current")).json()["id"]
    assert (await one.delete(f"{SESSIONS}/{foreign}")).status_code == 404
    assert (await one.delete(f"{SESSIONS}/{uuid4()}")).status_code == 404
    assert (await other.get(f"{SESSIONS}/current")).status_code == 200


async def test_ended_session_stays_over_whoever_still_has_its_cookie(people: People) -> None:
    client = await people.person("supervisor")
    token = client.cookies[COOKIE]
    await client.delete(f"{SESSIONS}/current")
    client.cookies.clear()
    answer = await client.get(SESSIONS, headers={"Cookie": f"{COOKIE}={token}"})
    assert answer.status_code == 401


async def test_permissions_of_a_session_are_those_it_reaches_as_strong_as_it_is(
    people: People,
) -> None:
    officer = await people.person("supervisor", "approving_officer", strong=True)
    strong = (await officer.get(f"{SESSIONS}/current")).json()
    assert strong["account"]["roles"] == ["approving_officer", "supervisor"]
    assert "trust.approve_authority" in strong["account"]["permissions"]
    weak = await sign_in(people, people.account_of(officer).username)
    shown = (await weak.get(f"{SESSIONS}/current")).json()
    assert (shown["strong"], shown["owes"]) == (False, "second_factor")
    assert "plates.search" in shown["account"]["permissions"]
    assert "trust.approve_authority" not in shown["account"]["permissions"]


async def test_streams_are_asked_again_by_every_change_that_could_end_or_narrow_them(
    people: People, office: httpx.AsyncClient
) -> None:
    account = await people.account("supervisor")
    client = await sign_in(people, account.username)
    trust: TrustService = people.app.state.trust
    await office.post("/api/trust/groups", json={"code": "north", "name": "N", "sites": []})
    other = (await (await sign_in(people, account.username)).get(f"{SESSIONS}/current")).json()
    admin = f"/api/trust/accounts/{account.id}"
    told: list[str] = []
    doing = ""
    trust.when_sessions_end(lambda: told.append(doing))
    changed = {"current": PASSWORD, "new": "another good phrase"}
    for doing, asker, method, path, body in (
        ("one", client, "DELETE", f"{SESSIONS}/{other['id']}", None),
        ("others", client, "DELETE", SESSIONS, None),
        ("password", client, "POST", "/api/trust/password", changed),
        ("group", office, "PATCH", "/api/trust/groups/north", {"sites": ["A"]}),
        ("grants", office, "PATCH", admin, {"grants": []}),
        ("all", office, "DELETE", f"{admin}/sessions", None),
        ("reset", office, "POST", f"{admin}/reset", None),
        ("disable", office, "PATCH", admin, {"disabled": True}),
    ):
        answer = await asker.request(method, path, json=body)
        assert answer.is_success, (doing, answer.text)
        assert doing in told


async def test_signing_out_is_written_down(people: People) -> None:
    client = await people.person("supervisor")
    account = people.account_of(client)
    await client.delete(f"{SESSIONS}/current")
    asked = Asked(actor=f"account:{account.id}", action="sign_out")
    (entry,) = await people.app.state.auditing.log.newest(asked, 10)
    assert (entry.record.permission, entry.record.status) == ("own", 204)
