"""The hot-list in the database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from amaan.plates.hotlist import Listed
from amaan.plates.model import Category, Entry, EntryDraft, EntryKind, Severity

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg.rows import TupleRow

COLUMNS: Final = (
    *("id", "plate", "kind", "reason", "category", "severity", "case_ref", "instructions"),
    *("valid_from", "valid_until", "created_by", "created_at", "authority", "authority_until"),
)
_STATES: Final = {
    "all": "true",
    "active": "valid_from <= %(now)s AND least(valid_until, authority_until) > %(now)s",
    "expired": "least(valid_until, authority_until) <= %(now)s",
    "unended": "least(valid_until, authority_until) > %(now)s",
}
FETCH: Final = 2_000


def entry_of(row: Sequence[Any]) -> Entry:
    """Build an entry of its ``COLUMNS``."""
    return Entry(
        id=row[0],
        plate=row[1],
        kind=EntryKind(row[2]),
        reason=row[3],
        category=Category(row[4]),
        severity=Severity(row[5]),
        case_ref=row[6],
        instructions=row[7],
        valid_from=row[8],
        valid_until=row[9],
        created_by=row[10],
        created_at=row[11],
        authority=row[12],
        authority_until=row[13],
    )


def columns(alias: str) -> str:
    """List the columns of an entry for a SELECT."""
    return ", ".join(f"{alias}.{name}" for name in COLUMNS)


async def next_revision(connection: AsyncConnection[TupleRow]) -> int:
    """Open a change of the hot-list: later changes wait until this transaction ends."""
    cursor = await connection.execute(
        "UPDATE plates.hotlist SET revision = revision + 1 RETURNING revision"
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def revision(connection: AsyncConnection[TupleRow]) -> int:
    """Return the revision of the last committed change."""
    cursor = await connection.execute("SELECT revision FROM plates.hotlist")
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def insert(connection: AsyncConnection[TupleRow], entry: Entry, at_revision: int) -> None:
    """Write a new entry."""
    await connection.execute(
        f"INSERT INTO plates.entries (revision, {', '.join(COLUMNS)}) "  # noqa: S608  constants
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            at_revision,
            *(entry.id, entry.plate, entry.kind.value, entry.reason, entry.category.value),
            *(entry.severity.value, entry.case_ref, entry.instructions),
            *(entry.valid_from, entry.valid_until, entry.created_by, entry.created_at),
            *(entry.authority, entry.authority_until),
        ],
    )


async def update(connection: AsyncConnection[TupleRow], entry: Entry, at_revision: int) -> None:
    """Write all that can change of an entry."""
    await connection.execute(
        "UPDATE plates.entries SET revision = %s, reason = %s, category = %s, severity = %s, "
        "case_ref = %s, instructions = %s, valid_from = %s, valid_until = %s, authority = %s, "
        "authority_until = %s WHERE id = %s",
        [
            at_revision,
            *(entry.reason, entry.category.value, entry.severity.value, entry.case_ref),
            *(entry.instructions, entry.valid_from, entry.valid_until, entry.authority),
            *(entry.authority_until, entry.id),
        ],
    )


async def get(connection: AsyncConnection[TupleRow], entry_id: UUID) -> Entry | None:
    """Return an entry."""
    cursor = await connection.execute(
        f"SELECT {columns('e')} FROM plates.entries e WHERE id = %s",  # noqa: S608  constants
        [entry_id],
    )
    row = await cursor.fetchone()
    return None if row is None else entry_of(row)


async def same_unended(
    connection: AsyncConnection[TupleRow],
    draft: EntryDraft,
    now: datetime,
    *,
    but: UUID | None = None,
) -> UUID | None:
    """Return the entry not yet ended for the same plate, category and case, if there is one.

    ``but``: an entry that does not count.
    """
    cursor = await connection.execute(
        "SELECT id FROM plates.entries WHERE plate = %s AND category = %s AND case_ref = %s "
        "AND least(valid_until, authority_until) > %s AND id IS DISTINCT FROM %s LIMIT 1",
        [draft.plate, draft.category.value, draft.case_ref, now, but],
    )
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def page(  # noqa: PLR0913  one parameter per condition
    connection: AsyncConnection[TupleRow],
    now: datetime,
    *,
    state: str,
    like: str | None,
    plate_like: str | None,
    before: UUID | None,
    limit: int,
) -> list[Entry]:
    """Return entries newest first; ``like`` searches cases and reasons."""
    cursor = await connection.execute(
        f"SELECT {columns('e')} FROM plates.entries e "  # noqa: S608  constants
        f"WHERE {_STATES[state]} AND (%(before)s::uuid IS NULL OR id < %(before)s) "
        "AND (%(like)s::text IS NULL OR plate LIKE %(plate_like)s OR case_ref ILIKE %(like)s "
        "OR reason ILIKE %(like)s) ORDER BY id DESC LIMIT %(limit)s",
        {"now": now, "before": before, "like": like, "plate_like": plate_like, "limit": limit},
    )
    return [entry_of(row) for row in await cursor.fetchall()]


async def count(
    connection: AsyncConnection[TupleRow], now: datetime, state: str, authority: UUID
) -> int:
    """Return how many entries of a state stand under an authority."""
    cursor = await connection.execute(
        f"SELECT count(*) FROM plates.entries WHERE {_STATES[state]} "  # noqa: S608  constants
        "AND authority = %(authority)s",
        {"now": now, "authority": authority},
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def stream(
    connection: AsyncConnection[TupleRow], now: datetime, state: str, authority: UUID
) -> AsyncIterator[Entry]:
    """Yield every entry of a state under an authority, oldest first, without holding them all."""
    async with connection.cursor(name="hotlist_export") as cursor:
        cursor.itersize = FETCH
        await cursor.execute(
            f"SELECT {columns('e')} FROM plates.entries e "  # noqa: S608  constants
            f"WHERE {_STATES[state]} AND authority = %(authority)s ORDER BY id",
            {"now": now, "authority": authority},
        )
        async for row in cursor:
            yield entry_of(row)


async def changed_since(
    connection: AsyncConnection[TupleRow], seen: int, upto: int, now: datetime
) -> AsyncIterator[list[Listed]]:
    """Yield, in portions, what the matcher must know of entries changed in (seen, upto].

    Entries that ended before ``now`` and were never seen are left out.
    """
    async with connection.cursor(name="hotlist_changes") as cursor:
        cursor.itersize = FETCH
        await cursor.execute(
            f"SELECT number, uuid_send(id), plate, kind, {_us('valid_from')}, "  # noqa: S608
            f"{_us('least(valid_until, authority_until)')} FROM plates.entries "
            "WHERE revision > %s AND revision <= %s "
            "AND (%s > 0 OR least(valid_until, authority_until) > %s) ORDER BY number",
            [seen, upto, seen, now],
            binary=True,
        )
        while rows := await cursor.fetchmany(FETCH):
            yield [Listed(*row) for row in rows]


async def authorities_of(
    connection: AsyncConnection[TupleRow], entries: Sequence[UUID], now: datetime
) -> dict[UUID, UUID]:
    """Return the authority of each of the entries that is valid now, by the entry's id."""
    cursor = await connection.execute(
        "SELECT id, authority FROM plates.entries WHERE id = ANY(%(ids)s) "
        "AND authority IS NOT NULL AND valid_from <= %(now)s "
        "AND (valid_until IS NULL OR valid_until > %(now)s)",
        {"ids": list(entries), "now": now},
    )
    return {row[0]: row[1] for row in await cursor.fetchall()}


async def set_authority_end(
    connection: AsyncConnection[TupleRow], authority: UUID, until: datetime, at_revision: int
) -> int:
    """Let the entries of an authority end with it; return how many changed."""
    cursor = await connection.execute(
        "UPDATE plates.entries SET authority_until = %(until)s, revision = %(revision)s "
        "WHERE authority = %(authority)s AND authority_until <> %(until)s",
        {"until": until, "revision": at_revision, "authority": authority},
    )
    return cursor.rowcount


async def plates_under(
    connection: AsyncConnection[TupleRow], authority: UUID, now: datetime
) -> list[tuple[UUID, str]]:
    """Return id and plate of an authority's entries that have not ended by themselves."""
    cursor = await connection.execute(
        "SELECT id, plate FROM plates.entries WHERE authority = %s "
        "AND (valid_until IS NULL OR valid_until > %s)",
        [authority, now],
    )
    return [(row[0], row[1]) for row in await cursor.fetchall()]


async def move_to(
    connection: AsyncConnection[TupleRow],
    entries: Sequence[UUID],
    authority: UUID,
    until: datetime,
    at_revision: int,
) -> None:
    """Put entries under another authority."""
    await connection.execute(
        "UPDATE plates.entries SET authority = %s, authority_until = %s, revision = %s "
        "WHERE id = ANY(%s)",
        [authority, until, at_revision, list(entries)],
    )


async def seal_matches(
    connection: AsyncConnection[TupleRow], authority: UUID, at: datetime
) -> None:
    """Let nobody see what was found under an authority any more."""
    await connection.execute(
        "UPDATE plates.matches SET sealed_at = %s WHERE authority = %s AND sealed_at IS NULL",
        [at, authority],
    )


def _us(column: str) -> str:
    """Write a time as whole microseconds since 2000, exactly (extract yields numeric)."""
    return f"((extract(epoch FROM {column}) - 946684800) * 1000000)::bigint"
