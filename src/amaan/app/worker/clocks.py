"""Reads the cameras' own clocks by ONVIF, one camera after the other, in a thread of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import structlog

from amaan.app.worker.centre import AssignedCamera
from amaan.kernel.errors import AmaanError
from amaan.video.model import CameraHealth, CameraState

EVERY_S = 600.0
AGAIN_S = 15.0  # two readings make or end a condition: the second does not wait ten minutes
SPACING_S = 1.0  # between two cameras: nobody's network is flooded
STOP_WITHIN_S = 0.2

_log = structlog.get_logger(__name__)

Read = Callable[[str], float | None]
"""By how many seconds a camera's clock is ahead of ours; None: it does not say. AmaanError."""
Tell = Callable[[str, float, float], bool]
"""Camera, seconds ahead, Unix time of reading. Returns whether to read again soon."""


class Feeds(Protocol):
    """The cameras that run here (``feeds.FeedKeeper``)."""

    def health(self) -> list[CameraHealth]:
        """Return how every assigned camera is."""
        ...

    def assigned(self, camera: str) -> AssignedCamera | None:
        """Return what was said of a camera; None when it does not run here."""
        ...


@dataclass(frozen=True, slots=True)
class Pace:
    """How often, in seconds. Tests are in more of a hurry."""

    every_s: float = EVERY_S
    again_s: float = AGAIN_S
    spacing_s: float = SPACING_S


class Clocks:
    """``start`` once, ``stop`` once. A camera that does not answer is neither right nor wrong."""

    def __init__(self, feeds: Feeds, read: Read, tell: Tell, pace: Pace | None = None) -> None:
        self._feeds = feeds
        self._read = read
        self._tell = tell
        self._pace = pace or Pace()
        self._due: dict[str, float] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="clocks", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self) -> None:
        """Read no more; an answer that is waited for is not waited for any longer."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(STOP_WITHIN_S)

    def _run(self) -> None:
        while not self._stopping.wait(self._pace.spacing_s):
            try:
                self._read_next(time.monotonic())
            except Exception:  # noqa: BLE001 (top of a task loop)
                _log.exception("worker.clocks_fault")
                self._stopping.wait(self._pace.again_s)

    def _read_next(self, now_s: float) -> None:
        """Read the clock that is due longest, if one is."""
        self._due = {code: self._due.get(code, now_s) for code in self._readable()}
        code = min(self._due, key=self._due.__getitem__, default=None)
        if code is None or self._due[code] > now_s:
            return
        self._due[code] = now_s + self._pace.every_s
        try:
            ahead_s = self._read(code)
        except AmaanError as error:
            _log.debug("worker.clock_unread", camera=code, reason=error.code)
            return
        if ahead_s is not None and self._tell(code, ahead_s, time.time()):
            self._due[code] = now_s + self._pace.again_s

    def _readable(self) -> list[str]:
        codes = [one.camera for one in self._feeds.health() if one.state is CameraState.UP]
        assigned = [self._feeds.assigned(code) for code in codes]
        return [one.code for one in assigned if one is not None and one.onvif_sealed is not None]
