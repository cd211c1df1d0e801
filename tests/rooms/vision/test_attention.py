"""Searches go where they may show something new."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from amaan.vision.attention import EMPTY_S, READ_S, Attention
from amaan.vision.model import Box

BEGIN = datetime(2026, 11, 22, 6, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return BEGIN + timedelta(seconds=seconds)


def test_new_region_is_due_at_once_and_an_empty_one_waits() -> None:
    attention, region = Attention(), Box(100, 100, 200, 150)
    assert attention.due([region], at(0)) == [region]
    attention.empty(region, at(0))
    assert attention.due([region], at(0.2)) == []
    assert attention.due([region], at(EMPTY_S)) == [region]


def test_empty_region_that_grows_is_due_again() -> None:
    attention = Attention()
    attention.empty(Box(100, 100, 200, 150), at(0))
    near = Box(90, 100, 240, 180)
    assert attention.due([near], at(0.2)) == [near]


def test_vehicle_that_was_read_is_followed_and_left_alone_for_longer() -> None:
    attention = Attention()
    attention.read(Box(150, 200, 80, 26), at(0))
    for step in range(1, int(READ_S / 0.2)):
        moving = Box(100 + 5 * step, 120 + 8 * step, 200 + 6 * step, 160)
        assert attention.due([moving], at(step * 0.2)) == []
    assert attention.due([Box(175, 240, 290, 160)], at(READ_S))


def test_region_elsewhere_is_due_at_once() -> None:
    attention, other = Attention(), Box(420, 100, 150, 120)
    attention.read(Box(150, 200, 80, 26), at(0))
    assert attention.due([other], at(0.2)) == [other]


def test_region_gone_for_a_while_is_forgotten() -> None:
    attention, region = Attention(), Box(100, 100, 200, 150)
    attention.empty(region, at(0))
    assert attention.due([region], at(10)) == [region]
