"""The demo city's base map: smooth GeoJSON from a sketch of control points drawn by hand.

`data/basemap.sketch.json` is the drawing, `data/basemap.geojson` what this file makes of it.
Roads, coast and rivers run through their control points on centripetal Catmull-Rom curves;
districts share their border arcs, so that no gap or overlap appears between neighbours.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import TypedDict, cast

from amaan.simulation.files import data_path, read_json

Pair = tuple[float, float]
Line = list[Pair]

_LAT_REFERENCE = 24.87
_M_PER_DEG_LAT = 110_770.0  # at latitude 24.87, WGS 84
_M_PER_DEG_LON = 101_050.0
_STEP_M = 90.0  # a vertex about every so many metres of curve


class Feature(TypedDict):
    """A GeoJSON feature with the `layer` and names the console reads."""

    type: str
    properties: dict[str, str | int]
    geometry: dict[str, object]


class FeatureCollection(TypedDict):
    """GeoJSON (RFC 7946)."""

    type: str
    features: list[Feature]


def smooth(points: Sequence[Pair], *, closed: bool = False) -> Line:
    """Return the centripetal Catmull-Rom curve through the points, ends included.

    A closed curve repeats its first point at the end.
    """
    if len(points) < 3:
        return [_rounded(point) for point in points]
    ring = list(points)
    if closed:
        before, after = [ring[-1]], [ring[0], ring[1]]
    else:
        before = [(2 * ring[0][0] - ring[1][0], 2 * ring[0][1] - ring[1][1])]
        after = [(2 * ring[-1][0] - ring[-2][0], 2 * ring[-1][1] - ring[-2][1])]
    knots = before + ring + after
    curve: Line = []
    for index in range(1, len(knots) - 2):
        curve.extend(_span(knots[index - 1 : index + 3]))
    curve.append(knots[-2])
    return [_rounded(point) for point in curve]


def _span(four: Sequence[Pair]) -> Line:
    p0, p1, p2, p3 = four
    steps = max(1, min(14, round(_metres(p1, p2) / _STEP_M)))
    t1 = _knot(p0, p1)
    t2 = t1 + _knot(p1, p2)
    t3 = t2 + _knot(p2, p3)
    out: Line = []
    for step in range(steps):
        t = t1 + (t2 - t1) * step / steps
        a1, a2, a3 = _mix(p0, p1, 0, t1, t), _mix(p1, p2, t1, t2, t), _mix(p2, p3, t2, t3, t)
        b1, b2 = _mix(a1, a2, 0, t2, t), _mix(a2, a3, t1, t3, t)
        out.append(_mix(b1, b2, t1, t2, t))
    return out


def _knot(a: Pair, b: Pair) -> float:
    return max(math.sqrt(_metres(a, b)), 1e-6)


def _mix(a: Pair, b: Pair, start: float, end: float, t: float) -> Pair:
    share = (t - start) / (end - start)
    return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share)


def _metres(a: Pair, b: Pair) -> float:
    return math.hypot((a[0] - b[0]) * _M_PER_DEG_LON, (a[1] - b[1]) * _M_PER_DEG_LAT)


def _rounded(point: Pair) -> Pair:
    return (round(point[0], 5), round(point[1], 5))


def _ribbon(line: Line, widths_m: Sequence[float]) -> Line:
    """Return the ring around a line whose width runs through ``widths_m`` from start to end."""
    left, right = [], []
    for index, (lon, lat) in enumerate(line):
        ahead, behind = line[min(index + 1, len(line) - 1)], line[max(index - 1, 0)]
        dx = (ahead[0] - behind[0]) * _M_PER_DEG_LON
        dy = (ahead[1] - behind[1]) * _M_PER_DEG_LAT
        length = math.hypot(dx, dy) or 1.0
        place = index / max(len(line) - 1, 1) * (len(widths_m) - 1)
        low = min(int(place), len(widths_m) - 2) if len(widths_m) > 1 else 0
        high = min(low + 1, len(widths_m) - 1)
        half = (widths_m[low] + (widths_m[high] - widths_m[low]) * (place - low)) / 2
        east = -dy / length * half / _M_PER_DEG_LON
        north = dx / length * half / _M_PER_DEG_LAT
        left.append(_rounded((lon + east, lat + north)))
        right.append(_rounded((lon - east, lat - north)))
    return [*left, *reversed(right), left[0]]


def _wound(ring: Line) -> Line:
    """Return the ring closed and counter-clockwise, as RFC 7946 wants outer rings."""
    closed = ring if ring[0] == ring[-1] else [*ring, ring[0]]
    doubled = sum((b[0] - a[0]) * (b[1] + a[1]) for a, b in itertools.pairwise(closed))
    return closed if doubled < 0 else closed[::-1]


def _feature(
    kind: str, coordinates: object, layer: str, about: Mapping[str, object], *keys: str
) -> Feature:
    properties: dict[str, str | int] = {"layer": layer}
    for key in ("name", "name_ur", *keys):
        value = about.get(key)
        if isinstance(value, str | int):
            properties[key] = value
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": kind, "coordinates": coordinates},
    }


def _points(about: Mapping[str, object], key: str = "points") -> Line:
    return [(x, y) for x, y in cast("list[list[float]]", about[key])]


def _district_ring(names: Sequence[str], arcs: Mapping[str, Line]) -> Line:
    """Chain arcs end to end; each name may be followed in either sense ('-' marks reversed)."""
    pieces = [arcs[name.lstrip("-")] for name in names]
    first, second = pieces[0], pieces[1]
    if first[-1] not in (second[0], second[-1]):
        first = first[::-1]
    ring = list(first)
    for piece in pieces[1:]:
        ring.extend(piece[1:] if piece[0] == ring[-1] else piece[-2::-1])
    return ring


def draw() -> FeatureCollection:
    """Return the whole base map, made anew from the sketch; painting order is feature order."""
    sketch = cast("dict[str, object]", read_json("basemap.sketch.json"))
    groups = {
        name: cast("list[dict[str, object]]", items)
        for name, items in sketch.items()
        if isinstance(items, list)
    }
    coast = cast("dict[str, object]", sketch["coast"])
    arcs = {
        name: smooth([(x, y) for x, y in points])
        for name, points in cast("dict[str, list[list[float]]]", sketch["arcs"]).items()
    }
    features: list[Feature] = []
    for item in groups["districts"]:
        ring = _wound(_district_ring(cast("list[str]", item["arcs"]), arcs))
        features.append(_feature("Polygon", [ring], "district", item))
    sea = _wound([*smooth(_points(coast)), *_points(coast, "closing")])
    features.append(_feature("Polygon", [sea], "sea", {**coast, "kind": "sea"}, "kind"))
    for item in groups["rivers"]:
        widths = cast("list[float]", item["width_m"])
        ring = _wound(_ribbon(smooth(_points(item)), widths))
        features.append(_feature("Polygon", [ring], "sea", {**item, "kind": "river"}, "kind"))
    for item in groups["islands"]:
        ring = _wound(smooth(_points(item), closed=True))
        features.append(_feature("Polygon", [ring], "land", item))
    for item in groups["parks"]:
        ring = _wound(smooth(_points(item), closed=True))
        features.append(_feature("Polygon", [ring], "park", item, "kind"))
    for item in groups["runways"]:
        ring = _wound(_ribbon(_points(item, "ends"), [cast("float", item["width_m"])]))
        features.append(_feature("Polygon", [ring], "runway", item))
    order = {"secondary": 0, "primary": 1, "motorway": 2}
    for item in sorted(groups["roads"], key=lambda road: order[cast("str", road["class"])]):
        line = smooth(_points(item))
        features.append(_feature("LineString", line, "road", item, "class"))
    for item in groups["labels"]:
        features.append(_feature("Point", item["at"], "label", item, "rank", "kind"))
    return {"type": "FeatureCollection", "features": features}


def stored_basemap() -> FeatureCollection:
    """Return the base map as shipped."""
    return cast("FeatureCollection", read_json("basemap.geojson"))


def write_basemap() -> None:
    """Draw anew over `data/basemap.geojson`, one feature a line so that changes can be read."""
    import json

    drawn = draw()
    lines = ",\n".join(
        json.dumps(feature, ensure_ascii=False, separators=(",", ":"))
        for feature in drawn["features"]
    )
    text = '{"type":"FeatureCollection","features":[\n' + lines + "\n]}\n"
    data_path("basemap.geojson").write_text(text, encoding="utf-8")
