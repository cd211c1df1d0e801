"""Where cameras stand, from the city's list, kept for a moment."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from amaan.city.service import CityService
from amaan.kernel.acting import acting_as, system
from amaan.kernel.clock import Clock
from amaan.plates.model import CameraPlace

KEPT: Final = timedelta(seconds=1)  # a camera that was moved shows so a second later
_PAGE: Final = 2_000


class CityDirectory:
    """The ``CameraDirectory`` over the city's own service."""

    def __init__(self, city: CityService, clock: Clock) -> None:
        self._city = city
        self._clock = clock
        self._places: dict[str, CameraPlace] = {}
        self._read_at: datetime | None = None
        self._reading = asyncio.Lock()

    async def places(self) -> Mapping[str, CameraPlace]:
        """Return every camera of every site by its code, as of at most ``KEPT`` ago.

        One caller at a time reads the list anew; the others get the old one meanwhile, and wait
        only while there is none.
        """
        if self._is_fresh() or (self._read_at is not None and self._reading.locked()):
            return self._places
        async with self._reading:
            if not self._is_fresh():
                now = self._clock.now()
                with acting_as(system("cameras")):  # one list for all, whoever asks first
                    self._places = await self._load()
                self._read_at = now
        return self._places

    def _is_fresh(self) -> bool:
        at = self._read_at
        return at is not None and timedelta(0) <= self._clock.now() - at < KEPT

    async def _load(self) -> dict[str, CameraPlace]:
        places: dict[str, CameraPlace] = {}
        after = ""
        while True:
            cameras = await self._city.cameras(after, _PAGE)
            for camera in cameras:
                places[camera.code] = CameraPlace(
                    camera.code, camera.name, camera.site, camera.place.lon, camera.place.lat
                )
            if len(cameras) < _PAGE:
                return places
            after = cameras[-1].code
