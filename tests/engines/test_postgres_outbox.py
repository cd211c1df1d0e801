from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import psycopg
import pytest
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from amaan.engines.postgres import relay as relay_module
from amaan.engines.postgres.database import PostgresDatabase
from amaan.engines.postgres.outbox import PostgresOutbox, trim
from amaan.engines.postgres.relay import Relay
from amaan.kernel.events import Event, NewEvent

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def _event(key: str, name: str = "plates.matched") -> NewEvent:
    return NewEvent(name, key, AT, {"id": key, "list": [1, None, "اب"]})


async def _announce(database: PostgresDatabase, *events: NewEvent) -> None:
    async with database.transaction() as connection:
        await PostgresOutbox().announce(connection, events)


async def _announce_and_fail(database: PostgresDatabase) -> None:
    async with database.transaction() as connection:
        await PostgresOutbox().announce(connection, [_event("lost")])
        raise RuntimeError


@asynccontextmanager
async def _running(relay: Relay) -> AsyncIterator[None]:
    task = asyncio.create_task(relay.run())
    try:
        yield
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def _until(seen: list[str], wanted: list[str]) -> None:
    async with asyncio.timeout(15):
        while seen != wanted:
            await asyncio.sleep(0.01)


async def test_subscriber_sees_events_of_its_names_in_commit_order(
    database: PostgresDatabase, dsn: str
) -> None:
    relay, seen = Relay(database, dsn), []

    async def handler(_: AsyncConnection[TupleRow], event: Event) -> None:
        assert event.occurred_at == AT
        assert event.payload["list"] == [1, None, "اب"]
        seen.append(event.key)

    relay.subscribe("alarms", ["plates.matched"], handler)
    await _announce(database, _event("before"))
    async with _running(relay):
        await _announce(database, _event("a"), _event("x", "plates.other"), _event("b"))
        await _announce(database, _event("c"))
        await _until(seen, ["before", "a", "b", "c"])
        assert [(d.subscriber, d.waiting) for d in await relay.deliveries()] == [("alarms", 0)]


async def test_rolled_back_announcement_is_never_seen(database: PostgresDatabase, dsn: str) -> None:
    with pytest.raises(RuntimeError):
        await _announce_and_fail(database)
    relay, seen = Relay(database, dsn), []

    async def handler(_: AsyncConnection[TupleRow], event: Event) -> None:
        seen.append(event.key)

    relay.subscribe("s", ["plates.matched"], handler)
    async with _running(relay):
        await _announce(database, _event("kept"))
        await _until(seen, ["kept"])


async def test_positions_grow_in_commit_order_under_concurrency(
    database: PostgresDatabase, dsn: str
) -> None:
    relay, seen = Relay(database, dsn), []

    async def handler(_: AsyncConnection[TupleRow], event: Event) -> None:
        seen.append(event.key)

    relay.subscribe("s", ["plates.matched"], handler)
    async with _running(relay):
        await asyncio.gather(*(_announce(database, _event(str(n))) for n in range(60)))
        async with asyncio.timeout(15):
            while len(seen) < 60:
                await asyncio.sleep(0.01)
    assert sorted(seen, key=int) == [str(n) for n in range(60)]


async def test_cursor_moves_in_the_transaction_of_the_handler(
    database: PostgresDatabase, dsn: str
) -> None:
    with psycopg.connect(dsn, autocommit=True) as owner:
        owner.execute("CREATE TABLE public.seen (key text)")
        owner.execute("GRANT ALL ON public.seen TO amaan_app")
    relay, tries = Relay(database, dsn), []

    async def handler(connection: AsyncConnection[TupleRow], event: Event) -> None:
        await connection.execute("INSERT INTO public.seen VALUES (%s)", [event.key])
        tries.append(event.key)
        if len(tries) < 3:
            raise ValueError("not yet")

    relay.subscribe("s", ["plates.matched"], handler)
    await _announce(database, _event("a"))
    async with _running(relay):
        await _until(tries, ["a", "a", "a"])
        await asyncio.sleep(0.1)
    async with database.transaction() as connection:
        rows = await (await connection.execute("SELECT key FROM public.seen")).fetchall()
    assert rows == [("a",)]


async def test_poison_event_is_put_aside_and_blocks_nobody(
    database: PostgresDatabase, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "FIRST_RETRY_S", 0.001)
    relay = Relay(database, dsn)
    poisoned: list[str] = []
    healthy: list[str] = []

    async def fails_on_a(connection: AsyncConnection[TupleRow], event: Event) -> None:
        if event.key == "a":
            await connection.execute("SELECT 1/0")
        poisoned.append(event.key)

    async def works(_: AsyncConnection[TupleRow], event: Event) -> None:
        healthy.append(event.key)

    relay.subscribe("poisoned", ["plates.matched"], fails_on_a)
    relay.subscribe("healthy", ["plates.matched"], works)
    await _announce(database, _event("a"), _event("b"))
    async with _running(relay):
        await _until(healthy, ["a", "b"])
        await _until(poisoned, ["b"])
        given_up = {d.subscriber: d.given_up for d in await relay.deliveries()}
    assert given_up == {"healthy": 0, "poisoned": 1}
    async with database.transaction() as connection:
        found = await connection.execute(
            "SELECT key, attempts, error FROM kernel.failed_deliveries"
        )
        (row,) = await found.fetchall()
    assert row[:2] == ("a", relay_module.MAX_ATTEMPTS)
    assert "DivisionByZero" in row[2]


async def test_event_given_up_is_tried_again_until_it_is_handled(
    database: PostgresDatabase, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "MAX_ATTEMPTS", 1)
    monkeypatch.setattr(relay_module, "GIVEN_UP_AGAIN_S", 0.05)
    relay, seen, tries = Relay(database, dsn), [], []

    async def fails_thrice_on_a(connection: AsyncConnection[TupleRow], event: Event) -> None:
        tries.append(event.key)
        assert event.occurred_at == AT
        if event.key == "a" and tries.count("a") <= 3:
            await connection.execute("SELECT 1/0")
        seen.append(event.key)

    relay.subscribe("s", ["plates.matched"], fails_thrice_on_a)
    await _announce(database, _event("a"), _event("b"))
    async with _running(relay):
        await _until(seen, ["b", "a"])
        async with asyncio.timeout(15):
            while [d.given_up for d in await relay.deliveries()] != [0]:
                await asyncio.sleep(0.01)
    assert tries.count("a") == 4


async def test_second_relay_goes_on_where_the_first_stopped(
    database: PostgresDatabase, dsn: str
) -> None:
    seen: list[str] = []

    async def handler(_: AsyncConnection[TupleRow], event: Event) -> None:
        seen.append(event.key)

    for key in ("a", "b"):
        await _announce(database, _event(key))
        relay = Relay(database, dsn)
        relay.subscribe("s", ["plates.matched"], handler)
        async with _running(relay):
            async with asyncio.timeout(15):
                while key not in seen or (await relay.deliveries())[0].waiting:
                    await asyncio.sleep(0.01)
    assert seen == ["a", "b"]


async def test_lost_listener_connection_delays_but_loses_nothing(
    database: PostgresDatabase, dsn: str
) -> None:
    relay, seen = Relay(database, dsn), []

    async def handler(_: AsyncConnection[TupleRow], event: Event) -> None:
        seen.append(event.key)

    relay.subscribe("s", ["plates.matched"], handler)
    async with _running(relay):
        await _announce(database, _event("a"))
        await _until(seen, ["a"])
        with psycopg.connect(dsn, autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name LIKE 'amaan%' AND datname = current_database()"
            )
        async with asyncio.timeout(15):
            await _announce(database, _event("b"))
        # The end may have come between the handler and its commit: then it hears "a" again.
        async with asyncio.timeout(15):
            while list(dict.fromkeys(seen)) != ["a", "b"]:
                await asyncio.sleep(0.01)


async def test_tail_resumes_after_a_position(database: PostgresDatabase, dsn: str) -> None:
    relay = Relay(database, dsn)
    await _announce(database, _event("a"), _event("b"))
    tail = relay.tail(after=0)
    first, second = await anext(tail), await anext(tail)
    await tail.aclose()
    assert (first.key, second.key) == ("a", "b")
    resumed = relay.tail(after=first.position)
    assert (await anext(resumed)).key == "b"
    await resumed.aclose()


async def test_trim_keeps_what_somebody_has_not_seen(database: PostgresDatabase, dsn: str) -> None:
    await _announce(database, _event("a"), _event("b"))
    with psycopg.connect(dsn, autocommit=True) as owner:
        owner.execute("UPDATE kernel.outbox SET recorded_at = now() - interval '40 days'")
    async with database.transaction() as connection:
        await connection.execute(
            "INSERT INTO kernel.cursors (subscriber, position) "
            "SELECT 's', min(position) FROM kernel.outbox"
        )
        assert await trim(connection, keep_days=30, most=10) == 1
