"""The demo city: its sites, its cameras, who drives past them, whom it looks for."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field

from amaan.city.model import Site, SiteKind
from amaan.kernel.geography import Point
from amaan.simulation.files import data_path
from amaan.simulation.street.light import Light
from amaan.simulation.street.plates import Plate, PlateKind
from amaan.simulation.street.render import LoopPlan
from amaan.simulation.street.traffic import Wish, plan
from amaan.simulation.street.vehicles import VehicleKind

ROUTE_STEP_S = 12  # the looked-for car passes the next camera of its route after so long
ROUTE_COUNT = 2  # other vehicles in one round of a camera on the route
LOOP_S = 84
LOOP_COUNT = 1
BESIDE_ROAD_M = 16.0  # a camera stands so far from its site's middle
_M_PER_DEG = 111_320.0
_COMPASS = ("north", "north-east", "east", "south-east", "south", "south-west", "west",
            "north-west")  # fmt: skip


class By(StrEnum):
    """How a camera's pictures are had."""

    RTSP = "rtsp"
    MJPEG = "mjpeg"
    FILM = "film"
    STILLS = "stills"
    NOTHING = "nothing"  # an address where nobody answers


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Row = TypeVar("Row", bound=_Strict)


class _SiteRow(_Strict):
    code: str
    name: str
    name_ur: str
    kind: SiteKind
    lon: float
    lat: float


class _CameraRow(_Strict):
    code: str
    bearing_deg: float = Field(ge=0, lt=360)
    light: Light
    by: By = By.RTSP


class _Driver(_Strict):
    plate: str
    kind: PlateKind
    vehicle: VehicleKind
    paint: str

    def wish(self, at_s: float) -> Wish:
        return Wish(Plate(self.plate, self.kind), at_s, self.vehicle, self.paint)


class _Route(_Driver):
    cameras: tuple[str, ...]


class _Passing(_Driver):
    camera: str
    at_s: float


class WantedRow(_Strict):
    """An entry of the demo's hot-list; ``valid_days`` below 0: it has ended already."""

    plate: str
    reason: str
    category: str
    severity: str
    case_ref: str
    instructions: str
    valid_days: int


class _Story(_Strict):
    route: _Route
    passings: tuple[_Passing, ...]
    hotlist: tuple[WantedRow, ...]


@dataclass(frozen=True, slots=True)
class DemoCamera:
    """A camera of the demo city."""

    code: str
    name: str
    site: str
    place: Point
    bearing_deg: float
    by: By
    plan: LoopPlan


class DemoCity:
    """Everything about the city that does not depend on where it is served."""

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._rows = _read("cameras.json", _CameraRow)
        self._story = _Story.model_validate_json(_text("story.json"))

    @cached_property
    def sites(self) -> tuple[Site, ...]:
        """All sites, with Urdu names."""
        rows = _read("sites.json", _SiteRow)
        return tuple(Site(r.code, r.name, r.name_ur, r.kind, Point(r.lon, r.lat)) for r in rows)

    @cached_property
    def cameras(self) -> tuple[DemoCamera, ...]:
        """All cameras with what they show."""
        sites = {site.code: site for site in self.sites}
        cameras = []
        for row in self._rows:
            site = sites[row.code.rpartition("-")[0]]
            way = _COMPASS[round(row.bearing_deg / 45) % 8]
            name = f"{site.name}, facing {way}"
            place = _beside(site.place, row.bearing_deg)
            cameras.append(
                DemoCamera(
                    row.code, name, site.code, place, row.bearing_deg, row.by, self._plan(row)
                )
            )
        return tuple(cameras)

    @property
    def wanted(self) -> tuple[WantedRow, ...]:
        """The hot-list."""
        return self._story.hotlist

    @property
    def route(self) -> tuple[str, ...]:
        """Codes of the cameras that the looked-for car passes, in its order."""
        return self._story.route.cameras

    @property
    def route_plate(self) -> str:
        """The looked-for car's plate as written."""
        return self._story.route.plate

    @property
    def round_s(self) -> int:
        """How long the looked-for car takes for its route."""
        return ROUTE_STEP_S * len(self.route)

    def _plan(self, row: _CameraRow) -> LoopPlan:
        seed = f"{row.code}/{self._seed}"
        wishes = [p.wish(p.at_s) for p in self._story.passings if p.camera == row.code]
        if row.code in self.route:
            at_s = ROUTE_STEP_S * (self.route.index(row.code) + 0.5)
            wishes.append(self._story.route.wish(at_s))
            passings = plan(seed, self.round_s, ROUTE_COUNT, wishes)
            return LoopPlan(seed, row.light, self.round_s, passings)
        count = max(0, LOOP_COUNT - len(wishes))
        passings = plan(seed, LOOP_S, count, wishes)
        return LoopPlan(seed, row.light, LOOP_S, passings)


def more_cameras(city: DemoCity, count: int) -> Sequence[tuple[str, DemoCamera]]:
    """Return (code, camera) for ``count`` cameras served by RTSP, loops shared where needed."""
    own = [camera for camera in city.cameras if camera.by is By.RTSP]
    named = []
    for number in range(count):
        camera = own[number % len(own)]
        turn = number // len(own)
        named.append((camera.code if turn == 0 else f"{camera.code}-{turn + 1}", camera))
    return named


def _beside(place: Point, bearing_deg: float) -> Point:
    """Return the place of a camera that looks along a bearing across its site."""
    turn = math.radians(bearing_deg + 160)
    north, east = math.cos(turn) * BESIDE_ROAD_M, math.sin(turn) * BESIDE_ROAD_M
    lat = place.lat + north / _M_PER_DEG
    lon = place.lon + east / (_M_PER_DEG * math.cos(math.radians(place.lat)))
    return Point(round(lon, 6), round(lat, 6))


def _text(name: str) -> str:
    return data_path(name).read_text(encoding="utf-8")


def _read(name: str, kind: type[Row]) -> list[Row]:
    return [kind.model_validate(row) for row in json.loads(_text(name))]
