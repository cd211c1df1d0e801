"""The chamber's only SQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from amaan.video.index.model import Cause, Dropped, Gap, Place, Segment, Span, Stream
from amaan.video.index.rules import Pair, Triple, pack, pairs, triples

Connection = AsyncConnection[TupleRow]
Key = tuple[str, str, date]
"""Camera, stream, UTC day."""


@dataclass(slots=True)
class Day:
    """One camera's day, to be changed and written back."""

    spans: list[Pair]
    gaps: list[Triple]


async def open_journal(
    connection: Connection, ledger: UUID, worker: str, now: datetime
) -> tuple[str, int]:
    """Return whose ledger it is and how far it has been applied; locked until the end."""
    await connection.execute(
        "INSERT INTO video.journals VALUES (%s, %s, 0, %s) ON CONFLICT (ledger) DO NOTHING",
        [ledger, worker, now],
    )
    cursor = await connection.execute(
        "SELECT worker, applied FROM video.journals WHERE ledger = %s FOR UPDATE", [ledger]
    )
    row = await cursor.fetchone()
    assert row is not None
    return row[0], row[1]


async def note_applied(connection: Connection, ledger: UUID, applied: int, now: datetime) -> None:
    """Write how far the journal has been applied."""
    await connection.execute(
        "UPDATE video.journals SET applied = %s, heard_at = %s WHERE ledger = %s",
        [applied, now, ledger],
    )


async def forget_older_growing(connection: Connection, worker: str, ledger: UUID) -> None:
    """Forget what a worker's lost ledgers said was being written: it will never be finished."""
    await connection.execute(
        "DELETE FROM video.segments WHERE worker = %s AND ledger <> %s AND end_at IS NULL",
        [worker, ledger],
    )


async def spoken_of(
    connection: Connection, worker: str, cameras: Collection[str]
) -> frozenset[str]:
    """Return those of the cameras that a worker recorded before."""
    cursor = await connection.execute(
        "SELECT c FROM unnest(%s::text[]) AS c WHERE EXISTS (SELECT FROM video.segments s"
        " WHERE s.camera = c AND s.worker = %s) OR EXISTS (SELECT FROM video.camera_states t"
        " WHERE t.camera = c AND t.worker = %s)",
        [list(cameras), worker, worker],
    )
    return frozenset(row[0] for row in await cursor.fetchall())


async def save_segments(
    connection: Connection, worker: str, ledger: UUID, segments: Sequence[Segment]
) -> None:
    """Insert, or finish what was growing. What is finished never changes."""
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "INSERT INTO video.segments (id, camera, stream, start_at, end_at, bytes, sha256,"
            " codec, width, height, fps, has_audio, worker, ledger)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
            " ON CONFLICT (id) DO UPDATE SET end_at = excluded.end_at, bytes = excluded.bytes,"
            " sha256 = excluded.sha256, codec = excluded.codec, width = excluded.width,"
            " height = excluded.height, fps = excluded.fps, has_audio = excluded.has_audio"
            " WHERE segments.end_at IS NULL AND segments.worker = excluded.worker"
            " AND segments.camera = excluded.camera AND segments.stream = excluded.stream",
            [
                (
                    *(one.id, one.camera, one.stream, one.start, one.end, one.bytes),
                    bytes.fromhex(one.sha256) if one.sha256 else None,
                    *(one.codec, one.width, one.height, one.fps, one.has_audio, worker, ledger),
                )
                for one in segments
            ],
        )


async def take_dropped(
    connection: Connection, worker: str, dropped: Sequence[Dropped], now: datetime
) -> list[tuple[str, str, datetime, datetime]]:
    """Note that files are gone from their worker, and forget those of which there is no copy.

    Returns camera, stream, start and end of the finished ones that are nowhere now.
    """
    ids = [one.id for one in dropped]
    why = {one.id: one.reason.value for one in dropped}
    await connection.execute(
        "UPDATE video.segments SET at_worker = false"
        " WHERE id = ANY(%s) AND worker = %s AND copied_at IS NOT NULL",
        [ids, worker],
    )
    cursor = await connection.execute(
        "DELETE FROM video.segments WHERE id = ANY(%s) AND worker = %s AND copied_at IS NULL"
        " RETURNING id, camera, stream, start_at, end_at, bytes",
        [ids, worker],
    )
    gone = [row for row in await cursor.fetchall() if row[4] is not None]
    async with connection.cursor() as writing:
        await writing.executemany(
            "INSERT INTO video.dropped_segments VALUES (%s, %s, %s, %s, %s, %s, %s)"
            " ON CONFLICT (id) DO NOTHING",
            [(row[0], row[1], row[3], row[4], row[5], why[row[0]], now) for row in gone],
        )
    return [(row[1], row[2], row[3], row[4]) for row in gone]


async def save_gaps(connection: Connection, worker: str, gaps: Sequence[tuple[Gap, Cause]]) -> None:
    """Insert or close; the second of each is its cause as judged here."""
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "INSERT INTO video.gaps (id, camera, stream, start_at, end_at, cause, told_cause,"
            " detail, worker) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
            " ON CONFLICT (id) DO UPDATE SET end_at = excluded.end_at, cause = excluded.cause,"
            " told_cause = excluded.told_cause, detail = excluded.detail"
            " WHERE gaps.end_at IS NULL AND gaps.worker = excluded.worker"
            " AND gaps.camera = excluded.camera AND gaps.stream = excluded.stream",
            [
                (
                    *(gap.id, gap.camera, gap.stream, gap.start, gap.end),
                    *(cause.value, gap.cause.value, gap.detail, worker),
                )
                for gap, cause in gaps
            ],
        )


async def told_gaps(
    connection: Connection, cameras: Collection[str], since: datetime, until: datetime
) -> list[tuple[Gap, Cause]]:
    """Return gaps that meet a time, causes as told, and as judged; locked until the end."""
    cursor = await connection.execute(
        "SELECT id, camera, stream, start_at, end_at, told_cause, detail, cause FROM video.gaps"
        " WHERE camera = ANY(%s) AND start_at < %s AND (end_at IS NULL OR end_at > %s)"
        " ORDER BY id FOR UPDATE",
        [list(cameras), until, since],
    )
    return [
        (Gap(row[0], row[1], row[2], row[3], row[4], Cause(row[5]), row[6]), Cause(row[7]))
        for row in await cursor.fetchall()
    ]


async def set_causes(connection: Connection, causes: Sequence[tuple[UUID, Cause]]) -> None:
    """Write causes judged anew."""
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "UPDATE video.gaps SET cause = %s WHERE id = %s",
            [(cause.value, identifier) for identifier, cause in causes],
        )


async def days(connection: Connection, keys: Collection[Key]) -> dict[Key, Day]:
    """Return some days, empty where there is nothing yet; locked until the end, in order."""
    ordered = sorted(keys)
    streams = sorted({(stream, camera) for camera, stream, _ in ordered})
    await connection.execute(
        "SELECT FROM video.recorded_streams s"
        " JOIN unnest(%s::text[], %s::text[]) AS k (stream, camera) USING (stream, camera)"
        " ORDER BY s.stream, s.camera FOR UPDATE OF s",
        [list(column) for column in zip(*streams, strict=True)] if streams else [[], []],
    )
    cursor = await connection.execute(
        "SELECT d.camera, d.stream, d.day, d.spans, d.gaps FROM video.recorded_days d"
        " JOIN unnest(%s::text[], %s::text[], %s::date[]) AS k (camera, stream, day)"
        " USING (camera, stream, day) ORDER BY 1, 2, 3 FOR UPDATE OF d",
        [list(column) for column in zip(*ordered, strict=True)] if ordered else [[], [], []],
    )
    found = {
        (row[0], row[1], row[2]): Day(pairs(row[3]), triples(row[4]))
        for row in await cursor.fetchall()
    }
    return {key: found.get(key) or Day([], []) for key in ordered}


async def save_days(connection: Connection, changed: Mapping[Key, Day]) -> None:
    """Write days; one with nothing in it goes."""
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "INSERT INTO video.recorded_days (camera, stream, day, spans, gaps)"
            " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (camera, stream, day)"
            " DO UPDATE SET spans = excluded.spans, gaps = excluded.gaps",
            [
                (*key, pack(day.spans), pack(day.gaps))
                for key, day in sorted(changed.items())
                if day.spans or day.gaps
            ],
        )
        await cursor.executemany(
            "DELETE FROM video.recorded_days WHERE camera = %s AND stream = %s AND day = %s",
            [key for key, day in changed.items() if not day.spans and not day.gaps],
        )


# -- what people ask -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Window:
    """Which cameras (None: every one that may be seen), which stream, which time."""

    cameras: tuple[str, ...] | None
    stream: Stream
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How often a camera's packed days changed, and when a day was removed last."""

    camera: str
    changed: int
    shrunk: int


async def standing(connection: Connection, window: Window) -> list[Standing]:
    """Return the cameras that whoever acts may see, of which anything is kept; by code."""
    cursor = connection.cursor(binary=True)
    await cursor.execute(
        "SELECT camera, changed, shrunk FROM video.recorded_streams WHERE stream = %(stream)s"
        " AND (%(cameras)s::text[] IS NULL OR camera = ANY(%(cameras)s)) ORDER BY camera",
        _asked(window),
    )
    return [Standing(*row) for row in await cursor.fetchall()]


async def days_changed(
    connection: Connection, stream: str, since: Mapping[str, int]
) -> list[tuple[str, date, bytes, bytes]]:
    """Return camera, day, spans and gaps of the days that changed after a camera's number."""
    cursor = connection.cursor(binary=True)
    await cursor.execute(
        "SELECT d.camera, d.day, d.spans, d.gaps"
        " FROM unnest(%s::text[], %s::bigint[]) AS k (camera, known)"
        " JOIN video.recorded_days d ON d.camera = k.camera AND d.stream = %s"
        " AND d.changed > k.known ORDER BY 1, 2",
        [list(since), list(since.values()), stream],
    )
    return [(row[0], row[1], row[2], row[3]) for row in await cursor.fetchall()]


async def unfinished(
    connection: Connection, window: Window
) -> tuple[list[tuple[str, datetime]], list[tuple[str, datetime, Cause]]]:
    """Return segments that grow (camera, start) and gaps that last (camera, start, cause)."""
    asked = _asked(window)
    cursor = await connection.execute(
        "SELECT camera, start_at FROM video.segments WHERE end_at IS NULL"
        " AND stream = %(stream)s AND start_at < %(until)s"
        " AND (%(cameras)s::text[] IS NULL OR camera = ANY(%(cameras)s))",
        asked,
    )
    growing = [(row[0], row[1]) for row in await cursor.fetchall()]
    cursor = await connection.execute(
        "SELECT camera, start_at, cause FROM video.gaps WHERE end_at IS NULL"
        " AND stream = %(stream)s AND start_at < %(until)s"
        " AND (%(cameras)s::text[] IS NULL OR camera = ANY(%(cameras)s))",
        asked,
    )
    lasting = [(row[0], row[1], Cause(row[2])) for row in await cursor.fetchall()]
    return growing, lasting


def _asked(window: Window) -> dict[str, object]:
    return {
        "cameras": None if window.cameras is None else list(window.cameras),
        "stream": window.stream,
        "since": window.since,
        "until": window.until,
    }


_PLACE = (
    "id, worker, at_worker, start_at, end_at,"
    " CASE WHEN copied_at IS NOT NULL THEN encode(sha256, 'hex') END"
)


async def place_of(
    connection: Connection, camera: str, stream: str, at: datetime, longest: datetime
) -> Place | None:
    """Return where the recording of a moment lies, or the next after it; None: there is none.

    ``longest``: no segment that began before it reaches the moment.
    """
    cursor = await connection.execute(
        f"SELECT {_PLACE} FROM video.segments WHERE camera = %s AND stream = %s"  # noqa: S608 (constant)
        " AND start_at >= %s AND (end_at > %s OR end_at IS NULL) ORDER BY start_at LIMIT 1",
        [camera, stream, longest, at],
    )
    row = await cursor.fetchone()
    return None if row is None else Place(*row)


async def uncopied(
    connection: Connection, workers: Sequence[str], without: Collection[UUID], limit: int
) -> list[tuple[UUID, str, str, int]]:
    """Return id, worker, SHA-256 and size of what some workers have, of which the centre wants a
    copy and has none; oldest first."""
    cursor = await connection.execute(
        "SELECT DISTINCT s.id, s.worker, encode(s.sha256, 'hex'), s.bytes, s.start_at"
        " FROM video.wanted_copies w JOIN video.segments s ON s.camera = w.camera"
        " AND s.stream = 'main' AND s.start_at < w.until AND s.end_at > w.since"
        " AND s.start_at > w.since - interval '1 hour'"
        " WHERE w.ended_at IS NULL AND s.copied_at IS NULL AND s.at_worker"
        " AND s.worker = ANY(%s) AND NOT s.id = ANY(%s) ORDER BY s.start_at LIMIT %s",
        [list(workers), list(without), limit],
    )
    return [(row[0], row[1], row[2], row[3]) for row in await cursor.fetchall()]


async def copied_bytes(connection: Connection) -> int:
    """Return how much the centre's copies take."""
    cursor = await connection.execute(
        "SELECT coalesce(sum(bytes), 0) FROM video.segments WHERE copied_at IS NOT NULL"
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def note_copied(connection: Connection, segment: UUID, now: datetime) -> bool:
    """Note that the centre has a copy; False where the segment is gone from the index."""
    cursor = await connection.execute(
        "UPDATE video.segments SET copied_at = %s WHERE id = %s", [now, segment]
    )
    return cursor.rowcount == 1


async def want_copies(
    connection: Connection, spans: Sequence[tuple[UUID, str, Span, str]], now: datetime
) -> None:
    """Add wanted copies: id, camera, time, cause. Asked again, one counts once."""
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "INSERT INTO video.wanted_copies (id, camera, since, until, cause, wanted_at)"
            " VALUES (%s, %s, %s, %s, %s, %s)"
            " ON CONFLICT (cause, camera, since, until) DO UPDATE SET ended_at = NULL",
            [(one[0], one[1], one[2].since, one[2].until, one[3], now) for one in spans],
        )


async def end_cause(connection: Connection, cause: str, now: datetime) -> None:
    """Need copies for a cause no more."""
    await connection.execute(
        "UPDATE video.wanted_copies SET ended_at = %s WHERE ended_at IS NULL AND cause = %s",
        [now, cause],
    )


async def standing_causes(connection: Connection, kind: str) -> set[str]:
    """Return the causes of a kind (``hold``) that want copies."""
    cursor = await connection.execute(
        "SELECT DISTINCT cause FROM video.wanted_copies"
        " WHERE ended_at IS NULL AND starts_with(cause, %s)",
        [kind + ":"],
    )
    return {row[0] for row in await cursor.fetchall()}


async def standing_copies(connection: Connection, cameras: Sequence[str]) -> list[tuple[str, Span]]:
    """Return what the centre wants copies of: not to be removed before."""
    cursor = await connection.execute(
        "SELECT camera, since, until FROM video.wanted_copies"
        " WHERE ended_at IS NULL AND camera = ANY(%s)",
        [list(cameras)],
    )
    return [(row[0], Span(row[1], row[2])) for row in await cursor.fetchall()]


async def held(
    connection: Connection, cameras: Sequence[str], around_s: float
) -> list[tuple[UUID, str, Span]]:
    """Return what holds keep: hold, camera, time."""
    cursor = await connection.execute(
        "SELECT hold, camera, since, until FROM trust.held_footage(%s, make_interval(secs => %s))"
        " ORDER BY 2, 3, 4",
        [list(cameras), around_s],
    )
    return [(row[0], row[1], Span(row[2], row[3])) for row in await cursor.fetchall()]


# -- what is over --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A copy that the centre gives up. ``at_worker``: the file is there still."""

    id: UUID
    camera: str
    stream: str
    start: datetime
    end: datetime
    digest: str
    at_worker: bool


async def count_dropped(connection: Connection) -> int:
    """Count files that workers removed and no receipt names yet."""
    cursor = await connection.execute("SELECT count(*) FROM video.dropped_segments")
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def take_told(
    connection: Connection, limit: int
) -> list[tuple[UUID, datetime, datetime, int]]:
    """Return id, start, end and size of such files, and forget them."""
    cursor = await connection.execute(
        "DELETE FROM video.dropped_segments WHERE id IN"
        " (SELECT id FROM video.dropped_segments ORDER BY dropped_at, id LIMIT %s)"
        " RETURNING id, start_at, end_at, bytes",
        [limit],
    )
    return [(row[0], row[1], row[2], row[3]) for row in await cursor.fetchall()]


_OVER = "copied_at IS NOT NULL AND end_at < %s AND NOT video.is_held(camera, start_at, end_at)"


async def count_over(connection: Connection, before: datetime) -> int:
    """Count copies whose days are over and that nothing keeps."""
    cursor = await connection.execute(
        f"SELECT count(*) FROM video.segments WHERE {_OVER}",  # noqa: S608 (constant)
        [before],
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def give_up_copies(connection: Connection, before: datetime, limit: int) -> list[GivenUp]:
    """Give up such copies; forget those whose file is gone from its worker too."""
    cursor = await connection.execute(
        "SELECT id, camera, stream, start_at, end_at, encode(sha256, 'hex'), at_worker"  # noqa: S608
        f" FROM video.segments WHERE {_OVER} ORDER BY end_at LIMIT %s FOR UPDATE",
        [before, limit],
    )
    over = [GivenUp(*row) for row in await cursor.fetchall()]
    await connection.execute(
        "UPDATE video.segments SET copied_at = NULL WHERE id = ANY(%s)",
        [[one.id for one in over]],
    )
    await connection.execute(
        "DELETE FROM video.segments WHERE id = ANY(%s)",
        [[one.id for one in over if not one.at_worker]],
    )
    return over
