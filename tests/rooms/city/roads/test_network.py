"""Ways over a small town drawn by hand, and over real streets against a search of another kind."""

from __future__ import annotations

import heapq
import math
from pathlib import Path

import numpy as np
import pytest
from tests.shared import shared_data

from amaan.city.roads import rules, store
from amaan.city.roads.model import CameraSpot, Roads, RoadsFileError
from amaan.city.roads.network import RoadNetwork, Snap
from amaan.city.roads.reading import read_roads
from amaan.city.roads.settings import RoadsSettings
from amaan.kernel.geography import Point, distance_m

SETTINGS = RoadsSettings()
LAT = 24.8
STEP = 0.01  # degrees of longitude: about 1,010 m

# A line of five crossings A B C D E from west to east, and a one-way street from E back to A.
TOWN = """<osm version="0.6">{nodes}
<way id="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="5"/>
<tag k="highway" v="secondary"/></way>
<way id="2"><nd ref="5"/><nd ref="6"/><nd ref="1"/>
<tag k="highway" v="tertiary"/><tag k="oneway" v="yes"/><tag k="maxspeed" v="50"/></way>
<way id="3"><nd ref="7"/><nd ref="8"/><tag k="highway" v="residential"/></way>
<way id="4"><nd ref="1"/><nd ref="8"/><tag k="highway" v="footway"/></way></osm>"""


@pytest.fixture
def town(tmp_path: Path) -> Roads:
    places = [(i * STEP, 0.0) for i in range(5)] + [(2 * STEP, 0.02), (0.0, -0.05), (STEP, -0.05)]
    nodes = "".join(
        f'<node id="{i + 1}" lon="{67 + lon}" lat="{LAT + lat}" version="1"/>'
        for i, (lon, lat) in enumerate(places)
    )
    file = tmp_path / "town.osm"
    file.write_text(TOWN.format(nodes=nodes))
    return store.unpack(store.pack(read_roads(file)))


def at(steps: float, north: float = 0.0) -> Point:
    return Point(67 + steps * STEP, LAT + north)


SPOTS = [
    CameraSpot("WEST", at(0.5)),
    CameraSpot("MIDDLE", at(1.5)),
    CameraSpot("EAST", at(3.5)),
    CameraSpot("BACK", at(2, 0.02)),
    CameraSpot("ISLAND", at(0.5, -0.05)),
]


def test_cameras_come_in_travel_order_both_ways_and_one_ways_are_kept(town: Roads) -> None:
    network = RoadNetwork(town, SPOTS, SETTINGS)
    assert network.off_road == []
    reach = network.next_cameras("MIDDLE", 900)
    assert reach.basis == "roads"
    assert [(one.camera, one.direct) for one in reach.cameras] == [
        ("WEST", True),
        ("EAST", True),
        ("BACK", False),  # round by the east, past EAST: westward the street may not be entered
    ]
    west, east, back = reach.cameras
    assert west.travel_s == pytest.approx(distance_m(at(0.5), at(1.5)) / (55 / 3.6), rel=0.01)
    assert west.earliest_s == pytest.approx(west.travel_s / SETTINGS.fast_factor)
    assert west.latest_s == pytest.approx(west.travel_s / SETTINGS.slow_factor + SETTINGS.halt_s)
    assert back.travel_s > east.travel_s
    assert back.metres == pytest.approx(
        distance_m(at(1.5), at(4)) + distance_m(at(4), at(2, 0.02)), rel=0.01
    )
    assert east.way[0] == (at(1.5).lon, LAT)
    assert east.way[-1] == pytest.approx((at(3.5).lon, LAT))


def test_what_is_too_far_is_not_offered(town: Roads) -> None:
    network = RoadNetwork(town, SPOTS, SETTINGS)
    assert [one.camera for one in network.next_cameras("MIDDLE", 100).cameras] == ["WEST"]


def test_island_is_reached_from_nowhere_and_reaches_nothing(town: Roads) -> None:
    network = RoadNetwork(town, SPOTS, SETTINGS)
    assert network.next_cameras("ISLAND", 3600).cameras == ()


def test_place_between_cameras_reaches_both_sides(town: Roads) -> None:
    network = RoadNetwork(town, SPOTS, SETTINGS)
    reach = network.next_cameras(at(1.0), 300)
    assert {one.camera: one.direct for one in reach.cameras} == {
        "WEST": True,
        "MIDDLE": True,
        "EAST": False,
    }


def test_cameras_of_one_crossing_do_not_stand_in_each_others_way(town: Roads) -> None:
    twin = CameraSpot("TWIN", Point(at(1.5).lon + 0.0003, LAT))
    network = RoadNetwork(town, [*SPOTS, twin], SETTINGS)
    reach = {one.camera: one for one in network.next_cameras("MIDDLE", 900).cameras}
    assert reach["TWIN"].travel_s < 10
    assert reach["EAST"].direct is True
    beyond = {one.camera: one for one in network.next_cameras("WEST", 900).cameras}
    assert (beyond["TWIN"].direct, beyond["EAST"].direct) == (True, False)


def test_camera_beside_no_street_is_offered_by_the_straight_line(town: Roads) -> None:
    lonely = CameraSpot("LONELY", at(2, 0.01))
    network = RoadNetwork(town, [*SPOTS, lonely], SETTINGS)
    assert network.off_road == ["LONELY"]
    reach = network.next_cameras("LONELY", 900)
    assert reach.basis == "straight_line"
    assert [one.camera for one in reach.cameras][:2] == ["BACK", "MIDDLE"]
    assert {one.direct for one in reach.cameras} == {None}


def test_truncated_file_is_refused_with_its_fault() -> None:
    file = shared_data("centre/karachi/saddar_osm/TRUNCATED_negative_test.osm.pbf")
    with pytest.raises(RoadsFileError, match="unexpected EOF"):
        read_roads(file)


def test_file_without_streets_and_no_map_at_all_are_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty.osm"
    empty.write_text('<osm version="0.6"></osm>')
    with pytest.raises(RoadsFileError, match="no street"):
        read_roads(empty)
    nothing = tmp_path / "nothing.osm.pbf"
    nothing.write_bytes(b"\x00" * 64)
    with pytest.raises(RoadsFileError, match="cannot be read"):
        read_roads(nothing)


def test_quickest_ways_over_real_streets_are_those_of_a_plain_search() -> None:
    roads = read_roads(shared_data("centre/osm_pbf/Helsinki.osm.pbf"))
    assert 25 < float(roads.metres.sum()) / 1000 < 35
    both = np.flatnonzero(~roads.one_way)
    edges_of = np.random.default_rng(7).choice(both, 40, replace=False)
    chosen = roads.start[edges_of]
    spots = [
        CameraSpot(f"C{i:02}", Point(float(roads.lon[n]), float(roads.lat[n])))
        for i, n in enumerate(chosen)
    ]
    placed = [[Snap(int(edge), 0.0)] for edge in edges_of]
    network = RoadNetwork(roads, spots, RoadsSettings(), placed)
    near: list[list[tuple[int, float]]] = [[] for _ in range(roads.nodes)]
    edges = zip(roads.start, roads.end, roads.seconds, roads.one_way, strict=True)
    for a, b, seconds, one_way in edges:
        near[a].append((int(b), float(seconds)))
        if not one_way:
            near[b].append((int(a), float(seconds)))
    for index in (0, 11, 23):
        times = _plain(near, int(chosen[index]))
        reach = {one.camera: one for one in network.next_cameras(f"C{index:02}", 3600).cameras}
        for other, node in enumerate(chosen):
            if other == index or not math.isfinite(times[node]):
                continue
            found = reach[f"C{other:02}"]
            assert found.travel_s == pytest.approx(times[node], abs=0.01)


def _plain(near: list[list[tuple[int, float]]], start: int) -> list[float]:
    times = [math.inf] * len(near)
    times[start] = 0.0
    queue = [(0.0, start)]
    while queue:
        time, node = heapq.heappop(queue)
        if time > times[node]:
            continue
        for other, seconds in near[node]:
            if time + seconds < times[other]:
                times[other] = time + seconds
                heapq.heappush(queue, (times[other], other))
    return times


@pytest.mark.parametrize(
    ("tags", "kmh"),
    [
        ({"highway": "primary"}, 65),
        ({"highway": "primary", "maxspeed": "50"}, 40),
        ({"highway": "primary", "maxspeed": "30 mph"}, 30 * 1.609344 * 0.8),
        ({"highway": "primary", "maxspeed": "signals"}, 65),
        ({"highway": "footway"}, None),
        ({"highway": "primary", "access": "no"}, None),
        ({"highway": "primary", "access": "no", "motor_vehicle": "yes"}, 65),
        ({"highway": "primary", "access": "yes", "motor_vehicle": "no"}, None),
        ({"highway": "service", "service": "parking_aisle"}, None),
    ],
)
def test_speed_of_a_street(tags: dict[str, str], kmh: float | None) -> None:
    assert rules.driven_kmh(tags) == (None if kmh is None else pytest.approx(kmh))


def test_roundabouts_and_motorways_are_one_way_unless_said_otherwise() -> None:
    assert rules.ways_of({"highway": "motorway"}) == (True, False)
    assert rules.ways_of({"highway": "tertiary", "junction": "roundabout"}) == (True, False)
    assert rules.ways_of({"highway": "tertiary", "oneway": "-1"}) == (False, True)
    assert rules.ways_of({"highway": "motorway", "oneway": "no"}) == (True, True)
