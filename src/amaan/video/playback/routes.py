"""HTTP: recordings are opened, played piece by piece, and taken out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from amaan.kernel.errors import InvalidError
from amaan.trust.audit.trail import trail_of
from amaan.trust.guards import permitted
from amaan.trust.model import Account, Session
from amaan.video.events import wire_time
from amaan.video.index.model import Stream
from amaan.video.playback.exports import ExportService
from amaan.video.playback.model import Export, ExportState, NewExport
from amaan.video.playback.service import PlaybackService
from amaan.video.ports import CameraBook

Code = Annotated[str, Field(min_length=1, max_length=64)]
Player = Annotated[Account, Depends(permitted("video.playback"))]
Exporter = Annotated[Account, Depends(permitted("video.export"))]
At = Annotated[AwareDatetime, Query()]
Granted = Annotated[UUID, Query()]

_PIECE: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"video/mp4": {}, "image/jpeg": {}},
        "headers": {
            name: {"schema": {"type": "string"}, "description": about}
            for name, about in {
                "Amaan-Start": "When the piece's first picture was taken",
                "Amaan-End": "When its last ends",
                "Amaan-Next": "Where the next recording begins, where it is not here",
                "Amaan-Mime": "MIME type with codecs",
                "Amaan-Note": "What was done to it, such as recoding",
            }.items()
        },
    }
}
_JPEG: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"image/jpeg": {}},
        "headers": {
            "Amaan-Start": {
                "schema": {"type": "string"},
                "description": "When the picture was taken",
            }
        },
    }
}


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class OpeningBody(_Body):
    """Which recordings somebody is about to look at."""

    cameras: Annotated[list[Code], Field(min_length=1, max_length=16)]
    since: AwareDatetime = Field(alias="from")
    until: AwareDatetime = Field(alias="to")


class OpenedBody(_Body):
    """Pieces of these cameras and this time may be fetched by ``id``, by this session."""

    id: UUID
    cameras: list[str]
    since: str
    until: str
    ends_at: str


class NewExportBody(_Body):
    """What is wanted, under which authority, and why."""

    cameras: Annotated[list[Code], Field(min_length=1, max_length=16)]
    since: AwareDatetime = Field(alias="from")
    until: AwareDatetime = Field(alias="to")
    stream: Stream = "main"
    authority: UUID | None = None
    reason: Annotated[str, Field(max_length=500)]


class ExportFileBody(_Body):
    """One camera's MP4. ``sha256`` once it is ready; ``detail`` says what it waits for."""

    camera: str
    state: ExportState
    detail: str
    sha256: str | None
    size_bytes: int | None


class ExportBody(_Body):
    """An export of one's own."""

    id: UUID
    cameras: list[str]
    stream: Stream
    since: str
    until: str
    authority: UUID
    case_ref: str
    reason: str
    state: ExportState
    wanted_at: str
    settled_at: str | None
    files: list[ExportFileBody]

    @classmethod
    def of(cls, export: Export) -> ExportBody:
        """Return an export as the API shows it."""
        return cls(
            id=export.id,
            cameras=list(export.cameras),
            stream=export.stream,
            since=wire_time(export.since) or "",
            until=wire_time(export.until) or "",
            authority=export.authority,
            case_ref=export.case_ref,
            reason=export.reason,
            state=export.state,
            wanted_at=wire_time(export.wanted_at) or "",
            settled_at=wire_time(export.settled_at),
            files=[
                ExportFileBody(
                    camera=file.camera,
                    state=file.state,
                    detail=file.detail,
                    sha256=file.sha256,
                    size_bytes=file.size_bytes,
                )
                for file in export.files
            ],
        )


class ExportsBody(_Body):
    """One's own exports, newest first."""

    items: list[ExportBody]
    next_cursor: str | None = None


def _utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise InvalidError("a time out of range") from error


def _session(request: Request) -> Session:
    session = trail_of(request).session
    assert session is not None, "behind a guard"
    return session


def router(playback: PlaybackService, exports: ExportService, book: CameraBook) -> APIRouter:
    """Return the routes under ``/api/video`` for what was recorded."""
    routes = APIRouter(prefix="/api/video", tags=["video"])
    _add_playback(routes, playback, book)
    _add_exports(routes, exports, book)
    return routes


def _add_playback(routes: APIRouter, playback: PlaybackService, book: CameraBook) -> None:
    @routes.post("/playback", status_code=201)
    async def open_playback(body: OpeningBody, account: Player, request: Request) -> OpenedBody:
        """Open cameras' recordings of a time. This is what the audit log tells of watching."""
        since, until = _utc(body.since), _utc(body.until)
        seen = await book.camera_codes()
        cameras = sorted({camera for camera in body.cameras if camera in seen})
        trail_of(request).note(
            cameras=list(dict.fromkeys(body.cameras)),
            since=since.isoformat(),
            until=until.isoformat(),
        )
        grant = playback.grants.open(_session(request), cameras, since, until, playback.clock.now())
        return OpenedBody(
            id=grant.id,
            cameras=cameras,
            since=wire_time(since) or "",
            until=wire_time(until) or "",
            ends_at=wire_time(grant.ends_at) or "",
        )

    def granted(request: Request, grant: UUID, camera: str, at: datetime) -> datetime:
        """Return the moment in UTC. What follows was written down when it was opened."""
        moment = _utc(at)
        playback.grants.use(grant, _session(request), camera, moment, playback.clock.now())
        trail_of(request).permission = None
        return moment

    @routes.get("/playback/{camera}/piece", response_class=Response, responses=_PIECE)
    async def get_piece(  # noqa: PLR0913  one parameter per query parameter of the API
        camera: Code,
        account: Player,
        request: Request,
        grant: Granted,
        at: At,
        stream: Stream = "main",
        keyframes: bool = False,
        most_s: Annotated[float, Query(ge=0.1, le=60)] = 4.0,
    ) -> Response:
        """Return a few seconds of recording, from the keyframe at or before a moment on."""
        moment = granted(request, grant, camera, at)
        piece = await playback.piece(camera, stream, moment, most_s, keyframes=keyframes)
        headers = {
            "Amaan-Start": piece.start,
            "Amaan-End": piece.end,
            "Amaan-Next": piece.next or "",
            "Amaan-Mime": piece.mime,
            "Amaan-Note": piece.note,
        }
        kind = "image/jpeg" if piece.mime.startswith("image/jpeg") else "video/mp4"
        return Response(piece.content, media_type=kind, headers=headers)

    @routes.get("/playback/{camera}/thumbnail", response_class=Response, responses=_JPEG)
    async def get_thumbnail(
        camera: Code,
        account: Player,
        request: Request,
        grant: Granted,
        at: At,
        width: Annotated[int, Query(ge=32, le=1920)] = 240,
    ) -> Response:
        """Return a small picture of the keyframe nearest to a moment."""
        moment = granted(request, grant, camera, at)
        taken_at, content = await playback.thumbnail(camera, moment, width)
        return Response(content, media_type="image/jpeg", headers={"Amaan-Start": taken_at})


def _add_exports(routes: APIRouter, exports: ExportService, book: CameraBook) -> None:
    @routes.post("/exports", status_code=202)
    async def make_export(body: NewExportBody, account: Exporter, request: Request) -> ExportBody:
        """Ask for recordings as files, under an authority that covers all of them."""
        since, until = _utc(body.since), _utc(body.until)
        trail = trail_of(request)
        trail.authority = body.authority
        trail.note(
            cameras=list(dict.fromkeys(body.cameras)),
            since=since.isoformat(),
            until=until.isoformat(),
            reason=body.reason,
        )
        new = NewExport(tuple(body.cameras), body.stream, since, until, body.authority, body.reason)
        made = await exports.request(account, new, await book.camera_codes())
        trail.note(export=str(made.id), case=made.case_ref)
        return ExportBody.of(made)

    @routes.get("/exports")
    async def list_exports(
        account: Exporter,
        cursor: UUID | None = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> ExportsBody:
        """Return one's own exports, newest first."""
        found = await exports.exports(account, cursor, limit)
        following = str(found[-1].id) if len(found) == limit else None
        return ExportsBody(items=[ExportBody.of(one) for one in found], next_cursor=following)

    @routes.get("/exports/{export_id}")
    async def get_export(export_id: UUID, account: Exporter, request: Request) -> ExportBody:
        """Return how one of one's own exports stands."""
        trail_of(request).note(export=str(export_id))
        return ExportBody.of(await exports.export(account, export_id))

    @routes.get(
        "/exports/{export_id}/content",
        response_class=StreamingResponse,
        responses={200: {"content": {"video/mp4": {}}}},
    )
    async def get_export_content(
        export_id: UUID, account: Exporter, request: Request, camera: Code | None = None
    ) -> StreamingResponse:
        """Return a camera's MP4; the first where none is named. Its hash goes to the audit log."""
        export, file = await exports.file(account, export_id, camera)
        trail = trail_of(request)
        trail.authority = export.authority
        trail.note(
            export=str(export_id),
            cameras=[file.camera],
            since=export.since.isoformat(),
            until=export.until.isoformat(),
            sha256=file.sha256,
            size_bytes=file.size_bytes,
            case=export.case_ref,
        )
        name = f"{file.camera}-{export.since:%Y%m%dT%H%M%SZ}.mp4"
        return StreamingResponse(
            exports.pieces(file),
            media_type="video/mp4",
            headers={
                "Content-Length": str(file.size_bytes),
                "Content-Disposition": f'attachment; filename="{name}"',
                "Amaan-Sha256": file.sha256 or "",
            },
        )
