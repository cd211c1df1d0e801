"""Picks the engines and opens them: for the centre, and for commands that work on its data."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import psycopg
from psycopg.conninfo import conninfo_to_dict

from amaan.app.folder import DataFolder
from amaan.app.settings import CentreSettings
from amaan.engines.blobs.disk import DiskBlobs
from amaan.engines.postgres.application import logged_in_as_role, switched_to_role
from amaan.engines.postgres.database import PostgresDatabase
from amaan.engines.postgres.embedded import EmbeddedPostgres
from amaan.engines.postgres.migrate import migrate
from amaan.engines.postgres.outbox import PostgresOutbox
from amaan.engines.postgres.relay import Relay
from amaan.kernel.clock import Clock, SystemClock
from amaan.kernel.engines import BlobStore
from amaan.kernel.errors import UnavailableError
from amaan.trust.sealing import Sealer, ensure_key_file


@dataclass(frozen=True, slots=True)
class Engines:
    """Open machinery, ready for ``build_app``. ``server`` is None with a database by DSN.

    ``dsn`` is the owner's, for measurements and repair; ``database`` works as the application.
    """

    database: PostgresDatabase
    outbox: PostgresOutbox
    relay: Relay
    blobs: BlobStore
    sealer: Sealer
    clock: Clock
    dsn: str
    server: EmbeddedPostgres | None


def _silent(_: str) -> None:
    """Hear progress and say nothing."""


@asynccontextmanager
async def opened(
    settings: CentreSettings,
    say: Callable[[str], None] = _silent,
    *,
    clock: Clock | None = None,
    is_centre: bool = False,
) -> AsyncIterator[Engines]:
    """Start or attach to the database, migrate, open the pool; undo what was started at the end.

    A server that a running centre holds is left running, unless we are it. Raises UnavailableError,
    NewerSchemaError, FolderUnusableError.
    """
    folder = DataFolder(settings.data)
    folder.prepare()
    ensure_key_file(folder.key)
    server: EmbeddedPostgres | None = None
    if settings.database is None:
        server = EmbeddedPostgres(folder.postgres)
        say("starting PostgreSQL")
        await asyncio.to_thread(server.ensure_running)
        owner = server.dsn()
        application = logged_in_as_role(owner)
    else:
        given = _checked(settings.database.get_secret_value())
        owner_given = settings.database_owner
        owner = _checked(owner_given.get_secret_value()) if owner_given else given
        application = switched_to_role(given)
    database: PostgresDatabase | None = None
    try:
        await asyncio.to_thread(migrate, owner, lambda step: say(f"migrating the database: {step}"))
        database = PostgresDatabase(
            application,
            revive=_reviver(server) if server else None,
            max_connections=settings.database_connections,
        )
        await database.open()
        await _refuse_powers(database)
        yield Engines(
            database=database,
            outbox=PostgresOutbox(),
            relay=Relay(database, application),
            blobs=DiskBlobs(folder.blobs),
            sealer=Sealer.from_file(folder.key),
            clock=clock or SystemClock(),
            dsn=owner,
            server=server,
        )
    finally:
        if database is not None:
            await database.close()
        # Asked only now: a centre may have begun to work on it meanwhile.
        if server is not None and (is_centre or not folder.is_held()):
            await asyncio.to_thread(server.stop)


async def _refuse_powers(database: PostgresDatabase) -> None:
    """Raise UnavailableError where row-level security would not hold the centre itself."""
    async with database.transaction() as connection:
        cursor = await connection.execute(
            "SELECT rolname, rolsuper OR rolbypassrls, "
            "pg_has_role(pg_roles.oid, relowner, 'USAGE') "
            "FROM pg_roles, pg_class WHERE rolname = current_user "
            "AND pg_class.oid = 'plates.reads'::regclass"
        )
        row = await cursor.fetchone()
    assert row is not None
    if row[1] or row[2]:
        raise UnavailableError(
            f"the centre would work as {row[0]}, whom row-level security does not hold"
        )


def _checked(dsn: str) -> str:
    """Return the connection string; its text may hold a password and is never repeated."""
    try:
        conninfo_to_dict(dsn)
    except psycopg.ProgrammingError:
        raise UnavailableError(
            "--database is no connection string: give postgresql://user:password@host/name, or "
            "host=... dbname=... user=... (characters such as / and @ in a password "
            "percent-encoded)"
        ) from None
    return dsn


def _reviver(server: EmbeddedPostgres) -> Callable[[], Awaitable[None]]:
    async def revive() -> None:
        await asyncio.to_thread(server.ensure_running)

    return revive
