from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

import pytest

from amaan.console import live as live_module
from amaan.console.live import Check, LiveEvents, TooManyStreamsError, camera_at, everybody
from amaan.engines.postgres.outbox import PostgresOutbox
from amaan.engines.postgres.relay import Relay
from amaan.kernel.acting import Acting, act_as
from amaan.kernel.engines import Database
from amaan.kernel.errors import NotFoundError, UnavailableError
from amaan.kernel.events import Event, JsonValue, NewEvent
from amaan.kernel.tasks import cancel_all
from amaan.trust.model import Account, Grant, NotSignedInError

AT = datetime(2026, 1, 1, tzinfo=UTC)
ADMINISTRATOR = Account(UUID(int=1), "a", "A", (Grant("supervisor"), Grant("video_operator")))
NOBODY = Account(UUID(int=2), "n", "N", ())


async def administrator() -> Account:
    return ADMINISTRATOR


async def nobody() -> Account:
    return NOBODY


async def site_of(camera: str) -> str | None:
    return {"GATE-A": "GATE", "PORT-A": "PORT"}.get(camera)


def watching(*sites: str) -> Check:
    account = Account(UUID(int=3), "w", "W", (Grant("dispatcher", "some", sites),))

    async def check() -> Account:
        return account

    return check


@pytest.fixture
async def live(database: Database, application_dsn: str) -> AsyncIterator[LiveEvents]:
    relay = Relay(database, application_dsn)
    events = LiveEvents(relay, site_of)
    events.show("alarms.raised", "alarm.raised", "alarms.view")
    tasks = [asyncio.create_task(relay.run()), asyncio.create_task(events.run())]
    began = events.stream(administrator, None)
    await _next(began)
    await began.aclose()
    yield events
    events.close()
    await cancel_all(tasks)


async def _announce(database: Database, *keys: str, name: str = "alarms.raised") -> None:
    async with database.transaction() as connection:
        await PostgresOutbox().announce(
            connection, [NewEvent(name, key, AT, {"id": key}) for key in keys]
        )


def _position(chunk: bytes) -> int:
    (line,) = (x for x in chunk.decode().splitlines() if x.startswith("id: "))
    return int(line.removeprefix("id: "))


async def _next(stream: AsyncGenerator[bytes]) -> bytes:
    async with asyncio.timeout(10):
        return await anext(stream)


async def test_client_hears_what_happens_after_it_came(
    live: LiveEvents, database: Database
) -> None:
    stream = live.stream(administrator, None)
    assert b"event: ready" in await _next(stream)
    await _announce(database, "x", name="other.happened")
    await _announce(database, "a")
    heard = await _next(stream)
    assert b"event: alarm.raised\n" in heard
    assert heard.endswith(b'data: {"id":"a"}\n\n')
    await stream.aclose()
    assert live.clients == 0


async def test_client_that_comes_back_misses_nothing(live: LiveEvents, database: Database) -> None:
    stream = live.stream(administrator, None)
    ready = await _next(stream)
    await stream.aclose()
    await _announce(database, "a", "b")
    back = live.stream(administrator, _position(ready))
    await _next(back)
    first = await _next(back)
    assert b'"a"' in first
    assert b'"b"' in await _next(back)
    await back.aclose()
    again = live.stream(administrator, _position(first))
    await _next(again)
    assert b'"b"' in await _next(again)
    await again.aclose()


async def test_client_that_was_away_longer_than_the_ring_reads_from_the_outbox(
    live: LiveEvents, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "RING", 3)
    monkeypatch.setattr(live_module, "CATCH_UP_BATCH", 4)
    witness = live.stream(administrator, None)
    start = _position(await _next(witness))
    keys = [f"k{n}" for n in range(20)]
    await _announce(database, *keys)
    async with asyncio.timeout(10):
        while b"k19" not in await _next(witness):
            pass
    back = live.stream(administrator, start)
    await _next(back)
    heard = [await _next(back) for _ in keys]
    assert [f'"{key}"'.encode() in chunk for key, chunk in zip(keys, heard, strict=True)] == [
        True
    ] * 20
    await back.aclose()
    await witness.aclose()


async def test_client_that_missed_too_much_is_told_to_read_anew(
    live: LiveEvents, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "CATCH_UP_MOST", 2)
    witness = live.stream(administrator, None)
    start = _position(await _next(witness))
    await _announce(database, "a", "b", "c")
    for _ in range(3):
        await _next(witness)
    back = live.stream(administrator, start)
    await _next(back)
    assert b"event: resync" in await _next(back)
    await back.aclose()
    await witness.aclose()


async def test_reader_that_stands_still_holds_up_nobody(
    live: LiveEvents, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "RING", 5)
    frozen = live.stream(administrator, None)
    await _next(frozen)
    moving = live.stream(administrator, None)
    await _next(moving)
    for number in range(30):
        await _announce(database, f"k{number}")
        assert f'"k{number}"'.encode() in await _next(moving)
    heard = [await _next(frozen) for _ in range(30)]
    assert b'"k0"' in heard[0]
    assert b'"k29"' in heard[-1]
    await frozen.aclose()
    await moving.aclose()


async def test_account_without_the_permission_hears_nothing(
    live: LiveEvents, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "KEEP_ALIVE_S", 0.3)
    stream = live.stream(nobody, None)
    await _next(stream)
    await _announce(database, "a")
    assert await _next(stream) == live_module.BEAT
    await stream.aclose()


async def test_client_hears_of_cameras_at_its_sites_only(
    live: LiveEvents, database: Database
) -> None:
    live.show("alarms.changed", "alarm.changed", "alarms.view", about=camera_at("id"))
    live.show("video.noted", "noted", "video.health", about=everybody)
    streams = [live.stream(watching("PORT"), None), live.stream(administrator, None)]
    for stream in streams:
        await _next(stream)
    await _announce(database, "GATE-A", "PORT-A", "GONE-A", name="alarms.changed")
    await _announce(database, "about no camera")
    await _announce(database, "end", name="video.noted")
    assert [(await _next(streams[0])).split(b'"id":"')[1][:6] for _ in range(2)] == [
        b"PORT-A",
        b'end"}\n',
    ]
    assert b"GATE-A" in await _next(streams[1])
    for stream in streams:
        await stream.aclose()


async def test_client_that_comes_back_hears_no_more_of_other_sites_than_before(
    live: LiveEvents, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "RING", 1)
    live.show("alarms.changed", "alarm.changed", "alarms.view", about=camera_at("id"))
    witness = live.stream(administrator, None)
    start = _position(await _next(witness))
    await _announce(database, "GATE-A", "PORT-A", "GATE-A", "PORT-A", name="alarms.changed")
    for _ in range(4):
        await _next(witness)
    await witness.aclose()
    back = live.stream(watching("PORT"), start)
    act_as(Acting("account:3", ("PORT",)))  # as the guard of its route would
    await _next(back)
    assert [b"PORT-A" in await _next(back) for _ in range(2)] == [True, True]
    await back.aclose()


async def test_silent_stream_ends_soon_after_its_session_was_revoked_elsewhere(
    live: LiveEvents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "CHECK_EVERY_S", 0.1)
    signed_in = True

    async def check() -> Account:
        if not signed_in:
            raise NotSignedInError("over")
        return ADMINISTRATOR

    stream = live.stream(check, None)
    await _next(stream)
    signed_in = False
    with pytest.raises(StopAsyncIteration):
        await _next(stream)


async def test_stream_beats_while_only_others_are_told(
    live: LiveEvents, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "KEEP_ALIVE_S", 0.4)
    stream = live.stream(nobody, None)
    await _next(stream)
    beat = asyncio.create_task(_next(stream))
    for number in range(60):
        if beat.done():
            break
        await _announce(database, f"k{number}")
        await asyncio.sleep(0.05)
    assert beat.done()
    assert await beat == live_module.BEAT
    await stream.aclose()


async def test_silence_is_broken_by_beats(
    live: LiveEvents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "KEEP_ALIVE_S", 0.05)
    stream = live.stream(administrator, None)
    await _next(stream)
    assert [await _next(stream) for _ in range(2)] == [b"event: beat\ndata: {}\n\n"] * 2
    await stream.aclose()


async def test_stream_ends_as_soon_as_its_session_does(live: LiveEvents) -> None:
    signed_in = True

    async def check() -> Account:
        if not signed_in:
            raise NotSignedInError("over")
        return ADMINISTRATOR

    stream = live.stream(check, None)
    await _next(stream)
    signed_in = False
    live.recheck()
    with pytest.raises(StopAsyncIteration):
        await _next(stream)


async def test_centre_that_stops_ends_all_streams(live: LiveEvents) -> None:
    stream = live.stream(administrator, None)
    await _next(stream)
    live.close()
    with pytest.raises(StopAsyncIteration):
        await _next(stream)


async def test_event_that_cannot_be_shown_is_passed_over(
    live: LiveEvents, database: Database
) -> None:
    async def render(event: Event) -> JsonValue:
        if event.key == "gone":
            raise NotFoundError("gone")
        if event.key == "broken":
            raise KeyError("broken")
        return None if event.key == "quiet" else {"id": event.key}

    live.show("alarms.changed", "alarm.changed", "alarms.view", render)
    stream = live.stream(administrator, None)
    await _next(stream)
    await _announce(database, "gone", "broken", "quiet", "fine", name="alarms.changed")
    assert b'"fine"' in await _next(stream)
    await stream.aclose()


class SlowTail:
    """A feed whose stored events are read at once, and followed only when ``go`` is set."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.events = [Event(n, "alarms.raised", f"k{n}", AT, {"id": f"k{n}"}) for n in range(1, 5)]

    async def newest(self) -> int:
        return 1

    async def tail(self, after: int | None = None) -> AsyncGenerator[Event]:
        await self.go.wait()
        for event in self.events[after or 0 :]:
            yield event
        await asyncio.Event().wait()

    async def after(self, position: int, limit: int) -> list[Event]:
        return self.events[position : min(position + limit, 3)]


async def test_client_that_caught_up_ahead_of_the_ring_hears_nothing_twice() -> None:
    feed = SlowTail()
    events = LiveEvents(feed, site_of)
    events.show("alarms.raised", "alarm.raised", "alarms.view")
    task = asyncio.create_task(events.run())
    stream = events.stream(administrator, 0)
    heard = [_position(await _next(stream)) for _ in range(4)]
    following = asyncio.create_task(_next(stream))
    await asyncio.sleep(0.05)  # the stream comes to wait for the ring
    feed.go.set()
    assert [*heard, _position(await following)] == [0, 1, 2, 3, 4]
    await stream.aclose()
    await cancel_all([task])


async def test_client_that_comes_back_is_not_told_what_was_taken_back_meanwhile(
    live: LiveEvents, database: Database
) -> None:
    sealed: set[str] = set()

    async def unless_sealed(event: Event) -> JsonValue:
        return None if event.key in sealed else event.payload

    live.show("alarms.raised", "alarm.raised", "alarms.view", unless_sealed, everybody)
    live.show("alarms.sealed", "alarm.sealed", "alarms.view", about=everybody)
    live.retract_on("alarms.sealed")
    first = live.stream(administrator, None)
    await _next(first)
    await _announce(database, "1", "2")
    began = _position(await _next(first)) - 1
    sealed.add("1")
    await _announce(database, "1", name="alarms.sealed")
    await _next(first)
    assert b"alarm.sealed" in await _next(first)
    again = live.stream(administrator, began)
    await _next(again)
    assert b'{"id":"2"}' in await _next(again)
    assert b"alarm.sealed" in await _next(again)
    await first.aclose()
    await again.aclose()


async def test_what_is_told_is_written_down_first_and_together(
    live: LiveEvents, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "WRITE_EVERY_S", 2.0)
    written: list[tuple[str, dict[str, list[str]]]] = []

    async def write_down(account: Account, shown: Mapping[str, Sequence[str]]) -> None:
        written.append((account.username, {name: list(keys) for name, keys in shown.items()}))

    live.before_showing(write_down)
    live.show("plates.read", "read.seen", "plates.live", about=everybody, may_wait=True)
    deaf = live.stream(nobody, None)
    await _next(deaf)
    stream = live.stream(administrator, None)
    await _next(stream)
    await _announce(database, "a")
    assert b'"a"' in await _next(stream)
    assert written == [("a", {"alarm.raised": ["a"]})]
    await _announce(database, "b", name="plates.read")
    await _announce(database, "c", name="plates.read")
    assert b'"b"' in await _next(stream)
    assert b'"c"' in await _next(stream)
    assert written[1:] == [("a", {"read.seen": ["b", "c"]})]
    await _announce(database, "d", name="plates.read")
    await _announce(database, "e")
    assert b'"d"' in await _next(stream)
    assert b'"e"' in await _next(stream)
    assert written[2:] == [("a", {"read.seen": ["d"], "alarm.raised": ["e"]})]
    await stream.aclose()
    await deaf.aclose()


async def test_what_cannot_be_written_down_is_not_told(
    live: LiveEvents, database: Database
) -> None:
    async def write_down(account: Account, shown: Mapping[str, Sequence[str]]) -> None:
        raise UnavailableError("the audit log does not answer")

    live.before_showing(write_down)
    stream = live.stream(administrator, None)
    await _next(stream)
    await _announce(database, "a")
    with pytest.raises(StopAsyncIteration):
        await _next(stream)


async def test_reader_that_stood_still_hears_nothing_after_its_session(
    live: LiveEvents, database: Database
) -> None:
    signed_in = True

    async def check() -> Account:
        if not signed_in:
            raise NotSignedInError("over")
        return ADMINISTRATOR

    stream = live.stream(check, None)
    ready = await _next(stream)
    await stream.aclose()
    await _announce(database, "a", "b", "c")
    stream = live.stream(check, _position(ready))
    await _next(stream)
    assert b'"a"' in await _next(stream)
    signed_in = False
    live.recheck()
    with pytest.raises(StopAsyncIteration):
        await _next(stream)


async def test_account_has_no_more_streams_than_a_person_has_consoles(
    live: LiveEvents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "STREAMS_MOST", 2)
    streams = [live.stream(administrator, None) for _ in range(2)]
    live.require_room(ADMINISTRATOR.id)
    for stream in streams:
        await _next(stream)
    with pytest.raises(TooManyStreamsError):
        live.require_room(ADMINISTRATOR.id)
    live.require_room(NOBODY.id)
    for stream in streams:
        await stream.aclose()
    live.require_room(ADMINISTRATOR.id)
