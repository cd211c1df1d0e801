"""What this worker records: its ledger, the journal to the centre, what goes for want of room.

Two threads: one tells the centre, one clears. Neither ever holds up a recorder.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import structlog

from amaan.app.worker.centre import AssignedCamera, CentreClient, RecordPlan, WeeklyTime
from amaan.app.worker.clearing import BALLAST_BYTES, Clearer
from amaan.app.worker.entering import Entering
from amaan.engines.spool.ballast import Ballast
from amaan.kernel.errors import RefusedError, UnavailableError
from amaan.video.recording.ledger import Ledger
from amaan.video.recording.model import Hours, Policy
from amaan.video.settings import VideoSettings

_log = structlog.get_logger(__name__)

TOLD_AT_ONCE = 500
TELL_EVERY_S = 1.0
TELL_AGAIN_S = 3.0
READS_FIRST = 200  # while so many reads wait, the journal waits too
READS_FIRST_S = 30.0  # but no longer than this
CLEAR_EVERY_S = 2.0
BOOT = Path("/proc/sys/kernel/random/boot_id")


class Recordings:
    """``recover`` before anything records; ``start`` once, ``stop`` once."""

    def __init__(
        self,
        data: Path,
        settings: VideoSettings,
        centre: CentreClient,
        reads_waiting: Callable[[], int],
    ) -> None:
        self.data = data
        videos = data / "video"
        videos.mkdir(parents=True, exist_ok=True, mode=0o750)
        ballast = Ballast(data / "ledger.ballast", BALLAST_BYTES)
        if shutil.disk_usage(data).free < BALLAST_BYTES:
            ballast.throw_out()  # on a full disk a ledger cannot even be opened
        self.ledger = Ledger(data / "ledger.sqlite", videos)
        self._entering = Entering(self.ledger)
        self._centre = centre
        self._reads_waiting = reads_waiting
        self._clearer = Clearer(self.ledger, settings, ballast)
        self._default_days = settings.recording_days
        self._stopping = threading.Event()
        self._trouble = ""
        self._threads = [
            threading.Thread(target=self._tell_on, name="journal", daemon=True),
            threading.Thread(target=self._clear_on, name="clearing", daemon=True),
        ]

    @property
    def problem(self) -> str:
        """What a person should know, "" when all is well."""
        return "; ".join(one for one in (self._entering.problem, self._clearer.problem) if one)

    # -- life --------------------------------------------------------------------------------

    def recover(self) -> None:
        """Make ledger and disk agree after whatever happened."""
        for said in self.ledger.recover(_boot()):
            _log.warning("recordings.mended", what=said)

    def start(self) -> None:
        """Begin to tell and to clear."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End, when no recorder writes any more."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(1.0)
        self._entering.again()
        if not self._entering.problem:
            self.ledger.stopped()
        self.ledger.close()

    # -- what recorders and assignments say ----------------------------------------------------

    def heed(self, entry: Mapping[str, object]) -> None:
        """Enter what a recorder told; what the disk refuses now is entered later."""
        self._entering.heed(entry)

    def lost(self, camera: str, stream: str, at_s: float) -> None:
        """Note that the process that recorded a stream is gone."""
        self._entering.lost(camera, stream, round(at_s * 1000))

    def apply(self, cameras: Iterable[AssignedCamera]) -> None:
        """Take new terms; streams that are recorded here no more come to their end."""
        assigned = {camera.code: camera for camera in cameras}
        self._entering.again()
        self.ledger.set_policies(
            {code: policy_of(camera, self._default_days) for code, camera in assigned.items()}
        )
        now_ms = round(time.time() * 1000)
        for code, stream in self.ledger.streams():
            if code not in assigned:
                self.ledger.ended(code, stream, now_ms)
        for code, camera in assigned.items():
            if camera.recording.mode == "off":
                self.ledger.unwanted(code, "main", now_ms)

    def centre_says(self, now_s: float) -> None:
        """Note the centre's time: by it recordings age where this machine's clock is ahead."""
        self._clearer.calendar.told(now_s)

    def event(self, camera: str, at_s: float, until_s: float | None = None) -> None:
        """Have a camera's recording kept around a moment."""
        until_ms = None if until_s is None else round(until_s * 1000)
        self._entering.event(camera, round(at_s * 1000), until_ms)

    # -- threads -----------------------------------------------------------------------------

    def _tell_on(self) -> None:
        waited_since = time.monotonic()
        while not self._stopping.is_set():
            if (
                self._reads_waiting() > READS_FIRST
                and time.monotonic() - waited_since < READS_FIRST_S
            ):
                self._stopping.wait(TELL_EVERY_S)
                continue
            waited_since = time.monotonic()
            try:
                more = self._tell()
                pause = 0.0 if more else TELL_EVERY_S
            except (UnavailableError, RefusedError) as error:
                self._note(error.detail)
                pause = TELL_AGAIN_S
            except Exception:  # noqa: BLE001 (top of a task loop)
                _log.exception("recordings.journal_fault")
                pause = TELL_AGAIN_S * 5
            self._stopping.wait(pause)

    def _tell(self) -> bool:
        """Tell the centre the next entries; return whether there are more."""
        entries = self.ledger.untold(TOLD_AT_ONCE)
        if not entries:
            return False
        applied = self._centre.tell_journal(self.ledger.id, entries)
        if applied is None:
            _log.warning("recordings.told_anew", why="the centre lacks what it was told before")
            self.ledger.retell()
            return False  # not at once: a centre that lacks it each time is not to be flooded
        self.ledger.told(applied)
        self._note("")
        return len(entries) == TOLD_AT_ONCE

    def _note(self, trouble: str) -> None:
        if trouble != self._trouble:
            self._trouble = trouble
            if trouble:
                _log.warning("recordings.journal_waits", reason=trouble)

    def _clear_on(self) -> None:
        try:
            for said in self.ledger.find_missing():
                _log.warning("recordings.mended", what=said)
        except Exception:  # noqa: BLE001 (top of a task)
            _log.exception("recordings.search_fault")
        while not self._stopping.wait(CLEAR_EVERY_S):
            self._entering.again()
            try:
                self._clearer.clear(time.time())
            except OSError as error:
                _log.error("recordings.not_cleared", reason=error.strerror)
            except Exception:  # noqa: BLE001 (top of a task loop)
                _log.exception("recordings.clearing_fault")


def policy_of(camera: AssignedCamera, default_days: float) -> Policy:
    """Return the terms of an assigned camera."""
    plan: RecordPlan = camera.recording
    return Policy(
        mode=plan.mode,
        hours=tuple(_hours(one) for one in plan.schedule),
        before_s=plan.before_s,
        after_s=plan.after_s,
        days=default_days if plan.days is None else plan.days,
        gigabytes=plan.gigabytes,
        holds=tuple(
            (round(one.since.timestamp() * 1000), round(one.until.timestamp() * 1000))
            for one in camera.holds
        ),
    )


def _hours(one: WeeklyTime) -> Hours:
    return Hours(frozenset(one.days), _minutes(one.start), _minutes(one.end))


def _minutes(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)


def _boot() -> str:
    try:
        return BOOT.read_text(encoding="ascii").strip()
    except OSError:
        return ""
