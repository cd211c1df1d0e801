"""What is known while a day is judged: facts, limits, and the authorities met in the log."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Protocol
from uuid import UUID

from amaan.trust.misuse.acts import Act, Kind, names
from amaan.trust.misuse.model import AuthorityFacts, Facts, Shift, Suspicion

FAR: Final = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Limits:
    """From when on something is worth a question. Tuned on seeds that no test asserts."""

    utc_offset: timedelta = timedelta(hours=5)  # Pakistan: no summer time
    target_within: timedelta = timedelta(days=14)
    target_days: int = 4
    target_times: int = 9
    night_from: time = time(20)
    night_until: time = time(6)
    lone_searches: int = 1
    lone_off_shift: timedelta = timedelta(minutes=75)
    lone_apart: timedelta = timedelta(minutes=60)
    session_gap: timedelta = timedelta(minutes=45)
    off_shift: timedelta = timedelta(hours=3, minutes=30)
    off_shift_searches: int = 1
    roster_within: timedelta = timedelta(days=10)
    reasons_within: timedelta = timedelta(days=60)
    reason_tokens: int = 6
    reason_alike: float = 0.4
    reason_copies: int = 3
    form_least: int = 3
    form_share: float = 0.05
    place_share: float = 0.15
    place_time_share: float = 0.1
    export_within: timedelta = timedelta(days=60)
    export_least: int = 500
    export_samples: int = 20
    export_times: float = 8.0
    export_spread: float = 3.0
    export_most: int = 50_000


class Scene:
    """Shared by the detectors of one run."""

    def __init__(self, facts: Facts, limits: Limits) -> None:
        self.facts = facts
        self.limits = limits
        self._authorities: dict[UUID, AuthorityFacts] = dict(facts.authorities)
        self._shifts = {
            actor: sorted(shifts, key=lambda shift: shift.start)
            for actor, shifts in facts.shifts.items()
        }
        self._starts = {
            actor: [shift.start for shift in shifts] for actor, shifts in self._shifts.items()
        }

    def learn(self, act: Act) -> None:
        """Remember what an authority was asked for; what the register says goes first."""
        if act.kind is Kind.REQUEST and act.authority is not None:
            found = AuthorityFacts(act.case, act.plates or None)
            self._authorities.setdefault(act.authority, found)

    def is_for(self, act: Act, plate: str) -> bool:
        """Tell whether the act's authority names the plate: a matching case."""
        authority = self._authorities.get(act.authority) if act.authority else None
        if authority is None or authority.plates is None:
            return False
        return any(plate == named or names(named, plate) for named in authority.plates)

    def case_of(self, act: Act) -> str:
        """Return the case that an act was done for; empty where it says none."""
        authority = self._authorities.get(act.authority) if act.authority else None
        return (act.case or (authority.case if authority else "")).casefold()

    def day_of(self, at: datetime) -> date:
        """Return the working day: from local noon to noon, so that a night is one."""
        return (at + self.limits.utc_offset - timedelta(hours=12)).date()

    def is_night(self, at: datetime) -> bool:
        """Tell whether it is after hours by the local clock."""
        local = (at + self.limits.utc_offset).time()
        return local >= self.limits.night_from or local < self.limits.night_until

    def off_duty_for(self, actor: str, at: datetime) -> timedelta | None:
        """Return how far from a shift (zero within one); None where no roster is known."""
        starts = self._starts.get(actor)
        if not starts:
            return None
        shifts: Sequence[Shift] = self._shifts[actor]
        after = bisect_right(starts, at)
        near = FAR
        for shift in shifts[max(0, after - 2) : after + 1]:
            if shift.start <= at < shift.end:
                return timedelta(0)
            near = min(near, shift.start - at if shift.start > at else at - shift.end)
        return near if near <= self.limits.roster_within else None


class Watcher(Protocol):
    """One detector. It keeps what it needs of earlier days."""

    def judge(self, day: Sequence[Act], scene: Scene) -> Iterator[Suspicion]:
        """Yield what the day, with what went before it, gives reason to ask about."""
        ...
