"""The demo city's streets: those of its base map, joined where they cross, and every site on them.

Drawn, not surveyed: they serve the demonstration. Both ways everywhere.
"""

from __future__ import annotations

import itertools
import math
from typing import Final, cast

import numpy as np

from amaan.city.roads.model import Roads
from amaan.kernel.geography import Point, distance_m
from amaan.simulation.basemap import FeatureCollection
from amaan.simulation.city import DemoCity
from amaan.simulation.files import read_json

KMH: Final = {"motorway": 60.0, "primary": 45.0, "secondary": 35.0, "street": 25.0}
JOINED_M: Final = 120.0  # the end of a drawn road that is so near another one meets it
_CELL: Final = 0.004  # degrees: crossings are looked for within cells of this size
_M_PER_DEG: Final = 111_195.0
Pair = tuple[float, float]


class _Sheet:
    """Segments of roads, cut where they are crossed."""

    def __init__(self) -> None:
        self.segments: list[tuple[Pair, Pair, str]] = []
        self.cuts: list[list[float]] = []
        self.cells: dict[tuple[int, int], list[int]] = {}

    def add(self, a: Pair, b: Pair, kind: str) -> None:
        index = len(self.segments)
        self.segments.append((a, b, kind))
        self.cuts.append([])
        for cell in _cells(a, b):
            self.cells.setdefault(cell, []).append(index)

    def cut_crossings(self) -> None:
        for inside in self.cells.values():
            for i, j in itertools.combinations(inside, 2):
                crossing = _crossing(self.segments[i][:2], self.segments[j][:2])
                if crossing is not None:
                    self.cuts[i].append(crossing[0])
                    self.cuts[j].append(crossing[1])

    def join(self, place: Pair, most_m: float, *, but: set[int]) -> Pair | None:
        """Cut the nearest road beside a place and return where; None: none is near enough."""
        narrow = math.cos(math.radians(place[1]))
        best: tuple[float, int, float] | None = None
        for index, (a, b, _) in enumerate(self.segments):
            if index in but:
                continue
            share = _nearest(place, a, b)
            lon, lat = _at(a, b, share)
            off = math.hypot((lon - place[0]) * narrow, lat - place[1])
            if best is None or off < best[0]:
                best = (off, index, share)
        if best is None or best[0] * _M_PER_DEG > most_m:
            return None
        self.cuts[best[1]].append(best[2])
        a, b, _ = self.segments[best[1]]
        return _at(a, b, best[2])


def demo_roads(city: DemoCity | None = None) -> Roads:
    """Return the streets of the demo city."""
    sheet = _Sheet()
    links: list[tuple[Pair, Pair, str]] = []
    own: dict[int, set[int]] = {}
    ends: list[tuple[Pair, int]] = []
    drawn = cast(FeatureCollection, read_json("basemap.geojson"))["features"]
    lines = [one for one in drawn if one["properties"]["layer"] == "road"]
    for number, line in enumerate(lines):
        pairs = cast("list[tuple[float, float]]", line["geometry"]["coordinates"])
        points = [(lon, lat) for lon, lat in pairs]
        first = len(sheet.segments)
        for a, b in itertools.pairwise(points):
            sheet.add(a, b, str(line["properties"]["class"]))
        own[number] = set(range(first, len(sheet.segments)))
        ends += [(points[0], number), (points[-1], number)]
    for place, number in ends:
        met = sheet.join(place, JOINED_M, but=own[number])
        if met is not None and met != place:
            links.append((place, met, "street"))
    for site in (city or DemoCity()).sites:
        place = (site.place.lon, site.place.lat)
        met = sheet.join(place, math.inf, but=set())
        if met is not None and met != place:
            links.append((place, met, "street"))
    sheet.cut_crossings()
    return _roads(sheet, links)


def _roads(sheet: _Sheet, links: list[tuple[Pair, Pair, str]]) -> Roads:
    number: dict[Pair, int] = {}
    edges: list[tuple[int, int, float, float]] = []

    def add(a: Pair, b: Pair, kind: str) -> None:
        ends = [number.setdefault((round(p[0], 6), round(p[1], 6)), len(number)) for p in (a, b)]
        if ends[0] != ends[1]:
            metres = max(distance_m(Point(*a), Point(*b)), 0.1)
            edges.append((ends[0], ends[1], metres, KMH.get(kind, KMH["street"])))

    for (a, b, kind), cuts in zip(sheet.segments, sheet.cuts, strict=True):
        points = [_at(a, b, share) for share in sorted({0.0, 1.0, *cuts})]
        for p, q in itertools.pairwise(points):
            add(p, q, kind)
    for a, b, kind in links:
        add(a, b, kind)
    places = np.array(list(number), dtype=np.float64)
    return Roads(
        lon=places[:, 0],
        lat=places[:, 1],
        start=np.array([edge[0] for edge in edges], dtype=np.int32),
        end=np.array([edge[1] for edge in edges], dtype=np.int32),
        metres=np.array([edge[2] for edge in edges], dtype=np.float32),
        kmh=np.array([edge[3] for edge in edges], dtype=np.float32),
        one_way=np.zeros(len(edges), dtype=np.bool_),
    )


def _cells(a: Pair, b: Pair) -> set[tuple[int, int]]:
    west, east = sorted((a[0], b[0]))
    south, north = sorted((a[1], b[1]))
    columns = range(math.floor(west / _CELL), math.floor(east / _CELL) + 1)
    rows = range(math.floor(south / _CELL), math.floor(north / _CELL) + 1)
    return {(column, row) for column in columns for row in rows}


def _crossing(one: tuple[Pair, Pair], two: tuple[Pair, Pair]) -> tuple[float, float] | None:
    (a, b), (c, d) = one, two
    rx, ry, sx, sy = b[0] - a[0], b[1] - a[1], d[0] - c[0], d[1] - c[1]
    turn = rx * sy - ry * sx
    if abs(turn) < 1e-16:
        return None
    t = ((c[0] - a[0]) * sy - (c[1] - a[1]) * sx) / turn
    u = ((c[0] - a[0]) * ry - (c[1] - a[1]) * rx) / turn
    return (t, u) if 0 <= t <= 1 and 0 <= u <= 1 else None


def _nearest(place: Pair, a: Pair, b: Pair) -> float:
    narrow = math.cos(math.radians(place[1]))
    dx, dy = (b[0] - a[0]) * narrow, b[1] - a[1]
    square = dx * dx + dy * dy
    if square == 0:
        return 0.0
    along = ((place[0] - a[0]) * narrow * dx + (place[1] - a[1]) * dy) / square
    return min(1.0, max(0.0, along))


def _at(a: Pair, b: Pair, share: float) -> Pair:
    return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share)
