from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from amaan.plates import ledger
from amaan.plates.ledger import DIGEST, Verdict

numbers = st.integers(1, 1 << 62)
received = st.dictionaries(numbers, st.binary(min_size=DIGEST, max_size=DIGEST), max_size=60)


@given(received)
def test_parts_read_back_to_what_was_received(given_received: dict[int, bytes]) -> None:
    parts = ledger.parts(given_received)
    assert ledger.received_of(parts) == given_received
    assert sorted(part.block for part in parts) == ledger.blocks_of(given_received)


@given(st.lists(st.integers(1, 60)))
def test_spans_hold_exactly_the_numbers_and_never_touch(seqs: list[int]) -> None:
    spans = ledger.spans(seqs)
    assert {n for first, last in spans for n in range(first, last + 1)} == set(seqs)
    for (_, last), (first, _) in pairwise(spans):
        assert first > last + 1


def test_number_is_new_then_duplicate_or_conflict() -> None:
    known = {5: b"a" * DIGEST}
    assert ledger.judge(known, 6, b"a" * DIGEST) is Verdict.NEW
    assert ledger.judge(known, 5, b"a" * DIGEST) is Verdict.DUPLICATE
    assert ledger.judge(known, 5, b"b" * DIGEST) is Verdict.CONFLICT
