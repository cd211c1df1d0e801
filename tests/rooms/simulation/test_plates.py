from __future__ import annotations

from random import Random

import numpy as np
import pytest

from amaan.plates.rules import plate_of
from amaan.simulation.street.plates import Plate, PlateKind, blank_plate, draw_plate, random_plate


@pytest.mark.parametrize("kind", PlateKind)
def test_plates_are_the_same_for_a_seed_and_fit_the_alphabet(kind: PlateKind) -> None:
    plates = [random_plate(Random(7), kind=kind) for _ in range(2)]
    assert plates[0] == plates[1]
    assert plate_of(plates[0].expected) == plates[0].expected


@pytest.mark.parametrize("kind", PlateKind)
def test_drawing_has_the_plate_s_shape_and_shows_its_text(kind: PlateKind) -> None:
    plate = random_plate(Random(1), kind=kind)
    image = draw_plate(plate)
    wide, high = plate.size_m
    assert image.shape[1] / image.shape[0] == pytest.approx(wide / high, rel=0.02)
    assert (image != blank_plate(kind)).mean() > 0.1
    other = draw_plate(Plate(plate.text[::-1], kind))
    assert not np.array_equal(image, other)


def test_year_and_province_are_not_part_of_what_is_expected() -> None:
    assert Plate("LEH-07 5789", PlateKind.PUNJAB).expected == "LEH5789"
    assert Plate("BGC-771", PlateKind.SINDH).expected == "BGC771"
