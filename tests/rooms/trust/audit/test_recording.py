"""Each kind of route, with the log and without it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import httpx
import psycopg
import pytest
from fastapi import Depends, FastAPI, Request
from fastapi.responses import StreamingResponse
from tests.people import People
from tests.rooms.trust.audit.conftest import superuser

from amaan.app.centre import build_app
from amaan.app.opening import Engines
from amaan.app.settings import CentreSettings
from amaan.kernel.errors import NotFoundError
from amaan.trust.audit import recording
from amaan.trust.audit.model import Entry, Outcome
from amaan.trust.audit.service import AuditLog
from amaan.trust.audit.trail import trail_of
from amaan.trust.guards import CurrentSession, CurrentWorker, permitted
from amaan.trust.model import Account, NotSignedInError

ROUTES = "/api/test"
Seer = Annotated[Account, Depends(permitted("plates.search"))]
Saver = Annotated[Account, Depends(permitted("alarms.decide", safety=True))]


def add_routes(app: FastAPI, done: list[str]) -> None:
    """Add a route of each kind; ``done`` hears which one's own code ran."""

    @app.get(f"{ROUTES}/reads")
    @app.head(f"{ROUTES}/reads")
    async def see(request: Request, _: Seer, plate: str = "") -> dict[str, str]:
        done.append("see")
        trail_of(request).note(plate=plate, count=1)
        return {"secret": "of the database"}

    @app.post(f"{ROUTES}/reads")
    async def change(request: Request, _: Seer) -> dict[str, str]:
        done.append("change")
        trail_of(request).note(reason="why")
        return {"secret": "of the database"}

    @app.get(f"{ROUTES}/absent")
    async def absent(_: Seer) -> None:
        raise NotFoundError("no such thing")

    @app.get(f"{ROUTES}/fault")
    async def fault(_: Seer) -> None:
        raise ZeroDivisionError

    @app.get(f"{ROUTES}/stream")
    async def stream(_: Seer) -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            done.append("stream")
            yield b"secret"
            yield b"of the database"

        return StreamingResponse(parts())

    @app.post(f"{ROUTES}/help")
    async def send_help(_: Saver) -> dict[str, str]:
        done.append("help")
        return {"help": "is on its way"}

    @app.post(f"{ROUTES}/own")
    async def change_own(_: CurrentSession) -> None:
        done.append("own")

    @app.get(f"{ROUTES}/own")
    async def read_own(_: CurrentSession) -> None:
        done.append("own")

    @app.get(f"{ROUTES}/work")
    async def work(_: CurrentWorker) -> None:
        done.append("work")

    @app.post(f"{ROUTES}/sign-in")
    async def sign_in(request: Request) -> None:
        trail = trail_of(request)
        trail.permission, trail.force, trail.username = "trust.sign_in", True, "amina"


def add_long_route(app: FastAPI, done: list[str]) -> None:
    """Add a route during whose answer the session is ended."""

    @app.get(f"{ROUTES}/long")
    async def give_long(request: Request, account: Seer) -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            for number in range(3):
                done.append(f"part {number}")
                yield b"secret"
                if number == 1:
                    await request.app.state.trust.end_sessions(account.id)

        return StreamingResponse(parts())


@pytest.fixture
def done() -> list[str]:
    """Which routes' own code ran."""
    return []


@pytest.fixture
async def people(
    engines: Engines, centre_settings: CentreSettings, done: list[str]
) -> AsyncIterator[People]:
    """A centre with the routes above."""
    app = build_app(engines, centre_settings)
    pages = app.router.routes.pop()  # it answers every other path
    add_routes(app, done)
    add_long_route(app, done)
    app.router.routes.append(pages)
    async with AsyncExitStack() as closing:
        await closing.enter_async_context(app.router.lifespan_context(app))
        yield People(app, engines.database, engines.clock, closing)


@pytest.fixture
async def no_log(dsn: str) -> AsyncIterator[psycopg.AsyncConnection]:
    """The log is taken away; the connection can put it back."""
    async with superuser(dsn) as connection:
        await connection.execute("ALTER TABLE trust.audit_entries RENAME TO hidden")
        yield connection


async def give_back(connection: psycopg.AsyncConnection) -> None:
    await connection.execute("ALTER TABLE trust.hidden RENAME TO audit_entries")


async def written(log: AuditLog) -> list[Entry]:
    return [entry async for entry in log.entries() if (entry.record.path or "").startswith(ROUTES)]


async def test_reading_is_written_with_who_what_and_whence(
    console: httpx.AsyncClient, people: People, log: AuditLog
) -> None:
    answer = await console.get(f"{ROUTES}/reads?plate=ABC-12", headers={"Range": "bytes=0-9"})
    assert answer.status_code == 200
    (entry,) = await written(log)
    account = people.account_of(console)
    record = entry.record
    assert (record.actor, record.username) == (f"account:{account.id}", account.username)
    assert (record.action, record.permission) == ("see", "plates.search")
    assert (record.outcome, record.status) == (Outcome.ALLOWED, 200)
    assert (record.method, record.path) == ("GET", f"{ROUTES}/reads")
    assert record.details == {"plate": "ABC-12", "count": 1, "range": "bytes=0-9"}
    assert record.address == "127.0.0.1"
    assert record.session is not None
    assert not record.late


async def test_cookies_and_queries_are_not_written(
    console: httpx.AsyncClient, log: AuditLog
) -> None:
    await console.get(f"{ROUTES}/reads?plate=&other=canary-in-query")
    await console.post(f"{ROUTES}/reads", json={"password": "canary-in-body"})
    token = console.cookies["amaan_session"]
    leaves = b"".join([entry.leaf for entry in await written(log)])
    assert leaves
    for canary in (b"canary", token.encode()):
        assert canary not in leaves


async def test_change_is_written_before_and_after(
    console: httpx.AsyncClient, log: AuditLog
) -> None:
    await console.post(f"{ROUTES}/reads")
    begun, ended = await written(log)
    assert (begun.record.outcome, ended.record.outcome) == (Outcome.BEGUN, Outcome.ALLOWED)
    assert begun.record.request == ended.record.request is not None
    assert ended.record.details == {"reason": "why"}


async def test_head_is_written_too(console: httpx.AsyncClient, log: AuditLog) -> None:
    await console.head(f"{ROUTES}/reads")
    (entry,) = await written(log)
    assert (entry.record.method, entry.record.outcome) == ("HEAD", Outcome.ALLOWED)


async def test_refusals_are_written_with_their_reason(
    stranger: httpx.AsyncClient, office: httpx.AsyncClient, people: People, log: AuditLog
) -> None:
    assert (await stranger.get(f"{ROUTES}/reads")).status_code == 401
    assert (await office.post(f"{ROUTES}/reads")).status_code == 403
    assert (await stranger.post(f"{ROUTES}/own")).status_code == 401
    found = [entry.record for entry in await written(log)]
    assert [(r.actor.partition(":")[0], r.outcome, r.status) for r in found] == [
        ("nobody", Outcome.DENIED, 401),
        ("account", Outcome.DENIED, 403),
        ("nobody", Outcome.DENIED, 401),
    ]
    assert found[1].username == people.account_of(office).username


async def test_absent_thing_is_a_denial_and_a_fault_is_told(
    console: httpx.AsyncClient, log: AuditLog
) -> None:
    assert (await console.get(f"{ROUTES}/absent")).status_code == 404
    with pytest.raises(ZeroDivisionError):  # the test's transport raises it; a server answers 500
        await console.get(f"{ROUTES}/fault")
    assert [(e.record.outcome, e.record.status) for e in await written(log)] == [
        (Outcome.DENIED, 404),
        (Outcome.FAILED, 500),
    ]


async def test_own_things_are_written_when_they_change(
    console: httpx.AsyncClient, log: AuditLog
) -> None:
    await console.get(f"{ROUTES}/own")
    await console.post(f"{ROUTES}/own")
    assert [(e.record.permission, e.record.outcome) for e in await written(log)] == [
        ("own", Outcome.BEGUN),
        ("own", Outcome.ALLOWED),
    ]


async def test_sign_in_is_written_with_the_name_that_was_given(
    stranger: httpx.AsyncClient, log: AuditLog
) -> None:
    await stranger.post(f"{ROUTES}/sign-in")
    (entry,) = await written(log)
    assert (entry.record.permission, entry.record.username) == ("trust.sign_in", "amina")


async def test_refused_workers_are_written_once_a_minute(
    stranger: httpx.AsyncClient, log: AuditLog
) -> None:
    for _ in range(5):
        answer = await stranger.get(f"{ROUTES}/work", headers={"Authorization": "Bearer wrong"})
        assert answer.status_code == 401
    (entry,) = await written(log)
    assert (entry.record.permission, entry.record.outcome) == ("worker", Outcome.DENIED)


async def test_worker_that_is_let_in_leaves_nothing(
    stranger: httpx.AsyncClient, people: People, log: AuditLog, done: list[str]
) -> None:
    await people.app.state.trust.admit_worker_token("token", "worker-1")
    await stranger.get(f"{ROUTES}/work", headers={"Authorization": "Bearer token"})
    await stranger.get("/api/health")
    assert done == ["work"]
    assert [entry async for entry in log.entries()] == []


@pytest.mark.usefixtures("no_log")
@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("GET", "reads"), ("HEAD", "reads"), ("GET", "stream"), ("GET", "absent")),
        *(("POST", "reads"), ("POST", "own"), ("POST", "sign-in")),
    ],
)
async def test_without_the_log_nothing_is_shown(
    console: httpx.AsyncClient, method: str, path: str
) -> None:
    answer = await console.request(method, f"{ROUTES}/{path}")
    assert answer.status_code == 503
    if method != "HEAD":
        assert answer.json()["code"] == "audit-unavailable"
    assert "secret" not in answer.text
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.usefixtures("no_log")
async def test_without_the_log_nothing_is_changed(
    console: httpx.AsyncClient, done: list[str]
) -> None:
    assert (await console.post(f"{ROUTES}/reads")).status_code == 503
    assert (await console.post(f"{ROUTES}/own")).status_code == 503
    assert done == []


@pytest.mark.usefixtures("no_log")
async def test_without_the_log_a_refusal_tells_no_more(stranger: httpx.AsyncClient) -> None:
    assert (await stranger.get(f"{ROUTES}/reads")).status_code == 503
    assert (await stranger.get("/api/health")).status_code == 200


async def test_help_is_sent_without_the_log_and_written_when_it_is_back(
    console: httpx.AsyncClient,
    people: People,
    no_log: psycopg.AsyncConnection,
    centre_settings: CentreSettings,
    log: AuditLog,
    done: list[str],
) -> None:
    answer = await console.post(f"{ROUTES}/help")
    assert answer.json() == {"help": "is on its way"}
    assert done == ["help"]
    kept = Path(centre_settings.data) / "audit-late.jsonl"
    assert kept.read_bytes().count(b"\n") == 2
    await give_back(no_log)
    await people.app.state.auditing.recorder.catch_up()
    found = await written(log)
    assert [entry.record.outcome for entry in found] == [Outcome.BEGUN, Outcome.ALLOWED]
    assert all(entry.record.late for entry in found)


async def test_log_that_is_back_is_used_again(
    console: httpx.AsyncClient, no_log: psycopg.AsyncConnection, log: AuditLog
) -> None:
    assert (await console.get(f"{ROUTES}/reads")).status_code == 503
    await give_back(no_log)
    assert (await console.get(f"{ROUTES}/reads")).status_code == 200
    assert len(await written(log)) == 1


async def test_long_answer_breaks_off_when_its_session_is_ended(
    console: httpx.AsyncClient, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "ASK_EVERY_S", 0.0)
    with pytest.raises(RuntimeError) as broken:  # a server closes the connection
        await console.get(f"{ROUTES}/long")
    assert isinstance(broken.value.__cause__, NotSignedInError)
    assert done == ["part 0", "part 1", "part 2"]
