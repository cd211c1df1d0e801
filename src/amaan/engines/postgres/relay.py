"""Carries announced events to their subscribers, each at its own pace."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import orjson
import psycopg
import structlog
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from amaan.engines.postgres.outbox import CHANNEL, events_after, last_position
from amaan.kernel.acting import acting_as, system
from amaan.kernel.engines import Database
from amaan.kernel.errors import UnavailableError
from amaan.kernel.events import Event, Handler
from amaan.kernel.tasks import run_all

POLL_S = 1.0  # events arrive by NOTIFY; this is for the time while nobody listens
HANDLER_TIMEOUT_S = 30.0
MAX_ATTEMPTS = 6
FIRST_RETRY_S = 0.1  # doubled each time: an event is given up after about 3 s of trying
GIVEN_UP_AGAIN_S = 60.0  # then one that was given up is tried once more, while nothing waits
TAIL_BATCH = 500

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far a subscriber is. ``waiting`` counts events after its cursor, wanted or not."""

    subscriber: str
    waiting: int
    oldest_s: float
    given_up: int


@dataclass(slots=True)
class _Subscriber:
    name: str
    names: tuple[str, ...]
    handler: Handler
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    attempts: int = 0
    failing: int | None = None


class _HandlerError(Exception):
    """Wraps what a handler raised, with the event that it raised on."""

    def __init__(self, event: Event, cause: BaseException) -> None:
        super().__init__(f"{type(cause).__name__}: {cause}"[:500])
        self.event = event


class Relay:
    """The engine behind ``kernel.events.Subscriptions``; ``run`` it for as long as the centre."""

    def __init__(self, database: Database, dsn: str) -> None:
        self._database = database
        self._dsn = dsn
        self._subscribers: dict[str, _Subscriber] = {}
        self._tails: set[asyncio.Event] = set()

    def subscribe(self, subscriber: str, names: Sequence[str], handler: Handler) -> None:
        """Call ``handler`` in a transaction of its own, with the cursor moved in the same one.

        A handler that raises is tried again with back-off, without holding up other subscribers;
        after MAX_ATTEMPTS its event goes to kernel.failed_deliveries, to be tried again each
        GIVEN_UP_AGAIN_S while no other waits (so perhaps after later ones). Trouble of the database
        itself (UnavailableError) never counts as an attempt.
        """
        assert subscriber not in self._subscribers, f"two subscribers named {subscriber}"
        self._subscribers[subscriber] = _Subscriber(subscriber, tuple(names), handler)

    async def run(self) -> None:
        """Deliver until cancelled, as the system."""
        with _as_the_system():
            await run_all([self._listen(), *map(self._serve, self._subscribers.values())])

    async def tail(self, after: int | None = None) -> AsyncGenerator[Event]:
        """Yield every event after a position (by default: from now on) as it commits, without end.

        Keeps no cursor. Waits out trouble of the database.
        """
        wake = asyncio.Event()
        self._tails.add(wake)
        position = after
        try:
            while True:
                wake.clear()
                try:
                    position, events = await self._next(position)
                except UnavailableError:
                    await asyncio.sleep(POLL_S)
                    continue
                for event in events:
                    yield event
                    position = event.position
                if not events:
                    await _wait(wake)
        finally:
            self._tails.discard(wake)

    async def _next(self, position: int | None) -> tuple[int, list[Event]]:
        with _as_the_system():
            async with self._database.transaction() as connection:
                after = await last_position(connection) if position is None else position
                return after, await events_after(connection, after, TAIL_BATCH)

    async def newest(self) -> int:
        """Return the position of the last committed event; 0 when there was never one."""
        with _as_the_system():
            async with self._database.transaction() as connection:
                return await last_position(connection)

    async def after(self, position: int, limit: int) -> list[Event]:
        """Return the next events after a position, whatever their names, oldest first."""
        with _as_the_system():
            async with self._database.transaction() as connection:
                return await events_after(connection, position, limit)

    async def deliveries(self) -> list[Delivery]:
        """Return the state of each subscriber."""
        names = list(self._subscribers)
        with _as_the_system():
            async with self._database.transaction() as connection:
                cursor = await connection.execute(
                    "SELECT s.name, count(o.position), "
                    "coalesce(extract(epoch FROM now() - min(o.recorded_at)), 0)::float8, "
                    "(SELECT count(*) FROM kernel.failed_deliveries f WHERE f.subscriber = s.name) "
                    "FROM unnest(%s::text[]) AS s(name) "
                    "LEFT JOIN kernel.cursors c ON c.subscriber = s.name "
                    "LEFT JOIN kernel.outbox o ON o.position > coalesce(c.position, 0) "
                    "GROUP BY s.name ORDER BY s.name",
                    [names],
                )
                return [Delivery(*row) for row in await cursor.fetchall()]

    def _ring(self) -> None:
        for subscriber in self._subscribers.values():
            subscriber.wake.set()
        for wake in self._tails:
            wake.set()

    async def _listen(self) -> None:
        while True:
            try:
                connection = await AsyncConnection.connect(
                    self._dsn, autocommit=True, application_name="amaan relay"
                )
                async with connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    self._ring()
                    async for _ in connection.notifies():
                        self._ring()
            except (psycopg.OperationalError, OSError) as error:
                _log.warning("relay.not_listening", error=type(error).__name__)
                await asyncio.sleep(POLL_S)

    async def _serve(self, subscriber: _Subscriber) -> None:
        while True:
            subscriber.wake.clear()
            try:
                if not await self._deliver_one(subscriber) and not await self._retry(subscriber):
                    await _wait(subscriber.wake)
            except UnavailableError as error:
                _log.warning("relay.waiting", subscriber=subscriber.name, reason=error.detail)
                await asyncio.sleep(POLL_S)
            except _HandlerError as error:
                await self._handle_failure(subscriber, error)
            except Exception:  # noqa: BLE001  the top of this task's loop
                _log.exception("relay.broken", subscriber=subscriber.name)
                await asyncio.sleep(POLL_S)

    async def _deliver_one(self, subscriber: _Subscriber) -> bool:
        """Handle the next wanted event; return False when there is nothing to do."""
        async with self._database.transaction() as connection:
            position = await _cursor_of(connection, subscriber.name)
            newest = await last_position(connection)
            if newest <= position:
                return False
            found = await connection.execute(
                "SELECT position, name, key, occurred_at, payload FROM kernel.outbox "
                "WHERE position > %s AND position <= %s AND name = ANY(%s) "
                "ORDER BY position LIMIT 1",
                [position, newest, list(subscriber.names)],
            )
            row = await found.fetchone()
            if row is None:
                await _move(connection, subscriber.name, newest)
                return True
            event = Event(*row)
            await _handle(subscriber, connection, event)
            await _move(connection, subscriber.name, event.position)
        subscriber.attempts, subscriber.failing = 0, None
        return True

    async def _retry(self, subscriber: _Subscriber) -> bool:
        """Try the oldest event given up that is due again; return False when none was mended."""
        try:
            async with self._database.transaction() as connection:
                # the outbox may have been trimmed meanwhile: then only failed_at is left
                found = await connection.execute(
                    "SELECT f.position, f.name, f.key, coalesce(o.occurred_at, f.failed_at), "
                    "f.payload FROM kernel.failed_deliveries f "
                    "LEFT JOIN kernel.outbox o ON o.position = f.position "
                    "WHERE f.subscriber = %s AND f.name = ANY(%s) "
                    "AND f.failed_at <= clock_timestamp() - make_interval(secs => %s) "
                    "ORDER BY f.position LIMIT 1 FOR UPDATE OF f SKIP LOCKED",
                    [subscriber.name, list(subscriber.names), GIVEN_UP_AGAIN_S],
                )
                row = await found.fetchone()
                if row is None:
                    return False
                event = Event(*row)
                await _handle(subscriber, connection, event)
                await connection.execute(
                    "DELETE FROM kernel.failed_deliveries WHERE subscriber = %s AND position = %s",
                    [subscriber.name, event.position],
                )
        except _HandlerError as error:
            await self._put_off(subscriber, error)
            return False
        _log.info("relay.mended", subscriber=subscriber.name, position=event.position)
        return True

    async def _put_off(self, subscriber: _Subscriber, error: _HandlerError) -> None:
        async with self._database.transaction() as connection:
            await connection.execute(
                "UPDATE kernel.failed_deliveries SET attempts = attempts + 1, error = %s, "
                "failed_at = clock_timestamp() WHERE subscriber = %s AND position = %s",
                [str(error).replace("\0", ""), subscriber.name, error.event.position],
            )
        _log.warning(
            "relay.failed_again",
            subscriber=subscriber.name,
            position=error.event.position,
            error=str(error),
        )

    async def _handle_failure(self, subscriber: _Subscriber, error: _HandlerError) -> None:
        event = error.event
        if subscriber.failing != event.position:
            subscriber.failing, subscriber.attempts = event.position, 0
        subscriber.attempts += 1
        _log.error(
            "relay.handler_failed",
            subscriber=subscriber.name,
            event_name=event.name,
            position=event.position,
            attempt=subscriber.attempts,
            exc_info=error.__cause__,
        )
        if subscriber.attempts >= MAX_ATTEMPTS:
            try:
                await self._give_up(subscriber, event, str(error))
                return
            except UnavailableError:
                _log.warning("relay.waiting", subscriber=subscriber.name)
        await asyncio.sleep(FIRST_RETRY_S * 2 ** min(subscriber.attempts - 1, 8))

    async def _give_up(self, subscriber: _Subscriber, event: Event, reason: str) -> None:
        async with self._database.transaction() as connection:
            await connection.execute(
                "INSERT INTO kernel.failed_deliveries "
                "(subscriber, position, name, key, payload, attempts, error) "
                "VALUES (%s, %s, %s, %s, %s::jsonb, %s, %s) ON CONFLICT DO NOTHING",
                [
                    subscriber.name,
                    event.position,
                    event.name,
                    event.key,
                    orjson.dumps(event.payload).decode(),
                    subscriber.attempts,
                    reason.replace("\0", ""),
                ],
            )
            await _move(connection, subscriber.name, event.position)
        subscriber.attempts, subscriber.failing = 0, None


def _as_the_system() -> AbstractContextManager[None]:
    """Events are the system's, whoever asks: the console tells each what it may know."""
    return acting_as(system("events"))


async def _handle(
    subscriber: _Subscriber, connection: AsyncConnection[TupleRow], event: Event
) -> None:
    """Call the handler; what it raises, but for trouble of the database, as _HandlerError."""
    try:
        async with asyncio.timeout(HANDLER_TIMEOUT_S):
            await subscriber.handler(connection, event)
    except (UnavailableError, psycopg.OperationalError, asyncio.CancelledError):
        raise
    except Exception as error:
        raise _HandlerError(event, error) from error


async def _wait(wake: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(POLL_S):
            await wake.wait()
    except TimeoutError:
        return


async def _cursor_of(connection: AsyncConnection[TupleRow], subscriber: str) -> int:
    """Return the subscriber's cursor, locked to the end of the transaction."""
    await connection.execute(
        "INSERT INTO kernel.cursors (subscriber, position) VALUES (%s, 0) ON CONFLICT DO NOTHING",
        [subscriber],
    )
    cursor = await connection.execute(
        "SELECT position FROM kernel.cursors WHERE subscriber = %s FOR UPDATE", [subscriber]
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def _move(connection: AsyncConnection[TupleRow], subscriber: str, position: int) -> None:
    await connection.execute(
        "INSERT INTO kernel.cursors (subscriber, position) VALUES (%s, %s) "
        "ON CONFLICT (subscriber) DO UPDATE "
        "SET position = excluded.position, moved_at = clock_timestamp()",
        [subscriber, position],
    )
