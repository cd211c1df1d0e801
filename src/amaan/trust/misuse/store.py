"""The only SQL about findings, and about what detectors know."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from amaan.kernel.geography import Bounds, Point
from amaan.trust.misuse.model import (
    AuthorityFacts,
    Circle,
    Detector,
    Finding,
    Person,
    PlaceKind,
    ReviewDecision,
    Run,
    SensitivePlace,
    Shift,
    Suspicion,
    Vehicles,
)

Connection = AsyncConnection[TupleRow]

_STATES: Final = {
    "open": "f.decision IS NULL",
    "reviewed": "f.decision IS NOT NULL",
    "all": "true",
}
_FINDING: Final = """
SELECT f.id, f.detector, f.actor, f.subject, f.since, f.until, f.explanation, f.found_at,
       f.decision, f.note, f.reviewed_at, f.reviewed_by, coalesce(a.username, ''),
       ARRAY(SELECT e.position FROM trust.misuse_evidence e WHERE e.finding = f.id
             ORDER BY e.position)
FROM trust.misuse_findings f
LEFT JOIN trust.accounts a ON a.id::text = substr(f.actor, length('account:') + 1)
"""


# -- facts -----------------------------------------------------------------------------------


async def people(connection: Connection) -> list[Person]:
    """Return everybody with an account, disabled ones too."""
    cursor = await connection.execute(
        "SELECT a.id, a.username, array_remove(array_agg(g.role), NULL), "
        "array_remove(array_agg(g.site_group), NULL), bool_or(g.site_group IS NULL) "
        "FROM trust.accounts a LEFT JOIN trust.grants g ON g.account = a.id GROUP BY a.id"
    )
    return [
        Person(
            f"account:{account}",
            username,
            frozenset(roles),
            frozenset() if everywhere else frozenset(groups),
        )
        for account, username, roles, groups, everywhere in await cursor.fetchall()
    ]


async def account_ids(connection: Connection) -> dict[str, UUID]:
    """Return accounts by user name."""
    cursor = await connection.execute("SELECT username, id FROM trust.accounts")
    return {str(row[0]): row[1] for row in await cursor.fetchall()}


async def is_account(connection: Connection, account: UUID) -> bool:
    """Tell whether there is such an account."""
    cursor = await connection.execute("SELECT 1 FROM trust.accounts WHERE id = %s", [account])
    return await cursor.fetchone() is not None


async def vehicles(connection: Connection, account: UUID | None = None) -> dict[str, Vehicles]:
    """Return declared vehicles by actor, of everybody or of one."""
    cursor = await connection.execute(
        "SELECT account, plate, whose FROM trust.declared_vehicles "
        "WHERE %(account)s::uuid IS NULL OR account = %(account)s",
        {"account": account},
    )
    found: dict[str, dict[str, set[str]]] = {}
    for owner, plate, whose in await cursor.fetchall():
        declared = found.setdefault(f"account:{owner}", {"own": set(), "household": set()})
        declared[whose].add(plate)
    return {
        actor: Vehicles(frozenset(each["own"]), frozenset(each["household"]))
        for actor, each in found.items()
    }


async def set_vehicles(
    connection: Connection, account: UUID, declared: Vehicles, now: datetime
) -> None:
    """Replace what an account has declared."""
    await connection.execute("DELETE FROM trust.declared_vehicles WHERE account = %s", [account])
    rows = [(account, plate, "own", now) for plate in sorted(declared.own)]
    rows += [(account, plate, "household", now) for plate in sorted(declared.household)]
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "INSERT INTO trust.declared_vehicles (account, plate, whose, declared_at) "
            "VALUES (%s, %s, %s, %s)",
            rows,
        )


async def shifts(
    connection: Connection, since: datetime, until: datetime
) -> dict[str, list[Shift]]:
    """Return shifts by actor that touch a time."""
    cursor = await connection.execute(
        "SELECT account, starts_at, ends_at FROM trust.shifts "
        "WHERE ends_at > %s AND starts_at < %s ORDER BY account, starts_at",
        [since, until],
    )
    found: dict[str, list[Shift]] = {}
    for account, start, end in await cursor.fetchall():
        found.setdefault(f"account:{account}", []).append(Shift(start, end))
    return found


async def put_shifts(connection: Connection, rows: Sequence[tuple[UUID, Shift]]) -> None:
    """Add shifts; one that begins at the same moment is replaced."""
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "INSERT INTO trust.shifts (account, starts_at, ends_at) VALUES (%s, %s, %s) "
            "ON CONFLICT (account, starts_at) DO UPDATE SET ends_at = excluded.ends_at",
            [(account, shift.start, shift.end) for account, shift in rows],
        )


async def places(connection: Connection, since: datetime | None = None) -> list[SensitivePlace]:
    """Return sensitive places by time, those that are over before ``since`` left out."""
    cursor = await connection.execute(
        "SELECT id, name, kind, bounds, lon, lat, radius_m, since, until "
        "FROM trust.sensitive_places WHERE %(since)s::timestamptz IS NULL OR until > %(since)s "
        "ORDER BY since, id",
        {"since": since},
    )
    return [_place(row) for row in await cursor.fetchall()]


def _place(row: Sequence[Any]) -> SensitivePlace:
    identifier, name, kind, bounds, lon, lat, radius_m, since, until = row
    area = Bounds(*bounds) if bounds else Circle(Point(lon, lat), radius_m)
    return SensitivePlace(identifier, name, PlaceKind(kind), area, since, until)


async def insert_place(connection: Connection, place: SensitivePlace, now: datetime) -> None:
    """Add a sensitive place."""
    area = place.area
    if isinstance(area, Bounds):
        where: list[object] = [[area.west, area.south, area.east, area.north], None, None, None]
    else:
        where = [None, area.centre.lon, area.centre.lat, area.radius_m]
    await connection.execute(
        "INSERT INTO trust.sensitive_places (id, name, kind, bounds, lon, lat, radius_m, since, "
        "until, added_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [place.id, place.name, place.kind.value, *where, place.since, place.until, now],
    )


async def delete_place(connection: Connection, place: UUID) -> bool:
    """Take a sensitive place away; False when there is none."""
    cursor = await connection.execute("DELETE FROM trust.sensitive_places WHERE id = %s", [place])
    return cursor.rowcount == 1


async def authorities(connection: Connection) -> dict[UUID, AuthorityFacts]:
    """Return what authorities were asked for."""
    cursor = await connection.execute("SELECT id, case_ref, plates FROM trust.authorities")
    return {
        row[0]: AuthorityFacts(row[1], None if row[2] is None else tuple(row[2]))
        for row in await cursor.fetchall()
    }


# -- findings --------------------------------------------------------------------------------


def _finding(row: Sequence[Any]) -> Finding:
    decision = None if row[8] is None else ReviewDecision(row[8])
    suspicion = Suspicion(Detector(row[1]), row[2], row[3], row[4], row[5], tuple(row[13]), row[6])
    return Finding(row[0], suspicion, row[7], row[12], decision, row[9], row[10], row[11])


async def findings_page(
    connection: Connection, state: str, before: UUID | None, limit: int
) -> list[Finding]:
    """Return findings newest first; ``state`` is ``open``, ``reviewed`` or ``all``."""
    cursor = await connection.execute(
        f"{_FINDING} WHERE {_STATES[state]} AND (%(before)s::uuid IS NULL OR f.id < %(before)s) "
        "ORDER BY f.id DESC LIMIT %(limit)s",
        {"before": before, "limit": limit},
    )
    return [_finding(row) for row in await cursor.fetchall()]


async def get_finding(
    connection: Connection, identifier: UUID, *, lock: bool = False
) -> Finding | None:
    """Return one finding, locked to the end of the transaction where asked."""
    cursor = await connection.execute(
        f"{_FINDING} WHERE f.id = %s" + (" FOR UPDATE OF f" if lock else ""), [identifier]
    )
    row = await cursor.fetchone()
    return None if row is None else _finding(row)


async def findings_about(
    connection: Connection, whose: Sequence[tuple[Detector, str]]
) -> list[Finding]:
    """Return what is known by (detector, actor), oldest first, locked."""
    cursor = await connection.execute(
        f"{_FINDING} WHERE (f.detector, f.actor) IN "  # noqa: S608  constants
        "(SELECT * FROM unnest(%s::text[], %s::text[])) ORDER BY f.id FOR UPDATE OF f",
        [[detector.value for detector, _ in whose], [actor for _, actor in whose]],
    )
    return [_finding(row) for row in await cursor.fetchall()]


async def insert_finding(connection: Connection, finding: Finding) -> None:
    """Write a new finding with its evidence."""
    found = finding.suspicion
    await connection.execute(
        "INSERT INTO trust.misuse_findings (id, detector, actor, subject, since, until, "
        "explanation, found_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        [
            *(finding.id, found.detector.value, found.actor, found.subject),
            *(found.since, found.until, found.explanation, finding.found_at),
        ],
    )
    await _add_evidence(connection, finding)


async def grow_finding(connection: Connection, finding: Finding) -> None:
    """Write what joined a finding."""
    found = finding.suspicion
    await connection.execute(
        "UPDATE trust.misuse_findings SET since = %s, until = %s, explanation = %s WHERE id = %s",
        [found.since, found.until, found.explanation, finding.id],
    )
    await _add_evidence(connection, finding)


async def _add_evidence(connection: Connection, finding: Finding) -> None:
    await connection.execute(
        "INSERT INTO trust.misuse_evidence (finding, position) "
        "SELECT %s, unnest(%s::bigint[]) ON CONFLICT DO NOTHING",
        [finding.id, list(finding.suspicion.positions)],
    )


async def review_finding(connection: Connection, finding: Finding) -> None:
    """Write the review that a finding carries."""
    assert finding.decision is not None
    await connection.execute(
        "UPDATE trust.misuse_findings SET decision = %s, note = %s, reviewed_at = %s, "
        "reviewed_by = %s WHERE id = %s",
        [
            *(finding.decision.value, finding.note, finding.reviewed_at, finding.reviewed_by),
            finding.id,
        ],
    )


# -- runs ------------------------------------------------------------------------------------


async def lock_runs(connection: Connection) -> None:
    """Let one run at a time write what it found, to the end of the transaction."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('trust.misuse_runs', 0))"
    )


async def judged_until(connection: Connection) -> datetime | None:
    """Return up to when the log was judged without a gap at its end."""
    cursor = await connection.execute("SELECT max(until) FROM trust.misuse_runs WHERE nightly")
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def insert_run(connection: Connection, run: Run, now: datetime) -> None:
    """Note that a time was judged."""
    await connection.execute(
        "INSERT INTO trust.misuse_runs (since, until, nightly, ran_at, entries, raised) "
        "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (until, nightly) DO UPDATE SET "
        "since = least(misuse_runs.since, excluded.since), ran_at = excluded.ran_at, "
        "entries = excluded.entries, raised = misuse_runs.raised + excluded.raised",
        [run.since, run.until, run.nightly, now, run.entries, run.raised],
    )
