"""HTTP: workers tell what they recorded; the console sees it as a timeline."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from amaan.kernel.errors import InvalidError
from amaan.trust.audit.trail import trail_of
from amaan.trust.guards import CurrentWorker, permitted, reach
from amaan.trust.model import Account
from amaan.video.index import rules
from amaan.video.index.model import (
    CAUSES,
    CameraTimeline,
    Cause,
    Dropped,
    Entry,
    Gap,
    Removed,
    Segment,
    Stream,
)
from amaan.video.index.ports import Marks
from amaan.video.index.service import IndexService
from amaan.video.index.store import Window

JOURNAL_BYTES: Final = 8 << 20
CAMERAS_MOST: Final = 2_000
MARKED_MOST: Final = 16
MARKS_DAYS: Final = 32
READS_DAYS: Final = 2  # counted so far back in one question; farther out only alarms are drawn
_NOTED_MOST: Final = 50

Code = Annotated[str, Field(min_length=1, max_length=64)]
WorkerName = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]
Seq = Annotated[int, Field(ge=1, lt=1 << 53)]
Count = Annotated[int, Field(ge=0, lt=1 << 53)]
Named = Annotated[str, Query(max_length=6_000, pattern=r"^[A-Za-z0-9._,-]*$")]
"""Codes, with commas between them; an address has no room for more."""
Size = Annotated[int, Field(ge=0, le=100_000)]
Player = Annotated[Account, Depends(permitted("video.playback"))]


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Of(_Body):
    seq: Seq
    id: UUID
    camera: Code
    stream: Stream
    start: AwareDatetime


class OpenedBody(_Of):
    """A file is being written."""

    kind: Literal["opened"]
    codec: Annotated[str, Field(max_length=32)]
    width: Size = 0
    height: Size = 0

    def said(self) -> Segment:
        """Return it as a segment without an end."""
        return Segment(
            *(self.id, self.camera, self.stream, self.start, None, 0, None),
            *(self.codec, self.width, self.height, 0.0, False),
        )


class SegmentBody(_Of):
    """A file is finished, and will never change."""

    kind: Literal["segment"]
    end: AwareDatetime
    bytes: Count
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    codec: Annotated[str, Field(max_length=32)]
    width: Size
    height: Size
    fps: Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]
    has_audio: bool

    def said(self) -> Segment:
        """Return the segment."""
        return Segment(
            *(self.id, self.camera, self.stream, self.start, self.end, self.bytes),
            *(self.sha256, self.codec, self.width, self.height, self.fps, self.has_audio),
        )


class DroppedBody(_Body):
    """A file is gone."""

    seq: Seq
    kind: Literal["dropped"]
    id: UUID
    reason: Removed

    def said(self) -> Dropped:
        """Return what is gone."""
        return Dropped(self.id, self.reason)


class GapBody(_Of):
    """A time is not recorded; sent again with its end."""

    kind: Literal["gap"]
    end: AwareDatetime | None = None
    cause: Cause
    detail: Annotated[str, Field(max_length=1000)] = ""

    def said(self) -> Gap:
        """Return the gap."""
        return Gap(self.id, self.camera, self.stream, self.start, self.end, self.cause, self.detail)


EntryBody = Annotated[OpenedBody | SegmentBody | DroppedBody | GapBody, Field(discriminator="kind")]


class JournalBody(_Body):
    """A stretch of a worker's journal, ascending."""

    worker: WorkerName
    ledger: UUID
    entries: Annotated[list[EntryBody], Field(max_length=2_000)]


class AppliedBody(_Body):
    """Up to where everything is applied."""

    applied: int


class CameraTimelineBody(_Body):
    """Unix milliseconds. ``gaps``: from, to, place of the cause in ``causes``.

    ``oldest``: begin of the first day of which anything is kept.
    """

    camera: str
    spans: list[tuple[int, int]]
    gaps: list[tuple[int, int, int]]
    oldest: int | None


class TimelineBody(_Body):
    """Spans closer than ``pixel_ms`` are drawn as one; no gap is left out."""

    cameras: list[CameraTimelineBody]
    causes: list[Cause]
    pixel_ms: int


class AlarmMarkBody(_Body):
    """An alarm, at Unix milliseconds."""

    id: UUID
    camera: str
    at: int
    kind: str
    severity: str


class ReadsMarkBody(_Body):
    """Vehicles read from ``at`` on, for ``bucket_ms``."""

    camera: str
    at: int
    count: int


class MarksBody(_Body):
    """``reads`` None: too long a time, or reads are nothing for this account."""

    alarms: list[AlarmMarkBody]
    reads: list[ReadsMarkBody] | None
    bucket_ms: int


def _valid(entry: EntryBody) -> Entry:
    said = entry.said()
    if not isinstance(said, Dropped) and said.end is not None:
        if said.end < said.start:
            raise InvalidError(f"entry {entry.seq} ends before it starts", field="entries")
        if isinstance(said, Segment) and said.end - said.start > timedelta(hours=1):
            raise InvalidError(f"entry {entry.seq}: a segment is an hour at most", field="entries")
    return Entry(entry.seq, said)


def _named(cameras: str | None, most: int) -> tuple[str, ...] | None:
    if cameras is None:
        return None
    named = tuple(dict.fromkeys(part for part in cameras.split(",") if part))
    if not 1 <= len(named) <= most:
        raise InvalidError(f"name 1 to {most} cameras", field="cameras")
    return named


def _view(one: CameraTimeline) -> dict[str, object]:
    return {
        "camera": one.camera,
        "spans": one.spans,
        "gaps": one.gaps,
        "oldest": one.oldest,
    }


def router(index: IndexService, marks: Marks) -> APIRouter:
    """Return the index's routes, under ``/api/video``."""
    routes = APIRouter(prefix="/api/video", tags=["video"])

    @routes.post("/journal")
    async def take_journal(body: JournalBody, token: CurrentWorker) -> AppliedBody:
        """Take what a worker recorded, missed and removed; idempotent, in order."""
        entries = [_valid(entry) for entry in body.entries]
        return AppliedBody(applied=await index.apply(body.worker, body.ledger, entries))

    @routes.get("/timeline", response_model=TimelineBody)
    async def get_timeline(  # noqa: PLR0913  one parameter per query parameter of the API
        account: Player,
        request: Request,
        since: Annotated[AwareDatetime, Query(alias="from")],
        until: Annotated[AwareDatetime, Query(alias="to")],
        cameras: Named | None = None,
        stream: Stream = "main",
        width: Annotated[int, Query(ge=1, le=10_000)] = 1_000,
    ) -> Response:
        """Return what was recorded and what not, of named cameras or all that one may see."""
        named = _named(cameras, CAMERAS_MOST)
        trail_of(request).note(
            cameras=None if named is None else list(named[:_NOTED_MOST]),
            since=since.isoformat(),
            until=until.isoformat(),
        )
        found = await index.timeline(Window(named, stream, since, until), width)
        pixel = max(1, (rules.to_ms(until) - rules.to_ms(since)) // width)
        body = {
            "cameras": [_view(one) for one in found],
            "causes": CAUSES,
            "pixel_ms": pixel,
        }
        content = orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY)
        return Response(content, media_type="application/json")

    _add_marks(routes, marks)
    return routes


def _add_marks(routes: APIRouter, marks: Marks) -> None:
    @routes.get("/timeline/marks")
    async def get_marks(
        account: Player,
        request: Request,
        cameras: Named,
        since: Annotated[AwareDatetime, Query(alias="from")],
        until: Annotated[AwareDatetime, Query(alias="to")],
        width: Annotated[int, Query(ge=1, le=10_000)] = 1_000,
    ) -> MarksBody:
        """Return alarms and numbers of reads along a timeline, and no plate."""
        named = _named(cameras, MARKED_MOST) or ()
        if not timedelta() < until - since <= timedelta(days=MARKS_DAYS):
            raise InvalidError(f"more than nothing, at most {MARKS_DAYS} days", field="to")
        trail_of(request).note(
            cameras=list(named), since=since.isoformat(), until=until.isoformat()
        )
        bucket_s = max(1, int((until - since).total_seconds() * 4 / width))
        counted = until - since <= timedelta(days=READS_DAYS)
        may = reach(account, "alarms.view") is not None
        alarms = await marks.alarms(named, since, until) if may else ()
        reads = await marks.reads(named, since, until, bucket_s) if counted else None
        return MarksBody(
            alarms=[
                AlarmMarkBody(
                    id=one.id,
                    camera=one.camera,
                    at=rules.to_ms(one.at),
                    kind=one.kind,
                    severity=one.severity,
                )
                for one in alarms
            ],
            reads=None
            if reads is None
            else [
                ReadsMarkBody(camera=one.camera, at=rules.to_ms(one.at), count=one.count)
                for one in reads
            ],
            bucket_ms=bucket_s * 1000,
        )
