"""How fast a street is driven, and the order of cameras without any street. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from amaan.city.roads.model import CameraSpot, NextCamera, Reach
from amaan.city.roads.settings import RoadsSettings
from amaan.kernel.geography import Point, distance_m

# What a car usually does by class of street, km/h: the car profile of OSRM (profiles/car.lua).
KMH: Final[Mapping[str, float]] = {
    "motorway": 90,
    "motorway_link": 45,
    "trunk": 85,
    "trunk_link": 40,
    "primary": 65,
    "primary_link": 30,
    "secondary": 55,
    "secondary_link": 25,
    "tertiary": 40,
    "tertiary_link": 20,
    "unclassified": 25,
    "residential": 25,
    "living_street": 10,
    "service": 15,
}
OF_LIMIT: Final = 0.8  # of a posted limit, as that profile counts
KMH_MOST: Final = 130.0
KMH_LEAST: Final = 5.0
_MPH: Final = 1.609344
_NOT_DRIVEN: Final = frozenset({"no"})
_PARKING: Final = frozenset({"parking_aisle", "driveway", "drive-through", "emergency_access"})
_DETOUR: Final = 1.3  # streets are so much longer than the straight line: a rule of thumb
_STRAIGHT_KMH: Final = 40.0  # tertiary: what most streets of a city are


def driven_kmh(tags: Mapping[str, str]) -> float | None:
    """Return how fast cars usually drive a way of OpenStreetMap; None where they do not."""
    usual = KMH.get(tags.get("highway", ""))
    if usual is None or tags.get("area") == "yes":
        return None
    said = [tags[key] for key in ("motor_vehicle", "vehicle", "access") if key in tags]
    if said and said[0] in _NOT_DRIVEN:  # the narrower word counts
        return None
    if tags.get("highway") == "service" and tags.get("service") in _PARKING:
        return None
    limit = limit_kmh(tags.get("maxspeed", ""))
    if limit is not None:
        usual = limit * OF_LIMIT
    return min(max(usual, KMH_LEAST), KMH_MOST)


def limit_kmh(text: str) -> float | None:
    """Return a ``maxspeed`` in km/h; None for one that says no number."""
    number, _, unit = text.strip().partition(" ")
    try:
        limit = float(number)
    except ValueError:
        return None
    if not math.isfinite(limit) or limit <= 0:
        return None
    return limit * _MPH if unit.strip() == "mph" else limit


def ways_of(tags: Mapping[str, str]) -> tuple[bool, bool]:
    """Tell whether a way is driven forward, and backward."""
    said = tags.get("oneway", "")
    if said in ("-1", "reverse"):
        return False, True
    if said in ("yes", "true", "1"):
        return True, False
    if said in ("no", "false", "0"):
        return True, True
    around = tags.get("junction") in ("roundabout", "circular")
    return True, not (around or tags.get("highway") == "motorway")


def by_straight_line(
    spots: Sequence[CameraSpot], start: Point, most_s: float, settings: RoadsSettings
) -> Reach:
    """Return what lies near, nearest first, as long as no streets are known."""
    found = []
    for spot in spots:
        metres = distance_m(start, spot.place) * _DETOUR
        travel_s = metres / (_STRAIGHT_KMH / 3.6)
        if travel_s > most_s:
            continue
        earliest, latest = window(travel_s, settings)
        line = [(start.lon, start.lat), (spot.place.lon, spot.place.lat)]
        found.append(NextCamera(spot.code, travel_s, earliest, latest, metres, None, line))
    found.sort(key=lambda one: (one.travel_s, one.camera))
    return Reach("straight_line", tuple(found))


def window(travel_s: float, settings: RoadsSettings) -> tuple[float, float]:
    """Return at the earliest and at the latest, in seconds, of a usual time."""
    return (
        travel_s / settings.fast_factor,
        travel_s / settings.slow_factor + settings.halt_s,
    )
