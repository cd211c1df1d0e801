"""HTTP: turning a camera, and who turns it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from amaan.kernel.errors import InvalidError
from amaan.trust.audit.trail import trail_of
from amaan.trust.guards import permitted
from amaan.trust.model import Account
from amaan.video import ptz
from amaan.video.events import wire_time
from amaan.video.steering import Act, Action, Steering

Speed = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]
Code = Annotated[str, Path(min_length=1, max_length=64)]
Steerer = Annotated[Account, Depends(permitted("video.steer"))]


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class SteerBody(_Body):
    """``move`` goes on until ``stop``, or 3 s unless it is said again. ``preset``: its token."""

    action: Act
    pan: Speed = 0.0
    tilt: Speed = 0.0
    zoom: Speed = 0.0
    preset: Annotated[str, Field(min_length=1, max_length=64)] | None = None


class LeaseBody(_Body):
    """Who holds the camera. ``taken_from``: who held it until now."""

    held_by: str
    until: str
    mine: bool
    taken_from: str | None = None

    @classmethod
    def of(cls, lease: ptz.Lease, account: Account) -> LeaseBody:
        """Return a lease as somebody sees it."""
        return cls(
            held_by=lease.holder.name,
            until=wire_time(lease.until) or "",
            mine=lease.holder.account == account.id,
            taken_from=None if lease.taken_from is None else lease.taken_from.name,
        )


class PresetBody(_Body):
    """A position that the camera knows."""

    token: str
    name: str


class SteeringBody(_Body):
    """``reason`` says why the camera cannot be turned."""

    available: bool
    reason: str
    presets: list[PresetBody]
    lease: LeaseBody | None


def router(steering: Steering) -> APIRouter:
    """Return the routes, under ``/api/video``."""
    routes = APIRouter(prefix="/api/video", tags=["video"])

    @routes.get("/cameras/{camera}/ptz")
    async def get_steering(camera: Code, account: Steerer, request: Request) -> SteeringBody:
        """Return whether a camera can be turned, its presets and who turns it."""
        trail_of(request).note(camera=camera, cameras=[camera])
        state = await steering.state(camera)
        return SteeringBody(
            available=state.available,
            reason=state.reason,
            presets=[PresetBody(token=one.token, name=one.name) for one in state.presets],
            lease=None if state.lease is None else LeaseBody.of(state.lease, account),
        )

    @routes.post("/cameras/{camera}/ptz")
    async def steer_camera(
        camera: Code, body: SteerBody, account: Steerer, request: Request
    ) -> LeaseBody:
        """Turn a camera; whoever does holds it until 10 s after the last move."""
        trail = trail_of(request)
        trail.note(camera=camera, cameras=[camera], act=body.action)
        if (body.action == "preset") is not (body.preset is not None):
            raise InvalidError("a preset is named for the act `preset`, and for no other")
        who = ptz.Claim(account.id, account.display_name, ptz.rank_of(account.roles))
        action = Action(body.action, body.pan, body.tilt, body.zoom, body.preset)
        lease = await steering.steer(camera, who, action)
        if lease.taken_from is not None:
            trail.note(taken_from=lease.taken_from.name)
        return LeaseBody.of(lease, account)

    return routes
