"""Key frames to luma, each by itself."""

from __future__ import annotations

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from amaan.video.judging.looks import Luma
from amaan.video.packets import LIBAV_ERRORS, TIME_BASE
from amaan.video.taps import TappedFormat, TappedPacket

MOST_PIXELS = 16_000_000
LEAST_SIDE = 32
_WITH_LUMA = ("yuv", "nv", "gray")


class KeyframeDecoder:
    """Decodes key frames of one stream; ``begin`` with each format.

    A decoder is made for each picture and let go: one that stays keeps some pictures' room for
    each of the worker's cameras, 6 MB at 1080p; making one costs a fraction of a millisecond.
    """

    def __init__(self) -> None:
        self._form: TappedFormat | None = None

    def begin(self, form: TappedFormat) -> None:
        """Take another format. One that cannot be decoded gives no pictures."""
        self._form = form

    def decode(self, keyframe: TappedPacket) -> Luma | None:
        """Return a picture's luma; None for one that is damaged."""
        context = None if self._form is None else _context(self._form)
        if context is None:
            return None
        packet = av.Packet(keyframe.data)
        packet.pts = packet.dts = keyframe.pts
        packet.time_base = TIME_BASE
        try:
            frames = [*context.decode(packet), *context.decode(None)]
        except LIBAV_ERRORS:
            return None
        frame = frames[0] if frames else None
        if not isinstance(frame, VideoFrame) or frame.is_corrupt:
            return None
        return _luma(frame)


def _context(form: TappedFormat) -> VideoCodecContext | None:
    try:
        context = av.CodecContext.create(form.codec, "r")
    except (*LIBAV_ERRORS, LookupError):
        return None
    if not isinstance(context, VideoCodecContext):
        return None
    context.extradata = form.extradata or None
    context.thread_count = 1
    # Without the filter blocks show a little: always the same, and a third less work.
    context.options = {"max_pixels": str(MOST_PIXELS), "skip_loop_filter": "all"}
    return context


def _luma(frame: VideoFrame) -> Luma | None:
    if min(frame.width, frame.height) < LEAST_SIDE:
        return None
    name = frame.format.name
    if not name.startswith(_WITH_LUMA) or name.endswith(("le", "be")):
        frame = frame.reformat(format="gray")
    plane = frame.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return np.asarray(rows[: frame.height, : frame.width], np.uint8)
