"""Drawing in metres, with smooth edges, and laying the result into a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from amaan.video.model import Image

SUB = 2  # drawn so many times finer than kept
_SHIFT = 4  # bits after the point in OpenCV's coordinates

Colour = Sequence[float]
Points = Sequence[tuple[float, float]]


class Canvas:
    """A sprite being drawn. x runs right from the middle, y up from the ground, in metres."""

    def __init__(self, width_m: float, height_m: float, pixels_per_m: float) -> None:
        self.width_m, self.height_m, self.pixels_per_m = width_m, height_m, pixels_per_m
        self._scale = pixels_per_m * SUB
        size = (round(height_m * self._scale), round(width_m * self._scale))
        size = (size[0] + -size[0] % SUB, size[1] + -size[1] % SUB)
        self._colour = np.zeros((*size, 3), np.uint8)
        self._cover = np.zeros(size, np.uint8)

    def area(self, points: Points, colour: Colour) -> None:
        """Fill a polygon."""
        dots = self._pixels(points)
        cv2.fillPoly(self._colour, [dots], colour, cv2.LINE_AA, _SHIFT)
        cv2.fillPoly(self._cover, [dots], 255, cv2.LINE_AA, _SHIFT)

    def box(self, left: float, bottom: float, right: float, top: float, colour: Colour) -> None:
        """Fill an upright rectangle."""
        self.area([(left, bottom), (right, bottom), (right, top), (left, top)], colour)

    def line(self, points: Points, width_m: float, colour: Colour) -> None:
        """Draw along points."""
        thick = max(1, round(width_m * self._scale))
        dots = self._pixels(points)
        cv2.polylines(self._colour, [dots], False, colour, thick, cv2.LINE_AA, _SHIFT)
        cv2.polylines(self._cover, [dots], False, 255, thick, cv2.LINE_AA, _SHIFT)

    def oval(self, x: float, y: float, rx: float, ry: float, colour: Colour) -> None:
        """Fill an ellipse."""
        turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
        points = [(x + rx * float(np.cos(a)), y + ry * float(np.sin(a))) for a in turn]
        self.area(points, colour)

    def mirrored(self, points: Points, colour: Colour) -> None:
        """Fill a polygon and its mirror image."""
        self.area(points, colour)
        self.area([(-x, y) for x, y in points], colour)

    def put(self, image: Image, x: float, y: float, width_m: float) -> None:
        """Lay a picture with its middle at (x, y)."""
        width = round(width_m * self._scale)
        height = round(width * image.shape[0] / image.shape[1])
        left = round((x + self.width_m / 2) * self._scale - width / 2)
        top = round(self._cover.shape[0] - y * self._scale - height / 2)
        sized = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
        self._colour[top : top + height, left : left + width] = sized
        self._cover[top : top + height, left : left + width] = 255

    def shade(self, top: float, bottom: float) -> None:
        """Multiply brightness from the top's factor to the bottom's."""
        rows = np.linspace(top, bottom, self._colour.shape[0], dtype=np.float32)[:, None, None]
        self._colour = np.clip(self._colour * rows, 0, 255).astype(np.uint8)

    def sprite(self) -> Sprite:
        """Return what was drawn."""
        size = (self._cover.shape[1] // SUB, self._cover.shape[0] // SUB)
        colour = cv2.resize(self._colour, size, interpolation=cv2.INTER_AREA).astype(np.float32)
        cover = cv2.resize(self._cover, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        layers = np.dstack([colour, cover]).astype(np.float32)
        layers[:, :, :3] *= cover[:, :, None]
        return Sprite.of(layers, self.pixels_per_m)

    def _pixels(self, points: Points) -> NDArray[np.int32]:
        height = self._cover.shape[0]
        dots = [((x + self.width_m / 2) * self._scale, height - y * self._scale) for x, y in points]
        return np.round(np.array(dots) * (1 << _SHIFT)).astype(np.int32).reshape(-1, 1, 2)


@dataclass(frozen=True, slots=True)
class Sprite:
    """A flat drawing with cover, kept at several sizes; bottom middle stands on the ground.

    ``levels[i]`` is float32 (h, w, 4): colours already multiplied by cover, then cover 0 to 1, at
    about ``pixels_per_m / 2**i``.
    """

    levels: tuple[NDArray[np.float32], ...]
    pixels_per_m: float

    @classmethod
    def of(cls, layers: NDArray[np.float32], pixels_per_m: float) -> Sprite:
        """Keep a drawing at halved sizes down to a few pixels."""
        levels = [layers]
        while min(levels[-1].shape[:2]) > 12:
            last = levels[-1]
            size = (max(1, last.shape[1] // 2), max(1, last.shape[0] // 2))
            half = cv2.resize(last, size, interpolation=cv2.INTER_AREA)
            levels.append(np.asarray(half, np.float32))
        return cls(tuple(levels), pixels_per_m)

    def lay(
        self, image: Image, foot: tuple[float, float], scale: float, light: Colour, cover: float = 1
    ) -> None:
        """Lay the sprite into a BGR image at ``scale`` pixels per metre, to parts of a pixel.

        ``foot`` is where its bottom middle stands; ``light`` multiplies blue, green and red.
        """
        level, own = 0, self.pixels_per_m
        while own / 2 >= scale * 0.95 and level + 1 < len(self.levels):
            level, own = level + 1, own / 2
        source = self.levels[level]
        height, width = source.shape[:2]
        ratio = scale * self.levels[0].shape[1] / (self.pixels_per_m * width)
        x0, y0 = foot[0] - width * ratio / 2, foot[1] - height * ratio
        left, top = max(0, int(np.floor(x0))), max(0, int(np.floor(y0)))
        right = min(image.shape[1], int(np.ceil(x0 + width * ratio)) + 1)
        bottom = min(image.shape[0], int(np.ceil(foot[1])) + 1)
        if right <= left or bottom <= top:
            return
        half = (ratio - 1) / 2  # from centres of pixels to their corners
        move = np.array(
            [[ratio, 0, x0 - left + half], [0, ratio, y0 - top + half]], dtype=np.float32
        )
        laid = cv2.warpAffine(source, move, (right - left, bottom - top), flags=cv2.INTER_LINEAR)
        if cover < 1:
            laid = laid * np.float32(cover)
        part = image[top:bottom, left:right]
        colour = laid[:, :, :3] * np.array(light, np.float32)
        mixed = part * (1 - laid[:, :, 3:4]) + colour + np.float32(0.5)
        image[top:bottom, left:right] = np.clip(mixed, 0, 255).astype(np.uint8)
