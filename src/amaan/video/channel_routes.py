"""HTTP: a worker keeps its channel open and delivers its long answers."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response, WebSocket, WebSocketDisconnect
from starlette.requests import ClientDisconnect

from amaan.kernel.errors import AmaanError, InvalidError, UnavailableError
from amaan.kernel.tasks import cancel_all
from amaan.trust.guards import CurrentWorker, trust_of
from amaan.video.channel import Channels, Connection

HEAD_BYTES = 8 << 10
STANDS_EVERY_S = 4.0  # a token that was revoked is dead within 5
SEND_WITHIN_S = 10.0
GOING_AWAY, REFUSED = 1001, 1008

WorkerName = Annotated[str, Query(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]


def router(channels: Channels) -> APIRouter:
    """Return the worker's side of the channel, under ``/api/video``."""
    routes = APIRouter(prefix="/api/video", tags=["video"])

    @routes.websocket("/channel")
    async def keep_channel(socket: WebSocket, worker: WorkerName, signed_in: CurrentWorker) -> None:
        """Ask a worker things, for as long as it stays."""
        connection = channels.join(worker, signed_in.token_name)
        try:
            await socket.accept()
            await _converse(socket, connection)
        finally:
            channels.leave(connection)

    @routes.post(
        "/answers/{answer_id}",
        status_code=204,
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {
                    "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
                },
            }
        },
    )
    async def deliver_answer(
        answer_id: UUID,
        request: Request,
        signed_in: CurrentWorker,
        amaan_head: Annotated[str, Header(max_length=HEAD_BYTES)],
    ) -> Response:
        """Deliver a long answer to what was asked over the channel; taken as fast as it is read."""
        with contextlib.suppress(ClientDisconnect):
            await channels.deliver(answer_id, signed_in.token_name, amaan_head, request.stream())
        return Response(status_code=204)

    return routes


async def _converse(socket: WebSocket, connection: Connection) -> None:
    work = [
        asyncio.create_task(_ask(socket, connection)),
        asyncio.create_task(_hear(socket, connection)),
        asyncio.create_task(_require_token(socket)),
    ]
    try:
        done, _ = await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    except InvalidError:
        await _close(socket, REFUSED)
    except (TimeoutError, WebSocketDisconnect):
        pass
    except UnavailableError:
        await _close(socket, GOING_AWAY)
    except AmaanError:
        await _close(socket, REFUSED)
    else:
        await _close(socket, GOING_AWAY)
    finally:
        await cancel_all(work)


async def _ask(socket: WebSocket, connection: Connection) -> None:
    while True:
        text = await connection.outgoing()
        if text is None:
            return
        async with asyncio.timeout(SEND_WITHIN_S):
            await socket.send_text(text)


async def _hear(socket: WebSocket, connection: Connection) -> None:
    async for text in socket.iter_text():
        connection.take(text)


async def _require_token(socket: WebSocket) -> None:
    """Raise once the worker's token is good no more."""
    token = socket.headers["authorization"].partition(" ")[2].strip()
    while True:
        await asyncio.sleep(STANDS_EVERY_S)
        with contextlib.suppress(UnavailableError):  # the database's trouble is not the worker's
            await trust_of(socket).worker_of(token)


async def _close(socket: WebSocket, code: int) -> None:
    with contextlib.suppress(RuntimeError, WebSocketDisconnect, TimeoutError):
        async with asyncio.timeout(SEND_WITHIN_S):
            await socket.close(code)
