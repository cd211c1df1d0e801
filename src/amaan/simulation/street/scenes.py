"""Streets to drive in: seen by a camera beside the road, drawn once for each camera."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import cv2
import numpy as np
from numpy.typing import NDArray

from amaan.simulation.street.drawing import Colour
from amaan.simulation.street.light import (
    EYE_M,
    FAR_KERB_M,
    FARTHEST,
    FOCAL,
    HEIGHT,
    HORIZON,
    KERB_M,
    LEGIBLE,
    MEDIAN_M,
    NEAREST,
    PALETTES,
    WIDTH,
    Light,
    Palette,
    View,
    fill,
    glow,
    hazed,
    mix,
    strip,
)
from amaan.simulation.street.roadside import draw_buildings, draw_furniture
from amaan.simulation.street.vehicles import Vehicle, VehicleKind, draw_vehicle, shadow
from amaan.video.model import Image


@dataclass(frozen=True, slots=True)
class Scene:
    """A street without its traffic. ``image`` is BGR of HEIGHT x WIDTH; never draw into it."""

    view: View
    light: Light
    image: Image

    @property
    def palette(self) -> Palette:
        """The colours of its light."""
        return PALETTES[self.light]


def draw_scene(seed: str, light: Light) -> Scene:
    """Return the street of a camera; the same seed and light give the same pixels."""
    random = Random(seed)  # noqa: S311  for looks
    palette = PALETTES[light]
    view = View(320.0 + random.uniform(-26, 26))
    image = _sky(palette, random)
    _skyline(image, view, palette, random)
    _ground(image, view, palette)
    for side in (-1, 1):
        draw_buildings(image, view, palette, random, side)
    _marks(image, view, palette)
    _kerbs(image, view, palette)
    draw_furniture(image, view, palette, random)
    _parked(image, view, palette, random)
    return Scene(view, light, _finish(image, random))


def _sky(palette: Palette, random: Random) -> Image:
    rows = np.clip(np.arange(HEIGHT) / HORIZON, 0, 1)[:, None, None].astype(np.float32)
    top, low = np.array(palette.sky_top), np.array(palette.sky_low)
    sky = np.repeat((top + (low - top) * rows).astype(np.float32), WIDTH, axis=1)
    noise = np.random.default_rng(random.getrandbits(32)).random((6, 12)).astype(np.float32)
    clouds = cv2.resize(noise, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    veil = np.clip((clouds - 0.55) * 0.7, 0, 0.28)[:, :, None]
    sky += (np.array(palette.sky_low) - sky) * veil
    return np.asarray(np.clip(sky, 0, 255), np.uint8)


def _skyline(image: Image, view: View, palette: Palette, random: Random) -> None:
    """Draw far towers, and now and then a dome with its minarets."""
    x = 0.0
    while x < WIDTH:
        wide, high = random.uniform(12, 40), random.uniform(8, 46)
        colour = mix(hazed((120, 124, 128), palette, 30), palette.sky_low, 0.62)
        fill(image, _box(x, HORIZON - high, x + wide, HORIZON + 4), colour)
        x += wide * random.uniform(0.8, 1.5)
    if random.random() < 0.4:
        middle = view.centre + random.uniform(-60, 60)
        colour = mix(hazed((170, 178, 182), palette, 40), palette.sky_low, 0.45)
        cv2.ellipse(image, (round(middle), round(HORIZON - 18)), (20, 22), 0, 180, 360, colour, -1)
        fill(image, _box(middle - 24, HORIZON - 18, middle + 24, HORIZON + 2), colour)
        for side in (-36, 36):
            fill(image, _box(middle + side - 3, HORIZON - 58, middle + side + 3, HORIZON), colour)
            tip = [(-4, -58), (4, -58), (0, -68)]
            fill(image, [(middle + side + dx, HORIZON + dy) for dx, dy in tip], colour)


def _box(left: float, top: float, right: float, bottom: float) -> list[tuple[float, float]]:
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def _ground(image: Image, view: View, palette: Palette) -> None:
    scales = np.maximum((np.arange(HEIGHT) + 0.5 - HORIZON) / EYE_M, 0.01)
    for row in range(round(HORIZON), HEIGHT):
        image[row] = hazed(palette.ground, palette, float(scales[row]) * 1.6)
    for left, right in ((FAR_KERB_M, MEDIAN_M - 0.7), (MEDIAN_M, KERB_M)):
        far = 1.2
        while far < NEAREST:  # in bands, each with its own haze
            near = far * 1.25
            colour = hazed(palette.asphalt, palette, far * 1.2)
            fill(image, strip(view, left, right, far, near), colour)
            far = near
    worn = image.copy()
    for x in (-0.75, 0.75, 2.6, 4.1):  # where wheels run
        fill(worn, strip(view, x - 0.28, x + 0.28, 6, NEAREST), hazed((84, 82, 80), palette, 60))
    cv2.addWeighted(worn, 0.32, image, 0.68, 0, dst=image)


def _marks(image: Image, view: View, palette: Palette) -> None:
    paint = (206, 212, 214)
    for x, dashed in ((1.75, True), (-6.2, True), (KERB_M - 0.35, False), (MEDIAN_M + 0.3, False)):
        distance = 4.0
        while distance < 240:
            end = distance + (3.0 if dashed else 6.0)
            far, near = FOCAL / end, FOCAL / distance
            colour = hazed(paint, palette, near)
            fill(image, strip(view, x - 0.06, x + 0.06, far, near), colour)
            distance += 8.0 if dashed else 6.0


def _kerbs(image: Image, view: View, palette: Palette) -> None:
    """Draw the kerbs painted in black and yellow or white by turns, as the city paints them."""
    for x, face, second in (
        (MEDIAN_M, -1, (52, 190, 228)),
        (KERB_M, 1, (52, 190, 228)),
        (FAR_KERB_M, -1, (214, 216, 216)),
        (MEDIAN_M - 0.7, 1, (214, 216, 216)),
    ):
        distance, index = 240.0, 0
        while distance > 5.0:
            step = max(1.5, distance * 0.06)
            far, near = FOCAL / distance, FOCAL / (distance - step)
            colour = hazed((44, 44, 46) if index % 2 else second, palette, far)
            high = 0.22
            side = [
                view.at(x, far),
                view.at(x, near),
                view.at(x, near, high),
                view.at(x, far, high),
            ]
            fill(image, side, colour)
            inner = x + face * 0.3
            top = [
                *(view.at(x, far, high), view.at(x, near, high)),
                *(view.at(inner, near, high), view.at(inner, far, high)),
            ]
            fill(image, top, mix(colour, (150, 150, 150), 0.25))
            distance, index = distance - step, index + 1


def _parked(image: Image, view: View, palette: Palette, random: Random) -> None:
    for distance in (150.0, 104.0, 78.0, 60.0):
        if random.random() < 0.6:
            paint = random.choice(("white", "silver", "grey", "blue", "beige"))
            kind = random.choice((VehicleKind.CAR, VehicleKind.CAR, VehicleKind.VAN))
            lay_vehicle(
                image, Scene(view, Light.DAY, image), Vehicle(kind, paint, None),
                (KERB_M - 1.05, FOCAL / distance), palette.tint,
            )  # fmt: skip


_SHADOW = shadow()


def lay_vehicle(
    image: Image,
    scene: Scene,
    vehicle: Vehicle,
    where: tuple[float, float],
    tint: Colour | None = None,
) -> None:
    """Draw a vehicle at (x metres, pixels per metre), its shadow and its lamps with it."""
    x, scale = where
    shape = draw_vehicle(vehicle)
    palette = scene.palette
    light = tint if tint is not None else palette.tint
    foot = scene.view.at(x, scale)
    seen = float(np.clip((scale - FARTHEST) / 8, 0, 1))
    under = (foot[0], foot[1] + 0.16 * scale)
    _SHADOW.lay(image, under, scale * (shape.width_m + 0.5), (1, 1, 1), seen * 0.9)
    sprite = shape.sprite if scale >= LEGIBLE else shape.far
    sprite.lay(image, foot, scale, light, seen)
    if palette.lamps_lit and tint is None:
        for lamp_x, lamp_y in shape.lamps:
            lamp = scene.view.at(x + lamp_x, scale, lamp_y)
            glow(image, lamp, 0.17 * scale + 2, (206, 236, 255), 0.95 * seen)
            glow(image, lamp, 0.6 * scale + 4, (150, 200, 240), 0.3 * seen)


def brighten_plate(
    image: Image, scene: Scene, vehicle: Vehicle, where: tuple[float, float]
) -> None:
    """Throw the camera's own infrared light back from the plate, as plates do by night."""
    palette = scene.palette
    if vehicle.plate is None or not palette.lamps_lit:
        return
    shape = draw_vehicle(vehicle)
    x, scale = where
    wide, high = (side + 0.02 for side in vehicle.plate.size_m)
    left, top = scene.view.at(x - wide / 2, scale, shape.plate_y + high / 2)
    right, bottom = scene.view.at(x + wide / 2, scale, shape.plate_y - high / 2)
    rows = slice(max(0, round(top)), max(0, round(bottom)))
    columns = slice(max(0, round(left)), max(0, round(right)))
    part = image[rows, columns].astype(np.float32)
    gain = 0.86 / max(sum(palette.tint) / 3, 0.1)
    image[rows, columns] = np.clip(part * gain, 0, 255).astype(np.uint8)


def _finish(image: Image, random: Random) -> Image:
    """Soften as a lens does; a little grain that stands still, darker corners."""
    soft: NDArray[np.float32] = cv2.GaussianBlur(image, (0, 0), 0.7).astype(np.float32)
    grain = np.random.default_rng(random.getrandbits(32)).normal(0, 0.9, (HEIGHT, WIDTH, 1))
    y, x = np.mgrid[-1 : 1 : HEIGHT * 1j, -1 : 1 : WIDTH * 1j]
    corner = 1 - 0.16 * np.clip(x * x + y * y - 0.5, 0, 2)
    return np.asarray(np.clip((soft + grain) * corner[:, :, None], 0, 255), np.uint8)
