"""The demo city's base map: what ships is what was drawn, and it fits the sites."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import cast

import pytest

from amaan.kernel.geography import Point, distance_m
from amaan.simulation.basemap import Feature, draw, smooth, stored_basemap
from amaan.simulation.files import read_json

NEAR_ROAD_M = 450  # hospitals lie inside their grounds


def features(layer: str) -> list[Feature]:
    return [f for f in stored_basemap()["features"] if f["properties"]["layer"] == layer]


def line(feature: Feature) -> list[list[float]]:
    return cast("list[list[float]]", feature["geometry"]["coordinates"])


def rings(feature: Feature) -> list[list[list[float]]]:
    return cast("list[list[list[float]]]", feature["geometry"]["coordinates"])


def test_shipped_map_is_what_the_sketch_draws() -> None:
    assert stored_basemap() == json.loads(json.dumps(draw()))


def test_every_ring_is_closed_and_runs_counter_clockwise() -> None:
    for feature in stored_basemap()["features"]:
        if feature["geometry"]["type"] != "Polygon":
            continue
        for ring in rings(feature):
            area = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))
            assert ring[0] == ring[-1], feature["properties"]
            assert area > 0, feature["properties"]


def test_seven_districts_share_their_borders() -> None:
    districts = features("district")
    corners = [{tuple(p) for p in rings(f)[0]} for f in districts]
    assert len(districts) == 7
    for number, own in enumerate(corners):
        others = set().union(*(c for other, c in enumerate(corners) if other != number))
        assert len(own & others) > 20, districts[number]["properties"]


def test_every_road_has_a_class_and_both_names() -> None:
    for road in features("road"):
        properties = road["properties"]
        assert properties["class"] in {"motorway", "primary", "secondary"}
        assert properties["name"]
        assert any("؀" <= letter <= "ۿ" for letter in str(properties["name_ur"]))


def test_labels_have_a_rank_for_each_zoom() -> None:
    ranks = [label["properties"]["rank"] for label in features("label")]
    assert set(ranks) == {1, 2, 3, 4}
    assert ranks.count(1) <= 3


def test_every_site_lies_beside_a_road() -> None:
    corners = [Point(*p) for road in features("road") for p in line(road)]
    for site in cast("list[dict[str, float]]", read_json("sites.json")):
        place = Point(site["lon"], site["lat"])
        assert min(distance_m(place, c) for c in corners) < NEAR_ROAD_M, site


def test_wide_roads_are_drawn_over_narrow_ones() -> None:
    width = {"secondary": 0, "primary": 1, "motorway": 2}
    order = [width[str(road["properties"]["class"])] for road in features("road")]
    assert order == sorted(order)


@pytest.mark.parametrize("closed", [False, True])
def test_curve_passes_through_its_points(closed: bool) -> None:
    points = [(67.0, 24.8), (67.02, 24.82), (67.05, 24.81), (67.06, 24.85)]
    curve = smooth(points, closed=closed)
    assert set(points) <= set(curve)
    assert (curve[0] == curve[-1]) is closed
    assert len(curve) > 3 * len(points)
