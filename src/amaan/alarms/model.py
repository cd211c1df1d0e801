"""Alarms: what a person must look at, and what they made of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from amaan.kernel.errors import ConflictError, InvalidError, NotFoundError
from amaan.plates.model import Match, Severity
from amaan.video.model import Clip


class AlarmKind(StrEnum):
    """What it is about."""

    PLATE_MATCH = "plate_match"  # a read met a hot-list entry
    INTEGRITY = "integrity"  # something was sent that contradicts what was sent before


class AlarmState(StrEnum):
    """raised -> acknowledged -> confirmed | rejected -> cleared."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm. ``subject`` and ``place`` decide what repeats it (see the rules).

    ``authority``: what its first match was found under; sealed with it.
    """

    id: UUID
    kind: AlarmKind
    state: AlarmState
    severity: Severity
    title: str
    raised_at: datetime
    observed_at: datetime
    last_observed_at: datetime
    subject: str
    place: str
    match_id: UUID | None
    clip_id: UUID | None
    repeat_count: int = 0
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    decided_at: datetime | None = None
    decided_by: str | None = None
    decision_reason: str | None = None
    authority: UUID | None = None


@dataclass(frozen=True, slots=True)
class AlarmDetail:
    """An alarm with what a person needs to decide; parts that are no longer kept are None."""

    alarm: Alarm
    match: Match | None
    clip: Clip | None


class AlarmNotFoundError(NotFoundError):
    """No such alarm."""

    code = "alarms.not-found"


class AlarmStateError(ConflictError):
    """The alarm's state does not allow this step; ``state`` says what it is now."""

    code = "alarms.state"


class DecisionError(InvalidError):
    """A decision without a reason."""

    code = "alarms.reason-needed"


class AlarmCursorError(InvalidError):
    """A cursor that this list did not give."""

    code = "alarms.invalid-cursor"
