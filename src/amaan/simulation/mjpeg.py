"""Cameras of the older kind: endless multipart pictures over HTTP."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import structlog

from amaan.simulation.rtsp import HEAD_BYTES, REQUEST_WAIT_S, UNSENT_BYTES
from amaan.simulation.streams import Fault

BOUNDARY = "amaan-picture"
QUALITY = 88

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PictureStream:
    """JPEG pictures of even pace, shown for ever."""

    name: str
    fps: float
    pictures: Sequence[bytes]
    fault: Fault = Fault.NONE
    fault_after_s: float = 3.0


def pictures_of(path: Path, every: int = 1) -> Iterator[bytes]:
    """Yield each ``every``-th picture of a film as JPEG."""
    with av.open(str(path), "r") as film:
        for index, frame in enumerate(film.decode(video=0)):
            if index % every == 0:
                image = frame.to_ndarray(format="bgr24")
                yield cv2.imencode(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, QUALITY))[1].tobytes()


class MjpegServer:
    """Serves ``http://host:port/NAME``."""

    def __init__(self, streams: Mapping[str, PictureStream]) -> None:
        self._streams = dict(streams)
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

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

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            async with asyncio.timeout(REQUEST_WAIT_S):
                head = await reader.readuntil(b"\r\n\r\n")
            await self._serve(head.decode("latin-1").split("\r\n")[0], writer)
        except (OSError, ValueError, EOFError, TimeoutError, asyncio.LimitOverrunError) as error:
            _log.debug("mjpeg.client_gone", error=type(error).__name__)
        except asyncio.CancelledError:
            pass  # the server closes
        finally:
            writer.transport.abort()

    async def _serve(self, request: str, writer: asyncio.StreamWriter) -> None:
        method, target, _ = request.split(" ")
        stream = self._streams.get(target.partition("?")[0].strip("/"))
        if stream is None or method != "GET":
            status = "404 Not Found" if method == "GET" else "405 Method Not Allowed"
            writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())
            await writer.drain()
            return
        writer.write(
            "HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nConnection: close\r\n"
            f"Content-Type: multipart/x-mixed-replace; boundary={BOUNDARY}\r\n\r\n".encode()
        )
        began = time.time()
        number = int(began * stream.fps)
        while writer.transport.get_write_buffer_size() <= UNSENT_BYTES:
            picture = stream.pictures[number % len(stream.pictures)]
            if stream.fault is not Fault.NONE and time.time() - began >= stream.fault_after_s:
                picture = await _misbehave(stream.fault, picture, writer)
            writer.write(
                f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\n"
                f"Content-Length: {len(picture)}\r\n\r\n".encode()
                + picture
                + b"\r\n"
            )
            number += 1
            await asyncio.sleep(max(0.0, number / stream.fps - time.time()))
        _log.warning("mjpeg.client_dropped", stream=stream.name)


async def _misbehave(fault: Fault, picture: bytes, writer: asyncio.StreamWriter) -> bytes:
    if fault is Fault.SILENT:
        await asyncio.Event().wait()
    if fault is Fault.BROKEN:
        writer.write(f"--{BOUNDARY}\r\nContent-Length: {len(picture)}\r\n\r\n".encode())
        writer.write(picture[: len(picture) // 2])
        await writer.drain()
        raise ConnectionAbortedError
    return bytes(len(picture))
