"""The only SQL about streets. They are kept as packed arrays: one row for each import."""

from __future__ import annotations

import io
from collections.abc import Sequence
from uuid import UUID

import numpy as np
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from amaan.city.roads.model import CameraSpot, Roads, RoadsInfo
from amaan.kernel.geography import Point

Connection = AsyncConnection[TupleRow]
_INFO = "id, source, imported_at, imported_by, nodes, edges, kilometres"
_DEGREES = 1e7  # of OpenStreetMap itself


def pack(roads: Roads) -> bytes:
    """Return the arrays, compressed; degrees to 1e-7 as OpenStreetMap has them."""
    out = io.BytesIO()
    np.savez_compressed(
        out,
        lon=np.round(roads.lon * _DEGREES).astype(np.int32),
        lat=np.round(roads.lat * _DEGREES).astype(np.int32),
        start=roads.start,
        end=roads.end,
        metres=roads.metres,
        kmh=roads.kmh,
        one_way=roads.one_way,
    )
    return out.getvalue()


def unpack(packed: bytes) -> Roads:
    """Return what was packed."""
    with np.load(io.BytesIO(packed), allow_pickle=False) as arrays:
        return Roads(
            lon=arrays["lon"] / _DEGREES,
            lat=arrays["lat"] / _DEGREES,
            start=arrays["start"],
            end=arrays["end"],
            metres=arrays["metres"],
            kmh=arrays["kmh"],
            one_way=arrays["one_way"],
        )


async def put(connection: Connection, info: RoadsInfo, packed: bytes) -> None:
    """Put streets in the place of those before."""
    await connection.execute("DELETE FROM city.road_networks")
    await connection.execute(
        f"INSERT INTO city.road_networks ({_INFO}, packed) "  # noqa: S608 (constant)
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        [info.id, info.source, info.imported_at, info.imported_by, info.nodes, info.edges,
         info.kilometres, packed],
    )  # fmt: skip


async def info(connection: Connection) -> RoadsInfo | None:
    """Return what was imported last; None: nothing yet."""
    cursor = await connection.execute(
        f"SELECT {_INFO} FROM city.road_networks"  # noqa: S608 (constant)
    )
    row = await cursor.fetchone()
    return None if row is None else RoadsInfo(*row)


async def packed(connection: Connection, identifier: UUID) -> bytes | None:
    """Return packed streets; None where others have taken their place."""
    cursor = await connection.execute(
        "SELECT packed FROM city.road_networks WHERE id = %s", [identifier]
    )
    row = await cursor.fetchone()
    return None if row is None else bytes(row[0])


async def spots(connection: Connection) -> Sequence[CameraSpot]:
    """Return where the cameras stand that whoever acts may see, by code."""
    cursor = await connection.execute(
        "SELECT c.code, coalesce(c.lon, s.lon), coalesce(c.lat, s.lat) "
        "FROM city.cameras c JOIN city.sites s ON s.code = c.site WHERE c.enabled ORDER BY c.code"
    )
    return [CameraSpot(row[0], Point(row[1], row[2])) for row in await cursor.fetchall()]
