"""The pool: one way to a transaction, and back on its feet when the server was gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

import psycopg
import structlog
from psycopg import AsyncConnection
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout

from amaan.engines.postgres.application import beginning, options_of
from amaan.kernel.acting import acting
from amaan.kernel.errors import UnavailableError

STATEMENT_TIMEOUT_MS = 60_000
IDLE_IN_TRANSACTION_TIMEOUT_MS = 60_000
WAIT_FOR_CONNECTION_S = 5.0
_SETTINGS: Final = {
    "statement_timeout": str(STATEMENT_TIMEOUT_MS),
    "idle_in_transaction_session_timeout": str(IDLE_IN_TRANSACTION_TIMEOUT_MS),
    "timezone": "UTC",
    "standard_conforming_strings": "on",  # ``beginning`` quotes by it
}

_log = structlog.get_logger(__name__)


class PostgresDatabase:
    """The engine behind ``kernel.engines.Database``.

    ``revive`` is called (never twice at once) when the server does not answer; for an embedded
    server it starts it again, for another one it does nothing and the pool reconnects by itself.
    """

    def __init__(
        self,
        dsn: str,
        *,
        revive: Callable[[], Awaitable[None]] | None = None,
        max_connections: int = 16,
    ) -> None:
        self._revive = revive
        self._reviving = asyncio.Lock()
        self._pool = AsyncConnectionPool(
            dsn,
            min_size=2,
            max_size=max_connections,
            open=False,
            timeout=WAIT_FOR_CONNECTION_S,
            check=AsyncConnectionPool.check_connection,
            reconnect_timeout=30,
            name="amaan",
            kwargs={
                "application_name": "amaan",
                "autocommit": True,  # transactions begin and end below, by our own statements
                "options": options_of(dsn, _SETTINGS),
            },
        )

    async def open(self, timeout_s: float = WAIT_FOR_CONNECTION_S * 2) -> None:
        """Connect. Raises UnavailableError when the server does not answer in time."""
        try:
            await self._pool.open(wait=True, timeout=timeout_s)
        except (PoolTimeout, psycopg.OperationalError) as error:
            await self._pool.close()
            raise UnavailableError("the database does not answer") from error

    async def close(self) -> None:
        """Give all connections back; later calls raise UnavailableError."""
        await self._pool.close(timeout=2.0)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection[TupleRow]]:
        """Lend a connection inside a transaction: commits on a clean exit, else rolls back.

        It works on behalf of ``kernel.acting``, and sees no more than that may.
        Raises UnavailableError when the server does not answer, goes away, or gives up for a
        reason that may pass (deadlock, time-out, full disk). Such a transaction has not
        committed, unless the connection broke in the very commit: then nobody knows, which is
        why writes carry ids of their own.
        """
        connection = await self._connection()
        try:
            try:
                await connection.execute(beginning(acting()), prepare=False)
                yield connection
            except BaseException:
                await _roll_back(connection)
                raise
            await _commit(connection)
        except psycopg.OperationalError as error:
            raise UnavailableError(_reason(error)) from error
        finally:
            await self._pool.putconn(connection)

    async def _connection(self) -> AsyncConnection[TupleRow]:
        try:
            return await self._pool.getconn()
        except PoolClosed as error:
            raise UnavailableError("the database is closed") from error
        except (PoolTimeout, psycopg.OperationalError) as error:
            if self._revive is None:
                raise UnavailableError("the database does not answer") from error
        await self.revive()
        try:
            return await self._pool.getconn()
        except (PoolTimeout, psycopg.OperationalError) as error:
            raise UnavailableError("the database does not answer") from error

    async def revive(self) -> None:
        """Bring the server back where that is ours to do. Raises UnavailableError if it fails."""
        if self._revive is None:
            return
        async with self._reviving:
            _log.warning("database.reviving")
            await self._revive()
            await self._pool.check()

    def connections(self) -> dict[str, int]:
        """Return the pool's counters, by psycopg_pool's names, for the metrics."""
        return dict(self._pool.get_stats())


async def _commit(connection: AsyncConnection[TupleRow]) -> None:
    ended = await connection.execute("COMMIT", prepare=False)
    if ended.statusmessage != "COMMIT":
        # A statement had failed and its error was swallowed: what was written is not there.
        raise psycopg.errors.InFailedSqlTransaction("a failed transaction was to be committed")


async def _roll_back(connection: AsyncConnection[TupleRow]) -> None:
    """End the transaction; what cannot be ended so, the pool throws away."""
    if connection.info.transaction_status in (TransactionStatus.INTRANS, TransactionStatus.INERROR):
        with suppress(psycopg.Error):
            await connection.execute("ROLLBACK", prepare=False)


def _reason(error: psycopg.OperationalError) -> str:
    """Say what kind of trouble it was, without the statement or its values."""
    if isinstance(error, psycopg.errors.QueryCanceled):
        return "the database took too long"
    if isinstance(error, psycopg.errors.DiskFull):
        return "the database's disk is full"
    if isinstance(error, psycopg.errors.DeadlockDetected | psycopg.errors.SerializationFailure):
        return "the database was busy with a conflicting change"
    return "the database went away"
