"""Sightings find their vehicle."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from amaan.vision.model import Box, Direction, PlateBox, PlateText, Sighting
from amaan.vision.tracking import Track, Tracker, fragment_of, misread_of, same_text

BEGIN = datetime(2026, 11, 22, 6, tzinfo=UTC)
BLANK = np.zeros((4, 4, 3), np.uint8)


def at(seconds: float) -> datetime:
    return BEGIN + timedelta(seconds=seconds)


def sighting(text: str, box: Box) -> Sighting:
    return Sighting(PlateBox(box, 0.9), PlateText(text, text, 0.9, (0.9,) * len(text)))


def see(tracker: Tracker, seconds: float, *seen: Sighting) -> list[Track]:
    placed = tracker.associate(seen, at(seconds))
    for track, sight in placed:
        track.see(sight, at(seconds), BLANK, 0.5)
    return [track for track, _ in placed]


def test_two_plates_that_cross_keep_their_tracks() -> None:
    tracker = Tracker()
    first, second = see(
        tracker,
        0,
        sighting("BGC771", Box(100, 100, 60, 20)),
        sighting("AFR420", Box(300, 100, 60, 20)),
    )
    for step in range(1, 6):
        left = sighting("BGC771", Box(100 + 40 * step, 100, 60, 20))
        right = sighting("AFR420", Box(300 - 40 * step, 100, 60, 20))
        assert see(tracker, step * 0.2, right, left) == [second, first]


def test_one_sighting_never_feeds_two_tracks() -> None:
    tracker = Tracker()
    see(tracker, 0, sighting("BGC771", Box(100, 100, 60, 20)))
    placed = see(
        tracker,
        0.2,
        sighting("BGC771", Box(104, 100, 60, 20)),
        sighting("BGC771", Box(140, 130, 60, 20)),
    )
    assert placed[0] is not placed[1]


def test_fast_vehicle_is_followed_by_its_text() -> None:
    tracker = Tracker()
    (first,) = see(tracker, 0, sighting("BGC771", Box(100, 100, 60, 20)))
    (again,) = see(tracker, 0.5, sighting("BGC771", Box(380, 160, 80, 26)))
    assert again is first


def test_another_plate_in_the_same_place_is_another_vehicle() -> None:
    tracker = Tracker()
    (first,) = see(tracker, 0, sighting("BGC771", Box(100, 100, 60, 20)))
    (other,) = see(tracker, 0.3, sighting("LEH5789", Box(110, 102, 60, 20)))
    assert other is not first


@pytest.mark.parametrize(
    ("last", "direction"),
    [
        (Box(100, 160, 80, 27), Direction.APPROACHING),
        (Box(110, 90, 40, 13), Direction.RECEDING),
        (Box(220, 100, 60, 20), Direction.RIGHT),
        (Box(20, 100, 60, 20), Direction.LEFT),
        (Box(102, 101, 60, 20), Direction.UNKNOWN),
    ],
)
def test_direction_is_told_from_growth_and_drift(last: Box, direction: Direction) -> None:
    tracker = Tracker()
    (track,) = see(tracker, 0, sighting("BGC771", Box(100, 100, 60, 20)))
    see(tracker, 0.5, sighting("BGC771", last))
    assert track.direction() is direction


def test_lost_tracks_are_handed_out_once() -> None:
    tracker = Tracker()
    (track,) = see(tracker, 0, sighting("BGC771", Box(100, 100, 60, 20)))
    assert tracker.end_lost(at(1.0), 1.2) == []
    assert tracker.end_lost(at(1.3), 1.2) == [track]
    assert tracker.end_lost(at(9), 1.2) == []


@pytest.mark.parametrize("part", ["LEH07", "5789", "5780", "LEH", "EH57"])
def test_lines_of_a_plate_are_its_fragments(part: str) -> None:
    assert fragment_of(part, "LEH5789")


@pytest.mark.parametrize("other", ["LEH5789", "AFR420", "1234", "57", "LEHX57890"])
def test_other_plates_are_no_fragments(other: str) -> None:
    assert not fragment_of(other, "LEH5789")


def test_texts_that_differ_in_a_quarter_may_be_one_plate() -> None:
    assert same_text("BGC771", "8GC771")
    assert not same_text("BGC771", "8GC711")


def test_plates_alike_are_two_vehicles_unless_readers_confuse_them() -> None:
    assert misread_of("BGC771", "8GC771")
    assert misread_of("LJ809", "CLJ809")
    assert not misread_of("GP1234", "GP1235")
    assert not misread_of("BGC771", "BGC772")
