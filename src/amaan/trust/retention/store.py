"""Classes, runs, receipts and condemned blobs in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from amaan.trust.retention.model import Receipt, RetentionClass, Run

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg.rows import TupleRow

_RECEIPTS_LOCK: Final = 0x414D41414E11  # "AMAAN" + 17: numbers without gaps
_RUN: Final = "id, started_at, ended_at, asked_by, failed"


async def classes(connection: AsyncConnection[TupleRow]) -> list[RetentionClass]:
    """Return all classes, shortest first."""
    cursor = await connection.execute(
        "SELECT name, days, least, most, about FROM trust.retention_classes ORDER BY days, name"
    )
    return [RetentionClass(*row) for row in await cursor.fetchall()]


async def lock_class(connection: AsyncConnection[TupleRow], name: str) -> RetentionClass | None:
    """Return a class, locked to the end of the transaction."""
    cursor = await connection.execute(
        "SELECT name, days, least, most, about FROM trust.retention_classes "
        "WHERE name = %s FOR UPDATE",
        [name],
    )
    row = await cursor.fetchone()
    return None if row is None else RetentionClass(*row)


async def set_days(
    connection: AsyncConnection[TupleRow],
    name: str,
    days: int,
    changed: tuple[datetime, UUID, str],
) -> None:
    """Write the days of a class; ``changed`` is when, by whom, why."""
    await connection.execute(
        "UPDATE trust.retention_classes SET days = %s, changed_at = %s, changed_by = %s, "
        "reason = %s WHERE name = %s",
        [days, *changed, name],
    )


async def limit_time(connection: AsyncConnection[TupleRow], seconds: int, lock_s: int) -> None:
    """Give this transaction's statements so long, and so long to wait for a lock."""
    await connection.execute(
        "SELECT set_config('statement_timeout', %s, true), set_config('lock_timeout', %s, true)",
        [f"{seconds}s", f"{lock_s}s"],
    )


# -- runs ------------------------------------------------------------------------------------


async def begin_run(
    connection: AsyncConnection[TupleRow], identifier: UUID, at: datetime, asked_by: str
) -> None:
    """Note that a run begins."""
    await connection.execute(
        "INSERT INTO trust.retention_runs (id, started_at, asked_by) VALUES (%s, %s, %s)",
        [identifier, at, asked_by],
    )


async def end_run(
    connection: AsyncConnection[TupleRow], identifier: UUID, at: datetime, failed: str | None
) -> None:
    """Note that it came to its end."""
    await connection.execute(
        "UPDATE trust.retention_runs SET ended_at = %s, failed = %s WHERE id = %s",
        [at, failed, identifier],
    )


async def last_run(connection: AsyncConnection[TupleRow], now: datetime) -> Run | None:
    """Return the run that began last; not one of a clock that was ahead and was put right."""
    cursor = await connection.execute(
        f"SELECT {_RUN} FROM trust.retention_runs WHERE started_at <= %s "  # noqa: S608  constants
        "ORDER BY started_at DESC, id DESC LIMIT 1",
        [now],
    )
    row = await cursor.fetchone()
    return None if row is None else Run(*row)


# -- receipts --------------------------------------------------------------------------------


async def next_number(connection: AsyncConnection[TupleRow]) -> int:
    """Return the next receipt's number; others wait for it until this transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock(%s)", [_RECEIPTS_LOCK])
    cursor = await connection.execute("SELECT coalesce(max(number), 0) + 1 FROM trust.receipts")
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def add_receipt(connection: AsyncConnection[TupleRow], receipt: Receipt) -> None:
    """Write a receipt."""
    removal = receipt.removal
    await connection.execute(
        "INSERT INTO trust.receipts (id, number, class, things, at, since, until, removed, kept, "
        "partitions, blobs, blob_bytes, note) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            *(receipt.id, receipt.number, removal.name, removal.things, receipt.at),
            *(removal.since, removal.until, removal.removed, removal.kept),
            *(list(removal.partitions), removal.blobs, removal.blob_bytes, receipt.note),
        ],
    )


async def notes(
    connection: AsyncConnection[TupleRow], before: int | None, limit: int
) -> list[tuple[UUID, int, str]]:
    """Return (id, number, note) of receipts, newest first, below a number."""
    cursor = await connection.execute(
        "SELECT id, number, note FROM trust.receipts "
        "WHERE (%(before)s::bigint IS NULL OR number < %(before)s) "
        "ORDER BY number DESC LIMIT %(limit)s",
        {"before": before, "limit": limit},
    )
    return [(row[0], row[1], row[2]) for row in await cursor.fetchall()]


async def note(connection: AsyncConnection[TupleRow], identifier: UUID) -> str | None:
    """Return a receipt's signed note."""
    cursor = await connection.execute("SELECT note FROM trust.receipts WHERE id = %s", [identifier])
    row = await cursor.fetchone()
    return None if row is None else str(row[0])


async def untold_notes(connection: AsyncConnection[TupleRow], limit: int) -> list[str]:
    """Return the oldest receipts that the audit log has not been told of."""
    cursor = await connection.execute(
        "SELECT note FROM trust.receipts r WHERE NOT EXISTS "
        "(SELECT FROM trust.receipts_audited a WHERE a.receipt = r.id) ORDER BY number LIMIT %s",
        [limit],
    )
    return [row[0] for row in await cursor.fetchall()]


async def mark_told(connection: AsyncConnection[TupleRow], receipt: UUID, at: datetime) -> None:
    """Note that the audit log knows a receipt."""
    await connection.execute(
        "INSERT INTO trust.receipts_audited (receipt, at) VALUES (%s, %s) ON CONFLICT DO NOTHING",
        [receipt, at],
    )


# -- blobs -----------------------------------------------------------------------------------


async def condemn(
    connection: AsyncConnection[TupleRow], name: str, digests: Sequence[bytes], at: datetime
) -> None:
    """Put blobs down for removal."""
    await connection.execute(
        "INSERT INTO trust.condemned_blobs (digest, class, condemned_at) "
        "SELECT DISTINCT digest, %s, %s::timestamptz FROM unnest(%s::bytea[]) AS u(digest) "
        "ON CONFLICT DO NOTHING",
        [name, at, list(digests)],
    )


async def condemned(connection: AsyncConnection[TupleRow], after: bytes, limit: int) -> list[bytes]:
    """Return condemned blobs in order of their digests, above one."""
    cursor = await connection.execute(
        "SELECT digest FROM trust.condemned_blobs WHERE digest > %s ORDER BY digest LIMIT %s",
        [after, limit],
    )
    return [bytes(row[0]) for row in await cursor.fetchall()]


async def count_condemned(
    connection: AsyncConnection[TupleRow], before: datetime | None = None
) -> int:
    """Return how many blobs wait to be removed (of those condemned before a moment)."""
    cursor = await connection.execute(
        "SELECT count(*) FROM trust.condemned_blobs "
        "WHERE %(before)s::timestamptz IS NULL OR condemned_at < %(before)s",
        {"before": before},
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def unreferred(
    connection: AsyncConnection[TupleRow], digests: Sequence[bytes]
) -> list[bytes]:
    """Return those that no record refers to."""
    cursor = await connection.execute("SELECT * FROM trust.unreferred_blobs(%s)", [list(digests)])
    return [bytes(row[0]) for row in await cursor.fetchall()]


async def measured(
    connection: AsyncConnection[TupleRow], sizes: Sequence[tuple[bytes, int]]
) -> None:
    """Write how large condemned blobs are, just before they go."""
    await connection.execute(
        "UPDATE trust.condemned_blobs c SET size_bytes = u.size FROM "
        "unnest(%s::bytea[], %s::bigint[]) AS u(digest, size) WHERE c.digest = u.digest",
        [[digest for digest, _ in sizes], [size for _, size in sizes]],
    )


async def acquit(
    connection: AsyncConnection[TupleRow], digests: Sequence[bytes]
) -> list[tuple[bytes, int | None]]:
    """Take blobs off the list; return each with its size where that was measured."""
    cursor = await connection.execute(
        "DELETE FROM trust.condemned_blobs WHERE digest = ANY(%s) RETURNING digest, size_bytes",
        [list(digests)],
    )
    return [(bytes(row[0]), row[1]) for row in await cursor.fetchall()]


# -- trust's own things ------------------------------------------------------------------------


async def ended_sessions(connection: AsyncConnection[TupleRow], before: datetime) -> int:
    """Count sessions that ended before a moment."""
    cursor = await connection.execute(
        "SELECT count(*) FROM trust.sessions "
        "WHERE least(coalesce(ended_at, ends_at), ends_at) < %s",
        [before],
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def remove_sessions(
    connection: AsyncConnection[TupleRow], before: datetime, limit: int
) -> list[bytes]:
    """Delete ended sessions; return the hashes of their cookies."""
    cursor = await connection.execute(
        "DELETE FROM trust.sessions WHERE token_hash IN (SELECT token_hash FROM trust.sessions "
        "WHERE least(coalesce(ended_at, ends_at), ends_at) < %s LIMIT %s FOR UPDATE SKIP LOCKED) "
        "RETURNING token_hash",
        [before, limit],
    )
    return [bytes(row[0]) for row in await cursor.fetchall()]


_OVER_DOCUMENTS: Final = (
    "FROM trust.documents d WHERE d.uploaded_at < %(before)s "
    "AND NOT EXISTS (SELECT FROM trust.removed_documents r WHERE r.sha256 = d.sha256) "
    "AND NOT EXISTS (SELECT FROM trust.authorities a WHERE a.document_sha256 = d.sha256 "
    "AND (a.ended_at IS NULL OR a.ended_at >= %(before)s OR EXISTS "
    "(SELECT FROM trust.holds h WHERE h.authority = a.id AND h.released_at IS NULL)))"
)


async def over_documents(connection: AsyncConnection[TupleRow], before: datetime) -> int:
    """Count documents of which every authority ended before a moment."""
    cursor = await connection.execute(f"SELECT count(*) {_OVER_DOCUMENTS}", {"before": before})
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def remove_documents(
    connection: AsyncConnection[TupleRow], before: datetime, at: datetime, limit: int
) -> list[bytes]:
    """Mark such documents as removed; return their digests."""
    cursor = await connection.execute(
        "INSERT INTO trust.removed_documents (sha256, removed_at) "
        f"SELECT d.sha256, %(at)s {_OVER_DOCUMENTS} LIMIT %(limit)s "
        "ON CONFLICT DO NOTHING RETURNING sha256",
        {"before": before, "at": at, "limit": limit},
    )
    return [bytes(row[0]) for row in await cursor.fetchall()]


async def over_requests(connection: AsyncConnection[TupleRow], before: datetime) -> int:
    """Count requests of the public that were answered or decided before a moment."""
    cursor = await connection.execute(
        "SELECT count(*) FROM trust.requests WHERE changed_at < %s "
        "AND state IN ('answered', 'refused', 'upheld', 'dismissed')",
        [before],
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def remove_requests(
    connection: AsyncConnection[TupleRow], before: datetime, limit: int
) -> list[UUID]:
    """Delete such requests with their steps; return their ids."""
    cursor = await connection.execute("SELECT trust.forget_requests(%s, %s)", [before, limit])
    return [row[0] for row in await cursor.fetchall()]
