"""The only SQL about requests of the public, and about how long the log was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from amaan.trust.public.model import RequestKind, RequestState

Connection = AsyncConnection[TupleRow]

_COLUMNS: Final = (
    "id, reference, kind, state, asker_sealed, matter_sealed, received_at, due_at, answered_by"
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A request as the database keeps it: what tells of the person is sealed."""

    id: UUID
    reference: str
    kind: RequestKind
    state: RequestState
    asker_sealed: str
    matter_sealed: str
    received_at: datetime
    due_at: datetime
    answered_by: UUID | None


@dataclass(frozen=True, slots=True)
class KeptStep:
    """A step as the database keeps it. ``number`` counts from 1 within its request."""

    number: int
    at: datetime
    by: UUID
    state: RequestState
    text_sealed: str


def _kept(row: Sequence[Any]) -> Kept:
    return Kept(row[0], row[1], RequestKind(row[2]), RequestState(row[3]), *row[4:])


async def insert(connection: Connection, kept: Kept) -> None:
    """Write a new request."""
    await connection.execute(
        f"INSERT INTO trust.requests ({_COLUMNS}) "  # noqa: S608  constants
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            *(kept.id, kept.reference, kept.kind.value, kept.state.value, kept.asker_sealed),
            *(kept.matter_sealed, kept.received_at, kept.due_at, kept.answered_by),
        ],
    )


async def move(connection: Connection, kept: Kept, decided_by: UUID | None, now: datetime) -> None:
    """Write where a request stands now; ``decided_by`` None: no appeal was decided."""
    await connection.execute(
        "UPDATE trust.requests SET state = %s, due_at = %s, answered_by = %s, decided_by = %s, "
        "changed_at = %s WHERE id = %s",
        [kept.state.value, kept.due_at, kept.answered_by, decided_by, now, kept.id],
    )


async def add_step(connection: Connection, request: UUID, step: KeptStep) -> None:
    """Append a step."""
    await connection.execute(
        "INSERT INTO trust.request_steps (request, number, at, by, state, text_sealed) "
        "VALUES (%s, %s, %s, %s, %s, %s)",
        [request, step.number, step.at, step.by, step.state.value, step.text_sealed],
    )


async def get(connection: Connection, request: UUID, *, lock: bool = False) -> Kept | None:
    """Return a request, locked to the end of the transaction where asked."""
    cursor = await connection.execute(
        f"SELECT {_COLUMNS} FROM trust.requests WHERE id = %s"  # noqa: S608  constants
        + (" FOR UPDATE" if lock else ""),
        [request],
    )
    row = await cursor.fetchone()
    return None if row is None else _kept(row)


async def steps(connection: Connection, request: UUID) -> list[KeptStep]:
    """Return a request's steps, first to last."""
    cursor = await connection.execute(
        "SELECT number, at, by, state, text_sealed FROM trust.request_steps "
        "WHERE request = %s ORDER BY number",
        [request],
    )
    return [
        KeptStep(row[0], row[1], row[2], RequestState(row[3]), row[4])
        for row in await cursor.fetchall()
    ]


async def page(
    connection: Connection, states: Sequence[RequestState], before: UUID | None, limit: int
) -> list[Kept]:
    """Return requests in these states, newest first."""
    cursor = await connection.execute(
        f"SELECT {_COLUMNS} FROM trust.requests "  # noqa: S608  constants
        "WHERE state = ANY(%(states)s) AND (%(before)s::uuid IS NULL OR id < %(before)s) "
        "ORDER BY id DESC LIMIT %(limit)s",
        {"states": [state.value for state in states], "before": before, "limit": limit},
    )
    return [_kept(row) for row in await cursor.fetchall()]


async def size_before(connection: Connection, until: datetime) -> int:
    """Return how many entries the audit log had with the last one before a moment."""
    cursor = await connection.execute(
        "SELECT coalesce(max(position) + 1, 0) FROM trust.audit_entries WHERE at < %s", [until]
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])
