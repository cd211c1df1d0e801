"""What no request gets past, through the whole application."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, MutableMapping
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import APIRouter, FastAPI
from tests.people import ORIGIN, Browser, People

from amaan.app.centre import build_app
from amaan.app.commands.up import is_loopback
from amaan.app.opening import Engines
from amaan.app.settings import CentreSettings
from amaan.console import intake, openapi
from amaan.console.intake import BoundedProtocol
from amaan.console.settings import ConsoleSettings
from amaan.console.shield import BODY_SILENCE_S, HEADERS, host_name
from amaan.trust.settings import TrustSettings

SIGN_IN = {"username": "administrator", "password": "a long enough phrase"}
WRITES = ("POST", "PUT", "PATCH", "DELETE")


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("centre.test", "centre.test"),
        ("centre.test:8080", "centre.test"),
        ("centre.test.", "centre.test"),
        ("[::1]:8080", "::1"),
        ("127.0.0.1:80", "127.0.0.1"),
        ("a:b:c", ""),
        ("", ""),
    ],
)
def test_host_is_read_without_port_and_brackets(host: str, name: str) -> None:
    assert host_name(host) == name


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1:8080", "[::1]:1", "10.1.2.3", "centre.test"]
)
async def test_own_names_and_plain_addresses_are_answered(
    stranger: httpx.AsyncClient, host: str
) -> None:
    assert (await stranger.get("/api/health", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize("host", ["rebound.example", "localhost.evil.example", "centre.test@x", ""])
async def test_foreign_name_is_refused_whatever_is_asked(
    stranger: httpx.AsyncClient, host: str
) -> None:
    for path in ("/", "/api/health", "/api/absent", "/metrics"):
        answer = await stranger.get(path, headers={"Host": host})
        assert (answer.status_code, answer.json()["code"]) == (421, "host-refused")
        assert "AMAAN_CONSOLE__HOSTS" in answer.json()["detail"]


@pytest.mark.parametrize("method", WRITES)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"},
        {"Origin": f"{ORIGIN}.evil.example"},
        {"Origin": f"{ORIGIN}:81"},
    ],
)
async def test_write_of_another_origin_is_refused_before_anybody_is_asked(
    stranger: httpx.AsyncClient, method: str, headers: dict[str, str]
) -> None:
    answer = await stranger.request(method, "/api/city/cameras/X", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "origin-refused")


async def test_another_site_may_neither_embed_nor_fetch_what_is_private(
    console: httpx.AsyncClient,
) -> None:
    for site in ("cross-site", "same-site"):
        for mode in ("no-cors", "cors", "websocket"):
            answer = await console.get(
                "/api/city/cameras", headers={"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode}
            )
            assert (answer.status_code, answer.json()["code"]) == (403, "origin-refused")
    own = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}
    assert (await console.get("/api/city/cameras", headers=own)).status_code == 200


async def test_upgrade_to_a_socket_from_another_origin_is_refused(people: People) -> None:
    client = await people.stranger()
    headers = {"Upgrade": "websocket", "Connection": "Upgrade", "Origin": "http://evil.example"}
    assert (await client.get("/api/console/events", headers=headers)).status_code == 403
    sent: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "websocket.connect"}

    for origin in (b"http://evil.example", b"null"):
        scope = {
            "type": "websocket",
            "path": "/api/console/events",
            "raw_path": b"/api/console/events",
            "query_string": b"",
            "client": ("127.0.0.1", 1),
            "headers": [(b"host", b"centre.test"), (b"origin", origin)],
        }
        sent.clear()
        await people.app(scope, receive, send)
        assert sent == [{"type": "websocket.close", "code": 1008}]


async def test_address_and_headers_have_an_end(stranger: httpx.AsyncClient) -> None:
    long = await stranger.get("/api/health?x=" + "y" * 9000)
    assert (long.status_code, long.json()["code"]) == (431, "request-too-large")
    many = await stranger.get("/api/health", headers=[(f"x-{n}", "1") for n in range(120)])
    assert many.status_code == 431
    large = await stranger.get("/api/health", headers={"x-large": "y" * (33 << 10)})
    assert large.status_code == 431


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":'])
async def test_deeply_nested_json_is_no_fault_of_ours(people: People, opening: bytes) -> None:
    client = await people.person("administrator")
    hostile = opening * 100_000
    for path in ("/api/trust/sessions", "/api/city/sites", "/api/city/cameras"):
        answer = await client.post(
            path, content=hostile, headers={"Content-Type": "application/json"}
        )
        assert 400 <= answer.status_code < 500, (path, answer.text[:100])
    worker = {"Authorization": f"Bearer {await _worker(people)}"}
    for path in ("/api/plates/observations", "/api/video/heartbeat"):
        answer = await client.post(
            path, content=hostile, headers={**worker, "Content-Type": "application/json"}
        )
        assert 400 <= answer.status_code < 500, (path, answer.text[:100])


async def _worker(people: People) -> str:
    token = "worker-token-of-this-test-only"  # noqa: S105
    await people.app.state.trust.admit_worker_token(token, "local")
    return token


async def test_body_of_another_kind_is_refused_on_every_route_that_takes_one(
    people: People,
) -> None:
    client = await people.person("administrator")
    routes = openapi.accepted(people.app)
    taking = [route for route in routes if route.types]
    assert len(taking) >= 10
    for route in routes:
        path = _example(route.path.pattern)
        for kind in (
            "multipart/form-data; boundary=x",
            "text/html",
            "application/x-www-form-urlencoded",
        ):
            answer = await client.request(
                route.method, path, content=b"<x>", headers={"Content-Type": kind}
            )
            assert (answer.status_code, answer.json()["code"]) == (415, "content-type"), path


async def test_every_route_that_takes_a_body_has_a_limit(people: People) -> None:
    client = await people.person("administrator")
    most = 1 << 30  # no route takes so much
    for route in openapi.accepted(people.app):
        path = _example(route.path.pattern)
        if path.startswith("/api/video/answers/"):
            continue  # a stream, passed on as it is read and never held: see test_channel.py
        kind = min(route.types, default="application/json")
        headers = {"Content-Type": kind, "Content-Length": str(most + 1)}
        answer = await client.request(route.method, path, content=b"x", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (413, "too-large"), path


def _example(pattern: str) -> str:
    """Return a path that a route's pattern matches."""
    path = pattern.removeprefix("^").removesuffix("$").replace("\\", "")
    while "(?P<" in path:
        head, _, rest = path.partition("(?P<")
        path = f"{head}11111111-1111-1111-1111-111111111111{rest.partition(')')[2]}"
    return path


async def test_no_private_answer_is_kept_by_anybody(people: People) -> None:
    client = await people.person("supervisor", "investigator", "video_operator")
    schema = people.app.openapi()
    for path, operations in schema["paths"].items():
        if "get" not in operations or path == "/api/console/events":
            continue
        answer = await client.get(path.replace("{", "").replace("}", ""))
        assert answer.headers["cache-control"] == "no-store", path
        assert "cookie" in answer.headers["vary"].lower(), path
        for name, value in HEADERS.items():
            assert answer.headers[name] == value, path


async def test_fault_of_ours_says_nothing_and_carries_the_headers(
    engines: Engines, centre_settings: CentreSettings
) -> None:
    app = build_app(engines, centre_settings)
    routes = APIRouter()

    @routes.get("/api/broken")
    async def broken() -> None:
        raise ZeroDivisionError("secret words of a library")

    app.router.routes.insert(0, routes.routes[0])
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url=ORIGIN
    ) as client:
        answer = await client.get("/api/broken")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "secret words" not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.fixture
async def behind_tls(engines: Engines, centre_settings: CentreSettings) -> FastAPI:
    settings = centre_settings.model_copy(
        update={
            "trust": TrustSettings(cookie_secure=True),
            "console": ConsoleSettings(hosts=("centre.test",), behind_tls=True),
        }
    )
    app = build_app(engines, settings)
    await app.state.trust.create_first_account(SIGN_IN["password"])
    return app


@pytest.fixture
async def tls_client(behind_tls: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    base = "https://centre.test"
    async with httpx.AsyncClient(
        transport=Browser(behind_tls), base_url=base, headers={"Origin": base}
    ) as client:
        yield client


async def test_behind_tls_the_cookie_is_bound_to_this_host(tls_client: httpx.AsyncClient) -> None:
    answer = await tls_client.post("/api/trust/sessions", json=SIGN_IN)
    assert answer.status_code == 201
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-amaan_session=")
    assert "secure" in cookie.lower()
    assert "domain" not in cookie.lower()
    assert (await tls_client.get("/api/trust/sessions/current")).status_code == 200
    token = tls_client.cookies["__Host-amaan_session"]
    tls_client.cookies.clear()
    planted = {"Cookie": f"amaan_session={token}"}  # as a neighbour under the same domain could
    assert (await tls_client.get("/api/trust/sessions/current", headers=planted)).status_code == 401


async def test_behind_tls_browsers_are_told_to_stay_there(tls_client: httpx.AsyncClient) -> None:
    for path in ("/", "/api/health", "/api/absent"):
        headers = (await tls_client.get(path)).headers
        assert headers["strict-transport-security"].startswith("max-age=63072000")
        assert "upgrade-insecure-requests" in headers["content-security-policy"]
    plain = {"Origin": "http://centre.test"}
    refused = await tls_client.post("/api/trust/sessions", json=SIGN_IN, headers=plain)
    assert refused.json()["code"] == "origin-refused"


async def test_without_tls_nothing_is_promised(stranger: httpx.AsyncClient) -> None:
    assert "strict-transport-security" not in (await stranger.get("/api/health")).headers


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """A server with our parser and an application that answers every request."""

    async def answer(scope: object, receive: object, send: object) -> None:
        assert callable(send)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        config = uvicorn.Config(answer, http=BoundedProtocol, lifespan="off", log_config=None)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server._serve(sockets=[sock]))
        while not server.started:
            await asyncio.sleep(0.01)
        yield sock.getsockname()[1]
        server.should_exit = True
        await serving


async def test_head_without_end_closes_the_connection(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
    sent = 0
    with contextlib.suppress(ConnectionError):
        while sent < 10_000 and not reader.at_eof():
            writer.write(b"x-%d: %s\r\n" % (sent, b"y" * 1000))
            await writer.drain()
            await asyncio.sleep(0)
            sent += 1
    assert sent < 10_000
    writer.close()


async def test_head_that_does_not_come_closes_the_connection(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "HEAD_WITHIN_S", 0.2)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nHost: loc")
    assert await asyncio.wait_for(reader.read(), 10) == b""
    writer.close()


async def test_ordinary_requests_on_one_connection_go_through(port: int) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        for _ in range(20):
            assert (await client.get("/", headers={"x": "y" * 5000})).status_code == 204


async def test_validation_never_repeats_what_was_given(stranger: httpx.AsyncClient) -> None:
    canary = "hunter2-canary"
    bodies: list[object] = [
        {"username": canary, "password": {"a": canary}},
        {"username": [canary], "password": canary * 40},
        [canary],
        canary,
    ]
    for body in bodies:
        answer = await stranger.post("/api/trust/sessions", json=body)
        assert answer.status_code == 422
        assert canary not in answer.text
    broken = json.dumps({"password": canary})[:-1]
    answer = await stranger.post(
        "/api/trust/sessions", content=broken, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422
    assert canary not in answer.text


async def test_body_that_stands_still_is_given_up(
    stranger: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert BODY_SILENCE_S <= 60
    monkeypatch.setattr("amaan.console.shield.BODY_SILENCE_S", 0.1)

    async def slow() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(5)
        yield b"}"

    answer = await stranger.post(
        "/api/trust/sessions", content=slow(), headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (408, "too-slow")


@pytest.mark.parametrize(
    ("host", "near"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False)],  # noqa: S104
)
def test_listening_beyond_this_machine_is_told_from_staying_on_it(host: str, near: bool) -> None:
    assert is_loopback(host) is near


async def test_link_in_the_console_s_folder_leads_nowhere_else(
    stranger: httpx.AsyncClient, centre_settings: CentreSettings
) -> None:
    (centre_settings.data / "secret.txt").write_text("hunter2-canary")
    (centre_settings.static / "assets" / "link.js").symlink_to(centre_settings.data / "secret.txt")
    (centre_settings.static / "up").symlink_to(centre_settings.data)
    for path in ("/assets/link.js", "/up/secret.txt", "/up/../secret.txt"):
        answer = await stranger.get(path)
        assert "hunter2" not in answer.text
        assert answer.status_code == 404, path
