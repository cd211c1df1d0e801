"""What a provider's token must be, held against providers that lie."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jws, jwt
from joserfc.jwk import RSAKey
from tests.people import ORIGIN, PASSWORD, People

from amaan.kernel.clock import ManualClock
from amaan.trust.settings import OidcSettings, TrustSettings

KEY, OTHER_KEY = RSAKey.generate_key(2048), RSAKey.generate_key(2048)
Claims = dict[str, Any]


def _none(claims: Claims) -> str:
    head = jws.serialize_compact({"alg": "RS256"}, json.dumps(claims), KEY).split(".")
    return f"eyJhbGciOiJub25lIn0.{head[1]}."


def _plain(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _by_the_public_key(claims: Claims) -> str:
    head = _plain(json.dumps({"alg": "HS256"}).encode())
    signed = f"{head}.{_plain(json.dumps(claims).encode())}"
    made = hmac.digest(KEY.as_pem(private=False), signed.encode(), "sha256")
    return f"{signed}.{_plain(made)}"


def _signed(claims: Claims, key: RSAKey = KEY) -> str:
    return jwt.encode({"alg": "RS256"}, claims, key)


def _changed(claims: Claims) -> str:
    good, other = _signed({**claims, "sub": "9"}).split("."), _signed(claims).split(".")
    return ".".join((good[0], other[1], good[2]))


LIES: dict[str, Callable[[Claims], str]] = {
    "no signature": _none,
    "the public key as a shared secret": _by_the_public_key,
    "another key": lambda claims: _signed(claims, OTHER_KEY),
    "changed after it was signed": _changed,
    "for another client": lambda claims: _signed({**claims, "aud": "another"}),
    "for others too, without azp": lambda claims: _signed({**claims, "aud": ["amaan", "x"]}),
    "authorized for another client": lambda claims: _signed({**claims, "azp": "another"}),
    "from another issuer": lambda claims: _signed({**claims, "iss": "http://127.0.0.1:1"}),
    "over": lambda claims: _signed({**claims, "exp": claims["iat"] - 120}),
    "of another sign-in": lambda claims: _signed({**claims, "nonce": "another"}),
    "without a nonce": lambda claims: _signed({k: v for k, v in claims.items() if k != "nonce"}),
    "without a subject": lambda claims: _signed({k: v for k, v in claims.items() if k != "sub"}),
    "no token at all": lambda _: "x",
}


@dataclass
class Liar:
    """A provider whose next token is made by ``make``; ``discovery`` changes what it says."""

    address: str = ""
    nonce: str = ""
    make: Callable[[Claims], str] = _signed
    discovery: dict[str, str] = field(default_factory=dict)

    def answer(self, path: str) -> object:
        """Return the JSON for a path."""
        if path.endswith("openid-configuration"):
            names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            said = {name: f"{self.address}/{name}" for name in names}
            return {"issuer": self.address, **said, **self.discovery}
        if path == "/jwks_uri":
            return {"keys": [KEY.as_dict(private=False)]}
        now = int(time.time())
        claims = {
            "iss": self.address,
            "aud": "amaan",
            "sub": "1",
            "iat": now,
            "exp": now + 60,
            "nonce": self.nonce,
            "email": "a.khan",
            "email_verified": True,
        }
        return {"id_token": self.make(claims), "access_token": "x", "token_type": "Bearer"}


@pytest.fixture
def liar() -> Iterator[Liar]:
    provider = Liar()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(provider.answer(self.path)).encode()
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    provider.address = f"http://127.0.0.1:{server.server_port}"
    yield provider
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime.now(UTC))


@pytest.fixture
def trust_settings(liar: Liar) -> TrustSettings:
    oidc = OidcSettings(issuer=liar.address, username_claim="email")
    return TrustSettings(origins=(ORIGIN,), oidc=oidc)


@pytest.fixture
async def khan(people: People) -> None:
    service = people.app.state.trust
    await service.create_account("a.khan", "A", PASSWORD, [("supervisor", None)])


async def come_back(people: People, liar: Liar) -> httpx.Response:
    client = await people.stranger()
    started = await client.get("/api/trust/oidc/start")
    assert started.status_code == 302, started.text
    asked = parse_qs(urlsplit(started.headers["location"]).query)
    liar.nonce = asked["nonce"][0]
    params = {"state": asked["state"][0], "code": "x"}
    return await client.get("/api/trust/oidc/return", params=params)


@pytest.mark.usefixtures("khan")
async def test_token_that_lies_is_refused_and_an_honest_one_taken(
    people: People, liar: Liar
) -> None:
    for lie, make in LIES.items():
        liar.make = make
        answer = await come_back(people, liar)
        assert answer.status_code == 403, lie
        assert "could not be verified" in answer.text, lie
        assert "amaan_session" not in answer.headers.get("set-cookie", ""), lie
    liar.make = lambda claims: _signed({**claims, "email_verified": False})
    answer = await come_back(people, liar)
    assert answer.status_code == 403
    assert "no account here" in answer.text
    liar.make = _signed
    assert (await come_back(people, liar)).status_code == 302


async def test_provider_that_says_wrong_things_of_itself_is_not_used(
    stranger: httpx.AsyncClient, liar: Liar
) -> None:
    for said in (
        {"issuer": "http://127.0.0.1:1"},
        {"token_endpoint": "http://idp.example.org/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": ""},
    ):
        liar.discovery = said
        answer = await stranger.get("/api/trust/oidc/start")
        assert (answer.status_code, answer.json()["code"]) == (403, "oidc-refused"), said


class TestOff:
    """A centre as it comes."""

    @pytest.fixture
    def trust_settings(self) -> TrustSettings:
        return TrustSettings(origins=(ORIGIN,))

    async def test_single_sign_on_is_off(self, stranger: httpx.AsyncClient) -> None:
        shown = (await stranger.get("/api/trust/oidc")).json()
        assert shown == {"enabled": False, "name": None}
        answer = await stranger.get("/api/trust/oidc/start")
        assert (answer.status_code, answer.json()["code"]) == (409, "oidc-off")
        assert (await stranger.get("/api/trust/oidc/return")).status_code == 409


class TestDown:
    """A provider that does not answer."""

    @pytest.fixture
    def trust_settings(self) -> TrustSettings:
        return TrustSettings(origins=(ORIGIN,), oidc=OidcSettings(issuer="http://127.0.0.1:9"))

    async def test_sign_in_may_be_tried_again(self, stranger: httpx.AsyncClient) -> None:
        answer = await stranger.get("/api/trust/oidc/start")
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
