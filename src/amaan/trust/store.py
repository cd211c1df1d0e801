"""The only SQL about accounts, sessions and worker tokens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from amaan.trust.model import Account, Grant, Session
from amaan.trust.rules import Attempts

Connection = AsyncConnection[TupleRow]


@dataclass(frozen=True, slots=True)
class Credentials:
    """An account with what a sign-in needs. Its repr is never logged."""

    account: Account
    password_hash: str
    attempts: Attempts
    disabled: bool


def _grants(roles: list[str]) -> tuple[Grant, ...]:
    return tuple(Grant(role) for role in roles)


async def any_account(connection: Connection) -> bool:
    """Tell whether the first run is over."""
    cursor = await connection.execute("SELECT 1 FROM trust.accounts LIMIT 1")
    return await cursor.fetchone() is not None


async def insert_account(
    connection: Connection, account: Account, password_hash: str, now: datetime
) -> None:
    """Add an account."""
    await connection.execute(
        "INSERT INTO trust.accounts (id, username, display_name, password_hash, roles, "
        "created_at, password_changed_at) VALUES (%s, %s, %s, %s, %s, %s, %s)",
        [
            account.id,
            account.username,
            account.display_name,
            password_hash,
            list(account.roles),
            now,
            now,
        ],
    )


async def lock_credentials(connection: Connection, username: str) -> Credentials | None:
    """Return an account's credentials, locked to the end of the transaction."""
    cursor = await connection.execute(
        "SELECT id, username, display_name, roles, password_hash, failed_attempts, locked_until, "
        "disabled_at IS NOT NULL FROM trust.accounts WHERE username = %s FOR UPDATE",
        [username],
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    account = Account(row[0], row[1], row[2], _grants(row[3]))
    return Credentials(account, row[4], Attempts(row[5], row[6]), row[7])


async def set_attempts(connection: Connection, account: UUID, attempts: Attempts) -> None:
    """Write down failures in a row and the lock."""
    await connection.execute(
        "UPDATE trust.accounts SET failed_attempts = %s, locked_until = %s WHERE id = %s",
        [attempts.failed, attempts.locked_until, account],
    )


async def set_password(
    connection: Connection, account: UUID, password_hash: str, now: datetime
) -> None:
    """Replace the password."""
    await connection.execute(
        "UPDATE trust.accounts SET password_hash = %s, password_changed_at = %s WHERE id = %s",
        [password_hash, now, account],
    )


async def insert_session(connection: Connection, token_hash: bytes, session: Session) -> None:
    """Add a session."""
    await connection.execute(
        "INSERT INTO trust.sessions (token_hash, account, created_at, last_seen_at, ends_at) "
        "VALUES (%s, %s, %s, %s, %s)",
        [
            token_hash,
            session.account.id,
            session.created_at,
            session.last_seen_at,
            session.ends_at,
        ],
    )


async def find_session(connection: Connection, token_hash: bytes) -> Session | None:
    """Return a session that nobody ended, of an account that is not disabled."""
    cursor = await connection.execute(
        "SELECT a.id, a.username, a.display_name, a.roles, s.created_at, s.last_seen_at, "
        "s.ends_at FROM trust.sessions s JOIN trust.accounts a ON a.id = s.account "
        "WHERE s.token_hash = %s AND s.ended_at IS NULL AND a.disabled_at IS NULL",
        [token_hash],
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    return Session(Account(row[0], row[1], row[2], _grants(row[3])), row[4], row[5], row[6])


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
