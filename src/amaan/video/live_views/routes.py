"""HTTP: pictures of this moment, by socket, by HLS, and one at a time."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from functools import partial
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import HTTPConnection

from amaan.kernel.errors import NotFoundError
from amaan.kernel.events import JsonValue
from amaan.kernel.tasks import cancel_all
from amaan.trust.audit.trail import trail_of
from amaan.trust.guards import COOKIE, permitted, trust_of
from amaan.trust.model import Account, Session
from amaan.video.events import wire_time
from amaan.video.live_views.fanout import Notice, StreamEndedError
from amaan.video.live_views.hls import HlsWindow
from amaan.video.live_views.views import FOR_GOOD, LIVE, LiveViews, Stream, View, Way, Wish
from amaan.video.live_views.wire import Kind, Piece, format_of

SEND_WITHIN_S = 15.0  # a viewer that takes nothing for so long is gone
FIRST_SEGMENT_S = 8.0
ENDED = 4000  # close code: the view is over, by the text said before
PLAYLIST = "application/vnd.apple.mpegurl"

Code = Annotated[str, Field(min_length=1, max_length=64)]
Viewing = Annotated[Account, Depends(permitted(LIVE))]
Following = Annotated[Account, Depends(permitted(LIVE, keeps_awake=False))]


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class WishBody(_Body):
    """``incident``: what the camera is watched for; it is written into the audit log."""

    camera: Code
    stream: Stream = "sub"
    kind: Way = "mse"
    incident: UUID | None = None


class ViewBody(_Body):
    """``socket`` (one use, within 30 s) or ``playlist``, as was asked for. ``now``: our clock."""

    id: UUID
    ticket: str | None
    socket: str | None
    playlist: str | None
    now: str
    ends_at: str


class SnapshotBody(_Body):
    """Which camera."""

    camera: Code
    stream: Stream = "main"


def router(views: LiveViews) -> APIRouter:
    """Return the routes, under ``/api/video``."""
    routes = APIRouter(prefix="/api/video", tags=["video"])
    _add_views(routes, views)
    _add_hls(routes, views)

    @routes.post(
        "/snapshots",
        response_class=Response,
        responses={200: {"content": {"image/jpeg": {}}}},
    )
    async def take_snapshot(body: SnapshotBody, account: Viewing, request: Request) -> Response:
        """Return one picture of this moment."""
        trail_of(request).note(camera=body.camera, cameras=[body.camera], stream=body.stream)
        picture = await views.snapshot(body.camera, body.stream)
        return Response(picture, media_type="image/jpeg")

    return routes


def _add_views(routes: APIRouter, views: LiveViews) -> None:
    @routes.post("/live", status_code=201)
    async def open_live_view(body: WishBody, account: Viewing, request: Request) -> ViewBody:
        """Begin to watch a camera; its end and duration are written down too."""
        trail = trail_of(request)
        trail.note(camera=body.camera, cameras=[body.camera], stream=body.stream)
        if body.incident is not None:
            trail.note(incident=str(body.incident))
        session = _session(request)
        session_of = partial(
            trust_of(request).session_of, request.cookies.get(COOKIE), active=False
        )
        wish = Wish(body.camera, body.stream, body.kind, body.incident)
        view = await views.open(wish, session, session_of)
        trail.note(view=str(view.id))
        at = f"/api/video/live/{view.id}"
        hls = body.kind == "hls"
        return ViewBody(
            id=view.id,
            ticket=view.ticket,
            socket=None if hls else f"{at}/socket?ticket={view.ticket}",
            playlist=f"{at}/index.m3u8" if hls else None,
            now=wire_time(datetime.now(UTC)) or "",
            ends_at=wire_time(session.ends_at) or "",
        )

    @routes.delete("/live/{view_id}", status_code=204)
    async def close_live_view(view_id: UUID, account: Viewing, request: Request) -> Response:
        """Stop watching."""
        view = views.of_session(view_id, _session(request).id)
        trail_of(request).note(camera=view.wish.camera, view=str(view_id))
        views.end(view, "closed")
        return Response(status_code=204)

    @routes.websocket("/live/{view_id}/socket")
    async def watch_live_view(
        socket: WebSocket,
        view_id: UUID,
        account: Following,
        ticket: Annotated[str, Query(max_length=100)],
    ) -> None:
        """Send what the camera sees; see docs/live.md for the messages."""
        view = views.enter(view_id, ticket, _session(socket).id)
        trail_of(socket).permission = None  # written down when it was opened, and at its end
        try:
            await socket.accept()
            await _show(socket, view)
        finally:
            views.end(view, "closed")


def _add_hls(routes: APIRouter, views: LiveViews) -> None:
    def window_of(view_id: UUID, request: Request) -> HlsWindow:
        window = views.of_session(view_id, _session(request).id).window
        if window is None:
            raise NotFoundError("this view has no playlist")
        trail_of(request).permission = None  # written down when it was opened, and at its end
        return window

    @routes.get(
        "/live/{view_id}/index.m3u8",
        response_class=Response,
        responses={200: {"content": {PLAYLIST: {}}}},
    )
    async def get_live_playlist(view_id: UUID, account: Following, request: Request) -> Response:
        """Return the HLS playlist of a view."""
        window = window_of(view_id, request)
        return Response(await window.playlist(FIRST_SEGMENT_S), media_type=PLAYLIST)

    @routes.get(
        "/live/{view_id}/init.mp4",
        response_class=Response,
        responses={200: {"content": {"video/mp4": {}}}},
    )
    async def get_live_init(
        view_id: UUID,
        account: Following,
        request: Request,
        form: Annotated[int | None, Query(ge=0, lt=1 << 31)] = None,
    ) -> Response:
        """Return the initialisation segment."""
        return Response(window_of(view_id, request).init(form), media_type="video/mp4")

    @routes.get(
        "/live/{view_id}/{number}.m4s",
        response_class=Response,
        responses={200: {"content": {"video/mp4": {}}}},
    )
    async def get_live_segment(
        view_id: UUID, number: int, account: Following, request: Request
    ) -> Response:
        """Return a segment that the playlist names."""
        return Response(window_of(view_id, request).segment(number), media_type="video/mp4")


def _session(asker: HTTPConnection) -> Session:
    session = trail_of(asker).session
    assert session is not None, "the guard has let nobody in without"
    return session


async def _show(socket: WebSocket, view: View) -> None:
    work = [
        asyncio.create_task(_send(socket, view)),
        asyncio.create_task(_hear(socket)),
        asyncio.create_task(_wait(view)),
    ]
    try:
        done, _ = await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    except (TimeoutError, WebSocketDisconnect):
        view.reason = view.reason or "the viewer is gone"
        return
    except StreamEndedError as error:
        view.reason = view.reason or error.detail
    finally:
        await cancel_all(work)
    try:
        async with asyncio.timeout(1.0):
            again = view.reason not in FOR_GOOD
            await _say(socket, type="ended", reason=view.reason, again=again)
            await socket.close(ENDED)
    except (TimeoutError, WebSocketDisconnect, RuntimeError):
        return


async def _hear(socket: WebSocket) -> None:
    """Notice that the viewer leaves; what he says is nothing to us."""
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1000))


async def _wait(view: View) -> None:
    await view.over.wait()


async def _send(socket: WebSocket, view: View) -> None:
    told = 0
    while True:
        piece = await view.viewer.next()
        async with asyncio.timeout(SEND_WITHIN_S):
            if isinstance(piece, Notice):
                await _say(socket, type="state", reason=piece.reason)
                continue
            if view.viewer.skipped != told:
                told = view.viewer.skipped
                await _say(socket, type="skipped", pieces=told)
            await _send_piece(socket, view, piece)


async def _send_piece(socket: WebSocket, view: View, piece: Piece) -> None:
    if piece.kind is not Kind.FORMAT:
        await socket.send_bytes(piece.observed_ms.to_bytes(8, "big") + piece.data)
        return
    form = format_of(piece)
    await _say(
        socket,
        type="format",
        mime=form.mime,
        started_at=wire_time(view.opened_at),
    )
    if form.init:
        await socket.send_bytes(bytes(8) + form.init)


async def _say(socket: WebSocket, **message: JsonValue) -> None:
    await socket.send_text(orjson.dumps(message).decode())
