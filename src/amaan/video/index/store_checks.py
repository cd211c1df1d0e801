"""The SQL of the check: everything there is, to be compared."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from amaan.video.index.model import LedgerGap, LedgerSegment
from amaan.video.index.rules import Pair, Triple, pairs, to_ms, triples

Connection = AsyncConnection[TupleRow]


async def segments_of(connection: Connection, ledger: UUID) -> dict[UUID, LedgerSegment]:
    """Return the finished segments of a ledger that lie at its worker."""
    cursor = await connection.execute(
        "SELECT id, camera, start_at, end_at, bytes, encode(sha256, 'hex') FROM video.segments"
        " WHERE ledger = %s AND at_worker AND end_at IS NOT NULL",
        [ledger],
    )
    return {
        row[0]: LedgerSegment(row[1], to_ms(row[2]), to_ms(row[3]), row[4], row[5])
        for row in await cursor.fetchall()
    }


async def gaps_of(connection: Connection, gaps: Sequence[UUID]) -> dict[UUID, LedgerGap]:
    """Return the gaps of those ids."""
    cursor = await connection.execute(
        "SELECT id, camera, start_at, end_at FROM video.gaps WHERE id = ANY(%s)", [list(gaps)]
    )
    return {
        row[0]: LedgerGap(row[1], to_ms(row[2]), None if row[3] is None else to_ms(row[3]))
        for row in await cursor.fetchall()
    }


async def recorded_streams(connection: Connection) -> list[tuple[str, str]]:
    """Return every camera and stream of which anything is known."""
    cursor = await connection.execute(
        "SELECT DISTINCT camera, stream FROM video.segments"
        " UNION SELECT DISTINCT camera, stream FROM video.recorded_days ORDER BY 1, 2"
    )
    return [(row[0], row[1]) for row in await cursor.fetchall()]


async def whole_stream(
    connection: Connection, camera: str, stream: str
) -> tuple[list[Pair], list[Triple], dict[str, tuple[list[Pair], list[Triple]]]]:
    """Return a stream's finished segments, its gaps, and by day what is drawn of them."""
    cursor = await connection.execute(
        "SELECT start_at, end_at FROM video.segments WHERE camera = %s AND stream = %s"
        " AND end_at IS NOT NULL",
        [camera, stream],
    )
    spans = [(to_ms(row[0]), to_ms(row[1])) for row in await cursor.fetchall()]
    cursor = await connection.execute(
        "SELECT start_at, end_at FROM video.gaps WHERE camera = %s AND stream = %s"
        " AND end_at IS NOT NULL",
        [camera, stream],
    )
    gaps = [(to_ms(row[0]), to_ms(row[1]), 0) for row in await cursor.fetchall()]
    cursor = await connection.execute(
        "SELECT day, spans, gaps FROM video.recorded_days WHERE camera = %s AND stream = %s",
        [camera, stream],
    )
    packed = {
        row[0].isoformat(): (pairs(row[1]), triples(row[2])) for row in await cursor.fetchall()
    }
    return spans, gaps, packed
