"""Which troubles of a site are one alarm. Pure: time is passed in.

A dark site is one alarm for its cameras: those that went together, and late ones. What stays dark
after the site has come back gets its own. What comes and goes is one alarm as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from amaan.alarms.model import Alarm, AlarmKind, AlarmState, Trouble
from amaan.plates.model import Severity

WAIT: Final = timedelta(seconds=30)  # from the last picture: 15 s to be sure, 15 for the others
WINDOW: Final = timedelta(seconds=120)  # what goes within it goes together
BACK: Final = timedelta(seconds=90)  # cameras start, and a worker tries each every 30 s at most
QUIET: Final = timedelta(minutes=10)  # what comes again within it is the same
DARK_SHARE: Final = 0.8
BACK_SHARE: Final = 0.5

OFFLINE: Final = "offline"
_CAUSES: Final = frozenset({"power_out", "link_down"})
_OF_SITE: Final = frozenset({"power_out", "power_low", "power_silent", "link_down", "link_silent"})

SEVERITIES: Final = {
    **dict.fromkeys(("power_out", "tamper_tampered", "disk_failing"), Severity.CRITICAL),
    **dict.fromkeys(("covered", "moved", "frozen", OFFLINE), Severity.HIGH),
    **dict.fromkeys(("power_low", "door_open", "link_down", "disk_full"), Severity.HIGH),
    **dict.fromkeys(("bright", "gop", "link_lossy", "disk_filling"), Severity.LOW),
}
"""Others are medium."""

_BAD_STATES: Final = {
    "power": ("battery", "low", "out", "silent"),
    "door": ("open", "silent"),
    "tamper": ("tampered", "silent"),
    "link": ("lossy", "down", "silent"),
    "disk": ("filling", "full", "failing", "silent"),
}


def trouble_of_device(kind: str, state: str) -> str | None:
    """Return what is wrong with a device in a state; None: nothing."""
    return f"{kind}_{state}" if state in _BAD_STATES.get(kind, ()) else None


@dataclass(frozen=True, slots=True)
class Raise:
    """Raise an alarm over troubles."""

    kind: AlarmKind
    subject: str
    troubles: tuple[Trouble, ...]


@dataclass(frozen=True, slots=True)
class Join:
    """Put troubles under an alarm; one that had ended begins again."""

    alarm: Alarm
    troubles: tuple[Trouble, ...]
    again: bool


@dataclass(frozen=True, slots=True)
class End:
    """Note that an alarm's cause is over. ``cleared``: another alarm stands for it."""

    alarm: Alarm
    at: datetime
    cleared: bool = False


@dataclass(frozen=True, slots=True)
class Clear:
    """Put away what a person has seen and what is over."""

    alarm: Alarm


Step = Raise | Join | End | Clear
_OPEN: Final = (AlarmState.RAISED, AlarmState.ACKNOWLEDGED)


@dataclass(frozen=True, slots=True)
class SiteView:
    """A site's lasting troubles and current alarms, and how many cameras stand there."""

    site: str
    troubles: Sequence[Trouble]
    alarms: Sequence[Alarm]
    cameras: int


def is_current(alarm: Alarm, now: datetime) -> bool:
    """Tell whether what comes again belongs to this alarm."""
    if alarm.state in _OPEN or alarm.ended_at is None:
        return True
    return now - alarm.ended_at <= QUIET


def subject_of(trouble: Trouble) -> str:
    """Return what an alarm of this trouble alone is about."""
    if trouble.source == "device":
        return f"device {trouble.code}"
    return f"camera {trouble.code} {trouble.kind}"


def fold(view: SiteView, now: datetime) -> list[Step]:
    """Return what to do at a site now; done, the same view gives nothing more to do."""
    alarms = {one.subject: one for one in view.alarms if is_current(one, now)}
    subject = f"site {view.site}"
    steps, taken = _fold_site(view, alarms.get(subject), subject, now)
    for trouble in view.troubles:
        if trouble.id in taken or trouble.alarm_id is not None:
            continue
        if trouble.kind == OFFLINE and now - trouble.since < WAIT:
            continue
        steps.append(_alone(trouble, alarms))
    held = {one.alarm_id for one in view.troubles if one.id not in taken} - {None}
    held |= {step.alarm.id for step in steps if isinstance(step, Join)}
    for alarm in alarms.values():
        if alarm.subject != subject and alarm.ended_at is None and alarm.id not in held:
            folded = any(one.alarm_id == alarm.id for one in view.troubles)
            steps.append(End(alarm, now, cleared=folded))
        elif alarm.id not in held and _is_long_over(alarm, now):
            steps.append(Clear(alarm))
    return steps


def _is_long_over(alarm: Alarm, now: datetime) -> bool:
    seen = alarm.state is AlarmState.ACKNOWLEDGED
    return seen and alarm.ended_at is not None and now - alarm.ended_at > QUIET


def _fold_site(
    view: SiteView, alarm: Alarm | None, subject: str, now: datetime
) -> tuple[list[Step], set[object]]:
    """Return the steps of the site's own alarm, and which troubles they deal with."""
    dark = [one for one in view.troubles if one.kind == OFFLINE]
    cause = any(one.kind in _CAUSES for one in view.troubles)
    on = alarm is not None and alarm.ended_at is None
    if alarm is not None and on:
        if not (len(dark) > BACK_SHARE * view.cameras or (cause and dark)):
            return [End(alarm, now)], set()
        late = [one for one in view.troubles if one.alarm_id is None and _goes_with_site(one)]
        return _joining(alarm, late, again=False), {one.id for one in late}
    together = _together(dark, alarm)
    if together and _is_dark(view.cameras, len(dark), len(together), cause):
        group = together + [
            one for one in view.troubles if one.alarm_id is None and one.kind in _OF_SITE
        ]
        ids: set[object] = {one.id for one in group}
        if alarm is not None:
            return _joining(alarm, group, again=True), ids
        return [Raise(AlarmKind.SITE, subject, tuple(group))], ids
    if alarm is None or alarm.ended_at is None or now - alarm.ended_at < BACK:
        return [], set()
    left = [one for one in dark if one.alarm_id == alarm.id]
    others = {one.subject: one for one in view.alarms if is_current(one, now)}
    return [_alone(one, others) for one in left], {one.id for one in left}


def _goes_with_site(trouble: Trouble) -> bool:
    return trouble.kind == OFFLINE or trouble.kind in _OF_SITE


def _together(dark: Sequence[Trouble], alarm: Alarm | None) -> list[Trouble]:
    """Return what went dark with the latest one; not what was left of the last time."""
    own = None if alarm is None else alarm.id
    fresh = [one for one in dark if one.alarm_id is None or one.alarm_id != own]
    latest = max((one.since for one in fresh if one.alarm_id is None), default=None)
    if latest is None:
        return []
    return [one for one in fresh if latest - one.since <= WINDOW]


def _is_dark(cameras: int, dark: int, together: int, cause: bool) -> bool:
    return cause or (together >= 2 and dark >= ceil(DARK_SHARE * cameras))


def _joining(alarm: Alarm, troubles: Sequence[Trouble], *, again: bool) -> list[Step]:
    return [Join(alarm, tuple(troubles), again)] if troubles else []


def _alone(trouble: Trouble, alarms: dict[str, Alarm]) -> Step:
    subject = subject_of(trouble)
    known = alarms.get(subject)
    folded = known is not None and known.state is AlarmState.CLEARED and known.decided_at is None
    if known is not None and not folded:
        return Join(known, (trouble,), known.ended_at is not None)
    kind = AlarmKind.DEVICE if trouble.source == "device" else AlarmKind.CAMERA
    return Raise(kind, subject, (trouble,))


def severity_of(kind: AlarmKind, troubles: Sequence[Trouble]) -> Severity:
    """Return how bad it is: a dark site is the worst, else its worst trouble."""
    if kind is AlarmKind.SITE:
        return Severity.CRITICAL
    order = list(Severity)
    found = [SEVERITIES.get(one.kind, Severity.MEDIUM) for one in troubles]
    return min(found, key=order.index)
