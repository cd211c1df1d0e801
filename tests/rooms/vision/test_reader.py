"""The reader on real plates. Bounds lie well below what docs/benchmarks.md records."""

from __future__ import annotations

import csv

import cv2
import numpy as np
import pytest
from tests.shared import shared_data

from amaan.video.model import Image
from amaan.vision.evaluation import intersection_over_union
from amaan.vision.model import Box
from amaan.vision.plates.factory import build_reader
from amaan.vision.ports import PlateReader


@pytest.fixture(scope="module")
def reader() -> PlateReader:
    return build_reader()


def picture(*parts: str) -> Image:
    image = cv2.imread(str(shared_data("plates", *parts)))
    assert image is not None
    return np.ascontiguousarray(image, np.uint8)


def test_real_pakistani_crops_are_mostly_read_exactly(reader: PlateReader) -> None:
    with shared_data("plates", "pakistan-crops", "labels.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))[::6]
    answers = reader.read([picture("pakistan-crops", row["file"]) for row in rows])
    exact = sum(a is not None and a.text == r["text"] for a, r in zip(answers, rows, strict=True))
    assert exact >= 0.8 * len(rows), f"{exact} of {len(rows)}"


def test_plate_in_a_whole_photograph_is_found_where_it_is(reader: PlateReader) -> None:
    (best, *_) = reader.find_in_still(picture("openalpr-eu", "images", "eu1.jpg"))
    assert best.text.text == "M5XSX"
    assert intersection_over_union(best.plate.box, Box(396, 340, 203, 46)) > 0.4


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (200, 3), (48, 160)])
def test_blank_crops_of_any_shape_are_no_plate(reader: PlateReader, shape: tuple[int, int]) -> None:
    assert reader.read([np.full((*shape, 3), 200, np.uint8)]) == [None]


def test_noise_is_no_plate(reader: PlateReader) -> None:
    noise = np.random.default_rng(7).integers(0, 255, (240, 320, 3), dtype=np.uint8)
    assert list(reader.find(noise)) == []
