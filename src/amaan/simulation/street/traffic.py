"""Who drives past a camera and when; the same seed gives the same traffic. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from amaan.simulation.street.plates import Plate
from amaan.simulation.street.vehicles import PAINTS, Vehicle, VehicleKind, random_vehicle

BEST_M = 10.5  # distance at which a plate stands largest while whole in the picture
FAR_M = 105.0
GONE_M = 1.6
SLOW_M_S, FAST_M_S = 4.6, 19.0  # a speed breaker lies where the camera looks
LEAST_GAP_S = 6.5  # between two vehicles of one lane
_STEP_S = 1 / 64


@dataclass(frozen=True, slots=True)
class Passing:
    """One vehicle coming towards the camera. ``at_s``: when it is BEST_M away, in the loop."""

    vehicle: Vehicle
    at_s: float
    lane_m: float

    def place(self, at_s: float) -> tuple[float, float] | None:
        """Return (metres right of the camera's axis, distance in metres); None when not in view."""
        distance = _distance(at_s - self.at_s)
        if distance is None:
            return None
        near = max(0.0, min(1.0, (8.6 - distance) / 5.0))
        return self.lane_m + 2.6 * near * near * (3 - 2 * near), distance


@dataclass(frozen=True, slots=True)
class Wish:
    """A passing that has to happen."""

    plate: Plate
    at_s: float
    kind: VehicleKind = VehicleKind.CAR
    paint: str = "white"


def plan(
    seed: str, seconds: float, count: int, wishes: Sequence[Wish] = (), decoration: int = 0
) -> tuple[Passing, ...]:
    """Return the passings of a loop: the wishes and ``count`` others, away from one another.

    ``decoration`` more drive in the far lane, their plates too small to read. Times are within
    the loop; a vehicle in view at its end goes on at its beginning.
    """
    random = Random(seed)  # noqa: S311  for looks
    near: list[Passing] = [
        Passing(Vehicle(w.kind, w.paint, w.plate), w.at_s % seconds, 0.1) for w in wishes
    ]
    for _ in range(count * 30):
        if len(near) >= len(wishes) + count:
            break
        at_s = round(random.uniform(0, seconds), 2)
        vehicle, lane_m = random_vehicle(random), round(random.uniform(-0.25, 0.35), 2)
        if all(_apart(at_s, other.at_s, seconds) >= LEAST_GAP_S for other in near):
            near.append(Passing(vehicle, at_s, lane_m))
    for _ in range(decoration):
        kind = random.choice((VehicleKind.CAR, VehicleKind.VAN, VehicleKind.RICKSHAW))
        vehicle = Vehicle(kind, random.choice(sorted(PAINTS)), None)
        near.append(Passing(vehicle, round(random.uniform(0, seconds), 2), 3.5))
    return tuple(sorted(near, key=lambda passing: passing.at_s))


def _apart(a: float, b: float, seconds: float) -> float:
    gap = abs(a - b) % seconds
    return min(gap, seconds - gap)


def _distance(since_best_s: float) -> float | None:
    before, after = _profile()
    index = round(abs(since_best_s) / _STEP_S)
    course = after if since_best_s >= 0 else before
    return course[index] if index < len(course) else None


def _speed(distance_m: float) -> float:
    share = max(0.0, min(1.0, (distance_m - 14.0) / 50.0))
    speed = SLOW_M_S + (FAST_M_S - SLOW_M_S) * share * share * (3 - 2 * share)
    return speed if distance_m > 8.6 else speed + (8.6 - distance_m) * 4.0


@lru_cache(maxsize=1)
def _profile() -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return distances at even steps back from, and on from, the best moment."""
    before, after = [BEST_M], [BEST_M]
    while before[-1] < FAR_M:
        before.append(before[-1] + _speed(before[-1]) * _STEP_S)
    while after[-1] > GONE_M:
        after.append(after[-1] - _speed(after[-1]) * _STEP_S)
    return tuple(before), tuple(after)
