"""Searches that gather who was at prayer or at a protest."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from amaan.kernel.geography import EARTH_RADIUS_M, Bounds, Point, distance_m
from amaan.trust.misuse.acts import Act, Kind
from amaan.trust.misuse.model import Circle, Detector, SensitivePlace, Suspicion
from amaan.trust.misuse.scene import Scene
from amaan.trust.misuse.vehicles import suspicion

_DAY: Final = timedelta(days=1)


class AtSensitivePlace:
    """An area or cameras chosen on a place at its time, for no vehicle that a case names."""

    def judge(self, day: Sequence[Act], scene: Scene) -> Iterator[Suspicion]:
        """Yield each person and place once a day."""
        found: dict[tuple[str, int], list[Act]] = defaultdict(list)
        for act in day:
            if act.kind is not Kind.SEARCH or not (act.cameras or act.bounds):
                continue
            if act.plates and all(scene.is_for(act, plate) for plate in act.plates):
                continue
            since, until = asked_time(act)
            for number, place in enumerate(scene.facts.places):
                if place.until <= since or place.since >= until:
                    continue
                share = scene.limits.place_time_share
                if meets_time(act, place, share) and aims_at(act, place, scene):
                    found[act.actor, number].append(act)
        for (_, number), acts in found.items():
            place = scene.facts.places[number]
            yield suspicion(
                Detector.SENSITIVE_PLACE,
                f"place {place.id}",
                acts,
                f"Looked at {place.name} ({place.kind.value}) at its time, for no vehicle that an "
                "authority names.",
            )


def asked_time(act: Act) -> tuple[datetime, datetime]:
    """Return from when to when was asked for; the last 30 days where nothing was said."""
    until = min(act.until or act.at, act.at)
    return act.since or until - 30 * _DAY, until


def meets_time(act: Act, place: SensitivePlace, share: float) -> bool:
    """Tell whether enough of the time that was asked for is the place's time."""
    since, until = asked_time(act)
    both = min(until, place.until) - max(since, place.since)
    return both > timedelta(0) and both >= share * (until - since)


def aims_at(act: Act, place: SensitivePlace, scene: Scene) -> bool:
    """Tell whether the cameras or the area that was asked for are chosen on the place."""
    if act.cameras:
        known = [scene.facts.cameras[c] for c in act.cameras if c in scene.facts.cameras]
        inside = sum(contains(place.area, point) for point in known)
        return inside > 0 and 2 * inside >= len(act.cameras)
    if act.bounds is None:
        return False
    box = place.area if isinstance(place.area, Bounds) else around(place.area)
    asked = act.bounds
    width = min(asked.east, box.east) - max(asked.west, box.west)
    height = min(asked.north, box.north) - max(asked.south, box.south)
    if width <= 0 or height <= 0:
        return False
    size = (asked.east - asked.west) * (asked.north - asked.south)
    return width * height >= scene.limits.place_share * size


def contains(area: Circle | Bounds, point: Point) -> bool:
    """Tell whether a point lies in the area, edge included."""
    if isinstance(area, Bounds):
        return area.contains(point)
    return distance_m(area.centre, point) <= area.radius_m


def around(circle: Circle) -> Bounds:
    """Return the box around a circle; cut at the edges of the map."""
    north = math.degrees(circle.radius_m / EARTH_RADIUS_M)
    east = north / max(0.01, math.cos(math.radians(circle.centre.lat)))
    centre = circle.centre
    return Bounds(
        max(-180.0, centre.lon - east),
        max(-90.0, centre.lat - north),
        min(180.0, centre.lon + east),
        min(90.0, centre.lat + north),
    )
