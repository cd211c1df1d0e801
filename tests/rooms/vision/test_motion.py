"""Motion opens the gate; noise does not."""

from __future__ import annotations

import numpy as np

from amaan.video.model import Image
from amaan.vision.model import Box
from amaan.vision.motion import MotionGate, overlap, union


def street(level: int = 90) -> Image:
    return np.full((360, 640, 3), level, np.uint8)


def gate_on(image: Image) -> MotionGate:
    gate = MotionGate()
    assert gate.regions(image) == [Box(0, 0, 640, 360)]
    return gate


def test_still_scene_has_no_region() -> None:
    gate = gate_on(street())
    assert gate.regions(street()) == []


def test_noise_of_the_camera_has_no_region() -> None:
    generator = np.random.default_rng(3)
    gate = gate_on(street())
    for _ in range(10):
        noisy = street() + generator.integers(0, 9, (360, 640, 3), dtype=np.uint8)
        assert gate.regions(noisy) == []


def test_two_vehicles_are_two_regions_that_cover_them() -> None:
    gate = gate_on(street())
    image = street()
    image[150:230, 60:160] = 220
    image[200:300, 420:560] = 20
    left, right = sorted(gate.regions(image), key=lambda box: box.x)
    assert overlap(left, Box(60, 150, 100, 80)) == 100 * 80
    assert overlap(right, Box(420, 200, 140, 100)) == 140 * 100
    assert overlap(left, right) == 0


def test_change_everywhere_opens_the_whole_picture() -> None:
    gate = gate_on(street())
    assert gate.regions(street(200)) == [Box(0, 0, 640, 360)]
    assert gate.regions(street(200)) == []


def test_change_of_size_begins_anew() -> None:
    gate = gate_on(street())
    assert gate.regions(np.full((720, 960, 3), 90, np.uint8)) == [Box(0, 0, 960, 720)]


def test_a_vehicle_that_stops_fades_into_the_scene() -> None:
    gate = gate_on(street())
    parked = street()
    parked[150:230, 60:160] = 220
    found = [bool(gate.regions(parked)) for _ in range(40)]
    assert found[0]
    assert not found[-1]


def test_union_covers_both() -> None:
    assert union(Box(0, 0, 10, 10), Box(20, 5, 10, 10)) == Box(0, 0, 30, 15)
