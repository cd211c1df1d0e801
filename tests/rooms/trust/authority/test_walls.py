"""What the database itself refuses, whoever asks: by SQL, as its owner and as the application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import LiteralString

import psycopg
import pytest
from tests.authorities import Desk

from amaan.trust.authority.model import Scope

_SET: LiteralString = "UPDATE trust.authorities SET {} WHERE id = %(id)s"
Connection = psycopg.AsyncConnection[tuple[object, ...]]
_COPY: LiteralString = (
    "INSERT INTO trust.authorities (id, state, purpose, case_ref, grounds, document_sha256, "
    "document_name, plates, cameras, since, until, uses, expires_at, emergency, emergency_until, "
    "replaces, beyond_tier, requested_by, requested_at, decision, decided_by, decided_at, "
    "decision_reason, beyond_tier_approved, active_since, ended_at) "
    "SELECT gen_random_uuid(), n.state, n.purpose, n.case_ref, n.grounds, n.document_sha256, "
    "n.document_name, n.plates, n.cameras, n.since, n.until, n.uses, n.expires_at, n.emergency, "
    "n.emergency_until, n.replaces, n.beyond_tier, n.requested_by, n.requested_at, n.decision, "
    "n.decided_by, n.decided_at, n.decision_reason, n.beyond_tier_approved, n.active_since, "
    "n.ended_at FROM trust.authorities a CROSS JOIN LATERAL jsonb_populate_record(a, %s) n "
    "WHERE a.id = %s"
)


@pytest.fixture(params=["owner", "application"])
async def sql(
    request: pytest.FixtureRequest, dsn: str, application_dsn: str
) -> AsyncIterator[Connection]:
    chosen = dsn if request.param == "owner" else application_dsn
    async with await psycopg.AsyncConnection.connect(chosen, autocommit=True) as connection:
        await connection.execute("SET amaan.sites = '*'")
        yield connection


REFUSED = (psycopg.errors.CheckViolation, psycopg.errors.InsufficientPrivilege)


@pytest.mark.parametrize(
    "assignment",
    [
        "plates = ARRAY['*']",
        "plates = NULL",
        "cameras = ARRAY['A']",
        "sites = ARRAY['S']",
        "bounds = ARRAY[0, 0, 1, 1]",
        "since = now()",
        "until = now()",
        "uses = ARRAY['search']",
        "expires_at = expires_at + interval '1 day'",
        "purpose = 'terrorism'",
        "case_ref = 'another'",
        "grounds = 'another'",
        "document_name = 'another'",
        "requested_by = decided_by",
        "requested_at = requested_at - interval '1 day'",
        "emergency = true",
        "beyond_tier = true",
        "replaces = id",
        "active_since = active_since - interval '1 day'",
        "decided_by = requested_by",
        "decision = NULL, decided_by = NULL, decided_at = NULL, decision_reason = NULL",
        "decision_reason = 'another'",
        "beyond_tier_approved = true",
        "state = 'requested'",
        "state = 'refused', ended_at = now()",
        "state = 'sealed', ended_at = now()",
        "state = 'expired'",
        "ended_at = now()",
    ],
)
async def test_nothing_of_an_approved_authority_changes(
    desk: Desk, sql: Connection, assignment: LiteralString
) -> None:
    active = await desk.active()
    with pytest.raises(REFUSED):
        await sql.execute(_SET.format(assignment), {"id": active.id})


@pytest.mark.parametrize(
    "assignment",
    [
        "state = 'active', active_since = now()",
        "state = 'active', active_since = now(), decision = 'approved', decided_at = now(), "
        "decision_reason = '', decided_by = requested_by",
        "state = 'active', active_since = now(), decision = 'refused', decided_at = now(), "
        "decision_reason = '', decided_by = %(other)s",
        "state = 'sealed', ended_at = now(), active_since = now()",
        "state = 'revoked', ended_at = now(), active_since = now()",
        "decision = 'approved', decided_at = now(), decision_reason = '', decided_by = %(other)s",
        "emergency = true, emergency_until = now() + interval '1 hour', state = 'active', "
        "active_since = now()",
    ],
)
async def test_request_becomes_active_only_by_another_person(
    desk: Desk, sql: Connection, assignment: LiteralString
) -> None:
    requested = await desk.requested()
    with pytest.raises(REFUSED):
        await sql.execute(
            _SET.format(assignment),
            {"id": requested.id, "other": desk.approver.id},
        )


async def test_reaching_beyond_the_tier_is_approved_as_such_or_not_at_all(
    desk: Desk, sql: Connection
) -> None:
    since = desk.clock.now() - timedelta(days=200)
    requested = await desk.requested(Scope(plates=("BGC771",), since=since))
    with pytest.raises(REFUSED):
        await sql.execute(
            "UPDATE trust.authorities SET state = 'active', active_since = now(), "
            "decision = 'approved', decided_at = now(), decision_reason = '', decided_by = %s "
            "WHERE id = %s",
            [desk.approver.id, requested.id],
        )


@pytest.mark.parametrize(
    "assignment",
    [
        "emergency_until = emergency_until + interval '1 minute'",
        "state = 'revoked', ended_at = now()",
        "state = 'withdrawn', ended_at = now()",
        "state = 'expired', ended_at = now()",
        "decision = 'approved', decided_by = requested_by, decided_at = now(), "
        "decision_reason = ''",
    ],
)
async def test_unapproved_emergency_only_ends_sealed(
    desk: Desk, sql: Connection, assignment: LiteralString
) -> None:
    emergency = await desk.requested(emergency=True)
    with pytest.raises(REFUSED):
        await sql.execute(_SET.format(assignment), {"id": emergency.id})


@pytest.mark.parametrize("step", ["refuse", "revoke", "withdraw", "seal"])
@pytest.mark.parametrize("state", ["requested", "active"])
async def test_what_has_ended_never_comes_back(
    desk: Desk, sql: Connection, step: str, state: LiteralString
) -> None:
    if step == "seal":
        ended = await desk.requested(emergency=True)
        await desk.service.refuse(ended.id, desk.approver, "no")
    elif step == "revoke":
        ended = await desk.active()
        await desk.service.revoke(ended.id, desk.approver, "no")
    else:
        ended = await desk.requested()
        by = desk.asker if step == "withdraw" else desk.approver
        await getattr(desk.service, step)(ended.id, by, "no")
    with pytest.raises(REFUSED):
        await sql.execute(
            "UPDATE trust.authorities SET state = %s, ended_at = NULL WHERE id = %s",
            [state, ended.id],
        )


@pytest.mark.parametrize(
    "made",
    [
        '{"state": "active", "active_since": "2026-03-04"}',
        '{"state": "active", "active_since": "2026-03-04", "decision": "approved", '
        '"decided_at": "2026-03-04", "decision_reason": "", "decided_by": "APPROVER"}',
        '{"state": "active", "active_since": "2026-03-04T00:00:00Z", "emergency": true, '
        '"emergency_until": "2026-03-05T00:00:01Z"}',
        '{"state": "active", "active_since": "2026-03-04", "emergency": true}',
        '{"state": "refused", "ended_at": "2026-03-04"}',
        '{"plates": null, "cameras": null}',
        '{"plates": null, "cameras": ["A"], "uses": ["search", "entry"]}',
        '{"plates": []}',
        '{"uses": []}',
        '{"uses": ["search", "everything"]}',
        '{"expires_at": "2020-01-01"}',
        '{"purpose": ""}',
    ],
)
async def test_authority_cannot_be_born_otherwise_than_as_a_request(
    desk: Desk, sql: Connection, made: str
) -> None:
    model = await desk.requested()
    with pytest.raises(REFUSED):
        await sql.execute(_COPY, [made.replace("APPROVER", str(desk.approver.id)), model.id])


async def test_copy_of_a_request_is_born(desk: Desk, sql: Connection) -> None:
    """Or the test before would prove nothing."""
    model = await desk.requested()
    cursor = await sql.execute(_COPY, ["{}", model.id])
    assert cursor.rowcount == 1


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM trust.authorities",
        "TRUNCATE trust.authorities CASCADE",
        "DELETE FROM trust.authority_changes",
        "UPDATE trust.authority_changes SET reason = 'another'",
        "TRUNCATE trust.authority_changes",
        "DELETE FROM trust.documents",
        "UPDATE trust.documents SET type = 'image/png'",
    ],
)
async def test_nothing_is_forgotten_or_rewritten(
    desk: Desk, sql: Connection, statement: LiteralString
) -> None:
    await desk.active()
    with pytest.raises(REFUSED):
        await sql.execute(statement)
