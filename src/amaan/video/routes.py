"""HTTP: workers report and fetch their work; the console sees cameras, workers and clips."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from amaan.city.model import Assignment
from amaan.kernel.errors import InvalidError
from amaan.trust.audit.trail import trail_of
from amaan.trust.guards import CurrentWorker, permitted
from amaan.trust.model import Account
from amaan.video import rules
from amaan.video.clips import GREATEST_BYTES, ClipService
from amaan.video.events import camera_payload, wire_time, worker_payload
from amaan.video.model import (
    CameraHealth,
    CameraState,
    Clip,
    Condition,
    ConditionKind,
    Heartbeat,
    SpoolReport,
)
from amaan.video.rules import RangeNotSatisfiableError
from amaan.video.service import VideoService

Code = Annotated[str, Field(min_length=1, max_length=64)]
WorkerName = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]
Count = Annotated[int, Field(ge=0, lt=1 << 53)]
Reason = Annotated[str, Field(max_length=1000)]
Watcher = Annotated[Account, Depends(permitted("video.watch"))]
HealthViewer = Annotated[Account, Depends(permitted("video.health"))]


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class SpoolBody(_Body):
    """A worker's queue."""

    pending: Count
    state: Annotated[str, Field(pattern="^(ok|full|failing)$")]
    reason: Reason = ""


class ConditionBody(_Body):
    """Something wrong with a camera. ``since`` by the worker's clock."""

    kind: ConditionKind
    since: AwareDatetime
    detail: Reason = ""


class ConditionItem(_Body):
    """Something wrong with a camera, and since when."""

    kind: ConditionKind
    since: str
    detail: str


class CameraBody(_Body):
    """One camera as its worker sees it. ``since`` and ``last_frame_at`` by the worker's clock."""

    camera: Code
    state: CameraState
    reason: Reason = ""
    since: AwareDatetime
    fps: Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]
    width: Annotated[int, Field(ge=0, le=100_000)]
    height: Annotated[int, Field(ge=0, le=100_000)]
    last_frame_at: AwareDatetime | None = None
    skipped_frames: Count = 0
    reconnects: Annotated[int, Field(ge=0, lt=1 << 31)] = 0
    conditions: Annotated[list[ConditionBody], Field(max_length=20)] = []


class HeartbeatBody(_Body):
    """Sent every second."""

    worker: WorkerName
    boot: Code
    sent_at: AwareDatetime
    spool: SpoolBody
    cameras: Annotated[list[CameraBody], Field(max_length=2000)] = []


class WantedClipBody(_Body):
    """A clip that the worker should cut and deliver."""

    id: UUID
    camera: str
    start: str
    end: str


class HeartbeatAnswerBody(_Body):
    """``assignment_revision`` differs from the one known: fetch the assignment again.

    ``keep_reads_days``: what could not be shipped for longer is dropped.
    """

    received_at: str
    assignment_revision: str
    wanted_clips: list[WantedClipBody]
    keep_reads_days: int


class WeeklyBody(_Body):
    """A time on some days of the week, local. Monday is 0; ``to`` is 24:00 at most."""

    days: list[int]
    start: Annotated[str, Field(alias="from")]
    end: Annotated[str, Field(alias="to")]


class RecordPlanBody(_Body):
    """What of a camera is kept at its worker; ``gigabytes`` are 10^9 bytes."""

    mode: str
    schedule: list[WeeklyBody]
    before_s: float
    after_s: float
    days: int | None
    gigabytes: float | None


class HeldBody(_Body):
    """A time of recording that a hold keeps. since <= t < until."""

    since: str
    until: str


class AssignedCameraBody(_Body):
    """What is sealed opens with the key file that worker and centre share."""

    code: str
    address_sealed: str
    analysis_fps: float
    read_plates: bool
    sub_address_sealed: str | None
    onvif_sealed: str | None
    audio: bool
    recording: RecordPlanBody
    holds: list[HeldBody]

    @classmethod
    def of(cls, camera: Assignment) -> AssignedCameraBody:
        """Return a camera as its worker is told of it."""
        plan = camera.record
        return cls(
            code=camera.code,
            address_sealed=camera.address_sealed,
            analysis_fps=camera.analysis_fps,
            read_plates=camera.read_plates,
            sub_address_sealed=camera.sub_address_sealed,
            onvif_sealed=camera.onvif_sealed,
            audio=camera.audio,
            recording=RecordPlanBody(
                mode=plan.mode.value,
                schedule=[
                    WeeklyBody.model_validate({"days": t.days, "from": t.start, "to": t.end})
                    for t in plan.schedule
                ],
                before_s=plan.before_s,
                after_s=plan.after_s,
                days=plan.days,
                gigabytes=plan.gigabytes,
            ),
            holds=[
                HeldBody(since=wire_time(one.since) or "", until=wire_time(one.until) or "")
                for one in camera.holds
            ],
        )


class AssignmentBody(_Body):
    """The cameras that a worker should run."""

    revision: str
    cameras: list[AssignedCameraBody]


class FailureBody(_Body):
    """Why there will be no clip."""

    reason: Annotated[str, Field(min_length=1, max_length=1000)]


class CameraItem(_Body):
    """One camera, as last heard."""

    camera: str
    state: CameraState
    reason: str
    since: str
    fps: float
    width: int
    height: int
    last_frame_at: str | None
    skipped_frames: int
    reconnects: int
    worker: str
    conditions: list[ConditionItem] = []


class CameraItems(_Body):
    """All cameras that should run."""

    items: list[CameraItem]
    next_cursor: str | None = None


class WorkerItem(_Body):
    """One worker, as last heard. ``clock_offset_ms`` > 0: its clock is behind the centre's."""

    worker: str
    state: str
    reason: str
    since: str
    boot: str
    clock_offset_ms: int
    spool: SpoolBody
    last_heartbeat_at: str | None


class WorkerItems(_Body):
    """All workers."""

    items: list[WorkerItem]
    next_cursor: str | None = None


class ClipBody(_Body):
    """A piece of recording: wanted, ready or unavailable (``reason`` says why)."""

    id: UUID
    camera: str
    start: str
    end: str
    state: str
    reason: str

    @classmethod
    def of(cls, clip: Clip) -> ClipBody:
        """Return a clip as the API shows it."""
        return cls(
            id=clip.id,
            camera=clip.camera,
            start=wire_time(clip.start) or "",
            end=wire_time(clip.end) or "",
            state=clip.state.value,
            reason=clip.reason,
        )


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise InvalidError("a time out of range") from error


def _heartbeat(body: HeartbeatBody) -> Heartbeat:
    cameras = tuple(
        CameraHealth(
            camera=camera.camera,
            state=camera.state,
            reason=camera.reason,
            since=_in_utc(camera.since),
            fps=camera.fps,
            width=camera.width,
            height=camera.height,
            last_frame_at=_in_utc(camera.last_frame_at) if camera.last_frame_at else None,
            skipped_frames=camera.skipped_frames,
            reconnects=camera.reconnects,
            conditions=_conditions(camera.conditions),
        )
        for camera in body.cameras
    )
    spool = SpoolReport(body.spool.pending, body.spool.state, body.spool.reason)
    return Heartbeat(body.worker, body.boot, _in_utc(body.sent_at), spool, cameras)


def _conditions(told: list[ConditionBody]) -> tuple[Condition, ...]:
    """Return each kind once; who is offline the centre judges itself."""
    once = {one.kind: one for one in told if one.kind is not ConditionKind.OFFLINE}
    return tuple(
        Condition(kind, _in_utc(one.since), one.detail) for kind, one in sorted(once.items())
    )


async def _limited_body(request: Request, most_bytes: int) -> bytes:
    """Return the request's content; InvalidError as soon as it is too large."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > most_bytes:
            raise InvalidError(f"the content is larger than {most_bytes} bytes")
    return bytes(content)


def router(video: VideoService, clips: ClipService) -> APIRouter:
    """Return the room's routes, under ``/api/video``."""
    routes = APIRouter(prefix="/api/video", tags=["video"])
    _add_worker_routes(routes, video, clips)
    _add_console_routes(routes, video, clips)
    return routes


def _add_worker_routes(routes: APIRouter, video: VideoService, clips: ClipService) -> None:
    @routes.post("/heartbeat")
    async def take_heartbeat(body: HeartbeatBody, worker: CurrentWorker) -> HeartbeatAnswerBody:
        """Take a worker's word; answer with what it should know."""
        answer = await video.take_heartbeat(_heartbeat(body))
        return HeartbeatAnswerBody(
            received_at=wire_time(answer.received_at) or "",
            assignment_revision=answer.assignment_revision,
            wanted_clips=[
                WantedClipBody(
                    id=clip.id,
                    camera=clip.camera,
                    start=wire_time(clip.start) or "",
                    end=wire_time(clip.end) or "",
                )
                for clip in answer.wanted_clips
            ],
            keep_reads_days=answer.keep_reads_days,
        )

    @routes.get("/assignments")
    async def get_assignment(
        worker: Annotated[str, Query(min_length=1, max_length=64)], token: CurrentWorker
    ) -> AssignmentBody:
        """Return the cameras of a worker, their addresses sealed."""
        assignment = await video.assignment(worker)
        return AssignmentBody(
            revision=assignment.revision,
            cameras=[AssignedCameraBody.of(camera) for camera in assignment.cameras],
        )

    @routes.put(
        "/clips/{identifier}",
        status_code=204,
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"video/mp4": {"schema": {"type": "string", "format": "binary"}}},
            }
        },
    )
    async def put_clip(
        identifier: UUID,
        request: Request,
        worker: CurrentWorker,
        amaan_sha256: Annotated[str, Header(pattern="^[0-9a-f]{64}$")],
    ) -> Response:
        """Deliver a clip; idempotent."""
        await clips.deliver(identifier, await _limited_body(request, GREATEST_BYTES), amaan_sha256)
        return Response(status_code=204)

    @routes.post("/clips/{identifier}/failure", status_code=204)
    async def post_clip_failure(
        identifier: UUID, body: FailureBody, worker: CurrentWorker
    ) -> Response:
        """Say that a clip cannot be delivered."""
        await clips.report_failure(identifier, body.reason)
        return Response(status_code=204)


def _add_console_routes(routes: APIRouter, video: VideoService, clips: ClipService) -> None:
    @routes.get("/cameras")
    async def list_cameras(account: HealthViewer) -> CameraItems:
        """Return how every camera stands, as far as the account's sites go."""
        found = await video.cameras()
        return CameraItems(
            items=[CameraItem.model_validate(camera_payload(camera)) for camera in found]
        )

    @routes.get("/workers")
    async def list_workers(account: HealthViewer) -> WorkerItems:
        """Return how every worker stands."""
        return WorkerItems(
            items=[WorkerItem.model_validate(worker_payload(one)) for one in video.workers()]
        )

    @routes.get("/clips/{identifier}")
    async def get_clip(identifier: UUID, account: Watcher, request: Request) -> ClipBody:
        """Return whether a clip is there, and if not, why."""
        clip = await clips.clip(identifier)
        trail_of(request).note(clip=str(identifier), cameras=[clip.camera])
        return ClipBody.of(clip)

    @routes.get(
        "/clips/{identifier}/content",
        response_class=Response,
        responses={
            200: {"content": {"video/mp4": {}}},
            206: {"content": {"video/mp4": {}}},
            416: {"content": {"application/problem+json": {}}},
        },
    )
    @routes.head("/clips/{identifier}/content", include_in_schema=False)
    async def get_clip_content(
        identifier: UUID,
        account: Watcher,
        request: Request,
        range_: Annotated[str | None, Header(alias="range", max_length=200)] = None,
    ) -> Response:
        """Return a clip's MP4, or one range of its bytes."""
        clip = await clips.clip(identifier)
        trail_of(request).note(clip=str(identifier), cameras=[clip.camera])
        return _ranged(await clips.content(clip), range_, clip.digest or "")


def _ranged(content: bytes, header: str | None, digest: str) -> Response:
    headers = {
        "accept-ranges": "bytes",
        "etag": f'"{digest}"',
    }
    size = len(content)
    try:
        part = rules.byte_range(header, size)
    except RangeNotSatisfiableError as error:
        problem = {
            "type": "about:blank",
            "title": "Range Not Satisfiable",
            "status": error.status,
            "detail": error.detail,
            "code": error.code,
        }
        return Response(
            orjson.dumps(problem),
            error.status,
            {"content-range": f"bytes */{size}"},
            "application/problem+json",
        )
    if part is None:
        return Response(content, 200, headers, "video/mp4")
    headers["content-range"] = f"bytes {part.first}-{part.last}/{size}"
    return Response(content[part.first : part.last + 1], 206, headers, "video/mp4")
