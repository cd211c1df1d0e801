from __future__ import annotations

import itertools
import random

import pytest

from amaan.video.sound import DRIFT_S, SoundClock, core_rate

FRAME_S = 0.02


@pytest.mark.parametrize(
    ("config", "rate"),
    [
        (b"\x12\x10", 44_100),
        (b"\x11\x90", 48_000),
        (b"\x14\x08", 16_000),
        (b"\x15\x88", 8_000),
        (b"\x17\x80", 0),  # the rate stands elsewhere: it is decoded and coded again
        (b"\x14", 0),
        (b"", 0),
    ],
)
def test_rate_is_read_from_the_configuration(config: bytes, rate: int) -> None:
    assert core_rate(config) == rate


def placed(clock: SoundClock, stamps: list[float | None], begun: float) -> list[float]:
    """Place packets of FRAME_S that arrive evenly; pictures of 25 a second beside them."""
    found = []
    for number, stamp in enumerate(stamps):
        at_s = number * FRAME_S
        if number % 2 == 0:
            clock.note_picture(7000.0 + at_s, begun + at_s)
        found.append(clock.origin_s(stamp, begun + at_s, at_s) + at_s)
    return found


def test_sound_that_counts_from_elsewhere_stands_beside_its_pictures() -> None:
    stamps: list[float | None] = [123_456.0 + number * FRAME_S for number in range(500)]
    found = placed(SoundClock(live=True), stamps, 1_800_000_000.0)
    for number, at_s in enumerate(found):
        assert at_s == pytest.approx(7000.0 + number * FRAME_S, abs=0.02)


def test_stamps_that_tremble_or_are_missing_do_not_make_the_sound_tremble() -> None:
    chance = random.Random(4)
    stamps: list[float | None] = [
        None if number % 7 == 0 else 50.0 + number * FRAME_S + chance.uniform(-0.01, 0.01)
        for number in range(500)
    ]
    found = placed(SoundClock(live=True), stamps, 1_800_000_000.0)
    steps = [later - earlier for earlier, later in itertools.pairwise(found)]
    assert all(step == pytest.approx(FRAME_S, abs=0.002) for step in steps[1:])


def test_sound_that_paused_goes_on_at_its_time() -> None:
    clock = SoundClock(live=False)
    assert clock.origin_s(10.0, 0.0, 0.0) == 10.0
    assert clock.origin_s(10.02, 0.0, 0.02) == pytest.approx(10.0)
    assert clock.origin_s(15.0, 0.0, 0.04) == pytest.approx(14.96)
    slightly = clock.origin_s(15.0 + 0.02 + DRIFT_S / 2, 0.0, 0.06)
    assert 14.96 < slightly < 14.96 + DRIFT_S / 10
