"""How incidents and pursuits look in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from amaan.incidents import rules
from amaan.incidents.model import (
    Entry,
    EntryKind,
    Expected,
    Incident,
    IncidentKind,
    IncidentState,
    Offer,
    PursuitState,
    PursuitView,
    Sighting,
    Step,
    What,
)
from amaan.incidents.service import IncidentDetail
from amaan.plates.events import Moment
from amaan.plates.model import CameraPlace

Places = Mapping[str, CameraPlace]


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class PlaceView(_View):
    """WGS 84 degrees."""

    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)


class IncidentView(_View):
    """An incident. ``next_states``: those that may follow its own."""

    id: UUID
    number: int
    title: str
    kind: IncidentKind
    state: IncidentState
    next_states: list[IncidentState]
    open: bool
    site: str
    camera: str | None
    place: PlaceView
    alarm: UUID | None
    opened_at: Moment
    opened_by: str
    state_at: Moment
    pursued: bool

    @classmethod
    def of(cls, one: Incident) -> IncidentView:
        """Show an incident."""
        return cls(
            id=one.id,
            number=one.number,
            title=one.title,
            kind=one.kind,
            state=one.state,
            next_states=rules.next_states(one.state),
            open=rules.is_open(one.state),
            site=one.sites[0],
            camera=one.camera,
            place=PlaceView(lon=one.place.lon, lat=one.place.lat),
            alarm=one.alarm,
            opened_at=one.opened_at,
            opened_by=one.opened_by,
            state_at=one.state_at,
            pursued=one.pursued,
        )


class TimelineEntryView(_View):
    """A line of the timeline; ``moment``: time of the picture that it is about."""

    id: UUID
    at: Moment
    by: str
    kind: EntryKind
    what: str
    text: str
    camera: str | None
    moment: Moment | None

    @classmethod
    def of(cls, one: Entry) -> TimelineEntryView:
        """Show a line."""
        return cls(
            id=one.id,
            at=one.at,
            by=one.by,
            kind=one.kind,
            what=one.what,
            text=one.text,
            camera=one.camera,
            moment=one.moment,
        )


class IncidentDetailView(IncidentView):
    """An incident with its timeline, oldest first."""

    timeline: list[TimelineEntryView]

    @classmethod
    def of_detail(cls, detail: IncidentDetail) -> IncidentDetailView:
        """Show it."""
        lines = [TimelineEntryView.of(entry) for entry in detail.entries]
        return cls(**dict(IncidentView.of(detail.incident)), timeline=lines)


class IncidentsView(_View):
    """A page of incidents, newest first. ``next_before``: ask with it for older ones."""

    items: list[IncidentView]
    next_before: int | None


class StepView(_View):
    """A step; ``at``: time of the picture. ``undone``: somebody took it back since."""

    id: UUID
    what: What
    camera: str
    at: Moment
    made_at: Moment
    by: str
    note: str
    undoes: UUID | None
    undone: bool

    @classmethod
    def of(cls, one: Step, undone: bool) -> StepView:
        """Show a step."""
        return cls(
            id=one.id,
            what=one.what,
            camera=one.camera,
            at=one.at,
            made_at=one.made_at,
            by=one.by,
            note=one.note,
            undoes=one.undoes,
            undone=undone,
        )


class SightingView(_View):
    """A point of the trail; ``at_least_kmh`` from the one before, by the straight line."""

    step: UUID
    camera: str
    name: str
    what: What
    at: Moment
    by: str
    place: PlaceView | None
    at_least_kmh: float | None
    plausible: bool

    @classmethod
    def of(cls, one: Sighting, places: Places) -> SightingView:
        """Show a sighting."""
        camera = places.get(one.step.camera)
        kmh = one.at_least_kmh
        return cls(
            step=one.step.id,
            camera=one.step.camera,
            name=camera.name if camera else one.step.camera,
            what=one.step.what,
            at=one.step.at,
            by=one.step.by,
            place=PlaceView(lon=one.place.lon, lat=one.place.lat) if one.place else None,
            at_least_kmh=None if kmh is None else round(kmh, 1),
            plausible=one.plausible,
        )


class NextView(_View):
    """A camera to look at, with its window. ``direct``: none is passed before it."""

    camera: str
    name: str
    place: PlaceView
    travel_s: float
    metres: float
    earliest: Moment
    latest: Moment
    direct: bool | None
    state: Expected
    way: list[tuple[float, float]]

    @classmethod
    def of(cls, one: Offer, camera: CameraPlace) -> NextView:
        """Show a camera that may come next."""
        return cls(
            camera=camera.code,
            name=camera.name,
            place=PlaceView(lon=camera.lon, lat=camera.lat),
            travel_s=round(one.camera.travel_s, 1),
            metres=round(one.camera.metres, 1),
            earliest=one.earliest,
            latest=one.latest,
            direct=one.camera.direct,
            state=one.state,
            way=[(round(lon, 6), round(lat, 6)) for lon, lat in one.camera.way],
        )


class PursuitOut(_View):
    """A pursuit. ``basis``: by which knowledge ``next`` is ordered."""

    id: UUID
    state: PursuitState
    started_at: Moment
    started_by: str
    ended_at: Moment | None
    now: Moment
    basis: Literal["roads", "straight_line"]
    trail: list[SightingView]
    steps: list[StepView]
    next: list[NextView]

    @classmethod
    def of(cls, view: PursuitView, places: Places, now: Moment) -> PursuitOut:
        """Show a pursuit."""
        undone = {step.undoes for step in view.steps}
        return cls(
            id=view.row.id,
            state=view.state,
            started_at=view.row.started_at,
            started_by=view.row.started_by,
            ended_at=view.row.ended_at,
            now=now,
            basis=view.basis,
            trail=[SightingView.of(one, places) for one in view.trail],
            steps=[StepView.of(step, step.id in undone) for step in view.steps],
            next=[
                NextView.of(offer, places[offer.camera.camera])
                for offer in view.offers
                if offer.camera.camera in places
            ],
        )
