"""When to raise, when to join, and which steps an alarm may take. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from amaan.alarms.model import Alarm, AlarmState, AlarmStateError, DecisionError
from amaan.plates.model import Match

REPEAT_WITHIN: Final = timedelta(seconds=60)
REPEAT_AT_MOST: Final = timedelta(minutes=10)  # a car parked in view comes up again after this
CLIP_BEFORE: Final = timedelta(seconds=6)
CLIP_AFTER: Final = timedelta(seconds=6)
REASON_LENGTH: Final = 500

_UNDECIDED: Final = frozenset({AlarmState.RAISED, AlarmState.ACKNOWLEDGED})

_ALLOWED: Final[dict[AlarmState, frozenset[AlarmState]]] = {
    AlarmState.RAISED: frozenset(
        {AlarmState.ACKNOWLEDGED, AlarmState.CONFIRMED, AlarmState.REJECTED}
    ),
    AlarmState.ACKNOWLEDGED: frozenset({AlarmState.CONFIRMED, AlarmState.REJECTED}),
    AlarmState.CONFIRMED: frozenset({AlarmState.CLEARED}),
    AlarmState.REJECTED: frozenset({AlarmState.CLEARED}),
    AlarmState.CLEARED: frozenset(),
}


def subject_of(match: Match) -> str:
    """Return what a match is about: the entry, and the plate as it was read.

    A near match never stands in for the exact one: they may be two vehicles.
    """
    return f"{match.entry.id} {match.read.plate}"


def repeats(alarm: Alarm, observed_at: datetime) -> bool:
    """Tell whether another match of the same subject at the same camera belongs to this alarm.

    It does within a minute before its first or after its last, so that late deliveries join too,
    but only until a person has decided: what comes after that is for a person's eye again.
    """
    return (
        alarm.state in _UNDECIDED
        and alarm.observed_at - REPEAT_WITHIN
        <= observed_at
        <= alarm.last_observed_at + REPEAT_WITHIN
        and observed_at - alarm.observed_at <= REPEAT_AT_MOST
    )


def repeated(alarm: Alarm, observed_at: datetime) -> Alarm:
    """Return the alarm with one more match."""
    return replace(
        alarm,
        repeat_count=alarm.repeat_count + 1,
        last_observed_at=max(alarm.last_observed_at, observed_at),
    )


def _check(alarm: Alarm, to: AlarmState) -> None:
    if to not in _ALLOWED[alarm.state]:
        raise AlarmStateError(
            f"the alarm is {alarm.state.value}: it cannot be {to.value}", state=alarm.state.value
        )


def acknowledge(alarm: Alarm, by: str, at: datetime) -> Alarm:
    """Let a person take the alarm. AlarmStateError unless it is raised."""
    _check(alarm, AlarmState.ACKNOWLEDGED)
    return replace(alarm, state=AlarmState.ACKNOWLEDGED, acknowledged_at=at, acknowledged_by=by)


def decide(alarm: Alarm, verdict: AlarmState, by: str, at: datetime, reason: str) -> Alarm:
    """Confirm or reject by eye, with a reason; who decides unasked acknowledges by it."""
    assert verdict in (AlarmState.CONFIRMED, AlarmState.REJECTED)
    _check(alarm, verdict)
    text = " ".join(reason.split())
    if not text:
        raise DecisionError("a reason is needed: what did the picture show?")
    if len(text) > REASON_LENGTH:
        raise DecisionError(f"the reason is longer than {REASON_LENGTH} characters")
    return replace(
        alarm,
        state=verdict,
        acknowledged_at=alarm.acknowledged_at or at,
        acknowledged_by=alarm.acknowledged_by or by,
        decided_at=at,
        decided_by=by,
        decision_reason=text,
    )


def went_on(alarm: Alarm, at: datetime) -> Alarm:
    """Return the alarm once what had ended has begun again."""
    return replace(
        alarm,
        ended_at=None,
        repeat_count=alarm.repeat_count + 1,
        last_observed_at=max(alarm.last_observed_at, at),
    )


def put_away(alarm: Alarm) -> Alarm:
    """Return the alarm as over: nobody has to decide what has ended by itself."""
    return replace(alarm, state=AlarmState.CLEARED)


def clear(alarm: Alarm) -> Alarm:
    """Put a decided alarm away. AlarmStateError while it is undecided."""
    _check(alarm, AlarmState.CLEARED)
    return replace(alarm, state=AlarmState.CLEARED)
