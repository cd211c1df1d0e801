"""A log on a fresh database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest

from amaan.engines.postgres.database import PostgresDatabase
from amaan.kernel.clock import ManualClock
from amaan.kernel.tasks import cancel_all
from amaan.trust.audit.notes import ED25519, SigningKey
from amaan.trust.audit.service import AuditLog
from amaan.trust.audit.signing import Signer


@pytest.fixture
def log(database: PostgresDatabase, clock: ManualClock) -> AuditLog:
    """A log without its writer's task: each entry has a transaction of its own."""
    return AuditLog(database, clock)


@pytest.fixture
def signing_key() -> SigningKey:
    """The log's key."""
    return SigningKey("amaan/test", ED25519, b"\x07" * 32)


@pytest.fixture
def signer(
    database: PostgresDatabase, clock: ManualClock, signing_key: SigningKey, tmp_path: Path
) -> Signer:
    """Who signs the log."""
    return Signer(database, clock, signing_key, tmp_path / "audit.checkpoint")


@asynccontextmanager
async def superuser(dsn: str) -> AsyncIterator[psycopg.AsyncConnection]:
    """A connection of a database superuser whom no trigger stops."""
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute("SET session_replication_role = replica")
        yield connection


@asynccontextmanager
async def at_work(log: AuditLog) -> AsyncIterator[None]:
    """The log's writer, running."""
    import asyncio

    task = asyncio.create_task(log.run())
    await asyncio.sleep(0)
    try:
        yield
    finally:
        await cancel_all([task])
