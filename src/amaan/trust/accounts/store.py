"""The only SQL about the administration of accounts and groups."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from amaan.trust.accounts.model import Listed, SiteGroup
from amaan.trust.model import Factors
from amaan.trust.store import ACCOUNT, FACTORS, account_of

Connection = AsyncConnection[TupleRow]

_LISTED = (
    f"SELECT {ACCOUNT}, {FACTORS}, a.created_at, a.disabled_at, a.locked_until, "  # noqa: S608  constants
    "a.must_change_password, "
    "(SELECT max(s.last_seen_at) FROM trust.sessions s WHERE s.account = a.id) "
    "FROM trust.accounts a "
)


def _listed(row: Sequence[Any]) -> Listed:
    return Listed(
        account=account_of(row),
        created_at=row[6],
        disabled_at=row[7],
        locked_until=row[8],
        must_change_password=row[9],
        factors=Factors(row[4], row[5]),
        last_seen_at=row[10],
    )


async def page(connection: Connection, after: str, limit: int) -> list[Listed]:
    """Return accounts by name, those after a name."""
    cursor = await connection.execute(
        _LISTED + "WHERE a.username > %s ORDER BY a.username LIMIT %s", [after, limit]
    )
    return [_listed(row) for row in await cursor.fetchall()]


async def find(connection: Connection, account: UUID) -> Listed | None:
    """Return an account."""
    cursor = await connection.execute(_LISTED + "WHERE a.id = %s", [account])
    row = await cursor.fetchone()
    return None if row is None else _listed(row)


async def find_by_name(connection: Connection, username: str) -> Listed | None:
    """Return an account by its user name."""
    cursor = await connection.execute(_LISTED + "WHERE a.username = %s", [username])
    row = await cursor.fetchone()
    return None if row is None else _listed(row)


async def lock_administrators(connection: Connection) -> None:
    """Let nobody else disable or demote an administrator until the transaction ends."""
    await connection.execute(
        "SELECT 1 FROM trust.accounts WHERE kind = 'administrator' ORDER BY id FOR UPDATE"
    )


async def count_administrators(connection: Connection) -> int:
    """Return how many administrators may sign in."""
    cursor = await connection.execute(
        "SELECT count(*) FROM trust.accounts a WHERE a.disabled_at IS NULL AND EXISTS ("
        "SELECT 1 FROM trust.grants g WHERE g.account = a.id AND g.role = 'administrator')"
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def set_display_name(connection: Connection, account: UUID, name: str) -> None:
    """Rename a person."""
    await connection.execute(
        "UPDATE trust.accounts SET display_name = %s WHERE id = %s", [name, account]
    )


async def set_disabled(connection: Connection, account: UUID, at: datetime | None) -> None:
    """Disable an account from a moment on, or let it sign in again (None)."""
    await connection.execute(
        "UPDATE trust.accounts SET disabled_at = CASE WHEN %s::timestamptz IS NULL THEN NULL "
        "ELSE coalesce(disabled_at, %s) END WHERE id = %s",
        [at, at, account],
    )


async def list_groups(connection: Connection) -> list[SiteGroup]:
    """Return every group by code."""
    cursor = await connection.execute(
        "SELECT code, name, sites FROM trust.site_groups ORDER BY code"
    )
    return [SiteGroup(row[0], row[1], tuple(row[2])) for row in await cursor.fetchall()]


async def lock_group(connection: Connection, code: str) -> SiteGroup | None:
    """Return a group, locked to the end of the transaction."""
    cursor = await connection.execute(
        "SELECT code, name, sites FROM trust.site_groups WHERE code = %s FOR UPDATE", [code]
    )
    row = await cursor.fetchone()
    return None if row is None else SiteGroup(row[0], row[1], tuple(row[2]))


async def insert_group(connection: Connection, group: SiteGroup, now: datetime) -> None:
    """Add a group. Raises psycopg's UniqueViolation for a code that is taken."""
    await connection.execute(
        "INSERT INTO trust.site_groups (code, name, sites, changed_at) VALUES (%s, %s, %s, %s)",
        [group.code, group.name, list(group.sites), now],
    )


async def update_group(connection: Connection, group: SiteGroup, now: datetime) -> None:
    """Change a group's name and sites."""
    await connection.execute(
        "UPDATE trust.site_groups SET name = %s, sites = %s, changed_at = %s WHERE code = %s",
        [group.name, list(group.sites), now, group.code],
    )


async def delete_group(connection: Connection, code: str) -> bool:
    """Delete a group. Raises psycopg's ForeignKeyViolation while grants hang on it."""
    cursor = await connection.execute("DELETE FROM trust.site_groups WHERE code = %s", [code])
    return cursor.rowcount == 1
