"""Events written in the transaction that made them true."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import orjson
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from amaan.kernel.events import Event, NewEvent

LOCK = 0x414D41414E02  # "AMAAN" + 2: held from the first announcement to the commit
CHANNEL = "amaan_outbox"


class PostgresOutbox:
    """The engine behind ``kernel.events.Outbox``."""

    async def announce(
        self, connection: AsyncConnection[TupleRow], events: Sequence[NewEvent]
    ) -> None:
        """Append the events; call it last in a transaction: it holds the outbox lock to its end."""
        if not events:
            return
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        async with connection.cursor() as cursor:
            await cursor.executemany(
                "INSERT INTO kernel.outbox (name, key, occurred_at, payload) "
                "VALUES (%s, %s, %s, %s::jsonb)",
                [(e.name, e.key, e.occurred_at, orjson.dumps(e.payload).decode()) for e in events],
            )
        await connection.execute(f"NOTIFY {CHANNEL}")


async def events_after(
    connection: AsyncConnection[TupleRow], position: int, limit: int
) -> list[Event]:
    """Return the next events in commit order, whatever their names."""
    cursor = await connection.execute(
        "SELECT position, name, key, occurred_at, payload FROM kernel.outbox "
        "WHERE position > %s ORDER BY position LIMIT %s",
        [position, limit],
    )
    return [Event(*row) for row in await cursor.fetchall()]


async def last_position(connection: AsyncConnection[TupleRow]) -> int:
    """Return the newest committed position; 0 when nothing was ever announced."""
    cursor = await connection.execute("SELECT coalesce(max(position), 0) FROM kernel.outbox")
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def trim(connection: AsyncConnection[TupleRow], keep_days: int, most: int) -> int:
    """Forget events older than ``keep_days`` that every subscriber has handled.

    At most ``most`` of them, the oldest first; returns how many.
    """
    cursor = await connection.execute(
        "DELETE FROM kernel.outbox WHERE position IN (SELECT position FROM kernel.outbox "
        "WHERE recorded_at < now() - make_interval(days => %s) "
        "AND position <= coalesce((SELECT min(position) FROM kernel.cursors), 0) "
        "ORDER BY position LIMIT %s)",
        [keep_days, most],
    )
    return cursor.rowcount


async def failed_before(connection: AsyncConnection[TupleRow], before: datetime) -> int:
    """Count deliveries given up before a moment."""
    cursor = await connection.execute(
        "SELECT count(*) FROM kernel.failed_deliveries WHERE failed_at < %s", [before]
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def trim_failed(
    connection: AsyncConnection[TupleRow], before: datetime, most: int
) -> list[tuple[str, int]]:
    """Forget deliveries given up before a moment; return (subscriber, position) of each."""
    cursor = await connection.execute(
        "DELETE FROM kernel.failed_deliveries WHERE (subscriber, position) IN "
        "(SELECT subscriber, position FROM kernel.failed_deliveries WHERE failed_at < %s LIMIT %s) "
        "RETURNING subscriber, position",
        [before, most],
    )
    return [(row[0], row[1]) for row in await cursor.fetchall()]
