"""Incidents put together: streets, pursuits, and what they ask of the rooms below."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from amaan.alarms.service import AlarmsService
from amaan.app.opening import Engines
from amaan.app.settings import CentreSettings
from amaan.city.roads import routes as roads_routes
from amaan.city.roads.service import RoadsService
from amaan.city.service import CityService
from amaan.incidents import routes
from amaan.incidents.pursuing import PursuitService
from amaan.incidents.service import IncidentsService
from amaan.kernel.clock import Clock
from amaan.kernel.geography import Point, distance_m
from amaan.plates.model import CameraPlace
from amaan.video.index.model import Span
from amaan.video.index.service import IndexService
from amaan.video.index.store import end_cause

_PAGE = 2_000


class CamerasSeen:
    """``CameraBook``: of every camera those that the asker may see."""

    def __init__(self, city: CityService) -> None:
        self._city = city

    async def cameras(self) -> Mapping[str, CameraPlace]:
        """Return each camera by its code."""
        seen: dict[str, CameraPlace] = {}
        after = ""
        while True:
            page = await self._city.cameras(after, _PAGE)
            for one in page:
                place = one.place
                seen[one.code] = CameraPlace(one.code, one.name, one.site, place.lon, place.lat)
            if len(page) < _PAGE:
                return seen
            after = page[-1].code

    async def site_near(self, place: Point) -> str | None:
        """Return the asker's site that is nearest to a place."""
        sites = await self._city.sites()
        nearest = min(sites, key=lambda site: distance_m(site.place, place), default=None)
        return None if nearest is None else nearest.code


class AlarmsKnown:
    """``AlarmBook``: the alarms that the asker may see."""

    def __init__(self, alarms: AlarmsService) -> None:
        self._alarms = alarms

    async def moment(self, alarm: UUID, camera: str | None) -> datetime | None:
        """Return when it was last observed at a camera; None: not there. AlarmNotFoundError."""
        found = await self._alarms.alarm(alarm)
        at_camera = found.read is not None and found.read.camera == camera
        return found.last_observed_at if at_camera else None


class IncidentFootage:
    """``Footage``: copies at the centre, wanted by an incident."""

    def __init__(self, index: IndexService) -> None:
        self._index = index

    async def want(self, incident: UUID, camera: str, since: datetime, until: datetime) -> None:
        """Ask for a copy."""
        await self._index.want_copy(f"incident:{incident}", camera, Span(since, until))


class FootageLetGo:
    """``FootageEnd``: copies at the centre that an incident wanted."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def end(self, connection: AsyncConnection[TupleRow], incident: UUID) -> None:
        """Need them no more."""
        await end_cause(connection, f"incident:{incident}", self._clock.now())


class Incidents:
    """What a centre knows of incidents and streets."""

    def __init__(
        self,
        engines: Engines,
        settings: CentreSettings,
        city: CityService,
        beside: tuple[AlarmsService, IndexService],
    ) -> None:
        e, (alarms, index) = engines, beside
        self._clock = e.clock
        self.roads = RoadsService(e.database, e.clock, settings.roads)
        self.cameras = CamerasSeen(city)
        self.footage = IncidentFootage(index)
        self.service = IncidentsService(
            e.database, e.outbox, self.cameras, AlarmsKnown(alarms), e.clock
        )
        self.pursuits = PursuitService(
            e.database,
            e.outbox,
            (self.cameras, self.roads, self.footage),
            e.clock,
            settings.incidents,
        )

    def routers(self) -> Iterator[APIRouter]:
        """Yield the routes."""
        yield roads_routes.router(self.roads)
        yield routes.router(self.service, self.pursuits, self.cameras, self._clock)
