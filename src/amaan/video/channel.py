"""What the centre asks of its workers, over the connection that each worker keeps open.

A worker dials out and can be anywhere. Small answers come back over the same connection; long
ones as a request of the worker's own (``deliver``), slowed down to what their reader takes. A
worker answers only what it was asked: by the ask's unguessable id, over the connection or with
the token that was asked, once.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar, cast
from uuid import UUID, uuid4

import msgspec
import orjson
import structlog

from amaan.kernel.errors import (
    AmaanError,
    ConflictError,
    InvalidError,
    NotFoundError,
    UnavailableError,
)
from amaan.kernel.events import JsonValue
from amaan.video.ports import WorkerBook

ASKED_MOST = 500  # of one worker, unanswered or being answered
ANSWER_WITHIN_S = 10.0
CHUNKS_WAITING = 4
_FLUSHED = 2 * ASKED_MOST
_PASSED_ON: Mapping[int, type[AmaanError]] = {
    404: NotFoundError,
    409: ConflictError,
    422: InvalidError,
    503: UnavailableError,
}
_CODE = re.compile(r"[a-z][a-z-]{0,63}")

Arguments = Mapping[str, JsonValue]
Head = dict[str, JsonValue]

_log = structlog.get_logger(__name__)


class NotAskedError(NotFoundError):
    """An answer to what nobody asked of this worker, or asks no more."""

    code: ClassVar[str] = "not-asked"


class NameTakenError(ConflictError):
    """A worker of this name is connected with another token."""

    code: ClassVar[str] = "worker-name-taken"


class _Said(msgspec.Struct, frozen=True):
    """A text message of a worker: ``result``, or ``code``, ``status`` and ``detail``."""

    id: UUID
    result: dict[str, object] | None = None
    code: str = "unavailable"
    status: int = 503
    detail: str = ""


@dataclass(slots=True, eq=False)
class _Pipe:
    """Chunks on their way from a delivery to its reader; either may leave."""

    chunks: asyncio.Queue[bytes | AmaanError | None] = field(
        default_factory=lambda: asyncio.Queue(CHUNKS_WAITING)
    )
    closed: bool = False

    async def put(self, chunk: bytes | AmaanError | None) -> None:
        """Wait for room. Raises NotAskedError once the reader has left."""
        if not self.closed:
            await self.chunks.put(chunk)
        if self.closed:
            raise NotAskedError("nobody reads this answer any more")

    def fail(self, error: AmaanError) -> None:
        """Say that nothing follows, and why, without waiting."""
        if self.chunks.full():
            self.chunks.get_nowait()
        self.chunks.put_nowait(error)

    def close(self) -> None:
        """Let a writer that waits go."""
        self.closed = True
        while not self.chunks.empty():
            self.chunks.get_nowait()


class Answer:
    """A long answer: ``head`` at once, then the chunks, each as the worker sent it or in parts."""

    def __init__(self, head: Head, pipe: _Pipe) -> None:
        self.head = head
        self._pipe = pipe

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield bytes to the end. UnavailableError when the worker breaks off."""
        while True:
            chunk = await self._pipe.chunks.get()
            if chunk is None:
                return
            if isinstance(chunk, AmaanError):
                raise chunk
            yield chunk


@dataclass(slots=True, eq=False)
class _Asked:
    id: UUID
    connection: Connection
    streamed: bool
    answered: asyncio.Future[Head] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    pipe: _Pipe = field(default_factory=_Pipe)
    delivering: bool = False
    done: bool = False  # the worker has nothing more to say to it

    def fail(self, error: AmaanError) -> None:
        self.done = True
        if not self.answered.done():
            self.answered.set_exception(error)
            self.answered.exception()  # seen, should nobody wait for it any more
        else:
            self.pipe.fail(error)


class Connection:
    """One worker's open connection: ``outgoing`` is for its sender, ``take`` for its receiver."""

    def __init__(self, worker: str, token: str) -> None:
        self.worker, self.token = worker, token
        self.asked: dict[UUID, _Asked] = {}
        self._texts: asyncio.Queue[str | None] = asyncio.Queue(_FLUSHED)
        self.closed = False

    async def outgoing(self) -> str | None:
        """Return the next text to send; None: close."""
        return None if self.closed else await self._texts.get()

    def say(self, message: Mapping[str, JsonValue]) -> None:
        """Put a message in line. Raises UnavailableError for a worker that does not read."""
        try:
            self._texts.put_nowait(orjson.dumps(message).decode())
        except asyncio.QueueFull:
            raise UnavailableError(f"{self.worker} does not take what it is asked") from None

    def take(self, text: str | bytes) -> None:
        """Take a small answer. Raises InvalidError for one that is none."""
        try:
            said = msgspec.json.decode(text, type=_Said)
        except (msgspec.DecodeError, UnicodeError) as error:
            raise InvalidError("what the worker says is no answer") from error
        asked = self.asked.get(said.id)
        if asked is None or asked.done:
            return  # given up meanwhile
        if said.result is None:
            asked.fail(_passed_on(said))
        elif asked.streamed:
            asked.fail(UnavailableError(f"{self.worker} answered otherwise than it was asked"))
        else:
            asked.done = True
            asked.answered.set_result(cast("Head", said.result))  # JSON holds nothing else

    def close(self) -> None:
        """Fail whatever is still asked; the sender ends."""
        if self.closed:
            return
        self.closed = True
        for asked in list(self.asked.values()):
            asked.fail(UnavailableError(f"the connection to {self.worker} is lost"))
        while not self._texts.empty():
            self._texts.get_nowait()
        self._texts.put_nowait(None)


class Channels:
    """Every connected worker. One for the centre; used from its event loop only."""

    def __init__(self, book: WorkerBook) -> None:
        self._book = book
        self._connections: dict[str, Connection] = {}
        self._asked: dict[UUID, _Asked] = {}

    def connected(self) -> frozenset[str]:
        """Return the names of the workers that can be asked now."""
        return frozenset(self._connections)

    async def worker_of(self, camera: str) -> str:
        """Return who runs a camera that whoever acts may see. NotFoundError, UnavailableError."""
        worker = await self._book.worker_of(camera)
        if worker not in self._connections:
            raise UnavailableError(f"{worker} is not connected")
        return worker

    # -- asking ------------------------------------------------------------------------------

    async def ask(
        self,
        worker: str,
        kind: str,
        arguments: Arguments,
        timeout_s: float = ANSWER_WITHIN_S,
    ) -> Head:
        """Return a worker's small answer.

        Raises UnavailableError (no connection, no answer in time), and what the worker says:
        NotFoundError, ConflictError, InvalidError or UnavailableError with the worker's own
        ``code`` and ``detail``.
        """
        asked = self._send(worker, kind, arguments, streamed=False)
        try:
            return await _in_time(asked, timeout_s)
        finally:
            self._forget(asked)

    @asynccontextmanager
    async def open(
        self,
        worker: str,
        kind: str,
        arguments: Arguments,
        timeout_s: float = ANSWER_WITHIN_S,
    ) -> AsyncIterator[Answer]:
        """Open a worker's long answer; leaving the block tells the worker to stop.

        ``timeout_s`` is for its head. Raises as ``ask``.
        """
        asked = self._send(worker, kind, arguments, streamed=True)
        try:
            yield Answer(await _in_time(asked, timeout_s), asked.pipe)
        finally:
            asked.pipe.close()
            self._forget(asked)

    async def fetch(
        self,
        worker: str,
        kind: str,
        arguments: Arguments,
        most_bytes: int,
        timeout_s: float = ANSWER_WITHIN_S,
    ) -> tuple[Head, bytes]:
        """Return the whole of a long answer (a picture, say).

        ``timeout_s`` is for all of it. Raises as ``ask``, UnavailableError when it is too large.
        """
        content = bytearray()
        try:
            async with asyncio.timeout(timeout_s):
                async with self.open(worker, kind, arguments, timeout_s) as answer:
                    async for chunk in answer:
                        content += chunk
                        if len(content) > most_bytes:
                            raise UnavailableError(f"{worker} sends more than was asked for")
                    return answer.head, bytes(content)
        except TimeoutError:
            raise UnavailableError(f"{worker} does not answer in time") from None

    def _send(self, worker: str, kind: str, arguments: Arguments, *, streamed: bool) -> _Asked:
        connection = self._connections.get(worker)
        if connection is None:
            raise UnavailableError(f"{worker} is not connected")
        if len(connection.asked) >= ASKED_MOST:
            raise UnavailableError(f"{worker} has enough to do already")
        asked = _Asked(uuid4(), connection, streamed)
        connection.say({"ask": kind, "id": str(asked.id), "arguments": arguments})
        self._asked[asked.id] = connection.asked[asked.id] = asked
        return asked

    def _forget(self, asked: _Asked) -> None:
        self._asked.pop(asked.id, None)
        asked.connection.asked.pop(asked.id, None)
        if asked.done or asked.connection.closed:
            return
        try:
            asked.connection.say({"cancel": str(asked.id)})
        except UnavailableError:
            _log.warning("channel.cancel_unsaid", worker=asked.connection.worker)

    # -- the worker's side -------------------------------------------------------------------

    def join(self, worker: str, token: str) -> Connection:
        """Take up a worker's new connection; an older one of the same worker ends.

        ``token`` names what it signed in with: another's token does not take a name over. Raises
        NotFoundError for a worker that is not expected, NameTakenError.
        """
        if worker not in self._book.expected_workers():
            raise NotFoundError("this centre expects no worker of that name")
        before = self._connections.get(worker)
        if before is not None:
            if before.token != token:
                raise NameTakenError("that worker is connected already, with another token")
            before.close()
        connection = self._connections[worker] = Connection(worker, token)
        _log.info("channel.joined", worker=worker)
        return connection

    def leave(self, connection: Connection) -> None:
        """Forget a connection that has ended."""
        connection.close()
        if self._connections.get(connection.worker) is connection:
            del self._connections[connection.worker]
            _log.info("channel.left", worker=connection.worker)

    async def deliver(
        self, identifier: UUID, token: str, head: str, body: AsyncIterator[bytes]
    ) -> None:
        """Pass a long answer on to whoever asked, as fast as it is read.

        ``head`` is JSON. Raises NotAskedError, also as soon as nobody reads on, and InvalidError.
        """
        asked = self._asked.get(identifier)
        if asked is None or asked.connection.token != token:
            raise NotAskedError("nobody asked for this")
        if not asked.streamed or asked.delivering or asked.done:
            raise NotAskedError("this was answered, or asked otherwise")
        asked.delivering = True
        error: AmaanError | None = UnavailableError("the worker broke off")
        try:
            asked.answered.set_result(_decoded_head(head))
            async for chunk in body:
                if chunk:
                    await asked.pipe.put(chunk)
            await asked.pipe.put(None)
            error = None
        finally:
            asked.done = True
            if error is not None:
                asked.fail(error)


async def _in_time(asked: _Asked, timeout_s: float) -> Head:
    try:
        async with asyncio.timeout(timeout_s):
            return await asked.answered
    except TimeoutError:
        worker = asked.connection.worker
        raise UnavailableError(f"{worker} does not answer in time") from None


def _decoded_head(text: str) -> Head:
    try:
        return cast("Head", msgspec.json.decode(text, type=dict[str, object]))
    except (msgspec.DecodeError, UnicodeError) as error:
        raise InvalidError("the head of an answer is a JSON object") from error


def _passed_on(said: _Said) -> AmaanError:
    """Return a worker's error, of no other status than an answer of a worker may have."""
    detail = said.detail[:500] if said.detail.isprintable() else ""
    return _kind_of(said.status, said.code)(detail or "the worker could not")


@lru_cache(maxsize=256)
def _kind_of(status: int, code: str) -> type[AmaanError]:
    base = _PASSED_ON.get(status, UnavailableError)
    if _CODE.fullmatch(code) is None:
        return base
    return type("WorkerSaidError", (base,), {"code": code})
