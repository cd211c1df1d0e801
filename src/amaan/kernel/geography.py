"""Places on the globe. WGS 84 degrees, longitude first as in GeoJSON (RFC 7946)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from amaan.kernel.errors import InvalidError

EARTH_RADIUS_M = 6_371_008.8  # mean radius, IUGG


@dataclass(frozen=True, slots=True)
class Point:
    """A place, in degrees."""

    lon: float
    lat: float

    def __post_init__(self) -> None:
        if not (-180 <= self.lon <= 180 and -90 <= self.lat <= 90):
            raise InvalidError(f"not a place on Earth: lon {self.lon}, lat {self.lat}")


@dataclass(frozen=True, slots=True)
class Bounds:
    """A box of west, south, east, north degrees. One that crosses the antimeridian is refused."""

    west: float
    south: float
    east: float
    north: float

    def __post_init__(self) -> None:
        Point(self.west, self.south), Point(self.east, self.north)
        if self.west > self.east or self.south > self.north:
            raise InvalidError("bounds must be west,south,east,north with west <= east")

    @classmethod
    def parse(cls, text: str) -> Bounds:
        """Read ``west,south,east,north``; raises InvalidError on anything else."""
        try:
            west, south, east, north = (float(part) for part in text.split(","))
        except ValueError as error:
            raise InvalidError(f"not west,south,east,north: {text!r}") from error
        return cls(west, south, east, north)

    def contains(self, point: Point) -> bool:
        """Tell whether the point lies in the box, edges included."""
        return self.west <= point.lon <= self.east and self.south <= point.lat <= self.north


def distance_m(a: Point, b: Point) -> float:
    """Great-circle distance by the haversine formula, in metres."""
    lat_a, lat_b = math.radians(a.lat), math.radians(b.lat)
    half_lat = (lat_b - lat_a) / 2
    half_lon = math.radians(b.lon - a.lon) / 2
    h = math.sin(half_lat) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(h))
