"""Spans are joined, cut and drawn; nothing that was missed disappears."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from amaan.video.index import rules
from amaan.video.index.drawing import EMPTY, Rows, draw
from amaan.video.index.model import CAUSES, Cause, Gap, Outage

S = 1_000
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_spans_join_over_small_holes_only() -> None:
    assert rules.add([(0, 10 * S)], [(10_500, 20 * S), (30 * S, 40 * S)]) == [
        (0, 20 * S),
        (30 * S, 40 * S),
    ]
    assert rules.add([(0, 10 * S)], [(5 * S, 5 * S)]) == [(0, 10 * S)]


def test_what_is_taken_leaves_what_stands_on_either_side() -> None:
    assert rules.take([(0, 100 * S)], [(20 * S, 30 * S)]) == [(0, 20 * S), (30 * S, 100 * S)]
    assert rules.take([(0, 10 * S)], [(0, 9_500)]) == []


def test_a_span_is_cut_at_each_midnight() -> None:
    days = list(rules.by_day(rules.DAY_MS - 5, 2 * rules.DAY_MS + 5))
    assert [span for _, span in days] == [
        (rules.DAY_MS - 5, rules.DAY_MS),
        (rules.DAY_MS, 2 * rules.DAY_MS),
        (2 * rules.DAY_MS, 2 * rules.DAY_MS + 5),
    ]


def rows(spans: list[rules.Pair], gaps: list[rules.Triple]) -> Rows:
    return Rows(rules.unpack(rules.pack(spans), 2), rules.unpack(rules.pack(gaps), 3))


def test_cameras_are_drawn_apart_and_in_order() -> None:
    one = rows([(0, 10 * S), (12 * S, 20 * S), (90 * S, 95 * S)], [])
    found = draw([one, EMPTY, one], 5 * S, 92 * S, 5 * S)
    wanted = [[5 * S, 20 * S], [90 * S, 92 * S]]
    assert [each.spans.tolist() for each in found] == [wanted, [], wanted]


def test_one_gap_a_pixel_with_the_cause_of_the_longest() -> None:
    link, power = CAUSES.index(Cause.LINK), CAUSES.index(Cause.POWER)
    gaps = [(1 * S, 2 * S, link), (3 * S, 8 * S, power), (25 * S, 60 * S, link)]
    (drawn,) = draw([rows([], gaps)], 0, 100 * S, 10 * S)
    assert drawn.gaps.tolist() == [[1 * S, 8 * S, power], [25 * S, 60 * S, link]]
    (exact,) = draw([rows([], gaps)], 0, 100 * S, 1)
    assert len(exact.gaps) == 3


def gap(start_s: int, end_s: int | None, cause: Cause) -> Gap:
    end = None if end_s is None else NOW + timedelta(seconds=end_s)
    return Gap(uuid4(), "A", "main", NOW + timedelta(seconds=start_s), end, cause, "")


def test_a_gap_is_of_power_where_most_of_it_was_dark() -> None:
    dark = [Outage(NOW, NOW + timedelta(minutes=10))]
    later = NOW + timedelta(hours=1)
    assert rules.cause_of(gap(0, 600, Cause.LINK), dark, later) is Cause.POWER
    assert rules.cause_of(gap(0, 3600, Cause.LINK), dark, later) is Cause.LINK
    assert rules.cause_of(gap(0, 600, Cause.DISK), dark, later) is Cause.DISK
    assert rules.cause_of(gap(0, None, Cause.CAMERA), [Outage(NOW, None)], later) is Cause.POWER
