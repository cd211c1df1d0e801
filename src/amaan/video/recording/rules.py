"""What is wanted, and what goes first. Pure: time is passed in. Moments are Unix milliseconds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final

from amaan.video.recording.model import Hours, Kept, Policy

DAY_MS: Final = 86_400_000
WEEK: Final = 7
DEFAULT: Final = Policy(days=30.0)
"""Of cameras that this worker runs no more and never knew the terms of."""

Span = tuple[int, int]


def is_wanted(
    policy: Policy, windows: Iterable[Span], span: Span, zone: tzinfo | None = None
) -> bool:
    """Tell whether a span belongs to what is kept. ``windows``: around events.

    ``zone`` None: this machine's local time.
    """
    if policy.mode == "continuous":
        return True
    if any(meets(window, span) for window in windows):
        return True
    return policy.mode == "scheduled" and within_hours(policy.hours, span, zone)


def meets(one: Span, other: Span) -> bool:
    """Tell whether two spans share a moment."""
    return one[0] < other[1] and other[0] < one[1]


def within_hours(hours: Iterable[Hours], span: Span, zone: tzinfo | None = None) -> bool:
    """Tell whether a span meets one of the stretches of the week."""
    start = datetime.fromtimestamp(span[0] / 1000, zone)
    end = datetime.fromtimestamp(span[1] / 1000, zone)
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    for back in range(-1, (end - start).days + 2):
        day = midnight + timedelta(days=back)
        for one in hours:
            if day.weekday() not in one.days:
                continue
            begins = day + timedelta(minutes=one.since)
            lasts = one.until - one.since if one.until > one.since else one.until - one.since + 1440
            if begins < end and start < begins + timedelta(minutes=lasts):
                return True
    return False


def window_of(policy: Policy, at_ms: int) -> Span:
    """Return what an event makes wanted."""
    return at_ms - round(policy.before_s * 1000), at_ms + round(policy.after_s * 1000)


def is_held(policy: Policy, span: Span) -> bool:
    """Tell whether a hold forbids removing a span."""
    return any(meets(hold, span) for hold in policy.holds)


@dataclass(frozen=True, slots=True)
class Room:
    """What the disk has and needs. ``need_bytes``: to be freed at once; 0 when there is room."""

    now_ms: int
    recent_ms: int
    need_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Clearing:
    """What is to go, as (segment, reason), oldest first. ``short_bytes``: what then still lacks."""

    gone: tuple[tuple[Kept, str], ...]
    short_bytes: int


def clearing(
    segments: Sequence[Kept], policies: Mapping[str, Policy], room: Room, fallback: Policy = DEFAULT
) -> Clearing:
    """Choose what to remove. ``segments``: finished ones of all cameras. What is held stays."""
    gone: dict[str, tuple[Kept, str]] = {}
    left: list[Kept] = []
    for one in sorted(segments, key=lambda one: one.start_ms):
        policy = policies.get(one.camera, fallback)
        end = one.end_ms or one.start_ms
        if is_held(policy, (one.start_ms, end)):
            continue
        if not one.told:
            lasts = max(room.recent_ms, round(policy.before_s * 1000) + 60_000)
            if end < room.now_ms - lasts:
                gone[one.id] = one, "plan"
                continue
        elif policy.days is not None and end < room.now_ms - round(policy.days * DAY_MS):
            gone[one.id] = one, "age"
            continue
        left.append(one)
    left = _over_quota(left, policies, fallback, gone)
    freed = sum(one.bytes or 0 for one, _ in gone.values())
    for one in left:
        if freed >= room.need_bytes:
            break
        gone[one.id] = one, "disk"
        freed += one.bytes or 0
    return Clearing(tuple(gone.values()), max(0, room.need_bytes - freed))


def _over_quota(
    left: Sequence[Kept],
    policies: Mapping[str, Policy],
    fallback: Policy,
    gone: dict[str, tuple[Kept, str]],
) -> list[Kept]:
    """Move the oldest of cameras that hold too much to ``gone``; return the rest."""
    taken: dict[str, int] = defaultdict(int)
    for one in left:
        taken[one.camera] += one.bytes or 0
    rest = []
    for one in left:
        most = policies.get(one.camera, fallback).gigabytes
        if most is not None and taken[one.camera] > most * 1e9:
            taken[one.camera] -= one.bytes or 0
            gone[one.id] = one, "bytes"
        else:
            rest.append(one)
    return rest
