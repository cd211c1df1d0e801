"""The ledger's tables: segments, gaps, terms and the journal. SQLite, fully synchronous."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from amaan.video.recording.model import Hours, Kept, Missed, Policy
from amaan.video.recording.rules import DEFAULT, Span, is_held

Name = tuple[str, str]
"""Camera and stream."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS segments (
    id TEXT PRIMARY KEY, camera TEXT NOT NULL, stream TEXT NOT NULL, path TEXT NOT NULL,
    start_ms INTEGER NOT NULL, end_ms INTEGER, bytes INTEGER, sha256 TEXT, codec TEXT NOT NULL,
    width INTEGER NOT NULL, height INTEGER NOT NULL, fps REAL NOT NULL DEFAULT 0,
    has_audio INTEGER NOT NULL, told INTEGER NOT NULL, going TEXT);
CREATE INDEX IF NOT EXISTS segments_time ON segments (camera, stream, start_ms);
CREATE INDEX IF NOT EXISTS segments_oldest ON segments (start_ms, id);
CREATE INDEX IF NOT EXISTS segments_untold ON segments (end_ms) WHERE told = 0;
CREATE INDEX IF NOT EXISTS segments_growing ON segments (camera, stream) WHERE end_ms IS NULL;
CREATE TABLE IF NOT EXISTS gaps (
    id TEXT PRIMARY KEY, camera TEXT NOT NULL, stream TEXT NOT NULL, start_ms INTEGER NOT NULL,
    end_ms INTEGER, cause TEXT NOT NULL, detail TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS gaps_time ON gaps (camera, stream, start_ms);
CREATE TABLE IF NOT EXISTS streams (
    camera TEXT, stream TEXT, known_ms INTEGER NOT NULL, PRIMARY KEY (camera, stream));
CREATE TABLE IF NOT EXISTS removed (
    camera TEXT NOT NULL, stream TEXT NOT NULL, start_ms INTEGER NOT NULL,
    end_ms INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS removed_end ON removed (camera, stream, end_ms);
CREATE TABLE IF NOT EXISTS windows (camera TEXT NOT NULL, since_ms INTEGER, until_ms INTEGER);
CREATE TABLE IF NOT EXISTS policies (camera TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS journal (seq INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL);
"""
_FINISHED = "end_ms IS NOT NULL AND going IS NULL"
_BATCH = 500
LONGEST_MS = 3_600_000  # no segment is longer: the recorder waits for a keyframe long before
_KEPT = "id, camera, stream, path, start_ms, end_ms, bytes, sha256, codec, has_audio, told"


class Tables:
    """Safe from any thread. What begins with an underscore stands within ``_writing``."""

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
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # SQLite itself rolls back on a full disk, at times
                    self._db.execute("ROLLBACK")
                raise

    def _meta(self, name: str) -> str:
        row = self._db.execute("SELECT value FROM meta WHERE name = ?", [name]).fetchone()
        return "" if row is None else str(row[0])

    def _set_meta(self, name: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", [name, value])

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
        with self._lock:
            with self._writing():
                for camera, policy in policies.items():
                    if self._policies.get(camera) != policy:
                        self._db.execute(
                            "INSERT OR REPLACE INTO policies VALUES (?, ?)", [camera, _body(policy)]
                        )
            self._policies.update(policies)  # only what stands on the disk

    def segments(self, camera: str, stream: str, since_ms: int, until_ms: int) -> list[Kept]:
        """Return the segments that meet a span, by their start; the growing one too."""
        return self._kept(
            "camera = ? AND stream = ? AND start_ms < ? AND start_ms > ?"
            " AND coalesce(end_ms, start_ms + 86400000) > ? AND going IS NULL ORDER BY start_ms",
            [camera, stream, until_ms, since_ms - LONGEST_MS, since_ms],
        )

    def segment(self, identifier: str) -> Kept | None:
        """Return one; None when there is none, or it is being removed."""
        return next(iter(self._kept("id = ? AND going IS NULL", [identifier])), None)

    def after(self, camera: str, stream: str, at_ms: int) -> Kept | None:
        """Return the first that ends after a moment."""
        found = self._kept(
            "camera = ? AND stream = ? AND start_ms > ?"
            " AND coalesce(end_ms, start_ms + 86400000) > ? AND going IS NULL"
            " ORDER BY start_ms LIMIT 1",
            [camera, stream, at_ms - LONGEST_MS, at_ms],
        )
        return next(iter(found), None)

    def finished(self) -> list[Kept]:
        """Return every finished segment, oldest first."""
        return self._kept(f"{_FINISHED} ORDER BY start_ms", [])

    def oldest(
        self, begun: Mapping[str, int], others_ms: int, untold_ms: int, need_bytes: int
    ) -> list[Kept]:
        """Return, oldest first, the finished segments among which all is that may have to go.

        Of each camera those ``begun`` before a moment, of cameras without terms those before
        ``others_ms``; those not told that ended before ``untold_ms``; the oldest that free
        ``need_bytes``; all of cameras that hold more than they may.
        """
        strange = "camera NOT IN (SELECT camera FROM policies)"
        found = self._kept(f"{strange} AND start_ms < ? AND {_FINISHED}", [others_ms])
        found += self._kept(f"told = 0 AND end_ms < ? AND {_FINISHED}", [untold_ms])
        found += self._freeing(need_bytes)
        for camera, before in begun.items():
            found += self._kept(f"camera = ? AND start_ms < ? AND {_FINISHED}", [camera, before])
        for camera, policy in self.policies().items():
            if policy.gigabytes is not None and self._bytes(camera) > policy.gigabytes * 1e9:
                found += self._kept(f"camera = ? AND {_FINISHED}", [camera])
        return sorted({one.id: one for one in found}.values(), key=lambda one: one.start_ms)

    def by_age(self) -> Iterator[list[Kept]]:
        """Yield the finished segments, oldest first, some hundred at a time."""
        after = (-1, "")
        later = f"(start_ms, id) > (?, ?) AND {_FINISHED} ORDER BY start_ms, id LIMIT {_BATCH}"
        while batch := self._kept(later, after):
            yield batch
            after = batch[-1].start_ms, batch[-1].id

    def _freeing(self, need_bytes: int) -> list[Kept]:
        found: list[Kept] = []
        freed = 0
        for batch in self.by_age() if need_bytes else ():
            found += batch
            for one in batch:
                held = is_held(self.policy(one.camera), (one.start_ms, one.end_ms or one.start_ms))
                freed += 0 if held else one.bytes or 0
            if freed >= need_bytes:
                break
        return found

    def _bytes(self, camera: str) -> int:
        query = f"SELECT coalesce(sum(bytes), 0) FROM segments WHERE camera = ? AND {_FINISHED}"  # noqa: S608
        with self._lock:
            return int(self._db.execute(query, [camera]).fetchone()[0])

    def newest_ms(self) -> int | None:
        """Return the latest moment that anything is known of; None before the first."""
        with self._lock:
            known = self._db.execute("SELECT max(known_ms) FROM streams").fetchone()[0]
        return None if known is None else int(known)

    def forget(self, before_ms: int) -> None:
        """Forget gaps and removals that ended before, but for those after a segment still kept."""
        with self._writing():
            for table in ("gaps", "removed"):
                self._db.execute(
                    f"DELETE FROM {table} WHERE end_ms < ? AND end_ms < coalesce("  # noqa: S608
                    "(SELECT min(start_ms) FROM segments WHERE segments.camera = "
                    f"{table}.camera AND segments.stream = {table}.stream), ?)",
                    [before_ms, before_ms],
                )

    def growing(self) -> list[Kept]:
        """Return those that are being written."""
        return self._kept("end_ms IS NULL", [])

    def gaps(self, camera: str, stream: str) -> list[Missed]:
        """Return the gaps of a stream, oldest first."""
        with self._lock:
            return self._missed("camera = ? AND stream = ?", [camera, stream])

    def _every_gap(self) -> list[Missed]:
        return self._missed("true", [])

    def _missed(self, where: str, values: Sequence[object]) -> list[Missed]:
        rows = self._db.execute(
            "SELECT id, camera, stream, start_ms, end_ms, cause, detail FROM gaps"  # noqa: S608
            f" WHERE {where} ORDER BY start_ms",
            values,
        )
        return [Missed(*row) for row in rows]

    def _kept(self, where: str, values: Sequence[object]) -> list[Kept]:
        query = f"SELECT {_KEPT} FROM segments WHERE {where}"  # noqa: S608 (constants)
        with self._lock:
            rows = self._db.execute(query, values).fetchall()
        return [
            Kept(
                id=row[0],
                camera=row[1],
                stream=row[2],
                path=self.videos / row[3],
                start_ms=row[4],
                end_ms=row[5],
                bytes=row[6],
                sha256=row[7],
                codec=row[8],
                has_audio=bool(row[9]),
                told=bool(row[10]),
            )
            for row in rows
        ]

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


def wire(at_ms: int) -> str:
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
