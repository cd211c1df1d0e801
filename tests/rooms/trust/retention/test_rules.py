from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amaan.trust.retention import rules
from amaan.trust.retention.model import (
    HoldDraft,
    HoldError,
    HoldScope,
    RetentionClass,
    RetentionDaysError,
    Run,
)

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
READS = RetentionClass("reads", 30, 1, 90, "")
DRAFT = HoldDraft(
    uuid4(),
    "FIR 12/26",
    "the court asked",
    HoldScope(("BGC771",), None, NOW - timedelta(days=3), NOW),
    NOW + timedelta(days=180),
)


def run(started: datetime, *, ended: bool = True, failed: str | None = None) -> Run:
    at = started + timedelta(minutes=1) if ended else None
    return Run(uuid4(), started, at, "clock", failed)


@pytest.mark.parametrize("days", [0, 91, -1])
def test_days_outside_the_bounds_are_refused(days: int) -> None:
    with pytest.raises(RetentionDaysError):
        rules.check_days(READS, days, "why")


def test_days_need_a_reason() -> None:
    assert rules.check_days(READS, 90, "  a new\n order ") == "a new order"
    with pytest.raises(RetentionDaysError):
        rules.check_days(READS, 20, " \n ")


@pytest.mark.parametrize(
    ("last", "due"),
    [
        (None, True),
        (run(NOW - timedelta(hours=20)), True),  # before yesterday's hour
        (run(NOW - timedelta(hours=8)), False),  # after it
        (run(NOW - timedelta(hours=8), failed="reads"), True),
        (run(NOW - timedelta(minutes=20), failed="reads"), False),
        (run(NOW - timedelta(hours=2), ended=False), True),  # killed
        (run(NOW - timedelta(minutes=20), ended=False), False),  # at work, as far as is known
        (run(NOW - timedelta(days=40)), True),
    ],
)
def test_run_is_due_once_a_night_and_again_after_a_fault(last: Run | None, due: bool) -> None:
    assert rules.is_due(NOW, 21, last) is due


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)), st.integers(0, 23))
def test_the_hour_of_the_run_is_at_most_a_day_ago(at: datetime, hour: int) -> None:
    now = at.replace(tzinfo=UTC)
    since = rules.due_since(now, hour)
    assert timedelta(0) <= now - since < timedelta(days=1)
    assert since.hour == hour


def test_hold_as_it_should_be_is_taken() -> None:
    rules.check_draft(DRAFT, NOW)
    quarter = HoldScope(None, ("A-1",), NOW - timedelta(days=92), NOW)
    rules.check_draft(replace(DRAFT, scope=quarter), NOW)
    years = HoldScope(("BGC771",), None, NOW - timedelta(days=900), NOW)
    rules.check_draft(replace(DRAFT, scope=years), NOW)


@pytest.mark.parametrize(
    "bad",
    [
        replace(DRAFT, case_ref=" "),
        replace(DRAFT, review_at=NOW),
        replace(DRAFT, review_at=NOW + timedelta(days=181)),
        replace(DRAFT, scope=replace(DRAFT.scope, plates=None)),
        replace(DRAFT, scope=replace(DRAFT.scope, plates=())),
        replace(DRAFT, scope=replace(DRAFT.scope, plates=("bgc 771",))),
        replace(DRAFT, scope=replace(DRAFT.scope, plates=("BGC*",))),
        replace(DRAFT, scope=replace(DRAFT.scope, plates=("A1",) * 501)),
        replace(DRAFT, scope=replace(DRAFT.scope, cameras=())),
        replace(DRAFT, scope=HoldScope(None, ("A-1",), NOW - timedelta(days=92, seconds=1), NOW)),
        replace(DRAFT, scope=replace(DRAFT.scope, until=DRAFT.scope.since)),
    ],
)
def test_hold_that_says_too_little_or_too_much_is_refused(bad: HoldDraft) -> None:
    with pytest.raises(HoldError):
        rules.check_draft(bad, NOW)


def test_clock_that_jumps_is_trusted_again_after_a_steady_day() -> None:
    watch, day, minute = rules.ClockWatch(), timedelta(days=1), timedelta(minutes=1)
    assert watch.look(NOW, minute) is None
    assert watch.look(NOW + minute, 2 * minute) is None
    assert watch.is_steady()
    ahead = NOW + timedelta(days=60)
    assert watch.look(ahead, 3 * minute) == timedelta(days=60) - 2 * minute
    assert not watch.is_steady()
    assert watch.look(ahead + day - minute, 2 * minute + day) is None
    assert not watch.is_steady()
    watch.look(ahead + day, 3 * minute + day)
    assert watch.is_steady()
    assert watch.look(NOW + day, 4 * minute + day) is not None, "put right is a jump, too"
    assert not watch.is_steady()
