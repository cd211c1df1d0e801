"""Coded pictures to images and frames, no more of them than the analysis asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from amaan.video.model import Frame, Image
from amaan.video.packets import LIBAV_ERRORS, TIME_BASE, Coded, Sound
from amaan.video.taps import Tapped, TappedFormat
from amaan.video.timeline import JUMP_S

if TYPE_CHECKING:
    Packet = av.Packet[VideoStream]

_TURNS = {90: 1, -270: 1, 180: 2, -180: 2, 270: 3, -90: 3}  # counter-clockwise quarters


@dataclass(frozen=True, slots=True)
class Picture:
    """One decoded image; ``pts_s`` on the clock of the packets it came from."""

    image: Image
    pts_s: float


class FrameDecoder:
    """Decodes one connection's packets and keeps at most ``fps`` images a second (None: all).

    Damaged packets cost pictures, never an error: ``damaged`` counts them.
    """

    def __init__(self, *, fps: float | None, max_pixels: int, live: bool) -> None:
        self._step_s = 0.0 if fps is None else 1.0 / fps
        self._max_pixels = max_pixels
        self._live = live
        self._context: VideoCodecContext | None = None
        self._due_s: float | None = None
        self.damaged = 0
        self.damaged_in_a_row = 0

    def decode(self, coded: Coded | Sound) -> list[Picture]:
        """Return the images that this packet completes and that are due; sound gives none."""
        if isinstance(coded, Sound):
            return []
        context = self._context
        if context is None or context.name != coded.format.template.codec_context.name:
            self.use(coded.format.template.codec_context)
        return self.decode_packet(coded.packet, coded.pts_s)

    def use(self, context: VideoCodecContext) -> None:
        """Decode with this from now on."""
        if not context.is_open:
            context.options = {"max_pixels": str(self._max_pixels)}
            if self._live:
                context.thread_count = 1
        self._context = context

    def decode_packet(self, packet: Packet, pts_s: float) -> list[Picture]:
        """Return the images that a packet, stamped in TIME_BASE, completes and that are due."""
        assert self._context is not None, "nothing is known of the coding yet"
        try:
            frames = self._context.decode(packet)
        except LIBAV_ERRORS:
            self.damaged += 1
            self.damaged_in_a_row += 1
            return []
        return self._images(frames, pts_s)

    def flush(self) -> list[Picture]:
        """Return what the decoder still held back; call it once, after the last packet."""
        if self._context is None:
            return []
        try:
            frames = self._context.decode(None)
        except LIBAV_ERRORS:
            return []
        return self._images(frames, self._due_s or 0.0)

    def _images(self, frames: list[VideoFrame], fallback_s: float) -> list[Picture]:
        pictures = []
        for frame in frames:
            self.damaged_in_a_row = 0
            if frame.is_corrupt:
                self.damaged += 1
                continue
            pts_s = fallback_s if frame.pts is None else float(frame.pts * TIME_BASE)
            if self._is_due(pts_s):
                pictures.append(Picture(_upright(frame), pts_s))
        return pictures

    def _is_due(self, pts_s: float) -> bool:
        due_s = self._due_s
        if due_s is not None and due_s - 2 * self._step_s < pts_s < due_s - 0.001:
            return False
        following = pts_s if due_s is None else due_s
        self._due_s = following + self._step_s
        if not pts_s < self._due_s <= pts_s + self._step_s:
            self._due_s = pts_s + self._step_s
        return True


def _upright(frame: VideoFrame) -> Image:
    image = np.asarray(frame.to_ndarray(format="bgr24"), dtype=np.uint8)
    turns = _TURNS.get(round(frame.rotation), 0)
    return np.ascontiguousarray(np.rot90(image, turns)) if turns else image


class FrameMaker:
    """Numbers pictures and places them on the wall clock, where time never runs back.

    But for a machine whose own clock was set back: then the frames' time is too.
    """

    def __init__(self) -> None:
        self._index = 0
        self._last_observed = 0.0

    def make(self, picture: Picture, offset_s: float, first_s: float) -> Frame:
        """Return the frame; ``offset_s`` leads from its stamp to Unix seconds."""
        observed_s = picture.pts_s + offset_s
        if observed_s > self._last_observed - JUMP_S:
            observed_s = max(observed_s, self._last_observed + 1e-6)
        self._last_observed = observed_s
        self._index += 1
        return Frame(
            image=picture.image,
            observed_at=datetime.fromtimestamp(observed_s, UTC),
            position_s=picture.pts_s - first_s,
            index=self._index - 1,
        )


class TappedFrames:
    """Frames of what a tap gives; of keyframes only where it gives only these."""

    def __init__(self, *, fps: float | None, max_pixels: int) -> None:
        self._decoder = FrameDecoder(fps=fps, max_pixels=max_pixels, live=True)
        self._maker = FrameMaker()
        self._known = False
        self._first_s: float | None = None
        self._offset_s = 0.0

    @property
    def damaged(self) -> int:
        """How many pictures could not be decoded so far."""
        return self._decoder.damaged

    @property
    def damaged_in_a_row(self) -> int:
        """How many of the last packets in a row could not be decoded."""
        return self._decoder.damaged_in_a_row

    def take(self, item: Tapped) -> list[Frame]:
        """Return the frames that this completes and that are due."""
        if isinstance(item, TappedFormat):
            frames = self.flush()
            self._begin(item)
            return frames
        if item.kind == "audio" or not self._known:
            return []
        packet = cast("Packet", av.Packet(item.data))
        packet.pts, packet.dts, packet.time_base = item.pts, item.dts, TIME_BASE
        packet.is_keyframe = item.keyframe
        pts_s = item.pts / 90_000
        if self._first_s is None:
            self._first_s = pts_s
        self._offset_s = item.observed_at_s - pts_s
        return self._frames(self._decoder.decode_packet(packet, pts_s))

    def flush(self) -> list[Frame]:
        """Return what the decoder still held back."""
        return self._frames(self._decoder.flush()) if self._known else []

    def _frames(self, pictures: list[Picture]) -> list[Frame]:
        first_s = self._first_s or 0.0
        return [self._maker.make(picture, self._offset_s, first_s) for picture in pictures]

    def _begin(self, form: TappedFormat) -> None:
        self._first_s = None
        try:
            context = av.CodecContext.create(form.codec, "r")
        except (*LIBAV_ERRORS, LookupError):
            self._known = False
            return
        self._known = isinstance(context, VideoCodecContext)
        if isinstance(context, VideoCodecContext):
            context.extradata = form.extradata or None
            if form.width and form.height:
                context.width, context.height = form.width, form.height
            self._decoder.use(context)
