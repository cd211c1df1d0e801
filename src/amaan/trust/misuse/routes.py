"""Findings, and the facts that detectors go by, over HTTP; for auditors only."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from amaan.kernel.clock import Clock
from amaan.kernel.errors import InvalidError
from amaan.kernel.geography import Bounds, Point
from amaan.kernel.ids import new_id
from amaan.trust.audit.model import Entry
from amaan.trust.audit.trail import trail_of
from amaan.trust.guards import permitted
from amaan.trust.misuse.model import (
    Circle,
    Detector,
    FactsInputError,
    Finding,
    PlaceKind,
    ReviewDecision,
    SensitivePlace,
    Vehicles,
)
from amaan.trust.misuse.service import MisuseService
from amaan.trust.misuse.sheet import Roster
from amaan.trust.model import Account

Reviewer = Annotated[Account, Depends(permitted("trust.review_misuse"))]
Keeper = Annotated[Account, Depends(permitted("trust.keep_facts"))]
ROSTER_BYTES = 4 << 20
REJECTED_SHOWN = 1_000
_CSV = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}}
_PLATES = Field(max_length=20)


class FindingView(BaseModel):
    """What a detector found, and what an auditor made of it."""

    id: UUID
    detector: Detector
    account: UUID
    username: str
    subject: str
    since: datetime
    until: datetime
    explanation: str
    evidence: list[int] = Field(description="Positions in the audit log, ascending.")
    found_at: datetime
    decision: ReviewDecision | None
    note: str
    reviewed_at: datetime | None
    reviewed_by: UUID | None

    @classmethod
    def of(cls, finding: Finding) -> FindingView:
        """Show a finding."""
        found = finding.suspicion
        return cls(
            id=finding.id,
            detector=found.detector,
            account=UUID(found.actor.removeprefix("account:")),
            username=finding.username,
            subject=found.subject,
            since=found.since,
            until=found.until,
            explanation=found.explanation,
            evidence=list(found.positions),
            found_at=finding.found_at,
            decision=finding.decision,
            note=finding.note,
            reviewed_at=finding.reviewed_at,
            reviewed_by=finding.reviewed_by,
        )


class EvidenceView(BaseModel):
    """An entry of the audit log that a finding stands on."""

    position: int
    at: datetime
    action: str
    permission: str | None
    outcome: str
    authority: UUID | None
    details: dict[str, Any]

    @classmethod
    def of(cls, entry: Entry) -> EvidenceView:
        """Show an entry."""
        record = entry.record
        assert record.at is not None
        return cls(
            position=entry.position,
            at=record.at,
            action=record.action,
            permission=record.permission,
            outcome=record.outcome.value,
            authority=record.authority,
            details=dict(record.details),
        )


class FindingDetail(FindingView):
    """A finding with the first 200 entries it stands on."""

    entries: list[EvidenceView]


class FindingsView(BaseModel):
    """A page of findings, newest first."""

    items: list[FindingView]
    next_cursor: str | None


class ReviewBody(BaseModel):
    """What an auditor made of a finding, and why."""

    model_config = ConfigDict(extra="forbid")

    decision: ReviewDecision
    note: str = Field(min_length=1, max_length=2_000)


class VehiclesBody(BaseModel):
    """Plates that a person has declared."""

    model_config = ConfigDict(extra="forbid")

    own: Annotated[list[Annotated[str, Field(max_length=24)]], _PLATES]
    household: Annotated[list[Annotated[str, Field(max_length=24)]], _PLATES]

    @classmethod
    def of(cls, vehicles: Vehicles) -> VehiclesBody:
        """Show them."""
        return cls(own=sorted(vehicles.own), household=sorted(vehicles.household))


class RejectedLineView(BaseModel):
    """A line that was not taken; ``line`` counts from 1, the heading included."""

    line: int
    column: str
    reason: str
    row: str


class RosterView(BaseModel):
    """What became of a roster; ``rejected`` has the first thousand."""

    accepted: int
    rejected_count: int
    rejected: list[RejectedLineView]

    @classmethod
    def of(cls, roster: Roster) -> RosterView:
        """Show the report."""
        return cls(
            accepted=len(roster.shifts),
            rejected_count=len(roster.rejected),
            rejected=[
                RejectedLineView(line=r.line, column=r.column, reason=r.reason, row=r.row)
                for r in roster.rejected[:REJECTED_SHOWN]
            ],
        )


class CircleBody(BaseModel):
    """A round place."""

    model_config = ConfigDict(extra="forbid")

    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)
    radius_m: float = Field(gt=0, le=5_000)


class NewPlaceBody(BaseModel):
    """A sensitive place: a box of west, south, east, north degrees, or a circle."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    name: str = Field(min_length=1, max_length=120)
    kind: PlaceKind
    bounds: tuple[float, float, float, float] | None = None
    circle: CircleBody | None = None
    since: AwareDatetime = Field(alias="from")
    until: AwareDatetime = Field(alias="to")

    def place(self, identifier: UUID) -> SensitivePlace:
        """Return the place. Raises FactsInputError, InvalidError."""
        if (self.bounds is None) == (self.circle is None):
            raise FactsInputError("give bounds or a circle", field="bounds")
        area: Bounds | Circle
        if self.bounds is not None:
            area = Bounds(*self.bounds)
        else:
            assert self.circle is not None
            area = Circle(Point(self.circle.lon, self.circle.lat), self.circle.radius_m)
        return SensitivePlace(identifier, self.name, self.kind, area, self.since, self.until)


class PlaceView(NewPlaceBody):
    """A sensitive place."""

    id: UUID

    @classmethod
    def of(cls, place: SensitivePlace) -> PlaceView:
        """Show a place."""
        bounds = circle = None
        if isinstance(place.area, Circle):
            centre = place.area.centre
            circle = CircleBody(lon=centre.lon, lat=centre.lat, radius_m=place.area.radius_m)
        else:
            bounds = (place.area.west, place.area.south, place.area.east, place.area.north)
        found = {
            "id": place.id,
            "name": place.name,
            "kind": place.kind,
            "bounds": bounds,
            "circle": circle,
            "from": place.since,
            "to": place.until,
        }
        return cls.model_validate(found)


class PlacesView(BaseModel):
    """Sensitive places by time."""

    items: list[PlaceView]


def router(misuse: MisuseService, clock: Clock) -> APIRouter:
    """Return the routes under /api/trust for findings and facts."""
    routes = APIRouter(prefix="/api/trust", tags=["trust"])
    _add_findings(routes, misuse)
    _add_facts(routes, misuse)
    _add_places(routes, misuse, clock)
    return routes


def _add_findings(routes: APIRouter, misuse: MisuseService) -> None:
    @routes.get("/findings")
    async def list_findings(
        request: Request,
        _: Reviewer,
        state: Literal["open", "reviewed", "all"] = "open",
        cursor: Annotated[UUID | None, Query()] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> FindingsView:
        """Return findings, newest first."""
        found = await misuse.page(state=state, before=cursor, limit=limit + 1)
        more = len(found) > limit
        trail_of(request).note(count=min(len(found), limit))
        return FindingsView(
            items=[FindingView.of(each) for each in found[:limit]],
            next_cursor=str(found[limit - 1].id) if more else None,
        )

    @routes.get("/findings/{finding_id}")
    async def get_finding(request: Request, finding_id: UUID, _: Reviewer) -> FindingDetail:
        """Return a finding with the entries it stands on."""
        trail_of(request).note(finding=str(finding_id))
        found, entries = await misuse.finding(finding_id)
        shown = FindingView.of(found)
        return FindingDetail(
            **shown.model_dump(), entries=[EvidenceView.of(entry) for entry in entries]
        )

    @routes.post("/findings/{finding_id}/review")
    async def review_finding(
        request: Request, finding_id: UUID, body: ReviewBody, account: Reviewer
    ) -> FindingView:
        """Write down what was made of a finding; it then stays as it is."""
        trail_of(request).note(finding=str(finding_id), reason=body.note)
        reviewed = await misuse.review(finding_id, account.id, body.decision, body.note)
        trail_of(request).note(
            decision=body.decision.value, detector=reviewed.suspicion.detector.value
        )
        return FindingView.of(reviewed)


def _add_facts(routes: APIRouter, misuse: MisuseService) -> None:
    @routes.get("/accounts/{account_id}/vehicles")
    async def get_vehicles(request: Request, account_id: UUID, _: Keeper) -> VehiclesBody:
        """Return the vehicles that a person has declared."""
        trail_of(request).note(account=str(account_id))
        return VehiclesBody.of(await misuse.vehicles(account_id))

    @routes.put("/accounts/{account_id}/vehicles")
    async def put_vehicles(
        request: Request, account_id: UUID, body: VehiclesBody, _: Keeper
    ) -> VehiclesBody:
        """Replace the vehicles that a person has declared."""
        trail_of(request).note(account=str(account_id))
        declared = await misuse.set_vehicles(account_id, body.own, body.household)
        trail_of(request).note(count=len(declared.own) + len(declared.household))
        return VehiclesBody.of(declared)

    @routes.post("/shifts/import", openapi_extra=_CSV)
    async def import_shifts(request: Request, _: Keeper) -> RosterView:
        """Take a roster: username,start,end. Good lines all at once, bad ones named."""
        content = bytearray()
        async for part in request.stream():
            content += part
            if len(content) > ROSTER_BYTES:
                raise InvalidError(f"a roster may have at most {ROSTER_BYTES} bytes")
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise InvalidError("a roster is UTF-8 text") from error
        roster = await misuse.import_shifts(text)
        trail_of(request).note(count=len(roster.shifts))
        return RosterView.of(roster)


def _add_places(routes: APIRouter, misuse: MisuseService, clock: Clock) -> None:
    @routes.get("/sensitive-places")
    async def list_sensitive_places(_: Keeper) -> PlacesView:
        """Return sensitive places by time."""
        return PlacesView(items=[PlaceView.of(place) for place in await misuse.places()])

    @routes.post("/sensitive-places", status_code=201)
    async def add_sensitive_place(request: Request, body: NewPlaceBody, _: Keeper) -> PlaceView:
        """Add a place that may not be looked at during a time."""
        place = await misuse.add_place(body.place(new_id(clock.now())))
        trail_of(request).note(place=str(place.id), kind=place.kind.value)
        return PlaceView.of(place)

    @routes.delete("/sensitive-places/{place_id}", status_code=204)
    async def remove_sensitive_place(request: Request, place_id: UUID, _: Keeper) -> None:
        """Take a sensitive place away."""
        trail_of(request).note(place=str(place_id))
        await misuse.remove_place(place_id)
