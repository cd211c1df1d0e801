"""Number plates as Pakistani ones look, each drawn flat for a vehicle to carry."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from random import Random

import cv2
import numpy as np

from amaan.simulation.street.glyphs import text_width, write
from amaan.video.model import Image

BLACK = (24, 22, 22)
WHITE = (240, 243, 244)
YELLOW = (38, 196, 247)
GREEN = (58, 110, 24)
INDIGO = (112, 52, 26)
MADDER = (38, 26, 132)
PIXELS_PER_M = 620  # finer than any camera of ours comes near

_LETTERS = "ABCDEFGHJKLMNPRSTVWXYZ"  # I, O, Q and U are hardly issued: too like 1, 0 and V


class PlateKind(StrEnum):
    """How a plate is laid out."""

    SINDH = "sindh"  # one line, black on yellow: cars until 2021, commercial ones still
    SINDH_AJRAK = "sindh-ajrak"  # white with the block-printed band, since 2021
    SINDH_CYCLE = "sindh-cycle"  # two lines, for motorcycles
    PUNJAB = "punjab"  # two lines, the province's word below


SIZES_M = {  # about a quarter larger than issued, so that small pictures can be read
    PlateKind.SINDH: (0.56, 0.15),
    PlateKind.SINDH_AJRAK: (0.56, 0.18),
    PlateKind.SINDH_CYCLE: (0.31, 0.26),
    PlateKind.PUNJAB: (0.44, 0.31),
}


@dataclass(frozen=True, slots=True)
class Plate:
    """What a vehicle carries: ``text`` as written, e.g. ``BGC-771`` or ``LEH-07 5789``."""

    text: str
    kind: PlateKind

    @property
    def size_m(self) -> tuple[float, float]:
        """Width and height in metres."""
        return SIZES_M[self.kind]

    @property
    def expected(self) -> str:
        """Return what a good reader says: year and province left out, ``[A-Z0-9]``."""
        if self.kind is PlateKind.PUNJAB:
            head, _, number = self.text.partition(" ")
            return head.partition("-")[0] + number
        return self.text.replace("-", "").replace(" ", "")


def random_plate(random: Random, *, kind: PlateKind) -> Plate:
    """Return a plate as it might be issued."""
    letters = "".join(random.choice(_LETTERS) for _ in range(2))
    if kind is PlateKind.PUNJAB:
        text = f"L{letters}-{random.randint(6, 22):02d} {random.randint(100, 9999)}"
    elif kind is PlateKind.SINDH_CYCLE:
        text = f"K{letters}-{random.randint(1000, 9999)}"
    else:
        text = f"{random.choice('ABC')}{letters}-{random.randint(100, 999)}"
    return Plate(text, kind)


def blank_plate(kind: PlateKind) -> Image:
    """Return the ground of a plate, without any character."""
    width, height = (round(side * PIXELS_PER_M) for side in SIZES_M[kind])
    ground = YELLOW if kind is PlateKind.SINDH else WHITE
    return np.full((height, width, 3), ground, np.uint8)


@lru_cache(maxsize=256)
def draw_plate(plate: Plate) -> Image:
    """Return the plate as a BGR image at PIXELS_PER_M."""
    image = blank_plate(plate.kind)
    height, width = image.shape[:2]
    if plate.kind is PlateKind.SINDH:
        _line(image, plate.text, 0.16, 0.68)
    elif plate.kind is PlateKind.SINDH_AJRAK:
        _ajrak(image, round(height * 0.15))
        _line(image, plate.text, 0.27, 0.60)
    elif plate.kind is PlateKind.SINDH_CYCLE:
        head, _, number = plate.text.partition("-")
        _ajrak(image, round(height * 0.1))
        _line(image, head, 0.19, 0.30)
        _line(image, number, 0.60, 0.30)
    else:
        head, _, number = plate.text.partition(" ")
        _line(image, head, 0.09, 0.29)
        _line(image, number, 0.48, 0.29)
        image[round(height * 0.81) :] = GREEN
        _line(image, "PUNJAB", 0.85, 0.11, WHITE)
    edge = max(2, round(height * 0.025))
    cv2.rectangle(image, (0, 0), (width - 1, height - 1), BLACK, edge)
    return image


def _line(
    image: Image, text: str, top: float, high: float, ink: tuple[int, int, int] = BLACK
) -> None:
    """Write a line in the middle; ``top`` and ``high`` are shares of the plate's height."""
    height, width = image.shape[:2]
    size = round(height * high)
    room = width * 0.90
    if text_width(text, size) > room:
        size = int(size * room / text_width(text, size))
    left = (width - text_width(text, size)) / 2
    write(image, text, (left, height * (top + high / 2) - size / 2), size, ink)


def _ajrak(image: Image, band: int) -> None:
    """Print a band along the top in the manner of ajrak: madder, indigo, white rosettes."""
    width = image.shape[1]
    image[:band] = MADDER
    step = max(6, round(band * 1.2))
    middle = band // 2
    for index, x in enumerate(range(step // 2, width, step)):
        ground = INDIGO if index % 2 == 0 else MADDER
        image[:band, max(0, x - step // 2) : x + step // 2] = ground
        cv2.circle(image, (x, middle), max(2, round(band * 0.32)), WHITE, 1, cv2.LINE_AA)
        cv2.circle(image, (x, middle), max(1, round(band * 0.12)), WHITE, -1, cv2.LINE_AA)
    image[band : band + max(1, band // 10)] = BLACK
