from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import httpx
import pytest
from tests.people import PASSWORD, People

ACCOUNTS = "/api/trust/accounts"
CURRENT = "/api/trust/sessions/current"
KHAN = {
    "username": "A.Khan",
    "display_name": "Ayesha Khan",
    "grants": [{"role": "supervisor", "group": None}],
}


async def add(office: httpx.AsyncClient, **changed: object) -> httpx.Response:
    return await office.post(ACCOUNTS, json={**KHAN, **changed})


async def sign_in(people: People, username: str, password: str = PASSWORD) -> httpx.AsyncClient:
    client = await people.stranger()
    answer = await client.post(
        "/api/trust/sessions", json={"username": username, "password": password}
    )
    assert answer.status_code == 201, answer.text
    return client


async def change(office: httpx.AsyncClient, account: UUID | str, **body: object) -> httpx.Response:
    return await office.patch(f"{ACCOUNTS}/{account}", json=body)


async def test_new_account_gets_a_password_that_only_changes_itself(
    people: People, office: httpx.AsyncClient
) -> None:
    answer = await add(office)
    assert answer.status_code == 201, answer.text
    added = answer.json()
    assert added["account"]["username"] == "a.khan"
    assert added["account"]["must_change_password"] is True
    client = await sign_in(people, "a.khan", added["password"])
    assert (await client.get(CURRENT)).json()["owes"] == "password"
    refused = await client.get("/api/alarms")
    assert (refused.status_code, refused.json()["owes"]) == (403, "password")
    assert (await client.post("/api/trust/totp")).json()["owes"] == "password"
    same = {"current": added["password"], "new": added["password"]}
    assert (await client.post("/api/trust/password", json=same)).status_code == 422
    changed = {"current": added["password"], "new": "another good phrase"}
    assert (await client.post("/api/trust/password", json=changed)).status_code == 204
    assert (await client.get(CURRENT)).json()["owes"] is None
    assert (await client.get("/api/alarms")).status_code == 200


@pytest.mark.parametrize(
    "bad",
    [
        {"username": "x"},
        {"username": "two words"},
        {"username": "ümlaut"},
        {"display_name": " "},
        {"grants": [{"role": "king", "group": None}]},
        {"grants": [{"role": "supervisor", "group": "nowhere"}]},
        {"grants": [{"role": "administrator"}, {"role": "supervisor"}]},
        {"grants": [{"role": "auditor"}, {"role": "administrator"}]},
        {"grants": [{"role": "auditor", "group": "north"}]},
        {"password": "given by me"},
    ],
)
async def test_account_that_cannot_be_is_refused(
    people: People, office: httpx.AsyncClient, bad: dict[str, object]
) -> None:
    await people.group("north", "A")
    answer = await add(office, **bad)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


async def test_user_name_is_taken_in_any_case(office: httpx.AsyncClient) -> None:
    await add(office)
    answer = await add(office, username="a.KHAN")
    assert (answer.status_code, answer.json()["code"]) == (409, "username-taken")


async def test_changed_grants_reach_a_session_at_its_next_request(
    people: People, office: httpx.AsyncClient
) -> None:
    client = await people.person("supervisor")
    account = people.account_of(client).id
    assert (await client.get("/api/alarms")).status_code == 200
    await people.group("north", "A", "B")
    answer = await change(office, account, grants=[{"role": "call_taker", "group": "north"}])
    assert answer.json()["grants"] == [{"role": "call_taker", "group": "north"}]
    assert (await client.get("/api/alarms")).status_code == 403
    shown = (await client.get(CURRENT)).json()["account"]
    assert shown["grants"] == [{"role": "call_taker", "group": "north"}]
    assert shown["permissions"] == ["city.view", "console.listen"]


async def test_disabled_account_is_out_at_once_and_back_when_enabled(
    people: People, office: httpx.AsyncClient
) -> None:
    client = await people.person("supervisor")
    account = people.account_of(client)
    assert (await change(office, account.id, disabled=True)).json()["disabled_at"] is not None
    assert (await client.get(CURRENT)).status_code == 401
    body = {"username": account.username, "password": PASSWORD}
    refused = await client.post("/api/trust/sessions", json=body)
    assert (refused.status_code, refused.json()["code"]) == (401, "sign-in-refused")
    assert (await change(office, account.id, disabled=False)).json()["disabled_at"] is None
    assert (await client.get(CURRENT)).status_code == 401  # the old session stays over
    await sign_in(people, account.username)


@pytest.mark.parametrize(
    "body",
    [{"grants": [{"role": "supervisor"}]}, {"grants": []}, {"disabled": True}, {"disabled": False}],
)
async def test_nobody_changes_his_own_grants_or_disables_himself(
    people: People, office: httpx.AsyncClient, body: dict[str, object]
) -> None:
    own = people.account_of(office).id
    answer = await change(office, own, **body)
    assert (answer.status_code, answer.json()["code"]) == (403, "own-grants")
    assert (await office.post(f"{ACCOUNTS}/{own}/reset")).status_code == 403
    assert (await change(office, own, display_name="Me")).json()["display_name"] == "Me"


async def test_two_administrators_who_disable_each_other_at_once_leave_one(
    people: People, office: httpx.AsyncClient
) -> None:
    other = await people.person("administrator")
    first = (await office.get(ACCOUNTS)).json()["items"]
    for account in first:  # the first run's administrator goes, so that two are left
        if account["username"] == "administrator":
            assert (await change(office, account["id"], disabled=True)).status_code == 200
    answers = await asyncio.gather(
        change(office, people.account_of(other).id, disabled=True),
        change(other, people.account_of(office).id, grants=[]),
    )
    codes = sorted(answer.status_code for answer in answers)
    assert codes[0] == 200
    assert codes[1] in (401, 403, 409)
    left = [one for one in (office, other) if (await one.get(ACCOUNTS)).status_code == 200]
    assert len(left) == 1


async def test_reset_takes_password_factors_and_sessions_away(
    people: People, office: httpx.AsyncClient
) -> None:
    client = await people.person("approving_officer", strong=True)
    account = people.account_of(client)
    answer = await office.post(f"{ACCOUNTS}/{account.id}/reset")
    assert answer.status_code == 200, answer.text
    assert (await client.get(CURRENT)).status_code == 401
    shown = (await office.get(f"{ACCOUNTS}/{account.id}")).json()
    assert shown["factors"] == {"totp": False, "passkeys": 0}
    body = {"username": account.username, "password": PASSWORD}
    assert (await client.post("/api/trust/sessions", json=body)).status_code == 401
    fresh = await sign_in(people, account.username, answer.json()["password"])
    assert (await fresh.get(CURRENT)).json()["owes"] == "password"


async def test_reset_unlocks(people: People, office: httpx.AsyncClient) -> None:
    account = await people.account("supervisor")
    client = await people.stranger()
    for _ in range(5):
        body = {"username": account.username, "password": "wrong"}
        await client.post("/api/trust/sessions", json=body)
    shown = (await office.get(f"{ACCOUNTS}/{account.id}")).json()
    assert shown["locked_until"] is not None
    password = (await office.post(f"{ACCOUNTS}/{account.id}/reset")).json()["password"]
    await sign_in(people, account.username, password)


async def test_accounts_are_listed_page_by_page(people: People, office: httpx.AsyncClient) -> None:
    names = {people.account_of(office).username, "administrator"}
    for _ in range(4):
        names.add((await people.account("call_taker")).username)
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await office.get(ACCOUNTS, params={"limit": 2, "cursor": cursor})).json()
        assert len(page["items"]) <= 2
        seen += [one["username"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert seen == sorted(names)
    bad = await office.get(ACCOUNTS, params={"cursor": "!!"})
    assert (bad.status_code, bad.json()["code"]) == (422, "invalid")


async def test_auditor_looks_and_changes_nothing(
    people: People, auditor: httpx.AsyncClient
) -> None:
    account = await people.account("call_taker")
    assert (await auditor.get(f"{ACCOUNTS}/{account.id}")).status_code == 200
    assert (await auditor.get(f"{ACCOUNTS}/{account.id}/sessions")).status_code == 200
    for refused in (
        await change(auditor, account.id, disabled=True),
        await auditor.post(f"{ACCOUNTS}/{account.id}/reset"),
        await auditor.delete(f"{ACCOUNTS}/{account.id}/sessions"),
        await auditor.post(ACCOUNTS, json=KHAN),
        await auditor.post("/api/trust/groups", json={"code": "x", "name": "x", "sites": []}),
    ):
        assert (refused.status_code, refused.json()["code"]) == (403, "not-permitted")


@pytest.mark.parametrize("path", ["accounts", "groups", "roles"])
async def test_officers_do_not_see_who_has_an_account(
    console: httpx.AsyncClient, path: str
) -> None:
    assert (await console.get(f"/api/trust/{path}")).status_code == 403


async def test_unknown_account_is_not_found(office: httpx.AsyncClient) -> None:
    nobody = f"{ACCOUNTS}/{uuid4()}"
    for answer in (
        await office.get(nobody),
        await office.patch(nobody, json={"disabled": True}),
        await office.post(f"{nobody}/reset"),
        await office.get(f"{nobody}/sessions"),
        await office.delete(f"{nobody}/sessions"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "no-account")


async def test_administrator_ends_somebodys_sessions(
    people: People, office: httpx.AsyncClient
) -> None:
    client = await people.person("supervisor")
    account = people.account_of(client)
    other = await sign_in(people, account.username)
    listed = (await office.get(f"{ACCOUNTS}/{account.id}/sessions")).json()["items"]
    assert len(listed) == 2
    assert not any(one["current"] for one in listed)
    assert (await office.delete(f"{ACCOUNTS}/{account.id}/sessions")).status_code == 204
    assert (await client.get(CURRENT)).status_code == 401
    assert (await other.get(CURRENT)).status_code == 401
    assert (await office.get(CURRENT)).status_code == 200


async def test_roles_say_what_they_may(office: httpx.AsyncClient) -> None:
    roles = {one["role"]: one for one in (await office.get("/api/trust/roles")).json()["items"]}
    assert roles["auditor"]["held_alone"] is True
    assert roles["supervisor"]["held_alone"] is False
    assert "plates.search" in roles["investigator"]["permissions"]
    assert "plates.search" not in roles["administrator"]["permissions"]
