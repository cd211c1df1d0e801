from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amaan.plates import confusion, rules
from amaan.plates.model import (
    Category,
    EntryDraft,
    EntryError,
    EntryKind,
    MatchKind,
    PlateError,
    Severity,
)

ALPHABET = "ABCDGIOQSZ0123568"
plates = st.text(ALPHABET, min_size=1, max_size=8)
patterns = st.text(ALPHABET + "?*", min_size=1, max_size=8).map(rules.pattern_of)
NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)


def like_matches(like: str, text: str) -> bool:
    """What PostgreSQL's LIKE does, spelt out without regular expressions."""
    if not like:
        return not text
    if like[0] == "%":
        return any(like_matches(like[1:], text[n:]) for n in range(len(text) + 1))
    return bool(text) and like[0] in ("_", text[0]) and like_matches(like[1:], text[1:])


@pytest.mark.parametrize(
    ("written", "plate"),
    [
        ("bgc-771", "BGC771"),
        (" LEH 07\t5789 ", "LEH075789"),
        ("ABH·041", "ABH041"),
        ("ＡＢ１", "AB1"),
    ],
)
def test_plate_is_normalised(written: str, plate: str) -> None:
    assert rules.plate_of(written) == plate


@pytest.mark.parametrize("written", ["", "  - ", "کراچی", "AB'; DROP", "A" * 17, "BGC?71", "Ä1"])
def test_what_is_no_plate_is_refused(written: str) -> None:
    with pytest.raises(PlateError):
        rules.plate_of(written)


@pytest.mark.parametrize("written", ["*", "A*", "???", "*?7", "A(B"])
def test_pattern_too_wide_for_a_hot_list_is_refused(written: str) -> None:
    with pytest.raises(PlateError):
        rules.entry_text(written + "?")


def test_pattern_entry_is_told_from_plate_entry() -> None:
    assert rules.entry_text("ab**7?") == ("AB*7?", EntryKind.PATTERN)
    assert rules.entry_text("ab-7") == ("AB7", EntryKind.PLATE)


@given(patterns, plates)
def test_pattern_means_the_same_to_matcher_and_database(pattern: str, plate: str) -> None:
    by_expression = rules.pattern_expression(pattern).fullmatch(plate) is not None
    assert by_expression == like_matches(rules.like(pattern), plate)


@given(patterns, plates)
def test_literal_ends_are_had_by_every_match(pattern: str, plate: str) -> None:
    if rules.pattern_expression(pattern).fullmatch(plate):
        head, tail = rules.literal_ends(pattern)
        assert plate.startswith(head)
        assert plate.endswith(tail)


@given(plates, plates)
def test_near_is_exactly_one_confusable_character(entry: str, read: str) -> None:
    comparison = rules.compare(entry, read, uncertain=False)
    differing = (
        [pair for pair in zip(entry, read, strict=True) if pair[0] != pair[1]]
        if len(entry) == len(read)
        else None
    )
    if entry == read:
        assert comparison is not None
        assert (comparison.kind, comparison.verify) == (MatchKind.EXACT, False)
    elif differing is not None and len(differing) == 1 and differing[0] in confusion.LIKELIHOOD:
        assert comparison is not None
        assert (comparison.kind, comparison.verify) == (MatchKind.NEAR, True)
        assert 0 < comparison.cost < 1
        (difference,) = comparison.differences
        assert entry[difference.position] == difference.entry
        assert read[difference.position] == difference.read
    else:
        assert comparison is None


@given(plates)
def test_near_plates_are_all_that_compare_as_near(plate: str) -> None:
    found = rules.near_plates(plate)
    assert len(found) == len(set(found))
    for other in found:
        comparison = rules.compare(other, plate, uncertain=False)
        assert comparison is not None
        assert comparison.kind is MatchKind.NEAR
        assert confusion.skeleton(other) == confusion.skeleton(plate)


def test_every_confusable_pair_shares_a_skeleton_and_has_its_converse() -> None:
    for true, read in confusion.LIKELIHOOD:
        assert confusion.skeleton(true) == confusion.skeleton(read)
        assert (read, true) in confusion.LIKELIHOOD


def test_uncertain_read_matches_only_to_be_verified() -> None:
    comparison = rules.compare("BGC771", "BGC771", uncertain=True)
    assert comparison is not None
    assert comparison.verify


@pytest.mark.parametrize(
    ("observed_at", "offset_s", "suspect"),
    [
        (NOW, 0, False),
        (NOW - timedelta(days=3), 0, False),
        (NOW + timedelta(minutes=4), 0, False),
        (NOW + timedelta(minutes=6), 0, True),
        (NOW + timedelta(days=1), -86_400, False),
        (datetime(2014, 12, 31, tzinfo=UTC), 0, True),
        (datetime(1970, 1, 1, tzinfo=UTC), 1_772_445_600, True),
    ],
)
def test_absurd_clock_is_suspect_and_a_known_offset_is_allowed_for(
    observed_at: datetime, offset_s: int, suspect: bool
) -> None:
    earliest, latest = rules.plausible_times(timedelta(seconds=offset_s), NOW)
    assert (not earliest <= observed_at <= latest) is suspect


def test_clock_of_another_age_shows_no_plausible_time() -> None:
    earliest, latest = rules.plausible_times(-timedelta(days=3_000_000), NOW)
    assert earliest == latest


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("reason", " "),
        ("reason", "x" * 501),
        ("instructions", "bell\a"),
        ("valid_until", NOW),
    ],
)
def test_senseless_entry_is_refused_naming_the_field(field: str, value: Any) -> None:
    draft = EntryDraft(
        "A1", EntryKind.PLATE, "r", Category.OTHER, Severity.LOW, "", "", NOW, None, UUID(int=1)
    )
    rules.check_draft(draft)
    with pytest.raises(EntryError) as caught:
        rules.check_draft(replace(draft, **{field: value}))
    assert caught.value.context["field"] == field


def test_free_text_is_searched_literally() -> None:
    assert rules.search_like(r" 50%_\ ") == r"%50\%\_\\%"
    assert re.fullmatch("%.*%", rules.search_like("x"))


@pytest.mark.parametrize(
    ("text", "pattern"),
    [("abc-123", "%ABC123%"), ("A?C *3", "%A_C%3%"), ("5%", r"%5\%%"), (" - ", None)],
)
def test_free_text_finds_plates_as_they_are_kept(text: str, pattern: str | None) -> None:
    assert rules.plate_like(text) == pattern
