"""One thread for each stream: pulls it once for all who take it, comes back when it fails."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from random import SystemRandom
from typing import Protocol

from amaan.city.address import CameraAddress
from amaan.video.errors import (
    NoSuchStreamError,
    SourceError,
    SourceTruncatedError,
    SourceUnreachableError,
)
from amaan.video.model import CameraHealth, CameraState
from amaan.video.packets import Coded, Source, StreamFormat
from amaan.video.settings import VideoSettings
from amaan.video.sources import open_source
from amaan.video.takers import Interruption, PacketTaker
from amaan.video.timeline import FileTimeline, LiveTimeline, Timeline

RATE_WINDOW_S = 5.0
ARRIVALS_MOST = 1000
STOP_WITHIN_S = 1.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FeedPlan:
    """One stream to pull."""

    camera: str
    address: CameraAddress
    audio: bool = False


class Opener(Protocol):
    """Opens an address (``sources.open_source``)."""

    def __call__(
        self, address: CameraAddress, settings: VideoSettings, *, audio: bool = False
    ) -> Source:
        """Open one connection. SourceError."""
        ...


class Backoff:
    """Waits that double, each shortened by chance so that cameras do not come back as one."""

    def __init__(self, first_s: float, most_s: float) -> None:
        self._first_s, self._most_s = first_s, most_s
        self._next_s = first_s

    def next_s(self) -> float:
        """Return the next wait: between half of its step and the whole."""
        step_s = self._next_s
        self._next_s = min(self._most_s, step_s * 2)
        return step_s * (0.5 + 0.5 * SystemRandom().random())

    def reset(self) -> None:
        """Begin again with the first."""
        self._next_s = self._first_s


@dataclass(frozen=True, slots=True)
class _End:
    """How a connection ended; ``final``: there will be no other."""

    state: CameraState
    reason: str
    final: bool
    cause: Interruption


class StreamFeed:
    """One stream as long as it is wanted. ``start`` once, ``stop`` once.

    Takers are called in the feed's own thread, in their order. After ``stop`` returns none is
    written to again, but for a thread that hangs in a connection: it ends by its own timeout.
    """

    def __init__(
        self,
        plan: FeedPlan,
        settings: VideoSettings,
        takers: Sequence[PacketTaker] = (),
        opener: Opener = open_source,
    ) -> None:
        self.plan = plan
        self._settings = settings
        self._takers = takers
        self._opener = opener
        self._stop = threading.Event()
        self._source: Source | None = None
        self._lock = threading.Lock()
        self._arrivals: deque[float] = deque(maxlen=ARRIVALS_MOST)
        self._last_packet = time.time()
        self._size = (0, 0)
        self._health = CameraHealth(
            camera=plan.camera,
            state=CameraState.STARTING,
            reason="",
            since=datetime.now(UTC),
            fps=0.0,
            width=0,
            height=0,
            last_frame_at=None,
            skipped_frames=0,
            reconnects=0,
        )
        self._thread = threading.Thread(target=self._run, name=f"feed {plan.camera}", daemon=True)

    def start(self) -> None:
        """Begin to pull."""
        self._thread.start()

    def stop(self) -> None:
        """End within a second; a connection attempt under way dies by its own timeout."""
        self._stop.set()
        source = self._source
        if source is not None:
            source.interrupt()
        if self._thread.is_alive():
            self._thread.join(STOP_WITHIN_S)
        with self._lock:
            self._set_state(CameraState.STOPPED, self._health.reason)

    def over(self, within_s: float) -> bool:
        """Wait until no taker is written to any more; tell whether that is so."""
        if self._thread.is_alive():
            self._thread.join(within_s)
        return not self._thread.is_alive()

    def ended(self) -> bool:
        """Tell whether nothing more will come: stopped, or a file that played or broke."""
        return not self._thread.is_alive() or self._stop.is_set()

    def health(self) -> CameraHealth:
        """Return how the stream is now; cheap, from any thread."""
        now = time.time()
        with self._lock:
            health = self._health
            while self._arrivals and self._arrivals[0] < now - RATE_WINDOW_S:
                self._arrivals.popleft()
            span_s = now - self._arrivals[0] if self._arrivals else 0.0
            fps = (len(self._arrivals) - 1) / span_s if span_s > 0.5 else 0.0
            last_s, (width, height) = self._last_packet, self._size
        if width:
            moment = datetime.fromtimestamp(last_s, UTC)
            health = replace(health, width=width, height=height, last_frame_at=moment)
        health = replace(health, fps=round(max(0.0, fps), 2))
        quiet_s = now - last_s
        if health.state is CameraState.UP and quiet_s > self._settings.stalled_after_s:
            since = datetime.fromtimestamp(last_s, UTC)
            reason = f"no picture for {quiet_s:.0f} s"
            return replace(health, state=CameraState.STALLED, reason=reason, since=since)
        return health

    def _set_state(self, state: CameraState, reason: str) -> None:
        """Change the state; the lock must be held. Once stopped, stopped."""
        known = self._health
        if known.state is CameraState.STOPPED:
            return
        if (known.state, known.reason) != (state, reason):
            since = datetime.now(UTC) if known.state is not state else known.since
            self._health = replace(known, state=state, reason=reason, since=since)

    def _run(self) -> None:
        try:
            self._keep_pulling()
        finally:
            for taker in self._takers:
                taker.close()

    def _keep_pulling(self) -> None:
        backoff = Backoff(self._settings.retry_first_s, self._settings.retry_most_s)
        timeline: Timeline = LiveTimeline() if self.plan.address.is_network else FileTimeline()
        while not self._stop.is_set():
            end = self._connect_once(timeline, backoff)
            timeline.rebase()
            if not self._stop.is_set():
                for taker in self._takers:
                    taker.interrupted(end.cause, end.reason, time.time())
            with self._lock:
                self._set_state(end.state, end.reason)
                self._arrivals.clear()
            if end.final or self._stop.wait(backoff.next_s()):
                return
            with self._lock:
                self._health = replace(self._health, reconnects=self._health.reconnects + 1)

    def _connect_once(self, timeline: Timeline, backoff: Backoff) -> _End:
        """Pull one connection to its end.

        A camera is always tried again, a file only while it is absent: a second pass over one
        that broke would count its reads again.
        """
        live = self.plan.address.is_network
        source: Source | None = None
        begun = time.monotonic()
        try:
            source = self._source = self._open()
            live = source.live
            begun = time.monotonic()
            self._pull(source, timeline)
            if live:
                reason = "the camera ended the stream"
                return _End(CameraState.DOWN, reason, False, Interruption.CAMERA)
            return _End(CameraState.STOPPED, "played", True, Interruption.CAMERA)
        except SourceError as error:
            away = isinstance(error, SourceUnreachableError)
            cause = Interruption.LINK if away and live else Interruption.CAMERA
            if isinstance(error, SourceTruncatedError):  # all there was has been played
                return _End(CameraState.STOPPED, error.detail, True, cause)
            absent = source is None and isinstance(error, NoSuchStreamError)
            return _End(CameraState.DOWN, error.detail, not (live or absent), cause)
        except Exception as error:  # noqa: BLE001 - the top of the thread's loop
            # Only its kind: the text of a library's error may hold the address.
            kind = type(error).__name__
            log.error("camera %s: unforeseen %s", self.plan.camera, kind)
            reason = f"unforeseen fault ({kind})"
            return _End(CameraState.DOWN, reason, not live, Interruption.CAMERA)
        finally:
            if source is not None and time.monotonic() - begun > self._settings.stable_after_s:
                backoff.reset()
            self._source = None
            if source is not None:
                source.close()

    def _open(self) -> Source:
        if self.plan.audio:
            return self._opener(self.plan.address, self._settings, audio=True)
        return self._opener(self.plan.address, self._settings)

    def _pull(self, source: Source, timeline: Timeline) -> None:
        takers = self._takers
        begun = time.time()
        first_s: float | None = None
        offset_s = 0.0
        for item in source.packets():
            if self._stop.is_set():
                return
            if isinstance(item, Coded):
                first_s = item.pts_s if first_s is None else first_s
                arrived = item.arrived
                if not source.live:
                    arrived = begun + max(0.0, item.dts_s - first_s)
                    if self._stop.wait(max(0.0, arrived - time.time())):
                        return
                offset_s = timeline.offset_s(item.dts_s, arrived)
                self._note(item.format, source.notice)
            for taker in takers:
                taker.write(item, offset_s)

    def _note(self, form: StreamFormat, notice: str) -> None:
        reason = next((taker.problem for taker in self._takers if taker.problem), notice)
        now = time.time()
        with self._lock:
            known = self._health
            if known.state is not CameraState.UP or known.reason != reason:
                self._set_state(CameraState.UP, reason)
            self._last_packet = now
            self._arrivals.append(now)
            self._size = (form.width, form.height)
