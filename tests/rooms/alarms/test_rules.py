from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from tests.rooms.plates.deliveries import NOW

from amaan.alarms import rules
from amaan.alarms.model import Alarm, AlarmKind, AlarmState, AlarmStateError, DecisionError
from amaan.plates.model import Severity

ALARM = Alarm(
    UUID(int=1),
    AlarmKind.PLATE_MATCH,
    AlarmState.RAISED,
    Severity.HIGH,
    "BGC771",
    NOW,
    NOW,
    NOW,
    "entry",
    "RZ-01-A",
    None,
    None,
)


@pytest.mark.parametrize(
    ("after_s", "joins"),
    [(0, True), (60, True), (61, False), (-60, True), (-61, False)],
)
def test_what_comes_within_a_minute_joins(after_s: int, joins: bool) -> None:
    assert rules.repeats(ALARM, NOW + timedelta(seconds=after_s)) is joins


def test_parked_vehicle_comes_up_again_after_ten_minutes() -> None:
    alarm = ALARM
    for second in range(0, 601, 30):
        assert rules.repeats(alarm, NOW + timedelta(seconds=second))
        alarm = rules.repeated(alarm, NOW + timedelta(seconds=second))
    assert alarm.repeat_count == 21
    assert not rules.repeats(alarm, NOW + timedelta(seconds=630))


def test_late_delivery_does_not_move_the_last_sighting_back() -> None:
    joined = rules.repeated(ALARM, NOW - timedelta(seconds=30))
    assert joined.last_observed_at == NOW


@pytest.mark.parametrize("state", [AlarmState.CONFIRMED, AlarmState.REJECTED, AlarmState.CLEARED])
def test_nothing_joins_a_decided_alarm(state: AlarmState) -> None:
    assert not rules.repeats(replace(ALARM, state=state), NOW)


@pytest.mark.parametrize("state", [AlarmState.CONFIRMED, AlarmState.REJECTED, AlarmState.CLEARED])
def test_decided_alarm_is_not_decided_again(state: AlarmState) -> None:
    decided = replace(ALARM, state=state)
    with pytest.raises(AlarmStateError):
        rules.acknowledge(decided, "bilal", NOW)
    for verdict in (AlarmState.CONFIRMED, AlarmState.REJECTED):
        with pytest.raises(AlarmStateError):
            rules.decide(decided, verdict, "bilal", NOW, "seen")


def test_undecided_alarm_is_not_cleared() -> None:
    for alarm in (ALARM, rules.acknowledge(ALARM, "bilal", NOW)):
        with pytest.raises(AlarmStateError):
            rules.clear(alarm)
    decided = rules.decide(ALARM, AlarmState.REJECTED, "bilal", NOW, "a taxi badge")
    assert rules.clear(decided).state is AlarmState.CLEARED


@pytest.mark.parametrize("reason", ["", " \n", "x" * 501])
def test_decision_needs_a_reason_of_reasonable_length(reason: str) -> None:
    with pytest.raises(DecisionError):
        rules.decide(ALARM, AlarmState.CONFIRMED, "bilal", NOW, reason)


def test_who_acknowledged_first_stays_on_record() -> None:
    taken = rules.acknowledge(ALARM, "amna", NOW)
    later = NOW + timedelta(seconds=9)
    decided = rules.decide(taken, AlarmState.CONFIRMED, "bilal", later, "same car")
    assert (decided.acknowledged_by, decided.decided_by) == ("amna", "bilal")
    assert (decided.acknowledged_at, decided.decided_at) == (NOW, later)
