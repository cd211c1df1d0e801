"""History and availability, as far as whoever asks may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal, Protocol

from amaan.city.model import Camera
from amaan.kernel.clock import Clock
from amaan.kernel.engines import Database
from amaan.kernel.errors import InvalidError, NotFoundError
from amaan.video.health import rules, store
from amaan.video.health.model import Availability, Entry

By = Literal["camera", "site", "vendor"]
_CAMERAS_MOST = 100_000
_USUAL = timedelta(days=7)


class CityBook(Protocol):
    """What stands where (``city.service.CityService``)."""

    async def cameras(self, after: str = "", limit: int = 2000) -> list[Camera]:
        """Return the cameras that whoever asks may see."""
        ...


class RecordedBook(Protocol):
    """How much was recorded; ``app`` asks the index."""

    async def recorded_s(self, since: datetime, until: datetime) -> Mapping[str, float] | None:
        """Return the seconds of each camera's main stream; None: the time is too long to tell."""
        ...


class HealthService:
    """Answers from the log that ``log.take_down`` writes."""

    def __init__(
        self, database: Database, city: CityBook, recorded: RecordedBook, clock: Clock
    ) -> None:
        self._database = database
        self._city = city
        self._recorded = recorded
        self._clock = clock

    def span(self, since: datetime | None, until: datetime | None) -> tuple[datetime, datetime]:
        """Return a time asked for: the last seven days where nobody says."""
        end = until or self._clock.now()
        try:
            return since or end - _USUAL, end
        except OverflowError as error:
            raise InvalidError("a time out of range") from error

    async def history(self, camera: str, since: datetime, until: datetime) -> list[Entry]:
        """Return a camera's states and conditions in a time. NotFoundError, InvalidError."""
        rules.check_span(since, until)
        await self._camera(camera)
        async with self._database.transaction() as connection:
            return await store.history(connection, camera, since, until)

    async def _camera(self, code: str) -> Camera:
        for camera in await self._city.cameras(limit=_CAMERAS_MOST):
            if camera.code == code:
                return camera
        raise NotFoundError("there is no such camera")

    async def availability(
        self, since: datetime, until: datetime, by: By
    ) -> Sequence[Availability]:
        """Return availability by camera, site or vendor, the least available first.

        Nothing counts that is still to come. InvalidError.
        """
        until = min(until, self._clock.now())
        rules.check_span(since, until)
        cameras = {one.code: one for one in await self._city.cameras(limit=_CAMERAS_MOST)}
        recorded = await self._recorded.recorded_s(since, until)
        names = {code: camera.name for code, camera in cameras.items()}
        async with self._database.transaction() as connection:
            found = await store.availability(connection, names, since, until)
        each = [rules.with_recorded(one, recorded) for one in found]
        if by != "camera":
            keys = {
                code: camera.site if by == "site" else camera.vendor
                for code, camera in cameras.items()
            }
            each = [
                rules.joined(key, key, (one for one in each if keys[one.key] == key))
                for key in sorted({keys[one.key] for one in each})
            ]
        return sorted(each, key=lambda one: (one.share is None, one.share, one.key))
