"""The only SQL about site devices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time

from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb

from amaan.city.devices.model import Device, DeviceKind, Reading, Standing, Window

Connection = AsyncConnection[TupleRow]

_DEVICE = "code, site, kind, name, capacity_wh, windows, maintenance_until"
_STATE = "state, since, detail, observed_at, received_at, told, pending, pending_since, announced"


def _device(row: Sequence[object]) -> Device:
    code, site, kind, name, capacity_wh, windows, maintenance_until = row
    assert isinstance(windows, list)
    return Device(
        code=str(code),
        site=str(site),
        kind=DeviceKind(str(kind)),
        name=str(name),
        capacity_wh=float(capacity_wh) if isinstance(capacity_wh, float) else None,
        windows=tuple(
            Window(
                tuple(one["days"]), time.fromisoformat(one["from"]), time.fromisoformat(one["to"])
            )
            for one in windows
        ),
        maintenance_until=maintenance_until if isinstance(maintenance_until, datetime) else None,
    )


def _windows(device: Device) -> Jsonb:
    return Jsonb(
        [
            {"days": list(w.days), "from": f"{w.since:%H:%M}", "to": f"{w.until:%H:%M}"}
            for w in device.windows
        ]
    )


async def site_exists(connection: Connection, site: str) -> bool:
    """Tell whether whoever acts sees a site of that code."""
    cursor = await connection.execute("SELECT 1 FROM city.sites WHERE code = %s", [site])
    return await cursor.fetchone() is not None


async def list_devices(
    connection: Connection, site: str | None = None
) -> list[tuple[Device, Standing | None]]:
    """Return devices, of one site or all, by code, and how each stands; None: never heard."""
    cursor = await connection.execute(
        f"SELECT {', '.join('d.' + part for part in _DEVICE.split(', '))}, "  # noqa: S608 (constant)
        f"{', '.join('s.' + part for part in _STATE.split(', '))} "
        "FROM city.devices d LEFT JOIN city.device_states s ON s.device = d.code "
        "WHERE %s::text IS NULL OR d.site = %s ORDER BY d.code",
        [site, site],
    )
    return [
        (_device(row[:7]), None if row[7] is None else Standing(*row[7:]))
        for row in await cursor.fetchall()
    ]


async def find_device(connection: Connection, code: str, *, lock: bool = False) -> Device | None:
    """Return one device; ``lock`` holds it to the end of the transaction."""
    cursor = await connection.execute(
        f"SELECT {_DEVICE} FROM city.devices WHERE code = %s"  # noqa: S608 (constant)
        + (" FOR UPDATE" if lock else ""),
        [code],
    )
    row = await cursor.fetchone()
    return None if row is None else _device(row)


async def find_devices(connection: Connection, codes: Iterable[str]) -> dict[str, Device]:
    """Return those of the devices that are there, by code."""
    cursor = await connection.execute(
        f"SELECT {_DEVICE} FROM city.devices WHERE code = ANY(%s)",  # noqa: S608 (constant)
        [sorted(codes)],
    )
    return {device.code: device for row in await cursor.fetchall() if (device := _device(row))}


async def add_device(connection: Connection, device: Device, now: datetime) -> bool:
    """Add a device; False when its code is taken."""
    cursor = await connection.execute(
        "INSERT INTO city.devices (code, site, kind, name, capacity_wh, windows, "
        "maintenance_until, created_at, updated_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) "
        "ON CONFLICT (code) DO NOTHING",
        [
            device.code,
            device.site,
            device.kind.value,
            device.name,
            device.capacity_wh,
            _windows(device),
            device.maintenance_until,
            now,
            now,
        ],
    )
    return cursor.rowcount == 1


async def change_device(connection: Connection, device: Device, now: datetime) -> None:
    """Set all of a device but its code, site and kind."""
    await connection.execute(
        "UPDATE city.devices SET name = %s, capacity_wh = %s, windows = %s, "
        "maintenance_until = %s, updated_at = %s WHERE code = %s",
        [
            device.name,
            device.capacity_wh,
            _windows(device),
            device.maintenance_until,
            now,
            device.code,
        ],
    )


async def remove_device(connection: Connection, code: str) -> bool:
    """Take a device away; its readings stay. False when there is none."""
    cursor = await connection.execute("DELETE FROM city.devices WHERE code = %s", [code])
    return cursor.rowcount == 1


async def lock_standings(connection: Connection, sites: Iterable[str]) -> dict[str, Standing]:
    """Return how every device of some sites stands, by code.

    Whoever else judges a device of these sites waits for the end of the transaction.
    """
    names = sorted(sites)
    for name in names:
        await connection.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('city.devices ' || %s, 0))", [name]
        )
    cursor = await connection.execute(
        f"SELECT device, {_STATE} FROM city.device_states WHERE site = ANY(%s)",  # noqa: S608 (constant)
        [names],
    )
    return {row[0]: Standing(*row[1:]) for row in await cursor.fetchall()}


async def save_standings(
    connection: Connection, standings: Iterable[tuple[Device, Standing]]
) -> None:
    """Insert or replace."""
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "INSERT INTO city.device_states (device, site, state, since, detail, observed_at, "
            "received_at, told, pending, pending_since, announced) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) "
            "ON CONFLICT (device) DO UPDATE SET state = excluded.state, since = excluded.since, "
            "detail = excluded.detail, observed_at = excluded.observed_at, "
            "received_at = excluded.received_at, told = excluded.told, "
            "pending = excluded.pending, pending_since = excluded.pending_since, "
            "announced = excluded.announced",
            [
                (
                    device.code,
                    device.site,
                    standing.state,
                    standing.since,
                    standing.detail,
                    standing.observed_at,
                    standing.received_at,
                    Jsonb(dict(standing.told)),
                    standing.pending,
                    standing.pending_since,
                    standing.announced,
                )
                for device, standing in standings
            ],
        )


async def kept_before(connection: Connection, device: str, observed_at: datetime) -> Reading | None:
    """Return the newest kept reading of a device at or before a moment."""
    cursor = await connection.execute(
        "SELECT device, observed_at, received_at, told FROM city.device_readings "
        "WHERE device = %s AND observed_at <= %s ORDER BY observed_at DESC LIMIT 1",
        [device, observed_at],
    )
    row = await cursor.fetchone()
    return None if row is None else Reading(*row)


async def keep_readings(connection: Connection, readings: Iterable[tuple[Device, Reading]]) -> None:
    """Insert; one of the same device and moment stays as it is."""
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "INSERT INTO city.device_readings (device, observed_at, received_at, site, kind, "
            "told) VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (device, observed_at) DO NOTHING",
            [
                (
                    device.code,
                    reading.observed_at,
                    reading.received_at,
                    device.site,
                    device.kind.value,
                    Jsonb(dict(reading.told)),
                )
                for device, reading in readings
            ],
        )


async def readings_of(
    connection: Connection, device: str, since: datetime, until: datetime, most: int
) -> list[Reading]:
    """Return readings with since <= observed_at < until, oldest first; evenly thinned to most."""
    cursor = await connection.execute(
        "WITH told AS (SELECT device, observed_at, received_at, told, "
        "  row_number() OVER (ORDER BY observed_at DESC) - 1 AS place, count(*) OVER () AS every "
        "  FROM city.device_readings "
        "  WHERE device = %(device)s AND observed_at >= %(since)s AND observed_at < %(until)s) "
        "SELECT device, observed_at, received_at, told FROM told "
        "WHERE place %% greatest(1, ceil(every / %(most)s::numeric))::bigint = 0 "
        "ORDER BY observed_at",
        {"device": device, "since": since, "until": until, "most": most},
    )
    return [Reading(*row) for row in await cursor.fetchall()]


async def power_readings(
    connection: Connection, site: str, since: datetime, until: datetime
) -> list[Reading]:
    """Return every power reading of a site, by device and then by time."""
    cursor = await connection.execute(
        "SELECT device, observed_at, received_at, told FROM city.device_readings "
        "WHERE kind = 'power' AND site = %s AND observed_at >= %s AND observed_at < %s "
        "ORDER BY device, observed_at",
        [site, since, until],
    )
    return [Reading(*row) for row in await cursor.fetchall()]


async def quiet_sites(connection: Connection, heard_before: datetime) -> list[str]:
    """Return sites with a device that may have fallen silent or whose door's window may be over."""
    cursor = await connection.execute(
        "SELECT DISTINCT site FROM city.device_states "
        "WHERE (state <> 'silent' AND received_at < %s) OR state = 'maintenance' "
        "OR pending IS NOT NULL ORDER BY site",
        [heard_before],
    )
    return [str(row[0]) for row in await cursor.fetchall()]


async def count_readings(connection: Connection, before: datetime) -> int:
    """Count the readings received before a moment."""
    cursor = await connection.execute(
        "SELECT count(*) FROM city.device_readings WHERE received_at < %s", [before]
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def drop_readings(
    connection: Connection, before: datetime, limit: int
) -> list[tuple[str, datetime]]:
    """Delete some of the readings received before a moment; return (device, observed_at)."""
    cursor = await connection.execute(
        "DELETE FROM city.device_readings WHERE (device, observed_at) IN "
        "(SELECT device, observed_at FROM city.device_readings WHERE received_at < %s "
        " ORDER BY received_at LIMIT %s) RETURNING device, observed_at",
        [before, limit],
    )
    return [(str(row[0]), row[1]) for row in await cursor.fetchall()]
