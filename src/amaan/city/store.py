"""The only SQL about sites and cameras."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from amaan.city.model import Assignment, Camera, NewCamera, Site, SiteKind
from amaan.kernel.geography import Point

Connection = AsyncConnection[TupleRow]

_CAMERA = """
SELECT c.code, c.name, c.site, coalesce(c.lon, s.lon), coalesce(c.lat, s.lat),
       c.lon IS NOT NULL, c.bearing_deg, c.address_redacted, c.enabled, c.read_plates,
       c.analysis_fps
FROM city.cameras c JOIN city.sites s ON s.code = c.site
"""


@dataclass(frozen=True, slots=True)
class SealedAddress:
    """An address as the database keeps it."""

    sealed: str
    redacted: str


async def list_sites(connection: Connection) -> list[Site]:
    """Return all sites by code."""
    cursor = await connection.execute(
        "SELECT code, name, name_ur, kind, lon, lat FROM city.sites ORDER BY code"
    )
    return [
        Site(code, name, name_ur, SiteKind(kind), Point(lon, lat))
        for code, name, name_ur, kind, lon, lat in await cursor.fetchall()
    ]


async def put_site(connection: Connection, site: Site, now: datetime, *, replace: bool) -> bool:
    """Add a site, or with ``replace`` set all of one that stands; False when its code is taken."""
    change = (
        "DO UPDATE SET name = excluded.name, name_ur = excluded.name_ur, kind = excluded.kind, "
        "lon = excluded.lon, lat = excluded.lat, updated_at = excluded.updated_at"
    )
    cursor = await connection.execute(
        "INSERT INTO city.sites (code, name, name_ur, kind, lon, lat, created_at, updated_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s) "
        "ON CONFLICT (code) " + (change if replace else "DO NOTHING"),
        [
            site.code,
            site.name,
            site.name_ur,
            site.kind.value,
            site.place.lon,
            site.place.lat,
            now,
            now,
        ],
    )
    return cursor.rowcount == 1


async def site_codes(connection: Connection) -> set[str]:
    """Return the codes of all sites."""
    cursor = await connection.execute("SELECT code FROM city.sites")
    return {str(row[0]) for row in await cursor.fetchall()}


async def camera_codes(connection: Connection) -> frozenset[str]:
    """Return the codes of all cameras."""
    cursor = await connection.execute("SELECT code FROM city.cameras")
    return frozenset(str(row[0]) for row in await cursor.fetchall())


async def list_cameras(connection: Connection, after: str, limit: int) -> list[Camera]:
    """Return cameras by code, from after a code on."""
    cursor = await connection.execute(
        _CAMERA + "WHERE c.code > %s ORDER BY c.code LIMIT %s", [after, limit]
    )
    return [_camera(row) for row in await cursor.fetchall()]


async def find_camera(connection: Connection, code: str) -> Camera | None:
    """Return one camera."""
    cursor = await connection.execute(_CAMERA + "WHERE c.code = %s", [code])
    row = await cursor.fetchone()
    return None if row is None else _camera(row)


def _camera(row: TupleRow) -> Camera:
    return Camera(
        code=row[0],
        name=row[1],
        site=row[2],
        place=Point(row[3], row[4]),
        placed=row[5],
        bearing_deg=row[6],
        address=row[7],
        enabled=row[8],
        read_plates=row[9],
        analysis_fps=row[10],
    )


async def put_camera(
    connection: Connection,
    camera: NewCamera,
    address: SealedAddress,
    now: datetime,
    *,
    replace: bool,
) -> bool:
    """Add a camera, or with ``replace`` set all of one that stands; False when the code is taken.

    Raises psycopg's ForeignKeyViolation for a site that is not there.
    """
    change = (
        "DO UPDATE SET name = excluded.name, site = excluded.site, lon = excluded.lon, "
        "lat = excluded.lat, bearing_deg = excluded.bearing_deg, "
        "address_sealed = excluded.address_sealed, address_redacted = excluded.address_redacted, "
        "enabled = excluded.enabled, read_plates = excluded.read_plates, "
        "analysis_fps = excluded.analysis_fps, updated_at = excluded.updated_at"
    )
    cursor = await connection.execute(
        "INSERT INTO city.cameras (code, name, site, lon, lat, bearing_deg, address_sealed, "
        "address_redacted, enabled, read_plates, analysis_fps, created_at, updated_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) "
        "ON CONFLICT (code) " + (change if replace else "DO NOTHING"),
        [
            camera.code,
            camera.name,
            camera.site,
            camera.place.lon if camera.place else None,
            camera.place.lat if camera.place else None,
            camera.bearing_deg,
            address.sealed,
            address.redacted,
            camera.enabled,
            camera.read_plates,
            camera.analysis_fps,
            now,
            now,
        ],
    )
    return cursor.rowcount == 1


async def lock_address(connection: Connection, code: str) -> SealedAddress | None:
    """Return a camera's address, the camera locked to the end of the transaction."""
    cursor = await connection.execute(
        "SELECT address_sealed, address_redacted FROM city.cameras WHERE code = %s FOR UPDATE",
        [code],
    )
    row = await cursor.fetchone()
    return None if row is None else SealedAddress(row[0], row[1])


async def delete_camera(connection: Connection, code: str) -> bool:
    """Take a camera away; False when there is none."""
    cursor = await connection.execute("DELETE FROM city.cameras WHERE code = %s", [code])
    return cursor.rowcount == 1


async def list_assignable(connection: Connection) -> list[tuple[str, Assignment]]:
    """Return (site, assignment) of each enabled camera, by code."""
    cursor = await connection.execute(
        "SELECT site, code, address_sealed, analysis_fps, read_plates FROM city.cameras "
        "WHERE enabled ORDER BY code"
    )
    return [(row[0], Assignment(*row[1:])) for row in await cursor.fetchall()]
