"""Writing reads: ledgers, blocks, COPY, plates, matches, refusals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

import orjson
from psycopg.types.json import Jsonb

from amaan.plates import copying
from amaan.plates.ledger import BlockPart
from amaan.plates.model import Comparison, RefusedObservation

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg.rows import TupleRow

Sequence_ = tuple[str, UUID]
_COLUMNS: Final = ", ".join(copying.COLUMNS)


@dataclass(frozen=True, slots=True)
class Ledger:
    """A locked ledger row."""

    id: int
    high_seq: int


@dataclass(frozen=True, slots=True)
class NewMatch:
    """A match to be written."""

    id: UUID
    read_id: UUID
    observed_at: datetime
    entry_id: UUID
    comparison: Comparison
    matched_at: datetime
    authority: UUID
    camera: str


async def ensure_day(connection: AsyncConnection[TupleRow], day: date) -> bool:
    """Make the partition of a UTC day where it is missing; False where it is to have none."""
    await connection.execute("SELECT plates.ensure_day(%s)", [day])
    cursor = await connection.execute("SELECT to_regclass(%s) IS NOT NULL", [_partition(day)])
    row = await cursor.fetchone()
    assert row is not None
    return bool(row[0])


def _partition(day: date) -> str:
    return f"plates.reads_{day:%Y%m%d}"


async def lock_ledgers(
    connection: AsyncConnection[TupleRow], sequences: Iterable[Sequence_]
) -> dict[Sequence_, Ledger]:
    """Lock the ledger row of each (source, boot), made where missing, in one order for all."""
    wanted = sorted(set(sequences))
    sources, boots = [source for source, _ in wanted], [boot for _, boot in wanted]
    locked = await _lock(connection, sources, boots)
    if len(locked) < len(wanted):
        await connection.execute(
            "INSERT INTO plates.ledgers (source, boot) "
            "SELECT * FROM unnest(%s::text[], %s::uuid[]) ON CONFLICT DO NOTHING",
            [sources, boots],
        )
        locked = await _lock(connection, sources, boots)
    return locked


async def _lock(
    connection: AsyncConnection[TupleRow], sources: list[str], boots: list[UUID]
) -> dict[Sequence_, Ledger]:
    cursor = await connection.execute(
        "SELECT source, boot, ledger_id, high_seq FROM plates.ledgers "
        "WHERE (source, boot) IN (SELECT * FROM unnest(%s::text[], %s::uuid[])) "
        "ORDER BY ledger_id FOR UPDATE",
        [sources, boots],
    )
    return {(row[0], row[1]): Ledger(row[2], row[3]) for row in await cursor.fetchall()}


async def blocks(
    connection: AsyncConnection[TupleRow], ledger_id: int, numbers: Sequence[int]
) -> list[BlockPart]:
    """Return all that is stored of some blocks of a ledger."""
    cursor = await connection.execute(
        "SELECT block, offsets, digests FROM plates.received_blocks "
        "WHERE ledger_id = %s AND block = ANY(%s)",
        [ledger_id, list(numbers)],
    )
    return [BlockPart(row[0], bytes(row[1]), bytes(row[2])) for row in await cursor.fetchall()]


async def record_received(
    connection: AsyncConnection[TupleRow], received: Mapping[int, tuple[Sequence[BlockPart], int]]
) -> None:
    """Write block parts and move each ledger's counters: ledger id -> (parts, highest number)."""
    rows = [
        (ledger_id, part.block, part.offsets, part.digests)
        for ledger_id, (parts, _) in received.items()
        for part in parts
    ]
    columns = [list(column) for column in zip(*rows, strict=True)]
    await connection.execute(
        "INSERT INTO plates.received_blocks (ledger_id, block, offsets, digests) "
        "SELECT * FROM unnest(%s::int[], %s::bigint[], %s::bytea[], %s::bytea[])",
        columns,
    )
    ids = list(received)
    await connection.execute(
        "UPDATE plates.ledgers l SET high_seq = greatest(l.high_seq, n.high), "
        "received = l.received + n.count "
        "FROM unnest(%s::int[], %s::bigint[], %s::bigint[]) AS n(id, high, count) "
        "WHERE l.ledger_id = n.id",
        [
            ids,
            [received[ledger_id][1] for ledger_id in ids],
            [sum(len(part.offsets) // 2 for part in received[ledger_id][0]) for ledger_id in ids],
        ],
    )


Rows = Mapping[int, Sequence[bytes]]


async def copy_reads(
    connection: AsyncConnection[TupleRow], days: Sequence[tuple[date | None, Rows]]
) -> None:
    """Write reads, packed by ``observations``: rows by ledger id, by the day of a partition.

    PostgreSQL refuses COPY into a table with row-level security, and refuses us everything but to
    write in its partitions. Without a day rows find their way by INSERT. UndefinedTable: a day's
    partition is gone.
    """
    for day, rows in days:
        if day is not None:
            await _copy(connection, _partition(day), rows)
    others = [rows for day, rows in days if day is None]
    if others:
        await connection.execute("CREATE TEMPORARY TABLE others (LIKE plates.reads) ON COMMIT DROP")
        for rows in others:
            await _copy(connection, "pg_temp.others", rows)
        await connection.execute(
            f"INSERT INTO plates.reads ({_COLUMNS}) SELECT {_COLUMNS} FROM pg_temp.others"  # noqa: S608
        )


async def _copy(connection: AsyncConnection[TupleRow], table: str, rows: Rows) -> None:
    statement = f"COPY {table} ({_COLUMNS}) FROM STDIN (FORMAT binary)"
    async with connection.cursor() as cursor, cursor.copy(statement) as copy:
        await copy.write(copying.buffer(rows.items()))


async def add_plates(connection: AsyncConnection[TupleRow], plates: Sequence[str]) -> None:
    """Take up plates not seen before; give them sorted, so that two writers cannot deadlock."""
    await connection.execute(
        "INSERT INTO plates.plates SELECT unnest(%s::text[]) ON CONFLICT DO NOTHING",
        [list(plates)],
    )


async def add_matches(connection: AsyncConnection[TupleRow], matches: Sequence[NewMatch]) -> None:
    """Write matches."""
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "INSERT INTO plates.matches (id, read_id, observed_at, entry_id, kind, cost, verify, "
            "differences, matched_at, authority, camera) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                (
                    *(match.id, match.read_id, match.observed_at, match.entry_id),
                    *(match.comparison.kind.value, match.comparison.cost),
                    match.comparison.verify,
                    Jsonb(
                        [
                            {"position": d.position, "read": d.read, "entry": d.entry}
                            for d in match.comparison.differences
                        ],
                        dumps=orjson.dumps,
                    ),
                    match.matched_at,
                    match.authority,
                    match.camera,
                )
                for match in matches
            ],
        )


async def add_refusals(
    connection: AsyncConnection[TupleRow], refusals: Sequence[RefusedObservation]
) -> set[UUID]:
    """Keep what could not be stored as reads; return the ids of those not kept before."""
    fresh: set[UUID] = set()
    for r in refusals:
        cursor = await connection.execute(
            "INSERT INTO plates.refused_observations "
            "(id, source, boot, seq, kind, reason, digest, payload, received_at) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [r.id, r.source, r.boot, r.seq, r.kind, r.reason, r.digest, r.payload, r.received_at],
        )
        if cursor.rowcount:
            fresh.add(r.id)
    return fresh
