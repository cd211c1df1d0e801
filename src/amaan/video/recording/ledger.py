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
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import av

from amaan.kernel.ids import new_id
from amaan.video.packets import LIBAV_ERRORS
from amaan.video.recording.model import Kept, Missed
from amaan.video.recording.parts import NotRecordingError, read_layout
from amaan.video.recording.recorder import day_of, sync_folder
from amaan.video.recording.rules import DAY_MS, is_wanted, meets, window_of
from amaan.video.recording.tables import Name, Tables, wire

FPS_MOST = 1_000.0  # what the centre takes: a camera may claim anything
DETAIL_MOST = 500
JOINED_MS = 1_000  # a segment so soon after the last follows it; the centre joins alike
WINDOWS_KEPT_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Standing:
    """What a stream is at: the segment that grows and the gap that lasts, where there is one."""

    growing: Kept | None
    gap: Missed | None
    known_ms: int | None


class Ledger(Tables):
    """One worker's. Every method is one transaction."""

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

    def unwanted(self, camera: str, stream: str, at_ms: int) -> None:
        """Note that a stream is not to be recorded at all."""
        with self._writing():
            name = camera, stream
            self._settle(name)
            gap = self._gap(name)
            if gap is None or gap.cause != "plan":
                self._miss(name, "plan", "recording is turned off", at_ms)

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

    # -- starting and stopping ---------------------------------------------------------------

    def recover(self, boot: str) -> list[str]:
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
                for one in self._kept("camera = ? AND stream = ? AND end_ms IS NULL", name):
                    mended += self._settle_one(one)
                known = self._known(name)
                gap = self._gap(name)
                if known is None or (gap is not None and gap.cause != "plan"):
                    continue
                self._miss(name, cause, detail, known)
            going = self._kept("going IS NOT NULL", [])
        for one in going:
            self.remove([(one, "")])
        return mended + self._adopt_strays()

    def stopped(self) -> None:
        """Note that everything was finished properly."""
        with self._writing():
            self._set_meta("clean", "yes")

    def find_missing(self) -> list[str]:
        """Drop segments whose file is gone; their time is a gap from now on. In words.

        It looks at every file, beside recorders; not beside ``remove``.
        """
        said = []
        for batch in self.by_age():
            for one in batch:
                if one.path.is_file():
                    continue
                with self._writing():
                    self._drop(one, "lost")
                    if one.told and one.end_ms is not None:
                        gap = self._new_gap((one.camera, one.stream), one.start_ms, "disk")
                        self._write_gap(gap, one.end_ms, "the file is gone")
                said.append(f"{one.path.name} of {one.camera} is gone")
        return said

    def _adopt_strays(self) -> list[str]:
        """Enter files whose begin nobody lived to enter; remove those that hold nothing."""
        said = []
        for path in self._strays():
            short = str(path.relative_to(self.videos))
            entry = _described(path, short)
            if entry is None:
                path.unlink(missing_ok=True)
                said.append(f"{short} held nothing")
                continue
            with self._writing():
                name = str(entry["camera"]), str(entry["stream"])
                gap = self._gap(name)
                self._opened(entry)
                self._settle(name)
                if gap is not None:
                    self._miss(name, gap.cause, gap.detail, self._known(name) or 0)
            said.append(f"{short} is adopted")
        return said

    def _strays(self) -> list[Path]:
        """Return files in no row, of the days since their stream was last accounted for."""
        found: list[Path] = []
        for folder in self.videos.glob("*/*/"):
            name = folder.parent.name, folder.name
            since = (self._known(name) or 0) - 2 * DAY_MS
            rows = self._db.execute(
                "SELECT path FROM segments WHERE camera = ? AND stream = ? AND start_ms > ?",
                [*name, since],
            )
            known = {self.videos / path for (path,) in rows}
            days = [day for day in folder.iterdir() if day.name >= day_of(max(0, since + DAY_MS))]
            found += [path for day in days for path in day.glob("*.mp4") if path not in known]
        return sorted(found)

    def standing(self, camera: str, stream: str) -> Standing:
        """Return what a stream is at."""
        with self._lock:
            name = camera, stream
            return Standing(self._growing(name), self._gap(name), self._known(name))

    def streams(self) -> list[Name]:
        """Return every stream ever recorded here."""
        with self._lock:
            return self._names()

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
        reason = reason or row[0] or "lost"
        if row[1]:
            self._tell("dropped", id=one.id, reason=reason)
        if row[1] and reason != "lost":
            self._note_removed(one)

    def _note_removed(self, one: Kept) -> None:
        """Remember that a time was recorded once: what is held may stand before it."""
        end = one.end_ms or one.start_ms
        done = self._db.execute(
            "UPDATE removed SET end_ms = ? WHERE camera = ? AND stream = ?"
            " AND end_ms BETWEEN ? AND ?",
            [end, one.camera, one.stream, one.start_ms - JOINED_MS, one.start_ms + JOINED_MS],
        )
        if not done.rowcount:
            self._db.execute(
                "INSERT INTO removed VALUES (?, ?, ?, ?)",
                [one.camera, one.stream, one.start_ms, end],
            )

    def retell(self) -> None:
        """Tell everything anew, as another ledger: the centre lacks what was told before."""
        with self._writing():
            self.id = str(uuid4())
            self._set_meta("ledger", self.id)
            self._db.execute("DELETE FROM journal")
            self._db.execute("DELETE FROM sqlite_sequence WHERE name = 'journal'")
            for one in self._kept("told AND end_ms IS NOT NULL AND going IS NULL", []):
                self._tell_segment(one.id)
            for gap in self._every_gap():
                self._write_gap(gap, gap.end_ms, gap.detail)

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
                start=wire(start),
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
        fps = min(fps, FPS_MOST)
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
        meeting = "camera = ? AND stream = ? AND start_ms < ? AND coalesce(end_ms, ?) >= ?"
        for gap in self._missed(meeting, [*name, one.end_ms, one.end_ms, one.start_ms]):
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
            start=wire(row[2]),
            end=wire(row[3]),
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
        except (FileNotFoundError, NotRecordingError):
            return self._lose(one)
        except OSError as error:  # it may be read another day
            return [f"{one.path.name} of {one.camera} cannot be read: {error.strerror}"]
        length_s = max(part.end_s for part in layout.parts)
        self._finish(one, one.start_ms + round(length_s * 1000), (layout.size, digest, 0.0))
        return [f"{one.path.name} of {one.camera} is finished"]

    def _lose(self, one: Kept) -> list[str]:
        """Forget a segment that came to nothing."""
        self._db.execute("DELETE FROM segments WHERE id = ?", [one.id])
        if one.told:
            self._tell("dropped", id=one.id, reason="lost")
        one.path.unlink(missing_ok=True)
        return [f"{one.path.name} of {one.camera} held nothing"]

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
        detail = "".join(filter(str.isprintable, detail))[:DETAIL_MOST]
        self._db.execute(
            "INSERT OR REPLACE INTO gaps VALUES (?, ?, ?, ?, ?, ?, ?)",
            [gap.id, gap.camera, gap.stream, gap.start_ms, end, gap.cause, detail],
        )
        self._tell(
            "gap",
            id=gap.id,
            camera=gap.camera,
            stream=gap.stream,
            start=wire(gap.start_ms),
            end=None if end is None else wire(end),
            cause=gap.cause,
            detail=detail,
        )


def _int(entry: Mapping[str, object], name: str) -> int:
    value = entry[name]
    if not isinstance(value, int):
        raise ValueError(f"{name} is no whole number")
    return value


def _described(path: Path, short: str) -> dict[str, object] | None:
    """Return what its recorder would have said of a file; None when it holds nothing."""
    camera, stream, _, name = short.split("/")
    try:
        with av.open(str(path), metadata_errors="replace") as container:
            video = container.streams.video[0].codec_context
            return {
                "id": str(uuid4()),
                "camera": camera,
                "stream": stream,
                "path": short,
                "start_ms": int(name.removesuffix(".mp4")),
                "codec": video.name,
                "width": video.width,
                "height": video.height,
                "has_audio": bool(container.streams.audio),
            }
    except (*LIBAV_ERRORS, IndexError):
        return None
