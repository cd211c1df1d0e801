from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amaan.video.timeline import FileTimeline, LiveTimeline, StampMender

NOW = 1_800_000_000.0


def test_even_stamps_pass_unchanged() -> None:
    mender = StampMender(live=True)
    stamps = [mender.mend(i * 0.04, i * 0.04, NOW + i * 0.04) for i in range(50)]
    for index, stamp in enumerate(stamps):
        assert stamp == pytest.approx((index * 0.04, index * 0.04))


def test_wild_first_stamp_does_not_move_the_ones_after_it() -> None:
    mender = StampMender(live=True)
    mender.mend(95443.7, 95443.7, NOW)
    second = mender.mend(0.04, 0.04, NOW + 0.04)
    third = mender.mend(0.08, 0.08, NOW + 0.08)
    assert second[1] == pytest.approx(95443.74, abs=0.001)
    assert third[1] - second[1] == pytest.approx(0.04)


def test_stamp_that_leaps_ahead_in_a_live_stream_is_brought_back() -> None:
    mender = StampMender(live=True)
    mender.mend(1.0, 1.0, NOW)
    leapt = mender.mend(90_000.0, 90_000.0, NOW + 0.04)
    after = mender.mend(90_000.04, 90_000.04, NOW + 0.08)
    assert leapt[1] == pytest.approx(1.04)
    assert after[1] == pytest.approx(1.08)


def test_long_pause_in_a_file_is_kept() -> None:
    mender = StampMender(live=False)
    mender.mend(0.0, 0.0, NOW)
    assert mender.mend(60.0, 60.0, NOW)[1] == 60.0


def test_missing_decoding_stamps_are_filled_in() -> None:
    mender = StampMender(live=True)
    stamps = [mender.mend(i * 0.1, None, NOW + i * 0.1) for i in range(20)]
    assert [pts for pts, _ in stamps] == pytest.approx([i * 0.1 for i in range(20)])
    assert all(a[1] < b[1] for a, b in pairwise(stamps))


def test_packets_without_any_stamp_are_placed_by_arrival() -> None:
    mender = StampMender(live=True)
    stamps = [mender.mend(None, None, NOW + i * 0.1) for i in range(5)]
    assert stamps[4][1] == pytest.approx(0.4)


def test_reordered_pictures_keep_their_presentation_times() -> None:
    mender = StampMender(live=False)
    coded = [(0.2, 0.0), (0.5, 0.1), (0.3, 0.2), (0.4, 0.3)]
    for pts, dts in coded:
        assert mender.mend(pts, dts, NOW) == pytest.approx((pts, dts))


@given(
    st.lists(
        st.tuples(
            st.none() | st.floats(-1e6, 1e6), st.none() | st.floats(-1e6, 1e6), st.floats(0, 20)
        ),
        max_size=60,
    ),
    st.booleans(),
)
def test_whatever_arrives_the_decoding_stamp_grows(
    raw: list[tuple[float | None, float | None, float]], live: bool
) -> None:
    mender = StampMender(live=live)
    arrived, last = NOW, None
    for pts, dts, wait in raw:
        arrived += wait
        shown, decoded = mender.mend(pts, dts, arrived)
        assert shown >= decoded
        assert last is None or decoded > last
        last = decoded


def test_live_picture_stands_at_the_least_delay_seen() -> None:
    timeline = LiveTimeline()
    for index in range(100):
        jitter = 0.3 if index % 3 else 0.0
        offset = timeline.offset_s(index * 0.1, NOW + index * 0.1 + jitter)
    assert offset == pytest.approx(NOW, abs=0.02)


def test_burst_at_connect_settles_on_its_newest_picture() -> None:
    timeline = LiveTimeline()
    for index in range(50):
        offset = timeline.offset_s(index * 0.04, NOW)
    assert offset + 49 * 0.04 == pytest.approx(NOW)


def test_jitter_never_moves_time_by_leaps() -> None:
    timeline = LiveTimeline()
    offsets = [
        timeline.offset_s(i * 0.1, NOW + i * 0.1 + (0.9 if i % 7 == 3 else 0.01))
        for i in range(600)
    ]
    assert max(abs(a - b) for a, b in pairwise(offsets)) < 0.02


def test_slow_camera_clock_is_followed() -> None:
    timeline = LiveTimeline()
    for index in range(36_000):  # an hour at 200 parts in a million slow
        offset = timeline.offset_s(index * 0.1 * 0.9998, NOW + index * 0.1)
    assert offset + 35_999 * 0.1 * 0.9998 == pytest.approx(NOW + 3599.9, abs=0.1)


def test_network_stall_with_a_backlog_keeps_the_pictures_own_times() -> None:
    timeline = LiveTimeline()
    for index in range(20):
        timeline.offset_s(index * 0.1, NOW + index * 0.1)
    late = timeline.offset_s(2.0, NOW + 8.0)
    assert late == pytest.approx(NOW, abs=0.01)


def test_camera_that_paused_its_clock_is_set_right_within_half_a_minute() -> None:
    timeline = LiveTimeline()
    for index in range(20):
        timeline.offset_s(index * 0.1, NOW + index * 0.1)
    for index in range(20, 320):
        offset = timeline.offset_s(index * 0.1, NOW + 60 + index * 0.1)
    assert offset == pytest.approx(NOW + 60, abs=0.05)


def test_new_connection_counts_from_its_own_zero() -> None:
    timeline = LiveTimeline()
    timeline.offset_s(500.0, NOW)
    timeline.rebase()
    assert timeline.offset_s(0.0, NOW + 30) == NOW + 30


def test_file_begins_when_its_first_picture_arrives() -> None:
    timeline = FileTimeline()
    assert timeline.offset_s(3.0, NOW) + 3.0 == NOW
    assert timeline.offset_s(9.0, NOW + 60) + 9.0 == NOW + 6


def test_new_pass_over_a_file_begins_anew() -> None:
    timeline = FileTimeline()
    timeline.offset_s(3.0, NOW)
    timeline.rebase()
    assert timeline.offset_s(3.0, NOW + 60) + 3.0 == NOW + 60


def test_one_stamp_for_ever_is_passed_over_for_the_arrival() -> None:
    mender = StampMender(live=True)
    mended = [mender.mend(5.0, 5.0, 1000 + 0.04 * number)[1] for number in range(100)]
    assert mended[-1] - mended[0] == pytest.approx(99 * 0.04)
    assert mender.mend(9.0, 9.0, 1004.0)[1] == pytest.approx(9.0)
