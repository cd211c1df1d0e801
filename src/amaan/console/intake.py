"""The server's HTTP/1.1 parser, with an end to how long and how slow a request's head may be.

uvicorn's own protocol over httptools keeps whatever headers arrive for as long as they arrive,
and its sockets wait without end for a peer that reads nothing to take the last of what was sent.
"""

from __future__ import annotations

import asyncio
from typing import cast

from uvicorn._types import ASGISendEvent
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

MOST_HEAD_BYTES = 64 << 10
HEAD_WITHIN_S = 20.0
MOST_SOCKET_MESSAGE_BYTES = 1 << 20  # towards us: a worker's small answer
PING_EVERY_S = 5.0
PONG_WITHIN_S = 10.0
LEFT_WITHIN_S = 5.0


class BoundedProtocol(HttpToolsProtocol):
    """Closes a connection whose next request's head is too long or does not end in time."""

    _head_bytes = 0
    _waits: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for the first head."""
        super().connection_made(cast("asyncio.Transport", transport))
        self._begin()

    def data_received(self, data: bytes) -> None:
        """Parse; give up on a head without end."""
        super().data_received(data)
        if self._waits is not None:
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES:
                self._give_up()

    def on_message_begin(self) -> None:
        """Begin to wait for this head's end."""
        super().on_message_begin()
        self._begin()

    def on_headers_complete(self) -> None:
        """Stop waiting."""
        self._end()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._end()
        super().connection_lost(exc)

    def _begin(self) -> None:
        self._end()
        self._head_bytes = 0
        self._waits = self.loop.call_later(HEAD_WITHIN_S, self._give_up)

    def _end(self) -> None:
        if self._waits is not None:
            self._waits.cancel()
            self._waits = None

    def _give_up(self) -> None:
        self._end()
        if self.transport is not None and not self.transport.is_closing():
            self.transport.close()


class BoundedSocket(WebSocketsSansIOProtocol):
    """Cuts a peer off that answers no ping, and one that takes nothing after its socket's end."""

    async def send(self, message: ASGISendEvent) -> None:
        """Send; a refusal completes the handshake, which uvicorn does not note."""
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body"):
            self.handshake_complete = True

    def keepalive_timeout(self) -> None:
        """Give up a peer that is gone or does not read."""
        super().keepalive_timeout()
        self.transport.abort()

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        """Wait a little for the last bytes to be taken."""
        super().on_task_complete(task)
        self.loop.call_later(LEFT_WITHIN_S, self.transport.abort)
