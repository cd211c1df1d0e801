"""What the centre knows of its workers and their cameras."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from amaan.city.model import Assignments
from amaan.kernel.acting import acting_as, system
from amaan.kernel.clock import Clock
from amaan.kernel.engines import Database
from amaan.kernel.errors import NotFoundError, UnavailableError
from amaan.kernel.events import NewEvent, Outbox
from amaan.video import events, rules, store
from amaan.video.clips import ClipService
from amaan.video.health import log
from amaan.video.health import rules as health_rules
from amaan.video.health import store as health_store
from amaan.video.health.model import Standing
from amaan.video.model import (
    CameraState,
    Heartbeat,
    WantedClip,
    WatchedCamera,
    WorkerHealth,
    WorkerState,
)
from amaan.video.ports import CameraBook

__all__ = ["ClipService", "HeartbeatAnswer", "VideoService"]

_log = structlog.get_logger(__name__)

_BOOK_KEPT = timedelta(seconds=1)
_CLIPS_OFFERED = 20
CLOCK_OFF_MS = 1000  # less may be the heartbeat's own way
KEEP_READS_DAYS = 30  # until retention says otherwise


@dataclass(frozen=True, slots=True)
class HeartbeatAnswer:
    """What a worker hears back. ``keep_reads_days``: it drops what it could not ship for longer."""

    received_at: datetime
    assignment_revision: str
    wanted_clips: tuple[WantedClip, ...]
    keep_reads_days: int


class VideoService:
    """States live in memory and are written when they change; call ``load`` before the rest."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        book: CameraBook,
        workers: Sequence[str],
        clock: Clock,
    ) -> None:
        """``workers`` are the names among which the cameras are shared out."""
        self._database = database
        self._outbox = outbox
        self._book = book
        self._expected = tuple(workers)
        self._clock = clock
        self._lock = asyncio.Lock()
        self._workers: dict[str, WorkerHealth] = {}
        self._cameras: dict[str, WatchedCamera] = {}
        self._heard: dict[str, datetime] = {}
        self._away: dict[str, datetime] = {}  # since when a camera gives no picture
        self._unconfirmed: dict[str, datetime] = {}  # not heard of since the centre was away
        self._started_at = clock.now()
        self._assigned: dict[str, tuple[datetime, Assignments]] = {}
        self.keep_reads_days = KEEP_READS_DAYS

    async def load(self) -> None:
        """Take up the states written before. Workers get a moment to be heard again."""
        async with self._database.transaction() as connection:
            workers = await store.load_workers(connection)
            cameras = await store.load_cameras(connection)
            listened = await health_store.listened_until(connection)
        self._started_at = self._clock.now()
        self._workers = {worker.worker: worker for worker in workers}
        self._heard = {worker.worker: self._started_at for worker in workers}
        self._cameras = {camera.health.camera: camera for camera in cameras}
        if listened is not None:
            self._unconfirmed = dict.fromkeys(self._cameras, listened)
        self._away = {
            one.health.camera: one.health.since
            for one in cameras
            if not rules.gives_pictures(one.health)
        }

    # -- assignment --------------------------------------------------------------------------

    async def assignment(self, worker: str, *, fresh: bool = True) -> Assignments:
        """Return the cameras of a worker; none for a name that is not expected.

        Without ``fresh`` they may be a second old.
        """
        now = self._clock.now()
        kept = self._assigned.get(worker)
        if not fresh and kept is not None and abs(now - kept[0]) < _BOOK_KEPT:
            return kept[1]
        with acting_as(system("assignment")):  # kept for the worker, whoever asks first
            assigned = await self._book.assignments(worker, self._expected)
        if worker in self._expected:
            self._assigned[worker] = now, assigned
        return assigned

    # -- heartbeats --------------------------------------------------------------------------

    async def take_heartbeat(self, heartbeat: Heartbeat) -> HeartbeatAnswer:
        """Note what a worker says, and tell it what it should know."""
        received_at = self._clock.now()
        assignment = await self.assignment(heartbeat.worker, fresh=False)
        codes = [camera.code for camera in assignment.cameras]
        async with self._lock:
            before = self._workers.get(heartbeat.worker)
            worker = rules.worker_health(heartbeat, received_at, before)
            self._heard[heartbeat.worker] = received_at
            cameras = self._judged(self._reported(heartbeat, frozenset(codes), worker), received_at)
            worker_news = [worker] if rules.worker_changed(before, worker) else []
            camera_news = [
                camera
                for camera in cameras
                if rules.camera_changed(self._cameras.get(camera.health.camera), camera)
            ]
            async with self._database.transaction() as connection:
                wanted = await store.wanted_clips(connection, codes, _CLIPS_OFFERED)
                await store.save_workers(connection, worker_news)
                await store.save_cameras(connection, camera_news)
                standings = self._standings(cameras, camera_news)
                await log.take_down(connection, standings, received_at)
                await self._outbox.announce(
                    connection, _news(worker_news, camera_news, received_at)
                )
            self._workers[worker.worker] = worker
            self._take_up(cameras)
        return HeartbeatAnswer(
            received_at, assignment.revision, tuple(wanted), self.keep_reads_days
        )

    def _reported(
        self, heartbeat: Heartbeat, codes: frozenset[str], worker: WorkerHealth
    ) -> list[WatchedCamera]:
        offset_ms, now = worker.clock_offset_ms, self._heard[worker.worker]
        told = [
            WatchedCamera(rules.in_our_time(health, offset_ms), heartbeat.worker)
            for health in heartbeat.cameras
            if health.camera in codes
        ]
        names = [camera.health.camera for camera in told]
        left = rules.missing_cameras(list(self._cameras.values()), heartbeat.worker, names)
        return told + [
            rules.abandoned_camera(camera, f"no longer run by {heartbeat.worker}", now)
            for camera in left
        ]

    async def notice_silence(self) -> None:
        """Mark workers that have stopped talking, and their cameras; call it every second."""
        async with self._lock:
            now = self._clock.now()
            workers = [
                silent
                for worker in self._workers.values()
                if (silent := rules.silent_worker(worker, self._heard[worker.worker], now))
            ]
            names = {worker.worker for worker in workers}
            cameras = [
                rules.abandoned_camera(camera, f"no heartbeat from {camera.worker}", now)
                for camera in self._cameras.values()
                if camera.worker in names and camera.health.state is not CameraState.UNKNOWN
            ]
            cameras = [
                camera
                for camera in self._judged(self._with_long_gone(cameras), now)
                if rules.camera_changed(self._cameras.get(camera.health.camera), camera)
            ]
            if not workers and not cameras:
                return
            async with self._database.transaction() as connection:
                await store.save_workers(connection, workers)
                await store.save_cameras(connection, cameras)
                await log.take_down(connection, self._standings(cameras, cameras), now)
                await self._outbox.announce(connection, _news(workers, cameras, now))
            self._workers.update({worker.worker: worker for worker in workers})
            self._take_up(cameras)
        for worker in workers:
            _log.warning("video.worker_silent", worker=worker.worker, cameras=len(cameras))

    # -- the log -----------------------------------------------------------------------------

    def _judged(self, cameras: Sequence[WatchedCamera], now: datetime) -> list[WatchedCamera]:
        """Add the condition offline where it holds; its time runs on from state to state."""
        judged = []
        for camera in cameras:
            code = camera.health.camera
            if rules.gives_pictures(camera.health):
                self._away.pop(code, None)
            since = self._away.setdefault(code, min(now, camera.health.since))
            if rules.gives_pictures(camera.health):
                del self._away[code]
            judged.append(rules.with_offline(camera, since, now))
        return judged

    def _with_long_gone(self, abandoned: Sequence[WatchedCamera]) -> list[WatchedCamera]:
        """Return the abandoned, and cameras that nobody speaks for since earlier."""
        fresh = {camera.health.camera for camera in abandoned}
        assigned = {one.code for _, kept in self._assigned.values() for one in kept.cameras}
        return [
            *abandoned,
            *(
                camera
                for code, camera in self._cameras.items()
                if camera.health.state is CameraState.UNKNOWN
                and code not in fresh
                and code in assigned
            ),
        ]

    def _standings(
        self, cameras: Sequence[WatchedCamera], news: Sequence[WatchedCamera]
    ) -> list[Standing]:
        """Return what the log should say: of what changed, and of who is first heard again."""
        changed = {camera.health.camera for camera in news}
        return [
            health_rules.standing_of(camera, self._unconfirmed.get(camera.health.camera))
            for camera in cameras
            if camera.health.camera in changed or camera.health.camera in self._unconfirmed
        ]

    def _take_up(self, cameras: Sequence[WatchedCamera]) -> None:
        for camera in cameras:
            self._cameras[camera.health.camera] = camera
            self._unconfirmed.pop(camera.health.camera, None)

    async def note_listening(self) -> None:
        """Note that the centre listens, and which cameras nobody is to watch; every few seconds."""
        now = self._clock.now()
        with acting_as(system("health")):
            assigned = {
                camera.code
                for worker in self._expected
                for camera in (await self.assignment(worker, fresh=False)).cameras
            }
        async with self._lock, self._database.transaction() as connection:
            await health_store.listened(connection, now)
            off = await health_store.cameras_lasting(connection) - assigned
            standings = [health_rules.turned_off(camera, now) for camera in sorted(off)]
            await log.take_down(connection, standings, now)
            # Nothing is wrong with what nobody is to watch: alarms about it end.
            let_go = [
                rules.without_conditions(camera)
                for code, camera in self._cameras.items()
                if camera.health.conditions and code not in assigned
            ]
            await store.save_cameras(connection, let_go)
            await self._outbox.announce(connection, _news([], let_go, now))
            self._take_up(let_go)

    # -- answers -----------------------------------------------------------------------------

    async def cameras(self) -> list[WatchedCamera]:
        """Return every camera that should run and whoever asks may see, and how it stands."""
        assigned = {
            camera.code
            for worker in self._expected
            for camera in (await self.assignment(worker)).cameras
        }
        codes = assigned & await self._book.camera_codes()
        return [
            self._cameras.get(code) or rules.unseen_camera(code, self._started_at)
            for code in sorted(codes)
        ]

    def expected_workers(self) -> tuple[str, ...]:
        """Return the names among which the cameras are shared out."""
        return self._expected

    async def worker_of(self, camera: str) -> str:
        """Return who runs a camera that whoever acts may see. NotFoundError, UnavailableError."""
        if camera not in await self._book.camera_codes():
            raise NotFoundError("there is no such camera")
        for worker in self._expected:
            assigned = await self.assignment(worker, fresh=False)
            if any(camera == one.code for one in assigned.cameras):
                return worker
        raise UnavailableError("no worker runs this camera")

    def clock_behind_ms(self, worker: str) -> int:
        """Return by how much a worker's clock is behind ours; 0 within a second of it."""
        known = self._workers.get(worker)
        offset_ms = 0 if known is None else known.clock_offset_ms
        return offset_ms if abs(offset_ms) >= CLOCK_OFF_MS else 0

    def workers(self) -> list[WorkerHealth]:
        """Return every worker that is expected or was heard, by name."""
        known = dict(self._workers)
        for name in self._expected:
            if name not in known:
                known[name] = rules.unheard_worker(name, self._started_at)
        return [
            worker
            for name, worker in sorted(known.items())
            if name in self._expected or worker.state is not WorkerState.DOWN
        ]


def _news(
    workers: Sequence[WorkerHealth], cameras: Sequence[WatchedCamera], at: datetime
) -> list[NewEvent]:
    return [
        *(events.worker_changed(worker, at) for worker in workers),
        *(events.camera_changed(camera, at) for camera in cameras),
    ]
