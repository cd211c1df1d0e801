"""A worker's channel over a real server: what it is asked, what it answers, who may connect."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterator

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from tests.flows.served import served
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from amaan.app.centre import build_app
from amaan.app.opening import Engines
from amaan.app.settings import CentreSettings
from amaan.app.worker.channel import Answerer, Arguments, Streamed, WorkerChannel
from amaan.kernel.acting import acting_as, system
from amaan.kernel.errors import NotFoundError, UnavailableError
from amaan.video import channel_routes
from amaan.video.channel import Channels

TOKEN = "a-worker-token"  # noqa: S105


class Running:
    def __init__(self, app: FastAPI, url: str) -> None:
        self.app, self.url = app, url
        self.channels: Channels = app.state.channels

    async def connected(self, *workers: str) -> None:
        async with asyncio.timeout(10):
            while self.channels.connected() != set(workers):
                await asyncio.sleep(0.01)


@pytest.fixture
async def running(engines: Engines, centre_settings: CentreSettings) -> AsyncIterator[Running]:
    app = build_app(engines, centre_settings)
    with acting_as(system("test")):
        await app.state.trust.admit_worker_token(TOKEN, "roadside")
    async with served(app) as url:
        yield Running(app, url)


def chunks(stopped: threading.Event) -> Iterator[bytes]:
    try:
        while True:
            yield b"x" * 60_000
    finally:
        stopped.set()


async def test_worker_is_asked_and_answers_small_and_long(running: Running) -> None:
    stopped, sent = threading.Event(), [0]

    def endless(arguments: Arguments) -> Streamed:
        def counted() -> Iterator[bytes]:
            for chunk in chunks(stopped):
                sent[0] += len(chunk)
                yield chunk

        return Streamed({"camera": arguments["camera"]}, counted())

    def fails(arguments: Arguments) -> Streamed:
        raise NotFoundError("no such camera here")

    def breaks(arguments: Arguments) -> Streamed:
        raise ZeroDivisionError("rtsp://user:secret@10.0.0.1")

    answerer = Answerer()
    answerer.register("add", lambda given: {"sum": given["a"]})
    answerer.register("endless", endless)
    answerer.register("fails", fails)
    answerer.register("breaks", breaks)
    channel = WorkerChannel(running.url, TOKEN, "worker-1", answerer)
    channel.start()
    try:
        await running.connected("worker-1")
        ask = running.channels.ask
        assert await ask("worker-1", "add", {"a": "é"}) == {"sum": "é"}
        async with running.channels.open("worker-1", "endless", {"camera": "C"}) as answer:
            assert answer.head == {"camera": "C"}
            total = 0
            async for chunk in answer:
                total += len(chunk)
                if total > 1_000_000:
                    break
            await asyncio.sleep(0.5)  # nobody reads: the worker is held up, not the memory filled
            held = sent[0]
            await asyncio.sleep(0.3)
            assert sent[0] == held < 40_000_000
        assert await asyncio.to_thread(stopped.wait, 5)
        with pytest.raises(NotFoundError, match="no such camera here"):
            await ask("worker-1", "fails", {})
        with pytest.raises(NotFoundError, match="knows nothing"):
            await ask("worker-1", "unheard-of", {})
        with pytest.raises(UnavailableError) as caught:
            await ask("worker-1", "breaks", {})
        assert "secret" not in str(caught.value)
    finally:
        await asyncio.to_thread(channel.stop, 2.0)


async def test_worker_comes_back_after_its_connection_was_cut(running: Running) -> None:
    answerer = Answerer()
    answerer.register("add", lambda given: {"sum": 1})
    channel = WorkerChannel(running.url, TOKEN, "worker-1", answerer)
    channel.start()
    try:
        await running.connected("worker-1")
        running.channels._connections["worker-1"].close()
        await running.connected()
        await running.connected("worker-1")
        assert await running.channels.ask("worker-1", "add", {}) == {"sum": 1}
    finally:
        await asyncio.to_thread(channel.stop, 2.0)


async def test_newest_connection_of_a_worker_answers(running: Running) -> None:
    address = running.url.replace("http", "ws") + "/api/video/channel?worker=worker-1"
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with connect(address, additional_headers=headers) as old:
        await running.connected("worker-1")
        async with connect(address, additional_headers=headers):
            with pytest.raises(ConnectionClosed):
                await old.recv()
            await running.connected("worker-1")


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}])
async def test_nobody_connects_without_a_good_token(
    running: Running, headers: dict[str, str]
) -> None:
    address = running.url.replace("http", "ws") + "/api/video/channel?worker=worker-1"
    with pytest.raises(InvalidStatus) as caught:
        async with connect(address, additional_headers=headers):
            pass
    assert caught.value.response.status_code == 401
    assert running.channels.connected() == set()


async def test_stranger_by_name_and_page_of_another_origin_are_refused(running: Running) -> None:
    base = running.url.replace("http", "ws") + "/api/video/channel?worker="
    headers = {"Authorization": f"Bearer {TOKEN}"}
    for name, more, status in (
        ("stranger", {}, 404),
        ("worker-1", {"Origin": "http://evil.example"}, 403),
    ):
        with pytest.raises(InvalidStatus) as caught:
            async with connect(base + name, additional_headers={**headers, **more}):
                pass
        assert caught.value.response.status_code == status


async def test_socket_by_a_foreign_name_is_refused(running: Running) -> None:
    headers = {
        "Host": "evil.example",
        "Authorization": f"Bearer {TOKEN}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    async with httpx.AsyncClient(base_url=running.url) as client:
        answer = await client.get("/api/video/channel?worker=worker-1", headers=headers)
    assert answer.status_code == 403
    assert running.channels.connected() == set()


async def test_socket_to_anything_but_the_api_is_refused(running: Running) -> None:
    with pytest.raises(InvalidStatus) as caught:
        async with connect(running.url.replace("http", "ws") + "/"):
            pass
    assert caught.value.response.status_code == 403


async def test_revoked_token_ends_the_channel(
    running: Running, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel_routes, "STANDS_EVERY_S", 0.1)
    address = running.url.replace("http", "ws") + "/api/video/channel?worker=worker-1"
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with connect(address, additional_headers=headers) as socket:
        await running.connected("worker-1")
        with psycopg.connect(dsn) as owner:
            owner.execute("UPDATE trust.worker_tokens SET revoked_at = now()")
        with pytest.raises(ConnectionClosed):
            async with asyncio.timeout(5):
                await socket.recv()
        await running.connected()


async def test_answer_nobody_asked_for_is_refused(running: Running) -> None:
    async with httpx.AsyncClient(base_url=running.url) as client:
        answer = await client.post(
            "/api/video/answers/00000000-0000-0000-0000-000000000007",
            content=b"x",
            headers={
                "Authorization": f"Bearer {TOKEN}",
                "Content-Type": "application/octet-stream",
                "Amaan-Head": "{}",
            },
        )
        assert (answer.status_code, answer.json()["code"]) == (404, "not-asked")


async def test_one_more_of_a_kind_than_a_worker_takes_is_refused(running: Running) -> None:
    going = threading.Event()

    def waits(arguments: Arguments) -> dict[str, bool]:
        going.wait(10)
        return {"done": True}

    answerer = Answerer()
    answerer.register("waits", waits, most=1)
    channel = WorkerChannel(running.url, TOKEN, "worker-1", answerer)
    channel.start()
    try:
        await running.connected("worker-1")
        first = asyncio.create_task(running.channels.ask("worker-1", "waits", {}))
        await asyncio.sleep(0)
        with pytest.raises(UnavailableError, match="enough"):
            await running.channels.ask("worker-1", "waits", {})
        going.set()
        assert await first == {"done": True}
    finally:
        begun = time.monotonic()
        await asyncio.to_thread(channel.stop, 2.0)
        assert time.monotonic() - begun < 5
