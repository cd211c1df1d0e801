"""From a decided read to the spool, through a disk that may refuse for a while."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from amaan.app.worker.observations import encode_jpeg, encode_read
from amaan.app.worker.settings import WorkerSettings
from amaan.engines.spool.errors import SpoolFullError
from amaan.engines.spool.sqlite import SqliteSpool
from amaan.kernel.errors import UnavailableError
from amaan.vision.model import PlateRead

_log = structlog.get_logger(__name__)

_RETRY_S = 1.0


@dataclass(frozen=True, slots=True)
class KeepingState:
    """``waiting`` reads are in memory only; ``lost`` ones found no room even there."""

    waiting: int
    lost: int
    pictures_lost: int
    kept: int


class ReadKeeper:
    """Keeps reads; ``on_kept`` is called whenever the spool has something new to ship."""

    def __init__(
        self, spool: SqliteSpool, settings: WorkerSettings, on_kept: Callable[[], None]
    ) -> None:
        self._spool = spool
        self._settings = settings
        self._on_kept = on_kept
        self._backlog: deque[bytes] = deque()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._has_backlog = threading.Event()
        self._kept = self._lost = self._pictures_lost = 0
        self._thread = threading.Thread(target=self._retry, name="keep", daemon=True)

    def start(self) -> None:
        """Begin to retry what the disk refused."""
        self._thread.start()

    def keep(self, camera: str, read: PlateRead) -> None:
        """Spool the read first, then its pictures. Never raises for the disk's sake."""
        settings = self._settings
        picture = encode_jpeg(read.picture, settings.jpeg_quality, settings.picture_width)
        crop = encode_jpeg(read.crop, settings.jpeg_quality)
        payload = encode_read(camera, read, picture, crop)
        if self._append(payload):
            self._on_kept()
        else:
            self._hold(payload)
        for jpeg in (picture, crop):
            if jpeg is not None:
                self._keep_picture(jpeg.content)
        self._on_kept()

    def _append(self, payload: bytes) -> bool:
        try:
            self._spool.append("read", payload)
        except UnavailableError:
            return False
        with self._lock:
            self._kept += 1
        return True

    def _keep_picture(self, content: bytes) -> None:
        try:
            self._spool.append("picture", content)
        except SpoolFullError as error:
            with self._lock:
                self._pictures_lost += 1
                first = self._pictures_lost == 1
            if first:
                _log.warning("worker.picture_not_kept", reason=error.detail)

    def _hold(self, payload: bytes) -> None:
        with self._lock:
            self._backlog.append(payload)
            if len(self._backlog) > self._settings.backlog_reads:
                self._backlog.popleft()
                self._lost += 1
                _log.error("worker.read_lost", reason="no disk, and no more room in memory")
        self._has_backlog.set()

    def _retry(self) -> None:
        while not self._stopping.is_set():
            self._has_backlog.wait()
            self.retry_now()
            self._stopping.wait(_RETRY_S)

    def retry_now(self) -> None:
        """Move what waits in memory to the spool, oldest first, as far as it takes it."""
        while True:
            with self._lock:
                if not self._backlog:
                    self._has_backlog.clear()
                    return
                payload = self._backlog.popleft()
            if not self._append(payload):
                with self._lock:
                    self._backlog.appendleft(payload)
                return
            self._on_kept()

    def stop(self) -> None:
        """Try once more; say how many reads are lost with this process."""
        self._stopping.set()
        self._has_backlog.set()
        self._thread.join(0.3)
        self.retry_now()
        waiting = self.state().waiting
        if waiting:
            _log.error("worker.reads_lost", count=waiting, reason="the spool takes no reads")

    def state(self) -> KeepingState:
        """Return the counts since the start."""
        with self._lock:
            return KeepingState(len(self._backlog), self._lost, self._pictures_lost, self._kept)
