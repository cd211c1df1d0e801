"""Legal holds in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from amaan.trust.retention.model import Hold, HoldReview, HoldScope

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg.rows import TupleRow

_SELECT: Final = (
    "SELECT h.id, h.authority, h.case_ref, h.reason, h.plates, h.cameras, h.since, h.until, "
    "h.review_at, h.placed_at, h.placed_by, p.username, h.released_at, h.released_by, r.username, "
    "h.release_reason FROM trust.holds h JOIN trust.accounts p ON p.id = h.placed_by "
    "LEFT JOIN trust.accounts r ON r.id = h.released_by"
)


def _hold(row: Sequence[Any]) -> Hold:
    plates = None if row[4] is None else tuple(row[4])
    cameras = None if row[5] is None else tuple(row[5])
    scope = HoldScope(plates, cameras, row[6], row[7])
    return Hold(row[0], row[1], row[2], row[3], scope, *row[8:])


async def add(connection: AsyncConnection[TupleRow], hold: Hold) -> None:
    """Write a hold."""
    scope = hold.scope
    await connection.execute(
        "INSERT INTO trust.holds (id, authority, case_ref, reason, plates, cameras, since, until, "
        "review_at, placed_at, placed_by) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            *(hold.id, hold.authority, hold.case_ref, hold.reason),
            None if scope.plates is None else list(scope.plates),
            None if scope.cameras is None else list(scope.cameras),
            *(scope.since, scope.until, hold.review_at, hold.placed_at, hold.placed_by),
        ],
    )


async def unknown_cameras(connection: AsyncConnection[TupleRow], scope: HoldScope) -> list[str]:
    """Return cameras of a scope that neither stand in the city nor have read anything in it."""
    cursor = await connection.execute(
        "SELECT code FROM unnest(%s::text[]) AS held(code) "
        "WHERE NOT EXISTS (SELECT FROM city.cameras c WHERE c.code = held.code) "
        "AND NOT EXISTS (SELECT FROM plates.reads r WHERE r.camera = held.code "
        "AND r.observed_at >= %s AND r.observed_at < %s) ORDER BY code",
        [list(scope.cameras or ()), scope.since, scope.until],
    )
    return [row[0] for row in await cursor.fetchall()]


async def page(
    connection: AsyncConnection[TupleRow], by: UUID | None, before: UUID | None, limit: int
) -> list[Hold]:
    """Return holds, newest first: all, or those that ``by`` placed."""
    cursor = await connection.execute(
        f"{_SELECT} WHERE (%(by)s::uuid IS NULL OR h.placed_by = %(by)s) "
        "AND (%(before)s::uuid IS NULL OR h.id < %(before)s) ORDER BY h.id DESC LIMIT %(limit)s",
        {"by": by, "before": before, "limit": limit},
    )
    return [_hold(row) for row in await cursor.fetchall()]


async def get(
    connection: AsyncConnection[TupleRow], identifier: UUID, *, lock: bool = False
) -> Hold | None:
    """Return a hold, locked where asked."""
    cursor = await connection.execute(
        f"{_SELECT} WHERE h.id = %s" + (" FOR UPDATE OF h" if lock else ""), [identifier]
    )
    row = await cursor.fetchone()
    return None if row is None else _hold(row)


async def reviews(
    connection: AsyncConnection[TupleRow], identifiers: Sequence[UUID]
) -> dict[UUID, list[HoldReview]]:
    """Return the reviews of holds, oldest first."""
    cursor = await connection.execute(
        "SELECT v.hold, v.at, a.username, v.reason, v.review_at FROM trust.hold_reviews v "
        "JOIN trust.accounts a ON a.id = v.by WHERE v.hold = ANY(%s) ORDER BY v.at",
        [list(identifiers)],
    )
    found: dict[UUID, list[HoldReview]] = {}
    for hold, *rest in await cursor.fetchall():
        found.setdefault(hold, []).append(HoldReview(*rest))
    return found


async def review(
    connection: AsyncConnection[TupleRow], identifier: UUID, by: UUID, review: HoldReview
) -> None:
    """Write a review, and the next one's date into the hold."""
    await connection.execute(
        "INSERT INTO trust.hold_reviews (hold, at, by, reason, review_at) "
        "VALUES (%s, %s, %s, %s, %s)",
        [identifier, review.at, by, review.reason, review.review_at],
    )
    await connection.execute(
        "UPDATE trust.holds SET review_at = %s WHERE id = %s", [review.review_at, identifier]
    )


async def release(
    connection: AsyncConnection[TupleRow], identifier: UUID, released: tuple[datetime, UUID, str]
) -> None:
    """Write that a hold ends: when, by whom, why."""
    await connection.execute(
        "UPDATE trust.holds SET released_at = %s, released_by = %s, release_reason = %s "
        "WHERE id = %s",
        [*released, identifier],
    )


async def counts(connection: AsyncConnection[TupleRow], now: datetime) -> tuple[int, int]:
    """Return how many holds hold, and how many of them should have been reviewed."""
    cursor = await connection.execute(
        "SELECT count(*), count(*) FILTER (WHERE review_at <= %s) FROM trust.holds "
        "WHERE released_at IS NULL",
        [now],
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0]), int(row[1])
