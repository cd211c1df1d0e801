"""Where something moves: the regions worth searching. A still scene costs well under a millisecond.

The frame is reduced to a small grey picture and compared with a running mean of its past, and,
so that a place just left does not count, with the frame before it. The first frame, and one in
which nearly everything changed (a cut, a switch to infra-red), count as moving everywhere.
"""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from amaan.video.model import Image
from amaan.vision.model import Box

SMALL_WIDTH = 160
LEARNING = 0.15  # weight of a new frame in the mean: a stopped vehicle fades in about 15 frames
DIFFERENCE = 14  # grey levels; above the noise of H.264 at low rates
REACH = 9  # small pixels around what changed since the last frame: the body between its edges
LEAST_SHARE = 0.001  # of the picture: less is rain, leaves and noise
EVERYWHERE = 0.6
MARGIN = 0.04  # of the picture's width, around each region


class MotionGate:
    """One camera's memory of its scene."""

    def __init__(self) -> None:
        self._mean: NDArray[np.float32] | None = None
        self._last: NDArray[np.uint8] | None = None

    def regions(self, image: Image) -> list[Box]:
        """Return boxes in pixels of ``image`` that cover what moves; they do not overlap."""
        height, width = image.shape[:2]
        small_height = max(8, round(height * SMALL_WIDTH / width))
        small = cv2.resize(image, (SMALL_WIDTH, small_height), interpolation=cv2.INTER_AREA)
        plain = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
        grey = np.asarray(cv2.GaussianBlur(plain, (3, 3), 0), np.uint8)
        last, self._last = self._last, grey
        if self._mean is None or last is None or last.shape != grey.shape:
            self._mean = grey.astype(np.float32)
            return [Box(0, 0, width, height)]
        moved = cv2.absdiff(grey, cv2.convertScaleAbs(self._mean)) > DIFFERENCE
        cv2.accumulateWeighted(grey, self._mean, LEARNING)
        share = float(moved.mean())
        if share < LEAST_SHARE:
            return []
        if share > EVERYWHERE:
            self._mean = grey.astype(np.float32)
            return [Box(0, 0, width, height)]
        now = (cv2.absdiff(grey, last) > DIFFERENCE // 2).astype(np.uint8)
        moved &= cv2.dilate(now, np.ones((REACH, REACH), np.uint8)) > 0
        return _joined(self._boxes(moved.astype(np.uint8), width / SMALL_WIDTH, image))

    @staticmethod
    def _boxes(moved: NDArray[np.uint8], scale: float, image: Image) -> list[Box]:
        height, width = image.shape[:2]
        grown = cv2.dilate(moved, np.ones((7, 7), np.uint8))
        count, _, stats, _ = cv2.connectedComponentsWithStats(grown)
        margin = round(MARGIN * width)
        boxes = []
        for number in range(1, count):
            x, y, w, h, area = (float(value) for value in cast("NDArray[np.int32]", stats)[number])
            if area < LEAST_SHARE * moved.size + 49:  # the dilation alone makes 49
                continue
            left, top = max(0, round(x * scale) - margin), max(0, round(y * scale) - margin)
            right = min(width, round((x + w) * scale) + margin)
            bottom = min(height, round((y + h) * scale) + margin)
            boxes.append(Box(left, top, right - left, bottom - top))
        return boxes


def overlap(a: Box, b: Box) -> int:
    """Return the area that two boxes share, in pixels."""
    wide = min(a.x + a.w, b.x + b.w) - max(a.x, b.x)
    high = min(a.y + a.h, b.y + b.h) - max(a.y, b.y)
    return max(0, wide) * max(0, high)


def union(a: Box, b: Box) -> Box:
    """Return the smallest box around two."""
    left, top = min(a.x, b.x), min(a.y, b.y)
    right, bottom = max(a.x + a.w, b.x + b.w), max(a.y + a.h, b.y + b.h)
    return Box(left, top, right - left, bottom - top)


def _joined(boxes: list[Box]) -> list[Box]:
    """Merge boxes that overlap until none do."""
    merged = True
    while merged:
        merged = False
        for first in range(len(boxes)):
            for second in range(first + 1, len(boxes)):
                if overlap(boxes[first], boxes[second]):
                    boxes[first] = union(boxes[first], boxes.pop(second))
                    merged = True
                    break
            if merged:
                break
    return boxes
