"""A whole year of audit, in order, and how well the detectors do on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from tests.rooms.trust.misuse.habits import Log, Said, work
from tests.rooms.trust.misuse.planted import Planted, plant
from tests.rooms.trust.misuse.staff import DAYS, Force, a_force

from amaan.trust.audit.model import Entry, Record
from amaan.trust.misuse.model import Detector, Suspicion
from amaan.trust.misuse.scene import Limits
from amaan.trust.misuse.watching import Watch, fold

ACTIONS = {"plates.search": "search_reads"}


@dataclass
class Year:
    """What was done, and what of it was misuse."""

    force: Force
    said: list[Said]
    planted: list[Planted]

    def records(self) -> list[Record]:
        """Return what the log would hold, oldest first."""
        return [
            Record(
                action=ACTIONS.get(s.permission, s.permission.partition(".")[2]),
                actor=s.actor,
                outcome=s.outcome,
                permission=s.permission,
                authority=s.authority,
                details=s.details,
                at=s.at,
            )
            for s in self.said
        ]

    def entries(self) -> list[Entry]:
        return [Entry(n, record, b"", b"") for n, record in enumerate(self.records())]


@dataclass
class Score:
    """How it went. ``false`` are alarms that stand on no planted entry at all."""

    planted: Counter[Detector] = field(default_factory=Counter)
    found: Counter[Detector] = field(default_factory=Counter)
    raised: Counter[Detector] = field(default_factory=Counter)
    false: Counter[Detector] = field(default_factory=Counter)
    user_weeks: float = 0.0

    @property
    def recall(self) -> float:
        return self.found.total() / self.planted.total()

    @property
    def false_per_100_users_a_week(self) -> float:
        return 100 * self.false.total() / self.user_weeks

    def __str__(self) -> str:
        lines = [f"recall {self.recall:.3f}, false alarms per 100 users a week "
                 f"{self.false_per_100_users_a_week:.3f}"]  # fmt: skip
        for kind in Detector:
            right = self.raised[kind] - self.false[kind]
            precision = right / self.raised[kind] if self.raised[kind] else float("nan")
            lines.append(
                f"{kind:20} found {self.found[kind]:3}/{self.planted[kind]:3} raised "
                f"{self.raised[kind]:4} false {self.false[kind]:4} precision {precision:.2f}"
            )
        return "\n".join(lines)


def a_year(seed: int, *, each: int = 20, days: int = DAYS, share: float = 1.0) -> Year:
    """Return a year of so many plants of each kind."""
    rng = Random(seed)
    log = Log(rng, a_force(rng, days, share))
    work(log)
    planted = plant(log, each)
    log.entries.sort(key=lambda said: said.at)
    return Year(log.force, log.entries, planted)


def watch(year: Year, limits: Limits | None = None) -> Sequence[Suspicion]:
    """Return the findings of the whole year."""
    watching = Watch(year.force.facts(), limits)
    suspected: list[Suspicion] = []
    for entry in year.entries():
        suspected.extend(watching.hear(entry))
    suspected.extend(watching.close())
    return fold([], suspected).raised


def score(year: Year, raised: Sequence[Suspicion]) -> Score:
    """Hold the findings against the truth."""
    result = Score(user_weeks=len(year.force.people) * year.force.days / 7)
    result.planted.update(planted.kind for planted in year.planted)
    found: set[int] = set()
    for suspicion in raised:
        result.raised[suspicion.detector] += 1
        truth = {year.said[position].planted for position in suspicion.positions} - {None}
        if not truth:
            result.false[suspicion.detector] += 1
        found.update(
            number
            for number in truth
            if number is not None and year.planted[number].kind is suspicion.detector
        )
    result.found.update(year.planted[number].kind for number in found)
    return result
