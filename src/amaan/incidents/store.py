"""The only SQL about incidents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from amaan.incidents.model import (
    Entry,
    EntryKind,
    Incident,
    IncidentKind,
    IncidentState,
    PursuitRow,
    Step,
    What,
)
from amaan.kernel.geography import Point

Connection = AsyncConnection[TupleRow]

_INCIDENT: Final = (
    "i.id, i.number, i.title, i.kind, i.state, i.sites, i.camera, i.lon, i.lat, i.alarm, "
    "i.opened_at, i.opened_by, i.state_at, EXISTS (SELECT FROM incidents.pursuits p "
    "WHERE p.incident = i.id AND p.ended_at IS NULL)"
)
_STATES: Final = {
    "open": "i.state IN ('new', 'in_progress', 'on_scene')",
    "resolved": "i.state = 'resolved'",
    "closed": "i.state = 'closed'",
    "all": "true",
}
_ENTRY: Final = "id, at, by, kind, what, text, camera, moment"
_STEP: Final = "id, what, camera, at, made_at, by, note, undoes"
_PURSUIT: Final = "id, incident, started_at, started_by, ended_at, ended_by"


def _incident(row: TupleRow) -> Incident:
    return Incident(
        id=row[0],
        number=row[1],
        title=row[2],
        kind=IncidentKind(row[3]),
        state=IncidentState(row[4]),
        sites=tuple(row[5]),
        camera=row[6],
        place=Point(row[7], row[8]),
        alarm=row[9],
        opened_at=row[10],
        opened_by=row[11],
        state_at=row[12],
        pursued=row[13],
    )


async def add(connection: Connection, incident: Incident) -> int:
    """Add an incident; return the number it was given."""
    cursor = await connection.execute(
        "INSERT INTO incidents.incidents (id, title, kind, state, sites, camera, lon, lat, alarm, "
        "opened_at, opened_by, state_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING number",
        [
            incident.id,
            incident.title,
            incident.kind,
            incident.state,
            list(incident.sites),
            incident.camera,
            incident.place.lon,
            incident.place.lat,
            incident.alarm,
            incident.opened_at,
            incident.opened_by,
            incident.state_at,
        ],
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def get(connection: Connection, identifier: UUID, *, lock: bool = False) -> Incident | None:
    """Return one incident; ``lock`` holds it to the end of the transaction."""
    if lock:
        await connection.execute(
            "SELECT FROM incidents.incidents WHERE id = %s FOR UPDATE", [identifier]
        )
    cursor = await connection.execute(
        f"SELECT {_INCIDENT} FROM incidents.incidents i WHERE i.id = %s",  # noqa: S608 (constant)
        [identifier],
    )
    row = await cursor.fetchone()
    return None if row is None else _incident(row)


async def page(
    connection: Connection, *, state: str, alarm: UUID | None, before: int | None, limit: int
) -> list[Incident]:
    """Return incidents, newest first. ``state``: open, resolved, closed or all."""
    cursor = await connection.execute(
        f"SELECT {_INCIDENT} FROM incidents.incidents i "  # noqa: S608 (constants)
        f"WHERE {_STATES[state]} AND (%(before)s::bigint IS NULL OR i.number < %(before)s) "
        "AND (%(alarm)s::uuid IS NULL OR i.alarm = %(alarm)s) "
        "ORDER BY i.number DESC LIMIT %(limit)s",
        {"before": before, "alarm": alarm, "limit": limit},
    )
    return [_incident(row) for row in await cursor.fetchall()]


async def set_state(
    connection: Connection, identifier: UUID, state: IncidentState, at: datetime
) -> None:
    """Change an incident's state."""
    await connection.execute(
        "UPDATE incidents.incidents SET state = %s, state_at = %s WHERE id = %s",
        [state, at, identifier],
    )


async def add_site(connection: Connection, identifier: UUID, site: str) -> None:
    """Let those of a further site see an incident."""
    await connection.execute(
        "UPDATE incidents.incidents SET sites = sites || %(site)s::text "
        "WHERE id = %(id)s AND NOT %(site)s = ANY (sites)",
        {"id": identifier, "site": site},
    )


async def add_entry(connection: Connection, incident: UUID, entry: Entry) -> None:
    """Add a line to the timeline."""
    await connection.execute(
        f"INSERT INTO incidents.entries (incident, {_ENTRY}) "  # noqa: S608 (constant)
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [incident, entry.id, entry.at, entry.by, entry.kind, entry.what, entry.text, entry.camera,
         entry.moment],
    )  # fmt: skip


async def entries(connection: Connection, incident: UUID) -> list[Entry]:
    """Return the timeline, oldest first."""
    cursor = await connection.execute(
        f"SELECT {_ENTRY} FROM incidents.entries "  # noqa: S608 (constant)
        "WHERE incident = %s ORDER BY position",
        [incident],
    )
    return [
        Entry(row[0], row[1], row[2], EntryKind(row[3]), *row[4:])
        for row in await cursor.fetchall()
    ]


async def add_pursuit(connection: Connection, row: PursuitRow) -> None:
    """Begin a pursuit."""
    await connection.execute(
        "INSERT INTO incidents.pursuits (id, incident, started_at, started_by) "
        "VALUES (%s, %s, %s, %s)",
        [row.id, row.incident, row.started_at, row.started_by],
    )


async def end_pursuit(connection: Connection, identifier: UUID, at: datetime, by: str) -> None:
    """End a pursuit."""
    await connection.execute(
        "UPDATE incidents.pursuits SET ended_at = %s, ended_by = %s WHERE id = %s",
        [at, by, identifier],
    )


async def newest_pursuit(connection: Connection, incident: UUID) -> PursuitRow | None:
    """Return the pursuit that goes on, or else went on last."""
    cursor = await connection.execute(
        f"SELECT {_PURSUIT} FROM incidents.pursuits "  # noqa: S608 (constant)
        "WHERE incident = %s ORDER BY id DESC LIMIT 1",
        [incident],
    )
    row = await cursor.fetchone()
    return None if row is None else PursuitRow(*row)


async def add_step(connection: Connection, row: PursuitRow, step: Step) -> None:
    """Add a step to a pursuit."""
    await connection.execute(
        f"INSERT INTO incidents.steps (pursuit, incident, {_STEP}) "  # noqa: S608 (constant)
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [row.id, row.incident, step.id, step.what, step.camera, step.at, step.made_at, step.by,
         step.note, step.undoes],
    )  # fmt: skip


async def steps(connection: Connection, pursuit: UUID) -> list[Step]:
    """Return a pursuit's steps as they were made, those undone among them."""
    cursor = await connection.execute(
        f"SELECT {_STEP} FROM incidents.steps "  # noqa: S608 (constant)
        "WHERE pursuit = %s ORDER BY position",
        [pursuit],
    )
    return [Step(row[0], What(row[1]), *row[2:]) for row in await cursor.fetchall()]


# -- retention -----------------------------------------------------------------------------------

_OVER: Final = (
    "i.state = 'closed' AND i.state_at < %s AND NOT trust.is_held('', i.camera, i.opened_at) "
    "AND NOT EXISTS (SELECT FROM incidents.steps s WHERE s.incident = i.id "
    "AND trust.is_held('', s.camera, s.at))"
)


async def count_over(connection: Connection, before: datetime) -> int:
    """Count incidents whose days are over and that no hold keeps."""
    cursor = await connection.execute(
        f"SELECT count(*) FROM incidents.incidents i WHERE {_OVER}",  # noqa: S608 (constant)
        [before],
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def remove_over(
    connection: Connection, before: datetime, limit: int
) -> Sequence[tuple[UUID, datetime]]:
    """Delete such incidents with all of theirs; return id and opening of each."""
    cursor = await connection.execute(
        f"SELECT i.id, i.opened_at FROM incidents.incidents i WHERE {_OVER} "  # noqa: S608
        "ORDER BY i.id LIMIT %s FOR UPDATE SKIP LOCKED",
        [before, limit],
    )
    over = [(row[0], row[1]) for row in await cursor.fetchall()]
    ids = [identifier for identifier, _ in over]
    await connection.execute("DELETE FROM incidents.steps WHERE incident = ANY (%s)", [ids])
    await connection.execute("DELETE FROM incidents.pursuits WHERE incident = ANY (%s)", [ids])
    await connection.execute("DELETE FROM incidents.entries WHERE incident = ANY (%s)", [ids])
    await connection.execute("DELETE FROM incidents.incidents WHERE id = ANY (%s)", [ids])
    return over
