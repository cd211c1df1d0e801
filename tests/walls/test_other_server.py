"""A database on a server of somebody else, where the owner is no superuser."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from pydantic import SecretStr
from tests.walls import town

from amaan.app.opening import opened
from amaan.app.settings import CentreSettings
from amaan.engines.blobs.disk import DiskBlobs
from amaan.engines.postgres.embedded import EmbeddedPostgres
from amaan.engines.postgres.migrate import migrate
from amaan.kernel.acting import NOBODY, Acting, acting_as, system
from amaan.kernel.clock import ManualClock
from amaan.kernel.engines import Database
from amaan.kernel.errors import UnavailableError

NAME = "walls_elsewhere"


@pytest.fixture
def owned(postgres_server: EmbeddedPostgres) -> Iterator[str]:
    """Connection string of an empty database, as an owner who may make roles and no more."""
    with psycopg.connect(postgres_server.dsn("postgres"), autocommit=True) as superuser:
        superuser.execute(f"CREATE ROLE {NAME} LOGIN CREATEROLE")
        superuser.execute(f"CREATE DATABASE {NAME} OWNER {NAME}")
        yield make_conninfo(postgres_server.dsn(NAME), user=NAME)
        superuser.execute(f"DROP DATABASE {NAME} WITH (FORCE)")
        superuser.execute(f"DROP ROLE {NAME}")


async def _seen(database: Database, who: Acting, table: str) -> int:
    with acting_as(who):
        async with database.transaction() as connection:
            cursor = await connection.execute(f"SELECT count(*) FROM {table}")  # noqa: S608
            row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def test_role_of_another_owner_must_be_granted_first_and_then_the_walls_hold(
    owned: str,
    postgres_server: EmbeddedPostgres,
    centre_settings: CentreSettings,
    clock: ManualClock,
) -> None:
    with pytest.raises(UnavailableError, match=f"GRANT amaan_app TO {NAME}"):
        migrate(owned)
    with psycopg.connect(postgres_server.dsn("postgres"), autocommit=True) as superuser:
        superuser.execute(f"GRANT amaan_app TO {NAME}")
    settings = centre_settings.model_copy(update={"database": SecretStr(owned)})
    blobs = DiskBlobs(settings.data / "blobs")
    async with opened(settings) as engines:
        await town.build(postgres_server.dsn(NAME), blobs, clock.now())
        for table, (everywhere, at_gate) in {
            "plates.reads": (2, 1),
            "city.cameras": (2, 1),
            "alarms.alarms": (2, 1),
            "alarms.causes": (2, 1),
        }.items():
            assert await _seen(engines.database, system("test"), table) == everywhere
            assert await _seen(engines.database, Acting("account:1", ("GATE",)), table) == at_gate
            assert await _seen(engines.database, NOBODY, table) == 0
    with psycopg.connect(owned) as owner:
        row = owner.execute("SELECT count(*) FROM plates.reads").fetchone()
        assert row == (0,), "the owner, too, sees nothing that it does not say it asks for"
