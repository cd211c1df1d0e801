"""Brings a database's schema to this version's: forward only, one process at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from amaan.engines.postgres.application import EVERYWHERE, options_of
from amaan.kernel.errors import AmaanError, UnavailableError

MIGRATIONS = Path(__file__).parent / "migrations"
# An owner who is no superuser is held by row-level security too.
_SEES_EVERYTHING = {"amaan.sites": EVERYWHERE, "amaan.configures": "on"}
LOCK = 0x414D41414E01  # "AMAAN" + 1: only this program's migrations take it


class NewerSchemaError(AmaanError):
    """The database was written by a later version of this program."""

    code: ClassVar[str] = "schema-newer"
    status: ClassVar[int] = 503


def head() -> str:
    """Return the newest revision that this version knows."""
    revision = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    assert revision is not None
    return revision


def migrate(dsn: str, progress: Callable[[str], None] = lambda _: None) -> None:
    """Run all missing migrations, each in its own transaction; ``progress`` hears each one's name.

    A second process waits for the first. Raises NewerSchemaError when the database is ahead of
    this program, UnavailableError when it does not answer.
    """
    try:
        with psycopg.connect(dsn, autocommit=True, connect_timeout=10) as guard:
            guard.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            _refuse_newer(guard)
            _upgrade(dsn, progress)
    except psycopg.OperationalError as error:
        raise UnavailableError(f"the database does not answer: {error}") from error


def _refuse_newer(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    table = connection.execute("SELECT to_regclass('kernel.schema_version')").fetchone()
    if table is None or table[0] is None:
        return
    known = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    for (revision,) in connection.execute("SELECT version_num FROM kernel.schema_version"):
        if revision not in known:
            raise NewerSchemaError(
                f"the database has schema {revision}, which this version of Amaan does not know: "
                f"run the newer version that wrote it (this one knows up to {head()})"
            )


def _upgrade(dsn: str, progress: Callable[[str], None]) -> None:
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: psycopg.connect(dsn, options=options_of(dsn, _SEES_EVERYTHING)),
        poolclass=NullPool,
    )
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["progress"] = progress
    try:
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError as error:
        raise UnavailableError(f"migration failed: {error}") from error
    except DBAPIError as error:
        if isinstance(error.orig, psycopg.errors.InsufficientPrivilege):
            raise UnavailableError(error.orig.diag.message_primary or str(error.orig)) from None
        raise
    finally:
        engine.dispose()
