"""One thread for each camera: pulls it once, records, decodes, comes back when it fails."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from random import SystemRandom

from amaan.city.address import CameraAddress
from amaan.video.decoding import FrameDecoder, Picture
from amaan.video.errors import NoSuchStreamError, NotVideoError, SourceError, SourceTruncatedError
from amaan.video.model import CameraHealth, CameraState, Frame
from amaan.video.packets import Source, StreamFormat
from amaan.video.recent import RecentRecording
from amaan.video.settings import VideoSettings
from amaan.video.sources import open_source
from amaan.video.timeline import JUMP_S, FileTimeline, LiveTimeline, Timeline

RATE_WINDOW_S = 5.0
UNDECODABLE_IN_A_ROW = 250  # ten seconds at 25 frames a second
STOP_WITHIN_S = 1.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FeedPlan:
    """What to do with one camera.

    ``analysis_fps`` None: do not decode. ``recent_dir`` None: do not record.
    """

    camera: str
    address: CameraAddress
    analysis_fps: float | None = 5.0
    recent_dir: Path | None = None


class NewestFrame:
    """Holds one frame, the newest: a slow reader misses frames and never delays the camera."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._frame: Frame | None = None
        self.missed = 0

    def put(self, frame: Frame) -> None:
        """Offer a frame in place of the one not yet taken."""
        with self._condition:
            if self._frame is not None:
                self.missed += 1
            self._frame = frame
            self._condition.notify()

    def waiting(self) -> bool:
        """Tell whether a frame is there to be taken."""
        return self._frame is not None

    def take(self, timeout_s: float) -> Frame | None:
        """Return the newest frame not yet taken; None when none comes in time."""
        with self._condition:
            if self._frame is None:
                self._condition.wait(timeout_s)
            frame, self._frame = self._frame, None
            return frame


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


class CameraFeed:
    """One camera as long as it is wanted. ``start`` once, ``stop`` once.

    Frames go to ``on_frame`` in the feed's own thread, which must return at once, and when there
    is none into ``newest``. After ``stop`` returns, neither is touched again.
    """

    def __init__(
        self,
        plan: FeedPlan,
        settings: VideoSettings,
        on_frame: Callable[[Frame], None] | None = None,
        opener: Callable[[CameraAddress, VideoSettings], Source] = open_source,
    ) -> None:
        self.newest = NewestFrame()
        self.plan = plan
        self._settings = settings
        self._on_frame = on_frame or self.newest.put
        self._opener = opener
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._source: Source | None = None
        self._arrivals: deque[float] = deque()
        self._last_packet = 0.0
        self._damaged = 0
        self._index = 0
        self._last_observed = 0.0
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

    def ended(self) -> bool:
        """Tell whether nothing more will come: stopped, or a file that played or broke."""
        return not self._thread.is_alive() or self._stop.is_set()

    def health(self) -> CameraHealth:
        """Return how the camera is now; cheap, from any thread."""
        now = time.time()
        with self._lock:
            health = self._health
            while self._arrivals and self._arrivals[0] < now - RATE_WINDOW_S:
                self._arrivals.popleft()
            span_s = now - self._arrivals[0] if self._arrivals else 0.0
            fps = (len(self._arrivals) - 1) / span_s if span_s > 0.5 else 0.0
            skipped = self._damaged + self.newest.missed
            quiet_s = now - self._last_packet
        health = replace(health, fps=round(max(0.0, fps), 2), skipped_frames=skipped)
        if health.state is CameraState.UP and quiet_s > self._settings.stalled_after_s:
            since = datetime.fromtimestamp(self._last_packet, UTC)
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
        backoff = Backoff(self._settings.retry_first_s, self._settings.retry_most_s)
        address = self.plan.address
        timeline: Timeline = LiveTimeline() if address.is_network else FileTimeline()
        recording = None
        if self.plan.recent_dir is not None:
            recording = RecentRecording(self.plan.recent_dir, self._settings)
        while not self._stop.is_set():
            state, reason, final = self._connect_once(timeline, recording, backoff)
            if recording is not None:
                recording.close()
            timeline.rebase()
            with self._lock:
                self._set_state(state, reason)
                self._arrivals.clear()
            if final or self._stop.wait(backoff.next_s()):
                return
            with self._lock:
                self._health = replace(self._health, reconnects=self._health.reconnects + 1)

    def _connect_once(
        self, timeline: Timeline, recording: RecentRecording | None, backoff: Backoff
    ) -> tuple[CameraState, str, bool]:
        """Pull one connection to its end; return the state after it, why, and if it was the last.

        A camera is always tried again, a file only while it is absent: a second pass over one
        that broke would count its reads again.
        """
        live = self.plan.address.is_network
        source: Source | None = None
        try:
            source = self._source = self._opener(self.plan.address, self._settings)
            live = source.live
            begun = time.monotonic()
            self._pull(source, timeline, recording)
            if time.monotonic() - begun > self._settings.stable_after_s:
                backoff.reset()
            if live:
                return CameraState.DOWN, "the camera ended the stream", False
            return CameraState.STOPPED, "played", True
        except SourceError as error:
            if source is not None and time.monotonic() - begun > self._settings.stable_after_s:
                backoff.reset()
            if isinstance(error, SourceTruncatedError):
                return CameraState.STOPPED, error.detail, True  # all there was has been played
            absent = source is None and isinstance(error, NoSuchStreamError)
            return CameraState.DOWN, error.detail, not (live or absent)
        except Exception as error:  # noqa: BLE001 - the top of the thread's loop
            # Only its kind: the text of a library's error may hold the address.
            log.error("camera %s: unforeseen %s", self.plan.camera, type(error).__name__)
            return CameraState.DOWN, f"unforeseen fault ({type(error).__name__})", not live
        finally:
            self._source = None
            if source is not None:
                source.close()

    def _pull(self, source: Source, timeline: Timeline, recording: RecentRecording | None) -> None:
        decoder = None
        if self.plan.analysis_fps is not None:
            decoder = FrameDecoder(
                fps=self.plan.analysis_fps,
                max_pixels=self._settings.max_pixels,
                live=True,
            )
        begun = time.time()
        first_s: float | None = None
        offset_s = 0.0
        damaged_before = self._damaged
        for coded in source.packets():
            first_s = coded.pts_s if first_s is None else first_s
            arrived = coded.arrived
            if not source.live:
                arrived = begun + max(0.0, coded.dts_s - first_s)
                self._stop.wait(max(0.0, arrived - time.time()))
            if self._stop.is_set():
                return
            offset_s = timeline.offset_s(coded.dts_s, arrived)
            self._note(coded.format, "" if recording is None else recording.problem)
            if decoder is not None:
                for picture in decoder.decode(coded):
                    self._emit(picture, offset_s, first_s)
                self._damaged = damaged_before + decoder.damaged
                if decoder.damaged_in_a_row > UNDECODABLE_IN_A_ROW:
                    raise NotVideoError("pictures arrive, but none can be decoded")
            if recording is not None:
                recording.write(coded, offset_s)
        if decoder is not None and not self._stop.is_set():
            for picture in decoder.flush():
                self._emit(picture, offset_s, first_s or 0.0)

    def _note(self, form: StreamFormat, problem: str) -> None:
        now = time.time()
        with self._lock:
            self._set_state(CameraState.UP, problem)
            self._last_packet = now
            self._arrivals.append(now)
            if len(self._arrivals) > 1000:
                self._arrivals.popleft()
            known = self._health
            moment = datetime.fromtimestamp(now, UTC)
            self._health = replace(
                known, width=form.width, height=form.height, last_frame_at=moment
            )

    def _emit(self, picture: Picture, offset_s: float, first_s: float) -> None:
        observed_s = picture.pts_s + offset_s
        if observed_s > self._last_observed - JUMP_S:  # else this machine's clock was set back
            observed_s = max(observed_s, self._last_observed + 1e-6)
        self._last_observed = observed_s
        frame = Frame(
            image=picture.image,
            observed_at=datetime.fromtimestamp(observed_s, UTC),
            position_s=picture.pts_s - first_s,
            index=self._index,
        )
        self._index += 1
        self._on_frame(frame)
