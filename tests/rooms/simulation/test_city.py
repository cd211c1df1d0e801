from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from amaan.city.places import read_sites
from amaan.city.rules import check_camera, check_site
from amaan.city.sheet import read_sheet
from amaan.plates.model import EntryKind
from amaan.plates.rules import compare, entry_text, pattern_expression
from amaan.simulation.city import By, DemoCity, more_cameras
from amaan.simulation.library import Library
from amaan.simulation.serving import Ports, as_csv, as_geojson, cameras_of

WEST, SOUTH, EAST, NORTH = 66.9, 24.75, 67.35, 25.05
URDU = re.compile(r"[\u0600-\u06ff]")
PORTS = Ports("127.0.0.1", 8554, 8555, "canary-1947", 8556)


@pytest.fixture(scope="module")
def city() -> DemoCity:
    return DemoCity()


def test_sites_lie_in_karachi_and_have_urdu_names(city: DemoCity) -> None:
    assert len(city.sites) >= 40
    assert len({site.code for site in city.sites}) == len(city.sites)
    for site in city.sites:
        check_site(site)
        assert WEST < site.place.lon < EAST
        assert SOUTH < site.place.lat < NORTH
        assert URDU.search(site.name_ur), site.code


def test_every_site_has_a_camera_and_no_code_stands_twice(city: DemoCity) -> None:
    assert {camera.site for camera in city.cameras} == {site.code for site in city.sites}
    assert max(Counter(camera.code for camera in city.cameras).values()) == 1


def test_every_way_of_having_pictures_is_there(city: DemoCity) -> None:
    ways = Counter(camera.by for camera in city.cameras)
    assert ways[By.RTSP] >= 38
    assert (ways[By.MJPEG], ways[By.FILM], ways[By.STILLS], ways[By.NOTHING]) == (2, 1, 1, 1)


def test_looked_for_car_passes_some_camera_every_twelve_seconds(city: DemoCity) -> None:
    cameras = {camera.code: camera for camera in city.cameras}
    times = []
    for code in city.route:
        camera = cameras[code]
        assert camera.plan.seconds == city.round_s
        (own,) = [
            passing.at_s
            for passing in camera.plan.passings
            if passing.vehicle.plate and passing.vehicle.plate.text == city.route_plate
        ]
        times.append(own)
    assert times == [6 + 12 * turn for turn in range(len(city.route))]


def test_traffic_is_light_enough_for_two_cores(city: DemoCity) -> None:
    each_s = sum(len(camera.plan.passings) / camera.plan.seconds for camera in city.cameras)
    assert 0.4 < each_s < 1.0


def test_hot_list_meets_the_traffic_exactly_nearly_and_by_pattern(city: DemoCity) -> None:
    plates = {
        passing.vehicle.plate.expected
        for camera in city.cameras
        for passing in camera.plan.passings
        if passing.vehicle.plate
    }
    kinds: Counter[str] = Counter()
    for row in city.wanted:
        text, kind = entry_text(row.plate)
        if kind is EntryKind.PATTERN:
            found = {kind.value for plate in plates if pattern_expression(text).fullmatch(plate)}
        else:
            matches = [compare(text, plate, uncertain=False) for plate in plates]
            found = {match.kind.value for match in matches if match}
        assert found, row.plate
        kinds.update(found if row.valid_days > 0 else {"expired"})
    assert kinds == {"exact": 2, "near": 1, "pattern": 1, "expired": 1}


def test_what_the_simulator_writes_is_what_the_centre_takes(city: DemoCity, tmp_path: Path) -> None:
    cameras = cameras_of(city, Library(tmp_path), PORTS)
    for camera in cameras:
        check_camera(camera)
    sheet = read_sheet(as_csv(cameras))
    assert not sheet.rejected
    assert [line.camera.address for line in sheet.lines] == [c.address for c in cameras]
    onvif = [line.camera.onvif_address for line in sheet.lines]
    assert onvif == [c.onvif_address for c in cameras]
    assert [one for one in onvif if one] == [PORTS.onvif_address]
    assert tuple(read_sites(as_geojson(city.sites))) == city.sites


def test_load_shares_the_city_s_loops_under_new_codes(city: DemoCity, tmp_path: Path) -> None:
    named = more_cameras(city, 100)
    assert len({code for code, _ in named}) == 100
    assert all(camera.by is By.RTSP for _, camera in named)
    for camera in cameras_of(city, Library(tmp_path), PORTS, 100):
        check_camera(camera)


def test_another_seed_makes_other_traffic_but_the_same_story(city: DemoCity) -> None:
    other = DemoCity(seed=1)
    assert other.route == city.route
    assert [c.plan for c in other.cameras] != [c.plan for c in city.cameras]
