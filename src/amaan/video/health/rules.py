"""What the log takes down, and how availability adds up. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from amaan.kernel.errors import InvalidError
from amaan.video.health.model import STATES, Availability, Entry, Standing
from amaan.video.model import CameraState, ConditionKind, WatchedCamera

OFFLINE = ConditionKind.OFFLINE.value
LONGEST = timedelta(days=400)


def standing_of(camera: WatchedCamera, heard_until: datetime | None = None) -> Standing:
    """Return how a camera stands, as the log says it. A film that is over is turned off."""
    health = camera.health
    off = health.state is CameraState.STOPPED
    return Standing(
        camera=health.camera,
        state=None if off else health.state.value,
        since=health.since,
        detail=health.reason,
        conditions=()
        if off
        else tuple((one.kind.value, one.since, one.detail) for one in health.conditions),
        heard_until=heard_until,
    )


def turned_off(camera: str, at: datetime) -> Standing:
    """Return a camera that nobody is to watch any more."""
    return Standing(camera, None, at, "", ())


def written(
    lasting: Sequence[Entry], standing: Standing, at: datetime, *, installed: bool
) -> tuple[list[Entry], list[Entry]]:
    """Return what ends and what begins, given what lasts in one camera's log.

    A camera's log begins with its first picture: until then (``installed`` false) it is not yet
    there. Where the centre was away, what lasted before ends with the last that it heard, unless
    the worker says that it went on all the time.
    """
    if not installed and standing.state != CameraState.UP.value:
        return [], []
    wanted: dict[str, tuple[datetime, str]] = {
        kind: (since, detail) for kind, since, detail in standing.conditions
    }
    if standing.state is not None:
        wanted[standing.state] = (standing.since, standing.detail)
    ended, begun = [], []
    for entry in lasting:
        away = standing.heard_until
        kept = wanted.get(entry.kind)
        if kept is not None and (away is None or kept[0] <= away):
            del wanted[entry.kind]
            continue
        until = at
        if away is not None:
            until = away
        elif standing.state is not None and (entry.kind in STATES or entry.kind == OFFLINE):
            until = standing.since
        ended.append(replace(entry, until=min(at, max(entry.since, until))))
    after = max((entry.until or at for entry in ended if entry.kind in STATES), default=None)
    for kind, (since, detail) in wanted.items():
        begins = min(at, since)
        if kind in STATES:
            begins = max(begins, after) if after is not None else begins
            if standing.heard_until is None and after is not None:
                begins = after  # one state follows the other
        begun.append(Entry(standing.camera, kind, begins, None, detail))
    return ended, begun


def check_span(since: datetime, until: datetime) -> None:
    """Raise InvalidError for a time that runs backwards or is too long."""
    if until <= since:
        raise InvalidError("the time ends before it begins")
    if until - since > LONGEST:
        raise InvalidError(f"at most {LONGEST.days} days at a time")


def joined(key: str, name: str, several: Iterable[Availability]) -> Availability:
    """Return several cameras' availability as one."""
    each = list(several)
    recorded = [one.recorded_s for one in each if one.recorded_s is not None]
    return Availability(
        key=key,
        name=name,
        cameras=len(each),
        expected_s=sum(one.expected_s for one in each),
        up_s=sum(one.up_s for one in each),
        recorded_s=sum(recorded) if recorded else None,
        outages=sum(one.outages for one in each),
        longest_s=max((one.longest_s for one in each), default=0.0),
    )


def with_recorded(one: Availability, recorded: Mapping[str, float] | None) -> Availability:
    """Return a camera's availability with what was recorded of it."""
    if recorded is None:
        return one
    return replace(one, recorded_s=min(recorded.get(one.key, 0.0), one.expected_s))
