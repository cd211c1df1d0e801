"""The vote of many frames."""

from __future__ import annotations

from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from amaan.vision.consensus import Reading, agree, edit_distance

PLATES = st.text("ABCDEFGHJKLMNPRSTUVWXYZ0123456789", min_size=3, max_size=8)


def reading(text: str, weight: float = 1.0, posterior: float = 0.9) -> Reading:
    return Reading(text, (posterior,) * len(text), weight)


def test_two_agreeing_frames_outvote_a_third() -> None:
    vote = agree([reading("BGC771"), reading("BGC777"), reading("BGC771")])
    assert vote.text == "BGC771"
    assert vote.agreeing == 3  # within one character
    assert vote.frames == 3


def test_consensus_can_be_a_text_that_no_frame_read_whole() -> None:
    readings = [reading("8GC771"), reading("BGC171"), reading("BGC77I"), reading("BGC771"[:5])]
    assert agree(readings).text == "BGC771"


def test_lost_and_added_characters_are_voted_out() -> None:
    assert agree([reading("LEH5789"), reading("LE5789"), reading("LEH5789")]).text == "LEH5789"
    assert agree([reading("LEH5789"), reading("LEEH5789"), reading("LEH5789")]).text == "LEH5789"


def test_one_sharp_frame_does_not_overrule_three() -> None:
    readings = [reading("AFR420", 0.5), reading("AFR420", 0.5), reading("AFR420", 0.5)]
    assert agree([*readings, reading("AFR428", 1.0)]).text == "AFR420"


def test_doubt_lowers_confidence() -> None:
    sure = agree([reading("AFR420")] * 3).confidence
    doubtful = agree([reading("AFR420"), reading("AFR420"), reading("AFR428")]).confidence
    assert doubtful < sure


@given(st.lists(PLATES, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_order_of_frames_does_not_matter(texts: list[str], random: Random) -> None:
    readings = [reading(text) for text in texts]
    shuffled = random.sample(readings, len(readings))
    assert agree(readings).text == agree(shuffled).text


@given(PLATES, st.data())
def test_characters_that_most_frames_got_right_stay_right(plate: str, data: st.DataObject) -> None:
    """Frames that each misread one place, no two the same: the vote is right everywhere."""
    places = data.draw(st.permutations(range(len(plate))))
    misread = [plate[:at] + "#" + plate[at + 1 :] for at in places[:3]]
    vote = agree([reading(text) for text in misread])
    assert vote.text == plate
    assert vote.agreeing == len(misread)


@given(st.lists(PLATES, min_size=1, max_size=6))
def test_vote_is_as_long_as_its_confidences_and_they_are_shares(texts: list[str]) -> None:
    vote = agree([reading(text) for text in texts])
    assert len(vote.text) == len(vote.characters)
    assert all(0 <= value <= 1 for value in vote.characters)


@given(PLATES, st.lists(PLATES, max_size=4))
def test_a_text_that_most_frames_read_wins(plate: str, others: list[str]) -> None:
    readings = [reading(plate)] * (2 * len(others) + 1) + [reading(text) for text in others]
    assert agree(readings).text == plate


@given(PLATES, PLATES)
def test_edit_distance_is_symmetric_and_bounded(a: str, b: str) -> None:
    assert edit_distance(a, b) == edit_distance(b, a) <= max(len(a), len(b))
    assert (edit_distance(a, b) == 0) == (a == b)
    assert edit_distance(a, b) >= sum((Counter(a) - Counter(b)).values()) - max(
        0, len(a) - len(b)
    ) - len(b) * (a == b)
