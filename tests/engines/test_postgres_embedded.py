from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from amaan.engines.postgres.database import PostgresDatabase
from amaan.engines.postgres.embedded import EmbeddedPostgres
from amaan.engines.postgres.migrate import NewerSchemaError, head, migrate
from amaan.kernel.errors import UnavailableError


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="amaan-test-") as name:
        yield Path(name)


@pytest.fixture
def server(folder: Path) -> Iterator[EmbeddedPostgres]:
    embedded = EmbeddedPostgres(folder / "postgres", durable=False)
    embedded.ensure_running()
    yield embedded
    embedded.stop()


def _setting(dsn: str, name: str) -> str:
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
        assert row is not None
        return str(row[0])


def test_server_is_durable_and_listens_on_no_network(folder: Path) -> None:
    embedded = EmbeddedPostgres(folder / "postgres")
    try:
        assert embedded.ensure_running()
        for name in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
            assert _setting(embedded.dsn(), name) == "on"
        assert _setting(embedded.dsn(), "listen_addresses") == ""
        pid = embedded.pid()
        assert pid is not None
        listening = psutil.Process(pid).net_connections("inet")
        assert [c for c in listening if c.type == socket.SOCK_STREAM] == []
        assert psutil.Process(pid).uids().real != 0
        assert (folder / "postgres").stat().st_mode & 0o077 == 0
    finally:
        embedded.stop()
    assert not embedded.is_running()


def test_second_holder_attaches_to_the_running_server(server: EmbeddedPostgres) -> None:
    other = EmbeddedPostgres(server.directory, durable=False)
    assert not other.ensure_running()
    assert other.pid() == server.pid()


def test_server_survives_the_kill_of_whoever_started_it(folder: Path) -> None:
    code = (
        "import os,sys,signal;from pathlib import Path;"
        "from amaan.engines.postgres.embedded import EmbeddedPostgres;"
        "EmbeddedPostgres(Path(sys.argv[1]),durable=False).ensure_running();"
        "os.kill(os.getpid(),signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(folder / "postgres")], check=False)
    assert done.returncode == -signal.SIGKILL
    embedded = EmbeddedPostgres(folder / "postgres", durable=False)
    assert not embedded.ensure_running()
    embedded.stop()


def test_killed_server_comes_back_with_what_was_committed(folder: Path) -> None:
    embedded = EmbeddedPostgres(folder / "postgres")
    embedded.ensure_running()
    for number in range(3):
        with psycopg.connect(embedded.dsn()) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
            connection.execute("INSERT INTO kept VALUES (%s)", [number])
        pid = embedded.pid()
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        assert embedded.ensure_running()
        with psycopg.connect(embedded.dsn()) as connection:
            rows = connection.execute("SELECT n FROM kept ORDER BY n").fetchall()
        assert rows == [(n,) for n in range(number + 1)]
    embedded.stop()


def test_stale_pid_file_of_a_living_stranger_is_no_obstacle(server: EmbeddedPostgres) -> None:
    server.stop()
    (server.directory / "postmaster.pid").write_text(f"{os.getpid()}\n{server.directory}\n")
    assert not server.is_running()
    assert server.ensure_running()


def test_long_path_is_no_obstacle(folder: Path) -> None:
    embedded = EmbeddedPostgres(folder / ("x" * 110) / "postgres", durable=False)
    embedded.ensure_running()
    try:
        assert _setting(embedded.dsn(), "fsync") == "off"
        sockets = Path(_setting(embedded.dsn(), "unix_socket_directories"))
        assert sockets.stat().st_mode & 0o077 == 0
    finally:
        embedded.stop()
    sockets.rmdir()


def test_folder_with_other_things_in_it_is_left_alone(folder: Path) -> None:
    (folder / "postgres").mkdir()
    (folder / "postgres" / "thesis.txt").write_text("mine")
    with pytest.raises(UnavailableError, match="holds no database"):
        EmbeddedPostgres(folder / "postgres").ensure_running()
    assert (folder / "postgres" / "thesis.txt").read_text() == "mine"


def test_half_made_database_of_a_killed_start_is_made_anew(folder: Path) -> None:
    (folder / "postgres.new").mkdir(parents=True)
    (folder / "postgres.new" / "PG_VERSION").write_text("18")
    embedded = EmbeddedPostgres(folder / "postgres", durable=False)
    assert embedded.ensure_running()
    embedded.stop()


def test_database_of_another_major_version_is_named(folder: Path) -> None:
    (folder / "postgres").mkdir()
    (folder / "postgres" / "PG_VERSION").write_text("16\n")
    with pytest.raises(UnavailableError, match="PostgreSQL 16"):
        EmbeddedPostgres(folder / "postgres").ensure_running()


async def test_pool_revives_a_killed_server(server: EmbeddedPostgres) -> None:
    async def revive() -> None:
        server.ensure_running()

    database = PostgresDatabase(server.dsn(), revive=revive)
    await database.open()
    pid = server.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    answers = []
    for _ in range(20):  # the orphaned half of the killed server may answer, then go away
        with contextlib.suppress(UnavailableError):
            async with database.transaction() as connection:
                answers.append(await (await connection.execute("SELECT 1")).fetchone())
    assert answers[-1:] == [(1,)]
    assert server.pid() not in (None, pid)
    await database.close()


def test_schema_is_brought_up_once_and_a_newer_one_refused(server: EmbeddedPostgres) -> None:
    heard: list[str] = []
    migrate(server.dsn(), heard.append)
    assert heard[0] == "0001_kernel"
    assert heard[-1] == head()
    heard.clear()
    migrate(server.dsn(), heard.append)
    assert heard == []
    with psycopg.connect(server.dsn()) as connection:
        connection.execute("UPDATE kernel.schema_version SET version_num = '9999_future'")
    with pytest.raises(NewerSchemaError, match="9999_future"):
        migrate(server.dsn())


def test_migration_of_an_absent_server_is_unavailable(folder: Path) -> None:
    with pytest.raises(UnavailableError):
        migrate(f"host={folder} user=nobody dbname=none")
