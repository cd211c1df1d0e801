"""Reads, journeys and pictures over HTTP, for the console."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, Field

from amaan.kernel.geography import Bounds
from amaan.plates import rules
from amaan.plates.events import ReadView, moment
from amaan.plates.model import PlateMatch, Read, ReadNotFoundError, Search
from amaan.plates.seeing import seen_read
from amaan.plates.service import PlatesService
from amaan.trust.audit.trail import trail_of
from amaan.trust.authority.model import Cover
from amaan.trust.guards import permitted
from amaan.trust.model import Account

Viewer = Annotated[Account, Depends(permitted("alarms.view"))]
Decider = Annotated[Account, Depends(permitted("plates.reach"))]
Named = Annotated[UUID | None, Query(description="The authority that allows it.")]
_JPEG: dict[int | str, dict[str, Any]] = {200: {"content": {"image/jpeg": {}}}}


class ReadsView(BaseModel):
    """A page of reads, newest first."""

    items: list[ReadView]
    next_cursor: str | None
    covered: CoveredView


class CoveredView(BaseModel):
    """What was searched: what was asked, narrowed to the authority and the age tier."""

    since: AwareDatetime | None
    until: AwareDatetime | None
    cameras: int | None = Field(description="How many; null: every one.")

    @classmethod
    def of(cls, cover: Cover) -> CoveredView:
        """Show a cover."""
        cameras = None if cover.cameras is None else len(cover.cameras)
        return cls(since=cover.since, until=cover.until, cameras=cameras)


class ReachView(BaseModel):
    """What an authority would let be searched, were it approved as it asks."""

    cameras: list[str] | None = Field(description="Null: every camera.")
    since: AwareDatetime | None
    until: AwareDatetime | None
    reads: int
    plates: int = Field(description="Different plates among the reads that were counted.")
    estimate: bool = Field(description="Too many to count: a guess.")


def _search(  # noqa: PLR0913  one parameter per query parameter of the API
    plate: Annotated[str | None, Query(max_length=64)] = None,
    match: PlateMatch = PlateMatch.EXACT,
    camera: Annotated[list[str] | None, Query(max_length=200)] = None,
    bounds: Annotated[str | None, Query(description="west,south,east,north in degrees")] = None,
    since: Annotated[AwareDatetime | None, Query(alias="from")] = None,
    until: Annotated[AwareDatetime | None, Query(alias="to")] = None,
    cursor: Annotated[str | None, Query(max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Search:
    return Search(
        plate=plate or None,
        match=match,
        cameras=tuple(dict.fromkeys(camera)) if camera else None,
        bounds=Bounds.parse(bounds) if bounds else None,
        since=since,
        until=until,
        cursor=cursor or None,
        limit=limit,
    )


def _note(request: Request, search: Search, authority: UUID | None) -> None:
    b, trail = search.bounds, trail_of(request)
    trail.authority = authority
    trail.note(
        plate=search.plate,
        match=search.match.value if search.plate else None,
        cameras=list(search.cameras) if search.cameras else None,
        bounds=[b.west, b.south, b.east, b.north] if b else None,
        since=search.since.isoformat() if search.since else None,
        until=search.until.isoformat() if search.until else None,
    )


def _feature(geometry: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _stop(read: Read, lon: float, lat: float, name: str) -> dict[str, Any]:
    return _feature(
        {"type": "Point", "coordinates": [lon, lat]},
        {
            "read": str(read.id),
            "camera": read.camera,
            "camera_name": name,
            "observed_at": moment(read.observed_at),
            "uncertain": read.uncertain,
        },
    )


def router(service: PlatesService) -> APIRouter:
    """Return the routes under /api/plates for reads, journeys and pictures."""
    routes = APIRouter(prefix="/api/plates", tags=["plates"])
    reader = Depends(permitted("plates.search"))

    @routes.get("/reads", dependencies=[reader])
    async def search_reads(
        request: Request,
        search: Annotated[Search, Depends(_search)],
        authority: Named = None,
    ) -> ReadsView:
        """Find reads, newest first: by plate, cameras, area and time, under an authority."""
        _note(request, search, authority)
        cover = await service.cover(search, authority)
        trail = trail_of(request)
        trail.note(purpose=cover.purpose.value, case=cover.case_ref)
        page = await service.search(search, cover)
        trail.note(reads=[str(read.id) for read in page.reads], count=len(page.reads))
        places = await service.places()
        return ReadsView(
            items=[ReadView.of(read, places) for read in page.reads],
            next_cursor=page.next_cursor,
            covered=CoveredView.of(cover),
        )

    @routes.get("/reach")
    async def get_reach(request: Request, authority: UUID, account: Decider) -> ReachView:
        """Return what would become searchable: for who decides, never for who asked."""
        trail_of(request).authority = authority
        found = await service.extent(authority, account.id)
        widest = found.widest
        return ReachView(
            cameras=None if widest.cameras is None else list(widest.cameras),
            since=widest.since,
            until=widest.until,
            reads=found.reads,
            plates=found.plates,
            estimate=found.estimate,
        )

    @routes.get("/journeys", dependencies=[reader])
    async def get_journey(
        request: Request,
        plate: Annotated[str, Query(min_length=1, max_length=64)],
        since: Annotated[AwareDatetime | None, Query(alias="from")] = None,
        until: Annotated[AwareDatetime | None, Query(alias="to")] = None,
        authority: Named = None,
    ) -> dict[str, Any]:
        """Return where a plate was read: GeoJSON, a LineString and its Points in time order."""
        search = Search(plate=plate, since=since, until=until)
        _note(request, search, authority)
        cover = await service.cover(search, authority)
        trail = trail_of(request)
        trail.note(purpose=cover.purpose.value, case=cover.case_ref)
        stops = await service.journey(search, cover)
        trail.note(reads=[str(read.id) for read, _ in stops], count=len(stops))
        features = [_stop(read, place.lon, place.lat, place.name) for read, place in stops]
        if len(stops) > 1:
            coordinates = [[place.lon, place.lat] for _, place in stops]
            line = {"type": "LineString", "coordinates": coordinates}
            features.insert(0, _feature(line, _span(plate, stops[0][0], stops[-1][0])))
        return {"type": "FeatureCollection", "features": features}

    _add_single(routes, service)
    return routes


def _add_single(routes: APIRouter, service: PlatesService) -> None:
    @routes.get("/reads/{read_id}")
    async def get_read(
        request: Request, read_id: UUID, account: Viewer, authority: Named = None
    ) -> ReadView:
        """Return one read: under an authority, or one that met an entry or passed just now."""
        read = await seen_read(service, request, account, read_id, authority)
        return ReadView.of(read, await service.places())

    @routes.get("/reads/{read_id}/picture", response_class=Response, responses=_JPEG)
    async def get_picture(
        request: Request, read_id: UUID, account: Viewer, authority: Named = None
    ) -> Response:
        """Return the picture of a read's vehicle."""
        read = await seen_read(service, request, account, read_id, authority)
        return await _picture(service, read.picture)

    @routes.get("/reads/{read_id}/crop", response_class=Response, responses=_JPEG)
    async def get_crop(
        request: Request, read_id: UUID, account: Viewer, authority: Named = None
    ) -> Response:
        """Return the picture of a read's plate."""
        read = await seen_read(service, request, account, read_id, authority)
        return await _picture(service, read.crop)


async def _picture(service: PlatesService, digest: str | None) -> Response:
    if digest is None:
        raise ReadNotFoundError("the read has no such picture")
    return Response(
        await service.picture(digest),
        media_type="image/jpeg",
        headers={"Cache-Control": "no-store"},
    )


def _span(plate: str, first: Read, last: Read) -> dict[str, Any]:
    return {
        "plate": rules.plate_of(plate),
        "from": moment(first.observed_at),
        "to": moment(last.observed_at),
    }
