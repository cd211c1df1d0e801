"""Where cameras stand, for rooms below the city."""

from __future__ import annotations

from collections.abc import Mapping

from amaan.city.service import CityService
from amaan.kernel.geography import Point

_AT_ONCE = 2_000


class CityCameras:
    """Answers trust's question (``misuse.ports.CameraPlaces``) from the city's register."""

    def __init__(self, city: CityService) -> None:
        self._city = city

    async def positions(self) -> Mapping[str, Point]:
        """Return places by camera code."""
        found: dict[str, Point] = {}
        after = ""
        while True:
            cameras = await self._city.cameras(after, _AT_ONCE)
            found.update((camera.code, camera.place) for camera in cameras)
            if len(cameras) < _AT_ONCE:
                return found
            after = cameras[-1].code
