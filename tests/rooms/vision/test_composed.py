"""A detector and an OCR of different makes behind one seam."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from amaan.video.model import Image
from amaan.vision.model import Box, PlateBox, PlateText
from amaan.vision.plates.composed import ComposedReader


class Finds:
    """Answers with the boxes it was given."""

    def __init__(self, *boxes: Box) -> None:
        self.boxes = boxes

    def detect(self, image: Image) -> Sequence[PlateBox]:
        return [PlateBox(box, 0.9) for box in self.boxes]


class ReadsBrightness:
    """A stand-in OCR: a crop's text is its brightness; dark ones are no plate."""

    def read(self, crops: Sequence[Image]) -> Sequence[PlateText | None]:
        return [
            PlateText(f"AB{level}", f"AB-{level}", 0.9, (0.9,) * 5) if level >= 100 else None
            for level in (int(crop.mean()) if crop.size else 0 for crop in crops)
        ]


def street() -> Image:
    image = np.zeros((100, 200, 3), np.uint8)
    image[10:30, 20:80] = 123
    image[50:70, 150:200] = 231
    return image


def test_each_box_is_read_and_what_is_no_plate_left_out() -> None:
    reader = ComposedReader(
        Finds(Box(20, 10, 60, 20), Box(0, 80, 40, 10), Box(150, 50, 50, 20)), ReadsBrightness()
    )
    found = reader.find(street())
    assert [sighting.text.text for sighting in found] == ["AB123", "AB231"]
    assert [sighting.plate.box.x for sighting in found] == [20, 150]


def test_boxes_that_leave_the_picture_are_cut_at_its_edge() -> None:
    reader = ComposedReader(
        Finds(Box(150, 50, 90, 20), Box(-30, -30, 10, 10), Box(500, 500, 9, 9)), ReadsBrightness()
    )
    assert [sighting.text.text for sighting in reader.find(street())] == ["AB231"]


def test_photographs_may_have_a_finer_detector() -> None:
    fine = Finds(Box(20, 10, 60, 20))
    reader = ComposedReader(Finds(), ReadsBrightness(), fine)
    assert reader.find(street()) == []
    assert [sighting.text.text for sighting in reader.find_in_still(street())] == ["AB123"]
