"""The only SQL about second factors and tickets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from amaan.trust.factors.model import Passkey

Connection = AsyncConnection[TupleRow]


@dataclass(frozen=True, slots=True)
class Totp:
    """An account's secret, still sealed."""

    secret_sealed: str
    confirmed: bool
    last_step: int


@dataclass(frozen=True, slots=True)
class Credential:
    """A passkey with what an answer is held against."""

    id: UUID
    account: UUID
    public_key: bytes
    sign_count: int
    rp_id: str
    refused: bool


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """A passkey to be added."""

    id: UUID
    account: UUID
    credential_id: bytes
    public_key: bytes
    sign_count: int
    rp_id: str
    name: str
    transports: tuple[str, ...]
    backed_up: bool


async def lock_account(connection: Connection, account: UUID) -> None:
    """Keep others from changing the account's factors until the transaction ends."""
    await connection.execute("SELECT 1 FROM trust.accounts WHERE id = %s FOR UPDATE", [account])


async def put_totp(connection: Connection, account: UUID, sealed: str, now: datetime) -> None:
    """Keep a secret that is not in use yet, in place of an older one that never was."""
    await connection.execute(
        "INSERT INTO trust.totps (account, secret_sealed, created_at) VALUES (%s, %s, %s) "
        "ON CONFLICT (account) DO UPDATE SET secret_sealed = excluded.secret_sealed, "
        "created_at = excluded.created_at WHERE trust.totps.confirmed_at IS NULL",
        [account, sealed, now],
    )


async def find_totp(connection: Connection, account: UUID) -> Totp | None:
    """Return an account's secret, in use or not."""
    cursor = await connection.execute(
        "SELECT secret_sealed, confirmed_at IS NOT NULL, last_step FROM trust.totps "
        "WHERE account = %s",
        [account],
    )
    row = await cursor.fetchone()
    return None if row is None else Totp(*row)


async def take_step(connection: Connection, account: UUID, step: int) -> bool:
    """Take a code's step; False when it or a later one was taken meanwhile."""
    cursor = await connection.execute(
        "UPDATE trust.totps SET last_step = %s WHERE account = %s AND last_step < %s",
        [step, account, step],
    )
    return cursor.rowcount == 1


async def confirm_totp(connection: Connection, account: UUID, now: datetime) -> None:
    """Put the secret to use."""
    await connection.execute(
        "UPDATE trust.totps SET confirmed_at = %s WHERE account = %s", [now, account]
    )


async def delete_totp(connection: Connection, account: UUID) -> bool:
    """Forget secret and recovery codes; tell whether the secret was in use."""
    await connection.execute("DELETE FROM trust.recovery_codes WHERE account = %s", [account])
    cursor = await connection.execute(
        "DELETE FROM trust.totps WHERE account = %s RETURNING confirmed_at IS NOT NULL", [account]
    )
    row = await cursor.fetchone()
    return row is not None and bool(row[0])


async def put_recovery_codes(
    connection: Connection, account: UUID, hashes: Iterable[bytes]
) -> None:
    """Replace an account's recovery codes."""
    await connection.execute("DELETE FROM trust.recovery_codes WHERE account = %s", [account])
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "INSERT INTO trust.recovery_codes (account, code_hash) VALUES (%s, %s)",
            [(account, code) for code in hashes],
        )


async def take_recovery_code(
    connection: Connection, account: UUID, code_hash: bytes, now: datetime
) -> bool:
    """Use up a recovery code; False for one that is unknown or used."""
    cursor = await connection.execute(
        "UPDATE trust.recovery_codes SET used_at = %s "
        "WHERE account = %s AND code_hash = %s AND used_at IS NULL",
        [now, account, code_hash],
    )
    return cursor.rowcount == 1


async def insert_passkey(connection: Connection, passkey: NewPasskey, now: datetime) -> None:
    """Add a passkey. Raises psycopg's UniqueViolation for a credential that is known."""
    await connection.execute(
        "INSERT INTO trust.passkeys (id, account, credential_id, public_key, sign_count, rp_id, "
        "name, transports, backed_up, created_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            *(passkey.id, passkey.account, passkey.credential_id, passkey.public_key),
            *(passkey.sign_count, passkey.rp_id, passkey.name, list(passkey.transports)),
            *(passkey.backed_up, now),
        ],
    )


async def list_passkeys(connection: Connection, account: UUID) -> list[Passkey]:
    """Return an account's passkeys, oldest first."""
    cursor = await connection.execute(
        "SELECT id, name, created_at, last_used_at, backed_up, refused_at FROM trust.passkeys "
        "WHERE account = %s ORDER BY created_at, id",
        [account],
    )
    return [Passkey(*row) for row in await cursor.fetchall()]


async def credential_ids(connection: Connection, account: UUID) -> list[bytes]:
    """Return what the account's devices call their passkeys."""
    cursor = await connection.execute(
        "SELECT credential_id FROM trust.passkeys WHERE account = %s", [account]
    )
    return [row[0] for row in await cursor.fetchall()]


async def lock_credential(connection: Connection, credential_id: bytes) -> Credential | None:
    """Return a passkey, locked to the end of the transaction."""
    cursor = await connection.execute(
        "SELECT id, account, public_key, sign_count, rp_id, refused_at IS NOT NULL "
        "FROM trust.passkeys WHERE credential_id = %s FOR UPDATE",
        [credential_id],
    )
    row = await cursor.fetchone()
    return None if row is None else Credential(*row)


async def use_passkey(connection: Connection, passkey: UUID, count: int, now: datetime) -> None:
    """Write down that a passkey signed in."""
    await connection.execute(
        "UPDATE trust.passkeys SET sign_count = %s, last_used_at = %s WHERE id = %s",
        [count, now, passkey],
    )


async def refuse_passkey(connection: Connection, passkey: UUID, now: datetime) -> None:
    """Never accept a passkey again."""
    await connection.execute(
        "UPDATE trust.passkeys SET refused_at = %s WHERE id = %s", [now, passkey]
    )


async def delete_passkey(connection: Connection, account: UUID, passkey: UUID) -> bool:
    """Forget a passkey of an account; False when it has no such."""
    cursor = await connection.execute(
        "DELETE FROM trust.passkeys WHERE id = %s AND account = %s", [passkey, account]
    )
    return cursor.rowcount == 1


async def insert_ticket(
    connection: Connection,
    ticket_hash: bytes,
    purpose: str,
    account: UUID | None,
    sealed: str,
    expires_at: datetime,
) -> None:
    """Keep a challenge until it is answered."""
    await connection.execute(
        "INSERT INTO trust.tickets (ticket_hash, purpose, account, sealed, expires_at) "
        "VALUES (%s, %s, %s, %s, %s)",
        [ticket_hash, purpose, account, sealed, expires_at],
    )


async def take_ticket(
    connection: Connection, ticket_hash: bytes, purpose: str, account: UUID | None, now: datetime
) -> str | None:
    """Return what a challenge was kept with, and forget it; None when there is no such."""
    cursor = await connection.execute(
        "DELETE FROM trust.tickets WHERE ticket_hash = %s "
        "RETURNING purpose = %s AND account IS NOT DISTINCT FROM %s::uuid AND expires_at > %s, "
        "sealed",
        [ticket_hash, purpose, account, now],
    )
    row = await cursor.fetchone()
    return None if row is None or not row[0] else str(row[1])


async def forget_tickets(connection: Connection, before: datetime) -> None:
    """Delete what is too old to be answered."""
    await connection.execute("DELETE FROM trust.tickets WHERE expires_at <= %s", [before])


async def find_binding(connection: Connection, issuer: str, subject: str) -> UUID | None:
    """Return the account that a provider's subject is bound to."""
    cursor = await connection.execute(
        "SELECT account FROM trust.oidc_bindings WHERE issuer = %s AND subject = %s",
        [issuer, subject],
    )
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def bind(
    connection: Connection, username: str, issuer: str, subject: str, now: datetime
) -> UUID | None:
    """Bind an account that is bound to nobody; None when there is no such account."""
    cursor = await connection.execute(
        "INSERT INTO trust.oidc_bindings (account, issuer, subject, bound_at) "
        "SELECT id, %s, %s, %s FROM trust.accounts WHERE username = %s AND disabled_at IS NULL "
        "ON CONFLICT DO NOTHING RETURNING account",
        [issuer, subject, now, username],
    )
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def forget_factors(connection: Connection, account: UUID) -> None:
    """Remove every second factor and binding of an account."""
    await delete_totp(connection, account)
    await connection.execute("DELETE FROM trust.passkeys WHERE account = %s", [account])
    await connection.execute("DELETE FROM trust.oidc_bindings WHERE account = %s", [account])
    await connection.execute("DELETE FROM trust.tickets WHERE account = %s", [account])
