"""Incidents over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from amaan.incidents import rules
from amaan.incidents.model import IncidentKind, IncidentState, NewIncident, NewStep, What
from amaan.incidents.ports import CameraBook
from amaan.incidents.pursuing import PursuitService
from amaan.incidents.service import IncidentsService
from amaan.incidents.wire import (
    IncidentDetailView,
    IncidentsView,
    IncidentView,
    PlaceView,
    PursuitOut,
)
from amaan.kernel.clock import Clock
from amaan.kernel.geography import Point
from amaan.trust.audit.trail import trail_of
from amaan.trust.guards import permitted
from amaan.trust.model import Account

Viewer = Annotated[Account, Depends(permitted("incidents.view"))]
Follower = Annotated[Account, Depends(permitted("incidents.view", keeps_awake=False))]
Handler = Annotated[Account, Depends(permitted("incidents.handle"))]
Pursuer = Annotated[Account, Depends(permitted("incidents.pursue"))]
Code = Annotated[str, Field(min_length=1, max_length=64)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewIncidentBody(_Body):
    """What happened. ``camera`` or ``place``, or both."""

    title: str = Field(min_length=1, max_length=rules.TITLE_LENGTH)
    kind: IncidentKind = IncidentKind.OTHER
    text: str = Field(default="", max_length=rules.TEXT_LENGTH)
    camera: Code | None = None
    place: PlaceView | None = None
    alarm: UUID | None = None


class NoteBody(_Body):
    """What a person has to say."""

    text: str = Field(min_length=1, max_length=rules.TEXT_LENGTH)


class StateBody(_Body):
    """The new state; a reason is needed to end an incident or to open it again."""

    state: IncidentState
    reason: str = Field(default="", max_length=rules.NOTE_LENGTH)


class StartBody(_Body):
    """Where a person has seen what is followed; ``seen_at``: time of the picture."""

    camera: Code
    seen_at: AwareDatetime


class StepBody(_Body):
    """What a person saw; ``at``: time of the picture, without which nothing was seen.

    ``undoes``: the step taken back.
    """

    what: Literal["seen", "not_seen", "lost", "opened", "undone", "ended"]
    at: AwareDatetime | None = None
    camera: Code | None = None
    note: str = Field(default="", max_length=rules.NOTE_LENGTH)
    undoes: UUID | None = None


def router(
    incidents: IncidentsService, pursuits: PursuitService, cameras: CameraBook, clock: Clock
) -> APIRouter:
    """Return the routes under /api/incidents."""
    routes = APIRouter(prefix="/api/incidents", tags=["incidents"])
    _add_incidents(routes, incidents)

    @routes.get("/{incident_id}/pursuit")
    async def get_pursuit(incident_id: UUID, account: Follower, request: Request) -> PursuitOut:
        """Return the pursuit that goes on, or went on last, and where to look next."""
        del account
        trail_of(request).note(incident=str(incident_id))
        view = await pursuits.view(incident_id)
        trail_of(request).note(cameras=sorted({step.camera for step in view.steps}))
        return PursuitOut.of(view, await cameras.cameras(), clock.now())

    @routes.post("/{incident_id}/pursuit", status_code=201)
    async def start_pursuit(
        incident_id: UUID, body: StartBody, account: Pursuer, request: Request
    ) -> PursuitOut:
        """Begin to follow from a camera; only in an open incident."""
        trail_of(request).note(
            incident=str(incident_id), camera=body.camera, cameras=[body.camera], step="started"
        )
        view = await pursuits.start(incident_id, body.camera, body.seen_at, account.username)
        return PursuitOut.of(view, await cameras.cameras(), clock.now())

    @routes.post("/{incident_id}/pursuit/steps", status_code=201)
    async def add_step(
        incident_id: UUID, body: StepBody, account: Pursuer, request: Request
    ) -> PursuitOut:
        """Say what was seen, or not, or take back what was said; nothing is ever deleted."""
        trail = trail_of(request)
        trail.note(incident=str(incident_id), step=body.what)
        if body.camera is not None:
            trail.note(camera=body.camera, cameras=[body.camera])
        new = NewStep(What(body.what), body.at, body.camera, body.note, body.undoes)
        view = await pursuits.step(incident_id, new, account.username)
        return PursuitOut.of(view, await cameras.cameras(), clock.now())

    return routes


def _add_incidents(routes: APIRouter, incidents: IncidentsService) -> None:
    @routes.get("")
    async def list_incidents(
        account: Viewer,
        state: Literal["open", "resolved", "closed", "all"] = "open",
        alarm: UUID | None = None,
        before: Annotated[int | None, Query(ge=1)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> IncidentsView:
        """Return incidents, newest first; ``alarm``: those opened from it."""
        del account
        items = await incidents.incidents(state=state, alarm=alarm, before=before, limit=limit + 1)
        more = items[limit - 1].number if len(items) > limit else None
        return IncidentsView(items=[IncidentView.of(i) for i in items[:limit]], next_before=more)

    @routes.post("", status_code=201)
    async def open_incident(
        body: NewIncidentBody, account: Handler, request: Request
    ) -> IncidentDetailView:
        """Open an incident."""
        trail = trail_of(request)
        if body.camera is not None:
            trail.note(camera=body.camera, cameras=[body.camera])
        if body.alarm is not None:
            trail.note(alarm=str(body.alarm))
        place = Point(body.place.lon, body.place.lat) if body.place else None
        new = NewIncident(body.title, body.kind, body.text, body.camera, place, body.alarm)
        detail = await incidents.open(new, account.username)
        trail.note(incident=str(detail.incident.id), number=detail.incident.number)
        return IncidentDetailView.of_detail(detail)

    @routes.get("/{incident_id}")
    async def get_incident(
        incident_id: UUID, account: Follower, request: Request
    ) -> IncidentDetailView:
        """Return an incident with its timeline."""
        del account
        trail_of(request).note(incident=str(incident_id))
        return IncidentDetailView.of_detail(await incidents.incident(incident_id))

    @routes.post("/{incident_id}/notes", status_code=201)
    async def add_note(
        incident_id: UUID, body: NoteBody, account: Handler, request: Request
    ) -> IncidentDetailView:
        """Add a note to the timeline."""
        trail_of(request).note(incident=str(incident_id))
        detail = await incidents.note(incident_id, body.text, account.username)
        return IncidentDetailView.of_detail(detail)

    @routes.post("/{incident_id}/state")
    async def move_incident(
        incident_id: UUID, body: StateBody, account: Handler, request: Request
    ) -> IncidentDetailView:
        """Change an incident's state; a pursuit ends with its incident."""
        trail_of(request).note(incident=str(incident_id), state=body.state.value)
        detail = await incidents.move(incident_id, body.state, body.reason, account.username)
        return IncidentDetailView.of_detail(detail)
