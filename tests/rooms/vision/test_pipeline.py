"""One vehicle passing is one read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from tests.rooms.vision.scenes import StreetReader, Vehicle, approaching, frames

from amaan.vision.model import Box, Direction, PlateRead
from amaan.vision.pipeline import PlatePipeline


def reads_of(vehicles: Sequence[Vehicle], seconds: float, fps: float = 5.0) -> list[PlateRead]:
    reader = StreetReader(vehicles)
    pipeline = PlatePipeline(reader)
    found: list[PlateRead] = []
    for frame in frames(seconds, fps):
        reader.at_s = frame.position_s
        found.extend(pipeline.process(frame))
    return [*found, *pipeline.finish()]


@pytest.mark.parametrize("fps", [2.0, 5.0, 10.0])
def test_a_passing_vehicle_is_read_once(fps: float) -> None:
    (read,) = reads_of([Vehicle("BGC771", approaching(1, 3))], 8, fps)
    assert read.text == "BGC771"
    assert read.direction is Direction.APPROACHING
    assert read.agreeing >= 2
    assert not read.uncertain
    assert read.first_seen_at <= read.observed_at <= read.decided_at


def test_two_vehicles_side_by_side_are_two_reads() -> None:
    vehicles = [
        Vehicle("BGC771", approaching(1, 3, x=180)),
        Vehicle("LEH5789", approaching(1.2, 3, x=420)),
    ]
    assert sorted(read.text for read in reads_of(vehicles, 8)) == ["BGC771", "LEH5789"]


def test_vehicles_that_follow_each_other_are_two_reads() -> None:
    vehicles = [Vehicle("BGC771", approaching(1, 2)), Vehicle("AFR420", approaching(3.2, 2))]
    assert [read.text for read in reads_of(vehicles, 9)] == ["BGC771", "AFR420"]


def test_a_misread_frame_is_outvoted() -> None:
    vehicle = Vehicle("BGC771", approaching(1, 3), misread={0: "8GC771", 2: "BGC17"})
    (read,) = reads_of([vehicle], 8)
    assert read.text == "BGC771"


def test_the_same_vehicle_lost_for_a_moment_is_still_one_read() -> None:
    first, second = approaching(1, 2), approaching(1, 4)

    def hidden(at_s: float) -> Box | None:
        return None if 2.0 < at_s < 3.6 else (first if at_s < 2 else second)(at_s)

    assert [read.text for read in reads_of([Vehicle("BGC771", hidden)], 9)] == ["BGC771"]


def test_the_same_vehicle_a_minute_later_is_another_read() -> None:
    def twice(at_s: float) -> Box | None:
        return approaching(1, 3)(at_s) or approaching(64, 3, x=420)(at_s)

    assert [read.text for read in reads_of([Vehicle("BGC771", twice)], 70)] == ["BGC771"] * 2


def test_a_parked_vehicle_is_one_read() -> None:
    vehicle = Vehicle("BGC771", lambda at_s: Box(200, 150, 90, 30))
    assert [read.text for read in reads_of([vehicle], 60)] == ["BGC771"]


def test_one_weak_frame_alone_is_uncertain() -> None:
    vehicle = Vehicle("BGC771", approaching(1, 0.2), confidence=0.8)
    (read,) = reads_of([vehicle], 5)
    assert read.frames == 1
    assert read.uncertain


def test_what_no_second_frame_confirms_and_is_unsure_is_no_plate() -> None:
    assert reads_of([Vehicle("BGC771", approaching(1, 0.2), confidence=0.5)], 5) == []


def test_read_carries_its_best_picture_and_crop() -> None:
    (read,) = reads_of([Vehicle("BGC771", approaching(1, 3))], 8)
    assert read.picture.shape == (360, 640, 3)
    assert read.crop.shape[0] >= read.box.h
    assert read.crop.shape[1] >= read.box.w


def test_still_scene_is_searched_once() -> None:
    reader = StreetReader([])
    pipeline = PlatePipeline(reader)
    still = frames(10, 5)
    for frame in still:
        frame.image[:] = np.uint8(90)
        pipeline.process(frame)
    assert reader.looks == 1


def test_a_convoy_with_numbers_in_a_row_is_one_read_each() -> None:
    vehicles = [Vehicle("GP1234", approaching(1, 2)), Vehicle("GP1235", approaching(3.2, 2))]
    assert [read.text for read in reads_of(vehicles, 9)] == ["GP1234", "GP1235"]


def test_clock_set_back_does_not_blind_the_camera() -> None:
    reader = StreetReader([Vehicle("BGC771", approaching(1, 3))])
    pipeline = PlatePipeline(reader)
    found: list[PlateRead] = []
    for back_s in (0, 86_400):
        for frame in frames(8, 5):
            reader.at_s = frame.position_s
            at = frame.observed_at - timedelta(seconds=back_s)
            found.extend(pipeline.process(replace(frame, observed_at=at)))
    assert [read.text for read in found] == ["BGC771", "BGC771"]
