"""Letters and figures of number plates as strokes of our own, condensed and upright.

A glyph is drawn in a cell of height 1 and width `WIDTH`: x runs right, y down, and a stroke is the
path of a pen with a round tip.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np

from amaan.video.model import Image

WIDTH = 0.52  # of the height: as condensed as plates are
STROKE = 0.135  # of the height
GAP = 0.22  # between two cells, of the height
NARROW = 0.26  # cell width of dash and blank, of the height
_SUB = 4  # pixels drawn for each pixel shown, in both directions
_SHIFT = 4  # bits after the point in OpenCV's coordinates

Pen = list[tuple[float, float]]


def _arc(cx: float, cy: float, rx: float, ry: float, start: float, end: float) -> Pen:
    """Return a part of an ellipse; degrees, 0 to the right, 90 down."""
    steps = max(4, int(abs(end - start) / 9))
    turn = [math.radians(start + (end - start) * step / steps) for step in range(steps + 1)]
    return [(cx + rx * math.cos(a), cy + ry * math.sin(a)) for a in turn]


_W = WIDTH
_M = WIDTH / 2
_OVAL = [
    *_arc(_M, _M, _M, _M, 180, 360),
    *_arc(_M, 1 - _M, _M, _M, 0, 180),
    (0.0, _M),
]

STROKES: dict[str, list[Pen]] = {
    "0": [_OVAL],
    "1": [[(0.06, 0.24), (_M + 0.06, 0.0), (_M + 0.06, 1.0)]],
    "2": [[*_arc(_M, 0.27, _M, 0.27, 190, 385), (0.0, 1.0), (_W, 1.0)]],
    "3": [
        [*_arc(_M, 0.25, _M - 0.02, 0.25, 200, 450), (_M - 0.06, 0.5)],
        [(_M - 0.06, 0.47), *_arc(_M, 0.735, _M, 0.265, 270, 520)],
    ],
    "4": [[(0.36, 0.0), (0.0, 0.72), (_W, 0.72)], [(0.42, 0.42), (0.42, 1.0)]],
    "5": [
        [
            (_W - 0.04, 0.0),
            (0.06, 0.0),
            (0.03, 0.46),
            *_arc(_M - 0.01, 0.69, _M + 0.01, 0.31, 222, 510),
        ]
    ],
    "6": [
        [(0.42, 0.0), *_arc(_M, 0.7, _M, 0.3, 195, 180)],
        _arc(_M, 0.7, _M, 0.3, 0, 360),
    ],
    "7": [[(0.0, 0.0), (_W, 0.0), (0.17, 1.0)]],
    "8": [_arc(_M, 0.245, _M - 0.03, 0.245, 0, 360), _arc(_M, 0.735, _M, 0.265, 0, 360)],
    "9": [
        [(0.14, 1.0), *_arc(_M, 0.3, _M, 0.3, 15, 0)],
        _arc(_M, 0.3, _M, 0.3, 0, 360),
    ],
    "A": [[(0.0, 1.0), (_M, 0.0), (_W, 1.0)], [(0.1, 0.68), (_W - 0.1, 0.68)]],
    "B": [
        [(0.0, 0.0), (0.0, 1.0)],
        [(0.0, 0.0), (0.26, 0.0), *_arc(0.26, 0.235, 0.24, 0.235, -90, 90), (0.0, 0.47)],
        [(0.26, 0.47), *_arc(0.28, 0.735, 0.28, 0.265, -90, 90), (0.0, 1.0)],
    ],
    "C": [[*_arc(_M, _M, _M, _M, 350, 180), *_arc(_M, 1 - _M, _M, _M, 180, 10)]],
    "D": [
        [(0.0, 0.0), (0.0, 1.0)],
        [
            (0.0, 0.0),
            (0.22, 0.0),
            *_arc(0.22, 0.34, _W - 0.22, 0.34, -90, 0),
            *_arc(0.22, 0.66, _W - 0.22, 0.34, 0, 90),
            (0.0, 1.0),
        ],
    ],
    "E": [
        [(_W - 0.02, 0.0), (0.0, 0.0), (0.0, 1.0), (_W - 0.02, 1.0)],
        [(0.0, 0.48), (0.46, 0.48)],
    ],
    "F": [[(_W - 0.02, 0.0), (0.0, 0.0), (0.0, 1.0)], [(0.0, 0.49), (0.46, 0.49)]],
    "G": [
        [*_arc(_M, _M, _M, _M, 345, 180), *_arc(_M, 1 - _M, _M, _M, 180, 0), (_W, 0.54)],
        [(_W, 0.54), (0.33, 0.54)],
    ],
    "H": [[(0.0, 0.0), (0.0, 1.0)], [(_W, 0.0), (_W, 1.0)], [(0.0, 0.48), (_W, 0.48)]],
    "I": [[(_M, 0.0), (_M, 1.0)]],
    "J": [[(0.46, 0.0), *_arc(0.2, 0.74, 0.26, 0.26, 0, 165)]],
    "K": [[(0.0, 0.0), (0.0, 1.0)], [(_W - 0.02, 0.0), (0.0, 0.62)], [(0.17, 0.45), (_W, 1.0)]],
    "L": [[(0.0, 0.0), (0.0, 1.0), (_W - 0.04, 1.0)]],
    "M": [[(0.0, 1.0), (0.0, 0.0), (_M, 0.62), (_W, 0.0), (_W, 1.0)]],
    "N": [[(0.0, 1.0), (0.0, 0.0), (_W, 1.0), (_W, 0.0)]],
    "O": [_OVAL],
    "P": [
        [(0.0, 0.0), (0.0, 1.0)],
        [(0.0, 0.0), (0.27, 0.0), *_arc(0.27, 0.275, 0.28, 0.275, -90, 90), (0.0, 0.55)],
    ],
    "Q": [_OVAL, [(0.34, 0.72), (_W + 0.03, 1.04)]],
    "R": [
        [(0.0, 0.0), (0.0, 1.0)],
        [(0.0, 0.0), (0.27, 0.0), *_arc(0.27, 0.265, 0.28, 0.265, -90, 90), (0.0, 0.53)],
        [(0.27, 0.53), (_W, 1.0)],
    ],
    "S": [
        [
            *_arc(_M, 0.255, _M - 0.01, 0.255, -20, -180),
            *_arc(_M, 0.255, _M - 0.01, 0.245, 180, 100),
            *_arc(_M, 0.735, _M, 0.255, -80, 20),
            *_arc(_M, 0.735, _M, 0.265, 20, 165),
        ]
    ],
    "T": [[(0.0, 0.0), (_W, 0.0)], [(_M, 0.0), (_M, 1.0)]],
    "U": [[(0.0, 0.0), *_arc(_M, 1 - _M, _M, _M, 180, 0), (_W, 0.0)]],
    "V": [[(0.0, 0.0), (_M, 1.0), (_W, 0.0)]],
    "W": [[(0.0, 0.0), (0.13, 1.0), (_M, 0.3), (_W - 0.13, 1.0), (_W, 0.0)]],
    "X": [[(0.0, 0.0), (_W, 1.0)], [(_W, 0.0), (0.0, 1.0)]],
    "Y": [[(0.0, 0.0), (_M, 0.52), (_W, 0.0)], [(_M, 0.52), (_M, 1.0)]],
    "Z": [[(0.0, 0.0), (_W, 0.0), (0.0, 1.0), (_W, 1.0)]],
    "-": [[(0.03, 0.5), (NARROW - 0.03, 0.5)]],
    " ": [],
}


def text_width(text: str, height: float) -> float:
    """Return the width of a text whose glyphs are so high, in the same unit."""
    return height * (sum(_cell(character) + GAP for character in text) - GAP) if text else 0.0


def _cell(character: str) -> float:
    return NARROW if character in "- " else WIDTH


@lru_cache(maxsize=512)
def glyph(character: str, height: int, weight: float = STROKE) -> Image:
    """Return how much ink covers each pixel, 0 to 255, of one cell ``height`` pixels high.

    The cell has half a stroke of margin around it. Raises KeyError for what plates do not show.
    """
    big = height * _SUB
    margin = round(big * weight / 2) + _SUB
    margin += -margin % _SUB
    size = (round(big * WIDTH) + 2 * margin, big + 2 * margin)
    canvas = np.zeros((size[1], size[0] + -size[0] % _SUB), np.uint8)
    lines = [
        np.array([[margin + x * big, margin + y * big] for x, y in pen]) * (1 << _SHIFT)
        for pen in STROKES[character]
    ]
    for line in lines:
        points = np.round(line).astype(np.int32).reshape(-1, 1, 2)
        thick = max(1, round(big * weight))
        cv2.polylines(canvas, [points], False, 255, thick, cv2.LINE_AA, _SHIFT)
    small = (canvas.shape[1] // _SUB, canvas.shape[0] // _SUB)
    return np.asarray(cv2.resize(canvas, small, interpolation=cv2.INTER_AREA), np.uint8)


def write(
    image: Image,
    text: str,
    top_left: tuple[float, float],
    height: int,
    ink: Sequence[int],
    weight: float = STROKE,
) -> None:
    """Write a text into a BGR image; ``top_left`` is the corner of its first cell, in pixels."""
    x, y = top_left
    for character in text:
        cover = glyph(character, height, weight)
        margin = (cover.shape[0] - height) // 2
        left, top = round(x) - margin, round(y) - margin
        _blend(image, cover, (left, top), ink)
        x += height * (_cell(character) + GAP)


def _blend(image: Image, cover: Image, place: tuple[int, int], ink: Sequence[int]) -> None:
    left, top = max(place[0], 0), max(place[1], 0)
    right = min(place[0] + cover.shape[1], image.shape[1])
    bottom = min(place[1] + cover.shape[0], image.shape[0])
    if right <= left or bottom <= top:
        return
    part = cover[top - place[1] : bottom - place[1], left - place[0] : right - place[0]]
    share = part.astype(np.float32)[:, :, None] / 255
    under = image[top:bottom, left:right].astype(np.float32)
    colour = np.array(ink, np.float32)
    image[top:bottom, left:right] = (under + (colour - under) * share + 0.5).astype(np.uint8)
