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

_COLUMNS: Final = (
    "id, kind, state, severity, title, raised_at, observed_at, last_observed_at, subject, place, "
    "match_id, clip_id, repeat_count, acknowledged_at, acknowledged_by, decided_at, decided_by, "
    "decision_reason"
)
_STATES: Final = {
    "open": "state IN ('raised', 'acknowledged')",
    "decided": "state IN ('confirmed', 'rejected', 'cleared')",
    "all": "true",
}


def _alarm(row: Sequence[Any]) -> Alarm:
    return Alarm(row[0], AlarmKind(row[1]), AlarmState(row[2]), Severity(row[3]), *row[4:])


async def insert(connection: AsyncConnection[TupleRow], alarm: Alarm) -> None:
    """Write a new alarm."""
    await connection.execute(
        f"INSERT INTO alarms.alarms ({_COLUMNS}) "  # noqa: S608  constants
        f"VALUES ({', '.join(['%s'] * 18)})",
        [
            *(alarm.id, alarm.kind.value, alarm.state.value, alarm.severity.value, alarm.title),
            *(alarm.raised_at, alarm.observed_at, alarm.last_observed_at),
            *(alarm.subject, alarm.place, alarm.match_id, alarm.clip_id, alarm.repeat_count),
            *(alarm.acknowledged_at, alarm.acknowledged_by),
            *(alarm.decided_at, alarm.decided_by, alarm.decision_reason),
        ],
    )


async def update(connection: AsyncConnection[TupleRow], alarm: Alarm) -> None:
    """Write what can change of an alarm."""
    await connection.execute(
        "UPDATE alarms.alarms SET state = %s, last_observed_at = %s, repeat_count = %s, "
        "acknowledged_at = %s, acknowledged_by = %s, decided_at = %s, decided_by = %s, "
        "decision_reason = %s WHERE id = %s",
        [
            *(alarm.state.value, alarm.last_observed_at, alarm.repeat_count),
            *(alarm.acknowledged_at, alarm.acknowledged_by),
            *(alarm.decided_at, alarm.decided_by, alarm.decision_reason, alarm.id),
        ],
    )


async def get(
    connection: AsyncConnection[TupleRow], alarm_id: UUID, *, lock: bool = False
) -> Alarm | None:
    """Return an alarm, locked to the end of the transaction where asked."""
    cursor = await connection.execute(
        f"SELECT {_COLUMNS} FROM alarms.alarms WHERE id = %s"  # noqa: S608  constants
        + (" FOR UPDATE" if lock else ""),
        [alarm_id],
    )
    row = await cursor.fetchone()
    return None if row is None else _alarm(row)


async def latest_about(
    connection: AsyncConnection[TupleRow], subject: str, place: str, upto: datetime
) -> list[Alarm]:
    """Return the latest alarms of a subject at a place that began before ``upto``, locked."""
    cursor = await connection.execute(
        f"SELECT {_COLUMNS} FROM alarms.alarms "  # noqa: S608  constants
        "WHERE subject = %s AND place = %s AND observed_at <= %s "
        "ORDER BY observed_at DESC LIMIT 3 FOR UPDATE",
        [subject, place, upto],
    )
    return [_alarm(row) for row in await cursor.fetchall()]


async def page(
    connection: AsyncConnection[TupleRow], state: str, before: UUID | None, limit: int
) -> list[Alarm]:
    """Return alarms newest first; ``state`` is ``open``, ``decided`` or ``all``."""
    cursor = await connection.execute(
        f"SELECT {_COLUMNS} FROM alarms.alarms WHERE {_STATES[state]} "  # noqa: S608  constants
        "AND (%(before)s::uuid IS NULL OR id < %(before)s) ORDER BY id DESC LIMIT %(limit)s",
        {"before": before, "limit": limit},
    )
    return [_alarm(row) for row in await cursor.fetchall()]


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
