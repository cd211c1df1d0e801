"""Asking for reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import orjson
from psycopg.types.json import Jsonb

from amaan.kernel.ids import id_time
from amaan.plates.model import Comparison, Difference, Match, MatchKind, Read
from amaan.plates.packing import CHARACTER_STEPS, DIRECTIONS
from amaan.plates.store import entries

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg.rows import TupleRow

_COLUMNS: Final = (
    "r.id, l.source, l.boot, r.seq, r.plate, r.raw_text, r.confidence, r.characters, r.camera, "
    "r.observed_at, r.received_at, r.decided_at, r.first_seen_at, r.last_seen_at, "
    "r.box_x, r.box_y, r.box_w, r.box_h, r.frame_w, r.frame_h, r.direction, "
    "r.frames, r.agreeing, r.uncertain, r.clock_offset_ms, r.clock_suspect, r.picture, r.crop"
)
_WIDTH: Final = 28
COUNT_MOST: Final = 100_000
_MILLISECOND: Final = timedelta(milliseconds=1)
CAMERA_LIST: Final = 32


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page ended: the next begins below (observed_at, id)."""

    observed_at: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked; None asks nothing of that kind.

    ``plates``: any of these. ``like``: LIKE pattern. ``cameras``: any of these.
    Times: since <= observed_at < until.
    """

    plates: Sequence[str] | None = None
    like: str | None = None
    cameras: Sequence[str] | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: Position | None = None


def read_of(row: Sequence[Any]) -> Read:
    """Build a read of the columns in ``_COLUMNS``."""
    return Read(
        id=row[0],
        source=row[1],
        boot=row[2],
        seq=row[3],
        plate=row[4],
        raw_text=row[5],
        confidence=round(row[6], 4),
        characters=tuple(byte / CHARACTER_STEPS for byte in bytes(row[7])),
        camera=row[8],
        observed_at=row[9],
        received_at=row[10],
        decided_at=row[11],
        first_seen_at=row[12],
        last_seen_at=row[13],
        box=(row[14], row[15], row[16], row[17]),
        frame_size=(row[18], row[19]),
        direction=DIRECTIONS[row[20]],
        frames=row[21],
        agreeing=row[22],
        uncertain=row[23],
        clock_offset_ms=row[24],
        clock_suspect=row[25],
        picture=None if row[26] is None else bytes(row[26]).hex(),
        crop=None if row[27] is None else bytes(row[27]).hex(),
    )


async def limit_time(connection: AsyncConnection[TupleRow], seconds: float) -> None:
    """End every later statement of this transaction that takes longer.

    Each is planned for its own values: a plan for any plates and cameras takes a hundred times
    as long, and PostgreSQL would choose it for a question that is often asked.
    """
    await connection.execute(
        "SELECT set_config('statement_timeout', %s, true), "
        "set_config('plan_cache_mode', 'force_custom_plan', true)",
        [f"{int(seconds * 1000)}ms"],
    )


async def plates_like(
    connection: AsyncConnection[TupleRow], like: str, head: str, tail: str, limit: int
) -> list[str]:
    """Return plates that match, at most ``limit``; in no order.

    ``head`` and ``tail`` are what the pattern begins and ends with before its wildcards: by them
    the index over plates, or over reversed plates, is entered. They are given as ranges, as LIKE
    with a parameter may be planned without any index.
    """
    conditions = ["plate LIKE %(like)s"]
    if head:
        conditions.append("plate >= %(head)s AND plate < %(head)s || '~'")
    if tail:
        conditions.append("reversed >= %(tail)s AND reversed < %(tail)s || '~'")
    cursor = await connection.execute(
        f"SELECT plate FROM plates.plates WHERE {' AND '.join(conditions)} "  # noqa: S608
        "LIMIT %(limit)s",
        {"like": like, "head": head, "tail": tail[::-1], "limit": limit},
    )
    return [row[0] for row in await cursor.fetchall()]


async def plates_known(connection: AsyncConnection[TupleRow]) -> int:
    """Return about how many different plates were ever read."""
    cursor = await connection.execute(
        "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'plates.plates'::regclass"
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


# Not "= ANY": of a thousand cameras the planner would weigh each, in every partition, for longer
# than the search takes. The keys of a JSON object are found by halving, and weighed not at all.
_CAMERAS: Final = "%(camera_set)s::jsonb ? r.camera"


def _camera_set(cameras: Sequence[str] | None) -> Jsonb | None:
    return None if cameras is None else Jsonb(dict.fromkeys(cameras), dumps=orjson.dumps)


def _where(question: Question, *, plate: bool = True, camera: bool = True) -> list[str]:
    conditions = []
    if question.since is not None:
        conditions.append("r.observed_at >= %(since)s")
    if question.until is not None:
        conditions.append("r.observed_at < %(until)s")
    if question.before is not None:
        conditions.append("r.observed_at <= %(before_at)s")
        conditions.append("(r.observed_at, r.id) < (%(before_at)s, %(before_id)s)")
    if plate and question.plates is not None:
        conditions.append("r.plate = ANY(%(plates)s)")
    if question.like is not None:
        conditions.append("r.plate LIKE %(like)s")
    if camera and question.cameras is not None:
        conditions.append(_CAMERAS)
    return conditions


async def reads(
    connection: AsyncConnection[TupleRow], question: Question, limit: int
) -> list[Read]:
    """Return matching reads, newest first."""
    plates, cameras = question.plates, question.cameras
    if plates is not None and len(plates) == 1:
        inner = _newest("r.plate = %(plate)s", _where(question, plate=False))
    elif plates is not None:
        inner = _newest_of_many(_where(question))
    elif cameras is not None and len(cameras) <= CAMERA_LIST and question.like is None:
        inner = _each("cameras", "camera", _where(question, camera=False))
    else:
        if question.like is not None:
            # By time, newest first, until the page is full: by its guess of how rare the plates
            # are, the planner would at times read and sort everything instead.
            await connection.execute("SELECT set_config('enable_seqscan', 'off', true)")
        inner = _newest("true", _where(question))
    cursor = await connection.execute(
        f"SELECT {_COLUMNS} FROM ({inner}) r JOIN plates.ledgers l USING (ledger_id) "  # noqa: S608
        "ORDER BY r.observed_at DESC, r.id DESC",
        {
            "plate": plates[0] if plates else None,
            "plates": None if plates is None else list(plates),
            "cameras": None if cameras is None else list(cameras),
            "camera_set": _camera_set(cameras),
            "like": question.like,
            "since": question.since,
            "until": question.until,
            "before_at": question.before.observed_at if question.before else None,
            "before_id": question.before.id if question.before else None,
            "limit": limit,
        },
    )
    return [read_of(row) for row in await cursor.fetchall()]


def _newest(first: str, conditions: Sequence[str]) -> str:
    return (
        f"SELECT r.* FROM plates.reads r WHERE {' AND '.join([first, *conditions])} "  # noqa: S608
        "ORDER BY r.observed_at DESC, r.id DESC LIMIT %(limit)s"
    )


def _newest_of_many(conditions: Sequence[str]) -> str:
    """Find the time of the last wanted row from the index alone, then fetch the rows above it."""
    where = " AND ".join(conditions)
    return (
        f"SELECT r.* FROM plates.reads r WHERE {where} AND r.observed_at >= ("  # noqa: S608
        f"SELECT min(observed_at) FROM (SELECT r.observed_at FROM plates.reads r WHERE {where} "
        "ORDER BY r.observed_at DESC LIMIT %(limit)s) AS newest) "
        "ORDER BY r.observed_at DESC, r.id DESC LIMIT %(limit)s"
    )


def _each(values: str, column: str, conditions: Sequence[str]) -> str:
    """Take the newest of each value by its index, then the newest of all."""
    inner = _newest(f"r.{column} = v.value", conditions)
    return (
        f"SELECT r.* FROM unnest(%({values})s::text[]) AS v(value) "  # noqa: S608
        f"CROSS JOIN LATERAL ({inner}) r "
        "ORDER BY r.observed_at DESC, r.id DESC LIMIT %(limit)s"
    )


async def extent(
    connection: AsyncConnection[TupleRow], question: Question, likes: Sequence[str]
) -> tuple[int, int]:
    """Return how many reads of how many plates a question meets, counted up to COUNT_MOST.

    ``likes``: LIKE patterns of plates that count as well as ``question.plates``.
    """
    text, given = _extent(question, likes)
    cursor = await connection.execute(
        f"SELECT count(*), count(DISTINCT plate) FROM ({text} LIMIT %(most)s) AS met",  # noqa: S608
        given | {"most": COUNT_MOST},
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


async def guess_extent(
    connection: AsyncConnection[TupleRow], question: Question, likes: Sequence[str]
) -> int:
    """Return how many reads the planner believes a question meets: at once, and rough."""
    text, given = _extent(question, likes)
    cursor = await connection.execute(f"EXPLAIN (FORMAT JSON) {text}", given)
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0][0]["Plan"]["Plan Rows"])


def _extent(question: Question, likes: Sequence[str]) -> tuple[str, dict[str, Any]]:
    conditions = _where(question, plate=False)
    if question.plates is not None:
        conditions.append(
            "(r.plate = ANY(%(plates)s) OR r.plate IN "
            "(SELECT plate FROM plates.plates WHERE plate LIKE ANY(%(likes)s)))"
            if likes
            else "r.plate = ANY(%(plates)s)"
        )
    where = " AND ".join(conditions) or "true"
    given = {
        "plates": list(question.plates or ()),
        "likes": list(likes),
        "camera_set": _camera_set(question.cameras),
        "since": question.since,
        "until": question.until,
    }
    return f"SELECT r.plate FROM plates.reads r WHERE {where}", given  # noqa: S608  constants


async def read(connection: AsyncConnection[TupleRow], read_id: UUID) -> Read | None:
    """Return a read; its id carries its time to the millisecond, and that finds it."""
    at = id_time(read_id)
    cursor = await connection.execute(
        f"SELECT {_COLUMNS} FROM plates.reads r JOIN plates.ledgers l USING (ledger_id) "  # noqa: S608
        "WHERE r.observed_at >= %s AND r.observed_at < %s AND r.id = %s",
        [at, at + _MILLISECOND, read_id],
    )
    row = await cursor.fetchone()
    return None if row is None else read_of(row)


async def counted(
    connection: AsyncConnection[TupleRow],
    cameras: Sequence[str],
    since: datetime,
    until: datetime,
    bucket: timedelta,
) -> list[tuple[str, datetime, int]]:
    """Return camera, begin and number of reads of each bucket of time that has any."""
    cursor = await connection.execute(
        "SELECT r.camera, date_bin(%s, r.observed_at, %s) AS at, count(*) FROM plates.reads r "
        "WHERE r.camera = ANY(%s) AND r.observed_at >= %s AND r.observed_at < %s "
        "GROUP BY 1, 2 ORDER BY 2, 1",
        [bucket, since, list(cameras), since, until],
    )
    return [(row[0], row[1], row[2]) for row in await cursor.fetchall()]


_UNSEALED: Final = "m.sealed_at IS NULL AND NOT trust.is_sealed(m.authority, %(now)s)"


async def is_matched(connection: AsyncConnection[TupleRow], read_id: UUID, now: datetime) -> bool:
    """Tell whether a read met an entry, and that is not sealed."""
    cursor = await connection.execute(
        f"SELECT 1 FROM plates.matches m WHERE m.read_id = %(read)s AND {_UNSEALED} "  # noqa: S608
        "LIMIT 1",
        {"read": read_id, "now": now},
    )
    return await cursor.fetchone() is not None


async def matches(
    connection: AsyncConnection[TupleRow], match_ids: Sequence[UUID], now: datetime
) -> dict[UUID, Match]:
    """Return those of the matches whose reads are still kept and that are not sealed."""
    cursor = await connection.execute(
        f"SELECT {_COLUMNS}, {entries.columns('e')}, "  # noqa: S608  constants
        "m.id, m.kind, m.cost, m.verify, m.differences, m.matched_at, m.authority "
        "FROM plates.matches m "
        "JOIN plates.entries e ON e.id = m.entry_id "
        "JOIN plates.reads r ON r.observed_at = m.observed_at AND r.id = m.read_id "
        "JOIN plates.ledgers l USING (ledger_id) "
        f"WHERE m.id = ANY(%(ids)s) AND {_UNSEALED}",
        {"ids": list(match_ids), "now": now},
    )
    return {found.id: found for found in map(_match_of, await cursor.fetchall())}


def _match_of(row: Sequence[Any]) -> Match:
    end = _WIDTH + len(entries.COLUMNS)
    match_id, kind, cost, verify, differences, matched_at, authority = row[end:]
    return Match(
        id=match_id,
        comparison=Comparison(
            MatchKind(kind),
            round(cost, 4),
            verify,
            tuple(Difference(d["position"], d["read"], d["entry"]) for d in differences),
        ),
        entry=entries.entry_of(row[_WIDTH:end]),
        read=read_of(row[:_WIDTH]),
        matched_at=matched_at,
        authority=authority,
    )
