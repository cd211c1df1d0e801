"""The edge's own book of what is recorded and what is not, and the journal of its changes.

SQLite, fully synchronous. A segment is entered when its file and folder are on disk; it is taken
out in the order: marked, file removed, folder synced, row removed. Every change that the centre
is to know gets the next number of the journal in the same transaction.

For each stream there is a moment up to which everything is accounted for (``known_ms``): what
lies before it is in a segment or in a gap. ``coverage`` in the tests holds it to that.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import structlog

from amaan.kernel.ids import new_id
from amaan.video.recording.model import Hours, Kept, Missed, Policy
from amaan.video.recording.parts import NotRecordingError, read_layout
from amaan.video.recording.recorder import sync_folder
from amaan.video.recording.rules import DEFAULT, Span, is_wanted, meets, window_of

_log = structlog.get_logger(__name__)

JOINED_MS = 1_000  # a segment so soon after the last follows it; the centre joins alike
WINDOWS_KEPT_MS = 86_400_000
Name = tuple[str, str]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS segments (
    id TEXT PRIMARY KEY, camera TEXT NOT NULL, stream TEXT NOT NULL, path TEXT NOT NULL,
    start_ms INTEGER NOT NULL, end_ms INTEGER, bytes INTEGER, sha256 TEXT, codec TEXT NOT NULL,
    width INTEGER NOT NULL, height INTEGER NOT NULL, fps REAL NOT NULL DEFAULT 0,
    has_audio INTEGER NOT NULL, told INTEGER NOT NULL, going TEXT);
CREATE INDEX IF NOT EXISTS segments_time ON segments (camera, stream, start_ms);
CREATE INDEX IF NOT EXISTS segments_growing ON segments (camera, stream) WHERE end_ms IS NULL;
CREATE TABLE IF NOT EXISTS gaps (
    id TEXT PRIMARY KEY, camera TEXT NOT NULL, stream TEXT NOT NULL, start_ms INTEGER NOT NULL,
    end_ms INTEGER, cause TEXT NOT NULL, detail TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS gaps_time ON gaps (camera, stream, start_ms);
CREATE TABLE IF NOT EXISTS streams (
    camera TEXT, stream TEXT, known_ms INTEGER NOT NULL, PRIMARY KEY (camera, stream));
CREATE TABLE IF NOT EXISTS windows (camera TEXT NOT NULL, since_ms INTEGER, until_ms INTEGER);
CREATE TABLE IF NOT EXISTS policies (camera TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS journal (seq INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL);
"""
_KEPT = "id, camera, stream, path, start_ms, end_ms, bytes, sha256, codec, has_audio, told"


@dataclass(frozen=True, slots=True)
class Standing:
    """What a stream is at: the segment that grows and the gap that lasts, where there is one."""

    growing: Kept | None
    gap: Missed | None
    known_ms: int | None


class Ledger:
    """One worker's. Safe from any thread; every method is one transaction."""

    def __init__(self, path: Path, videos: Path) -> None:
        """``videos``: the folder that segments' paths start from."""
        self.videos = videos
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(_SCHEMA)
        with self._writing():
            self.id = self._meta("ledger") or str(uuid4())
            self._set_meta("ledger", self.id)
        self._policies = {
            camera: _policy(body)
            for camera, body in self._db.execute("SELECT camera, body FROM policies")
        }

    def close(self) -> None:
        """Close. Note ``stopped`` before, where all ended well."""
        with self._lock:
            self._db.close()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def _meta(self, name: str) -> str:
        row = self._db.execute("SELECT value FROM meta WHERE name = ?", [name]).fetchone()
        return "" if row is None else str(row[0])

    def _set_meta(self, name: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", [name, value])

    # -- what recorders tell -----------------------------------------------------------------

    def record(self, entry: Mapping[str, object]) -> None:
        """Enter what a recorder emitted; nonsense is refused with ValueError."""
        kind = entry.get("kind")
        with self._writing():
            if kind == "opened":
                self._opened(entry)
            elif kind == "finished":
                self._finished(entry)
            elif kind == "interrupted":
                name = str(entry["camera"]), str(entry["stream"])
                self._settle(name)
                self._miss(name, str(entry["cause"]), str(entry["detail"]), _int(entry, "at_ms"))
            elif kind == "broken":
                self._settle_one(self.segment(str(entry["id"])))
            else:
                raise ValueError(f"no such entry: {kind}")

    def lost(self, camera: str, stream: str, at_ms: int) -> None:
        """Note that the process that recorded a stream is gone."""
        with self._writing():
            self._settle((camera, stream))
            self._miss((camera, stream), "restart", "the recording process ended", at_ms)

    def ended(self, camera: str, stream: str, at_ms: int) -> None:
        """Note that a stream is no more recorded here: the gap that lasts ends too."""
        with self._writing():
            self._settle((camera, stream))
            gap = self._gap((camera, stream))
            if gap is not None:
                self._end_gap(gap, at_ms)

    def event(self, camera: str, at_ms: int, until_ms: int | None = None) -> None:
        """Want what lies around an event; what is there already of it is kept from now on."""
        policy = self.policy(camera)
        since, until = window_of(policy, at_ms)
        until = max(until, until_ms or 0)
        if policy.mode == "continuous":
            return
        with self._writing():
            known = self._windows(camera)
            if any(one[0] <= since and until <= one[1] for one in known):
                return
            touching = [one for one in known if one[0] <= until and since <= one[1]]
            self._db.execute(
                "DELETE FROM windows WHERE camera = ? AND (until_ms < ?"
                " OR (since_ms <= ? AND until_ms >= ?))",
                [camera, at_ms - WINDOWS_KEPT_MS, until, since],
            )
            since = min([since, *(one[0] for one in touching)])
            until = max([until, *(one[1] for one in touching)])
            self._db.execute("INSERT INTO windows VALUES (?, ?, ?)", [camera, since, until])
            for one in self._untold(camera, (since, until)):
                self._promote(one)

    # -- terms -------------------------------------------------------------------------------

    def policy(self, camera: str) -> Policy:
        """Return what is known of a camera's terms; those of before when it runs no more."""
        with self._lock:
            return self._policies.get(camera, DEFAULT)

    def policies(self) -> dict[str, Policy]:
        """Return all."""
        with self._lock:
            return dict(self._policies)

    def set_policies(self, policies: Mapping[str, Policy]) -> None:
        """Take new terms; those of cameras not named stay as they were."""
        with self._writing():
            for camera, policy in policies.items():
                if self._policies.get(camera) != policy:
                    self._db.execute(
                        "INSERT OR REPLACE INTO policies VALUES (?, ?)", [camera, _body(policy)]
                    )
            self._policies.update(policies)

    # -- starting and stopping ---------------------------------------------------------------

    def recover(self, boot: str, now_ms: int) -> list[str]:
        """Make ledger and disk agree after whatever happened; return what was mended, in words.

        ``boot`` names this run of the machine: another one, without a proper end before, means
        that its power went. Call it before anything records.
        """
        mended: list[str] = []
        with self._writing():
            cause, detail = "restart", "the worker was started again"
            if self._meta("boot") not in ("", boot) and self._meta("clean") != "yes":
                cause, detail = "power", "the machine stopped without a proper end"
            self._set_meta("boot", boot)
            self._set_meta("clean", "no")
            for name in self._names():
                mended += self._settle(name)
                known = self._known(name)
                gap = self._gap(name)
                if known is None or (gap is not None and gap.cause != "plan"):
                    continue
                self._miss(name, cause, detail, max(known, min(now_ms, known)))
            going = self._kept("going IS NOT NULL", [])
        for one in going:
            self.remove([(one, "")])
        mended += self._find_missing()
        mended += self._find_strays()
        return mended

    def stopped(self) -> None:
        """Note that everything was finished properly."""
        with self._writing():
            self._set_meta("clean", "yes")

    def _find_missing(self) -> list[str]:
        """Drop segments whose file is gone; their time is a gap from now on."""
        gone = [one for one in self.finished() if not one.path.is_file()]
        for one in gone:
            with self._writing():
                self._drop(one, "lost")
                if one.told and one.end_ms is not None:
                    gap = self._new_gap((one.camera, one.stream), one.start_ms, "disk")
                    self._write_gap(gap, one.end_ms, "the file is gone")
        return [f"{one.path.name} of {one.camera} is gone" for one in gone]

    def _find_strays(self) -> list[str]:
        """Remove files that were begun and never told of: their folder's entry came first."""
        with self._lock:
            known = {row[0] for row in self._db.execute("SELECT path FROM segments")}
        strays = [
            path
            for path in self.videos.glob("*/*/*/*.mp4")
            if str(path.relative_to(self.videos)) not in known
        ]
        for path in strays:
            path.unlink(missing_ok=True)
        return [f"{path.name} was never entered and is removed" for path in strays]

    # -- the recorded ------------------------------------------------------------------------

    def segments(self, camera: str, stream: str, since_ms: int, until_ms: int) -> list[Kept]:
        """Return the segments that meet a span, by their start; the growing one too."""
        return self._kept(
            "camera = ? AND stream = ? AND start_ms < ? AND coalesce(end_ms, start_ms + 86400000)"
            " > ? AND going IS NULL ORDER BY start_ms",
            [camera, stream, until_ms, since_ms],
        )

    def segment(self, identifier: str) -> Kept | None:
        """Return one; None when there is none, or it is being removed."""
        return next(iter(self._kept("id = ? AND going IS NULL", [identifier])), None)

    def after(self, camera: str, stream: str, at_ms: int) -> Kept | None:
        """Return the first that ends after a moment."""
        found = self._kept(
            "camera = ? AND stream = ? AND coalesce(end_ms, start_ms + 86400000) > ?"
            " AND going IS NULL ORDER BY start_ms LIMIT 1",
            [camera, stream, at_ms],
        )
        return next(iter(found), None)

    def finished(self) -> list[Kept]:
        """Return every finished segment, oldest first."""
        return self._kept("end_ms IS NOT NULL AND going IS NULL ORDER BY start_ms", [])

    def growing(self) -> list[Kept]:
        """Return those that are being written."""
        return self._kept("end_ms IS NULL", [])

    def gaps(self, camera: str, stream: str) -> list[Missed]:
        """Return the gaps of a stream, oldest first."""
        with self._lock:
            rows = self._db.execute(
                "SELECT id, camera, stream, start_ms, end_ms, cause, detail FROM gaps"
                " WHERE camera = ? AND stream = ? ORDER BY start_ms",
                [camera, stream],
            )
            return [Missed(*row) for row in rows]

    def standing(self, camera: str, stream: str) -> Standing:
        """Return what a stream is at."""
        with self._lock:
            name = camera, stream
            return Standing(self._growing(name), self._gap(name), self._known(name))

    def streams(self) -> list[Name]:
        """Return every stream ever recorded here."""
        with self._lock:
            return self._names()

    def _kept(self, where: str, values: Sequence[object]) -> list[Kept]:
        with self._lock:
            rows = self._db.execute(
                f"SELECT {_KEPT} FROM segments WHERE {where}", values
            ).fetchall()  # noqa: S608 (constants)
        return [
            Kept(*row[:3], self.videos / row[3], *row[4:9], bool(row[9]), bool(row[10]))
            for row in rows
        ]

    # -- removal -----------------------------------------------------------------------------

    def remove(self, gone: Iterable[tuple[Kept, str]]) -> int:
        """Remove segments for a reason each; return the bytes freed. OSError stops it."""
        freed = 0
        batch = list(gone)
        with self._writing():
            for one, reason in batch:
                if reason:
                    self._db.execute("UPDATE segments SET going = ? WHERE id = ?", [reason, one.id])
        folders = set()
        for one, _ in batch:
            with contextlib.suppress(FileNotFoundError):
                one.path.unlink()
                folders.add(one.path.parent)
        for folder in folders:
            sync_folder(folder)
            with contextlib.suppress(OSError):
                folder.rmdir()  # refused while there is something in it
        with self._writing():
            for one, reason in batch:
                self._drop(one, reason)
                freed += one.bytes or 0
        return freed

    def _drop(self, one: Kept, reason: str) -> None:
        row = self._db.execute("SELECT going, told FROM segments WHERE id = ?", [one.id]).fetchone()
        if row is None:
            return
        self._db.execute("DELETE FROM segments WHERE id = ?", [one.id])
        if row[1]:
            self._tell("dropped", id=one.id, reason=reason or row[0] or "lost")

    # -- the journal -------------------------------------------------------------------------

    def untold(self, most: int) -> list[dict[str, object]]:
        """Return the oldest entries that the centre has not applied, in order."""
        with self._lock:
            rows = self._db.execute("SELECT seq, body FROM journal ORDER BY seq LIMIT ?", [most])
            return [{"seq": seq, **json.loads(body)} for seq, body in rows]

    def told(self, applied: int) -> None:
        """Forget what the centre has applied."""
        with self._writing():
            self._db.execute("DELETE FROM journal WHERE seq <= ?", [applied])

    def waiting(self) -> int:
        """Return how many entries the centre is still to be told."""
        with self._lock:
            return int(self._db.execute("SELECT count(*) FROM journal").fetchone()[0])

    def _tell(self, kind: str, **said: object) -> None:
        body = json.dumps({"kind": kind, **said}, separators=(",", ":"))
        self._db.execute("INSERT INTO journal (body) VALUES (?)", [body])

    # -- coverage ----------------------------------------------------------------------------

    def _opened(self, entry: Mapping[str, object]) -> None:
        name = camera, stream = str(entry["camera"]), str(entry["stream"])
        start = _int(entry, "start_ms")
        self._settle(name)
        told = self.policy(camera).mode == "continuous"
        self._db.execute(
            "INSERT INTO segments (id, camera, stream, path, start_ms, codec, width, height,"
            " has_audio, told) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                *(entry["id"], camera, stream, entry["path"], start, entry["codec"]),
                *(entry["width"], entry["height"], bool(entry["has_audio"]), told),
            ],
        )
        gap = self._gap(name)
        if gap is not None and (told or gap.cause != "plan"):
            self._end_gap(gap, start)
        self._account_until(name, start)
        if told:
            self._tell(
                "opened",
                id=entry["id"],
                camera=camera,
                stream=stream,
                start=_wire(start),
                codec=entry["codec"],
                width=entry["width"],
                height=entry["height"],
                mode=self.policy(camera).mode,
            )

    def _account_until(self, name: Name, start: int) -> None:
        """Make a gap of a time that nobody explained."""
        known = self._known(name)
        if known is not None and start > known + JOINED_MS and self._gap(name) is None:
            gap = self._new_gap(name, known, "restart")
            self._write_gap(gap, start, "recording began again")
        self._know(name, start)

    def _finished(self, entry: Mapping[str, object]) -> None:
        found = self.segment(str(entry["id"]))
        if found is None or found.end_ms is not None:
            return
        self._finish(
            found,
            _int(entry, "end_ms"),
            (_int(entry, "bytes"), str(entry["sha256"]), float(str(entry["fps"]))),
        )

    def _finish(self, one: Kept, end: int, made: tuple[int, str, float]) -> None:
        end = max(end, one.start_ms + 1)
        size, digest, fps = made
        self._db.execute(
            "UPDATE segments SET end_ms = ?, bytes = ?, sha256 = ?, fps = ? WHERE id = ?",
            [end, size, digest, fps, one.id],
        )
        name = one.camera, one.stream
        if one.told:
            self._tell_segment(one.id)
        elif is_wanted(self.policy(one.camera), self._windows(one.camera), (one.start_ms, end)):
            self._promote(self._kept("id = ?", [one.id])[0])
        elif self._gap(name) is None:
            gap = self._new_gap(name, one.start_ms, "plan")
            self._write_gap(gap, None, "not wanted by its mode")
        self._know(name, end)

    def _promote(self, one: Kept) -> None:
        """Keep a finished segment that was there only for a while; the gaps give way to it."""
        assert one.end_ms is not None
        name, span = (one.camera, one.stream), (one.start_ms, one.end_ms)
        for gap in self.gaps(*name):
            end = gap.end_ms if gap.end_ms is not None else max(one.end_ms, self._known(name) or 0)
            if gap.cause != "plan" or not meets((gap.start_ms, max(end, gap.start_ms + 1)), span):
                continue
            lasting = gap.end_ms is None
            self._write_gap(gap, max(gap.start_ms, one.start_ms), gap.detail)
            if end > one.end_ms:
                rest = self._new_gap(name, one.end_ms, "plan")
                self._write_gap(rest, None if lasting else end, gap.detail)
        self._db.execute("UPDATE segments SET told = 1 WHERE id = ?", [one.id])
        self._tell_segment(one.id)

    def _tell_segment(self, identifier: str) -> None:
        row = self._db.execute(
            "SELECT camera, stream, start_ms, end_ms, bytes, sha256, codec, width, height, fps,"
            " has_audio FROM segments WHERE id = ?",
            [identifier],
        ).fetchone()
        names = ("bytes", "sha256", "codec", "width", "height", "fps")
        self._tell(
            "segment",
            id=identifier,
            camera=row[0],
            stream=row[1],
            start=_wire(row[2]),
            end=_wire(row[3]),
            **dict(zip(names, row[4:10], strict=True)),
            has_audio=bool(row[10]),
        )

    def _settle(self, name: Name) -> list[str]:
        """Finish a segment that its recorder did not."""
        return self._settle_one(self._growing(name))

    def _settle_one(self, one: Kept | None) -> list[str]:
        if one is None or one.end_ms is not None:
            return []
        try:
            layout = read_layout(one.path)
            if not layout.parts:
                raise NotRecordingError("nothing but a head")
            with one.path.open("r+b") as file:
                file.truncate(layout.size)  # the part that was being written
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except (OSError, NotRecordingError):
            self._db.execute("DELETE FROM segments WHERE id = ?", [one.id])
            if one.told:
                self._tell("dropped", id=one.id, reason="lost")
            one.path.unlink(missing_ok=True)
            return [f"{one.path.name} of {one.camera} held nothing"]
        length_s = max(part.end_s for part in layout.parts)
        self._finish(one, one.start_ms + round(length_s * 1000), (layout.size, digest, 0.0))
        return [f"{one.path.name} of {one.camera} is finished"]

    def _miss(self, name: Name, cause: str, detail: str, at_ms: int) -> None:
        """Note that nothing is recorded, from where it stopped."""
        known, gap = self._known(name), self._gap(name)
        if gap is not None:
            if gap.cause == cause:
                return
            turn = max(gap.start_ms, known or 0) if gap.cause == "plan" else at_ms
            self._end_gap(gap, turn)
            known = self._known(name)
        start = at_ms if known is None else known
        self._know(name, start)
        self._write_gap(self._new_gap(name, start, cause), None, detail)

    def _new_gap(self, name: Name, start: int, cause: str) -> Missed:
        identifier = str(new_id(datetime.fromtimestamp(start / 1000, UTC)))
        return Missed(identifier, *name, start, None, cause, "")

    def _end_gap(self, gap: Missed, end: int) -> None:
        end = max(gap.start_ms, end)
        self._write_gap(gap, end, gap.detail)
        self._know((gap.camera, gap.stream), end)

    def _write_gap(self, gap: Missed, end: int | None, detail: str) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO gaps VALUES (?, ?, ?, ?, ?, ?, ?)",
            [gap.id, gap.camera, gap.stream, gap.start_ms, end, gap.cause, detail],
        )
        self._tell(
            "gap",
            id=gap.id,
            camera=gap.camera,
            stream=gap.stream,
            start=_wire(gap.start_ms),
            end=None if end is None else _wire(end),
            cause=gap.cause,
            detail=detail,
        )

    def _names(self) -> list[Name]:
        rows = self._db.execute(
            "SELECT camera, stream FROM streams UNION SELECT camera, stream FROM segments"
            " ORDER BY 1, 2"
        )
        return [(row[0], row[1]) for row in rows.fetchall()]

    def _known(self, name: Name) -> int | None:
        row = self._db.execute(
            "SELECT known_ms FROM streams WHERE camera = ? AND stream = ?", name
        ).fetchone()
        return None if row is None else int(row[0])

    def _know(self, name: Name, until: int) -> None:
        self._db.execute(
            "INSERT INTO streams VALUES (?, ?, ?) ON CONFLICT DO UPDATE"
            " SET known_ms = max(known_ms, excluded.known_ms)",
            [*name, until],
        )

    def _growing(self, name: Name) -> Kept | None:
        found = self._kept(
            "camera = ? AND stream = ? AND end_ms IS NULL ORDER BY start_ms DESC LIMIT 1", name
        )
        return next(iter(found), None)

    def _gap(self, name: Name) -> Missed | None:
        row = self._db.execute(
            "SELECT id, camera, stream, start_ms, end_ms, cause, detail FROM gaps"
            " WHERE camera = ? AND stream = ? AND end_ms IS NULL ORDER BY start_ms DESC LIMIT 1",
            name,
        ).fetchone()
        return None if row is None else Missed(*row)

    def _windows(self, camera: str) -> list[Span]:
        rows = self._db.execute("SELECT since_ms, until_ms FROM windows WHERE camera = ?", [camera])
        return [(row[0], row[1]) for row in rows]

    def _untold(self, camera: str, span: Span) -> list[Kept]:
        return self._kept(
            "camera = ? AND NOT told AND end_ms IS NOT NULL AND going IS NULL"
            " AND start_ms < ? AND end_ms > ? ORDER BY start_ms",
            [camera, span[1], span[0]],
        )


def _int(entry: Mapping[str, object], name: str) -> int:
    value = entry[name]
    if not isinstance(value, int):
        raise ValueError(f"{name} is no whole number")
    return value


def _wire(at_ms: int) -> str:
    """Return RFC 3339 in UTC with milliseconds."""
    moment = datetime.fromtimestamp(at_ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _body(policy: Policy) -> str:
    return json.dumps(
        {
            "mode": policy.mode,
            "hours": [[sorted(one.days), one.since, one.until] for one in policy.hours],
            "before_s": policy.before_s,
            "after_s": policy.after_s,
            "days": policy.days,
            "gigabytes": policy.gigabytes,
            "holds": policy.holds,
        }
    )


def _policy(body: str) -> Policy:
    known = json.loads(body)
    hours = tuple(Hours(frozenset(days), since, until) for days, since, until in known["hours"])
    holds = tuple((int(since), int(until)) for since, until in known["holds"])
    return Policy(**{**known, "hours": hours, "holds": holds})
