"""Searches for a vehicle that a person has no business with: again and again, own, colleague's."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from amaan.trust.misuse.acts import Act, Kind, names
from amaan.trust.misuse.model import Detector, Suspicion
from amaan.trust.misuse.scene import Scene

_TARGETED: Final = frozenset({Kind.SEARCH, Kind.ENTRY, Kind.REQUEST})


def suspicion(detector: Detector, subject: str, acts: Sequence[Act], explanation: str) -> Suspicion:
    """Return what one person's acts, in order of position, give reason to ask."""
    times = [act.at for act in acts]
    return Suspicion(
        detector,
        acts[0].actor,
        subject,
        min(times),
        max(times),
        tuple(sorted(act.position for act in acts)),
        explanation,
    )


class RepeatedTarget:
    """One plate, asked for on many days under authorities that do not name it."""

    def __init__(self) -> None:
        self._asked: dict[tuple[str, str], deque[Act]] = defaultdict(deque)

    def judge(self, day: Sequence[Act], scene: Scene) -> Iterator[Suspicion]:
        """Yield each plate that was asked for too often for no case of its own."""
        limits, touched = scene.limits, set()
        for act in day:
            if act.kind is not Kind.SEARCH:
                continue
            for plate in act.plates:
                if not scene.is_for(act, plate):
                    self._asked[act.actor, plate].append(act)
                    touched.add((act.actor, plate))
        for key in sorted(touched):
            asked = self._asked[key]
            while asked[-1].at - asked[0].at > limits.target_within:
                asked.popleft()
            days = {scene.day_of(act.at) for act in asked}
            if len(days) >= limits.target_days or len(asked) >= limits.target_times:
                cases = {scene.case_of(act) for act in asked}
                yield suspicion(
                    Detector.REPEATED_TARGET,
                    f"plate {key[1]}",
                    asked,
                    f"Asked for {key[1]} {len(asked)} times on {len(days)} days, under "
                    f"{len(cases)} case(s), none of whose authorities names this vehicle.",
                )
        self._forget(day, scene)

    def _forget(self, day: Sequence[Act], scene: Scene) -> None:
        if not day:
            return
        oldest = day[0].at - scene.limits.target_within
        for key in [key for key, asked in self._asked.items() if asked[-1].at < oldest]:
            del self._asked[key]


class OwnVehicle:
    """A person's own vehicle or one of the household's, in any way that names it."""

    def judge(self, day: Sequence[Act], scene: Scene) -> Iterator[Suspicion]:
        """Yield each such vehicle once a day."""
        found: dict[tuple[str, str, str], list[Act]] = defaultdict(list)
        for act in day:
            vehicles = scene.facts.vehicles.get(act.actor)
            if vehicles is None or act.kind not in _TARGETED:
                continue
            for plate in act.plates:
                for whose, declared in (("own", vehicles.own), ("household", vehicles.household)):
                    for vehicle in declared:
                        if names(plate, vehicle, near=act.near):
                            found[act.actor, whose, vehicle].append(act)
        for (_, whose, vehicle), acts in found.items():
            of = "a vehicle of their own" if whose == "own" else "a vehicle of their household"
            yield suspicion(
                Detector.OWN_VEHICLE,
                f"plate {vehicle}",
                acts,
                f"Asked for {vehicle}, declared as {of}. Whoever is concerned leaves it to others.",
            )


class ColleaguesVehicle:
    """A colleague's declared vehicle, without an authority that names it."""

    def __init__(self) -> None:
        self._owners: dict[str, set[str]] = {}
        self._of: Mapping[str, object] | None = None

    def judge(self, day: Sequence[Act], scene: Scene) -> Iterator[Suspicion]:
        """Yield each such vehicle once a day."""
        self._index(scene)
        found: dict[tuple[str, str], list[Act]] = defaultdict(list)
        for act in day:
            if act.kind not in (Kind.SEARCH, Kind.ENTRY):
                continue
            for asked in act.plates:
                for vehicle in self._named(asked):
                    owners = self._owners[vehicle]
                    if act.actor not in owners and not scene.is_for(act, vehicle):
                        found[act.actor, vehicle].append(act)
        for (_, vehicle), acts in found.items():
            yield suspicion(
                Detector.COLLEAGUES_VEHICLE,
                f"plate {vehicle}",
                acts,
                f"Asked for {vehicle}, declared by a colleague, under no authority that names it.",
            )

    def _index(self, scene: Scene) -> None:
        if self._of is scene.facts.vehicles:
            return
        self._of = scene.facts.vehicles
        self._owners = defaultdict(set)
        for actor, vehicles in scene.facts.vehicles.items():
            for vehicle in vehicles.own | vehicles.household:
                self._owners[vehicle].add(actor)

    def _named(self, asked: str) -> Iterator[str]:
        if asked in self._owners:
            yield asked
        elif "?" in asked or "*" in asked:
            yield from (vehicle for vehicle in self._owners if names(asked, vehicle))
