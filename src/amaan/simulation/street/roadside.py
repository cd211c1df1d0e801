"""What stands along the street: houses with shops, lamp posts, trees and palms."""

from __future__ import annotations

from random import Random

import cv2
import numpy as np

from amaan.simulation.street.light import (
    FAR_KERB_M,
    FOCAL,
    KERB_M,
    MEDIAN_M,
    Palette,
    View,
    fill,
    glow,
    hazed,
    mix,
)
from amaan.video.model import Image

_WALLS = (
    (150, 176, 196), (164, 172, 178), (128, 150, 176), (176, 186, 190), (140, 164, 158),
    (118, 136, 160), (186, 176, 160),
)  # fmt: skip
_SIGNS = ((46, 44, 168), (150, 84, 28), (60, 118, 40), (36, 150, 214), (120, 50, 110))


def draw_buildings(image: Image, view: View, palette: Palette, random: Random, side: int) -> None:
    """Draw a row of house fronts along one side, the farthest first."""
    x = (KERB_M + 5.2) if side > 0 else (FAR_KERB_M - 4.5)
    distance = 330.0
    while distance > 30.0:
        long = random.uniform(14, 34)
        far, near = FOCAL / distance, FOCAL / max(distance - long, 22.0)
        if random.random() < 0.88:
            _house(image, view, palette, random, (x, far, near))
        distance -= long + (random.uniform(4, 9) if random.random() < 0.3 else 0.0)


def _house(
    image: Image,
    view: View,
    palette: Palette,
    random: Random,
    place: tuple[float, float, float],
) -> None:
    x, far, near = place
    floors = random.choice((3, 4, 5, 5, 6, 8))
    high = floors * 3.4
    wall = random.choice(_WALLS)
    middle = (far + near) / 2
    colour = hazed(wall, palette, middle)
    fill(
        image,
        [view.at(x, far), view.at(x, near), view.at(x, near, high), view.at(x, far, high)],
        colour,
    )
    bays = random.randint(3, 6)
    for floor in range(floors):
        low = floor * 3.4 + (0.2 if floor == 0 else 1.1)
        for bay in range(bays):
            a, b = _between(far, near, (bay + 0.2) / bays), _between(far, near, (bay + 0.8) / bays)
            top = low + (2.5 if floor == 0 else 1.5)
            pane = [view.at(x, a, low), view.at(x, b, low), view.at(x, b, top), view.at(x, a, top)]
            lit = random.random() < palette.windows_lit
            glow = mix((120, 196, 250), palette.sky_low, 0.1)
            fill(image, pane, glow if lit else hazed((96, 88, 80), palette, middle))
        if floor == 0:
            sign = hazed(random.choice(_SIGNS), palette, middle * 1.4)
            board = [view.at(x, far, 2.8), view.at(x, near, 2.8)]
            board += [view.at(x, near, 3.5), view.at(x, far, 3.5)]
            fill(image, board, mix(sign, (200, 220, 240), 0.3 if palette.lamps_lit else 0.0))
        else:
            ledge = [view.at(x, far, floor * 3.4), view.at(x, near, floor * 3.4)]
            ledge += [view.at(x, near, floor * 3.4 + 0.16), view.at(x, far, floor * 3.4 + 0.16)]
            fill(image, ledge, mix(colour, (60, 60, 60), 0.3))


def _between(far: float, near: float, share: float) -> float:
    """Return the scale at a share of the way from far to near, in depth."""
    return 1 / (1 / far + (1 / near - 1 / far) * share)


def draw_furniture(image: Image, view: View, palette: Palette, random: Random) -> None:
    """Draw lamp posts and trees along median and pavement, the farthest first."""
    offset = random.uniform(0, 10)
    palms = random.random() < 0.6
    for distance in np.arange(250.0, 34.0, -15.0):
        scale = FOCAL / (float(distance) + offset)
        if int(distance) % 2 == 0:
            _lamp(image, view, palette, scale, MEDIAN_M - 0.35)
        else:
            draw = _palm if palms else _tree
            draw(image, view, palette, scale, (MEDIAN_M - 0.35, random))
            draw(image, view, palette, scale, (KERB_M + 2.4, random))


def _lamp(image: Image, view: View, palette: Palette, scale: float, x: float) -> None:
    colour = hazed((96, 100, 100), palette, scale)
    width = max(1, round(0.14 * scale))
    foot, top = view.at(x, scale), view.at(x, scale, 8.5)
    arm = view.at(x + 1.8, scale, 9.0)
    for a, b in ((foot, top), (top, arm)):
        points = [(round(a[0]), round(a[1])), (round(b[0]), round(b[1]))]
        cv2.line(image, points[0], points[1], colour, width, cv2.LINE_AA)
    if palette.lamps_lit:
        glow(image, arm, 0.9 * scale, (150, 214, 255), 0.9)


def _palm(
    image: Image, view: View, palette: Palette, scale: float, where: tuple[float, Random]
) -> None:
    x, random = where
    high = random.uniform(4.5, 6.5)
    trunk, leaf = hazed((84, 100, 116), palette, scale), hazed((58, 104, 70), palette, scale)
    foot, top = view.at(x, scale), view.at(x, scale, high)
    ends = [(round(foot[0]), round(foot[1])), (round(top[0]), round(top[1]))]
    cv2.line(image, ends[0], ends[1], trunk, max(1, round(0.26 * scale)), cv2.LINE_AA)
    for angle in range(0, 360, 30):
        turn = np.radians(angle + random.uniform(-8, 8))
        along = np.linspace(0, 1, 7)
        xs = top[0] + np.cos(turn) * 2.0 * scale * along
        ys = top[1] + (np.sin(turn) * 1.0 * along + 1.1 * along**2 - 0.4 * along) * scale
        dots = np.round(np.stack([xs, ys], 1)).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(image, [dots], False, leaf, max(1, round(0.2 * scale)), cv2.LINE_AA)


def _tree(
    image: Image, view: View, palette: Palette, scale: float, where: tuple[float, Random]
) -> None:
    x, random = where
    high = random.uniform(3.2, 4.4)
    foot, top = view.at(x, scale), view.at(x, scale, high)
    trunk = hazed((62, 78, 92), palette, scale)
    ends = [(round(foot[0]), round(foot[1])), (round(top[0]), round(top[1]))]
    cv2.line(image, ends[0], ends[1], trunk, max(1, round(0.3 * scale)), cv2.LINE_AA)
    for _ in range(11):
        shade = random.uniform(0.75, 1.2)
        leaf = hazed(tuple(part * shade for part in (54, 98, 66)), palette, scale)
        middle = (
            round(top[0] + random.uniform(-1.2, 1.2) * scale),
            round(top[1] + random.uniform(-1.0, 0.5) * scale),
        )
        cv2.circle(image, middle, max(1, round(0.75 * scale)), leaf, -1, cv2.LINE_AA)
