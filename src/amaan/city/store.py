"""The only SQL about sites and cameras."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb

from amaan.city.model import (
    Assignment,
    Camera,
    NewCamera,
    RecordMode,
    RecordPlan,
    Site,
    SiteKind,
    WeeklyTime,
)
from amaan.kernel.geography import Point

Connection = AsyncConnection[TupleRow]

_PLAN = (
    "record_mode, record_schedule, record_before_s, record_after_s, record_days, record_gigabytes"
)
_CAMERA = f"""
SELECT c.code, c.name, c.site, coalesce(c.lon, s.lon), coalesce(c.lat, s.lat),
       c.lon IS NOT NULL, c.bearing_deg, c.address_redacted, c.enabled, c.read_plates,
       c.analysis_fps, c.sub_address_redacted, c.onvif_redacted, c.vendor, c.model, c.audio,
       {_PLAN}
FROM city.cameras c JOIN city.sites s ON s.code = c.site
"""  # noqa: S608  (constants only)


@dataclass(frozen=True, slots=True)
class SealedAddress:
    """An address as the database keeps it."""

    sealed: str
    redacted: str


@dataclass(frozen=True, slots=True)
class SealedAddresses:
    """All of a camera's."""

    main: SealedAddress
    sub: SealedAddress | None = None
    onvif: SealedAddress | None = None


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


async def cameras_at(connection: Connection, site: str) -> list[Camera]:
    """Return a site's cameras, by code."""
    cursor = await connection.execute(_CAMERA + "WHERE c.site = %s ORDER BY c.code", [site])
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
        sub_address=row[11],
        onvif_address=row[12],
        vendor=row[13],
        model=row[14],
        audio=row[15],
        record=_plan(*row[16:22]),
    )


def _plan(mode: str, schedule: list[dict[str, Any]], *rest: Any) -> RecordPlan:
    times = tuple(WeeklyTime(tuple(one["days"]), one["from"], one["to"]) for one in schedule)
    return RecordPlan(RecordMode(mode), times, *rest)


async def put_camera(
    connection: Connection,
    camera: NewCamera,
    addresses: SealedAddresses,
    now: datetime,
    *,
    replace: bool,
) -> bool:
    """Add a camera, or with ``replace`` set all of one that stands; False when the code is taken.

    Raises psycopg's ForeignKeyViolation for a site that is not there.
    """
    values = _columns(camera, addresses)
    names = ", ".join([*values, "created_at"])
    marks = ", ".join(["%s"] * (len(values) + 1))
    changes = ", ".join(f"{name} = excluded.{name}" for name in values if name != "code")
    cursor = await connection.execute(
        f"INSERT INTO city.cameras ({names}, updated_at) VALUES ({marks}, %s) "  # noqa: S608
        "ON CONFLICT (code) "
        + (
            f"DO UPDATE SET {changes}, updated_at = excluded.updated_at"
            if replace
            else "DO NOTHING"
        ),
        [*values.values(), now, now],
    )
    return cursor.rowcount == 1


def _columns(camera: NewCamera, addresses: SealedAddresses) -> dict[str, object]:
    """Return all columns but the times: constants of this file, never anybody's input."""
    sub, onvif, plan = addresses.sub, addresses.onvif, camera.record
    return {
        "code": camera.code,
        "name": camera.name,
        "site": camera.site,
        "lon": camera.place.lon if camera.place else None,
        "lat": camera.place.lat if camera.place else None,
        "bearing_deg": camera.bearing_deg,
        "address_sealed": addresses.main.sealed,
        "address_redacted": addresses.main.redacted,
        "sub_address_sealed": sub.sealed if sub else None,
        "sub_address_redacted": sub.redacted if sub else None,
        "onvif_sealed": onvif.sealed if onvif else None,
        "onvif_redacted": onvif.redacted if onvif else None,
        "enabled": camera.enabled,
        "read_plates": camera.read_plates,
        "analysis_fps": camera.analysis_fps,
        "vendor": camera.vendor,
        "model": camera.model,
        "audio": camera.audio,
        "record_mode": plan.mode.value,
        "record_schedule": Jsonb(
            [{"days": one.days, "from": one.start, "to": one.end} for one in plan.schedule]
        ),
        "record_before_s": plan.before_s,
        "record_after_s": plan.after_s,
        "record_days": plan.days,
        "record_gigabytes": plan.gigabytes,
    }


async def lock_addresses(connection: Connection, code: str) -> SealedAddresses | None:
    """Return a camera's addresses, the camera locked to the end of the transaction."""
    cursor = await connection.execute(
        "SELECT address_sealed, address_redacted, sub_address_sealed, sub_address_redacted, "
        "onvif_sealed, onvif_redacted FROM city.cameras WHERE code = %s FOR UPDATE",
        [code],
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    return SealedAddresses(
        SealedAddress(row[0], row[1]),
        SealedAddress(row[2], row[3]) if row[2] else None,
        SealedAddress(row[4], row[5]) if row[4] else None,
    )


async def delete_camera(connection: Connection, code: str) -> bool:
    """Take a camera away; False when there is none."""
    cursor = await connection.execute("DELETE FROM city.cameras WHERE code = %s", [code])
    return cursor.rowcount == 1


async def list_assignable(connection: Connection) -> list[tuple[str, Assignment]]:
    """Return (site, assignment) of each enabled camera, by code."""
    cursor = await connection.execute(
        "SELECT site, code, address_sealed, analysis_fps, read_plates, sub_address_sealed, "  # noqa: S608
        f"onvif_sealed, audio, {_PLAN} FROM city.cameras WHERE enabled ORDER BY code"
    )
    return [
        (
            row[0],
            Assignment(
                code=row[1],
                address_sealed=row[2],
                analysis_fps=row[3],
                read_plates=row[4],
                sub_address_sealed=row[5],
                onvif_sealed=row[6],
                audio=row[7],
                record=_plan(*row[8:14]),
            ),
        )
        for row in await cursor.fetchall()
    ]
