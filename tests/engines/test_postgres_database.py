from __future__ import annotations

import asyncio
from contextlib import suppress

import psycopg
import pytest

from amaan.engines.postgres.application import beginning
from amaan.engines.postgres.database import PostgresDatabase
from amaan.kernel.acting import NOBODY, Acting, acting_as, system
from amaan.kernel.engines import Database
from amaan.kernel.errors import UnavailableError
from amaan.kernel.tasks import cancel_all


async def _insert(database: Database, *, fail: bool) -> None:
    async with database.transaction() as connection:
        await connection.execute("INSERT INTO public.t VALUES (1)")
        if fail:
            raise ValueError("no")


def _table(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as owner:
        owner.execute("CREATE TABLE public.t (n int)")
        owner.execute("GRANT ALL ON public.t TO amaan_app")


async def test_transaction_commits_on_a_clean_exit_and_rolls_back_on_an_error(
    database: PostgresDatabase, dsn: str
) -> None:
    _table(dsn)
    await _insert(database, fail=False)
    with pytest.raises(ValueError, match="no"):
        await _insert(database, fail=True)
    async with database.transaction() as connection:
        row = await (await connection.execute("SELECT count(*) FROM public.t")).fetchone()
    assert row == (1,)


async def _swallow(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute("INSERT INTO public.t VALUES (1)")
        with suppress(psycopg.Error):
            await connection.execute("SELECT 1/0")


async def test_transaction_that_failed_unheard_is_not_taken_for_committed(
    database: PostgresDatabase, dsn: str
) -> None:
    _table(dsn)
    with pytest.raises(psycopg.errors.InFailedSqlTransaction):
        await _swallow(database)


async def test_part_of_a_transaction_may_fail_by_itself(
    database: PostgresDatabase, dsn: str
) -> None:
    _table(dsn)
    async with database.transaction() as connection:
        await connection.execute("INSERT INTO public.t VALUES (1)")
        with suppress(psycopg.Error):
            async with connection.transaction():
                await connection.execute("SELECT 1/0")
    async with database.transaction() as connection:
        row = await (await connection.execute("SELECT count(*) FROM public.t")).fetchone()
    assert row == (1,)


async def _told(database: Database) -> tuple[object, ...]:
    async with database.transaction() as connection:
        cursor = await connection.execute(
            "SELECT current_setting('amaan.actor'), current_setting('amaan.sites'), "
            "current_setting('amaan.configures')"
        )
        row = await cursor.fetchone()
    assert row is not None
    return tuple(row)


async def test_who_asks_is_told_to_each_transaction_and_forgotten_with_it(
    application_dsn: str,
) -> None:
    pool = PostgresDatabase(application_dsn, max_connections=2)
    await pool.open()
    try:
        with acting_as(Acting("worker:it's", None, configures=True)):
            assert await _told(pool) == ("worker:it's", "*", "on")
        with acting_as(Acting("account:1", ("GATE", "*", "A,B", "PORT"))):
            assert await _told(pool) == ("account:1", "GATE,PORT", "off")
        with acting_as(NOBODY):
            assert await _told(pool) == ("nobody", "", "off")
    finally:
        await pool.close()
    with psycopg.connect(application_dsn, autocommit=True) as connection:
        connection.execute(beginning(system("x")))
        connection.execute("COMMIT")
        row = connection.execute("SELECT current_setting('amaan.sites', true)").fetchone()
    assert row == ("",)


async def test_transaction_cut_off_by_its_task_leaves_nothing_behind(
    database: PostgresDatabase, dsn: str
) -> None:
    _table(dsn)

    async def waits() -> None:
        async with database.transaction() as connection:
            await connection.execute("INSERT INTO public.t VALUES (1)")
            await asyncio.sleep(60)

    for _ in range(20):
        task = asyncio.create_task(waits())
        await asyncio.sleep(0.01)
        await cancel_all([task])
    async with database.transaction() as connection:
        row = await (await connection.execute("SELECT count(*) FROM public.t")).fetchone()
    assert row == (0,)


async def test_connections_that_the_server_cut_are_replaced_unseen(
    database: PostgresDatabase, dsn: str
) -> None:
    async with database.transaction() as connection:
        await connection.execute("SELECT 1")
    with psycopg.connect(dsn, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'amaan' AND datname = current_database()"
        )
    for _ in range(5):
        async with database.transaction() as connection:
            await connection.execute("SELECT 1")


async def _sleep(database: Database, dsn: str) -> None:
    async with database.transaction() as connection:
        row = await (await connection.execute("SELECT pg_backend_pid()")).fetchone()
        assert row is not None
        with psycopg.connect(dsn, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [row[0]])
        await connection.execute("SELECT 1")


async def test_connection_cut_in_the_middle_is_unavailable(
    database: PostgresDatabase, dsn: str
) -> None:
    with pytest.raises(UnavailableError, match="went away"):
        await _sleep(database, dsn)


async def _slow(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute("SET LOCAL statement_timeout = 10")
        await connection.execute("SELECT pg_sleep(5)")


async def test_statement_that_takes_too_long_is_unavailable(database: PostgresDatabase) -> None:
    with pytest.raises(UnavailableError, match="too long"):
        await _slow(database)


async def test_absent_server_is_unavailable(dsn: str) -> None:
    pool = PostgresDatabase(dsn.replace("dbname=", "dbname=absent_"))
    with pytest.raises(UnavailableError):
        await pool.open(timeout_s=0.5)


async def test_closed_pool_is_unavailable(dsn: str) -> None:
    pool = PostgresDatabase(dsn)
    await pool.open()
    await pool.close()
    with pytest.raises(UnavailableError):
        await _insert(pool, fail=False)


async def test_many_transactions_at_once_share_few_connections(
    database: PostgresDatabase,
) -> None:
    async def one() -> None:
        async with database.transaction() as connection:
            await connection.execute("SELECT pg_sleep(0.001)")

    await asyncio.gather(*(one() for _ in range(200)))
    assert database.connections()["pool_size"] <= 8
