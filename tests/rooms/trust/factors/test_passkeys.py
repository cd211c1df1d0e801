from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.people import ORIGIN, PASSWORD, People
from tests.rooms.trust.factors.authenticator import Authenticator

from amaan.kernel.clock import ManualClock
from amaan.trust.factors import rules
from amaan.trust.guards import COOKIE

PASSKEYS = "/api/trust/passkeys"
CURRENT = "/api/trust/sessions/current"


@pytest.fixture
def device() -> Authenticator:
    return Authenticator(ORIGIN)


async def ask(client: httpx.AsyncClient, way: str) -> dict[str, Any]:
    answer = await client.post(f"{PASSKEYS}/{way}/options")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def register(client: httpx.AsyncClient, device: Authenticator) -> httpx.Response:
    asked = await ask(client, "registration")
    return await client.post(
        f"{PASSKEYS}/registration",
        json={
            "ticket": asked["ticket"],
            "name": "my key",
            "credential": device.create(asked["options"]),
        },
    )


async def sign_in(client: httpx.AsyncClient, device: Authenticator) -> httpx.Response:
    asked = await ask(client, "sign-in")
    return await client.post(
        f"{PASSKEYS}/sign-in",
        json={"ticket": asked["ticket"], "credential": device.get(asked["options"])},
    )


@pytest.fixture
async def officer(people: People, device: Authenticator) -> httpx.AsyncClient:
    """Somebody whose device holds a passkey."""
    client = await people.person("supervisor")
    answer = await register(client, device)
    assert answer.status_code == 201, answer.text
    return client


async def test_passkey_signs_in_without_a_name_and_counts_as_two_factors(
    people: People, officer: httpx.AsyncClient, device: Authenticator
) -> None:
    assert (await officer.get(CURRENT)).json()["strong"] is True
    client = await people.stranger()
    answer = await sign_in(client, device)
    assert answer.status_code == 201, answer.text
    session = answer.json()
    assert session["account"]["username"] == people.account_of(officer).username
    assert (session["strong"], session["owes"]) == (True, None)
    assert (await client.get("/api/alarms")).status_code == 200
    listed = (await client.get("/api/trust/sessions")).json()["items"]
    assert [one["method"] for one in listed if one["current"]] == ["passkey"]
    assert (await sign_in(client, device)).status_code == 201


async def test_password_alone_owes_the_passkey(people: People, officer: httpx.AsyncClient) -> None:
    client = await people.stranger()
    name = people.account_of(officer).username
    answer = await client.post("/api/trust/sessions", json={"username": name, "password": PASSWORD})
    assert answer.json()["owes"] == "second_factor"
    assert answer.json()["factors"] == {"totp": False, "passkeys": 1}


async def test_challenge_is_answered_once(
    people: People, officer: httpx.AsyncClient, device: Authenticator
) -> None:
    client = await people.stranger()
    asked = await ask(client, "sign-in")
    body = {"ticket": asked["ticket"], "credential": device.get(asked["options"])}
    assert (await client.post(f"{PASSKEYS}/sign-in", json=body)).status_code == 201
    again = await client.post(f"{PASSKEYS}/sign-in", json=body)
    assert (again.status_code, again.json()["code"]) == (422, "ticket-refused")


async def test_answer_to_another_challenge_is_refused_and_uses_the_ticket_up(
    people: People, officer: httpx.AsyncClient, device: Authenticator
) -> None:
    client = await people.stranger()
    first, second = await ask(client, "sign-in"), await ask(client, "sign-in")
    replayed = {"ticket": second["ticket"], "credential": device.get(first["options"])}
    answer = await client.post(f"{PASSKEYS}/sign-in", json=replayed)
    assert (answer.status_code, answer.json()["code"]) == (401, "passkey-refused")
    good = {"ticket": second["ticket"], "credential": device.get(second["options"])}
    assert (await client.post(f"{PASSKEYS}/sign-in", json=good)).status_code == 422


async def test_challenge_is_good_for_five_minutes(
    people: People, officer: httpx.AsyncClient, device: Authenticator, clock: ManualClock
) -> None:
    client = await people.stranger()
    asked = await ask(client, "sign-in")
    clock.advance(timedelta(minutes=5))
    body = {"ticket": asked["ticket"], "credential": device.get(asked["options"])}
    assert (await client.post(f"{PASSKEYS}/sign-in", json=body)).status_code == 422


async def test_page_of_another_origin_cannot_use_it(
    people: People, officer: httpx.AsyncClient, device: Authenticator
) -> None:
    device.origin = "http://centre.test.evil.example"
    assert (await sign_in(await people.stranger(), device)).status_code == 401
    assert (await register(officer, device)).status_code == 401


async def test_device_that_did_not_verify_its_owner_is_refused(
    people: People, officer: httpx.AsyncClient, device: Authenticator
) -> None:
    device.verifies = False
    assert (await sign_in(await people.stranger(), device)).status_code == 401
    assert (await register(officer, device)).status_code == 401


async def test_copied_passkey_is_refused_for_good_as_soon_as_its_counter_falls_back(
    people: People, officer: httpx.AsyncClient, device: Authenticator
) -> None:
    client = await people.stranger()
    copied = device.credentials[0].count
    assert (await sign_in(client, device)).status_code == 201
    assert (await sign_in(client, device)).status_code == 201
    ahead = device.credentials[0].count
    device.credentials[0].count = copied  # the copy's own counter
    assert (await sign_in(client, device)).json()["code"] == "passkey-refused"
    device.credentials[0].count = ahead
    assert (await sign_in(client, device)).json()["code"] == "passkey-refused"
    listed = (await officer.get(PASSKEYS)).json()["items"]
    assert listed[0]["refused_at"] is not None


async def test_passkey_that_never_counts_signs_in_again_and_again(people: People) -> None:
    device = Authenticator(ORIGIN, counts=False)
    await register(await people.person("supervisor"), device)
    client = await people.stranger()
    for _ in range(3):
        assert (await sign_in(client, device)).status_code == 201


async def test_passkey_of_nobody_here_is_refused(people: People, device: Authenticator) -> None:
    officer = await people.person("supervisor")
    asked = await ask(officer, "registration")
    device.create(asked["options"])  # the device has it; the centre was never told
    assert (await sign_in(await people.stranger(), device)).json()["code"] == "passkey-refused"


async def test_passkey_cannot_speak_for_another_account(
    people: People, officer: httpx.AsyncClient, device: Authenticator
) -> None:
    other = people.account_of(await people.person("supervisor"))
    handle = base64.urlsafe_b64encode(other.id.bytes).decode().rstrip("=")
    device.credentials[0].user = handle
    assert (await sign_in(await people.stranger(), device)).status_code == 401


async def test_ticket_of_one_account_registers_nothing_for_another(
    people: People, device: Authenticator
) -> None:
    one, other = await people.person("supervisor"), await people.person("supervisor")
    asked = await ask(one, "registration")
    body = {
        "ticket": asked["ticket"],
        "name": "x",
        "credential": device.create(asked["options"]),
    }
    answer = await other.post(f"{PASSKEYS}/registration", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "ticket-refused")


async def test_same_passkey_is_registered_once(
    people: People, officer: httpx.AsyncClient, device: Authenticator
) -> None:
    asked = await ask(officer, "registration")
    excluded = [one["id"] for one in asked["options"]["excludeCredentials"]]
    assert len(excluded) == 1
    other = await people.person("supervisor")
    asked = await ask(other, "registration")
    kept = device.credentials[0].id
    answer = device.create(asked["options"])
    raw = base64.urlsafe_b64decode(answer["response"]["attestationObject"] + "==")
    new = device.credentials[1].id
    forged = base64.urlsafe_b64encode(raw.replace(new, kept)).decode().rstrip("=")
    answer["response"]["attestationObject"] = forged
    answer["id"] = answer["rawId"] = base64.urlsafe_b64encode(kept).decode().rstrip("=")
    taken = await other.post(
        f"{PASSKEYS}/registration",
        json={"ticket": asked["ticket"], "name": "x", "credential": answer},
    )
    assert (taken.status_code, taken.json()["code"]) == (409, "factor-conflict")


async def test_removed_passkey_signs_in_no_more_and_only_its_owner_removes_it(
    people: People, officer: httpx.AsyncClient, device: Authenticator
) -> None:
    listed = (await officer.get(PASSKEYS)).json()["items"]
    assert listed[0]["name"] == "my key"
    other = await people.person("supervisor")
    assert (await other.delete(f"{PASSKEYS}/{listed[0]['id']}")).status_code == 404
    assert (await officer.delete(f"{PASSKEYS}/{listed[0]['id']}")).status_code == 204
    assert (await sign_in(await people.stranger(), device)).status_code == 401


async def test_disabled_account_does_not_sign_in_by_passkey(
    people: People, officer: httpx.AsyncClient, device: Authenticator, office: httpx.AsyncClient
) -> None:
    account = people.account_of(officer)
    answer = await office.patch(f"/api/trust/accounts/{account.id}", json={"disabled": True})
    assert answer.status_code == 200, answer.text
    answer = await sign_in(await people.stranger(), device)
    assert answer.status_code == 401
    assert COOKIE not in answer.cookies


@pytest.mark.parametrize("damage", [{}, {"rawId": "AA"}, {"rawId": 5}, {"response": []}, {"x": 1}])
async def test_damaged_answer_is_refused(
    people: People, officer: httpx.AsyncClient, device: Authenticator, damage: dict[str, object]
) -> None:
    client = await people.stranger()
    for way in ("sign-in", "registration"):
        asking = officer if way == "registration" else client
        asked = await ask(asking, way)
        answer = (
            device.get(asked["options"]) if way == "sign-in" else device.create(asked["options"])
        )
        broken = {**answer, **damage} if damage else {}
        body = {"ticket": asked["ticket"], "name": "x", "credential": broken}
        if damage == {"x": 1}:
            text = json.dumps(body).replace("clientDataJSON", "clientData")
            body = json.loads(text)
        refused = await asking.post(f"{PASSKEYS}/{way}", json=body)
        assert (refused.status_code, refused.json()["code"]) == (401, "passkey-refused")


async def test_console_at_an_address_that_was_not_set_has_no_passkeys(people: People) -> None:
    client = await people.stranger()
    answer = await client.post(
        f"{PASSKEYS}/sign-in/options",
        headers={"Host": "127.0.0.1:8080", "Origin": "http://127.0.0.1:8080"},
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "passkeys-unavailable")


def test_only_set_origins_and_this_machine_are_ours() -> None:
    allowed = ("https://amaan.example.org", "https://amaan.example.org:8443")
    assert rules.own_origin("amaan.example.org", allowed) == "https://amaan.example.org"
    assert rules.own_origin("AMAAN.example.org:8443", allowed) == allowed[1]
    assert rules.own_origin("localhost:8080", allowed) == "http://localhost:8080"
    assert rules.own_origin("127.0.0.1:8080", ()) == "http://127.0.0.1:8080"
    for foreign in (
        "evil.org",
        "amaan.example.org:80",
        "localhost.evil.org",
        "a@localhost:x",
        "",
        None,
    ):
        assert rules.own_origin(foreign, allowed) is None
    assert rules.rp_id_of("https://amaan.example.org:8443") == "amaan.example.org"
    assert rules.rp_id_of("http://127.0.0.1:8080") is None
    assert rules.rp_id_of("http://[::1]:8080") is None
