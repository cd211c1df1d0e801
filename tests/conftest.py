"""One embedded server for the whole run; a fresh, migrated database for each test that asks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
import structlog

from amaan.engines.postgres.database import PostgresDatabase
from amaan.engines.postgres.embedded import DATABASE, EmbeddedPostgres
from amaan.engines.postgres.migrate import migrate

_number = count(1)

structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.processors.format_exc_info,
        structlog.processors.KeyValueRenderer(),
    ]
)


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A server whose database ``amaan`` is migrated and serves as the template."""
    directory: Path = tmp_path_factory.mktemp("server")
    server = EmbeddedPostgres(directory / "postgres", durable=False)
    server.ensure_running()
    migrate(server.dsn())
    yield server
    server.stop()


@pytest.fixture
def dsn(postgres_server: EmbeddedPostgres) -> Iterator[str]:
    """Connection string of a fresh, migrated database."""
    name = f"test_{next(_number)}"
    with psycopg.connect(postgres_server.dsn("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {DATABASE} STRATEGY file_copy")
    yield postgres_server.dsn(name)
    with psycopg.connect(postgres_server.dsn("postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def database(dsn: str) -> AsyncIterator[PostgresDatabase]:
    """An open pool on a fresh, migrated database."""
    pool = PostgresDatabase(dsn, max_connections=8)
    await pool.open()
    yield pool
    await pool.close()
