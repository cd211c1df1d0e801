"""Removing reads whose days are over; what stays is decided by functions in the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg.rows import TupleRow


@dataclass(frozen=True, slots=True)
class Gone:
    """Reads removed in one go. ``ids``: SHA-256 over their ids, ascending."""

    removed: int
    kept: int
    ids: bytes
    since: datetime | None = None
    until: datetime | None = None


async def days(connection: AsyncConnection[TupleRow]) -> list[date]:
    """Return the days that have a partition, oldest first."""
    cursor = await connection.execute(
        "SELECT to_date(substr(c.relname, 7), 'YYYYMMDD') FROM pg_inherits i "
        "JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'plates.reads'::regclass "
        "AND c.relname ~ '^reads_[0-9]{8}$' ORDER BY 1"
    )
    return [row[0] for row in await cursor.fetchall()]


async def has_day(connection: AsyncConnection[TupleRow], name: str) -> bool:
    """Tell whether a partition is there."""
    cursor = await connection.execute("SELECT to_regclass('plates.' || %s) IS NOT NULL", [name])
    row = await cursor.fetchone()
    return row is not None and bool(row[0])


async def count_day(connection: AsyncConnection[TupleRow], low: datetime, high: datetime) -> int:
    """Count the reads of a span, seen through the partitioned table."""
    cursor = await connection.execute(
        "SELECT count(*) FROM plates.reads WHERE observed_at >= %s AND observed_at < %s",
        [low, high],
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def count_overdue(
    connection: AsyncConnection[TupleRow], reads_before: datetime, hits_before: datetime
) -> int:
    """Count what ``forget_overdue`` would remove."""
    cursor = await connection.execute(
        "SELECT plates.count_overdue(%s, %s)", [reads_before, hits_before]
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def limit_time(connection: AsyncConnection[TupleRow], seconds: int, lock_s: int) -> None:
    """Give this transaction's statements so long, and so long to wait for a lock."""
    await connection.execute(
        "SELECT set_config('statement_timeout', %s, true), set_config('lock_timeout', %s, true)",
        [f"{seconds}s", f"{lock_s}s"],
    )


async def drop_day(
    connection: AsyncConnection[TupleRow],
    day: date,
    reads_before: datetime,
    hits_before: datetime,
    at: datetime,
) -> Gone | None:
    """End a day; None where it had no partition."""
    cursor = await connection.execute(
        "SELECT removed, kept, ids FROM plates.drop_day(%s, %s, %s, %s)",
        [day, reads_before, hits_before, at],
    )
    row = await cursor.fetchone()
    if row is None or row[0] is None:
        return None
    return Gone(row[0], row[1], bytes(row[2]))


async def forget_overdue(
    connection: AsyncConnection[TupleRow],
    reads_before: datetime,
    hits_before: datetime,
    at: datetime,
    most: int,
) -> Gone:
    """Delete overdue reads of the default partition."""
    cursor = await connection.execute(
        "SELECT removed, ids, since, until FROM plates.forget_overdue(%s, %s, %s, %s)",
        [reads_before, hits_before, at, most],
    )
    row = await cursor.fetchone()
    assert row is not None
    return Gone(row[0], 0, bytes(row[1]), row[2], row[3])


async def forget_plates(connection: AsyncConnection[TupleRow], most: int) -> tuple[int, int]:
    """Go through so many condemned plates; return how many those were, and how many went."""
    cursor = await connection.execute("SELECT taken, removed FROM plates.forget_plates(%s)", [most])
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


async def rewrite_remains(connection: AsyncConnection[TupleRow]) -> None:
    """Leave no plate in dead rows, nor in the planner's samples."""
    await connection.execute("SELECT plates.rewrite_remains()")


async def forgotten(connection: AsyncConnection[TupleRow]) -> int:
    """Return how often plates were forgotten; none are until this transaction ends."""
    cursor = await connection.execute("SELECT revision FROM plates.forgotten FOR SHARE")
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def overdue_refusals(connection: AsyncConnection[TupleRow], before: datetime) -> int:
    """Count refused observations received before a moment."""
    cursor = await connection.execute(
        "SELECT count(*) FROM plates.refused_observations WHERE received_at < %s", [before]
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def forget_refusals(
    connection: AsyncConnection[TupleRow], before: datetime, most: int
) -> list[tuple[UUID, datetime]]:
    """Delete refused observations; return each id with its time."""
    cursor = await connection.execute(
        "DELETE FROM plates.refused_observations WHERE id IN (SELECT id "
        "FROM plates.refused_observations WHERE received_at < %s LIMIT %s FOR UPDATE SKIP LOCKED) "
        "RETURNING id, received_at",
        [before, most],
    )
    return [(row[0], row[1]) for row in await cursor.fetchall()]
