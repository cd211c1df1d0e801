"""Cuts wanted clips out of the recording and delivers them, in a thread that yields."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

import structlog

from amaan.app.worker.centre import CentreClient, WantedClip
from amaan.app.worker.feeds import FeedKeeper
from amaan.kernel.errors import RefusedError, UnavailableError
from amaan.video.cut import ClipWish, cut_clip
from amaan.video.errors import ClipNotYetError, ClipUnavailableError
from amaan.video.recording.ports import Book
from amaan.video.settings import VideoSettings

_log = structlog.get_logger(__name__)

_NICENESS = 10
_RETRY_S = 2.0
_SETTLED_KEPT = 1000


class ClipCutter:
    """``offer`` the wanted clips as often as the centre names them; each is settled once."""

    def __init__(
        self, feeds: FeedKeeper, book: Book, centre: CentreClient, settings: VideoSettings
    ) -> None:
        self._feeds = feeds
        self._book = book
        self._centre = centre
        self._settings = settings
        self._condition = threading.Condition()
        self._wanted: dict[UUID, tuple[float, WantedClip]] = {}
        self._settled: OrderedDict[UUID, None] = OrderedDict()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="clips", daemon=True)

    def start(self) -> None:
        """Begin to cut."""
        self._thread.start()

    def offer(self, clips: Iterable[WantedClip]) -> None:
        """Take note of clips; known ones are passed over."""
        with self._condition:
            for clip in clips:
                if clip.id not in self._wanted and clip.id not in self._settled:
                    self._wanted[clip.id] = (time.monotonic(), clip)
                    self._condition.notify()

    def stop(self, timeout_s: float = 5.0) -> None:
        """End; what is not delivered is named again to the next worker."""
        with self._condition:
            self._stopping = True
            self._condition.notify()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        with contextlib.suppress(OSError, AttributeError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
        while True:
            clip = self._next()
            if clip is None:
                return
            try:
                self._after(clip, self._settle(clip))
            except Exception:  # noqa: BLE001 (top of a task loop)
                _log.exception("worker.clip_fault", clip=str(clip.id), camera=clip.camera)
                self._after(clip, _RETRY_S * 5)

    def _next(self) -> WantedClip | None:
        with self._condition:
            while not self._stopping:
                now = time.monotonic()
                due, clip = min(
                    self._wanted.values(), key=lambda one: one[0], default=(now + 3600, None)
                )
                if clip is not None and due <= now:
                    return clip
                self._condition.wait(due - now)
            return None

    def _after(self, clip: WantedClip, again_s: float | None) -> None:
        with self._condition:
            if again_s is not None:
                self._wanted[clip.id] = (time.monotonic() + again_s, clip)
                return
            self._wanted.pop(clip.id, None)
            self._settled[clip.id] = None
            if len(self._settled) > _SETTLED_KEPT:
                self._settled.popitem(last=False)

    def _settle(self, clip: WantedClip) -> float | None:
        """Cut and deliver, or report; return the seconds to wait before another try, or None."""
        try:
            health = self._feeds.health_of(clip.camera)
            wish = ClipWish(self._book, clip.camera, clip.start, clip.end, health)
            cut = cut_clip(wish, self._settings, datetime.now(UTC))
        except ClipNotYetError as error:
            return error.retry_after_s
        except ClipUnavailableError as error:
            return self._tell(clip, error.detail)
        try:
            self._centre.deliver_clip(clip.id, cut.content)
        except UnavailableError:
            return _RETRY_S
        except RefusedError as error:
            _log.warning("worker.clip_refused", clip=str(clip.id), reason=error.detail)
            return None
        _log.info(
            "worker.clip_delivered",
            clip=str(clip.id),
            camera=clip.camera,
            size_bytes=len(cut.content),
            complete=cut.complete,
        )
        return None

    def _tell(self, clip: WantedClip, reason: str) -> float | None:
        try:
            self._centre.report_clip_failure(clip.id, reason)
        except UnavailableError:
            return _RETRY_S
        except RefusedError:
            return None
        _log.info("worker.clip_unavailable", clip=str(clip.id), camera=clip.camera, reason=reason)
        return None
