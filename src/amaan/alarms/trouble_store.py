"""SQL of troubles, and of the alarms that stand for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from amaan.alarms.model import Alarm, Trouble
from amaan.alarms.store import COLUMNS, alarm_of

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg.rows import TupleRow

_TROUBLE: Final = "id, site, source, code, kind, since, until, detail, alarm_id"


async def lock_site(connection: AsyncConnection[TupleRow], site: str) -> None:
    """Let nobody else judge this site until the transaction ends."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('alarms ' || %s, 0))", [site]
    )


async def lasting_of(
    connection: AsyncConnection[TupleRow], source: str, code: str
) -> list[Trouble]:
    """Return what is wrong with a camera or device."""
    cursor = await connection.execute(
        f"SELECT {_TROUBLE} FROM alarms.troubles "  # noqa: S608  constants
        "WHERE source = %s AND code = %s AND until IS NULL",
        [source, code],
    )
    return [Trouble(*row) for row in await cursor.fetchall()]


async def add(connection: AsyncConnection[TupleRow], trouble: Trouble) -> None:
    """Write a new one."""
    await connection.execute(
        f"INSERT INTO alarms.troubles ({_TROUBLE}) "  # noqa: S608  constants
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            *(trouble.id, trouble.site, trouble.source, trouble.code, trouble.kind),
            *(trouble.since, trouble.until, trouble.detail, trouble.alarm_id),
        ],
    )


async def end(connection: AsyncConnection[TupleRow], trouble: UUID, at: datetime) -> None:
    """Note that one is over; what no alarm ever stood for is forgotten."""
    await connection.execute(
        "DELETE FROM alarms.troubles WHERE id = %s AND alarm_id IS NULL", [trouble]
    )
    await connection.execute(
        "UPDATE alarms.troubles SET until = greatest(since, %s) WHERE id = %s", [at, trouble]
    )


async def put_under(
    connection: AsyncConnection[TupleRow], troubles: Sequence[Trouble], alarm: UUID
) -> None:
    """Let an alarm stand for some."""
    await connection.execute(
        "UPDATE alarms.troubles SET alarm_id = %s WHERE id = ANY(%s)",
        [alarm, [one.id for one in troubles]],
    )


async def lasting_at(connection: AsyncConnection[TupleRow], site: str) -> list[Trouble]:
    """Return what is wrong at a site."""
    cursor = await connection.execute(
        f"SELECT {_TROUBLE} FROM alarms.troubles "  # noqa: S608  constants
        "WHERE site = %s AND until IS NULL ORDER BY since, id",
        [site],
    )
    return [Trouble(*row) for row in await cursor.fetchall()]


async def of_alarms(
    connection: AsyncConnection[TupleRow], alarms: Sequence[UUID]
) -> dict[UUID, list[Trouble]]:
    """Return what stands behind alarms, the earliest first: of each its latest time."""
    cursor = await connection.execute(
        f"SELECT DISTINCT ON (alarm_id, source, code, kind) {_TROUBLE} "  # noqa: S608  constants
        "FROM alarms.troubles WHERE alarm_id = ANY(%s) "
        "ORDER BY alarm_id, source, code, kind, since DESC",
        [list(alarms)],
    )
    found: dict[UUID, list[Trouble]] = {}
    for row in await cursor.fetchall():
        found.setdefault(row[8], []).append(Trouble(*row))
    for each in found.values():
        each.sort(key=lambda one: (one.since, one.code))
    return found


async def alarms_at(
    connection: AsyncConnection[TupleRow], site: str, since: datetime
) -> list[Alarm]:
    """Return a site's alarms that are open, last, or ended after a moment; the latest last."""
    cursor = await connection.execute(
        f"SELECT {COLUMNS} FROM alarms.alarms WHERE site = %s AND ("  # noqa: S608  constants
        "state IN ('raised', 'acknowledged') OR ended_at IS NULL OR ended_at > %s) "
        "ORDER BY id FOR UPDATE",
        [site, since],
    )
    return [alarm_of(row) for row in await cursor.fetchall()]


async def open_elsewhere(
    connection: AsyncConnection[TupleRow], subject: str, site: str
) -> list[Alarm]:
    """Return the open alarm of what has moved here since it was raised."""
    cursor = await connection.execute(
        f"SELECT {COLUMNS} FROM alarms.alarms WHERE subject = %s AND site <> %s "  # noqa: S608
        "AND state IN ('raised', 'acknowledged') FOR UPDATE",
        [subject, site],
    )
    return [alarm_of(row) for row in await cursor.fetchall()]


async def sites_to_judge(connection: AsyncConnection[TupleRow]) -> list[str]:
    """Return the sites at which time alone may change something."""
    cursor = await connection.execute(
        "SELECT site FROM alarms.troubles WHERE until IS NULL AND alarm_id IS NULL "
        "UNION SELECT a.site FROM alarms.alarms a WHERE a.site IS NOT NULL AND ("
        "a.state = 'acknowledged' AND a.ended_at IS NOT NULL OR a.ended_at IS NOT NULL AND "
        "EXISTS (SELECT FROM alarms.troubles t WHERE t.alarm_id = a.id AND t.until IS NULL)) "
        "ORDER BY 1"
    )
    return [row[0] for row in await cursor.fetchall()]
