"""The pool: one way to a transaction, and back on its feet when the server was gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import psycopg
import structlog
from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout

from amaan.kernel.errors import UnavailableError

STATEMENT_TIMEOUT_MS = 60_000
IDLE_IN_TRANSACTION_TIMEOUT_MS = 60_000
WAIT_FOR_CONNECTION_S = 5.0

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
                "options": f"-c statement_timeout={STATEMENT_TIMEOUT_MS} "
                f"-c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_TIMEOUT_MS} "
                "-c timezone=UTC",
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

        Raises UnavailableError when the server does not answer, goes away, or gives up for a
        reason that may pass (deadlock, time-out, full disk). Such a transaction has not
        committed, unless the connection broke in the very commit: then nobody knows, which is
        why writes carry ids of their own.
        """
        connection = await self._connection()
        try:
            async with connection.transaction():
                yield connection
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


def _reason(error: psycopg.OperationalError) -> str:
    """Say what kind of trouble it was, without the statement or its values."""
    if isinstance(error, psycopg.errors.QueryCanceled):
        return "the database took too long"
    if isinstance(error, psycopg.errors.DiskFull):
        return "the database's disk is full"
    if isinstance(error, psycopg.errors.DeadlockDetected | psycopg.errors.SerializationFailure):
        return "the database was busy with a conflicting change"
    return "the database went away"
