"""Reads, journeys and pictures over HTTP, for the console."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import AwareDatetime, BaseModel

from amaan.kernel.geography import Bounds
from amaan.plates import rules
from amaan.plates.events import ReadView, moment
from amaan.plates.model import PlateMatch, Read, Search
from amaan.plates.service import PlatesService
from amaan.trust.guards import permitted

Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="SHA-256 in hexadecimal.")]
_YEAR_S = 31_536_000


class ReadsView(BaseModel):
    """A page of reads, newest first."""

    items: list[ReadView]
    next_cursor: str | None


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
    async def search_reads(search: Annotated[Search, Depends(_search)]) -> ReadsView:
        """Find reads, newest first: by plate, cameras, area and time."""
        page = await service.search(search)
        places = await service.places()
        return ReadsView(
            items=[ReadView.of(read, places) for read in page.reads],
            next_cursor=page.next_cursor,
        )

    @routes.get("/reads/{read_id}", dependencies=[reader])
    async def get_read(read_id: UUID) -> ReadView:
        """Return one read."""
        return ReadView.of(await service.read(read_id), await service.places())

    @routes.get("/journeys", dependencies=[reader])
    async def get_journey(
        plate: Annotated[str, Query(min_length=1, max_length=64)],
        since: Annotated[AwareDatetime | None, Query(alias="from")] = None,
        until: Annotated[AwareDatetime | None, Query(alias="to")] = None,
    ) -> dict[str, Any]:
        """Return where a plate was read: GeoJSON, a LineString and its Points in time order."""
        stops = await service.journey(plate, since, until)
        features = [_stop(read, place.lon, place.lat, place.name) for read, place in stops]
        if len(stops) > 1:
            coordinates = [[place.lon, place.lat] for _, place in stops]
            line = {"type": "LineString", "coordinates": coordinates}
            features.insert(0, _feature(line, _span(plate, stops[0][0], stops[-1][0])))
        return {"type": "FeatureCollection", "features": features}

    @routes.get(
        "/pictures/{digest}",
        dependencies=[reader],
        response_class=Response,
        responses={200: {"content": {"image/jpeg": {}}}},
    )
    async def get_picture(digest: Digest) -> Response:
        """Return a picture; it never changes."""
        return Response(
            await service.picture(digest),
            media_type="image/jpeg",
            headers={"Cache-Control": f"private, max-age={_YEAR_S}, immutable"},
        )

    return routes


def _span(plate: str, first: Read, last: Read) -> dict[str, Any]:
    return {
        "plate": rules.plate_of(plate),
        "from": moment(first.observed_at),
        "to": moment(last.observed_at),
    }
