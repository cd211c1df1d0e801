"""The only SQL about authorities and their documents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from amaan.kernel.geography import Bounds
from amaan.trust.authority.model import (
    Authority,
    Change,
    Decision,
    Document,
    Person,
    Purpose,
    Scope,
    State,
    Step,
    StoredDocument,
    Use,
)

Connection = AsyncConnection[TupleRow]

_COLUMNS: Final = (
    "a.id, a.number, a.state, a.purpose, a.case_ref, a.grounds, encode(a.document_sha256, 'hex'), "
    "a.document_name, a.plates, a.cameras, a.sites, a.bounds, a.since, a.until, a.uses, "
    "a.expires_at, a.emergency, a.emergency_until, a.replaces, a.beyond_tier, "
    "a.beyond_tier_approved, a.requested_at, a.decision, a.decided_at, a.decision_reason, "
    "a.active_since, a.ended_at, r.id, r.username, r.display_name, d.id, d.username, d.display_name"
)
_FROM: Final = (
    "trust.authorities a JOIN trust.accounts r ON r.id = a.requested_by "
    "LEFT JOIN trust.accounts d ON d.id = a.decided_by"
)
_STATES: Final = {
    "all": "true",
    "requested": "a.state = 'requested' AND a.expires_at > %(now)s",
    "active": "a.state = 'active' AND trust.authority_end(a) > %(now)s",
    "ended": "(a.ended_at IS NOT NULL OR least(a.expires_at, CASE WHEN a.decision IS NULL "
    "THEN a.emergency_until END) <= %(now)s)",
    "open": "a.state IN ('requested', 'active') AND a.decision IS NULL "
    "AND least(a.expires_at, a.emergency_until) > %(now)s",
}


def _tuple(values: list[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)


def _authority(row: Sequence[Any]) -> Authority:
    bounds = row[11]
    scope = Scope(
        plates=_tuple(row[8]),
        cameras=_tuple(row[9]),
        sites=_tuple(row[10]),
        bounds=None if bounds is None else Bounds(*bounds),
        since=row[12],
        until=row[13],
        uses=tuple(Use(use) for use in row[14]),
    )
    return Authority(
        id=row[0],
        number=row[1],
        state=State(row[2]),
        purpose=Purpose(row[3]),
        case_ref=row[4],
        grounds=row[5],
        document=Document(row[6], row[7]),
        scope=scope,
        expires_at=row[15],
        emergency=row[16],
        emergency_until=row[17],
        replaces=row[18],
        beyond_tier=row[19],
        beyond_tier_approved=row[20],
        requested_at=row[21],
        decision=None if row[22] is None else Decision(row[22]),
        decided_at=row[23],
        decision_reason=row[24],
        active_since=row[25],
        ended_at=row[26],
        requested_by=Person(row[27], row[28], row[29]),
        decided_by=None if row[30] is None else Person(row[30], row[31], row[32]),
    )


async def insert(connection: Connection, new: Authority) -> int:
    """Write a new authority; return its number."""
    scope, bounds = new.scope, new.scope.bounds
    cursor = await connection.execute(
        "INSERT INTO trust.authorities (id, state, purpose, case_ref, grounds, document_sha256, "
        "document_name, plates, cameras, sites, bounds, since, until, uses, expires_at, "
        "emergency, emergency_until, replaces, beyond_tier, requested_by, requested_at, "
        "active_since) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, "
        "%s, %s, %s, %s, %s, %s) RETURNING number",
        [
            *(new.id, new.state.value, new.purpose.value, new.case_ref, new.grounds),
            *(bytes.fromhex(new.document.sha256), new.document.name),
            *(_list(scope.plates), _list(scope.cameras), _list(scope.sites)),
            None if bounds is None else [bounds.west, bounds.south, bounds.east, bounds.north],
            *(scope.since, scope.until, [use.value for use in scope.uses], new.expires_at),
            *(new.emergency, new.emergency_until, new.replaces, new.beyond_tier),
            *(new.requested_by.id, new.requested_at, new.active_since),
        ],
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


def _list(values: tuple[str, ...] | None) -> list[str] | None:
    return None if values is None else list(values)


async def update(connection: Connection, authority: Authority) -> None:
    """Write all that can change of an authority."""
    decision, decider = authority.decision, authority.decided_by
    await connection.execute(
        "UPDATE trust.authorities SET state = %s, decision = %s, decided_by = %s, "
        "decided_at = %s, decision_reason = %s, beyond_tier_approved = %s, active_since = %s, "
        "ended_at = %s WHERE id = %s",
        [
            authority.state.value,
            decision.value if decision else None,
            decider.id if decider else None,
            *(authority.decided_at, authority.decision_reason, authority.beyond_tier_approved),
            *(authority.active_since, authority.ended_at, authority.id),
        ],
    )


async def add_step(
    connection: Connection,
    authority: UUID,
    step: tuple[datetime, UUID | None, Change, str],
) -> None:
    """Append to an authority's history: when, who (None: time), what, why."""
    at, by, change, reason = step
    await connection.execute(
        "INSERT INTO trust.authority_changes (authority, number, at, by, change, reason) "
        "SELECT %(id)s, coalesce(max(number), 0) + 1, %(at)s, %(by)s, %(change)s, %(reason)s "
        "FROM trust.authority_changes WHERE authority = %(id)s",
        {"id": authority, "at": at, "by": by, "change": change.value, "reason": reason},
    )


async def get(connection: Connection, identifier: UUID, *, lock: bool = False) -> Authority | None:
    """Return an authority without its history, locked to the end of the transaction if asked."""
    cursor = await connection.execute(
        f"SELECT {_COLUMNS} FROM {_FROM} WHERE a.id = %s"  # noqa: S608  constants
        + (" FOR UPDATE OF a" if lock else ""),
        [identifier],
    )
    row = await cursor.fetchone()
    return None if row is None else _authority(row)


async def some(connection: Connection, identifiers: Sequence[UUID]) -> dict[UUID, Authority]:
    """Return those of the authorities that exist."""
    cursor = await connection.execute(
        f"SELECT {_COLUMNS} FROM {_FROM} WHERE a.id = ANY(%s)",  # noqa: S608  constants
        [list(identifiers)],
    )
    return {found.id: found for found in map(_authority, await cursor.fetchall())}


async def history(connection: Connection, identifiers: Sequence[UUID]) -> dict[UUID, list[Step]]:
    """Return the steps of authorities, oldest first."""
    cursor = await connection.execute(
        "SELECT c.authority, c.at, a.id, a.username, a.display_name, c.change, c.reason "
        "FROM trust.authority_changes c LEFT JOIN trust.accounts a ON a.id = c.by "
        "WHERE c.authority = ANY(%s) ORDER BY c.authority, c.number",
        [list(identifiers)],
    )
    found: dict[UUID, list[Step]] = {}
    for row in await cursor.fetchall():
        by = None if row[2] is None else Person(row[2], row[3], row[4])
        found.setdefault(row[0], []).append(Step(row[1], by, Change(row[5]), row[6]))
    return found


async def page(
    connection: Connection,
    now: datetime,
    *,
    state: str,
    mine: UUID | None,
    before: UUID | None,
    limit: int,
) -> list[Authority]:
    """Return authorities newest first; ``state`` is a key of ``_STATES``."""
    cursor = await connection.execute(
        f"SELECT {_COLUMNS} FROM {_FROM} WHERE {_STATES[state]} "  # noqa: S608  constants
        "AND (%(mine)s::uuid IS NULL OR a.requested_by = %(mine)s) "
        "AND (%(before)s::uuid IS NULL OR a.id < %(before)s) ORDER BY a.id DESC LIMIT %(limit)s",
        {"now": now, "mine": mine, "before": before, "limit": limit},
    )
    return [_authority(row) for row in await cursor.fetchall()]


async def lock_due(connection: Connection, now: datetime, limit: int) -> list[Authority]:
    """Return and lock authorities that time has ended and nobody has written so."""
    cursor = await connection.execute(
        f"SELECT {_COLUMNS} FROM {_FROM} "  # noqa: S608  constants
        "WHERE a.state IN ('requested', 'active') AND (a.expires_at <= %(now)s "
        "OR (a.emergency_until <= %(now)s AND a.decision IS NULL)) "
        "AND least(a.emergency_until, a.expires_at) <= %(now)s "
        "ORDER BY a.id LIMIT %(limit)s FOR UPDATE OF a SKIP LOCKED",
        {"now": now, "limit": limit},
    )
    return [_authority(row) for row in await cursor.fetchall()]


# A case written otherwise, by case, spaces or signs, is the same case.
_CASE: Final = "lower(regexp_replace(normalize({}, NFKC), '[^[:alnum:]]', '', 'g'))"


async def unapproved_emergencies(
    connection: Connection, case_ref: str, by: UUID, since: datetime
) -> tuple[UUID | None, int]:
    """Return one of the case that nobody approved, if there is one, and how many of a person.

    Both of those requested since a moment. Others who ask about the same case or person wait to
    the end of the transaction.
    """
    for number, text in ((71748305, by.hex), (71748304, case_ref)):
        key = _CASE.format("%s::text")
        await connection.execute(
            f"SELECT pg_advisory_xact_lock(%s, hashtext({key}))", [number, text]
        )
    cursor = await connection.execute(
        "SELECT (array_agg(id) FILTER (WHERE "  # noqa: S608  constants
        f"{_CASE.format('case_ref')} = {_CASE.format('%(case)s::text')}))[1], "
        "count(*) FILTER (WHERE requested_by = %(by)s) FROM trust.authorities "
        "WHERE emergency AND decision IS DISTINCT FROM 'approved' AND requested_at >= %(since)s",
        {"case": case_ref, "by": by, "since": since},
    )
    row = await cursor.fetchone()
    assert row is not None
    return row[0], int(row[1])


async def insert_document(
    connection: Connection, document: StoredDocument, by: UUID, now: datetime
) -> None:
    """Note an upload; one that is known stays as it is, and one that was removed is back."""
    await connection.execute(
        "INSERT INTO trust.documents (sha256, type, size_bytes, uploaded_by, uploaded_at) "
        "VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        [bytes.fromhex(document.sha256), document.type, document.size_bytes, by, now],
    )
    await connection.execute(
        "DELETE FROM trust.removed_documents WHERE sha256 = %s", [bytes.fromhex(document.sha256)]
    )


async def find_document(connection: Connection, sha256: str) -> StoredDocument | None:
    """Return what is known of an upload whose days are not over."""
    cursor = await connection.execute(
        "SELECT size_bytes, type FROM trust.documents d WHERE sha256 = %s AND NOT EXISTS "
        "(SELECT FROM trust.removed_documents r WHERE r.sha256 = d.sha256)",
        [bytes.fromhex(sha256)],
    )
    row = await cursor.fetchone()
    return None if row is None else StoredDocument(sha256, row[0], row[1])
