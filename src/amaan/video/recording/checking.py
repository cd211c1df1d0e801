"""Proves that a ledger and the disk agree, and that every moment is accounted for.

Reads only, also beside a worker that runs: what changes meanwhile is passed over.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import av

from amaan.kernel.errors import NotFoundError
from amaan.video.packets import LIBAV_ERRORS
from amaan.video.recording.ledger import JOINED_MS
from amaan.video.recording.model import Missed
from amaan.video.recording.parts import NotRecordingError, read_layout

_FRESH_S = 120.0  # a file so young may be entered in a moment


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished segment as the ledger has it. ``told``: the centre is to have it too."""

    id: str
    camera: str
    stream: str
    path: str
    start_ms: int
    end_ms: int
    bytes: int
    sha256: str
    told: int


@dataclass(slots=True)
class LedgerReport:
    """What a ledger says, and what is wrong with it.

    ``removed``: times whose recording was removed, as (camera, stream, start, end).
    ``waiting``: ids that the journal speaks of and the centre has perhaps not heard of yet.
    """

    ledger: str
    segments: list[Finished]
    gaps: list[Missed]
    removed: list[tuple[str, str, int, int]]
    waiting: frozenset[str]
    bytes: int = 0
    problems: list[str] = field(default_factory=list)


def read_ledger(path: Path) -> LedgerReport:
    """Read a ledger as it is at one moment. NotFoundError when there is none."""
    if not path.is_file():
        raise NotFoundError(f"there is no ledger at {path}")
    database = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)
    try:
        database.execute("BEGIN")
        identifier = database.execute("SELECT value FROM meta WHERE name = 'ledger'").fetchone()
        segments = [
            Finished(*row)
            for row in database.execute(
                "SELECT id, camera, stream, path, start_ms, end_ms, bytes, sha256, told"
                " FROM segments WHERE end_ms IS NOT NULL AND going IS NULL ORDER BY start_ms"
            )
        ]
        gaps = [
            Missed(*row)
            for row in database.execute(
                "SELECT id, camera, stream, start_ms, end_ms, cause, detail FROM gaps"
                " ORDER BY start_ms"
            )
        ]
        removed = database.execute(
            "SELECT camera, stream, start_ms, end_ms FROM removed"
        ).fetchall()
        bodies = [json.loads(row[0]) for row in database.execute("SELECT body FROM journal")]
        waiting = frozenset(str(body["id"]) for body in bodies)
    except sqlite3.Error as error:
        raise NotFoundError(f"{path} is no ledger: {error}") from None
    finally:
        database.close()
    return LedgerReport(str(identifier[0]) if identifier else "", segments, gaps, removed, waiting)


def check_ledger(
    folder: Path, *, deep: bool, now_s: float, step: Callable[[int, int], None] | None = None
) -> LedgerReport:
    """Compare a worker's ledger with its disk.

    ``deep`` hashes every file and decodes its first picture. ``step(done, of)`` shows progress.
    """
    report = read_ledger(folder / "ledger.sqlite")
    videos = folder / "video"
    for number, one in enumerate(report.segments):
        problem = _problem_of(videos / one.path, one, deep=deep)
        if problem and _still_there(folder, one.id):
            report.problems.append(f"{one.camera} {one.path}: {problem}")
        report.bytes += one.bytes
        if step is not None:
            step(number + 1, len(report.segments))
    report.problems += _strays(folder, now_s)
    names = {(one.camera, one.stream) for one in report.segments if one.told}
    for camera, stream in sorted(names):
        report.problems += _holes(report, camera, stream)
    return report


def _problem_of(path: Path, one: Finished, *, deep: bool) -> str:
    try:
        size = path.stat().st_size
    except OSError:
        return "the file is gone"
    if size != one.bytes:
        return f"has {size} bytes, and {one.bytes} were written"
    try:
        layout = read_layout(path)
    except (OSError, NotRecordingError) as error:
        return f"cannot be read: {error}"
    if layout.size != size or not layout.parts or not layout.parts[0].keyframe:
        return "its parts do not make a whole"
    if not deep:
        return ""
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != one.sha256:
            return "its bytes are not those that were written"
    try:
        with av.open(str(path)) as container:
            next(container.decode(video=0))
    except (*LIBAV_ERRORS, StopIteration, IndexError):
        return "does not play"
    return ""


def _still_there(folder: Path, identifier: str) -> bool:
    """Tell whether a segment was not meanwhile removed properly."""
    database = sqlite3.connect(f"file:{quote(str(folder / 'ledger.sqlite'))}?mode=ro", uri=True)
    try:
        row = database.execute(
            "SELECT 1 FROM segments WHERE id = ? AND going IS NULL", [identifier]
        ).fetchone()
    finally:
        database.close()
    return row is not None


def _strays(folder: Path, now_s: float) -> list[str]:
    videos = folder / "video"
    known = {path for (path,) in _paths(folder)}
    said = []
    for path in sorted(videos.glob("*/*/*/*.mp4")):
        short = str(path.relative_to(videos))
        try:
            young = now_s - path.stat().st_mtime < _FRESH_S
        except OSError:
            continue
        if short not in known and not young:
            said.append(f"{short}: lies there and is in no ledger")
    return said


def _paths(folder: Path) -> Sequence[tuple[str]]:
    database = sqlite3.connect(f"file:{quote(str(folder / 'ledger.sqlite'))}?mode=ro", uri=True)
    try:
        return database.execute("SELECT path FROM segments").fetchall()
    finally:
        database.close()


def _holes(report: LedgerReport, camera: str, stream: str) -> list[str]:
    """Say where neither recording, removal nor gap explains a time between first and last."""
    mine = [one for one in report.segments if (one.camera, one.stream) == (camera, stream)]
    told = [(one.start_ms, one.end_ms) for one in mine if one.told]
    begins = min(start for start, _ in told)
    spans = told + [
        (gap.start_ms, gap.end_ms if gap.end_ms is not None else gap.start_ms)
        for gap in report.gaps
        if (gap.camera, gap.stream) == (camera, stream)
        and (gap.end_ms is None or gap.end_ms > begins)
    ]
    spans += [row[2:] for row in report.removed if row[:2] == (camera, stream) and row[3] > begins]
    said, at = [], begins
    for start, end in sorted(spans):
        if start > at + JOINED_MS:
            said.append(f"{camera} {stream}: nothing is known of {at}..{start} (Unix ms)")
        at = max(at, end)
    return said
