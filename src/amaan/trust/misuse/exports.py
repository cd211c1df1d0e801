"""More carried away than the work ever needs."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from statistics import median
from typing import Final

from amaan.trust.misuse.acts import Act, Kind
from amaan.trust.misuse.model import Detector, Suspicion
from amaan.trust.misuse.scene import Limits, Scene
from amaan.trust.misuse.vehicles import suspicion

_NORMAL: Final = 1.4826  # a normal distribution's deviation is so many times its median deviation
_SPREAD_LEAST: Final = 0.2
_WEEK: Final = timedelta(days=7)

Work = tuple[str, ...]


def _exported(act: Act) -> int:
    return act.rows if act.allowed else 0


def _shown(act: Act) -> int:
    return act.count if act.allowed and act.kind is Kind.SEARCH else 0


class _Measure:
    """One way of carrying away, per person and day, held against all who do the same work."""

    def __init__(self, of: Callable[[Act], int], what: str, span: timedelta) -> None:
        self._of, self._what, self._span = of, what, span
        self._days: dict[str, deque[tuple[date, int, list[Act]]]] = defaultdict(deque)
        self._past: dict[Work, deque[tuple[date, float]]] = defaultdict(deque)

    def judge(self, day: Sequence[Act], scene: Scene) -> Iterator[Suspicion]:
        """Yield each person who carried away far more than that work does."""
        carried: dict[str, list[Act]] = defaultdict(list)
        for act in day:
            if self._of(act) > 0:
                carried[act.actor].append(act)
        today: list[tuple[Work, date, float]] = []
        usually: dict[Work, float] = {}
        for actor, acts in carried.items():
            person = scene.facts.people.get(actor)
            work: Work = tuple(sorted(person.roles)) if person else ()
            on = scene.day_of(acts[0].at)
            total, all_acts = self._add(actor, on, acts)
            if work not in usually:
                usually[work] = self._usual(work, on, scene.limits)
            usual = usually[work]
            today.append((work, on, math.log(total)))
            if total >= min(usual, scene.limits.export_most) and total >= scene.limits.export_least:
                span = "a day" if self._span <= timedelta(days=1) else f"{self._span.days} days"
                bound = min(usual, float(scene.limits.export_most))
                yield suspicion(
                    Detector.BULK_EXPORT,
                    f"rows {self._what}",
                    all_acts,
                    f"{total} rows {self._what} in {span}; {bound:.0f} would be "
                    "beyond anything usual for this work.",
                )
        for work, on, value in today:
            self._past[work].append((on, value))

    def _add(self, actor: str, on: date, acts: list[Act]) -> tuple[int, list[Act]]:
        days = self._days[actor]
        days.append((on, sum(map(self._of, acts)), acts))
        while on - days[0][0] >= self._span:
            days.popleft()
        return sum(total for _, total, _ in days), [act for _, _, each in days for act in each]

    def _usual(self, work: Work, on: date, limits: Limits) -> float:
        """Return from how many rows on it is far beyond usual; infinite where little is known."""
        past = self._past[work]
        while past and on - past[0][0] > limits.export_within:
            past.popleft()
        if len(past) < limits.export_samples:
            return math.inf
        values = [value for _, value in past]
        middle = median(values)
        spread = _NORMAL * median(abs(value - middle) for value in values)
        far = max(limits.export_spread * max(spread, _SPREAD_LEAST), math.log(limits.export_times))
        return math.exp(middle + far)


class BulkExport:
    """Exports, and page after page of reads, over a day and over a week."""

    def __init__(self) -> None:
        day = timedelta(days=1)
        self._measures = [
            _Measure(_exported, "exported", day),
            _Measure(_exported, "exported", _WEEK),
            _Measure(_shown, "shown", day),
            _Measure(_shown, "shown", _WEEK),
        ]

    def judge(self, day: Sequence[Act], scene: Scene) -> Iterator[Suspicion]:
        """Yield what each measure finds."""
        for measure in self._measures:
            yield from measure.judge(day, scene)
