"""Composes a camera worker and keeps it going.

Threads: one for each camera (``CameraFeed``), one or more readers (``PlateScheduler``), two
shippers, one each for assignments, clips and the retry of refused reads, and this one, which
says every second how the worker is. Whatever the centre does, cameras are pulled, recorded and
read, and what is read is spooled.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import structlog

from amaan.app.logging import start_logging
from amaan.app.worker.centre import CentreClient, HeartbeatAnswer, make_client
from amaan.app.worker.channel import Answerer, WorkerChannel
from amaan.app.worker.clips import ClipCutter
from amaan.app.worker.clocks import Clocks
from amaan.app.worker.feeds import FeedKeeper
from amaan.app.worker.footage import FootageAnswers
from amaan.app.worker.forgetting import Forgetter
from amaan.app.worker.judging import Judging
from amaan.app.worker.keeping import ReadKeeper
from amaan.app.worker.live import LiveAnswers
from amaan.app.worker.onvif import CameraAnswers
from amaan.app.worker.process import (
    exclusive,
    orphaned,
    read_secret,
    stop_on_signals,
)
from amaan.app.worker.reading import plate_readers
from amaan.app.worker.recordings import Recordings
from amaan.app.worker.scheduling import PlateScheduler, Reader
from amaan.app.worker.settings import WorkerSettings
from amaan.engines.spool.sqlite import SqliteSpool
from amaan.kernel.clock import SystemClock
from amaan.kernel.errors import AmaanError, RefusedError, UnavailableError
from amaan.plates.shipping import Shipper, ShippingSettings
from amaan.trust.sealing import Sealer
from amaan.video.model import SpoolReport
from amaan.vision.model import PlateRead

_log = structlog.get_logger(__name__)

_CLOCK_OFF_S = 2.0
_ASSIGNMENT_RETRY_S = 2.0
_CLEARED_EVERY_S = 60.0

STOP_WITHIN_S = 3.0
LOG_NAME = "worker.log"  # in the worker's folder
EXIT_CLEAN, EXIT_SETUP = 0, 2


class Worker:
    """One worker. ``run`` returns when ``stopping`` is set or the supervisor is gone."""

    def __init__(
        self, settings: WorkerSettings, make_reader: Callable[[], Reader] | None = None
    ) -> None:
        sealer = Sealer.from_file(settings.key_file)
        token = read_secret(settings.token_file)
        client = make_client(settings.centre, token)
        self._settings = settings
        self._client = client
        self.stopping = threading.Event()
        self._centre = CentreClient(client, settings.name)
        self._spool = SqliteSpool(settings.spool_settings)
        self._shipper = Shipper(
            self._spool, client, ShippingSettings(worker=settings.name), SystemClock()
        )
        self._forgetter = Forgetter(self._spool, settings.data / "days-of-reads")
        self._keeper = ReadKeeper(self._spool, settings, self._shipper.wake)
        self._scheduler = PlateScheduler(
            make_reader or plate_readers(settings.reader, settings.pipeline),
            self._keep,
            settings.readers,
        )
        self._recordings = Recordings(
            settings.data, settings.video, self._centre, self._reads_waiting
        )
        self._feeds = FeedKeeper(settings.video, sealer, self._scheduler, self._recordings)
        self._clips = ClipCutter(self._feeds, self._recordings.ledger, self._centre, settings.video)
        self.answerer = Answerer()
        LiveAnswers(self._feeds.pullers).register(self.answerer)
        FootageAnswers(
            self._recordings.ledger,
            settings.data / "cuts",
            settings.video.disk_reserve_bytes,
            self._recordings.event,
        ).register(self.answerer)
        self._judging = Judging(settings.data, self._feeds, self._feeds.pullers)
        self.answerer.register("judging.forget", self._judging.forget)
        cameras = CameraAnswers(self._feeds.assigned, sealer, settings.video)
        cameras.when_turned = self._judging.turned
        cameras.register(self.answerer)
        self._clocks = Clocks(self._feeds, cameras.clock_ahead, self._judge_clock)
        self._channel = WorkerChannel(settings.centre, token, settings.name, self.answerer)
        self._assignments_wake = threading.Event()
        self._assigner = threading.Thread(target=self._assign, name="assign", daemon=True)
        self._centre_trouble: str | None = "not asked yet"
        self._clock_off = False
        self._behind_s = 0.0  # this machine's clock, where it is off: the centre's minus ours

    def run(self) -> None:
        """Work until told to stop, then stop in an order that loses nothing."""
        _log.info("worker.started", centre=self._settings.centre, boot=self._spool.boot)
        self._recordings.recover()
        self._keeper.start()
        self._scheduler.start()
        self._shipper.start()
        self._recordings.start()
        self._clips.start()
        self._assigner.start()
        self._judging.start()
        self._clocks.start()
        self._channel.start()
        due = time.monotonic()
        while not self.stopping.is_set():
            if orphaned(self._settings.parent_pid):
                _log.warning("worker.supervisor_gone")
                break
            self._beat()
            due = max(due + self._settings.heartbeat_s, time.monotonic() + 0.1)
            self.stopping.wait(due - time.monotonic())
        self._stop()

    def _stop(self) -> None:
        """Within STOP_WITHIN_S, which the supervisor waits; nothing spooled can be lost by it."""
        until = time.monotonic() + STOP_WITHIN_S
        self.stopping.set()
        self._assignments_wake.set()
        self._assigner.join(0.5)
        self._channel.stop(0.3)
        self._clocks.stop()
        self._judging.stop()
        self._feeds.stop()
        self._recordings.stop()
        self._scheduler.stop(max(0.5, until - time.monotonic() - 0.8))
        self._clips.stop(0.1)
        self._keeper.stop()
        self._shipper.stop(max(0.2, until - time.monotonic()))
        status = self._spool.status()
        self._spool.close()
        self._client.close()
        _log.info("worker.stopped", pending=status.pending)

    def _keep(self, camera: str, read: PlateRead) -> None:
        """Keep a read, and the recording around it."""
        self._keeper.keep(camera, read)
        self._recordings.event(camera, read.observed_at.timestamp())

    def _judge_clock(self, camera: str, ahead_s: float, at_s: float) -> bool:
        """Judge a camera's clock by the centre's where this machine's own is off."""
        return self._judging.clock(camera, ahead_s - self._behind_s, at_s)

    def _reads_waiting(self) -> int:
        return sum(self._spool.status().pending.values())

    # -- heartbeat ---------------------------------------------------------------------------

    def spool_report(self) -> SpoolReport:
        """Sum up spool, backlog in memory and shipping in one state."""
        spool, keeping, shipping = self._spool.status(), self._keeper.state(), self._shipper.state()
        pending = sum(spool.pending.values()) + keeping.waiting
        reasons = [spool.reason] if spool.reason else []
        state = spool.state
        if keeping.waiting:
            reasons.append(f"{keeping.waiting} reads wait in memory")
        if keeping.lost:
            state = "failing"
            reasons.append(f"{keeping.lost} reads lost for want of room")
        if keeping.pictures_lost:
            reasons.append(f"{keeping.pictures_lost} pictures not kept")
        if self._recordings.problem:
            state = "full" if state == "ok" else state
            reasons.append(self._recordings.problem)
        if shipping.state == "refused":
            state = "failing" if state == "ok" else state
            reasons.append(shipping.reason)
        return SpoolReport(pending, state, "; ".join(reasons))

    def _beat(self) -> None:
        now = datetime.now(UTC)
        try:
            answer = self._centre.heartbeat(
                self._spool.boot,
                now,
                self.spool_report(),
                self._judging.with_conditions(self._feeds.health()),
            )
        except (UnavailableError, RefusedError) as error:
            if self._centre_trouble != error.detail:
                self._centre_trouble = error.detail
                _log.warning("worker.centre_absent", reason=error.detail)
            return
        if self._centre_trouble is not None:
            self._centre_trouble = None
            _log.info("worker.centre_answers")
            self._shipper.wake()
        self._heed(answer, now)

    def _heed(self, answer: HeartbeatAnswer, sent_at: datetime) -> None:
        offset_s = (answer.received_at - sent_at).total_seconds()
        if (abs(offset_s) > _CLOCK_OFF_S) is not self._clock_off:
            self._clock_off = not self._clock_off
            _log.warning("worker.clock", off=self._clock_off, offset_s=round(offset_s, 3))
        self._behind_s = offset_s if self._clock_off else 0.0
        self._recordings.centre_says(answer.received_at.timestamp())
        self._forgetter.heed(answer.keep_reads_days, answer.received_at - sent_at)
        self._clips.offer(answer.wanted_clips)
        if answer.assignment_revision != self._feeds.revision:
            self._assignments_wake.set()

    # -- assignment --------------------------------------------------------------------------

    def _assign(self) -> None:
        """Apply the assignment whenever the centre names a new revision; clear up between."""
        self._forgetter.forget_overdue()
        remembered = self._feeds.remembered()
        if remembered is not None:
            self._feeds.apply(remembered, remember=False)
        while not self.stopping.is_set():
            woken = self._assignments_wake.wait(_CLEARED_EVERY_S)
            self._assignments_wake.clear()
            if self.stopping.is_set():
                return
            if not woken:
                self._forgetter.forget_overdue()
                continue
            try:
                self._feeds.apply(self._centre.assignment())
            except (UnavailableError, RefusedError) as error:
                _log.warning("worker.no_assignment", reason=error.detail)
                self.stopping.wait(_ASSIGNMENT_RETRY_S)
            except Exception:  # noqa: BLE001 (top of a task loop)
                _log.exception("worker.assignment_fault")
                self.stopping.wait(_ASSIGNMENT_RETRY_S)


def run_worker(settings: WorkerSettings) -> int:
    """Run one worker to its end; return the process's exit code (0 stopped, 2 cannot start)."""
    start_logging("info")
    try:
        with exclusive(_made(settings.data)):
            # A supervisor keeps stderr in a file that nobody rotates while we run.
            alone = settings.parent_pid is None
            start_logging("info", settings.data / LOG_NAME, to_stderr=alone)
            worker = Worker(settings)
            stop_on_signals(worker.stopping)
            worker.run()
    except AmaanError as error:
        _log.error("worker.cannot_start", reason=error.detail, code=error.code)
        return EXIT_SETUP
    return EXIT_CLEAN


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
