from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from tests.rooms.plates.deliveries import NOW

from amaan.plates import rules
from amaan.plates.hotlist import HotlistIndex, Listed
from amaan.plates.model import EntryKind
from amaan.plates.packing import EPOCH

ALPHABET = "ABO0Q18"
texts = st.text(ALPHABET + "?*", min_size=2, max_size=6).map(rules.pattern_of)
hours = st.integers(-3, 3)


def us(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)


@st.composite
def listings(draw: st.DrawFn) -> list[Listed]:
    listed = []
    for number in range(draw(st.integers(0, 12))):
        text = draw(texts)
        begin = draw(hours)
        length = draw(st.none() | st.integers(1, 3))
        listed.append(
            Listed(
                number * draw(st.integers(1, 3)) + number,
                UUID(int=number + 1).bytes,
                text,
                EntryKind.PATTERN if "?" in text or "*" in text else EntryKind.PLATE,
                us(NOW + timedelta(hours=begin)),
                None if length is None else us(NOW + timedelta(hours=begin + length)),
            )
        )
    by_number = {entry.number: entry for entry in listed}
    return list(by_number.values())


def matches_by_hand(entry: Listed, plate: str) -> bool:
    until = entry.valid_until_us
    valid = entry.valid_from_us <= us(NOW) and (until is None or until > us(NOW))
    if entry.kind == EntryKind.PATTERN:
        return valid and rules.pattern_expression(entry.plate).fullmatch(plate) is not None
    return valid and rules.compare(entry.plate, plate, uncertain=False) is not None


@given(listings(), st.text(ALPHABET, min_size=1, max_size=6))
def test_index_finds_what_comparing_with_every_entry_finds(
    listed: list[Listed], plate: str
) -> None:
    index = HotlistIndex()
    for entry in listed:
        index.put(entry)
    expected = {UUID(bytes=entry.id) for entry in listed if matches_by_hand(entry, plate)}
    found = index.match(plate, NOW)
    assert {entry_id for entry_id, _ in found} == expected
    assert len(found) == len(expected)
    assert len(index) == len(listed)


def test_validity_is_judged_at_the_moment_of_matching() -> None:
    index = HotlistIndex()
    until = NOW + timedelta(minutes=1)
    index.put(Listed(7, bytes(16), "BGC771", EntryKind.PLATE, us(NOW), us(until)))
    assert index.match("BGC771", until - timedelta(microseconds=1))
    assert not index.match("BGC771", until)
    index.put(Listed(7, bytes(16), "BGC771", EntryKind.PLATE, us(NOW), None))
    assert index.match("BGC771", until)
    assert len(index) == 1


def test_exact_comes_before_near_and_cheap_before_dear() -> None:
    index = HotlistIndex()
    for number, plate in enumerate(("Q123", "0123", "O123", "D123")):
        index.put(Listed(number, bytes(16), plate, EntryKind.PLATE, us(NOW), None))
    costs = [comparison.cost for _, comparison in index.match("0123", NOW)]
    assert costs == sorted(costs)
    assert costs[0] == 0
