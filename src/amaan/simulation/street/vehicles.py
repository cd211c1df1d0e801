"""Vehicles seen from the front, as they drive in Karachi, each with its plate on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from random import Random

import numpy as np

from amaan.simulation.street.drawing import Canvas, Colour, Points, Sprite
from amaan.simulation.street.plates import Plate, PlateKind, blank_plate, draw_plate, random_plate

PIXELS_PER_M = 260.0
TYRE = (26, 25, 25)
GLASS = (74, 62, 52)
LAMP = (226, 238, 240)
CHROME = (176, 178, 180)
DARK = (36, 35, 34)
PAINTS: dict[str, tuple[int, int, int]] = {
    "white": (232, 234, 234),
    "silver": (178, 180, 182),
    "grey": (98, 96, 92),
    "black": (42, 40, 38),
    "red": (42, 38, 158),
    "blue": (128, 78, 40),
    "beige": (146, 178, 196),
    "green": (66, 96, 40),
}


class VehicleKind(StrEnum):
    """What drives by."""

    CAR = "car"
    JEEP = "jeep"
    VAN = "van"
    RICKSHAW = "rickshaw"
    TRUCK = "truck"
    MOTORCYCLE = "motorcycle"


@dataclass(frozen=True, slots=True)
class Vehicle:
    """One vehicle. ``plate`` None: it carries none that could be read."""

    kind: VehicleKind
    paint: str
    plate: Plate | None


@dataclass(frozen=True, slots=True)
class Shape:
    """A drawn vehicle. ``lamps`` are (x, y) in metres; ``plate_y`` is the plate's middle.

    ``far`` is how it looks from where nobody can tell what its plate says.
    """

    sprite: Sprite
    far: Sprite
    width_m: float
    lamps: tuple[tuple[float, float], ...]
    plate_y: float


_SHARES = (
    (VehicleKind.CAR, 0.46),
    (VehicleKind.JEEP, 0.12),
    (VehicleKind.VAN, 0.14),
    (VehicleKind.RICKSHAW, 0.1),
    (VehicleKind.MOTORCYCLE, 0.1),
    (VehicleKind.TRUCK, 0.08),
)


def random_vehicle(random: Random) -> Vehicle:
    """Return a vehicle as Karachi's traffic mixes them."""
    kinds, shares = zip(*_SHARES, strict=True)
    kind = random.choices(kinds, shares)[0]
    paint = random.choices(
        ("white", "silver", "grey", "black", "red", "blue", "beige"), (30, 18, 14, 14, 8, 8, 8)
    )[0]
    if kind is VehicleKind.MOTORCYCLE:
        plate_kind = PlateKind.SINDH_CYCLE
        paint = random.choice(("red", "black", "blue"))
    elif kind in (VehicleKind.RICKSHAW, VehicleKind.TRUCK):
        plate_kind = PlateKind.SINDH
    else:
        plate_kind = random.choices(
            (PlateKind.SINDH, PlateKind.SINDH_AJRAK, PlateKind.PUNJAB), (45, 35, 20)
        )[0]
    return Vehicle(kind, paint, random_plate(random, kind=plate_kind))


@lru_cache(maxsize=24)
def draw_vehicle(vehicle: Vehicle) -> Shape:
    """Return the vehicle drawn."""
    return _DRAW[vehicle.kind](vehicle)


def _tone(paint: Colour, factor: float) -> Colour:
    return tuple(min(255.0, part * factor) for part in paint)


def _finish(
    canvas: Canvas, vehicle: Vehicle, plate_y: float, lamps: tuple[tuple[float, float], ...]
) -> Shape:
    """Shade the body, then put the plate on, unshaded."""
    canvas.shade(1.08, 0.84)
    far = None
    if vehicle.plate is not None:
        width, height = vehicle.plate.size_m
        edge = 0.012
        canvas.box(
            -width / 2 - edge,
            plate_y - height / 2 - edge,
            width / 2 + edge,
            plate_y + height / 2 + edge,
            DARK,
        )
        canvas.put(blank_plate(vehicle.plate.kind), 0, plate_y, width)
        far = canvas.sprite()
        canvas.put(draw_plate(vehicle.plate), 0, plate_y, width)
    sprite = canvas.sprite()
    return Shape(sprite, far or sprite, canvas.width_m - 0.2, lamps, plate_y)


def _wheels(canvas: Canvas, inner: float, outer: float, height: float) -> None:
    canvas.mirrored([(inner, 0), (outer, 0), (outer, height), (inner, height)], TYRE)


def _windscreen(canvas: Canvas, points: Points, people: int) -> None:
    """Draw glass, who sits behind it, and the sky's reflection in it."""
    canvas.area(points, GLASS)
    low = min(y for _, y in points)
    high = max(y for _, y in points)
    wide = max(x for x, _ in points)
    tall = high - low
    for index in range(people):
        x = (0.42 - 0.84 * index) * wide
        canvas.oval(x, low + tall * 0.5, 0.1, 0.13, (44, 50, 62))
        canvas.oval(x, low + tall * 0.08, 0.22, 0.17, (52, 46, 44))
    shine = [
        (-wide * 0.62, high - 0.03),
        (-wide * 0.35, high - 0.03),
        (-wide * 0.62, low + 0.04),
        (-wide * 0.86, low + 0.04),
    ]
    canvas.area(shine, (122, 112, 102))


def _car(vehicle: Vehicle) -> Shape:
    paint = PAINTS[vehicle.paint]
    canvas = Canvas(2.1, 1.55, PIXELS_PER_M)
    _wheels(canvas, 0.58, 0.86, 0.4)
    half = [(0.88, 0.3), (0.9, 0.72), (0.84, 0.93), (0.66, 1.0)]
    roof = [(0.56, 1.42), (0.4, 1.47)]
    body = [*half, *roof]
    canvas.area([*body, *((-x, y) for x, y in reversed(body))], _tone(paint, 0.9))
    canvas.box(-0.86, 0.2, 0.86, 0.34, DARK)
    screen = [(0.66, 0.98), (0.53, 1.38), (0.38, 1.42)]
    _windscreen(canvas, [*screen, *((-x, y) for x, y in reversed(screen))], 2)
    canvas.mirrored([(0.64, 1.0), (0.9, 1.02), (0.92, 1.13), (0.74, 1.14)], _tone(paint, 0.72))
    bonnet = [(0.8, 0.8), (0.72, 0.96), (0.5, 0.995)]
    canvas.area([*bonnet, *((-x, y) for x, y in reversed(bonnet))], _tone(paint, 1.08))
    canvas.line([(-0.42, 0.985), (-0.34, 0.82)], 0.012, _tone(paint, 0.7))
    canvas.line([(0.42, 0.985), (0.34, 0.82)], 0.012, _tone(paint, 0.7))
    grille = [(0.46, 0.68), (0.4, 0.8)]
    canvas.area([*grille, *((-x, y) for x, y in reversed(grille))], DARK)
    canvas.line([(-0.4, 0.745), (0.4, 0.745)], 0.02, CHROME)
    canvas.oval(0, 0.75, 0.055, 0.045, CHROME)
    canvas.mirrored([(0.5, 0.69), (0.86, 0.72), (0.83, 0.84), (0.52, 0.79)], DARK)
    canvas.mirrored([(0.53, 0.705), (0.84, 0.735), (0.81, 0.82), (0.54, 0.775)], LAMP)
    canvas.mirrored([(0.6, 0.38), (0.78, 0.4), (0.78, 0.48), (0.62, 0.48)], DARK)
    canvas.mirrored([(0.65, 0.41), (0.74, 0.42), (0.74, 0.47), (0.66, 0.47)], _tone(LAMP, 0.85))
    canvas.line([(-0.88, 0.6), (0.88, 0.6)], 0.015, _tone(paint, 0.66))
    return _finish(canvas, vehicle, 0.5, ((-0.68, 0.765), (0.68, 0.765)))


def _jeep(vehicle: Vehicle) -> Shape:
    paint = PAINTS[vehicle.paint]
    canvas = Canvas(2.3, 1.95, PIXELS_PER_M)
    _wheels(canvas, 0.6, 0.94, 0.52)
    body = [(0.96, 0.42), (0.98, 1.08), (0.86, 1.16), (0.74, 1.78), (0.6, 1.84)]
    canvas.area([*body, *((-x, y) for x, y in reversed(body))], _tone(paint, 0.9))
    canvas.box(-0.95, 0.32, 0.95, 0.5, DARK)
    screen = [(0.8, 1.2), (0.7, 1.7), (0.56, 1.74)]
    _windscreen(canvas, [*screen, *((-x, y) for x, y in reversed(screen))], 2)
    canvas.mirrored([(0.82, 1.2), (1.06, 1.2), (1.08, 1.36), (0.88, 1.38)], _tone(paint, 0.7))
    bonnet = [(0.9, 1.02), (0.8, 1.16)]
    canvas.area([*bonnet, *((-x, y) for x, y in reversed(bonnet))], _tone(paint, 1.08))
    canvas.box(-0.52, 0.82, 0.52, 1.02, DARK)
    for x in (-0.36, -0.18, 0.0, 0.18, 0.36):
        canvas.line([(x, 0.83), (x, 1.01)], 0.03, CHROME)
    canvas.mirrored([(0.58, 0.82), (0.92, 0.84), (0.92, 1.02), (0.58, 1.02)], DARK)
    canvas.mirrored([(0.61, 0.85), (0.89, 0.87), (0.89, 0.99), (0.61, 0.99)], LAMP)
    canvas.line([(-0.96, 0.77), (0.96, 0.77)], 0.02, _tone(paint, 0.66))
    return _finish(canvas, vehicle, 0.62, ((-0.75, 0.92), (0.75, 0.92)))


def _van(vehicle: Vehicle) -> Shape:
    paint = PAINTS[vehicle.paint]
    canvas = Canvas(1.95, 2.05, PIXELS_PER_M)
    _wheels(canvas, 0.5, 0.74, 0.4)
    body = [(0.76, 0.28), (0.79, 1.1), (0.72, 1.82), (0.6, 1.95)]
    canvas.area([*body, *((-x, y) for x, y in reversed(body))], _tone(paint, 0.96))
    canvas.box(-0.76, 0.24, 0.76, 0.36, DARK)
    screen = [(0.7, 1.12), (0.63, 1.72), (0.54, 1.76)]
    _windscreen(canvas, [*screen, *((-x, y) for x, y in reversed(screen))], 2)
    canvas.mirrored([(0.78, 1.1), (0.92, 1.08), (0.92, 1.32), (0.78, 1.34)], DARK)
    canvas.line([(-0.76, 1.02), (0.76, 1.02)], 0.05, (52, 60, 190))
    canvas.mirrored([(0.42, 0.74), (0.72, 0.76), (0.72, 0.94), (0.42, 0.94)], DARK)
    canvas.mirrored([(0.45, 0.77), (0.69, 0.79), (0.69, 0.91), (0.45, 0.91)], LAMP)
    canvas.box(-0.38, 0.8, 0.38, 0.88, DARK)
    canvas.line([(-0.76, 0.68), (0.76, 0.68)], 0.014, _tone(paint, 0.7))
    return _finish(canvas, vehicle, 0.52, ((-0.57, 0.84), (0.57, 0.84)))


def _rickshaw(vehicle: Vehicle) -> Shape:
    green, yellow = (58, 128, 52), (54, 190, 236)
    canvas = Canvas(1.6, 1.85, PIXELS_PER_M)
    canvas.mirrored([(0.5, 0), (0.62, 0), (0.62, 0.4), (0.5, 0.4)], TYRE)
    body = [(0.62, 0.34), (0.65, 0.9), (0.6, 1.55), (0.48, 1.74)]
    canvas.area([*body, *((-x, y) for x, y in reversed(body))], green)
    top = [(0.61, 1.5), (0.48, 1.76), (0.3, 1.8)]
    canvas.area([*top, *((-x, y) for x, y in reversed(top))], yellow)
    screen = [(0.54, 0.98), (0.5, 1.46)]
    _windscreen(canvas, [*screen, *((-x, y) for x, y in reversed(screen))], 1)
    nose = [(0.3, 0.36), (0.42, 0.6), (0.44, 0.92)]
    canvas.area([*nose, *((-x, y) for x, y in reversed(nose))], _tone(green, 1.25))
    canvas.line([(-0.62, 0.96), (0.62, 0.96)], 0.04, yellow)
    canvas.box(-0.07, 0.0, 0.07, 0.3, TYRE)
    canvas.area([(-0.16, 0.24), (0.16, 0.24), (0.13, 0.38), (-0.13, 0.38)], _tone(green, 0.8))
    canvas.oval(0, 0.82, 0.1, 0.1, CHROME)
    canvas.oval(0, 0.82, 0.08, 0.08, LAMP)
    for x in (-0.5, -0.25, 0.0, 0.25, 0.5):
        canvas.oval(x, 1.58, 0.045, 0.045, (60, 60, 200) if x else (220, 120, 40))
    return _finish(canvas, vehicle, 0.56, ((0.0, 0.82),))


def _truck(vehicle: Vehicle) -> Shape:
    """A painted truck: crown, panels and ornaments."""
    canvas = Canvas(2.8, 3.6, PIXELS_PER_M)
    random = Random(repr(vehicle))  # noqa: S311  for looks
    _wheels(canvas, 0.74, 1.14, 0.66)
    base, second = random.sample([(40, 34, 150), (140, 70, 26), (66, 108, 26), (36, 140, 210)], 2)
    canvas.box(-1.2, 0.5, 1.2, 2.5, base)
    canvas.box(-1.2, 0.42, 1.2, 0.62, DARK)
    crown = [(1.3, 2.48), (1.34, 3.1), (0.9, 3.3), (0.4, 3.46)]
    canvas.area([*crown, *((-x, y) for x, y in reversed(crown))], second)
    for row, y in enumerate((2.62, 2.86, 3.1)):
        for step in range(-4, 5):
            x = step * 0.26 + (0.13 if row % 2 else 0.0)
            if abs(x) < 1.24:
                petals = ((58, 200, 246), (226, 226, 230), (60, 60, 210))[(row + step) % 3]
                canvas.oval(x, y, 0.1, 0.1, petals)
                canvas.oval(x, y, 0.045, 0.045, base)
    _windscreen(canvas, [(1.06, 1.56), (1.04, 2.34), (-1.04, 2.34), (-1.06, 1.56)], 2)
    canvas.line([(0, 1.56), (0, 2.34)], 0.04, base)
    for x in (-1.05, -0.7, -0.35, 0.0, 0.35, 0.7, 1.05):
        canvas.area([(x - 0.1, 2.36), (x + 0.1, 2.36), (x, 2.2)], (58, 200, 246))
        canvas.oval(x, 1.46, 0.06, 0.06, (226, 226, 230))
    canvas.box(-0.62, 0.98, 0.62, 1.36, DARK)
    for y in (1.06, 1.17, 1.28):
        canvas.line([(-0.6, y), (0.6, y)], 0.035, CHROME)
    canvas.mirrored([(0.72, 0.98), (1.12, 0.98), (1.12, 1.34), (0.72, 1.34)], second)
    for side in (-0.92, 0.92):
        canvas.oval(side, 1.16, 0.15, 0.15, DARK)
        canvas.oval(side, 1.16, 0.12, 0.12, LAMP)
    canvas.box(-1.2, 0.56, 1.2, 0.92, CHROME)
    canvas.line([(-1.2, 0.92), (1.2, 0.92)], 0.03, DARK)
    return _finish(canvas, vehicle, 0.72, ((-0.92, 1.16), (0.92, 1.16)))


def _motorcycle(vehicle: Vehicle) -> Shape:
    paint = PAINTS[vehicle.paint]
    canvas = Canvas(1.1, 1.8, PIXELS_PER_M)
    canvas.box(-0.06, 0.0, 0.06, 0.62, TYRE)
    canvas.line([(-0.1, 0.3), (-0.13, 0.95)], 0.04, CHROME)
    canvas.line([(0.1, 0.3), (0.13, 0.95)], 0.04, CHROME)
    shirt = (188, 170, 150) if vehicle.paint != "black" else (92, 110, 120)
    canvas.area([(0.3, 0.9), (0.28, 1.32), (0.14, 1.42), (-0.14, 1.42), (-0.28, 1.32), (-0.3, 0.9)],
                shirt)  # fmt: skip
    canvas.line([(0.28, 1.3), (0.4, 1.08), (0.36, 1.0)], 0.1, _tone(shirt, 0.9))
    canvas.line([(-0.28, 1.3), (-0.4, 1.08), (-0.36, 1.0)], 0.1, _tone(shirt, 0.9))
    canvas.line([(0.2, 0.9), (0.3, 0.66), (0.22, 0.34)], 0.13, _tone(shirt, 0.75))
    canvas.line([(-0.2, 0.9), (-0.3, 0.66), (-0.22, 0.34)], 0.13, _tone(shirt, 0.75))
    canvas.oval(0, 1.56, 0.125, 0.16, paint)
    canvas.box(-0.1, 1.5, 0.1, 1.58, (52, 46, 42))
    canvas.area([(-0.16, 0.76), (0.16, 0.76), (0.2, 1.02), (-0.2, 1.02)], paint)
    canvas.line([(-0.44, 1.0), (0.44, 1.0)], 0.04, DARK)
    canvas.oval(0, 0.94, 0.1, 0.1, CHROME)
    canvas.oval(0, 0.94, 0.08, 0.08, LAMP)
    canvas.area([(-0.08, 0.58), (0.08, 0.58), (0.07, 0.7), (-0.07, 0.7)], paint)
    return _finish(canvas, vehicle, 0.72, ((0.0, 0.94),))


_DRAW = {
    VehicleKind.CAR: _car,
    VehicleKind.JEEP: _jeep,
    VehicleKind.VAN: _van,
    VehicleKind.RICKSHAW: _rickshaw,
    VehicleKind.TRUCK: _truck,
    VehicleKind.MOTORCYCLE: _motorcycle,
}


def shadow(width: int = 256) -> Sprite:
    """Return a soft dark oval, a metre wide, to lie under a vehicle."""
    y, x = np.mgrid[-1 : 1 : width // 4 * 1j, -1 : 1 : width * 1j]
    cover = np.clip(1.15 - np.sqrt(x * x + y * y) * 1.15, 0, 1).astype(np.float32) ** 0.8 * 0.75
    layers = np.zeros((*cover.shape, 4), np.float32)
    layers[:, :, 3] = cover
    return Sprite.of(layers, float(width))
