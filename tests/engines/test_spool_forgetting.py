"""What a spool has forgotten is nowhere in its folder."""

from __future__ import annotations

import os
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from amaan.engines.spool.settings import SpoolSettings
from amaan.engines.spool.sqlite import SqliteSpool
from amaan.kernel.engines import Spooled

CANARY = b"CANARY4711"
NOW = datetime.now(UTC)


def opened(folder: Path) -> SqliteSpool:
    return SqliteSpool(SpoolSettings(directory=folder, source="worker-1", reserve_bytes=0))


def keys(items: list[Spooled]) -> list[tuple[str, str, int]]:
    return [(item.source, item.boot, item.seq) for item in items]


def files_with(folder: Path, text: bytes) -> list[str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if text in path.read_bytes()]


def age(folder: Path, days: float) -> None:
    """Make everything that is spooled so much older."""
    connection = sqlite3.connect(folder / "spool.sqlite3")
    connection.execute("UPDATE items SET spooled_at = spooled_at - ?", (int(days * 86_400),))
    connection.commit()
    connection.close()
    for path in (folder / "spool-files").iterdir():
        at = path.stat().st_mtime - days * 86_400
        os.utime(path, (at, at))


@pytest.mark.parametrize("left_behind", [0, 3])
def test_acknowledged_read_is_in_no_file_of_the_folder(tmp_path: Path, left_behind: int) -> None:
    spool = opened(tmp_path)
    shipped = [spool.append("read", CANARY + b" read %d" % number) for number in range(500)]
    shipped += [spool.append("picture", b"\xff\xd8" + CANARY) for _ in range(3)]
    for number in range(left_behind):
        spool.append("read", b"another %d" % number)
    assert files_with(tmp_path, CANARY)
    spool.acknowledge(keys(shipped))
    spool.drop_older(NOW - timedelta(days=30))  # as the worker does each minute
    assert files_with(tmp_path, CANARY) == []
    assert spool.status().pending == {"read": left_behind, "picture": 0}
    spool.close()
    assert files_with(tmp_path, CANARY) == []


def test_what_was_never_shipped_goes_when_its_days_are_over_and_is_counted(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    for number in range(1_201):
        spool.append("read", CANARY + b" old %d" % number)
    spool.append("picture", b"\xff\xd8" + CANARY)
    spool.close()
    age(tmp_path, 31)
    spool = opened(tmp_path)
    young = spool.append("read", b"young")
    young_picture = spool.append("picture", b"\xff\xd8 young")

    assert spool.drop_older(NOW - timedelta(days=30)) == 1_202
    assert files_with(tmp_path, CANARY) == []
    assert list(spool.pending("read", 9)) == [young]
    assert list(spool.pending("picture", 9)) == [young_picture]
    status = spool.status()
    assert status.overdue == 1_202
    assert status.pending == {"read": 1, "picture": 1}
    assert "1202 reads and pictures given up: their days were over" in status.reason
    assert spool.drop_older(NOW - timedelta(days=30)) == 0
    spool.close()


def test_damaged_file_that_nobody_came_for_goes_too(tmp_path: Path) -> None:
    aside = tmp_path / "spool.sqlite3.damaged-20260101T000000000000Z"
    aside.write_bytes(CANARY)
    fresh = tmp_path / "spool.sqlite3.damaged-20260301T000000000000Z"
    fresh.write_bytes(b"of yesterday")
    old = (NOW - timedelta(days=31)).timestamp()
    os.utime(aside, (old, old))
    spool = opened(tmp_path)
    spool.drop_older(NOW - timedelta(days=30))
    spool.close()
    assert not aside.exists()
    assert fresh.exists()


def test_spool_of_an_older_release_counts_from_its_first_start_here(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "spool.sqlite3")
    connection.executescript(
        "CREATE TABLE boots (ordinal INTEGER PRIMARY KEY AUTOINCREMENT, boot TEXT NOT NULL UNIQUE,"
        " started_at TEXT NOT NULL);"
        "CREATE TABLE items (ordinal INTEGER NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT NULL,"
        " payload BLOB NOT NULL, PRIMARY KEY (ordinal, seq)) WITHOUT ROWID;"
        "INSERT INTO boots VALUES (1, 'b', '2025-01-01T00:00:00+00:00');"
        "INSERT INTO items VALUES (1, 1, 'read', 'kept');"
    )
    connection.close()
    spool = opened(tmp_path)
    assert spool.drop_older(NOW - timedelta(days=30)) == 0
    assert [item.seq for item in spool.pending("read", 9)] == [1]
    assert spool.drop_older(NOW + timedelta(days=1)) == 1
    spool.close()
