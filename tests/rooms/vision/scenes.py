"""A stand-in street: plates that move as told, so that tracking is tested apart from reading."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np

from amaan.video.model import Frame, Image
from amaan.vision.model import Box, PlateBox, PlateText, Sighting

ACROSS, DOWN = 4, 2  # pixels that one step of the position channels stands for
BEGIN = datetime(2026, 11, 22, 6, tzinfo=UTC)


@dataclass
class Vehicle:
    """A plate on a path. ``misread`` gives what the reader says in the n-th frame it is seen."""

    plate: str
    path: Callable[[float], Box | None]
    misread: dict[int, str] = field(default_factory=dict)
    confidence: float = 0.95
    seen: int = 0


class StreetReader:
    """Answers with the plates that are in the part it is shown; pixels tell which part that is."""

    def __init__(self, vehicles: Sequence[Vehicle]) -> None:
        self.vehicles = vehicles
        self.at_s = 0.0
        self.looks = 0

    def find(self, image: Image) -> Sequence[Sighting]:
        self.looks += 1
        left, top = int(image[0, 0, 1]) * ACROSS, int(image[0, 0, 2]) * DOWN
        found = []
        for vehicle in self.vehicles:
            box = vehicle.path(self.at_s)
            if box is None or not _inside(box, left, top, image):
                continue
            text = vehicle.misread.get(vehicle.seen, vehicle.plate)
            vehicle.seen += 1
            characters = (vehicle.confidence,) * len(text)
            answer = PlateText(text, text, vehicle.confidence, characters)
            here = Box(box.x - left, box.y - top, box.w, box.h)
            found.append(Sighting(PlateBox(here, vehicle.confidence), answer))
        return found

    def find_in_still(self, image: Image) -> Sequence[Sighting]:
        return self.find(image)

    def detect(self, image: Image) -> Sequence[PlateBox]:
        return [sighting.plate for sighting in self.find(image)]

    def read(self, crops: Sequence[Image]) -> Sequence[PlateText | None]:
        return [None for _ in crops]


def _inside(box: Box, left: int, top: int, image: Image) -> bool:
    x, y = box.x + box.w / 2 - left, box.y + box.h / 2 - top
    return bool(0 <= x < image.shape[1] and 0 <= y < image.shape[0])


def frames(seconds: float, fps: float, width: int = 640, height: int = 360) -> list[Frame]:
    """Frames that differ everywhere, so that the motion gate opens to the whole picture."""
    made = []
    for number in range(int(seconds * fps)):
        image = np.empty((height, width, 3), np.uint8)
        image[:, :, 0] = 250 * (number % 2)
        image[:, :, 1] = np.arange(width)[None, :] // ACROSS
        image[:, :, 2] = np.arange(height)[:, None] // DOWN
        at = BEGIN + timedelta(seconds=number / fps)
        made.append(Frame(image, at, number / fps, number))
    return made


def approaching(start_s: float, seconds: float, x: int = 200) -> Callable[[float], Box | None]:
    """Down the picture, growing from 40 to 130 pixels wide."""

    def path(at_s: float) -> Box | None:
        share = (at_s - start_s) / seconds
        if not 0 <= share < 1:
            return None
        wide = round(40 + 90 * share)
        return Box(round(x - wide / 2), round(60 + 240 * share), wide, wide // 3)

    return path
