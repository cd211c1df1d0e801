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
    CAMERA = "camera"  # something is wrong with one camera
    SITE = "site"  # a site's cameras went dark together
    DEVICE = "device"  # something is wrong with a device of a site


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

    ``authority``: what its first match was found under; sealed with it. Of kinds camera, site and
    device alone: ``site``, ``detail`` and ``ended_at``, since when its cause is over.
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
    site: str | None = None
    detail: str = ""
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something wrong with a camera or a device of a site. ``until`` None: it lasts.

    ``source`` is camera or device; ``kind`` a camera's condition or a device's kind and state.
    """

    id: UUID
    site: str
    source: str
    code: str
    kind: str
    since: datetime
    until: datetime | None
    detail: str
    alarm_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class AlarmDetail:
    """An alarm with what a person needs to decide; parts that are no longer kept are None."""

    alarm: Alarm
    match: Match | None
    clip: Clip | None
    troubles: tuple[Trouble, ...] = ()


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
