"""Pages, headers, limits and problem answers, through the whole application."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from amaan.console.shield import API_POLICY, CONTENT_SECURITY_POLICY

JSON = {"Content-Type": "application/json"}


async def test_page_answers_for_every_address_of_the_front_end(
    stranger: httpx.AsyncClient,
) -> None:
    for path in ("/", "/search", "/alarms/0198-x"):
        answer = await stranger.get(path)
        assert answer.status_code == 200
        assert "<title>Amaan</title>" in answer.text
        assert answer.headers["cache-control"] == "no-cache"


async def test_hashed_files_may_be_kept_for_ever(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/assets/index-1a2b.js")
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"].startswith("text/javascript")


@pytest.mark.parametrize(
    "path",
    [
        "/../../etc/passwd",
        "/..%2f..%2fetc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/assets/..%2f..%2fsecret.key",
        "/assets/%00.js",
        "/assets\\..\\secret.key",
        "/assets/absent.js",
    ],
)
async def test_no_path_leads_out_of_the_folder(stranger: httpx.AsyncClient, path: str) -> None:
    answer = await stranger.get(path)
    assert "root:" not in answer.text
    assert answer.status_code == 404 or "<title>Amaan</title>" in answer.text


async def test_every_answer_carries_the_security_headers(stranger: httpx.AsyncClient) -> None:
    for path in ("/", "/assets/index-1a2b.js", "/api/health", "/api/absent", "/absent.js"):
        headers = (await stranger.get(path)).headers
        policy = API_POLICY if path.startswith("/api/") else CONTENT_SECURITY_POLICY
        assert headers["content-security-policy"] == policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"


def test_policy_names_no_other_host() -> None:
    for directive in CONTENT_SECURITY_POLICY.split("; "):
        sources = directive.split()[1:]
        assert set(sources) <= {"'none'", "'self'", "data:", "blob:"}


async def test_answers_of_the_api_are_not_kept(stranger: httpx.AsyncClient) -> None:
    assert (await stranger.get("/api/health")).headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/absent", 404, "not-found"),
        ("POST", "/api/absent", 405, "method-not-allowed"),
        ("PUT", "/api/health", 405, "method-not-allowed"),
    ],
)
async def test_wrong_address_is_a_problem(
    stranger: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    answer = await stranger.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_body_that_grows_too_large_on_the_way_is_cut_off(
    stranger: httpx.AsyncClient,
) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"x" * (64 << 10)

    answer = await stranger.post("/api/trust/sessions", content=endless(), headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


async def test_text_that_is_no_unicode_is_refused(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.post(
        "/api/trust/sessions",
        content=b'{"username": "\\ud800", "password": "x"}',
        headers={"Content-Type": "application/json"},
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


async def test_stream_of_events_needs_a_session(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/api/console/events")
    assert (answer.status_code, answer.json()["code"]) == (401, "not-signed-in")


async def test_schema_tells_of_streams_problems_and_security(stranger: httpx.AsyncClient) -> None:
    schema = (await stranger.get("/api/openapi.json")).json()
    assert schema["openapi"].startswith("3.1")
    events = schema["paths"]["/api/console/events"]["get"]
    assert list(events["responses"]["200"]["content"]) == ["text/event-stream"]
    assert events["security"] == [{"session": []}]
    assert schema["paths"]["/api/video/heartbeat"]["post"]["security"] == [{"worker": []}]
    assert "security" not in schema["paths"]["/api/health"]["get"]
    names = set()
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            problem = operation["responses"]["default"]["content"]
            assert list(problem) == ["application/problem+json"], (method, path)
            names.add(operation["operationId"])
    assert len(names) == sum(len(operations) for operations in schema["paths"].values())


async def test_health_tells_without_signing_in_and_without_secrets(
    stranger: httpx.AsyncClient,
) -> None:
    answer = await stranger.get("/api/health")
    body = answer.json()
    assert answer.status_code == 200
    assert body["checks"]["database"]["status"] == "ok"
    assert body["checks"]["events"]["status"] == "ok"
    assert "postgres" not in answer.text


async def test_metrics_are_for_this_machine_or_a_worker(stranger: httpx.AsyncClient) -> None:
    near = await stranger.get("/metrics")
    assert near.status_code == 200
    assert "amaan_http_requests_total" in near.text
    through_proxy = await stranger.get("/metrics", headers={"X-Forwarded-For": "198.51.100.7"})
    assert (through_proxy.status_code, through_proxy.json()["code"]) == (401, "worker-refused")
