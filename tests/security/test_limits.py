"""Whoever asks too often waits, and nobody else does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from ipaddress import ip_network

import httpx
import pytest
from pydantic import ValidationError
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from tests.people import ORIGIN, Browser, People

from amaan.app.centre import build_app
from amaan.app.opening import Engines
from amaan.app.settings import CentreSettings
from amaan.console import limits
from amaan.console.limits import WORKER_PATHS, Limits, RecentHits, TooManyError, address_of, asking
from amaan.console.settings import ConsoleSettings, RateSettings
from amaan.console.shield import Admission, Shield

SLOW = RateSettings(
    sign_in="3/minute",
    refused="6/minute",
    open="5/minute",
    read="8/minute",
    search="3/minute",
    export="2/minute",
    write="4/minute",
    stream="2/minute",
    worker="10/minute",
)


def _scope(
    path: str,
    *,
    method: str = "GET",
    client: str = "10.0.0.9",
    headers: dict[str, str] | None = None,
) -> dict[str, object]:
    pairs = [(k.encode(), v.encode()) for k, v in (headers or {}).items()]
    return {
        "type": "http",
        "method": method,
        "path": path,
        "client": (client, 4),
        "headers": pairs,
        "query_string": b"",
    }


def _counted(rates: RateSettings, scope: dict[str, object], most: int = 100) -> int:
    """Return how many requests pass before one is refused."""
    some = Limits(ConsoleSettings(rates=rates))
    for passed in range(most):
        try:
            some.admit(scope)
        except TooManyError:
            return passed
    return most


@pytest.mark.parametrize(
    ("method", "path", "headers", "most"),
    [
        ("POST", "/api/trust/sessions", {}, 3),
        ("POST", "/api/trust/sessions/second-factor", {"cookie": "amaan_session=x"}, 3),
        ("POST", "/api/trust/passkeys/sign-in", {}, 3),
        ("GET", "/api/trust/oidc/start", {}, 3),
        ("GET", "/api/health", {}, 5),
        ("POST", "/api/trust/requests", {}, 5),
        ("GET", "/api/city/cameras", {"cookie": "amaan_session=x"}, 8),
        ("GET", "/api/plates/reads", {"cookie": "amaan_session=x"}, 3),
        ("GET", "/api/plates/entries/export", {"cookie": "amaan_session=x"}, 2),
        ("POST", "/api/plates/entries/import", {"cookie": "amaan_session=x"}, 2),
        ("GET", "/api/trust/audit/entries", {"cookie": "amaan_session=x"}, 3),
        ("PATCH", "/api/city/cameras/A", {"cookie": "amaan_session=x"}, 4),
        ("GET", "/api/console/events", {"cookie": "amaan_session=x"}, 2),
        ("POST", "/api/plates/observations", {"authorization": "Bearer t"}, 10),
    ],
)
def test_each_kind_of_request_has_its_rate(
    method: str, path: str, headers: dict[str, str], most: int
) -> None:
    assert _counted(SLOW, _scope(path, method=method, headers=headers)) == most


def test_defaults_let_a_worker_deliver_and_a_console_work() -> None:
    worker = _scope(
        "/api/plates/pictures/x", method="PUT", headers={"authorization": "Bearer good"}
    )
    assert _counted(RateSettings(), worker, most=20_000) == 20_000
    stream = _scope("/api/console/events", headers={"cookie": "amaan_session=x"})
    assert _counted(RateSettings(), stream, most=60) == 60


def test_fresh_cookie_buys_no_fresh_window_beyond_the_address() -> None:
    some = Limits(ConsoleSettings(rates=RateSettings(address="20/minute")))
    for number in range(20):
        cookie = {"cookie": f"amaan_session=made-up-{number}"}
        some.admit(_scope("/api/plates/reads", headers=cookie))
    with pytest.raises(TooManyError):
        some.admit(_scope("/api/plates/reads", headers={"cookie": "amaan_session=fresh"}))


def test_bearer_on_another_path_buys_nothing() -> None:
    scope = _scope("/api/plates/reads", headers={"authorization": "Bearer made-up"})
    assert _counted(SLOW, scope) == 3


def test_wrong_tokens_are_counted_by_address_and_close_the_door() -> None:
    some = Limits(ConsoleSettings(rates=SLOW))
    for number in range(6):
        scope = _scope(
            "/api/plates/observations",
            method="POST",
            headers={"authorization": f"Bearer guess-{number}"},
        )
        some.answered(some.admit(scope), 401)
    with pytest.raises(TooManyError):
        some.admit(_scope("/api/health"))
    some.admit(_scope("/api/health", client="10.0.0.10"))


def test_window_moves_on(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("amaan.console.limits.time.monotonic", lambda: now)
    some = Limits(ConsoleSettings(rates=SLOW))
    scope = _scope("/api/trust/sessions", method="POST")
    for _ in range(3):
        some.admit(scope)
        now += 10
    with pytest.raises(TooManyError) as caught:
        some.admit(scope)
    assert caught.value.context["retry_after_s"] == 30
    now += 31
    some.admit(scope)
    with pytest.raises(TooManyError):
        some.admit(scope)


def test_memory_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_KEYS", 100)
    hits = RecentHits()
    for number in range(1000):
        hits.acquire_entry(f"key-{number}", 5, 60)
        hits.incr(f"key-{number}", 60)
    assert hits.reset() == 200


@pytest.mark.parametrize(
    ("client", "said", "address"),
    [
        ("198.51.100.7", "203.0.113.1", "198.51.100.7"),
        ("10.0.0.1", "203.0.113.1", "203.0.113.1"),
        ("10.0.0.1", "1.1.1.1, 203.0.113.1", "203.0.113.1"),
        ("10.0.0.1", "1.1.1.1, 203.0.113.1, 10.0.0.2", "203.0.113.1"),
        ("10.0.0.1", "no address", "10.0.0.1"),
        ("::ffff:198.51.100.7", "", "198.51.100.7"),
        ("2001:db8::1", "", "2001:db8::/64"),
        ("2001:db8::2", "", "2001:db8::/64"),
    ],
)
def test_address_is_believed_only_of_a_proxy_that_is_named(
    client: str, said: str, address: str
) -> None:
    headers = {"x-forwarded-for": said} if said else {}
    scope = _scope("/", client=client, headers=headers)
    assert address_of(scope, [ip_network("10.0.0.0/24")]) == address


def test_no_window_is_named_by_a_secret() -> None:
    scope = _scope("/api/plates/reads", headers={"cookie": "amaan_session=hunter2-canary"})
    assert "hunter2" not in repr(asking(scope, "10.0.0.9"))
    scope = _scope("/api/video/heartbeat", headers={"authorization": "Bearer hunter2-canary"})
    assert "hunter2" not in repr(asking(scope, "10.0.0.9"))


def test_rate_that_is_none_is_refused_at_the_start() -> None:
    with pytest.raises(ValidationError):
        RateSettings(read="often")
    with pytest.raises(ValidationError):
        ConsoleSettings(proxies=("proxy.example",))


@pytest.fixture
async def hurried(
    engines: Engines, centre_settings: CentreSettings
) -> AsyncIterator[httpx.AsyncClient]:
    console = ConsoleSettings(hosts=("centre.test",), rates=SLOW)
    app = build_app(engines, centre_settings.model_copy(update={"console": console}))
    async with httpx.AsyncClient(
        transport=Browser(app), base_url=ORIGIN, headers={"Origin": ORIGIN}
    ) as client:
        yield client


async def test_who_guesses_passwords_is_told_to_wait(hurried: httpx.AsyncClient) -> None:
    body = {"username": "nobody", "password": "guess"}
    codes = [(await hurried.post("/api/trust/sessions", json=body)).status_code for _ in range(3)]
    assert codes == [401, 401, 401]
    answer = await hurried.post("/api/trust/sessions", json=body)
    assert (answer.status_code, answer.json()["code"]) == (429, "too-many-requests")
    assert answer.headers["content-type"] == "application/problem+json"
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert answer.headers["cache-control"] == "no-store"
    assert (await hurried.get("/api/health")).status_code == 200


def test_every_route_of_workers_is_limited_by_token(people: People) -> None:
    schema = people.app.openapi()
    paths = [
        path
        for path, operations in schema["paths"].items()
        if any(one.get("security") == [{"worker": []}] for one in operations.values())
    ]
    assert len(paths) >= 4
    for path in paths:
        assert WORKER_PATHS.match(path), path


def test_bearer_beside_a_session_buys_nothing() -> None:
    headers = {"authorization": "Bearer made-up", "cookie": "amaan_session=x"}
    assert _counted(SLOW, _scope("/api/video/clips/x", headers=headers)) == 8


async def test_cookie_that_signs_nobody_in_buys_no_fresh_window() -> None:
    async def answers(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("ok")(scope, receive, send)

    settings = ConsoleSettings(hosts=("centre.test",), rates=SLOW)
    shield = Shield(answers, Admission(settings, cookie_secure=True))
    transport = httpx.ASGITransport(shield)
    async with httpx.AsyncClient(transport=transport, base_url="https://centre.test") as client:
        codes = []
        for number in range(4):
            cookie = f"amaan_session=decoy-{number}; __Host-amaan_session=true"
            answer = await client.get("/api/plates/reads", headers={"Cookie": cookie})
            codes.append(answer.status_code)
    assert codes == [200, 200, 200, 429]
