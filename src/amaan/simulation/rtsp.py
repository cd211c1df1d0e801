"""An RTSP 1.0 server (RFC 2326) as cameras have it: one track, RTP inside the TCP connection."""

from __future__ import annotations

import asyncio
import base64
import hmac
import random
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

import structlog

from amaan.simulation.rtp import (
    PAYLOAD_TYPE,
    Packetiser,
    interleaved,
    session_description,
    timestamp_of,
)
from amaan.simulation.streams import Fault, Stream

HEAD_BYTES = 16 << 10
BODY_BYTES = 64 << 10
UNSENT_BYTES = 4 << 20  # a client this far behind is dropped: a camera keeps no backlog
REQUEST_WAIT_S = 30.0  # without a request before PLAY
REPORT_EVERY_S = 5.0
METHODS = "OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, SET_PARAMETER, TEARDOWN"
REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    454: "Session Not Found",
    455: "Method Not Valid in This State",
    461: "Unsupported Transport",
}

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    path: str
    headers: Mapping[str, str]


@dataclass(slots=True)
class _Client:
    """One connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    session: str = field(default_factory=lambda: secrets.token_hex(8))
    stream: Stream | None = None
    channel: int = 0
    sending: asyncio.Task[None] | None = None


class RtspServer:
    """Serves streams at ``rtsp://host:port/NAME`` for ever; any number of clients each."""

    def __init__(
        self, streams: Mapping[str, Stream], *, user: str = "", password: str = ""
    ) -> None:
        self._streams = dict(streams)
        self._user, self._password = user, password
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.dropped = 0

    async def start(self, host: str, port: int) -> int:
        """Listen and return the port, chosen by the system where 0 was asked. Raises OSError."""
        self._server = await asyncio.start_server(self._connected, host, port, limit=HEAD_BYTES)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def close(self) -> None:
        """Stop listening and end every client."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def clients(self) -> int:
        """How many connections stand now."""
        return len(self._tasks)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        writer.transport.set_write_buffer_limits(high=UNSENT_BYTES)
        client = _Client(reader, writer)
        try:
            await self._converse(client)
        except (OSError, ValueError, EOFError, TimeoutError, asyncio.LimitOverrunError) as error:
            _log.debug("rtsp.client_gone", error=type(error).__name__)
        except asyncio.CancelledError:
            pass  # the server closes
        finally:
            if client.sending is not None:
                client.sending.cancel()
                await asyncio.gather(client.sending, return_exceptions=True)
            writer.transport.abort()

    async def _converse(self, client: _Client) -> None:
        while True:
            waits = None if client.sending else REQUEST_WAIT_S
            async with asyncio.timeout(waits):
                request = await _read_request(client.reader)
            if request is None:
                continue
            if not await self._answer(client, request):
                return

    async def _answer(self, client: _Client, request: _Request) -> bool:
        """Answer one request; False when the connection is over."""
        method = request.method
        if method == "OPTIONS":
            _respond(client, request, 200, {"Public": METHODS})
        elif not self._permits(request):
            _respond(client, request, 401, {"WWW-Authenticate": 'Basic realm="camera"'})
        elif method == "DESCRIBE":
            self._describe(client, request)
        elif method == "SETUP":
            self._setup(client, request)
        elif method in ("PLAY", "GET_PARAMETER", "SET_PARAMETER", "TEARDOWN"):
            if request.headers.get("session", "").partition(";")[0] not in ("", client.session):
                _respond(client, request, 454)
            elif method == "PLAY":
                self._play(client, request)
            else:
                _respond(client, request, 200, {"Session": client.session})
        else:
            _respond(client, request, 405, {"Allow": METHODS})
        await client.writer.drain()
        return method != "TEARDOWN"

    def _permits(self, request: _Request) -> bool:
        if not self._password:
            return True
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        wanted = base64.b64encode(f"{self._user}:{self._password}".encode())
        return scheme.lower() == "basic" and hmac.compare_digest(given.strip().encode(), wanted)

    def _find(self, request: _Request) -> Stream | None:
        name = request.path.strip("/").removesuffix("/track0")
        return self._streams.get(name)

    def _describe(self, client: _Client, request: _Request) -> None:
        stream = self._find(request)
        if stream is None:
            _respond(client, request, 404)
            return
        body = session_description(stream.loop, stream.name).encode()
        base = f"rtsp://{request.headers.get('host', 'camera')}/{stream.name}/"
        if "://" in request.headers.get(":url", ""):
            base = request.headers[":url"].rstrip("/") + "/"
        headers = {"Content-Base": base, "Content-Type": "application/sdp"}
        _respond(client, request, 200, headers, body)

    def _setup(self, client: _Client, request: _Request) -> None:
        stream = self._find(request)
        transport = request.headers.get("transport", "")
        if stream is None:
            _respond(client, request, 404)
        elif client.sending is not None:
            _respond(client, request, 455)
        elif "RTP/AVP/TCP" not in transport:
            _respond(client, request, 461)
        else:
            client.stream = stream
            for part in transport.split(";"):
                if part.startswith("interleaved="):
                    client.channel = int(part[12:].partition("-")[0]) & 0xFE
            channels = f"{client.channel}-{client.channel + 1}"
            headers = {
                "Transport": f"RTP/AVP/TCP;unicast;interleaved={channels}",
                "Session": f"{client.session};timeout=60",
            }
            _respond(client, request, 200, headers)

    def _play(self, client: _Client, request: _Request) -> None:
        stream = client.stream
        if stream is None:
            _respond(client, request, 455)
            return
        headers = {"Session": client.session, "Range": "npt=now-"}
        if client.sending is None:
            start = stream.loop.key_before(stream.loop.number_at(time.time() + stream.shift_s))
            # Numbers for RTP need to be unlike each other, not unguessable.
            packetiser = Packetiser(random.getrandbits(32), random.getrandbits(15))
            stamp = timestamp_of(start, stream.loop.fps)
            headers["RTP-Info"] = (
                f"url={request.headers[':url'].rstrip('/')}/track0;"
                f"seq={packetiser.sequence};rtptime={stamp}"
            )
            _respond(client, request, 200, headers)
            sender = _Sender(client.writer, stream, packetiser, client.channel)
            client.sending = asyncio.create_task(self._send(sender, start))
            return
        _respond(client, request, 200, headers)

    async def _send(self, sender: _Sender, start: int) -> None:
        try:
            await sender.run(start)
        except _TooSlowError:
            self.dropped += 1
            _log.warning("rtsp.client_dropped", stream=sender.stream.name)
        except (OSError, RuntimeError) as error:
            _log.debug("rtsp.client_gone", error=type(error).__name__)
        finally:
            sender.writer.transport.abort()


class _TooSlowError(Exception):
    """A client that does not take its pictures."""


@dataclass(slots=True)
class _Sender:
    writer: asyncio.StreamWriter
    stream: Stream
    packetiser: Packetiser
    channel: int

    async def run(self, number: int) -> None:
        """Send from a running number on, each picture at its moment, until cancelled."""
        stream, loop = self.stream, self.stream.loop
        began = time.time()
        report_at = began
        while True:
            wait = number / loop.fps - (time.time() + stream.shift_s)
            if wait > 0:
                await asyncio.sleep(wait)
            now = time.time()
            stamp = timestamp_of(number, loop.fps)
            if now >= report_at:
                taken = number / loop.fps - stream.shift_s
                report = self.packetiser.sender_report(taken, stamp)
                self.writer.write(interleaved(self.channel + 1, report))
                report_at = now + REPORT_EVERY_S
            units = loop.picture(number)
            if loop.is_key(number):
                units = (loop.sps, loop.pps, *units)
            fault = stream.fault_at(now - began)
            if fault is not Fault.NONE:
                units = await self._misbehave(fault, units)
            frames = self.packetiser.packets_of(units, stamp)
            self.writer.write(b"".join(interleaved(self.channel, packet) for packet in frames))
            if self.writer.transport.get_write_buffer_size() > UNSENT_BYTES:
                raise _TooSlowError
            number += 1

    async def _misbehave(self, fault: Fault, units: tuple[bytes, ...]) -> tuple[bytes, ...]:
        if fault is Fault.SILENT:
            await asyncio.Event().wait()
        if fault is Fault.BROKEN:
            packet = interleaved(self.channel, bytes((0x80, PAYLOAD_TYPE)) + bytes(1200))
            self.writer.write(packet[:600])
            with suppress(OSError):
                await self.writer.drain()
            raise ConnectionAbortedError
        return tuple(
            unit[:1] + random.Random(index).randbytes(max(len(unit) - 1, 1))  # noqa: S311
            for index, unit in enumerate(units)
        )


async def _read_request(reader: asyncio.StreamReader) -> _Request | None:
    """Read a request; None for a packet of the client's own (RTCP), which is passed over."""
    first = await reader.readexactly(1)
    if first == b"$":
        head = await reader.readexactly(3)
        await reader.readexactly(int.from_bytes(head[1:], "big"))
        return None
    text = (first + await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    lines = text.strip().split("\r\n")
    method, url, version = lines[0].split(" ")
    if not version.startswith("RTSP/1."):
        raise ValueError("not RTSP")
    headers = {":url": url}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    length = int(headers.get("content-length", "0"))
    if not 0 <= length <= BODY_BYTES:
        raise ValueError("the body is too long")
    await reader.readexactly(length)
    return _Request(method.upper(), unquote(urlsplit(url).path), headers)


def _respond(
    client: _Client,
    request: _Request,
    status: int,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> None:
    lines = [f"RTSP/1.0 {status} {REASONS[status]}", f"CSeq: {request.headers.get('cseq', '0')}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    client.writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
