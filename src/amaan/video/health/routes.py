"""HTTP: how cameras stood."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict

from amaan.trust.audit.trail import trail_of
from amaan.trust.guards import permitted
from amaan.trust.model import Account
from amaan.video.channel import Channels
from amaan.video.events import wire_time
from amaan.video.health.model import Availability, Entry
from amaan.video.health.service import By, HealthService

HealthViewer = Annotated[Account, Depends(permitted("video.health"))]
Steerer = Annotated[Account, Depends(permitted("video.steer"))]
Since = Annotated[AwareDatetime | None, Query(alias="from")]
Until = Annotated[AwareDatetime | None, Query(alias="to")]
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True)


class AvailabilityItem(_Body):
    """Of one camera, site or vendor. ``share``: up out of expected; null: nothing was expected."""

    key: str
    name: str
    cameras: int
    expected_s: float
    up_s: float
    recorded_s: float | None
    share: float | None
    outages: int
    longest_s: float

    @classmethod
    def of(cls, one: Availability) -> AvailabilityItem:
        """Return it as the API shows it."""
        return cls(
            key=one.key,
            name=one.name,
            cameras=one.cameras,
            expected_s=round(one.expected_s, 1),
            up_s=round(one.up_s, 1),
            recorded_s=None if one.recorded_s is None else round(one.recorded_s, 1),
            share=None if one.share is None else round(one.share, 6),
            outages=one.outages,
            longest_s=round(one.longest_s, 1),
        )


class AvailabilityItems(_Body):
    """The least available first."""

    items: list[AvailabilityItem]


class HistoryItem(_Body):
    """A state or a condition, and while it was so. ``until`` null: it lasts."""

    kind: str
    since: str
    until: str | None
    detail: str

    @classmethod
    def of(cls, entry: Entry) -> HistoryItem:
        """Return it as the API shows it."""
        since, until = wire_time(entry.since) or "", wire_time(entry.until)
        return cls(kind=entry.kind, since=since, until=until, detail=entry.detail)


class HistoryItems(_Body):
    """Oldest first."""

    items: list[HistoryItem]


def router(health: HealthService, channels: Channels) -> APIRouter:
    """Return the chamber's routes, under ``/api/video``."""
    routes = APIRouter(prefix="/api/video", tags=["video"])

    @routes.get("/availability")
    async def list_availability(
        account: HealthViewer, since: Since = None, until: Until = None, by: By = "camera"
    ) -> AvailabilityItems:
        """Return how available cameras were, alone or by site or vendor."""
        found = await health.availability(*health.span(since, until), by)
        return AvailabilityItems(items=[AvailabilityItem.of(one) for one in found])

    @routes.get(
        "/availability/export",
        response_class=Response,
        responses={200: {"content": {"text/csv": {}}}},
    )
    async def export_availability(
        account: HealthViewer, since: Since = None, until: Until = None, by: By = "camera"
    ) -> Response:
        """Return the same as CSV."""
        found = await health.availability(*health.span(since, until), by)
        headers = {"content-disposition": f'attachment; filename="availability-by-{by}.csv"'}
        return Response(
            _sheet(found, *health.span(since, until)), 200, headers, "text/csv; charset=utf-8"
        )

    @routes.get("/cameras/{camera}/history")
    async def get_history(
        camera: str,
        account: HealthViewer,
        request: Request,
        since: Since = None,
        until: Until = None,
    ) -> HistoryItems:
        """Return how a camera stood, and what was wrong with it."""
        trail_of(request).note(camera=camera)
        found = await health.history(camera, *health.span(since, until))
        return HistoryItems(items=[HistoryItem.of(one) for one in found])

    @routes.post("/cameras/{camera}/view", status_code=204)
    async def accept_view(camera: str, account: Steerer, request: Request) -> Response:
        """Take what a camera sees now as what it should see: its worker learns it anew."""
        trail_of(request).note(camera=camera)
        worker = await channels.worker_of(camera)
        await channels.ask(worker, "judging.forget", {"camera": camera}, timeout_s=5.0)
        return Response(status_code=204)

    return routes


def _sheet(found: Sequence[Availability], since: datetime, until: datetime) -> str:
    stream = io.StringIO()
    lines = csv.writer(stream, lineterminator="\r\n")
    fields = list(AvailabilityItem.model_fields)
    lines.writerow(["from", "to", *fields])
    for one in found:
        values = AvailabilityItem.of(one).model_dump()
        row = [_plain(values[name]) for name in fields]
        lines.writerow([wire_time(since), wire_time(until), *row])
    return stream.getvalue()


def _plain(value: object) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text
