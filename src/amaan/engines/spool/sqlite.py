"""The spool: SQLite for reads, files for pictures.

Appends of several threads share one fsync: whoever gets the write lock commits all that wait.
Every start opens a sequence of its own (``boot``); what older starts left behind ships first.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, TypeVar
from uuid import uuid4

import structlog

from amaan.engines.spool import database
from amaan.engines.spool.ballast import Ballast
from amaan.engines.spool.errors import SpoolClosedError, SpoolFullError
from amaan.engines.spool.files import KeptFile, KeptFiles
from amaan.engines.spool.settings import SpoolSettings
from amaan.kernel.engines import Spooled

_log = structlog.get_logger(__name__)

_Result = TypeVar("_Result")
_ATTEMPTS = 8
_FREED_AT_ONCE_BYTES = 4 * 1024 * 1024
_FORGOTTEN_AT_ONCE = 250  # so that a commit's log fits the room the ballast leaves
_SHRUNK_AT_ONCE_PAGES = 4096
_REOPEN_PAUSE_S = 1.0
_DISK_FULL = "the disk under the spool is full"


@dataclass(frozen=True, slots=True)
class SpoolStatus:
    """What the heartbeat says of the spool.

    ``state`` is ok, full (no room) or failing (the disk errs, or a damaged file was set aside).
    ``dropped_files`` counts pictures given up for room since the start, ``overdue`` reads and
    pictures that could not be shipped before their days were over.
    """

    state: str
    reason: str
    pending: dict[str, int]
    file_bytes: int
    dropped_files: int
    overdue: int = 0


@dataclass(slots=True)
class _Ticket:
    kind: str
    payload: bytes
    spooled: Spooled | None = None
    error: SpoolFullError | None = None


@dataclass(slots=True)
class _Sequence:
    boot: str
    ordinal: int
    last: int = 0

    def take(self) -> int:
        self.last += 1
        return self.last


@dataclass(slots=True)
class _Open:
    writer: sqlite3.Connection
    reader: sqlite3.Connection
    reads: _Sequence
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))


class SqliteSpool:
    """``kernel.engines.Spool`` on a local disk. One process at a time (the worker holds a lock)."""

    def __init__(self, settings: SpoolSettings) -> None:
        self._settings = settings
        settings.directory.mkdir(parents=True, exist_ok=True)
        self._path = settings.directory / "spool.sqlite3"
        self._files = KeptFiles(
            settings.directory / "spool-files", settings.file_bytes, settings.reserve_bytes
        )
        self._ballast = Ballast(settings.directory / "spool.ballast", settings.ballast_bytes)
        self._queue: list[_Ticket] = []
        self._queue_lock = threading.Lock()
        self._write_lock = threading.Lock()
        self._read_lock = threading.Lock()
        self._file_lock = threading.Lock()
        self._trouble: tuple[str, str] | None = None
        self._notice = ""
        self._overdue = 0
        self._closed = False
        self._retry_open_at = 0.0
        self._open: _Open | None = None
        self._file_sequence = _Sequence(str(uuid4()), self._files.last_order + 1)
        try:
            self._reopen()
        except SpoolFullError:
            _log.exception("spool.not_opened")

    @property
    def boot(self) -> str:
        """The UUID of the present sequence of reads; changes if a damaged file is set aside."""
        return self._open.reads.boot if self._open else self._file_sequence.boot

    # -- appending ---------------------------------------------------------------------------

    def append(self, kind: str, payload: bytes) -> Spooled:
        """Return only once the item is on disk (fsync). SpoolFullError when it cannot be."""
        if kind in self._settings.file_kinds:
            return self._append_file(kind, payload)
        ticket = _Ticket(kind, payload)
        with self._queue_lock:
            self._queue.append(ticket)
        with self._write_lock:
            if ticket.spooled is None and ticket.error is None:
                self._commit_waiting()
        if ticket.spooled is None:
            raise ticket.error or SpoolFullError("the spool did not take the item")
        return ticket.spooled

    def _append_file(self, kind: str, payload: bytes) -> Spooled:
        if self._closed:
            raise SpoolClosedError("the spool is closed")
        sequence = self._file_sequence
        with self._file_lock:
            seq = sequence.take()
        self._files.write(sequence.ordinal, sequence.boot, seq, kind, payload)
        return Spooled(self._settings.source, sequence.boot, seq, kind, payload)

    def _commit_waiting(self) -> None:
        with self._queue_lock:
            tickets, self._queue = self._queue, []
        try:
            spooled = self._insert(tickets)
        except SpoolFullError as error:
            for ticket in tickets:
                ticket.error = error
            return
        for ticket, item in zip(tickets, spooled, strict=True):
            ticket.spooled = item

    def _insert(self, tickets: Sequence[_Ticket]) -> list[Spooled]:
        def insert(opened: _Open) -> list[Spooled]:
            ours, now_s = opened.reads, int(time.time())
            items = [
                Spooled(self._settings.source, ours.boot, ours.take(), ticket.kind, ticket.payload)
                for ticket in tickets
            ]
            opened.writer.executemany(
                "INSERT INTO items (ordinal, seq, kind, payload, spooled_at)"
                " VALUES (?, ?, ?, ?, ?)",
                [(ours.ordinal, item.seq, item.kind, item.payload, now_s) for item in items],
            )
            return items

        items = self._write(insert, grows=True)
        opened = self._open
        if opened is not None:
            for item in items:
                opened.counts[item.kind] += 1
        return items

    # -- shipping ----------------------------------------------------------------------------

    def pending(self, kind: str, limit: int) -> Sequence[Spooled]:
        """Return the oldest unacknowledged items of a kind, in order of (boot age, seq).

        Raises SpoolFullError when the disk fails while reading.
        """
        if kind in self._settings.file_kinds:
            return self._spooled(self._files.oldest(kind, limit))
        return self._rows(kind, limit, "ASC")

    def latest(self, kind: str, limit: int) -> Sequence[Spooled]:
        """Return the newest unacknowledged items of a kind, newest first; raises as ``pending``."""
        if kind in self._settings.file_kinds:
            return self._spooled(self._files.newest(kind, limit))
        return self._rows(kind, limit, "DESC")

    def _spooled(self, files: Iterable[tuple[KeptFile, bytes]]) -> list[Spooled]:
        source = self._settings.source
        return [Spooled(source, kept.boot, kept.seq, kept.kind, content) for kept, content in files]

    def _rows(self, kind: str, limit: int, order: Literal["ASC", "DESC"]) -> list[Spooled]:
        source = self._settings.source
        with self._read_lock:
            opened = self._open
            if opened is None:
                return []
            try:
                rows = opened.reader.execute(
                    "SELECT boots.boot, items.seq, items.payload FROM items"  # noqa: S608 (order)
                    " JOIN boots USING (ordinal) WHERE items.kind = ?"
                    f" ORDER BY items.ordinal {order}, items.seq {order} LIMIT ?",
                    (kind, limit),
                ).fetchall()
                return [Spooled(source, boot, seq, kind, payload) for boot, seq, payload in rows]
            except sqlite3.Error as error:
                failure = error
        if not database.is_damage(failure):
            text = f"the spool cannot be read: {database.first_words(failure)}"
            raise self._in_trouble("failing", text) from failure
        with self._write_lock:
            self._begin_afresh(opened, failure)
        return []

    def acknowledge(self, items: Iterable[tuple[str, str, int]]) -> None:
        """Forget items by (source, boot, seq), once the centre has committed them."""
        ours = [(boot, seq) for source, boot, seq in items if source == self._settings.source]
        self._files.forget(ours)

        for start in range(0, len(ours), _FORGOTTEN_AT_ONCE):
            with self._write_lock:
                self._forget(ours[start : start + _FORGOTTEN_AT_ONCE])

    def _forget(self, keys: Sequence[tuple[str, int]]) -> None:
        def forget(opened: _Open) -> dict[str, int]:
            gone: dict[str, int] = defaultdict(int)
            for boot, seq in keys:
                row = opened.writer.execute(
                    "DELETE FROM items WHERE seq = ? AND ordinal ="
                    " (SELECT ordinal FROM boots WHERE boot = ?) RETURNING kind",
                    (seq, boot),
                ).fetchone()
                if row is not None:
                    gone[row[0]] += 1
            return gone

        gone = self._write(forget, grows=False)
        opened = self._open
        if opened is None:
            return
        for kind, count in gone.items():
            opened.counts[kind] -= count
        if gone and not any(opened.counts.values()):
            self._shrink(opened)

    def drop_older(self, before: datetime) -> int:
        """Give up what was spooled before a moment, shipped or not; return how many items.

        Leaves nothing of them, nor of what was acknowledged, in the files.
        """
        gone = self._files.drop_older(before.timestamp())
        database.remove_aside(self._path, before)
        while True:
            with self._write_lock:
                dropped = self._drop_rows(int(before.timestamp()))
            gone += dropped
            if dropped < _FORGOTTEN_AT_ONCE:
                break
        with self._write_lock:
            if self._open is not None:
                self._shrink(self._open)
        self._overdue += gone
        return gone

    def _drop_rows(self, before_s: int) -> int:
        def drop(opened: _Open) -> list[tuple[str]]:
            return opened.writer.execute(
                "DELETE FROM items WHERE (ordinal, seq) IN (SELECT ordinal, seq FROM items"
                " ORDER BY ordinal, seq LIMIT ?) AND spooled_at < ? RETURNING kind",
                (_FORGOTTEN_AT_ONCE, before_s),
            ).fetchall()

        gone = self._write(drop, grows=False)
        if self._open is not None:
            for (kind,) in gone:
                self._open.counts[kind] -= 1
        return len(gone)

    def status(self) -> SpoolStatus:
        """Return the state without touching the disk."""
        pending = dict(self._open.counts) if self._open else {}
        for kind in self._settings.file_kinds:
            pending[kind] = self._files.count(kind)
        state, reason = self._trouble or ("ok", "")
        if not reason:
            reason = self._notice
        if self._files.dropped:
            reason = "; ".join(
                part for part in (reason, f"{self._files.dropped} pictures given up") if part
            )
        if self._overdue:
            text = f"{self._overdue} reads and pictures given up: their days were over"
            reason = "; ".join(part for part in (reason, text) if part)
        return SpoolStatus(
            state, reason, pending, self._files.bytes, self._files.dropped, self._overdue
        )

    def close(self) -> None:
        """Finish what waits and close; later appends fail."""
        with self._write_lock, self._read_lock:
            self._closed = True
            if self._open is not None:
                self._open.reader.close()
                self._open.writer.close()
                self._open = None

    # -- the file, and its troubles ------------------------------------------------------------

    def _write(self, work: Callable[[_Open], _Result], *, grows: bool) -> _Result:
        """Run ``work`` in one durable transaction; the write lock is held."""
        if self._closed:
            raise SpoolClosedError("the spool is closed")
        for _ in range(_ATTEMPTS):
            opened = self._open or self._reopen()
            if grows and not self._ballast.take_in():
                self._shrink(opened)
                if not self._ballast.take_in():
                    if not self._give_up_pictures(_DISK_FULL):
                        raise self._in_trouble("full", _DISK_FULL)
                    continue
            try:
                opened.writer.execute("BEGIN IMMEDIATE")
                result = work(opened)
                opened.writer.execute("COMMIT")
            except sqlite3.Error as error:
                if opened.writer.in_transaction:
                    with contextlib.suppress(sqlite3.Error):
                        opened.writer.execute("ROLLBACK")
                if database.is_damage(error):
                    self._begin_afresh(opened, error)
                else:
                    self._make_room(opened, error)
            else:
                if grows:
                    self._settle()
                return result
        raise self._in_trouble("full", _DISK_FULL)

    def _make_room(self, opened: _Open, error: sqlite3.Error) -> None:
        """Give up ballast and pictures when it is the disk that is full; else raise."""
        if self._files.free_bytes() > _FREED_AT_ONCE_BYTES:
            if database.is_full(error):
                limit = self._settings.database_bytes
                text = f"the spool has reached its limit of {limit} bytes"
                raise self._in_trouble("full", text) from error
            text = f"the spool's disk fails: {database.first_words(error)}"
            raise self._in_trouble("failing", text) from error
        thrown_out = self._ballast.throw_out()
        if not (self._give_up_pictures(database.first_words(error)) or thrown_out):
            raise self._in_trouble("full", _DISK_FULL) from error
        self._shrink(opened)

    @staticmethod
    def _shrink(opened: _Open) -> None:
        """Give back to the disk what the file and its log no longer need."""
        with contextlib.suppress(sqlite3.Error):
            opened.writer.execute(f"PRAGMA incremental_vacuum({_SHRUNK_AT_ONCE_PAGES})").fetchall()
        with contextlib.suppress(sqlite3.Error):
            opened.writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _give_up_pictures(self, reason: str) -> int:
        gone = self._files.drop_oldest(_FREED_AT_ONCE_BYTES)
        if gone:
            _log.warning("spool.pictures_given_up", count=gone, reason=reason)
        return gone

    def _in_trouble(self, state: str, reason: str) -> SpoolFullError:
        if self._trouble != (state, reason):
            _log.error("spool.in_trouble", state=state, reason=reason)
        self._trouble = (state, reason)
        return SpoolFullError(reason)

    def _settle(self) -> None:
        if self._trouble is not None:
            _log.info("spool.recovered", after=self._trouble[1])
            self._trouble = None

    def _begin_afresh(self, opened: _Open, error: sqlite3.Error) -> None:
        with self._read_lock:
            if self._open is not opened:
                return  # another thread has already done it
            with contextlib.suppress(sqlite3.Error):
                opened.reader.close()
            with contextlib.suppress(sqlite3.Error):
                opened.writer.close()
            self._open = None
        self._set_aside(error)
        self._reopen()

    def _set_aside(self, error: sqlite3.Error) -> None:
        aside = database.set_aside(self._path, database.first_words(error))
        self._notice = f"a damaged spool was set aside as {aside.name}"

    def _reopen(self) -> _Open:
        if time.monotonic() < self._retry_open_at:
            raise SpoolFullError((self._trouble or ("", "the spool cannot be opened"))[1])
        try:
            try:
                opened = self._open_file()
            except sqlite3.DatabaseError as error:
                if not database.is_damage(error):
                    raise
                self._set_aside(error)
                opened = self._open_file()
        except (sqlite3.Error, OSError) as error:
            self._retry_open_at = time.monotonic() + _REOPEN_PAUSE_S
            full = isinstance(error, sqlite3.Error) and database.is_full(error)
            raise self._in_trouble(
                "full" if full else "failing",
                f"the spool cannot be opened: {database.first_words(error)}",
            ) from error
        with self._read_lock:
            self._open = opened
        return opened

    def _open_file(self) -> _Open:
        writer = database.open_writer(self._path, self._settings.database_bytes)
        try:
            boot = str(uuid4())
            writer.execute("BEGIN IMMEDIATE")
            writer.execute(
                "DELETE FROM boots WHERE ordinal NOT IN (SELECT DISTINCT ordinal FROM items)"
            )
            ordinal = writer.execute(
                "INSERT INTO boots (boot, started_at) VALUES (?, ?) RETURNING ordinal",
                (boot, datetime.now(UTC).isoformat()),
            ).fetchone()[0]
            writer.execute("COMMIT")
            counts = writer.execute("SELECT kind, COUNT(*) FROM items GROUP BY kind").fetchall()
            opened = _Open(writer, database.open_reader(self._path), _Sequence(boot, ordinal))
        except BaseException:
            writer.close()
            raise
        opened.counts.update(counts)
        return opened
