"""Coded pictures to images, no more of them than the analysis asks for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from amaan.video.model import Image
from amaan.video.packets import LIBAV_ERRORS, TIME_BASE, Coded

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

    def decode(self, coded: Coded) -> list[Picture]:
        """Return the images that this packet completes and that are due."""
        context = self._context
        if context is None or context.name != coded.format.template.codec_context.name:
            context = self._context = self._prepare(coded)
        try:
            frames = context.decode(coded.packet)
        except LIBAV_ERRORS:
            self.damaged += 1
            self.damaged_in_a_row += 1
            return []
        return self._images(frames, coded.pts_s)

    def flush(self) -> list[Picture]:
        """Return what the decoder still held back; call it once, after the last packet."""
        if self._context is None:
            return []
        try:
            frames = self._context.decode(None)
        except LIBAV_ERRORS:
            return []
        return self._images(frames, self._due_s or 0.0)

    def _prepare(self, coded: Coded) -> VideoCodecContext:
        context = coded.format.template.codec_context
        if not context.is_open:
            context.options = {"max_pixels": str(self._max_pixels)}
            if self._live:
                context.thread_count = 1
        return context

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
