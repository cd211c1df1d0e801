"""Keeps the line to the centre open, and answers what the centre asks over it.

The worker dials out, so it may stand behind anybody's network. Each ask is answered in a thread
of its own, as many at once of a kind as its handler was registered for; one more is refused.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from random import SystemRandom
from typing import cast
from urllib.parse import quote

import httpx
import msgspec
import orjson
import structlog
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from amaan.kernel.errors import AmaanError, NotFoundError, UnavailableError
from amaan.kernel.events import JsonValue

_log = structlog.get_logger(__name__)

MOST_OF_A_KIND = 8
MOST_MESSAGE_BYTES = 1 << 20
OPEN_WITHIN_S = 5.0
PING_EVERY_S, PONG_WITHIN_S = 5.0, 10.0
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 15.0
STABLE_AFTER_S = 20.0
_STREAMING = httpx.Timeout(10.0, connect=5.0, write=60.0)  # a reader may hold us up for a while


@dataclass(frozen=True, slots=True)
class Streamed:
    """A long answer: ``head`` is sent first, then the chunks, as fast as they are read.

    An iterator with nothing to say for a while yields b"" now and then (every second, say): only
    there is it noticed that nobody reads any more. It is closed at its end, whatever that is.
    """

    head: Mapping[str, JsonValue]
    chunks: Iterator[bytes]


Arguments = Mapping[str, JsonValue]
Handler = Callable[[Arguments], Mapping[str, JsonValue] | Streamed]
Say = Callable[[Mapping[str, JsonValue]], None]


class _Ask(msgspec.Struct, frozen=True):
    """What the centre says: ``ask`` with ``id`` and ``arguments``, or ``cancel``, an id."""

    ask: str = ""
    id: str = ""
    arguments: dict[str, object] = {}
    cancel: str = ""


class _CancelledError(Exception):
    """Nobody waits for the answer any more."""


@dataclass(frozen=True, slots=True)
class _Kind:
    handler: Handler
    room: threading.BoundedSemaphore


class Answerer:
    """What this worker can be asked. ``register`` everything before the channel starts."""

    def __init__(self) -> None:
        self._kinds: dict[str, _Kind] = {}

    def register(self, kind: str, handler: Handler, *, most: int = MOST_OF_A_KIND) -> None:
        """Have a kind of ask answered, ``most`` at once.

        The handler runs in a thread of its own. It returns a small answer or a Streamed one, or
        raises AmaanError, whose status 404, 409, 422 or 503, code and detail reach who asked;
        msgspec.ValidationError counts as 422. No detail may hold a camera's address.
        """
        assert kind not in self._kinds, f"{kind} is answered already"
        self._kinds[kind] = _Kind(handler, threading.BoundedSemaphore(most))

    def find(self, kind: str) -> _Kind:
        """Return how a kind is answered. NotFoundError."""
        found = self._kinds.get(kind)
        if found is None:
            raise NotFoundError(f"this worker knows nothing of {kind}")
        return found


@dataclass(slots=True, eq=False)
class _Line:
    """One connection to the centre and what is being answered over it."""

    socket: ClientConnection
    running: dict[str, threading.Event] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def say(self, message: Mapping[str, JsonValue]) -> None:
        """Send; a connection that is gone is noticed elsewhere."""
        try:
            self.socket.send(orjson.dumps(message).decode())
        except (WebSocketException, OSError):
            _log.info("channel.unsaid")

    def begin(self, identifier: str) -> threading.Event:
        with self.lock:
            return self.running.setdefault(identifier, threading.Event())

    def end(self, identifier: str) -> None:
        with self.lock:
            self.running.pop(identifier, None)

    def cancel(self, identifier: str | None = None) -> None:
        """Stop one answer, or all."""
        with self.lock:
            for one, cancelled in self.running.items():
                if identifier in (None, one):
                    cancelled.set()


class WorkerChannel:
    """Dials, answers, dials again. ``start`` once, ``stop`` once."""

    def __init__(self, centre: str, token: str, worker: str, answerer: Answerer) -> None:
        base = centre.rstrip("/")
        self._address = f"ws{base.removeprefix('http')}/api/video/channel?worker={quote(worker)}"
        self._headers = {"Authorization": f"Bearer {token}"}
        self._tls = httpx.create_ssl_context(trust_env=False) if base[:5] == "https" else None
        self._answerer = answerer
        self._client = httpx.Client(
            base_url=base,
            headers={**self._headers, "user-agent": "amaan-worker"},
            timeout=_STREAMING,
            trust_env=False,
            limits=httpx.Limits(max_connections=None, keepalive_expiry=4.0),
        )
        self._stopping = threading.Event()
        self._line: _Line | None = None
        self._trouble = ""
        self._thread = threading.Thread(target=self._run, name="channel", daemon=True)

    def start(self) -> None:
        """Begin to dial."""
        self._thread.start()

    def stop(self, timeout_s: float) -> None:
        """Hang up; answers under way are broken off."""
        self._stopping.set()
        line = self._line
        if line is not None:
            line.cancel()
            threading.Thread(target=line.socket.close, daemon=True).start()
        self._thread.join(timeout_s)
        until = time.monotonic() + timeout_s
        while line is not None and line.running and time.monotonic() < until:
            time.sleep(0.02)  # an answer that ends by itself closes its own connection
        self._client.close()

    @property
    def connected(self) -> bool:
        """Whether the centre can ask now."""
        return self._line is not None

    def _run(self) -> None:
        wait_s = FIRST_WAIT_S
        while not self._stopping.is_set():
            begun = time.monotonic()
            try:
                self._dial()
                trouble = "the centre hung up"
            except InvalidStatus as error:
                trouble = f"the centre answers {error.response.status_code}"
            except (WebSocketException, OSError) as error:
                trouble = type(error).__name__
            except Exception:  # noqa: BLE001 (top of a task loop)
                trouble = "a fault"
                _log.exception("channel.fault")
            if self._stopping.is_set():
                return
            if time.monotonic() - begun > STABLE_AFTER_S:
                wait_s = FIRST_WAIT_S
            if trouble != self._trouble:
                self._trouble = trouble
                _log.warning("channel.lost", reason=trouble)
            self._stopping.wait(wait_s * (0.5 + 0.5 * SystemRandom().random()))
            wait_s = min(LONGEST_WAIT_S, 2 * wait_s)

    def _dial(self) -> None:
        """Keep one connection to its end."""
        with connect(
            self._address,
            additional_headers=self._headers,
            user_agent_header="amaan-worker",
            ssl=self._tls,
            compression=None,
            proxy=None,
            open_timeout=OPEN_WITHIN_S,
            close_timeout=1.0,
            ping_interval=PING_EVERY_S,
            ping_timeout=PONG_WITHIN_S,
            max_size=MOST_MESSAGE_BYTES,
        ) as socket:
            line = self._line = _Line(socket)
            self._trouble = ""
            _log.info("channel.open")
            try:
                for text in socket:
                    if self._stopping.is_set():
                        return
                    self._heed(line, text)
            finally:
                self._line = None
                line.cancel()

    def _heed(self, line: _Line, text: str | bytes) -> None:
        try:
            said = msgspec.json.decode(text, type=_Ask)
        except msgspec.DecodeError:
            _log.warning("channel.not_understood")
            return
        if said.cancel:
            line.cancel(said.cancel)
            return
        try:
            kind = self._answerer.find(said.ask)
            if not kind.room.acquire(blocking=False):
                raise UnavailableError(f"this worker answers enough of {said.ask} already")
        except AmaanError as error:
            line.say(_failure(said.id, error))
            return
        cancelled = line.begin(said.id)
        threading.Thread(
            target=self._answer, args=(line, said, kind, cancelled), name=said.ask, daemon=True
        ).start()

    def _answer(self, line: _Line, ask: _Ask, kind: _Kind, cancelled: threading.Event) -> None:
        try:
            answer = kind.handler(cast("Arguments", ask.arguments))
            if isinstance(answer, Streamed):
                self._deliver(ask, answer, cancelled)
            else:
                line.say({"id": ask.id, "result": answer})
        except AmaanError as error:
            line.say(_failure(ask.id, error))
        except msgspec.ValidationError as error:
            _log.warning("channel.ask_refused", kind=ask.ask, reason=str(error))
            line.say({"id": ask.id, "code": "invalid", "status": 422, "detail": "not to be read"})
        except (_CancelledError, httpx.HTTPError) as error:
            _log.debug("channel.broken_off", kind=ask.ask, reason=type(error).__name__)
        except Exception as error:  # noqa: BLE001 (top of the ask's thread)
            # Only its kind: the text of a library's error may hold a camera's address.
            _log.error("channel.answer_fault", kind=ask.ask, fault=type(error).__name__)
            line.say(_failure(ask.id, UnavailableError("a fault of the worker")))
        finally:
            line.end(ask.id)
            kind.room.release()

    def _deliver(self, ask: _Ask, answer: Streamed, cancelled: threading.Event) -> None:
        self._client.post(
            f"/api/video/answers/{ask.id}",
            content=_until_cancelled(answer.chunks, cancelled),
            headers={
                "content-type": "application/octet-stream",
                "amaan-head": json.dumps(answer.head, separators=(",", ":")),
            },
        )


def _until_cancelled(chunks: Iterator[bytes], cancelled: threading.Event) -> Iterator[bytes]:
    try:
        for chunk in chunks:
            if cancelled.is_set():
                raise _CancelledError
            if chunk:
                yield chunk
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()


def _failure(identifier: str, error: AmaanError) -> dict[str, JsonValue]:
    return {
        "id": identifier,
        "code": error.code,
        "status": error.status,
        "detail": error.detail[:500],
    }
