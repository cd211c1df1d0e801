"""One embedded server for the whole run; a fresh, migrated database for each test that asks."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import httpx
import psycopg
import pytest
import structlog
from tests.people import OFFICER, PASSWORD, People

from amaan.app.centre import build_app
from amaan.app.opening import Engines
from amaan.app.settings import CentreSettings
from amaan.console.settings import ConsoleSettings
from amaan.engines.blobs.disk import DiskBlobs
from amaan.engines.postgres.application import logged_in_as_role
from amaan.engines.postgres.database import PostgresDatabase
from amaan.engines.postgres.embedded import DATABASE, EmbeddedPostgres
from amaan.engines.postgres.migrate import migrate
from amaan.engines.postgres.outbox import PostgresOutbox
from amaan.engines.postgres.relay import Relay
from amaan.kernel.acting import act_as, system
from amaan.kernel.clock import ManualClock
from amaan.trust.sealing import Sealer

_number = count(1)
# Cameras of the tests stand on this machine, and some are files.
os.environ["AMAAN_CAMERAS__LOOPBACK"] = "true"
os.environ["AMAAN_CAMERAS__FOLDERS"] = '["/"]'

structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.processors.format_exc_info,
        structlog.processors.KeyValueRenderer(),
    ]
)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[EmbeddedPostgres]:
    """A server whose database ``amaan`` is migrated and serves as the template.

    Not under pytest's own folder: every other pytest that starts closes that to other accounts,
    and as root the server runs under another account.
    """
    with tempfile.TemporaryDirectory(prefix="amaan-test-") as directory:
        server = EmbeddedPostgres(Path(directory) / "postgres", durable=False)
        server.ensure_running()
        migrate(server.dsn())
        yield server
        server.stop()


@pytest.fixture
def dsn(postgres_server: EmbeddedPostgres) -> Iterator[str]:
    """Connection string of a fresh, migrated database, as its owner."""
    name = f"test_{next(_number)}"
    with psycopg.connect(postgres_server.dsn("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {DATABASE} STRATEGY file_copy")
    yield postgres_server.dsn(name)
    with psycopg.connect(postgres_server.dsn("postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def application_dsn(dsn: str) -> str:
    """Connection string of the same database, as the application's role."""
    return logged_in_as_role(dsn)


@pytest.fixture
async def database(application_dsn: str) -> AsyncIterator[PostgresDatabase]:
    """An open pool as the application's role; the test itself works as the system."""
    act_as(system("test"))
    pool = PostgresDatabase(application_dsn, max_connections=8)
    await pool.open()
    yield pool
    await pool.close()


@pytest.fixture
def clock() -> ManualClock:
    """A clock at a fixed moment; tests move it."""
    return ManualClock(datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC))


@pytest.fixture
def engines(
    database: PostgresDatabase, application_dsn: str, dsn: str, clock: ManualClock, tmp_path: Path
) -> Engines:
    """All engines of a centre over a fresh database."""
    return Engines(
        database=database,
        outbox=PostgresOutbox(),
        relay=Relay(database, application_dsn),
        blobs=DiskBlobs(tmp_path / "blobs"),
        sealer=Sealer(os.urandom(32)),
        clock=clock,
        dsn=dsn,
        server=None,
    )


@pytest.fixture
def centre_settings(tmp_path: Path) -> CentreSettings:
    """Settings of a centre with one expected worker and a console of one page."""
    static = tmp_path / "static"
    (static / "assets").mkdir(parents=True)
    (static / "index.html").write_text("<!doctype html><title>Amaan</title>")
    (static / "assets" / "index-1a2b.js").write_text("export {}")
    console = ConsoleSettings(hosts=("centre.test",))
    return CentreSettings(data=tmp_path, static=static, workers=1, console=console)


@pytest.fixture
async def people(engines: Engines, centre_settings: CentreSettings) -> AsyncIterator[People]:
    """A running centre and the people at it; its first administrator's password is PASSWORD."""
    app = build_app(engines, centre_settings)
    await app.state.trust.create_first_account(PASSWORD)
    async with AsyncExitStack() as closing:
        await closing.enter_async_context(app.router.lifespan_context(app))
        yield People(app, engines.database, engines.clock, closing)


@pytest.fixture
async def stranger(people: People) -> httpx.AsyncClient:
    """A client of a running centre that has not signed in."""
    return await people.stranger()


@pytest.fixture
async def console(people: People) -> httpx.AsyncClient:
    """A client of an officer who watches, decides and investigates, everywhere."""
    return await people.person(*OFFICER)


@pytest.fixture
async def office(people: People) -> httpx.AsyncClient:
    """A client of an administrator: cameras and accounts, and nothing that was observed."""
    return await people.person("administrator")


@pytest.fixture
async def auditor(people: People) -> httpx.AsyncClient:
    """A client of an auditor."""
    return await people.person("auditor")


@pytest.fixture
async def approver(people: People) -> httpx.AsyncClient:
    """A client of an approving officer who has shown a second factor."""
    return await people.person("approving_officer", strong=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the browser's tests last: Playwright's event loop stays in this thread until the end."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
