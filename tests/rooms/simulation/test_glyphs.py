from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from amaan.simulation.street.glyphs import STROKES, glyph, text_width, write

PLATE_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def test_every_character_of_a_plate_can_be_drawn() -> None:
    assert set(PLATE_CHARACTERS) <= set(STROKES)
    for character in PLATE_CHARACTERS:
        assert glyph(character, 24).max() > 200


def test_no_two_characters_look_alike_but_o_and_zero() -> None:
    for a, b in combinations(PLATE_CHARACTERS, 2):
        difference = np.abs(glyph(a, 32).astype(int) - glyph(b, 32).astype(int)).mean()
        assert (difference < 4) == ({a, b} == {"O", "0"}), (a, b)


def test_text_is_written_as_wide_as_announced() -> None:
    image = np.full((80, 400, 3), 255, np.uint8)
    write(image, "BGC-771", (20, 20), 40, (0, 0, 0))
    columns = np.flatnonzero((image < 128).any(axis=(0, 2)))
    assert columns[-1] - columns[0] == pytest.approx(text_width("BGC-771", 40), abs=8)


def test_writing_over_the_edge_is_cut_off() -> None:
    image = np.full((30, 30, 3), 255, np.uint8)
    write(image, "W", (20, -10), 40, (0, 0, 0))
    assert (image < 128).any()
