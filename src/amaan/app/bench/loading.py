"""Fills a database with months of reads by COPY, as quickly as it takes them.

Rows are made as whole arrays in PostgreSQL's binary form; the indexes are built afterwards. What
then lies there is what ingest would have left: same table, same partitions, same columns.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from amaan.app.bench import traffic
from amaan.kernel.engines import Database
from amaan.plates import copying
from amaan.plates.packing import EPOCH

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg.rows import TupleRow

DAYS: Final = 20
CHUNK: Final = 50_000
PLATE: Final = 7  # characters: one length, so that rows are of one size
SKEW: Final = 1.5  # the busiest vehicle of two million is read about once in 16,000 reads
_DAY_US: Final = 86_400_000_000

_FIELDS: Final = (
    *(("ledger_id", ">i4"), ("seq", ">i8"), ("id", "S16"), ("observed_at", ">i8")),
    *(("received_at", ">i8"), ("decided_at", ">i8"), ("first_seen_at", ">i8")),
    *(("last_seen_at", ">i8"), ("box_x", ">i2"), ("box_y", ">i2"), ("box_w", ">i2")),
    *(("box_h", ">i2"), ("frame_w", ">i2"), ("frame_h", ">i2"), ("frames", ">i4")),
    *(("agreeing", ">i4"), ("confidence", ">f4"), ("uncertain", "u1"), ("clock_suspect", "u1")),
    *(("direction", ">i2"), ("clock_offset_ms", ">i4"), ("plate", f"V{PLATE}")),
    *(("raw_text", f"V{PLATE}"), ("camera", "V6"), ("characters", f"V{PLATE}")),
    *(("picture", "V32"), ("crop", "V32")),
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What lies in the database. ``plates`` are by popularity, most read first."""

    reads: int
    plates: list[str]
    first_day: date


def _row_type() -> np.dtype[np.void]:
    parts: list[tuple[str, str]] = [("columns", ">i2")]
    for name, kind in _FIELDS:
        parts += [(f"{name}_length", ">i4"), (name, kind.replace("S16", "V16"))]
    return np.dtype(parts)


ROW: Final = _row_type()


def _chunk(
    count: int, day: date, first_seq: int, ledger_id: int, plates: NDArray[np.void]
) -> bytes:
    """Return COPY rows of one day, in order of time."""
    chance = np.random.default_rng(first_seq)
    rows = np.zeros(count, ROW)
    rows["columns"] = len(_FIELDS)
    for name, kind in _FIELDS:
        rows[f"{name}_length"] = np.dtype(kind).itemsize
    rows["clock_offset_ms_length"] = 4
    start = (day - EPOCH.date()).days * _DAY_US
    at = start + np.sort(chance.integers(0, _DAY_US, count))
    for name in ("observed_at", "received_at", "decided_at", "first_seen_at", "last_seen_at"):
        rows[name] = at
    rows["ledger_id"] = ledger_id
    rows["seq"] = np.arange(first_seq, first_seq + count)
    rows["id"] = _ids(at, chance)
    for name, value in (("box_w", 160), ("box_h", 48), ("frame_w", 1920), ("frame_h", 1080)):
        rows[name] = value
    rows["frames"], rows["agreeing"], rows["confidence"], rows["direction"] = 7, 6, 0.97, 1
    chosen = plates[(len(plates) * chance.random(count) ** SKEW).astype(np.int64)]
    rows["plate"] = rows["raw_text"] = chosen
    cameras = np.array([traffic.camera(n).encode() for n in range(traffic.CAMERAS)], "S6")
    rows["camera"] = cameras[chance.integers(0, traffic.CAMERAS, count)].view("V6")
    rows["characters"] = np.full((count, PLATE), 196, np.uint8).view(f"V{PLATE}")[:, 0]
    for name in ("picture", "crop"):
        rows[name] = np.frombuffer(chance.bytes(32 * count), "V32")
    return rows.tobytes()


def _ids(at_us: NDArray[np.int64], chance: np.random.Generator) -> NDArray[np.void]:
    """Return UUIDv7s that carry their rows' times, as ``read`` finds a row by that."""
    milliseconds = (at_us // 1000 + 946_684_800_000).astype(">u8")
    raw = np.frombuffer(chance.bytes(16 * len(at_us)), np.uint8).reshape(-1, 16).copy()
    raw[:, :6] = milliseconds.view(np.uint8).reshape(-1, 8)[:, 2:]
    raw[:, 6] = raw[:, 6] & 0x0F | 0x70
    raw[:, 8] = raw[:, 8] & 0x3F | 0x80
    return raw.view("V16")[:, 0]


async def load(database: Database, reads: int, say: Callable[[str], None]) -> Loaded:
    """Fill an empty database, or find that it was filled so before."""
    plates = traffic.plates(max(1_000, reads // 10))
    today = datetime.now(UTC).date()
    async with database.transaction() as connection:
        await connection.execute("SET LOCAL statement_timeout = 0")
        row = await _one(connection, "SELECT count(*), min(observed_at) FROM plates.reads")
    if row[0] == reads:
        assert isinstance(row[1], datetime)
        return Loaded(reads, plates, row[1].date())
    first_day = today - timedelta(days=DAYS)
    indexes = await _drop_indexes(database, first_day)
    await asyncio.gather(
        *(_load_days(database, reads, plates, first_day, half, say) for half in range(2))
    )
    for name, definition in indexes:
        say(f"building index {name}")
        await _alone(database, definition)
    say("writing down the plates, and vacuuming")
    await _alone(
        database, "INSERT INTO plates.plates SELECT DISTINCT plate FROM plates.reads ORDER BY 1"
    )
    return Loaded(reads, plates, first_day)


async def _one(connection: AsyncConnection[TupleRow], statement: str) -> TupleRow:
    row = await (await connection.execute(statement)).fetchone()
    assert row is not None
    return row


async def _alone(database: Database, statement: str) -> None:
    async with database.transaction() as connection:
        await connection.execute("SET LOCAL statement_timeout = 0")
        await connection.execute("SET LOCAL maintenance_work_mem = '512MB'")
        await connection.execute(statement)


async def _drop_indexes(database: Database, first_day: date) -> list[tuple[str, str]]:
    async with database.transaction() as connection:
        found = await connection.execute(
            "SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i "
            "JOIN pg_class c ON c.oid = i.indexrelid "
            "WHERE i.indrelid = 'plates.reads'::regclass"
        )
        indexes = [
            (name, text.replace(" ON ONLY ", " ON ")) for name, text in await found.fetchall()
        ]
        for day in range(DAYS):
            await connection.execute(
                "SELECT plates.ensure_day(%s)", [first_day + timedelta(days=day)]
            )
        for name, _ in indexes:
            await connection.execute(f"DROP INDEX plates.{name}")
    return indexes


async def _load_days(
    database: Database,
    reads: int,
    plates: list[str],
    first_day: date,
    half: int,
    say: Callable[[str], None],
) -> None:
    packed = np.array([plate.encode() for plate in plates], f"S{PLATE}").view(f"V{PLATE}")
    async with database.transaction() as connection:
        row = await connection.execute(
            "INSERT INTO plates.ledgers (source, boot) VALUES (%s, %s) RETURNING ledger_id",
            [f"bench-{half}", uuid4()],
        )
        ledger = await row.fetchone()
    assert ledger is not None
    seq = 1
    for number in range(half, DAYS, 2):
        day = first_day + timedelta(days=number)
        count = reads // DAYS + (reads % DAYS if number == DAYS - 1 else 0)
        columns = ", ".join(copying.COLUMNS)
        async with database.transaction() as connection:
            await connection.execute("SET LOCAL statement_timeout = 0")
            statement = f"COPY plates.reads_{day:%Y%m%d} ({columns}) FROM STDIN (FORMAT binary)"
            async with connection.cursor() as cursor, cursor.copy(statement) as copy:
                await copy.write(copying.HEADER)
                for begin in range(0, count, CHUNK):
                    size = min(CHUNK, count - begin)
                    rows = await asyncio.to_thread(_chunk, size, day, seq, ledger[0], packed)
                    await copy.write(rows)
                    seq += size
                await copy.write(copying.TRAILER)
        say(f"day {number + 1} of {DAYS} loaded")
