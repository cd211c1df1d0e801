from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from amaan.trust.authority.scope import PlateScope, pattern_covers

texts = st.text("AB1?*", min_size=1, max_size=6)
plates = st.text("AB1", min_size=1, max_size=6)


def matches(pattern: str, plate: str) -> bool:
    parts = {"?": "[AB1]", "*": "[AB1]*"}
    return re.fullmatch("".join(parts.get(c, c) for c in pattern), plate) is not None


@given(texts, texts, st.lists(plates, min_size=1, max_size=30))
@example("A*", "A?", ["AB"])
@example("A?", "A*", ["ABB"])
def test_covering_pattern_matches_all_that_the_covered_one_does(
    scope: str, asked: str, drive_by: list[str]
) -> None:
    if pattern_covers(scope, asked):
        assert all(matches(scope, plate) for plate in drive_by if matches(asked, plate))


@given(texts, plates)
def test_pattern_covers_just_the_plates_that_it_matches(scope: str, plate: str) -> None:
    assert pattern_covers(scope, plate) == matches(scope, plate)


@given(texts)
def test_every_pattern_covers_itself(pattern: str) -> None:
    assert pattern_covers(pattern, pattern)


@given(st.lists(texts, max_size=6), texts)
def test_list_covers_what_one_of_it_covers(scope: list[str], asked: str) -> None:
    one_by_one = any(pattern_covers(each, asked) for each in scope)
    assert PlateScope(scope).covers(asked) == one_by_one


def test_no_plates_named_is_every_plate_and_an_empty_list_none() -> None:
    assert PlateScope(None).covers("*")
    assert not PlateScope(()).covers("A1")
