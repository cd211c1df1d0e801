"""The centre: every room built, floor by floor, and its routes, events and tasks joined up."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import version

import psycopg
import structlog
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from amaan.alarms import events as alarms_events
from amaan.alarms import routes as alarms_routes
from amaan.alarms.service import AlarmsService
from amaan.alarms.sources import AlarmSources
from amaan.app import health as health_room
from amaan.app import metrics, plate_metrics
from amaan.app.accounts import Accounts
from amaan.app.auditing import Auditing
from amaan.app.availability import RecordedTimes
from amaan.app.behalf import OnNobodysBehalf
from amaan.app.incidents import Incidents
from amaan.app.keeping import KeptEvents
from amaan.app.opening import Engines
from amaan.app.oversight import Oversight
from amaan.app.recordings import Recordings
from amaan.app.retaining import Retaining
from amaan.app.settings import CentreSettings
from amaan.app.supervisor import Supervisor
from amaan.city import routes as city_routes
from amaan.city.devices import events as device_events
from amaan.city.devices import routes as device_routes
from amaan.city.devices import tasks as device_tasks
from amaan.city.devices.mqtt import MqttIntake
from amaan.city.devices.service import DeviceService
from amaan.city.service import CityService
from amaan.console import openapi, pages
from amaan.console import routes as console_routes
from amaan.console.live import LiveEvents, camera_at, everybody, site_at
from amaan.console.problems import problem, translate_errors
from amaan.console.shield import Admission, BodyLimit, Shield
from amaan.engines.postgres.outbox import trim
from amaan.incidents import events as incidents_events
from amaan.kernel.acting import acting_as, system
from amaan.kernel.events import JsonValue
from amaan.kernel.tasks import cancel_all
from amaan.plates import entry_routes, exchange_routes, worker_routes
from amaan.plates import events as plates_events
from amaan.plates import routes as plates_routes
from amaan.plates.directory import CityDirectory
from amaan.plates.entries import HotlistService
from amaan.plates.gate import MatchGate
from amaan.plates.importing import HotlistExchange
from amaan.plates.ingest import IngestService
from amaan.plates.service import PlatesService
from amaan.trust.audit.recording import Recording
from amaan.trust.authority import events as authority_events
from amaan.trust.authority import routes as authority_routes
from amaan.trust.authority.papers import DOCUMENT_BYTES
from amaan.trust.authority.service import AuthorityService
from amaan.trust.misuse import routes as misuse_routes
from amaan.trust.service import TrustService
from amaan.video import channel_routes, steering_routes
from amaan.video import events as video_events
from amaan.video import routes as video_routes
from amaan.video import tasks as video_tasks
from amaan.video.channel import Channels
from amaan.video.clips import GREATEST_BYTES as CLIP_BYTES
from amaan.video.clips import ClipService
from amaan.video.health import routes as camera_health_routes
from amaan.video.health.service import HealthService
from amaan.video.index.routes import JOURNAL_BYTES
from amaan.video.live_views import routes as live_routes
from amaan.video.live_views.fanout import Fanout
from amaan.video.live_views.views import LiveViews
from amaan.video.onvif import routes as setup_routes
from amaan.video.onvif.service import CameraSetup
from amaan.video.service import VideoService
from amaan.video.steering import Steering

VERSION = version("amaan")
TASK_AGAIN_S = 2.0
TRIM_EVERY_S = 3600.0
TRIM_BATCH, TRIM_PAUSE_S = 5_000, 0.5

_CAMERA = camera_at("camera")
_SITE = site_at("site")

Task = Callable[[], Awaitable[None]]


def _of_alarm(data: JsonValue) -> str | None:
    """Say where an alarm belongs: the site of a camera or device, else the camera of its read."""
    return _SITE(data) or camera_at("read", "camera")(data)


_log = structlog.get_logger(__name__)


class Centre:
    """The rooms of one centre, lowest first, and what joins them."""

    def __init__(self, engines: Engines, settings: CentreSettings) -> None:
        e = engines
        self.engines, self.settings = engines, settings
        self.health = health_room.Health(VERSION)
        self.live = LiveEvents(e.relay, self._site_of)
        self.prepare: list[Task] = []  # awaited in order before the first request
        self.tasks: dict[str, Task] = {"relay": e.relay.run, "live": self.live.run}

        self.auditing = Auditing(e, settings)
        self.audit = self.auditing.log
        self.live.before_showing(self.audit.pushed)
        self.tasks.update(self.auditing.tasks)
        self.health.add("audit", self.auditing.check)

        self.trust = TrustService(e.database, e.clock, settings.trust)
        self.trust.when_sessions_end(self.live.recheck)
        self.accounts = Accounts(e, self.trust, settings.trust)

        self.authorities = AuthorityService(
            e.database, e.outbox, e.blobs, e.clock, settings.authority
        )
        self.tasks["authority"] = self.authorities.follow

        self._open_city(e, settings)
        self._open_video(e, settings)
        cameras = CityDirectory(self.city, e.clock)
        self._open_plates(e, settings, cameras)
        self._open_alarms(e, settings, cameras)

        self.retaining = Retaining(e, settings, self.authorities, self.audit)
        self.retaining.service.when_changed(self._heed_days)
        self.prepare.append(self.retaining.service.load)
        self.tasks.update(self.retaining.tasks)

        self.oversight = Oversight(e, self.audit, self.city, self.authorities)
        self.oversight.show(self.live)
        self.tasks["misuse"] = self.oversight.run

        self.tasks["trim"] = self._trim_outbox
        self._add_checks()

    def _open_city(self, e: Engines, settings: CentreSettings) -> None:
        self.city = CityService(e.database, e.clock, e.sealer, settings.cameras)

        self.devices = DeviceService(e.database, e.outbox, e.clock, settings.devices)
        self.tasks["devices"] = lambda: device_tasks.watch_devices(self.devices)
        if settings.devices.broker.host:
            self.mqtt = MqttIntake(self.devices, settings.devices.broker)
            self.tasks["mqtt"] = self.mqtt.run
            self.health.add("broker", health_room.broker_check(self.mqtt))

    def _open_video(self, e: Engines, settings: CentreSettings) -> None:
        self.video = VideoService(
            e.database, e.outbox, self.city, settings.expected_workers, e.clock
        )
        self.channels = Channels(self.video)
        fanout = Fanout(self.channels, self.video.clock_behind_ms)
        self.live_views = LiveViews(self.channels, fanout, self._site_of, self.audit.write, e.clock)
        self.trust.when_sessions_end(self.live_views.recheck)
        self.steering = Steering(self.channels, e.database, e.outbox, e.clock)
        self.camera_setup = CameraSetup(self.channels, self.video, e.sealer, settings.cameras)
        self.clips = ClipService(e.database, e.outbox, e.blobs, e.clock)
        self.prepare.append(self.video.load)
        self.tasks["video"] = lambda: video_tasks.watch_workers(self.video, self.clips)

    def _open_plates(self, e: Engines, settings: CentreSettings, cameras: CityDirectory) -> None:
        bounds = settings.plates
        self.hotlist = HotlistService(e.database, e.clock, self.authorities, bounds)
        self.hotlist.subscribe(e.relay)
        self.exchange = HotlistExchange(e.database, self.hotlist, e.clock, self.authorities, bounds)
        gate = MatchGate(self.authorities, cameras)
        self.ingest = IngestService(e.database, e.outbox, self.hotlist.index, gate, e.clock, bounds)
        plate_metrics.watch(self.ingest.counts, self.hotlist.index)
        self.plates = PlatesService(e.database, cameras, e.blobs, self.authorities, e.clock, bounds)
        self.prepare.append(self.hotlist.load)
        self.tasks["hotlist"] = self.hotlist.follow

    def _open_alarms(self, e: Engines, settings: CentreSettings, cameras: CityDirectory) -> None:
        self.alarms = AlarmsService(e.database, e.outbox, self.plates, self.clips, e.clock)
        self.alarms.subscribe(e.relay)
        self.sources = AlarmSources(e.database, self.alarms, cameras, e.clock)
        self.sources.subscribe(e.relay)
        self.tasks["alarms"] = self.sources.run
        self._show_events()

        self.recordings = Recordings(e, settings, self.video, self.channels, cameras)
        self.recordings.index.power = self.devices
        recorded = RecordedTimes(self.recordings.index)
        self.camera_health = HealthService(e.database, self.city, recorded, e.clock)
        self.city.holds_for = self.recordings.index.holds_for
        self.recordings.join(self.city, self.authorities, self.audit)
        self.tasks.update(self.recordings.tasks)
        self.health.add("copies", self.recordings.check)

        beside = (self.alarms, self.recordings.index)
        self.incidents = Incidents(e, settings, self.city, beside)
        self.live_views.require_open = self.incidents.service.require_open
        kept = KeptEvents(self.recordings.keeping, self.city, self.incidents.service, e.clock)
        kept.subscribe(e.relay)

    def include_routes(self, app: FastAPI) -> None:
        """Add every room's routes; the console's pages last, as they answer all other paths."""
        for routes in self.accounts.routers():
            app.include_router(routes)
        for routes in self.oversight.routers():
            app.include_router(routes)
        app.include_router(city_routes.router(self.city, self.settings.basemap))
        app.include_router(device_routes.router(self.devices))
        app.include_router(video_routes.router(self.video, self.clips))
        app.include_router(channel_routes.router(self.channels))
        app.include_router(live_routes.router(self.live_views))
        app.include_router(steering_routes.router(self.steering))
        app.include_router(setup_routes.router(self.camera_setup))
        app.include_router(camera_health_routes.router(self.camera_health, self.channels))
        for routes in self.recordings.routers(self.alarms, self.plates):
            app.include_router(routes)
        for routes in self.incidents.routers():
            app.include_router(routes)
        app.include_router(authority_routes.router(self.authorities))
        app.include_router(self.auditing.router())
        app.include_router(self.retaining.router())
        for routes in (
            exchange_routes.router(self.exchange, self.settings.plates),
            entry_routes.router(self.hotlist, self.engines.clock),
            worker_routes.router(self.ingest, self.plates, self.settings.plates),
            plates_routes.router(self.plates),
            alarms_routes.router(self.alarms),
        ):
            app.include_router(routes)
        app.include_router(console_routes.router(self.live, self.trust))
        app.include_router(health_room.router(self.health))

    def body_limits(self) -> list[BodyLimit]:
        """Return what may be larger than the usual 1 MiB."""
        plates = self.settings.plates
        return [
            BodyLimit(re.compile(r"/api/city/cameras/import$"), 8 << 20),
            BodyLimit(re.compile(r"/api/video/clips/[^/]+/content$"), CLIP_BYTES),
            BodyLimit(re.compile(r"/api/video/clips/[^/]+$"), CLIP_BYTES),
            BodyLimit(re.compile(r"/api/video/journal$"), JOURNAL_BYTES),
            BodyLimit(re.compile(r"/api/video/answers/[^/]+$"), sys.maxsize),  # read as it comes
            BodyLimit(re.compile(r"/api/plates/observations$"), worker_routes.DELIVERY_BYTES),
            BodyLimit(re.compile(r"/api/plates/pictures/[^/]+$"), plates.picture_bytes),
            BodyLimit(re.compile(r"/api/plates/entries/import$"), plates.import_bytes),
            BodyLimit(re.compile(r"/api/trust/shifts/import$"), misuse_routes.ROSTER_BYTES),
            BodyLimit(re.compile(r"/api/trust/documents$"), DOCUMENT_BYTES),
        ]

    def _show_events(self) -> None:
        show = self.live.show
        show(device_events.DEVICE_CHANGED, "device.changed", "video.health", about=_SITE)
        show(device_events.SITE_POWER_CHANGED, "site_power.changed", "video.health", about=_SITE)
        show(video_events.CAMERA_CHANGED, "camera.changed", "video.health", about=_CAMERA)
        show(video_events.CAMERA_STEERED, "camera.steered", "video.live", about=_CAMERA)
        show(video_events.WORKER_CHANGED, "worker.changed", "video.health", about=everybody)
        of_authorities = "trust.view_authorities"
        show(authority_events.CHANGED, "authority.changed", of_authorities, about=everybody)
        reads = self.plates.show_read
        show(plates_events.READ, "read.seen", "plates.live", reads, _CAMERA, may_wait=True)
        for event, name in alarms_events.SHOWN.items():
            of_read = event in (alarms_events.RAISED, alarms_events.CHANGED)
            about = _of_alarm if of_read else _CAMERA
            show(event, name, "alarms.view", self.alarms.show, about)
        self.live.retract_on(alarms_events.SEALED)
        of_incidents = "incidents.view"  # the event is an id alone: who may see it asks for it
        show(incidents_events.CHANGED, "incident.changed", of_incidents, about=everybody)

    def _add_checks(self) -> None:
        async def database() -> health_room.Check:
            async with self.engines.database.transaction() as connection:
                await connection.execute("SELECT 1")
            return health_room.Check("ok", "answers")

        self.health.add("database", database)
        self.health.add("events", health_room.relay_check(self.engines.relay))
        self.health.add("reads", health_room.reads_check(self.ingest.counts))
        self.health.add("retention", self.retaining.check)
        self.health.add("disk", health_room.disk_check(self.settings.data))

    async def _site_of(self, camera: str) -> str | None:
        place = (await self.plates.places()).get(camera)
        return None if place is None else place.site

    def _heed_days(self, days: Mapping[str, int]) -> None:
        self.ingest.days_kept = days["reads"]
        self.video.keep_reads_days = days["reads"]
        self.city.recording_days = days["recordings"]

    async def _trim_outbox(self) -> None:
        while True:
            async with self.engines.database.transaction() as connection:
                gone = await trim(connection, self.retaining.service.days["outbox"], TRIM_BATCH)
            await asyncio.sleep(TRIM_EVERY_S if gone < TRIM_BATCH else TRIM_PAUSE_S)


def build_app(
    engines: Engines, settings: CentreSettings, supervisor: Supervisor | None = None
) -> FastAPI:
    """Return the whole centre as an ASGI application; its lifespan runs the rooms' tasks."""
    centre = Centre(engines, settings)
    if supervisor is not None:
        centre.health.add("workers", _worker_check(supervisor))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with acting_as(system("start")):
            for prepare in centre.prepare:
                await prepare()
        async with running(centre.tasks):
            try:
                yield
            finally:
                centre.live.close()
                await centre.live_views.close()
                await centre.steering.close()

    app = openapi.DescribedApp(
        title="Amaan",
        version=VERSION,
        description="An open command and control centre for a safe city.",
        openapi_url="/api/openapi.json",
        docs_url=None,  # the ready-made pages load scripts from other hosts
        redoc_url=None,
        lifespan=lifespan,
        generate_unique_id_function=openapi.operation_id,
    )
    app.state.trust = centre.trust
    app.state.proxies = centre.auditing.recorder.trusted
    app.state.auditing = centre.auditing
    app.state.live = centre.live
    app.state.channels = centre.channels
    app.state.live_views = centre.live_views
    app.state.incidents = centre.incidents
    translate_errors(app)
    app.add_exception_handler(psycopg.DataError, _data_error)
    centre.include_routes(app)
    app.include_router(metrics.router(engines.database, engines.relay, centre.live, supervisor))
    app.include_router(pages.router(settings.static))
    auditing = centre.auditing
    app.add_middleware(Recording, recorder=auditing.recorder, refusal=auditing.refuse)
    admission = Admission(
        settings.console,
        settings.host,
        settings.trust.cookie_secure,
        centre.body_limits(),
        openapi.accepted(app),
    )
    app.around = lambda stack: OnNobodysBehalf(metrics.Measured(Shield(stack, admission)))
    return app


@asynccontextmanager
async def running(tasks: Mapping[str, Task]) -> AsyncIterator[None]:
    """Run tasks for as long as the block; one that ends or fails is logged and begun again."""

    async def keep(name: str, task: Task) -> None:
        while True:
            try:
                with acting_as(system(name)):
                    await task()
            except Exception:  # noqa: BLE001  the top of every task
                _log.exception("centre.task_failed", task=name)
            await asyncio.sleep(TASK_AGAIN_S)

    kept = [asyncio.create_task(keep(name, task), name=name) for name, task in tasks.items()]
    try:
        yield
    finally:
        await cancel_all(kept)


def _worker_check(supervisor: Supervisor) -> Callable[[], Awaitable[health_room.Check]]:
    async def check() -> health_room.Check:
        down = supervisor.down()
        if down:
            return health_room.Check("degraded", f"{len(down)} local workers are down")
        return health_room.Check("ok", f"{len(supervisor.starts())} local workers run")

    return check


async def _data_error(_: Request, error: Exception) -> JSONResponse:
    """Answer for input that PostgreSQL cannot hold, such as a NUL in a text."""
    del error  # its text repeats the input
    return problem(422, "invalid", "the input holds a value that cannot be stored")
