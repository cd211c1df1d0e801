from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from amaan.city.devices.forecasting import forecast
from amaan.city.devices.model import Reading

DUSK = datetime(2026, 3, 4, 14, 0, tzinfo=UTC)


def told(
    minutes: range, charge: Callable[[float], float], source: str = "battery", **more: float
) -> list[Reading]:
    """Return a reading for each minute; ``charge`` of the hours since dusk."""
    found = []
    for minute in minutes:
        at = DUSK + timedelta(minutes=minute)
        found.append(
            Reading("P", at, at, {"source": source, "charge_share": charge(minute / 60), **more})
        )
    return found


def test_steady_discharge_empties_when_it_must() -> None:
    readings = told(range(0, 121), lambda h: 0.95 - 0.09 * h)
    now = readings[-1].observed_at
    found = forecast(readings, None, now)
    assert (found.running, found.basis, found.against_8h) == (True, "discharge", "met")
    assert found.empties_at is not None
    assert found.hours_left == pytest.approx((0.95 - 0.18 - 0.05) / 0.09, abs=0.05)
    assert found.earliest is not None
    assert found.latest is not None
    assert found.earliest < found.empties_at < found.latest


def test_discharge_that_is_too_fast_is_short_and_one_at_the_limit_uncertain() -> None:
    fast = forecast(told(range(0, 61), lambda h: 0.9 - 0.2 * h), None, DUSK + timedelta(hours=1))
    assert fast.against_8h == "short"
    edge = forecast(told(range(0, 61), lambda h: 0.9 - 0.107 * h), None, DUSK + timedelta(hours=1))
    assert edge.against_8h == "uncertain"


def test_truth_lies_within_the_bounds_of_noisy_rounded_readings() -> None:
    for seed in range(40):
        chance = random.Random(seed)
        rate = chance.uniform(0.06, 0.2)

        def charge(hours: float, rate: float = rate, chance: random.Random = chance) -> float:
            return round(0.95 - rate * hours + chance.gauss(0, 0.004), 2)

        readings = told(range(0, 91), charge)
        found = forecast(readings, None, readings[-1].observed_at)
        truth = DUSK + timedelta(hours=0.9 / rate)
        assert found.earliest is not None
        assert found.latest is not None
        assert found.earliest <= truth <= found.latest, (seed, rate)


def test_first_minutes_on_battery_go_by_load_and_capacity() -> None:
    readings = told(range(0, 4), lambda _: 0.95, load_w=90.0)
    found = forecast(readings, 1200.0, readings[-1].observed_at)
    assert (found.basis, found.running) == ("load", True)
    # New it lasts 12 h, aged to 70% 8.4 h.
    assert found.against_8h == "met"
    assert forecast(readings, 1000.0, DUSK).against_8h == "uncertain"
    assert forecast(readings, 500.0, DUSK).against_8h == "short"


def test_without_capacity_or_discharge_nothing_is_claimed() -> None:
    mains = told(range(0, 60), lambda _: 1.0, source="mains")
    found = forecast(mains, None, DUSK + timedelta(hours=1))
    assert (found.basis, found.against_8h, found.empties_at) == ("none", "unknown", None)
    assert forecast([], None, DUSK).against_8h == "unknown"
    bare = [Reading("P", DUSK, DUSK, {"source": "battery"})]
    assert forecast(bare, 1000.0, DUSK).against_8h == "unknown"


def test_on_mains_the_last_discharge_tells_what_a_failure_now_would_bring() -> None:
    readings = told(range(0, 90), lambda h: 0.95 - 0.05 * h)
    readings += told(range(90, 300), lambda _: 1.0, source="mains")
    now = readings[-1].observed_at
    found = forecast(readings, None, now)
    assert (found.running, found.basis, found.against_8h) == (False, "past", "met")
    assert found.hours_left == pytest.approx(0.95 / 0.05, rel=0.02)


def test_charge_that_does_not_fall_gives_no_rate() -> None:
    flat = told(range(0, 60), lambda _: 0.6)
    assert forecast(flat, None, DUSK + timedelta(hours=1)).basis == "none"
