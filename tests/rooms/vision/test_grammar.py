"""Words, years and layouts."""

from __future__ import annotations

import numpy as np
import pytest

from amaan.vision.plates.ctc import ALPHABET, Glyph
from amaan.vision.plates.grammar import (
    choose,
    could_be_plate,
    follows_layout,
    is_moment,
    is_word,
    normalise,
    without_year,
)


def glyphs(text: str, posterior: float = 0.95, **doubts: float) -> list[Glyph]:
    """Glyphs of a text; ``doubts`` give another character a share wherever it could stand."""
    made = []
    for place, char in enumerate(text):
        posteriors = np.full(36, 1e-5, np.float32)
        if char in ALPHABET:
            posteriors[ALPHABET.index(char)] = posterior
        for rival, share in doubts.items():
            if rival.lstrip("_") != char:
                posteriors[ALPHABET.index(rival.lstrip("_"))] = share
        made.append(Glyph(char, posterior, posteriors, (place + 0.5) / len(text)))
    return made


def text_of(seen: list[Glyph]) -> str:
    return "".join(glyph.char for glyph in seen)


@pytest.mark.parametrize("word", ["SINDH", "PUNJAB", "UNJAB", "SINDF", "ICT-ISLAMABAD", "KARACHI"])
def test_province_words_are_told_with_a_character_wrong(word: str) -> None:
    assert is_word(word)


@pytest.mark.parametrize("text", ["AFR-420", "GAS 1500", "SP123", "LEH", "KGF"])
def test_plates_and_their_rows_are_no_words(text: str) -> None:
    assert not is_word(text)


@pytest.mark.parametrize(
    ("rows", "identity"),
    [
        (["LEH-07", "5789"], "LEH5789"),
        (["LEH07", "5789"], "LEH5789"),
        (["LEB-17", "4201A"], "LEB4201A"),
        (["LEE-08", "45"], "LEE45"),
        (["LEB-N", "31"], "LEB31"),
        (["LEH-07-5789"], "LEH5789"),
        (["KGF", "1234"], "KGF1234"),
        (["LE", "2150"], "LE2150"),
        (["MH12", "AB3456"], "MH12AB3456"),
        (["BGC-771"], "BGC771"),
    ],
)
def test_year_is_left_out_and_nothing_else(rows: list[str], identity: str) -> None:
    assert text_of(without_year([glyphs(row) for row in rows])) == identity


@pytest.mark.parametrize(
    "text", ["2014-04-29", "08-03-31", "2014-05-02-06-40-17", "29-4-2014", "-2014-05-1"]
)
def test_dates_and_times_in_the_picture_are_told(text: str) -> None:
    assert is_moment(text)


@pytest.mark.parametrize("text", ["LEH-07-5789", "DE-01-23", "376-8750", "463-9520", "R-8501"])
def test_plates_are_no_dates(text: str) -> None:
    assert not is_moment(text)


def test_emblem_read_as_a_weak_character_is_left_out_where_a_layout_says_so() -> None:
    seen = glyphs("GRK376AF")
    seen[0] = Glyph("G", 0.22, seen[0].posteriors * 0.22, 0.1, absence=0.6)
    assert choose(seen, "generic").text == "RK376AF"
    assert choose(glyphs("GRK376AF"), "generic").text == "GRK376AF"


@pytest.mark.parametrize(
    ("seen", "plate"),
    [("RK3O0AG", "RK300AG"), ("4BO4979", "4B04979"), ("MH12ABI234", "MH12AB1234")],
)
def test_layouts_of_other_countries_settle_twins(seen: str, plate: str) -> None:
    assert choose(glyphs(seen, 0.6, _0=0.3, _1=0.3), "pakistan").text == plate


@pytest.mark.parametrize("plate", ["AFR420", "AUH9", "BF4360", "TD483C", "R8501", "KGF1234"])
def test_layouts_seen_in_pakistan_are_known(plate: str) -> None:
    assert follows_layout(plate, "pakistan")


def test_layout_settles_what_the_recogniser_could_not() -> None:
    assert choose(glyphs("AFR42O", 0.6, _0=0.35), "pakistan").text == "AFR420"
    assert choose(glyphs("BF436O", 0.6, _0=0.35), "pakistan").text == "BF4360"
    assert choose(glyphs("BF436O", 0.6, _0=0.35), "generic").text == "BF436O"


def test_layout_never_overrules_a_sure_recogniser() -> None:
    assert choose(glyphs("AFR42O", 0.999, _0=0.0005), "pakistan").text == "AFR42O"


def test_letters_o_and_u_stay_where_the_layout_allows_them() -> None:
    assert choose(glyphs("FOU123"), "pakistan").text == "FOU123"


@pytest.mark.parametrize("text", ["", "A1", "ABCDEFGHIJK1", "PARKING", "1111"])
def test_what_cannot_be_a_plate(text: str) -> None:
    assert not could_be_plate(text)


def test_normalising_keeps_letters_and_digits_only() -> None:
    assert normalise(" leh-07 · 5789 ") == "LEH075789"
