"""The spool's SQLite file: opening, checking, setting a damaged one aside."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from datetime import UTC, datetime
from pathlib import Path

import structlog

_log = structlog.get_logger(__name__)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS boots (
  ordinal    INTEGER PRIMARY KEY AUTOINCREMENT,  -- age: older boots ship first
  boot       TEXT NOT NULL UNIQUE,               -- names one sequence: (source, boot, seq)
  started_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS items (
  ordinal INTEGER NOT NULL,
  seq     INTEGER NOT NULL,                      -- from 1; a failed append leaves a gap
  kind    TEXT NOT NULL,
  payload BLOB NOT NULL,
  spooled_at INTEGER NOT NULL DEFAULT 0,         -- Unix seconds by this machine's clock
  PRIMARY KEY (ordinal, seq)
) WITHOUT ROWID;
"""
_BUSY_TIMEOUT_MS = 10_000
_CHECKPOINT_PAGES = 500  # 2 MiB of log: well under the ballast that must hold it


def is_damage(error: sqlite3.Error) -> bool:
    """Tell a damaged file from a full disk or a failing one."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return False
    return code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def is_full(error: sqlite3.Error) -> bool:
    """Tell "no room" (disk or page limit) from every other failure."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL


def open_writer(path: Path, limit_bytes: int) -> sqlite3.Connection:
    """Open, check and prepare the file. Raises sqlite3.Error; see ``is_damage``."""
    connection = _connect(path)
    try:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA secure_delete = ON")  # what is forgotten is overwritten
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
        verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            raise _damaged(f"quick_check: {verdict}")
        connection.executescript(_SCHEMA)
        _add_times(connection)
        page_bytes = connection.execute("PRAGMA page_size").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {max(16, limit_bytes // page_bytes)}")
    except BaseException:
        connection.close()
        raise
    return connection


def _add_times(connection: sqlite3.Connection) -> None:
    """Give a file of an older release its times: what waits in it counts from now."""
    columns = {row[1] for row in connection.execute("PRAGMA table_info(items)")}
    if "spooled_at" not in columns:
        connection.execute("ALTER TABLE items ADD COLUMN spooled_at INTEGER NOT NULL DEFAULT 0")
        connection.execute("UPDATE items SET spooled_at = ?", (int(time.time()),))


def open_reader(path: Path) -> sqlite3.Connection:
    """Open a second connection, which never waits for the writer (WAL)."""
    connection = _connect(path)
    connection.execute("PRAGMA query_only = ON")
    return connection


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
    return connection


def _damaged(message: str) -> sqlite3.DatabaseError:
    error = sqlite3.DatabaseError(message)
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error


def set_aside(path: Path, reason: str) -> Path:
    """Rename a damaged file (and its log) so that a person may look at it; delete nothing."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    for suffix in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
    _log.error(
        "spool.damaged",
        reason=reason,
        kept_as=str(aside),
        meaning="reads still unshipped in that file are not lost, but no longer shipped by itself",
    )
    return aside


def remove_aside(path: Path, before: datetime) -> int:
    """Delete damaged files that nobody came for before a moment; return how many."""
    gone = 0
    for aside in path.parent.glob(f"{path.name}.damaged-*"):
        with contextlib.suppress(FileNotFoundError):
            if aside.stat().st_mtime < before.timestamp():
                aside.unlink()
                gone += 1
    return gone


def first_words(error: BaseException) -> str:
    """Return an error's message on one line, at most 200 characters."""
    return " ".join(str(error).split())[:200]
