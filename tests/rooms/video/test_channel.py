from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import orjson
import pytest

from amaan.kernel.errors import ConflictError, InvalidError, NotFoundError, UnavailableError
from amaan.video.channel import ASKED_MOST, Channels, Connection, NameTakenError, NotAskedError


class Book:
    def expected_workers(self) -> tuple[str, ...]:
        return ("w1", "w2")

    async def worker_of(self, camera: str) -> str:
        return "w1" if camera == "CAM" else "w2"


@pytest.fixture
def channels() -> Channels:
    return Channels(Book())


async def heard(connection: Connection) -> dict[str, object]:
    async with asyncio.timeout(2):
        text = await connection.outgoing()
    assert text is not None
    said: dict[str, object] = orjson.loads(text)
    return said


def says(identifier: object, **more: object) -> str:
    return orjson.dumps({"id": identifier, **more}).decode()


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def test_small_answer_comes_back_to_who_asked(channels: Channels) -> None:
    worker = channels.join("w1", "t")
    asking = asyncio.create_task(channels.ask("w1", "add", {"a": 1}))
    ask = await heard(worker)
    assert (ask["ask"], ask["arguments"]) == ("add", {"a": 1})
    worker.take(says(ask["id"], result={"sum": 2}))
    assert await asking == {"sum": 2}


async def test_who_is_not_connected_cannot_be_asked(channels: Channels) -> None:
    with pytest.raises(UnavailableError):
        await channels.ask("w1", "add", {})
    with pytest.raises(UnavailableError):
        await channels.worker_of("CAM")
    channels.join("w1", "t")
    assert await channels.worker_of("CAM") == "w1"


async def test_worker_that_is_late_is_given_up_and_told(channels: Channels) -> None:
    worker = channels.join("w1", "t")
    with pytest.raises(UnavailableError):
        await channels.ask("w1", "add", {}, timeout_s=0.01)
    ask = await heard(worker)
    assert await heard(worker) == {"cancel": ask["id"]}
    worker.take(says(ask["id"], result={}))  # too late: nobody minds


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (404, NotFoundError),
        (409, ConflictError),
        (422, InvalidError),
        (503, UnavailableError),
        (401, UnavailableError),  # would sign the person out
        (200, UnavailableError),
    ],
)
async def test_error_of_the_worker_keeps_its_code_and_a_fitting_status(
    channels: Channels, status: int, kind: type[Exception]
) -> None:
    worker = channels.join("w1", "t")
    asking = asyncio.create_task(channels.ask("w1", "add", {}))
    ask = await heard(worker)
    worker.take(says(ask["id"], code="clip-not-yet", status=status, detail="wait"))
    with pytest.raises(kind) as caught:
        await asking
    assert getattr(caught.value, "code", "") == "clip-not-yet"
    assert str(caught.value) == "wait"


async def test_code_that_is_none_is_not_passed_on(channels: Channels) -> None:
    worker = channels.join("w1", "t")
    asking = asyncio.create_task(channels.ask("w1", "add", {}))
    ask = await heard(worker)
    worker.take(says(ask["id"], code="<b>", status=404, detail="a\nb"))
    with pytest.raises(NotFoundError) as caught:
        await asking
    assert (caught.value.code, caught.value.detail) == ("not-found", "the worker could not")


async def test_long_answer_is_passed_on_in_order(channels: Channels) -> None:
    worker = channels.join("w1", "t")
    parts = [b"%d" % number for number in range(50)]

    async def deliver() -> None:
        ask = await heard(worker)
        await channels.deliver(UUID(str(ask["id"])), "t", '{"mime":"x"}', chunks(*parts))

    delivering = asyncio.create_task(deliver())
    async with channels.open("w1", "piece", {}) as answer:
        assert answer.head == {"mime": "x"}
        assert [chunk async for chunk in answer] == parts
    await delivering


async def test_delivery_waits_for_its_reader_and_ends_when_the_reader_leaves(
    channels: Channels,
) -> None:
    worker = channels.join("w1", "t")
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield b"x"

    async def deliver() -> None:
        ask = await heard(worker)
        with pytest.raises(NotAskedError):
            await channels.deliver(UUID(str(ask["id"])), "t", "{}", endless())

    delivering = asyncio.create_task(deliver())
    async with channels.open("w1", "piece", {}) as answer:
        async for _ in answer:
            break
        for _ in range(20):
            await asyncio.sleep(0)
        assert sent < 10
    async with asyncio.timeout(2):
        await delivering


async def test_nobody_answers_what_was_asked_of_another(channels: Channels) -> None:
    first, second = channels.join("w1", "t"), channels.join("w2", "u")
    asking = asyncio.create_task(channels.ask("w1", "add", {}))
    ask = await heard(first)
    second.take(says(ask["id"], result={"sum": 666}))
    with pytest.raises(NotAskedError):  # small answers do not come this way
        await channels.deliver(UUID(str(ask["id"])), "t", "{}", chunks(b"x"))
    first.take(says(ask["id"], result={"sum": 2}))
    assert await asking == {"sum": 2}

    async def open_one() -> None:
        async with channels.open("w1", "piece", {}):
            raise AssertionError("nobody may have answered")

    opening = asyncio.create_task(open_one())
    ask = await heard(first)
    for identifier, token in ((UUID(str(ask["id"])), "u"), (uuid4(), "t")):
        with pytest.raises(NotAskedError):
            await channels.deliver(identifier, token, "{}", chunks(b"x"))
    opening.cancel()


async def test_answer_is_delivered_once(channels: Channels) -> None:
    worker = channels.join("w1", "t")
    told: list[object] = []

    async def deliver() -> None:
        ask = await heard(worker)
        told.append(ask["id"])
        await channels.deliver(UUID(str(ask["id"])), "t", "{}", chunks(b"x"))

    delivering = asyncio.create_task(deliver())
    async with channels.open("w1", "piece", {}):
        await delivering
        with pytest.raises(NotAskedError):
            await channels.deliver(UUID(str(told[0])), "t", "{}", chunks(b"y"))


async def test_newest_connection_of_a_worker_wins_and_the_old_one_fails_its_asks(
    channels: Channels,
) -> None:
    old = channels.join("w1", "t")
    asking = asyncio.create_task(channels.ask("w1", "add", {}))
    await heard(old)
    new = channels.join("w1", "t")
    with pytest.raises(UnavailableError):
        await asking
    assert await old.outgoing() is None
    channels.leave(old)
    assert channels.connected() == {"w1"}
    again = asyncio.create_task(channels.ask("w1", "add", {}))
    new.take(says((await heard(new))["id"], result={"sum": 2}))
    assert await again == {"sum": 2}


async def test_name_is_not_taken_over_with_another_token(channels: Channels) -> None:
    channels.join("w1", "t")
    with pytest.raises(NameTakenError):
        channels.join("w1", "stolen-elsewhere")
    with pytest.raises(NotFoundError):
        channels.join("stranger", "t")


async def test_reader_learns_that_the_worker_broke_off(channels: Channels) -> None:
    worker = channels.join("w1", "t")

    async def breaking() -> AsyncIterator[bytes]:
        yield b"x"
        raise ConnectionResetError

    async def deliver() -> None:
        ask = await heard(worker)
        with pytest.raises(ConnectionResetError):
            await channels.deliver(UUID(str(ask["id"])), "t", "{}", breaking())

    delivering = asyncio.create_task(deliver())
    async with channels.open("w1", "piece", {}) as answer:
        with pytest.raises(UnavailableError):
            assert [chunk async for chunk in answer] == [b"x"]
    await delivering


async def test_head_that_is_no_object_is_refused_and_told_to_who_asked(channels: Channels) -> None:
    worker = channels.join("w1", "t")

    async def deliver() -> None:
        ask = await heard(worker)
        with pytest.raises(InvalidError):
            await channels.deliver(UUID(str(ask["id"])), "t", "[1", chunks(b"x"))

    delivering = asyncio.create_task(deliver())
    with pytest.raises(UnavailableError):
        async with channels.open("w1", "piece", {}):
            raise AssertionError("it has no head")
    await delivering


async def test_picture_larger_than_asked_is_given_up(channels: Channels) -> None:
    worker = channels.join("w1", "t")

    async def deliver() -> None:
        ask = await heard(worker)
        with pytest.raises(NotAskedError):
            await channels.deliver(UUID(str(ask["id"])), "t", "{}", chunks(*[b"x" * 10] * 20))

    delivering = asyncio.create_task(deliver())
    with pytest.raises(UnavailableError):
        await channels.fetch("w1", "snapshot", {}, most_bytes=25)
    await delivering


async def test_asks_of_one_worker_are_bounded(channels: Channels) -> None:
    worker = channels.join("w1", "t")
    asking = [asyncio.create_task(channels.ask("w1", "add", {})) for _ in range(ASKED_MOST)]
    await asyncio.sleep(0)
    with pytest.raises(UnavailableError):
        await channels.ask("w1", "add", {})
    channels.leave(worker)
    assert all(
        isinstance(result, UnavailableError)
        for result in await asyncio.gather(*asking, return_exceptions=True)
    )


async def test_noise_over_the_channel_is_refused(channels: Channels) -> None:
    worker = channels.join("w1", "t")
    for noise in ("", "{}", "[]", '{"id":"x"}', "\ud800".encode("utf-8", "surrogatepass")):
        with pytest.raises(InvalidError):
            worker.take(noise)
