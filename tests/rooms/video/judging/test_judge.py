"""Real scenes raise nothing; the same scenes made worse raise what is wrong, and only that."""

from __future__ import annotations

from itertools import cycle, islice

import cv2
import numpy as np
import pytest
from tests.shared import shared_data

from amaan.app.bench import degrading
from amaan.app.bench.degrading import BAD, GOOD, Change, degraded
from amaan.app.bench.judging import CLIPS, LEARNT, LOOKS, film, raised
from amaan.video.judging.judge import CameraJudge
from amaan.video.judging.looks import Luma, look_at
from amaan.video.model import ConditionKind

MOTORWAY = "dvr-scan/traffic_camera.mp4"
STEP_S = 2.0


def scene(name: str) -> list[Luma]:
    pictures = film(shared_data("video", *name.split("/")), CLIPS[name])
    return list(islice(cycle(pictures), LOOKS))


@pytest.mark.parametrize("name", CLIPS)
def test_a_real_scene_raises_nothing(name: str) -> None:
    assert not any(raised(scene(name)))


@pytest.mark.parametrize("change", GOOD, ids=lambda change: change.__name__)
def test_weather_night_and_traffic_raise_nothing(change: Change) -> None:
    assert not any(raised(degraded(scene(MOTORWAY), change, 1, LEARNT)))


@pytest.mark.parametrize("change", BAD, ids=lambda change: change.__name__)
def test_what_is_wrong_is_raised_within_seconds_and_nothing_else(change: Change) -> None:
    found = raised(degraded(scene(MOTORWAY), change, 2, LEARNT))
    assert set().union(*found[:LEARNT]) == set()
    said = set().union(*found)
    if change is degrading.paint:  # its strokes are edges too: some scenes look moved instead
        assert said in ({BAD[change]}, {ConditionKind.MOVED})
    else:
        assert said == {BAD[change]}


def test_a_cover_taken_away_ends_the_condition() -> None:
    pictures = scene(MOTORWAY)
    covered = degraded(pictures, degrading.cloth, 2, LEARNT)[: LEARNT + 8]
    found = raised([*covered, *pictures[:8]])
    assert found[LEARNT + 7] == {ConditionKind.COVERED}
    assert found[-1] == frozenset()


def test_a_picture_that_stands_still_is_frozen_though_its_clock_runs() -> None:
    first, *_ = scene(MOTORWAY)
    with_clock = []
    for number in range(24):
        picture = first.copy()
        at = (20, 40)
        cv2.putText(picture, f"12:00:{number:02d}", at, cv2.FONT_HERSHEY_PLAIN, 2, (255,), 2)
        with_clock.append(picture)
    assert raised(with_clock)[-1] == {ConditionKind.FROZEN}


def test_what_was_learnt_outlives_a_restart_under_a_cover() -> None:
    pictures = scene(MOTORWAY)
    judge = CameraJudge()
    for number, luma in enumerate(pictures[:LEARNT]):
        judge.see(look_at(luma, 1e9 + number * STEP_S))
    kept = judge.remembered()
    assert kept is not None
    again = CameraJudge()
    assert again.remember(kept)
    covered = degraded(pictures, degrading.cloth, 2, LEARNT)[LEARNT:]
    for number, luma in enumerate(covered[:10]):
        again.see(look_at(luma, 2e9 + number * STEP_S))
    assert [one.kind for one in again.conditions()] == [ConditionKind.COVERED]


def test_a_memory_that_is_no_memory_is_not_taken() -> None:
    judge = CameraJudge()
    assert not judge.remember(b"PK\x03\x04 nothing")
    assert judge.remembered() is None


def test_a_turned_camera_that_is_meant_so_is_learnt_anew() -> None:
    pictures = scene(MOTORWAY)
    moved = degraded(pictures, degrading.shift, 2, 0)
    judge = CameraJudge()
    for number, luma in enumerate([*pictures[:LEARNT], *moved[:8]]):
        judge.see(look_at(luma, 1e9 + number * STEP_S))
    assert [one.kind for one in judge.conditions()] == [ConditionKind.MOVED]
    judge.forget()
    for number, luma in enumerate(moved[8:]):
        judge.see(look_at(luma, 2e9 + number * STEP_S))
    assert judge.conditions() == ()


def keyframes(judge: CameraJudge, start_s: float, every_s: float, count: int) -> float:
    for number in range(count):
        judge.keyframe(start_s + number * every_s)
    return start_s + (count - 1) * every_s


def test_key_frames_that_stay_away_or_stretch_are_said() -> None:
    judge = CameraJudge()
    last_s = keyframes(judge, 1e9, 2.0, 20)
    judge.flows(last_s + 9)
    assert judge.conditions() == ()
    judge.flows(last_s + 11)
    [condition] = judge.conditions()
    assert condition.kind is ConditionKind.GOP
    last_s = keyframes(judge, last_s + 12, 2.0, 8)
    assert judge.conditions() == ()
    keyframes(judge, last_s + 5, 5.0, 8)
    assert [one.kind for one in judge.conditions()] == [ConditionKind.GOP]


def test_a_clock_five_seconds_off_is_said_and_not_one_second() -> None:
    judge = CameraJudge()
    for number in range(4):
        judge.clock(1.0, 1e9 + number * 10)
    assert judge.conditions() == ()
    for number in range(4):
        judge.clock(-7.0, 2e9 + number * 10)
    [condition] = judge.conditions()
    assert (condition.kind, condition.detail) == (ConditionKind.CLOCK, "its clock is 7 s behind")


def test_noise_alone_has_no_edges() -> None:
    grey = np.full((360, 640), 90, np.uint8)
    assert look_at(grey, 0.0).sharpness is None
