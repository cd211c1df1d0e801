"""A camera watched in this very process: pulled, decoded, the newest picture kept."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from amaan.video.decoding import FrameDecoder, FrameMaker, Picture
from amaan.video.errors import NotVideoError
from amaan.video.feeds import FeedPlan, Opener, StreamFeed
from amaan.video.model import CameraHealth, Frame
from amaan.video.packets import Coded, Sound
from amaan.video.settings import VideoSettings
from amaan.video.sources import open_source
from amaan.video.takers import Interruption, PacketTaker

UNDECODABLE_IN_A_ROW = 250  # ten seconds at 25 frames a second


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


class FrameTaker:
    """Decodes in the feed's thread; frames go to ``on_frame``, which must return at once."""

    problem = ""

    def __init__(self, on_frame: Callable[[Frame], None], fps: float, max_pixels: int) -> None:
        self._on_frame = on_frame
        self._fps, self._max_pixels = fps, max_pixels
        self._maker = FrameMaker()
        self._first_s: float | None = None
        self._offset_s = 0.0
        self._damaged_before = 0
        self._decoder = self._fresh()

    @property
    def damaged(self) -> int:
        """How many pictures could not be decoded so far."""
        return self._damaged_before + self._decoder.damaged

    def write(self, item: Coded | Sound, offset_s: float) -> None:
        """Decode. NotVideoError when nothing of what comes can be decoded."""
        if not isinstance(item, Coded):
            return
        if self._first_s is None:
            self._first_s = item.pts_s
        self._offset_s = offset_s
        self._emit(self._decoder.decode(item))
        if self._decoder.damaged_in_a_row > UNDECODABLE_IN_A_ROW:
            raise NotVideoError("pictures arrive, but none can be decoded")

    def interrupted(self, cause: Interruption, detail: str, at_s: float) -> None:
        """Let go what the decoder still held; the next connection counts from elsewhere."""
        del cause, detail, at_s
        self._emit(self._decoder.flush())
        self._damaged_before = self.damaged
        self._decoder = self._fresh()
        self._first_s = None

    def close(self) -> None:
        """Do nothing: what is still held is wanted by nobody."""

    def _fresh(self) -> FrameDecoder:
        return FrameDecoder(fps=self._fps, max_pixels=self._max_pixels, live=True)

    def _emit(self, pictures: list[Picture]) -> None:
        for picture in pictures:
            self._on_frame(self._maker.make(picture, self._offset_s, self._first_s or 0.0))


class CameraFeed(StreamFeed):
    """A feed whose frames go to ``on_frame``, and when there is none into ``newest``."""

    def __init__(
        self,
        plan: FeedPlan,
        settings: VideoSettings,
        on_frame: Callable[[Frame], None] | None = None,
        opener: Opener = open_source,
        *,
        fps: float = 5.0,
        others: tuple[PacketTaker, ...] = (),
    ) -> None:
        self.newest = NewestFrame()
        self._frames = FrameTaker(on_frame or self.newest.put, fps, settings.max_pixels)
        super().__init__(plan, settings, (self._frames, *others), opener)

    def health(self) -> CameraHealth:
        """Return how the camera is now; damaged and missed frames are skipped ones."""
        skipped = self._frames.damaged + self.newest.missed
        return replace(super().health(), skipped_frames=skipped)
