"""From the recogniser's classes to a plate's characters."""

from __future__ import annotations

import numpy as np
import pytest

from amaan.vision.plates.ctc import ALPHABET, BLANK, OTHER, SEPARATOR, PlateAlphabet, decode

CLASSES = [*ALPHABET, "a", "Á", "А", "Ａ", "-", "·", " ", "中", "ﷲ"]


def scores(*steps: dict[str, float]) -> np.ndarray:
    """One row a step; a class not named has none, "" is the blank."""
    table = np.zeros((len(steps), len(CLASSES) + 1), np.float32)
    for row, step in zip(table, steps, strict=True):
        for char, share in step.items():
            row[CLASSES.index(char) + 1 if char else 0] = share
    return table


def test_what_looks_like_a_letter_counts_for_it() -> None:
    alike = {"A": 0.2, "a": 0.2, "Á": 0.2, "А": 0.2, "Ａ": 0.2}
    (folded,) = PlateAlphabet(CLASSES).fold(scores(alike))
    assert folded[ALPHABET.index("A")] == pytest.approx(1.0)


def test_letter_and_digit_of_one_shape_stay_apart() -> None:
    (folded,) = PlateAlphabet(CLASSES).fold(scores({"O": 0.7, "0": 0.3}))
    assert folded[ALPHABET.index("O")] == pytest.approx(0.7)
    assert folded[ALPHABET.index("0")] == pytest.approx(0.3)


def test_other_scripts_are_told_as_other_and_sums_are_kept() -> None:
    mixed = {"中": 0.5, "-": 0.2, "·": 0.1, "": 0.2}
    (folded,) = PlateAlphabet(CLASSES).fold(scores(mixed))
    assert folded[OTHER] == pytest.approx(0.5)
    assert folded[SEPARATOR] == pytest.approx(0.3)
    assert folded[BLANK] == pytest.approx(0.2)
    assert folded.sum() == pytest.approx(1.0)


def test_repeats_collapse_unless_a_blank_stands_between() -> None:
    alphabet = PlateAlphabet(CLASSES)
    steps = scores({"A": 1}, {"a": 1}, {"": 1}, {"A": 1}, {"-": 1}, {"0": 0.9, "": 0.1}, {"中": 1})
    glyphs = decode(alphabet.fold(steps))
    assert "".join(glyph.char for glyph in glyphs) == "AA-0#"
    zero = glyphs[3]
    assert zero.posterior == pytest.approx(0.9)
    assert zero.absence == pytest.approx(0.1, abs=1e-5)
    assert zero.chance("0") == pytest.approx(0.9)
    assert all(0 < glyph.at <= 1 for glyph in glyphs)


def test_padding_does_not_shift_places() -> None:
    steps = scores({"": 1}, {"A": 1}, {"": 1}, {"": 1})
    (glyph,) = decode(PlateAlphabet(CLASSES).fold(steps), width_share=0.5)
    assert glyph.at == pytest.approx(0.75)
