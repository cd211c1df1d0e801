"""A hot-list file on its way in: staged by COPY, then merged in three statements."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from amaan.plates.model import EntryDraft
from amaan.plates.store.entries import next_revision
from amaan.trust.authority.model import EntryCover

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg.rows import TupleRow

StagedRow = tuple[int, UUID, EntryDraft, bool]
Write = Callable[[Sequence[StagedRow]], Awaitable[None]]

_SAME: Final = (
    "e.plate = s.plate AND e.category = s.category AND e.case_ref = s.case_ref "
    "AND least(e.valid_until, e.authority_until) > %(now)s"
)
_FROM: Final = "least(coalesce(s.valid_from, e.valid_from), s.valid_until)"
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


async def create(connection: AsyncConnection[TupleRow]) -> None:
    """Make the staging table; it ends with the transaction."""
    await connection.execute(
        "CREATE TEMPORARY TABLE staged (line integer NOT NULL, id uuid NOT NULL, "
        'plate text COLLATE "C" NOT NULL, kind text NOT NULL, reason text NOT NULL, '
        "category text NOT NULL, severity text NOT NULL, case_ref text NOT NULL, "
        "instructions text NOT NULL, valid_from timestamptz, valid_until timestamptz) "
        "ON COMMIT DROP"
    )


@asynccontextmanager
async def writer(connection: AsyncConnection[TupleRow]) -> AsyncIterator[Write]:
    """Lend a function that stages rows; nothing else may use the connection meanwhile."""
    async with connection.cursor() as cursor, cursor.copy("COPY staged FROM STDIN") as copy:

        async def write(rows: Sequence[StagedRow]) -> None:
            await copy.write("".join([_line(*row) for row in rows]))

        yield write


def _line(line: int, identifier: UUID, draft: EntryDraft, dated: bool) -> str:
    texts = (draft.reason, draft.case_ref, draft.instructions)
    reason, case_ref, instructions = (text.translate(_ESCAPES) for text in texts)
    valid_from = draft.valid_from.isoformat() if dated else "\\N"
    valid_until = draft.valid_until.isoformat() if draft.valid_until else "\\N"
    return (
        f"{line}\t{identifier}\t{draft.plate}\t{draft.kind.value}\t{reason}\t"
        f"{draft.category.value}\t{draft.severity.value}\t{case_ref}\t{instructions}\t"
        f"{valid_from}\t{valid_until}\n"
    )


async def take_out_repeated(
    connection: AsyncConnection[TupleRow],
) -> list[tuple[int, int, str]]:
    """Remove lines that say what an earlier one says; return (line, first line, plate)."""
    await connection.execute("ANALYZE staged")
    cursor = await connection.execute(
        "WITH placed AS (SELECT line, first_value(line) OVER ("
        "PARTITION BY plate, category, case_ref ORDER BY line) AS first FROM staged) "
        "DELETE FROM staged s USING placed p WHERE s.line = p.line AND p.line > p.first "
        "RETURNING s.line, p.first, s.plate"
    )
    return [(row[0], row[1], row[2]) for row in await cursor.fetchall()]


async def merge(
    connection: AsyncConnection[TupleRow], by: str, now: datetime, cover: EntryCover
) -> tuple[int, int, int]:
    """Write what is staged to the hot-list; return how many were added, changed, unchanged.

    All of it then stands under the authority, entries that were there before too.
    """
    revision = await next_revision(connection)
    given = {
        "now": now,
        "by": by,
        "revision": revision,
        "authority": cover.authority,
        "authority_until": cover.ends_at,
    }
    total = await connection.execute("SELECT count(*) FROM staged")
    row = await total.fetchone()
    assert row is not None
    added = await connection.execute(
        "INSERT INTO plates.entries (id, revision, plate, kind, reason, category, "  # noqa: S608
        "severity, case_ref, instructions, valid_from, valid_until, created_by, created_at, "
        "authority, authority_until) "
        "SELECT s.id, %(revision)s, s.plate, s.kind, s.reason, s.category, s.severity, "
        "s.case_ref, s.instructions, coalesce(s.valid_from, %(now)s), s.valid_until, %(by)s, "
        f"%(now)s, %(authority)s, %(authority_until)s FROM staged s "
        f"WHERE NOT EXISTS (SELECT FROM plates.entries e WHERE {_SAME})",
        given,
    )
    changed = await connection.execute(
        "UPDATE plates.entries e SET revision = %(revision)s, reason = s.reason, "  # noqa: S608
        "severity = s.severity, instructions = s.instructions, "
        f"valid_from = {_FROM}, valid_until = s.valid_until, authority = %(authority)s, "
        f"authority_until = %(authority_until)s FROM staged s WHERE {_SAME} "
        "AND e.revision < %(revision)s "
        "AND (e.reason, e.severity, e.instructions, e.valid_from, e.valid_until, e.authority) "
        f"IS DISTINCT FROM (s.reason, s.severity, s.instructions, {_FROM}, s.valid_until, "
        "%(authority)s)",
        given,
    )
    return added.rowcount, changed.rowcount, int(row[0]) - added.rowcount - changed.rowcount
