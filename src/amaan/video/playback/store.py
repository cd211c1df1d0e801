"""The chamber's only SQL: exports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from amaan.video.playback.model import Export, ExportFile, ExportState

Connection = AsyncConnection[TupleRow]

_EXPORT = (
    "e.id, e.made_by, e.made_as, e.cameras, e.stream, e.since, e.until, e.authority, e.case_ref,"
    " e.reason, e.state, e.wanted_at, e.settled_at"
)
_FILE = "camera, state, detail, encode(sha256, 'hex'), size_bytes"


def _export(row: Sequence[Any], files: Sequence[ExportFile]) -> Export:
    return Export(
        *(row[0], row[1], row[2], tuple(row[3]), row[4], row[5], row[6], row[7], row[8], row[9]),
        *(ExportState(row[10]), row[11], row[12], tuple(files)),
    )


def _file(row: Sequence[Any]) -> ExportFile:
    return ExportFile(row[0], ExportState(row[1]), row[2], row[3], row[4])


async def add(connection: Connection, new: Export) -> None:
    """Write an export with its files to be made."""
    await connection.execute(
        "INSERT INTO video.exports (id, made_by, made_as, cameras, stream, since, until,"
        " authority, case_ref, reason, state, wanted_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            *(new.id, new.made_by, new.made_as, list(new.cameras), new.stream, new.since),
            *(new.until, new.authority, new.case_ref, new.reason, new.state.value, new.wanted_at),
        ],
    )
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "INSERT INTO video.export_files (export, camera, state) VALUES (%s, %s, 'making')",
            [(new.id, camera) for camera in new.cameras],
        )


async def page(connection: Connection, by: UUID, before: UUID | None, limit: int) -> list[Export]:
    """Return an account's exports, newest first."""
    cursor = await connection.execute(
        f"SELECT {_EXPORT} FROM video.exports e WHERE e.made_by = %(by)s"  # noqa: S608 (constant)
        " AND (%(before)s::uuid IS NULL OR e.id < %(before)s) ORDER BY e.id DESC LIMIT %(limit)s",
        {"by": by, "before": before, "limit": limit},
    )
    rows = await cursor.fetchall()
    files = await _files(connection, [row[0] for row in rows])
    return [_export(row, files.get(row[0], ())) for row in rows]


async def get(connection: Connection, identifier: UUID) -> Export | None:
    """Return an export."""
    cursor = await connection.execute(
        f"SELECT {_EXPORT} FROM video.exports e WHERE e.id = %s",  # noqa: S608 (constant)
        [identifier],
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    return _export(row, (await _files(connection, [identifier])).get(identifier, ()))


async def making(connection: Connection, limit: int) -> list[Export]:
    """Return exports with files to be made, longest wanted first."""
    cursor = await connection.execute(
        f"SELECT {_EXPORT} FROM video.exports e WHERE e.state = 'making'"  # noqa: S608 (constant)
        " ORDER BY e.wanted_at, e.id LIMIT %s",
        [limit],
    )
    rows = await cursor.fetchall()
    files = await _files(connection, [row[0] for row in rows])
    return [_export(row, files.get(row[0], ())) for row in rows]


async def _files(connection: Connection, exports: Sequence[UUID]) -> dict[UUID, list[ExportFile]]:
    cursor = await connection.execute(
        f"SELECT export, {_FILE} FROM video.export_files WHERE export = ANY(%s)"  # noqa: S608
        " ORDER BY camera",
        [list(exports)],
    )
    found: dict[UUID, list[ExportFile]] = {}
    for row in await cursor.fetchall():
        found.setdefault(row[0], []).append(_file(row[1:]))
    return found


async def save_file(connection: Connection, export: UUID, made: ExportFile) -> None:
    """Write what became of one camera's file."""
    await connection.execute(
        "UPDATE video.export_files SET state = %s, detail = %s, sha256 = decode(%s, 'hex'),"
        " size_bytes = %s WHERE export = %s AND camera = %s",
        [made.state.value, made.detail, made.sha256, made.size_bytes, export, made.camera],
    )


async def settle(connection: Connection, export: UUID, state: ExportState, now: datetime) -> None:
    """Write the outcome of an export."""
    await connection.execute(
        "UPDATE video.exports SET state = %s, settled_at = coalesce(settled_at, %s) WHERE id = %s",
        [state.value, now, export],
    )


async def count_over(connection: Connection, before: datetime) -> int:
    """Count exports whose days are over."""
    cursor = await connection.execute(
        "SELECT count(*) FROM video.exports WHERE state IN ('ready', 'partial')"
        " AND settled_at < %s",
        [before],
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def over(connection: Connection, before: datetime, limit: int) -> list[Export]:
    """Return and lock such exports."""
    cursor = await connection.execute(
        f"SELECT {_EXPORT} FROM video.exports e WHERE e.state IN ('ready', 'partial')"  # noqa: S608
        " AND e.settled_at < %s ORDER BY e.settled_at LIMIT %s FOR UPDATE SKIP LOCKED",
        [before, limit],
    )
    rows = await cursor.fetchall()
    files = await _files(connection, [row[0] for row in rows])
    return [_export(row, files.get(row[0], ())) for row in rows]
