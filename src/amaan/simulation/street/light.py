"""The camera's eye, the light, and the first strokes: what everything in a street is drawn with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np

from amaan.simulation.street.drawing import Colour
from amaan.video.model import Image

WIDTH, HEIGHT = 640, 360
HORIZON = 108.0  # row of the horizon
EYE_M = 1.6  # the camera's height above the road
FOCAL = 2000.0  # pixels: a long lens, as plate cameras have
KERB_M, MEDIAN_M, FAR_KERB_M = (
    5.4,
    -1.9,
    -10.4,
)  # the carriageway we face lies between the first two
FARTHEST = 19.0  # pixels per metre where everything melts into haze
LEGIBLE = 58.0  # pixels per metre from which a plate shows what it says
NEAREST = 330.0


class Light(StrEnum):
    """Time of day and weather."""

    DAY = "day"
    HAZE = "haze"
    DUSK = "dusk"
    NIGHT = "night"


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of one light, all BGR; ``tint`` multiplies what is lit by the sky."""

    sky_top: Colour
    sky_low: Colour
    asphalt: Colour
    ground: Colour
    tint: Colour
    haze: float
    windows_lit: float
    lamps_lit: bool


PALETTES = {
    Light.DAY: Palette(
        (214, 168, 112),
        (228, 214, 196),
        (112, 110, 108),
        (134, 154, 168),
        (1, 1, 1),
        0.75,
        0,
        False,
    ),
    Light.HAZE: Palette(
        (186, 192, 196),
        (196, 206, 212),
        (118, 120, 122),
        (138, 154, 164),
        (0.93, 0.97, 1),
        0.92,
        0,
        False,
    ),
    Light.DUSK: Palette(
        (128, 84, 78),
        (112, 158, 232),
        (78, 76, 84),
        (78, 84, 104),
        (0.66, 0.66, 0.78),
        0.75,
        0.3,
        True,
    ),
    Light.NIGHT: Palette(
        (34, 24, 20), (52, 44, 40), (50, 50, 52), (38, 40, 44), (0.34, 0.34, 0.37), 0.5, 0.42, True
    ),
}


@dataclass(frozen=True, slots=True)
class View:
    """Where a camera looks: ``centre`` is the column of the vanishing point."""

    centre: float

    def at(self, x: float, scale: float, y: float = 0.0) -> tuple[float, float]:
        """Return the pixel of a point x metres right and y metres up, at pixels per metre."""
        return self.centre + x * scale, HORIZON + (EYE_M - y) * scale


def mix(colour: Colour, other: Colour, share: float) -> tuple[float, float, float]:
    """Return a colour ``share`` of the way to another."""
    b, g, r = (a + (z - a) * share for a, z in zip(colour, other, strict=True))
    return b, g, r


def hazed(colour: Colour, palette: Palette, scale: float) -> tuple[float, float, float]:
    """Return a lit colour as it looks through the air at a distance."""
    lit = [part * tint for part, tint in zip(colour, palette.tint, strict=True)]
    return mix(lit, palette.sky_low, palette.haze * float(np.clip(9.0 / scale, 0, 1)) ** 1.2)


def fill(image: Image, points: Sequence[tuple[float, float]], colour: Colour) -> None:
    """Fill a polygon given in pixels."""
    dots = np.round(np.array(points) * 16).astype(np.int32).reshape(-1, 1, 2)
    cv2.fillPoly(image, [dots], colour, cv2.LINE_AA, 4)


def strip(
    view: View, left: float, right: float, far: float, near: float
) -> list[tuple[float, float]]:
    """Return the quadrilateral of the road's plane between two x and two scales."""
    return [view.at(left, far), view.at(right, far), view.at(right, near), view.at(left, near)]


def glow(
    image: Image, at: tuple[float, float], radius: float, colour: Colour, strength: float
) -> None:
    """Let light of a colour spread around a point; ``strength`` is its share in the middle."""
    reach = max(2, round(radius * 2))
    left, top = max(0, round(at[0]) - reach), max(0, round(at[1]) - reach)
    right, bottom = min(WIDTH, round(at[0]) + reach), min(HEIGHT, round(at[1]) + reach)
    if right <= left or bottom <= top or strength <= 0:
        return
    y = np.arange(top, bottom)[:, None] - at[1]
    x = np.arange(left, right)[None, :] - at[0]
    share = np.exp(-(x * x + y * y) / (radius * radius)) * strength
    part = image[top:bottom, left:right].astype(np.float32)
    lit = part + (np.array(colour) - part) * share[:, :, None]
    image[top:bottom, left:right] = np.clip(lit, 0, 255).astype(np.uint8)
