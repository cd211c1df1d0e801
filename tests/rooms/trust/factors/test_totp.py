from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import httpx
import psycopg
import pyotp
import pytest
from tests.people import PASSWORD, People

from amaan.kernel.clock import ManualClock
from amaan.trust.factors import rules
from amaan.trust.guards import COOKIE

SECOND = "/api/trust/sessions/second-factor"
CURRENT = "/api/trust/sessions/current"


def code_of(secret: str, clock: ManualClock, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(clock.now(), counter_offset=steps)


async def enrol(client: httpx.AsyncClient, clock: ManualClock) -> tuple[str, list[str]]:
    """Return the secret and the recovery codes; the clock moves on to a fresh code."""
    offer = (await client.post("/api/trust/totp")).json()
    answer = await client.post(
        "/api/trust/totp/confirm", json={"code": code_of(offer["secret"], clock)}
    )
    assert answer.status_code == 200, answer.text
    clock.advance(timedelta(seconds=30))
    return offer["secret"], answer.json()["recovery_codes"]


async def sign_in(people: People, username: str) -> httpx.AsyncClient:
    client = await people.stranger()
    answer = await client.post(
        "/api/trust/sessions", json={"username": username, "password": PASSWORD}
    )
    assert answer.status_code == 201, answer.text
    return client


@pytest.fixture
async def officer(people: People) -> httpx.AsyncClient:
    return await people.person("supervisor")


async def test_code_after_the_password_makes_the_session_strong_under_another_cookie(
    people: People, officer: httpx.AsyncClient, clock: ManualClock
) -> None:
    secret, _ = await enrol(officer, clock)
    assert (await officer.get(CURRENT)).json()["strong"] is True
    client = await sign_in(people, people.account_of(officer).username)
    session = (await client.get(CURRENT)).json()
    assert (session["owes"], session["strong"]) == ("second_factor", False)
    assert session["factors"] == {"totp": True, "passkeys": 0}
    refused = await client.get("/api/alarms")
    assert (refused.status_code, refused.json()["code"]) == (403, "owing")
    assert refused.json()["owes"] == "second_factor"
    before = client.cookies[COOKIE]
    answer = await client.post(SECOND, json={"code": code_of(secret, clock)})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["owes"], answer.json()["strong"]) == (None, True)
    assert client.cookies[COOKIE] != before
    assert (await client.get("/api/alarms")).status_code == 200
    client.cookies.clear()
    old = await client.get(CURRENT, headers={"Cookie": f"{COOKIE}={before}"})
    assert old.status_code == 401


async def test_code_is_accepted_once_even_in_another_session(
    people: People, officer: httpx.AsyncClient, clock: ManualClock
) -> None:
    secret, _ = await enrol(officer, clock)
    name = people.account_of(officer).username
    first, second = await sign_in(people, name), await sign_in(people, name)
    code = code_of(secret, clock)
    assert (await first.post(SECOND, json={"code": code})).status_code == 200
    again = await second.post(SECOND, json={"code": code})
    assert (again.status_code, again.json()["code"]) == (401, "code-refused")
    older = await second.post(SECOND, json={"code": code_of(secret, clock, -1)})
    assert older.status_code == 401
    assert (await second.get(CURRENT)).json()["owes"] == "second_factor"


async def test_code_shown_twice_at_the_same_time_counts_once(
    people: People, officer: httpx.AsyncClient, clock: ManualClock
) -> None:
    secret, codes = await enrol(officer, clock)
    name = people.account_of(officer).username
    for code in (code_of(secret, clock), codes[0]):
        clients = [await sign_in(people, name) for _ in range(3)]
        answers = await asyncio.gather(*(one.post(SECOND, json={"code": code}) for one in clients))
        assert sorted(answer.status_code for answer in answers) == [200, 401, 401]


async def test_wrong_codes_lock_the_account_although_the_password_is_right_each_time(
    people: People, officer: httpx.AsyncClient, clock: ManualClock
) -> None:
    secret, _ = await enrol(officer, clock)
    name = people.account_of(officer).username
    for _ in range(5):
        client = await sign_in(people, name)
        wrong = await client.post(SECOND, json={"code": "000000"})
        assert wrong.status_code == 401
    good = await client.post(SECOND, json={"code": code_of(secret, clock)})
    assert (good.status_code, good.json()["code"]) == (429, "account-locked")
    password = {"username": name, "password": PASSWORD}
    assert (await client.post("/api/trust/sessions", json=password)).status_code == 429
    clock.advance(timedelta(minutes=10))
    client = await sign_in(people, name)
    again = await client.post(SECOND, json={"code": code_of(secret, clock)})
    assert again.status_code == 200


async def test_recovery_code_is_good_once_in_any_case(
    people: People, officer: httpx.AsyncClient, clock: ManualClock
) -> None:
    _, codes = await enrol(officer, clock)
    assert len(set(codes)) == 10
    name = people.account_of(officer).username
    client = await sign_in(people, name)
    spoken = codes[3].upper().replace("-", " ")
    assert (await client.post(SECOND, json={"code": spoken})).status_code == 200
    again = await (await sign_in(people, name)).post(SECOND, json={"code": codes[3]})
    assert again.status_code == 401


async def test_secret_in_use_is_not_shown_again_and_is_sealed_in_the_database(
    officer: httpx.AsyncClient, clock: ManualClock, dsn: str
) -> None:
    secret, codes = await enrol(officer, clock)
    again = await officer.post("/api/trust/totp")
    assert (again.status_code, again.json()["code"]) == (409, "factor-conflict")
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(
            "SELECT t::text FROM trust.totps t UNION ALL SELECT r::text FROM trust.recovery_codes r"
        ).fetchall()
    assert len(rows) == 11
    assert secret not in str(rows)
    assert not any(code in str(rows) or code.encode().hex() in str(rows) for code in codes)


async def test_secret_that_was_not_confirmed_asks_nobody_for_a_code(
    people: People, officer: httpx.AsyncClient
) -> None:
    offer = await officer.post("/api/trust/totp")
    assert offer.json()["uri"].startswith("otpauth://totp/Amaan:person")
    assert "<svg" in offer.json()["qr_svg"]
    wrong = await officer.post("/api/trust/totp/confirm", json={"code": "000000"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "code-refused")
    client = await sign_in(people, people.account_of(officer).username)
    assert (await client.get(CURRENT)).json()["owes"] is None


async def test_codes_are_given_up_with_the_password_only(
    people: People, officer: httpx.AsyncClient, clock: ManualClock
) -> None:
    await enrol(officer, clock)
    wrong = await officer.request("DELETE", "/api/trust/totp", json={"password": "wrong"})
    assert wrong.status_code == 401
    gone = await officer.request("DELETE", "/api/trust/totp", json={"password": PASSWORD})
    assert gone.status_code == 204
    client = await sign_in(people, people.account_of(officer).username)
    assert (await client.get(CURRENT)).json()["owes"] is None


async def test_approving_officer_enrols_before_anything_else_and_keeps_a_factor(
    people: People, clock: ManualClock
) -> None:
    client = await people.person("approving_officer")
    session = (await client.get(CURRENT)).json()
    assert session["owes"] == "enrol"
    assert "trust.approve_authority" not in session["account"]["permissions"]
    assert (await client.get("/api/city/sites")).json()["owes"] == "enrol"
    assert (await client.get("/api/trust/sessions")).json()["owes"] == "enrol"
    await enrol(client, clock)
    session = (await client.get(CURRENT)).json()
    assert (session["owes"], session["strong"]) == (None, True)
    assert "trust.approve_authority" in session["account"]["permissions"]
    kept = await client.request("DELETE", "/api/trust/totp", json={"password": PASSWORD})
    assert (kept.status_code, kept.json()["code"]) == (409, "factor-conflict")


async def test_factors_are_changed_shortly_after_signing_in_only(
    people: People, officer: httpx.AsyncClient, clock: ManualClock
) -> None:
    clock.advance(timedelta(minutes=14, seconds=59))
    assert (await officer.post("/api/trust/totp")).status_code == 200
    clock.advance(timedelta(seconds=1))
    passkeys = "/api/trust/passkeys"
    for method, path in (
        ("POST", "/api/trust/totp"),
        ("POST", f"{passkeys}/registration/options"),
        ("DELETE", f"{passkeys}/{uuid4()}"),
    ):
        answer = await officer.request(method, path)
        assert (answer.status_code, answer.json()["code"]) == (403, "sign-in-again"), path


async def test_who_owes_the_code_cannot_enrol_another_factor_nor_change_the_password(
    people: People, officer: httpx.AsyncClient, clock: ManualClock
) -> None:
    await enrol(officer, clock)
    client = await sign_in(people, people.account_of(officer).username)
    for path, body in (
        ("/api/trust/totp", None),
        ("/api/trust/totp/confirm", {"code": "123456"}),
        ("/api/trust/passkeys/registration/options", None),
        ("/api/trust/password", {"current": PASSWORD, "new": "another good phrase"}),
    ):
        answer = await client.post(path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "owing"), path


async def test_other_sessions_owe_the_code_once_one_is_enrolled(
    people: People, officer: httpx.AsyncClient, clock: ManualClock
) -> None:
    other = await sign_in(people, people.account_of(officer).username)
    assert (await other.get("/api/alarms")).status_code == 200
    await enrol(officer, clock)
    assert (await other.get("/api/alarms")).json()["owes"] == "second_factor"


def test_code_of_a_step_before_or_after_is_taken_and_two_steps_away_is_not(
    clock: ManualClock,
) -> None:
    secret = pyotp.random_base32()
    step = int(clock.now().timestamp()) // 30
    for away, taken in ((-2, None), (-1, step - 1), (0, step), (1, step + 1), (2, None)):
        code = code_of(secret, clock, away)
        assert rules.totp_step(secret, code, clock.now(), 0) == taken


@pytest.mark.parametrize("code", ["", "12345", "1234567", "١٢٣٤٥٦", "12345a", "-12345"])
def test_what_is_no_six_digits_is_no_code(code: str, clock: ManualClock) -> None:
    assert rules.totp_step(pyotp.random_base32(), code, clock.now(), 0) is None


async def test_offered_secret_is_confirmed_shortly_after_signing_in_only(
    officer: httpx.AsyncClient, clock: ManualClock
) -> None:
    offer = (await officer.post("/api/trust/totp")).json()
    clock.advance(timedelta(minutes=15))
    answer = await officer.post(
        "/api/trust/totp/confirm", json={"code": code_of(offer["secret"], clock)}
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "sign-in-again")
