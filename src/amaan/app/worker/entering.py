"""Enters in the ledger what recorders tell, in its order, also after a while of a full disk."""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Mapping

import structlog

from amaan.video.recording.ledger import Ledger

_log = structlog.get_logger(__name__)

WAITING_MOST = 20_000

Act = Callable[[], None]


class Entering:
    """What cannot be entered waits, and all that is told later waits behind it.

    Beyond WAITING_MOST the oldest go: the ledger makes gaps of what nobody told it, and finds the
    files again when the worker starts.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._lock = threading.Lock()
        self._waiting: deque[tuple[str, Act]] = deque()
        self._forgotten = 0

    @property
    def problem(self) -> str:
        """What a person should know, "" when nothing waits."""
        waiting = len(self._waiting)
        return f"{waiting} notes of recordings wait for the disk" if waiting else ""

    def heed(self, entry: Mapping[str, object]) -> None:
        """Enter what a recorder told."""
        self._enter(str(entry.get("kind")), lambda: self._ledger.record(entry))

    def lost(self, camera: str, stream: str, at_ms: int) -> None:
        """Enter that the process that recorded a stream is gone."""
        self._enter("lost", lambda: self._ledger.lost(camera, stream, at_ms))

    def event(self, camera: str, at_ms: int, until_ms: int | None) -> None:
        """Enter that a camera's recording is kept around a moment."""
        self._enter("event", lambda: self._ledger.event(camera, at_ms, until_ms))

    def again(self) -> None:
        """Enter what waits, as far as the disk takes it."""
        with self._lock:
            while self._waiting and self._done(*self._waiting[0]):
                self._waiting.popleft()
                if not self._waiting:
                    _log.info("recordings.entered_again", forgotten=self._forgotten)
                    self._forgotten = 0

    def _enter(self, kind: str, act: Act) -> None:
        with self._lock:
            if not self._waiting and self._done(kind, act):
                return
            if len(self._waiting) >= WAITING_MOST:
                self._waiting.popleft()
                self._forgotten += 1
            self._waiting.append((kind, act))

    def _done(self, kind: str, act: Act) -> bool:
        """Return False where it is worth another try; nonsense is not."""
        try:
            act()
        except sqlite3.Error as error:
            if not self._waiting:
                _log.error("recordings.not_entered_yet", kind=kind, reason=str(error))
            return False
        except (ValueError, KeyError, OSError):
            _log.exception("recordings.not_entered", kind=kind)
        return True
