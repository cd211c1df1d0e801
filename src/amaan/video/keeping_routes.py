"""HTTP: an operator has a camera recorded."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from amaan.trust.audit.trail import trail_of
from amaan.trust.guards import permitted
from amaan.trust.model import Account
from amaan.video.events import wire_time
from amaan.video.keeping import LONGEST, Keeping

Code = Annotated[str, Path(min_length=1, max_length=64)]
Watcher = Annotated[Account, Depends(permitted("video.live"))]


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class RecordBody(_Body):
    """For how long from now."""

    lasts_s: int = Field(default=600, ge=10, le=int(LONGEST.total_seconds()))


class KeptBody(_Body):
    """``until``: what the camera sees is kept up to then at least."""

    camera: str
    until: str


def router(keeping: Keeping) -> APIRouter:
    """Return the routes, under ``/api/video``."""
    routes = APIRouter(prefix="/api/video", tags=["video"])

    @routes.post("/cameras/{camera}/record")
    async def record_camera(
        camera: Code, body: RecordBody, account: Watcher, request: Request
    ) -> KeptBody:
        """Keep what a camera sees from now on, where it is recorded around events only."""
        trail_of(request).note(camera=camera, cameras=[camera], lasts_s=body.lasts_s)
        until = await keeping.keep(camera, timedelta(seconds=body.lasts_s))
        return KeptBody(camera=camera, until=wire_time(until) or "")

    return routes
