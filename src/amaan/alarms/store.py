"""The room's only SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from amaan.alarms.model import Alarm, AlarmKind, AlarmState
from amaan.plates.model import Severity

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg.rows import TupleRow

COLUMNS: Final = (
    "id, kind, state, severity, title, raised_at, observed_at, last_observed_at, subject, place, "
    "match_id, clip_id, repeat_count, acknowledged_at, acknowledged_by, decided_at, decided_by, "
    "decision_reason, authority, site, detail, ended_at"
)
_UNSEALED: Final = "sealed_at IS NULL AND NOT trust.is_sealed(authority, %(now)s)"
_STATES: Final = {
    "open": "state IN ('raised', 'acknowledged')",
    "decided": "state IN ('confirmed', 'rejected', 'cleared')",
    "all": "true",
}


def alarm_of(row: Sequence[Any]) -> Alarm:
    """Return the alarm of a row of COLUMNS."""
    return Alarm(row[0], AlarmKind(row[1]), AlarmState(row[2]), Severity(row[3]), *row[4:])


async def insert(connection: AsyncConnection[TupleRow], alarm: Alarm) -> None:
    """Write a new alarm."""
    await connection.execute(
        f"INSERT INTO alarms.alarms ({COLUMNS}) "  # noqa: S608  constants
        f"VALUES ({', '.join(['%s'] * 22)})",
        [
            *(alarm.id, alarm.kind.value, alarm.state.value, alarm.severity.value, alarm.title),
            *(alarm.raised_at, alarm.observed_at, alarm.last_observed_at),
            *(alarm.subject, alarm.place, alarm.match_id, alarm.clip_id, alarm.repeat_count),
            *(alarm.acknowledged_at, alarm.acknowledged_by),
            *(alarm.decided_at, alarm.decided_by, alarm.decision_reason, alarm.authority),
            *(alarm.site, alarm.detail, alarm.ended_at),
        ],
    )


async def update(connection: AsyncConnection[TupleRow], alarm: Alarm) -> None:
    """Write what can change of an alarm."""
    await connection.execute(
        "UPDATE alarms.alarms SET state = %s, last_observed_at = %s, repeat_count = %s, "
        "acknowledged_at = %s, acknowledged_by = %s, decided_at = %s, decided_by = %s, "
        "decision_reason = %s, title = %s, ended_at = %s, severity = %s WHERE id = %s",
        [
            *(alarm.state.value, alarm.last_observed_at, alarm.repeat_count),
            *(alarm.acknowledged_at, alarm.acknowledged_by),
            *(alarm.decided_at, alarm.decided_by, alarm.decision_reason),
            *(alarm.title, alarm.ended_at, alarm.severity.value, alarm.id),
        ],
    )


async def get(
    connection: AsyncConnection[TupleRow], alarm_id: UUID, now: datetime, *, lock: bool = False
) -> Alarm | None:
    """Return an alarm that is not sealed, locked to the end of the transaction where asked."""
    cursor = await connection.execute(
        f"SELECT {COLUMNS} FROM alarms.alarms "  # noqa: S608  constants
        f"WHERE id = %(id)s AND {_UNSEALED}" + (" FOR UPDATE" if lock else ""),
        {"id": alarm_id, "now": now},
    )
    row = await cursor.fetchone()
    return None if row is None else alarm_of(row)


async def latest_about(
    connection: AsyncConnection[TupleRow], subject: str, place: str, upto: datetime
) -> list[Alarm]:
    """Return the latest alarms of a subject at a place that began before ``upto``, locked."""
    cursor = await connection.execute(
        f"SELECT {COLUMNS} FROM alarms.alarms "  # noqa: S608  constants
        "WHERE subject = %s AND place = %s AND observed_at <= %s "
        "ORDER BY observed_at DESC LIMIT 3 FOR UPDATE",
        [subject, place, upto],
    )
    return [alarm_of(row) for row in await cursor.fetchall()]


async def page(
    connection: AsyncConnection[TupleRow],
    now: datetime,
    *,
    state: str,
    before: UUID | None,
    limit: int,
) -> list[Alarm]:
    """Return alarms that are not sealed, newest first.

    ``state`` is ``open``, ``decided`` or ``all``.
    """
    cursor = await connection.execute(
        f"SELECT {COLUMNS} FROM alarms.alarms "  # noqa: S608  constants
        f"WHERE {_STATES[state]} AND {_UNSEALED} "
        "AND (%(before)s::uuid IS NULL OR id < %(before)s) ORDER BY id DESC LIMIT %(limit)s",
        {"before": before, "limit": limit, "now": now},
    )
    return [alarm_of(row) for row in await cursor.fetchall()]


async def seal(
    connection: AsyncConnection[TupleRow], authority: UUID, at: datetime
) -> list[tuple[UUID, str]]:
    """Let nobody see an authority's alarms any more; return id and place of each."""
    cursor = await connection.execute(
        "UPDATE alarms.alarms SET sealed_at = %s WHERE authority = %s AND sealed_at IS NULL "
        "RETURNING id, place",
        [at, authority],
    )
    return [(row[0], row[1]) for row in await cursor.fetchall()]


async def with_clip(connection: AsyncConnection[TupleRow], clip_id: UUID) -> UUID | None:
    """Return the alarm that asked for a clip."""
    cursor = await connection.execute("SELECT id FROM alarms.alarms WHERE clip_id = %s", [clip_id])
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def has_cause(connection: AsyncConnection[TupleRow], cause_id: UUID) -> bool:
    """Tell whether something has raised or joined an alarm before."""
    cursor = await connection.execute("SELECT 1 FROM alarms.causes WHERE cause_id = %s", [cause_id])
    return await cursor.fetchone() is not None


async def add_cause(connection: AsyncConnection[TupleRow], cause_id: UUID, alarm_id: UUID) -> None:
    """Note what stands behind an alarm."""
    await connection.execute(
        "INSERT INTO alarms.causes (cause_id, alarm_id) VALUES (%s, %s)", [cause_id, alarm_id]
    )


_OVER: Final = (
    "greatest(a.raised_at, a.last_observed_at) < %s AND (a.site IS NULL OR a.ended_at IS NOT NULL) "
    "AND NOT (a.kind = 'plate_match' AND ("
    "trust.is_held(split_part(a.subject, ' ', 2), a.place, a.observed_at) "
    "OR trust.is_held(split_part(a.subject, ' ', 2), a.place, a.last_observed_at)))"
)


async def count_over(connection: AsyncConnection[TupleRow], before: datetime) -> int:
    """Count alarms whose days are over and that no hold keeps."""
    cursor = await connection.execute(
        f"SELECT count(*) FROM alarms.alarms a WHERE {_OVER}",  # noqa: S608  constants
        [before],
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def remove_over(
    connection: AsyncConnection[TupleRow], before: datetime, limit: int
) -> list[tuple[UUID, datetime]]:
    """Delete such alarms and their causes; return each id with the time of its raising."""
    cursor = await connection.execute(
        f"SELECT a.id, a.raised_at FROM alarms.alarms a WHERE {_OVER} "  # noqa: S608  constants
        "ORDER BY a.id LIMIT %s FOR UPDATE SKIP LOCKED",
        [before, limit],
    )
    over = [(row[0], row[1]) for row in await cursor.fetchall()]
    ids = [identifier for identifier, _ in over]
    await connection.execute("DELETE FROM alarms.causes WHERE alarm_id = ANY(%s)", [ids])
    await connection.execute(
        "DELETE FROM alarms.troubles WHERE alarm_id = ANY(%s) AND until IS NOT NULL", [ids]
    )
    await connection.execute("DELETE FROM alarms.alarms WHERE id = ANY(%s)", [ids])
    return over


async def marks(
    connection: AsyncConnection[TupleRow],
    cameras: Sequence[str],
    since: datetime,
    until: datetime,
    now: datetime,
) -> list[tuple[UUID, str, datetime, str, str]]:
    """Return id, place, time, kind and severity of alarms at cameras, oldest first."""
    cursor = await connection.execute(
        "SELECT id, place, observed_at, kind, severity FROM alarms.alarms "  # noqa: S608  constants
        "WHERE place = ANY(%(cameras)s) AND observed_at >= %(since)s AND observed_at < %(until)s "
        f"AND {_UNSEALED} ORDER BY observed_at LIMIT 5000",
        {"cameras": list(cameras), "since": since, "until": until, "now": now},
    )
    return [(row[0], row[1], row[2], row[3], row[4]) for row in await cursor.fetchall()]
