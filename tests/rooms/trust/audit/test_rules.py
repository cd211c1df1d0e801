"""What the bytes of an entry are, and what follows from them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amaan.kernel.events import JsonValue
from amaan.trust.audit import rules
from amaan.trust.audit.model import Outcome, Record

NOW = datetime(2026, 3, 4, 5, 6, 7, 89, tzinfo=UTC)
AUTHORITY = UUID(int=7)

texts = st.text(st.characters(codec=None), max_size=30)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def test_leaf_is_canonical_json() -> None:
    record = Record(
        "search_reads",
        "account:1",
        Outcome.ALLOWED,
        permission="plates.search",
        username="امان",
        status=200,
        authority=AUTHORITY,
        details={"plate": "ABC-12", "count": 3},
    )
    assert rules.leaf_of(record, NOW).decode() == (
        '{"action":"search_reads","actor":"account:1","at":"2026-03-04T05:06:07.000089Z",'
        '"authority":"00000000-0000-0000-0000-000000000007",'
        '"details":{"count":3,"plate":"ABC-12"},"outcome":"allowed",'
        '"permission":"plates.search","status":200,"username":"امان"}'
    )


def test_moment_of_the_record_is_kept_in_utc() -> None:
    at = datetime(2026, 3, 4, 10, 0, tzinfo=timezone(timedelta(hours=5)))
    leaf = rules.leaf_of(Record("a", "b", at=at), NOW)
    assert rules.record_of(leaf).at == datetime(2026, 3, 4, 5, 0, tzinfo=UTC)


@given(st.dictionaries(texts, values, max_size=4), texts, texts)
def test_anything_becomes_a_leaf_that_reads_back_to_the_same(
    details: dict[str, object], action: str, path: str
) -> None:
    given = rules.clean(details)
    assert isinstance(given, dict)
    record = Record(action, "b", path=path, details=given)
    leaf = rules.leaf_of(record, NOW)
    json.loads(leaf)
    assert "\\u0000" not in leaf.decode()
    again = rules.record_of(leaf)
    assert rules.leaf_of(again, NOW) == leaf


@pytest.mark.parametrize("leaf", [b"", b"[]", b"{}", b'{"at":"x"}', b'{"at":1,"outcome":"begun"}'])
def test_other_bytes_are_no_leaf(leaf: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        rules.record_of(leaf)


def test_size_of_an_entry_is_bounded() -> None:
    details: dict[str, JsonValue] = {
        "a": "x" * 100_000,
        "b": list(range(100_000)),
        "c": {str(n): n for n in range(9_000)},
    }
    leaf = rules.leaf_of(Record("a", "b", path="/" * 100_000, details=details), NOW)
    assert len(leaf) < 100_000
    assert "…" in leaf.decode()


def test_nesting_is_bounded() -> None:
    deep: list[object] = []
    for _ in range(500):
        deep = [deep]
    assert rules.clean(deep) == [[[[[["…"]]]]]]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        *((200, "allowed"), (304, "allowed"), (401, "denied"), (403, "denied"), (404, "denied")),
        *((429, "denied"), (409, "failed"), (422, "failed"), (500, "failed"), (503, "failed")),
    ],
)
def test_status_says_the_outcome(status: int, outcome: str) -> None:
    assert rules.outcome_of(status) == outcome


@pytest.mark.parametrize(
    ("named", "plates"),
    [
        ("bgc-771", ("BGC771",)),
        (["BGC 771", "BGC-771", "a?1*"], ("BGC771", "A?1*")),
        ('x","y', ("XY",)),
        (None, ()),
        (7, ()),
        (["", 7, "{}"], ()),
    ],
)
def test_plates_are_found_in_the_details(named: object, plates: tuple[str, ...]) -> None:
    assert rules.plates_of({"plate": rules.clean(named)}) == plates
