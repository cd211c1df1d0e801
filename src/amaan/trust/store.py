"""The only SQL about sign-in: accounts, grants, sessions and worker tokens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from amaan.trust.model import Account, Client, Factors, Grant, Session
from amaan.trust.roles import HELD_ALONE
from amaan.trust.rules import Attempts

Connection = AsyncConnection[TupleRow]


# An account with its grants, each with the sites of its group as they are now.
ACCOUNT = """a.id, a.username, a.display_name, coalesce((
    SELECT jsonb_agg(jsonb_build_array(g.role, g.site_group, to_jsonb(o.sites))
                     ORDER BY g.role, g.site_group NULLS FIRST)
    FROM trust.grants g LEFT JOIN trust.site_groups o ON o.code = g.site_group
    WHERE g.account = a.id), '[]')"""
FACTORS = """EXISTS (SELECT 1 FROM trust.totps t
           WHERE t.account = a.id AND t.confirmed_at IS NOT NULL),
    (SELECT count(*) FROM trust.passkeys p WHERE p.account = a.id AND p.refused_at IS NULL)"""


@dataclass(frozen=True, slots=True)
class Credentials:
    """An account with what a sign-in needs. Its repr is never logged.

    ``given_at``: when somebody else gave the password; None when its owner chose it.
    """

    account: Account
    password_hash: str
    attempts: Attempts
    disabled: bool
    given_at: datetime | None
    factors: Factors


@dataclass(frozen=True, slots=True)
class Kept:
    """A session as it is stored: what it owes is not decided yet."""

    session: Session
    must_change: bool


def account_of(row: Sequence[Any]) -> Account:
    """Return the account of the columns ACCOUNT."""
    grants = (
        Grant(role, group, None if sites is None else tuple(sites)) for role, group, sites in row[3]
    )
    return Account(row[0], row[1], row[2], tuple(grants))


async def any_account(connection: Connection) -> bool:
    """Tell whether the first run is over."""
    cursor = await connection.execute("SELECT 1 FROM trust.accounts LIMIT 1")
    return await cursor.fetchone() is not None


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to be added, its grants apart."""

    id: UUID
    username: str
    display_name: str
    password_hash: str
    must_change: bool


async def insert_account(
    connection: Connection, account: NewAccount, now: datetime, by: str
) -> None:
    """Add an account without grants. Raises psycopg's UniqueViolation for a name that is taken."""
    await connection.execute(
        "INSERT INTO trust.accounts (id, username, display_name, password_hash, "
        "must_change_password, created_at, created_by, password_changed_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        [
            *(account.id, account.username, account.display_name, account.password_hash),
            *(account.must_change, now, by, now),
        ],
    )


async def set_grants(
    connection: Connection, account: UUID, grants: Iterable[Grant], now: datetime, by: str
) -> None:
    """Replace the grants. Raises psycopg's ForeignKeyViolation for a group that is not there."""
    held = list(grants)
    kind = next((grant.role for grant in held if grant.role in HELD_ALONE), "operational")
    await connection.execute("DELETE FROM trust.grants WHERE account = %s", [account])
    await connection.execute(
        "UPDATE trust.accounts SET kind = %s WHERE id = %s", [str(kind), account]
    )
    for grant in held:
        await connection.execute(
            "INSERT INTO trust.grants (account, role, site_group, granted_at, granted_by) "
            "VALUES (%s, %s, %s, %s, %s)",
            [account, grant.role, grant.group, now, by],
        )


async def lock_credentials(connection: Connection, username: str) -> Credentials | None:
    """Return an account's credentials, locked to the end of the transaction."""
    cursor = await connection.execute(
        f"SELECT {ACCOUNT}, {FACTORS}, a.password_hash, a.failed_attempts, a.locked_until, "  # noqa: S608  constants
        "a.disabled_at IS NOT NULL, "
        "CASE WHEN a.must_change_password THEN a.password_changed_at END FROM trust.accounts a "
        "WHERE a.username = %s FOR UPDATE OF a",
        [username],
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    factors = Factors(row[4], row[5])
    return Credentials(account_of(row), row[6], Attempts(row[7], row[8]), row[9], row[10], factors)


async def find_account(connection: Connection, account: UUID) -> Account | None:
    """Return an account, disabled or not."""
    cursor = await connection.execute(
        f"SELECT {ACCOUNT} FROM trust.accounts a WHERE a.id = %s",  # noqa: S608  a constant
        [account],
    )
    row = await cursor.fetchone()
    return None if row is None else account_of(row)


async def take_attempt_back(connection: Connection, account: UUID, to_lock: int) -> None:
    """Uncount an attempt that was none, and the lock that came of it alone."""
    await connection.execute(
        "UPDATE trust.accounts SET failed_attempts = greatest(failed_attempts - 1, 0), "
        "locked_until = CASE WHEN failed_attempts <= %s THEN NULL ELSE locked_until END "
        "WHERE id = %s",
        [to_lock, account],
    )


async def set_attempts(connection: Connection, account: UUID, attempts: Attempts) -> None:
    """Write down failures in a row and the lock."""
    await connection.execute(
        "UPDATE trust.accounts SET failed_attempts = %s, locked_until = %s WHERE id = %s",
        [attempts.failed, attempts.locked_until, account],
    )


async def set_password(
    connection: Connection,
    account: UUID,
    password_hash: str,
    now: datetime,
    *,
    must_change: bool = False,
) -> None:
    """Replace the password; ``must_change``: it was given by somebody else."""
    await connection.execute(
        "UPDATE trust.accounts SET password_hash = %s, password_changed_at = %s, "
        "must_change_password = %s WHERE id = %s",
        [password_hash, now, must_change, account],
    )


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session to be added."""

    token_hash: bytes
    id: UUID
    account: UUID
    ends_at: datetime


async def insert_session(
    connection: Connection,
    session: NewSession,
    now: datetime,
    method: str,
    client: Client,
    *,
    strong: bool,
) -> None:
    """Add a session."""
    await connection.execute(
        "INSERT INTO trust.sessions (token_hash, id, account, created_at, last_seen_at, ends_at, "
        "address, agent, method, strong) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            *(session.token_hash, session.id, session.account, now, now, session.ends_at),
            *(client.address, client.agent, method, strong),
        ],
    )


_SESSION = (
    f"SELECT {ACCOUNT}, {FACTORS}, s.created_at, s.last_seen_at, s.ends_at, s.id, s.strong, "  # noqa: S608  constants
    "s.method, s.address, s.agent, a.must_change_password "
    "FROM trust.sessions s JOIN trust.accounts a ON a.id = s.account "
    "WHERE s.ended_at IS NULL AND a.disabled_at IS NULL "
)


def _session_of(row: Sequence[Any]) -> Session:
    return Session(
        account_of(row),
        created_at=row[6],
        last_seen_at=row[7],
        ends_at=row[8],
        id=row[9],
        strong=row[10],
        method=row[11],
        client=Client(row[12], row[13]),
        factors=Factors(row[4], row[5]),
    )


async def find_session(connection: Connection, token_hash: bytes) -> Kept | None:
    """Return a session that nobody ended, of an account that is not disabled."""
    cursor = await connection.execute(_SESSION + "AND s.token_hash = %s", [token_hash])
    row = await cursor.fetchone()
    return None if row is None else Kept(_session_of(row), row[14])


async def list_sessions(connection: Connection, account: UUID) -> list[Session]:
    """Return an account's sessions that nobody ended, newest first, some of them idle."""
    cursor = await connection.execute(
        _SESSION + "AND s.account = %s ORDER BY s.created_at DESC, s.id", [account]
    )
    return [_session_of(row) for row in await cursor.fetchall()]


async def strengthen_session(
    connection: Connection, token_hash: bytes, fresh_hash: bytes, method: str
) -> None:
    """Mark a session as strong, under another token."""
    await connection.execute(
        "UPDATE trust.sessions SET token_hash = %s, strong = true, method = %s "
        "WHERE token_hash = %s AND ended_at IS NULL",
        [fresh_hash, method, token_hash],
    )


async def revoke_sessions(
    connection: Connection,
    account: UUID,
    now: datetime,
    *,
    only: UUID | None = None,
    but: UUID | None = None,
    by: str = "revoked",
) -> int:
    """End an account's sessions: one, all but one, or all; return how many."""
    cursor = await connection.execute(
        "UPDATE trust.sessions SET ended_at = %s, ended_by = %s WHERE account = %s "
        "AND ended_at IS NULL AND (%s::uuid IS NULL OR id = %s) "
        "AND (%s::uuid IS NULL OR id <> %s)",
        [now, by, account, only, only, but, but],
    )
    return cursor.rowcount


async def mark_seen(connection: Connection, token_hash: bytes, now: datetime) -> None:
    """Move the idle time forward."""
    await connection.execute(
        "UPDATE trust.sessions SET last_seen_at = greatest(last_seen_at, %s) WHERE token_hash = %s",
        [now, token_hash],
    )


async def end_session(connection: Connection, token_hash: bytes, now: datetime) -> None:
    """End one session; idempotent."""
    await connection.execute(
        "UPDATE trust.sessions SET ended_at = %s, ended_by = 'sign_out' "
        "WHERE token_hash = %s AND ended_at IS NULL",
        [now, token_hash],
    )


async def end_sessions_of(
    connection: Connection, account: UUID, now: datetime, *, but: bytes
) -> None:
    """End all sessions of an account except one, because its password changed."""
    await connection.execute(
        "UPDATE trust.sessions SET ended_at = %s, ended_by = 'password_changed' "
        "WHERE account = %s AND ended_at IS NULL AND token_hash <> %s",
        [now, account, but],
    )


async def forget_old_sessions(connection: Connection, before: datetime) -> int:
    """Delete sessions that were over before a moment; return how many."""
    cursor = await connection.execute(
        "DELETE FROM trust.sessions WHERE coalesce(ended_at, ends_at) < %s", [before]
    )
    return cursor.rowcount


async def insert_worker_token(
    connection: Connection, token_hash: bytes, name: str, now: datetime
) -> None:
    """Make a token good; one that is known stays as it is."""
    await connection.execute(
        "INSERT INTO trust.worker_tokens (token_hash, name, created_at) VALUES (%s, %s, %s) "
        "ON CONFLICT DO NOTHING",
        [token_hash, name, now],
    )


async def find_worker_token(connection: Connection, token_hash: bytes) -> str | None:
    """Return the name of a token that is known and not revoked."""
    cursor = await connection.execute(
        "SELECT name FROM trust.worker_tokens WHERE token_hash = %s AND revoked_at IS NULL",
        [token_hash],
    )
    row = await cursor.fetchone()
    return None if row is None else str(row[0])
