from __future__ import annotations

from itertools import pairwise

import pytest

from amaan.simulation.street.plates import Plate, PlateKind
from amaan.simulation.street.traffic import (
    BEST_M,
    FAR_M,
    GONE_M,
    LEAST_GAP_S,
    Passing,
    Wish,
    plan,
)
from amaan.simulation.street.vehicles import Vehicle, VehicleKind

WISH = Wish(Plate("BGC-771", PlateKind.SINDH), at_s=30.0)
PASSING = Passing(Vehicle(VehicleKind.CAR, "white", None), 20.0, 0.0)


def test_same_seed_makes_the_same_traffic_and_another_seed_another() -> None:
    assert plan("AP-02-A", 120, 4, [WISH]) == plan("AP-02-A", 120, 4, [WISH])
    assert plan("AP-02-A", 120, 4, [WISH]) != plan("AP-03-A", 120, 4, [WISH])


def test_wish_comes_true_at_its_time_and_nobody_drives_into_it() -> None:
    passings = plan("AP-02-A", 120, 5, [WISH])
    assert len(passings) == 6
    assert any(p.vehicle.plate == WISH.plate and p.at_s == WISH.at_s for p in passings)
    times = sorted(p.at_s for p in passings)
    assert all(b - a >= LEAST_GAP_S for a, b in pairwise([*times, times[0] + 120]))


def test_more_vehicles_than_a_loop_has_room_for_are_left_out() -> None:
    assert len(plan("AP-02-A", 20, 50)) <= 20 / LEAST_GAP_S


def test_vehicle_only_comes_nearer_and_is_best_seen_at_its_time() -> None:
    places = [PASSING.place(tick / 16) for tick in range(40 * 16)]
    distances = [place[1] for place in places if place is not None]
    assert all(b < a for a, b in pairwise(distances))
    assert distances[0] == pytest.approx(FAR_M, abs=3)
    assert distances[-1] == pytest.approx(GONE_M, abs=3)
    best = PASSING.place(20.0)
    assert best is not None
    assert best[1] == BEST_M


def test_plate_is_large_for_a_second() -> None:
    """Within 15 m of the long lens a plate's characters stand 13 pixels high and more."""
    near = [
        place
        for tick in range(40 * 8)
        if (place := PASSING.place(tick / 8)) is not None and BEST_M - 1.5 <= place[1] <= 15
    ]
    assert len(near) >= 8


def test_vehicle_leaves_sideways_at_the_very_end() -> None:
    place = PASSING.place(21.1)
    assert place is None or place[0] > 0.5
