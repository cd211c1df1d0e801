from __future__ import annotations

import asyncio

import psycopg
import pytest

from amaan.engines.postgres.database import PostgresDatabase
from amaan.kernel.engines import Database
from amaan.kernel.errors import UnavailableError


async def _insert(database: Database, *, fail: bool) -> None:
    async with database.transaction() as connection:
        await connection.execute("INSERT INTO public.t VALUES (1)")
        if fail:
            raise ValueError("no")


async def test_transaction_commits_on_a_clean_exit_and_rolls_back_on_an_error(
    database: PostgresDatabase,
) -> None:
    async with database.transaction() as connection:
        await connection.execute("CREATE TABLE public.t (n int)")
    await _insert(database, fail=False)
    with pytest.raises(ValueError, match="no"):
        await _insert(database, fail=True)
    async with database.transaction() as connection:
        row = await (await connection.execute("SELECT count(*) FROM public.t")).fetchone()
    assert row == (1,)


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
