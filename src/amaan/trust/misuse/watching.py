"""All detectors over the log, day by day, and what of it is new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from amaan.trust.audit.model import Entry
from amaan.trust.misuse.acts import Act, act_of
from amaan.trust.misuse.exports import BulkExport
from amaan.trust.misuse.hours import LoneAfterHours, OffShift
from amaan.trust.misuse.model import Detector, Facts, Finding, Suspicion
from amaan.trust.misuse.places import AtSensitivePlace
from amaan.trust.misuse.reasons import CopiedReasons
from amaan.trust.misuse.scene import Limits, Scene, Watcher
from amaan.trust.misuse.vehicles import ColleaguesVehicle, OwnVehicle, RepeatedTarget

AGAIN_WITHIN: Final = timedelta(days=30)
"""What goes on after a quiet time so long is a finding of its own."""

ANEW: Final[Mapping[Detector, int]] = {
    Detector.REPEATED_TARGET: 3,
    Detector.COPIED_REASONS: 2,
}
"""How many entries after a review ask again about the same; one for detectors not named."""


class Watch:
    """Hears the log in order and says what it suspects at the end of each working day."""

    def __init__(self, facts: Facts, limits: Limits | None = None) -> None:
        self._scene = Scene(facts, limits or Limits())
        self._watchers: Sequence[Watcher] = (
            RepeatedTarget(),
            OwnVehicle(),
            ColleaguesVehicle(),
            LoneAfterHours(),
            OffShift(),
            CopiedReasons(),
            AtSensitivePlace(),
            BulkExport(),
        )
        self._day: date | None = None
        self._acts: list[Act] = []

    def hear(self, entry: Entry) -> list[Suspicion]:
        """Take an entry; returns what the day before gave, when this one begins another."""
        act = act_of(entry)
        if act is None:
            return []
        day = self._scene.day_of(act.at)
        suspected: list[Suspicion] = []
        if self._day is None or day > self._day:
            suspected = self.close()
            self._day = day
        self._scene.learn(act)
        self._acts.append(act)
        return suspected

    def close(self) -> list[Suspicion]:
        """Judge what was heard of the last day."""
        acts, self._acts = self._acts, []
        if not acts:
            return []
        return [found for each in self._watchers for found in each.judge(acts, self._scene)]


@dataclass(frozen=True, slots=True)
class Fold:
    """What to write down: new suspicions, and findings that grew."""

    raised: Sequence[Suspicion]
    grown: Sequence[Finding]


def fold(known: Iterable[Finding], suspected: Iterable[Suspicion]) -> Fold:
    """Hold suspicions against findings: the same evidence is never raised twice.

    An unreviewed finding about the same takes in what is new. After a review the same matter is
    raised again only on enough new entries.
    """
    about: dict[tuple[Detector, str], list[Finding]] = {}
    for finding in known:
        about.setdefault(_whose(finding.suspicion), []).append(finding)
    raised: dict[tuple[Detector, str], list[Suspicion]] = {}
    grown: dict[object, Finding] = {}
    for suspicion in suspected:
        findings = [grown.get(f.id, f) for f in about.get(_whose(suspicion), [])]
        findings = [f for f in findings if _same_matter(f.suspicion, suspicion)]
        seen = {p for finding in findings for p in finding.suspicion.positions}
        fresh = tuple(p for p in suspicion.positions if p not in seen)
        if not fresh:
            continue
        unreviewed = [f for f in findings if f.decision is None and _follows(f, suspicion)]
        if unreviewed:
            last = unreviewed[-1]
            grown[last.id] = replace(last, suspicion=_joined(last.suspicion, suspicion, fresh))
            continue
        mine = raised.setdefault(_whose(suspicion), [])
        alike = [n for n, each in enumerate(mine) if _same_matter(each, suspicion)]
        if alike and suspicion.since - mine[alike[-1]].until <= AGAIN_WITHIN:
            mine[alike[-1]] = _joined(mine[alike[-1]], suspicion, fresh)
        elif len(fresh) >= (ANEW.get(suspicion.detector, 1) if findings else 1):
            mine.append(replace(suspicion, positions=fresh))
    return Fold([each for found in raised.values() for each in found], list(grown.values()))


def _whose(suspicion: Suspicion) -> tuple[Detector, str]:
    return suspicion.detector, suspicion.actor


def _same_matter(earlier: Suspicion, later: Suspicion) -> bool:
    """Tell whether two are about the same; a family of copied reasons has no name but its own."""
    if earlier.detector is Detector.COPIED_REASONS:
        return not set(earlier.positions).isdisjoint(later.positions)
    return earlier.subject == later.subject


def _follows(finding: Finding, suspicion: Suspicion) -> bool:
    return suspicion.since - finding.suspicion.until <= AGAIN_WITHIN


def _joined(earlier: Suspicion, later: Suspicion, fresh: Sequence[int]) -> Suspicion:
    return replace(
        earlier,
        since=min(earlier.since, later.since),
        until=max(earlier.until, later.until),
        positions=tuple(sorted({*earlier.positions, *fresh})),
        explanation=later.explanation,
    )
