"""The chamber's only SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from amaan.video.health.model import STATES, Availability, Entry

Connection = AsyncConnection[TupleRow]
_ENTRY = "camera, kind, since, until, detail, id"
MOST_ENTRIES = 5_000


async def lasting(connection: Connection, cameras: Sequence[str]) -> dict[str, list[Entry]]:
    """Return what lasts, of each camera that was ever seen."""
    cursor = await connection.execute(
        "SELECT c, EXISTS (SELECT FROM video.camera_log WHERE camera = c)"
        " FROM unnest(%s::text[]) AS c",
        [list(cameras)],
    )
    found: dict[str, list[Entry]] = {row[0]: [] for row in await cursor.fetchall() if row[1]}
    cursor = await connection.execute(
        f"SELECT {_ENTRY} FROM video.camera_log"  # noqa: S608 (constant)
        " WHERE until IS NULL AND camera = ANY(%s) FOR UPDATE",
        [list(cameras)],
    )
    for row in await cursor.fetchall():
        found[row[0]].append(Entry(*row))
    return found


async def cameras_lasting(connection: Connection) -> set[str]:
    """Return the cameras of which something lasts."""
    cursor = await connection.execute(
        "SELECT DISTINCT camera FROM video.camera_log WHERE until IS NULL"
    )
    return {row[0] for row in await cursor.fetchall()}


async def write(connection: Connection, ended: Sequence[Entry], begun: Sequence[Entry]) -> None:
    """End entries and begin others."""
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "UPDATE video.camera_log SET until = %s WHERE id = %s",
            [(entry.until, entry.id) for entry in ended],
        )
        await cursor.executemany(
            "INSERT INTO video.camera_log (camera, kind, since, until, detail)"
            " VALUES (%s, %s, %s, %s, %s)",
            [(one.camera, one.kind, one.since, one.until, one.detail) for one in begun],
        )


async def listened(connection: Connection, at: datetime) -> None:
    """Note that the centre listens."""
    await connection.execute(
        "INSERT INTO video.listening (until) VALUES (%s)"
        " ON CONFLICT (one) DO UPDATE SET until = excluded.until",
        [at],
    )


async def listened_until(connection: Connection) -> datetime | None:
    """Return when the centre last listened; None: never."""
    cursor = await connection.execute("SELECT until FROM video.listening")
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def history(
    connection: Connection, camera: str, since: datetime, until: datetime
) -> list[Entry]:
    """Return what was so of a camera in a time, oldest first; the newest ones of very many."""
    cursor = await connection.execute(
        f"SELECT {_ENTRY} FROM video.camera_log WHERE camera = %s"  # noqa: S608 (constant)
        " AND since < %s AND (until IS NULL OR until > %s) ORDER BY since DESC, id DESC LIMIT %s",
        [camera, until, since, MOST_ENTRIES],
    )
    return [Entry(*row) for row in reversed(await cursor.fetchall())]


async def count_over(connection: Connection, before: datetime) -> int:
    """Count the entries that ended before a moment."""
    cursor = await connection.execute(
        "SELECT count(*) FROM video.camera_log WHERE until < %s", [before]
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def drop_over(connection: Connection, before: datetime, limit: int) -> list[Entry]:
    """Delete some of the entries that ended before a moment; return them."""
    cursor = await connection.execute(
        "DELETE FROM video.camera_log WHERE id IN"  # noqa: S608 (constant)
        " (SELECT id FROM video.camera_log WHERE until < %s ORDER BY until LIMIT %s)"
        f" RETURNING {_ENTRY}",
        [before, limit],
    )
    return [Entry(*row) for row in await cursor.fetchall()]


async def availability(
    connection: Connection, cameras: Mapping[str, str], since: datetime, until: datetime
) -> list[Availability]:
    """Return each camera's availability, by code; ``cameras``: code -> name."""
    cursor = await connection.execute(
        """
        SELECT camera,
            coalesce(sum(length) FILTER (WHERE kind = ANY(%(states)s)), 0),
            coalesce(sum(length) FILTER (WHERE kind = 'up'), 0),
            count(*) FILTER (WHERE kind = 'offline'),
            coalesce(max(length) FILTER (WHERE kind = 'offline'), 0)
        FROM (
            SELECT camera, kind, extract(epoch FROM
                least(coalesce(until, %(until)s), %(until)s) - greatest(since, %(since)s))
                AS length
            FROM video.camera_log
            WHERE camera = ANY(%(cameras)s) AND since < %(until)s
            AND (until IS NULL OR until > %(since)s)
        ) AS piece GROUP BY camera ORDER BY camera
        """,
        {
            "states": list(STATES),
            "cameras": list(cameras),
            "since": since,
            "until": until,
        },
    )
    return [
        Availability(
            key=row[0],
            name=cameras[row[0]],
            cameras=1,
            expected_s=float(row[1]),
            up_s=float(row[2]),
            recorded_s=None,
            outages=row[3],
            longest_s=float(row[4]),
        )
        for row in await cursor.fetchall()
    ]
