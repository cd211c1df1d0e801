from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from amaan.plates.known import KnownPlates

plates = st.lists(st.text("AB01", min_size=1, max_size=14))


@given(plates, plates)
def test_what_was_never_learnt_is_never_taken_as_known(learnt: list[str], asked: list[str]) -> None:
    known = KnownPlates(slots=16)
    known.learn(learnt)
    unknown = known.unknown(asked)
    assert set(asked) - set(learnt) <= set(unknown)
    assert unknown == sorted(set(unknown))


def test_leading_zeros_tell_plates_apart() -> None:
    known = KnownPlates(slots=1)
    known.learn(["0AB"])
    assert known.unknown(["0AB", "AB", "00AB"]) == ["00AB", "AB"]
