"""Recordings put together: the index, playback, exports, copies, and what is drawn beside them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import datetime, timedelta

from fastapi import APIRouter

from amaan.alarms.service import AlarmsService
from amaan.app.health import Check
from amaan.app.opening import Engines
from amaan.app.settings import CentreSettings
from amaan.city.service import CityService
from amaan.plates.model import SearchTooBroadError
from amaan.plates.ports import CameraDirectory
from amaan.plates.service import PlatesService
from amaan.trust.audit.service import AuditLog
from amaan.trust.authority.service import AuthorityService
from amaan.video import keeping_routes
from amaan.video.channel import Channels
from amaan.video.index import routes as index_routes
from amaan.video.index.model import AlarmMark, ReadsMark
from amaan.video.index.service import IndexService
from amaan.video.keeping import Keeping
from amaan.video.playback import routes as playback_routes
from amaan.video.playback.copying import Copier
from amaan.video.playback.exports import Around, ExportService
from amaan.video.playback.service import PlaybackService
from amaan.video.service import VideoService


class TimelineMarks:
    """``Marks`` of the index: alarms, and how many vehicles were read."""

    def __init__(self, alarms: AlarmsService, plates: PlatesService) -> None:
        self._alarms = alarms
        self._plates = plates

    async def alarms(
        self, cameras: Sequence[str], since: datetime, until: datetime
    ) -> Sequence[AlarmMark]:
        """Return alarms at cameras, oldest first."""
        return [AlarmMark(*row) for row in await self._alarms.marks(cameras, since, until)]

    async def reads(
        self, cameras: Sequence[str], since: datetime, until: datetime, bucket_s: int
    ) -> Sequence[ReadsMark]:
        """Return how many were read in each bucket; none where they are too many to count."""
        try:
            found = await self._plates.counted(cameras, since, until, timedelta(seconds=bucket_s))
        except SearchTooBroadError:
            return ()
        return [ReadsMark(*row) for row in found]


class Recordings:
    """What a centre knows and shows of recordings. ``index.power`` is set where it is measured."""

    def __init__(
        self,
        engines: Engines,
        settings: CentreSettings,
        video: VideoService,
        channels: Channels,
        directory: CameraDirectory,
    ) -> None:
        e = engines
        self._engines = e
        self._settings = settings.playback
        self._channels = channels
        self._directory = directory
        self.index = IndexService(e.database, video, directory, e.clock)
        self.playback = PlaybackService(self.index, channels, e.clock, settings.playback)
        self.copier = Copier(e.database, e.blobs, channels, directory, e.clock, settings.playback)

    def join(
        self, city: CityService, authorities: AuthorityService, audit: AuditLog
    ) -> ExportService:
        """Build exports, which stand under the law; return them."""
        e = self._engines
        around = Around(authorities, audit, self._directory, self.index, self._channels)
        self.exports = ExportService(e.database, e.blobs, around, e.clock, self._settings)
        self.keeping = Keeping(self._channels, city, e.clock)
        self._city = city
        return self.exports

    @property
    def tasks(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """What runs for as long as the centre."""
        return {
            "exports": self.exports.run,
            "copies": self.copier.run,
            "timelines": self.index.keep_ready,
            "keeping": self.keeping.run,
        }

    def routers(self, alarms: AlarmsService, plates: PlatesService) -> Iterator[APIRouter]:
        """Yield the routes."""
        yield index_routes.router(self.index, TimelineMarks(alarms, plates))
        yield keeping_routes.router(self.keeping)
        yield playback_routes.router(self.playback, self.exports, self._city)

    async def check(self) -> Check:
        """Copies that are wanted find no room."""
        if self.copier.full:
            return Check("degraded", "there is no room for more copies of held recordings")
        return Check("ok", "what is held is copied as workers answer")
