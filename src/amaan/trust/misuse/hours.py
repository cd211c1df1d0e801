"""Work at hours when it is not a person's to do."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from amaan.trust.misuse.acts import Act, Kind
from amaan.trust.misuse.model import Detector, Suspicion
from amaan.trust.misuse.scene import Scene
from amaan.trust.misuse.vehicles import suspicion

_LOOKING: Final = frozenset({Kind.SEARCH, Kind.EXPORT})


class OffShift:
    """Searching far from any shift, by somebody whose roster is known."""

    def judge(self, day: Sequence[Act], scene: Scene) -> Iterator[Suspicion]:
        """Yield each person once a day."""
        limits = scene.limits
        found: dict[str, list[Act]] = defaultdict(list)
        for act in day:
            if act.kind in _LOOKING:
                off = scene.off_duty_for(act.actor, act.at)
                if off is not None and off >= limits.off_shift:
                    found[act.actor].append(act)
        for acts in found.values():
            if len(acts) >= limits.off_shift_searches:
                yield suspicion(
                    Detector.OFF_SHIFT,
                    f"day {scene.day_of(acts[0].at)}",
                    acts,
                    f"{len(acts)} searches more than {_hours(limits.off_shift)} hours away from "
                    "any shift on the roster.",
                )


class LoneAfterHours:
    """Searching at night, off shift, while nobody else of the same work is there."""

    def judge(self, day: Sequence[Act], scene: Scene) -> Iterator[Suspicion]:
        """Yield each such session."""
        limits = scene.limits
        found: dict[str, list[Act]] = defaultdict(list)
        for act in day:
            if act.kind in _LOOKING and scene.is_night(act.at):
                off = scene.off_duty_for(act.actor, act.at)
                if off is not None and off >= limits.lone_off_shift:
                    found[act.actor].append(act)
        if not found:
            return
        active: dict[str, list[datetime]] = defaultdict(list)
        for act in day:
            active[act.actor].append(act.at)
        for times in active.values():
            times.sort()
        for acts in found.values():
            for session in _sessions(acts, limits.session_gap):
                if len(session) >= limits.lone_searches and _alone(session, active, scene):
                    yield suspicion(
                        Detector.LONE_AFTER_HOURS,
                        f"session of {scene.day_of(session[0].at)}",
                        session,
                        f"{len(session)} searches at night, off shift, with nobody else of the "
                        f"same work active within {_hours(limits.lone_apart)} hour(s).",
                    )


def _sessions(acts: Sequence[Act], gap: timedelta) -> Iterator[list[Act]]:
    session: list[Act] = []
    for act in sorted(acts, key=lambda act: act.at):
        if session and act.at - session[-1].at > gap:
            yield session
            session = []
        session.append(act)
    if session:
        yield session


def _alone(session: Sequence[Act], active: Mapping[str, list[datetime]], scene: Scene) -> bool:
    me = scene.facts.people.get(session[0].actor)
    if me is None:
        return False
    since = session[0].at - scene.limits.lone_apart
    until = session[-1].at + scene.limits.lone_apart
    for actor, times in active.items():
        other = scene.facts.people.get(actor)
        if actor == me.actor or other is None or not me.works_beside(other):
            continue
        first = bisect_left(times, since)
        if first < len(times) and times[first] <= until:
            return False
    return True


def _hours(length: timedelta) -> str:
    return f"{length / timedelta(hours=1):g}"
