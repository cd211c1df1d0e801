from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from pydantic import SecretStr, ValidationError
from tests.people import ORIGIN, PASSWORD, People

from amaan.kernel.clock import ManualClock
from amaan.trust.guards import COOKIE
from amaan.trust.settings import OidcSettings, TrustSettings

START, RETURN = "/api/trust/oidc/start", "/api/trust/oidc/return"
CURRENT = "/api/trust/sessions/current"


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The address of a real provider."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.rooms.trust.factors.provider"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.kill()


@pytest.fixture
def clock() -> ManualClock:
    """The provider's tokens are good for an hour from now."""
    return ManualClock(datetime.now(UTC))


@pytest.fixture
def trust_settings(provider: str) -> TrustSettings:
    secret = SecretStr("a secret of this test")
    return TrustSettings(
        origins=(ORIGIN,), oidc=OidcSettings(issuer=provider, name="City", client_secret=secret)
    )


async def account(people: People, username: str, role: str = "supervisor") -> None:
    await people.app.state.trust.create_account(username, username, PASSWORD, [(role, None)])


async def approve(client: httpx.AsyncClient, subject: str) -> dict[str, str]:
    """Begin here, sign in at the provider, and return what it sends the browser back with."""
    started = await client.get(START)
    assert started.status_code == 302, started.text
    asked = parse_qs(urlsplit(started.headers["location"]).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [ORIGIN + RETURN]
    async with httpx.AsyncClient() as browser:
        answer = await browser.post(started.headers["location"], data={"sub": subject})
    assert answer.status_code == 302, answer.text
    back = urlsplit(answer.headers["location"])
    assert answer.headers["location"].startswith(ORIGIN + RETURN)
    return {name: values[0] for name, values in parse_qs(back.query).items()}


async def come_back(client: httpx.AsyncClient, back: dict[str, str]) -> httpx.Response:
    return await client.get(f"{RETURN}?{urlencode(back)}")


async def test_provider_signs_an_account_in(people: People) -> None:
    await account(people, "a.khan")
    client = await people.stranger()
    shown = (await client.get("/api/trust/oidc")).json()
    assert shown == {"enabled": True, "name": "City"}
    answer = await come_back(client, await approve(client, "1"))
    assert (answer.status_code, answer.headers["location"]) == (302, "/")
    cookie = [one for one in answer.headers.get_list("set-cookie") if one.startswith(COOKIE)]
    assert "samesite=strict" in cookie[0].lower()
    session = (await client.get(CURRENT)).json()
    assert session["account"]["username"] == "a.khan"
    assert (session["strong"], session["owes"]) == (False, None)
    listed = (await client.get("/api/trust/sessions")).json()["items"]
    assert [one["method"] for one in listed] == ["oidc"]


async def test_session_is_strong_only_where_the_provider_says_so(people: People) -> None:
    await account(people, "b.shah", "approving_officer")
    await account(people, "a.khan", "approving_officer")
    strong, weak = await people.stranger(), await people.stranger()
    await come_back(strong, await approve(strong, "3"))
    session = (await strong.get(CURRENT)).json()
    assert (session["strong"], session["owes"]) == (True, None)
    await come_back(weak, await approve(weak, "1"))
    assert (await weak.get(CURRENT)).json()["owes"] == "enrol"


async def test_answer_in_another_browser_signs_nobody_in(people: People) -> None:
    await account(people, "a.khan")
    attacker, victim = await people.stranger(), await people.stranger()
    back = await approve(attacker, "1")
    without = await come_back(victim, back)
    assert without.status_code == 422
    await approve(victim, "4")
    swapped = await come_back(victim, back)
    assert swapped.status_code == 403
    assert "another sign-in" in swapped.text
    assert COOKIE not in victim.cookies


async def test_code_of_another_sign_in_is_not_taken(people: People) -> None:
    """An attacker's code under the victim's own state: the verifier does not fit."""
    await account(people, "a.khan")
    attacker, victim = await people.stranger(), await people.stranger()
    stolen = await approve(attacker, "1")
    own = await approve(victim, "4")
    answer = await come_back(victim, {"state": own["state"], "code": stolen["code"]})
    assert answer.status_code == 403
    assert COOKIE not in victim.cookies


async def test_way_back_is_walked_once_and_within_five_minutes(
    people: People, clock: ManualClock
) -> None:
    await account(people, "a.khan")
    client = await people.stranger()
    back = await approve(client, "1")
    ticket = client.cookies["amaan_oidc"]
    assert (await come_back(client, back)).status_code == 302
    again = await people.stranger()
    again.cookies.set("amaan_oidc", ticket)
    assert (await come_back(again, back)).status_code == 422
    late = await approve(client, "1")
    clock.advance(timedelta(minutes=5))
    assert (await come_back(client, late)).status_code == 422


@pytest.mark.parametrize("subject", ["4", "5"])
async def test_who_has_no_account_gets_none(people: People, subject: str) -> None:
    await account(people, "a.khan")
    client = await people.stranger()
    answer = await come_back(client, await approve(client, subject))
    assert answer.status_code == 403
    assert "no account here" in answer.text
    assert COOKIE not in client.cookies


async def test_name_given_to_somebody_else_at_the_provider_opens_nothing(people: People) -> None:
    await account(people, "a.khan")
    client = await people.stranger()
    assert (await come_back(client, await approve(client, "1"))).status_code == 302
    other = await people.stranger()
    assert (await come_back(other, await approve(other, "2"))).status_code == 403
    assert (await come_back(client, await approve(client, "1"))).status_code == 302


async def test_disabled_account_does_not_sign_in(people: People, office: httpx.AsyncClient) -> None:
    await account(people, "a.khan")
    client = await people.stranger()
    assert (await come_back(client, await approve(client, "1"))).status_code == 302
    listed = (await office.get("/api/trust/accounts")).json()["items"]
    found = next(one["id"] for one in listed if one["username"] == "a.khan")
    await office.patch(f"/api/trust/accounts/{found}", json={"disabled": True})
    client.cookies.delete(COOKIE)
    assert (await come_back(client, await approve(client, "1"))).status_code == 401
    assert COOKIE not in client.cookies


async def test_person_who_says_no_at_the_provider_is_told_so(people: People) -> None:
    client = await people.stranger()
    back = await approve(client, "1")
    answer = await come_back(client, {"state": back["state"], "error": "access_denied"})
    assert answer.status_code == 403
    assert answer.headers["content-type"].startswith("text/html")


def test_provider_over_plain_http_beyond_this_machine_is_refused() -> None:
    for bad in ("http://idp.example.org", "ftp://idp.example.org", "idp.example.org", ""):
        with pytest.raises(ValidationError):
            OidcSettings(issuer=bad)
    assert OidcSettings(issuer="https://idp.example.org/realms/city").issuer is not None
