"""Streets to drive in: seen by a camera beside the road, drawn once for each camera."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random

import cv2
import numpy as np
from numpy.typing import NDArray

from amaan.simulation.street.drawing import Colour
from amaan.simulation.street.vehicles import Vehicle, VehicleKind, draw_vehicle, shadow
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
LEGIBLE = 46.0  # pixels per metre from which a plate shows what it says
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
        _buildings(image, view, palette, random, side)
    _marks(image, view, palette)
    _kerbs(image, view, palette)
    _furniture(image, view, palette, random)
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


def _mix(colour: Colour, other: Colour, share: float) -> tuple[float, float, float]:
    b, g, r = (a + (z - a) * share for a, z in zip(colour, other, strict=True))
    return b, g, r


def _hazed(colour: Colour, palette: Palette, scale: float) -> tuple[float, float, float]:
    """Return a lit colour as it looks through the air at a distance."""
    lit = [part * tint for part, tint in zip(colour, palette.tint, strict=True)]
    return _mix(lit, palette.sky_low, palette.haze * float(np.clip(9.0 / scale, 0, 1)) ** 1.2)


def _fill(image: Image, points: Sequence[tuple[float, float]], colour: Colour) -> None:
    dots = np.round(np.array(points) * 16).astype(np.int32).reshape(-1, 1, 2)
    cv2.fillPoly(image, [dots], colour, cv2.LINE_AA, 4)


def _skyline(image: Image, view: View, palette: Palette, random: Random) -> None:
    """Draw far towers, and now and then a dome with its minarets."""
    x = 0.0
    while x < WIDTH:
        wide, high = random.uniform(12, 40), random.uniform(8, 46)
        colour = _mix(_hazed((120, 124, 128), palette, 30), palette.sky_low, 0.62)
        _fill(image, _box(x, HORIZON - high, x + wide, HORIZON + 4), colour)
        x += wide * random.uniform(0.8, 1.5)
    if random.random() < 0.4:
        middle = view.centre + random.uniform(-60, 60)
        colour = _mix(_hazed((170, 178, 182), palette, 40), palette.sky_low, 0.45)
        cv2.ellipse(image, (round(middle), round(HORIZON - 18)), (20, 22), 0, 180, 360, colour, -1)
        _fill(image, _box(middle - 24, HORIZON - 18, middle + 24, HORIZON + 2), colour)
        for side in (-36, 36):
            _fill(image, _box(middle + side - 3, HORIZON - 58, middle + side + 3, HORIZON), colour)
            tip = [(-4, -58), (4, -58), (0, -68)]
            _fill(image, [(middle + side + dx, HORIZON + dy) for dx, dy in tip], colour)


def _box(left: float, top: float, right: float, bottom: float) -> list[tuple[float, float]]:
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def _strip(
    view: View, left: float, right: float, far: float, near: float
) -> list[tuple[float, float]]:
    """Return the quadrilateral of the road's plane between two x and two scales."""
    return [view.at(left, far), view.at(right, far), view.at(right, near), view.at(left, near)]


def _ground(image: Image, view: View, palette: Palette) -> None:
    scales = np.maximum((np.arange(HEIGHT) + 0.5 - HORIZON) / EYE_M, 0.01)
    for row in range(round(HORIZON), HEIGHT):
        image[row] = _hazed(palette.ground, palette, float(scales[row]) * 1.6)
    for left, right in ((FAR_KERB_M, MEDIAN_M - 0.7), (MEDIAN_M, KERB_M)):
        far = 1.2
        while far < NEAREST:  # in bands, each with its own haze
            near = far * 1.25
            colour = _hazed(palette.asphalt, palette, far * 1.2)
            _fill(image, _strip(view, left, right, far, near), colour)
            far = near
    worn = image.copy()
    for x in (-0.75, 0.75, 2.6, 4.1):  # where wheels run
        _fill(worn, _strip(view, x - 0.28, x + 0.28, 6, NEAREST), _hazed((84, 82, 80), palette, 60))
    cv2.addWeighted(worn, 0.32, image, 0.68, 0, dst=image)


def _marks(image: Image, view: View, palette: Palette) -> None:
    paint = (206, 212, 214)
    for x, dashed in ((1.75, True), (-6.2, True), (KERB_M - 0.35, False), (MEDIAN_M + 0.3, False)):
        distance = 4.0
        while distance < 240:
            end = distance + (3.0 if dashed else 6.0)
            far, near = FOCAL / end, FOCAL / distance
            colour = _hazed(paint, palette, near)
            _fill(image, _strip(view, x - 0.06, x + 0.06, far, near), colour)
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
            colour = _hazed((44, 44, 46) if index % 2 else second, palette, far)
            high = 0.22
            side = [
                view.at(x, far),
                view.at(x, near),
                view.at(x, near, high),
                view.at(x, far, high),
            ]
            _fill(image, side, colour)
            inner = x + face * 0.3
            top = [
                *(view.at(x, far, high), view.at(x, near, high)),
                *(view.at(inner, near, high), view.at(inner, far, high)),
            ]
            _fill(image, top, _mix(colour, (150, 150, 150), 0.25))
            distance, index = distance - step, index + 1


_WALLS = (
    (150, 176, 196), (164, 172, 178), (128, 150, 176), (176, 186, 190), (140, 164, 158),
    (118, 136, 160), (186, 176, 160),
)  # fmt: skip
_SIGNS = ((46, 44, 168), (150, 84, 28), (60, 118, 40), (36, 150, 214), (120, 50, 110))


def _buildings(image: Image, view: View, palette: Palette, random: Random, side: int) -> None:
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
    colour = _hazed(wall, palette, middle)
    _fill(
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
            glow = _mix((120, 196, 250), palette.sky_low, 0.1)
            _fill(image, pane, glow if lit else _hazed((96, 88, 80), palette, middle))
        if floor == 0:
            sign = _hazed(random.choice(_SIGNS), palette, middle * 1.4)
            board = [view.at(x, far, 2.8), view.at(x, near, 2.8)]
            board += [view.at(x, near, 3.5), view.at(x, far, 3.5)]
            _fill(image, board, _mix(sign, (200, 220, 240), 0.3 if palette.lamps_lit else 0.0))
        else:
            ledge = [view.at(x, far, floor * 3.4), view.at(x, near, floor * 3.4)]
            ledge += [view.at(x, near, floor * 3.4 + 0.16), view.at(x, far, floor * 3.4 + 0.16)]
            _fill(image, ledge, _mix(colour, (60, 60, 60), 0.3))


def _between(far: float, near: float, share: float) -> float:
    """Return the scale at a share of the way from far to near, in depth."""
    return 1 / (1 / far + (1 / near - 1 / far) * share)


def _furniture(image: Image, view: View, palette: Palette, random: Random) -> None:
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
    colour = _hazed((96, 100, 100), palette, scale)
    width = max(1, round(0.14 * scale))
    foot, top = view.at(x, scale), view.at(x, scale, 8.5)
    arm = view.at(x + 1.8, scale, 9.0)
    for a, b in ((foot, top), (top, arm)):
        points = [(round(a[0]), round(a[1])), (round(b[0]), round(b[1]))]
        cv2.line(image, points[0], points[1], colour, width, cv2.LINE_AA)
    if palette.lamps_lit:
        _glow(image, arm, 0.9 * scale, (150, 214, 255), 0.9)


def _palm(
    image: Image, view: View, palette: Palette, scale: float, where: tuple[float, Random]
) -> None:
    x, random = where
    high = random.uniform(4.5, 6.5)
    trunk, leaf = _hazed((84, 100, 116), palette, scale), _hazed((58, 104, 70), palette, scale)
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
    trunk = _hazed((62, 78, 92), palette, scale)
    ends = [(round(foot[0]), round(foot[1])), (round(top[0]), round(top[1]))]
    cv2.line(image, ends[0], ends[1], trunk, max(1, round(0.3 * scale)), cv2.LINE_AA)
    for _ in range(11):
        shade = random.uniform(0.75, 1.2)
        leaf = _hazed(tuple(part * shade for part in (54, 98, 66)), palette, scale)
        middle = (
            round(top[0] + random.uniform(-1.2, 1.2) * scale),
            round(top[1] + random.uniform(-1.0, 0.5) * scale),
        )
        cv2.circle(image, middle, max(1, round(0.75 * scale)), leaf, -1, cv2.LINE_AA)


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
            _glow(image, lamp, 0.17 * scale + 2, (206, 236, 255), 0.95 * seen)
            _glow(image, lamp, 0.6 * scale + 4, (150, 200, 240), 0.3 * seen)


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


def _glow(
    image: Image, at: tuple[float, float], radius: float, colour: Colour, strength: float
) -> None:
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


def _finish(image: Image, random: Random) -> Image:
    """Soften as a lens does; a little grain that stands still, darker corners."""
    soft: NDArray[np.float32] = cv2.GaussianBlur(image, (0, 0), 0.7).astype(np.float32)
    grain = np.random.default_rng(random.getrandbits(32)).normal(0, 0.9, (HEIGHT, WIDTH, 1))
    y, x = np.mgrid[-1 : 1 : HEIGHT * 1j, -1 : 1 : WIDTH * 1j]
    corner = 1 - 0.16 * np.clip(x * x + y * y - 0.5, 0, 2)
    return np.asarray(np.clip((soft + grain) * corner[:, :, None], 0, 255), np.uint8)
