"""Misuse of every kind, planted with its ground truth; some of it careful not to be seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.rooms.trust.misuse.habits import Log, Said, a_reason, area_case, open_case
from tests.rooms.trust.misuse.staff import a_plate, local

from amaan.kernel.events import JsonValue
from amaan.trust.misuse.model import Circle, Detector, Person
from amaan.trust.misuse.places import around


@dataclass(frozen=True)
class Planted:
    """One misuse."""

    number: int
    kind: Detector
    actor: str


def plant(log: Log, each: int) -> list[Planted]:
    """Plant each kind so many times."""
    found: list[Planted] = []
    searchers = log.force.of("investigator", "supervisor")
    for kind, do in _KINDS.items():
        for _ in range(each):
            person = log.rng.choice(searchers)
            if kind in (Detector.OWN_VEHICLE,):
                person = log.rng.choice([p for p in searchers if p.actor in log.force.vehicles])
            planted = Planted(len(found), kind, person.actor)
            for said in do(log, person):
                said.planted = planted.number
            found.append(planted)
    return found


def _on_duty(log: Log, person: Person, day: int) -> datetime:
    """Return a moment on duty, on the day or the next one on duty."""
    shifts = log.force.shifts[person.actor]
    shift = next((s for s in shifts if s.start >= local(day, 0)), shifts[-1])
    return shift.start + log.rng.random() * (shift.end - shift.start)


def _under_cover(log: Log, person: Person, at: datetime, **asked: JsonValue) -> Said:
    case = area_case(log, person, (at - local(0, 0)).days, at)
    return log.search(at, person.actor, case, **asked)


def _late_enough(log: Log, before: int = 0) -> int:
    return log.rng.randrange(21, log.force.days - 3 - before)


def _repeated(log: Log, person: Person) -> list[Said]:
    plate, day, said = a_plate(log.rng), float(_late_enough(log, 40)), []
    for _ in range(log.rng.randrange(6, 16)):
        at = _on_duty(log, person, int(day))
        said.append(_under_cover(log, person, at, plate=plate))
        day += log.rng.choice((0.4, 1, 1, 2, 3, 4, 5))
    return said


def _own(log: Log, person: Person) -> list[Said]:
    declared = log.force.vehicles[person.actor]
    plate = log.rng.choice(sorted(declared.own | declared.household))
    at = _on_duty(log, person, _late_enough(log))
    way = log.rng.random()
    if way < 0.2:
        return [_under_cover(log, person, at, plate=plate[:-1] + "?", match="pattern")]
    if way < 0.4:
        return [_under_cover(log, person, at, plate=plate[:-1] + "J", match="near")]
    return [
        _under_cover(log, person, at + n * timedelta(minutes=4), plate=f"{plate[:3]}-{plate[3:]}")
        for n in range(log.rng.randrange(1, 4))
    ]


def _colleague(log: Log, person: Person) -> list[Said]:
    others = [v for actor, v in log.force.vehicles.items() if actor != person.actor]
    plate = log.rng.choice(sorted(log.rng.choice(others).own))
    asked = plate[:5] + "?" if log.rng.random() < 0.15 else plate
    at = _on_duty(log, person, _late_enough(log))
    return [
        _under_cover(log, person, at + n * timedelta(minutes=7), plate=asked)
        for n in range(log.rng.randrange(1, 4))
    ]


def _away(log: Log, person: Person, at: datetime, hours: float) -> bool:
    margin = timedelta(hours=hours)
    return not any(
        shift.start - margin <= at < shift.end + margin for shift in log.force.shifts[person.actor]
    )


def _session(log: Log, person: Person, at: datetime) -> list[Said]:
    said, count = [], log.rng.choice((1, 2, 3, 3, 4, 5, 6, 7, 8, 9))
    for _ in range(count):
        at += timedelta(minutes=log.rng.uniform(1, 12))
        said.append(_under_cover(log, person, at, plate=a_plate(log.rng)))
    return said


def _lone(log: Log, person: Person) -> list[Said]:
    peers = [p for p in log.force.people if p != person and p.works_beside(person)]
    while True:
        at = local(_late_enough(log), log.rng.uniform(20.5, 28))
        if _away(log, person, at, 2.0) and all(_away(log, p, at, 4.5) for p in peers):
            return _session(log, person, at)


def _off_shift(log: Log, person: Person) -> list[Said]:
    while True:
        at = local(_late_enough(log), log.rng.uniform(6, 20))
        if _away(log, person, at, 3.8) and _near_roster(log, person, at):
            return _session(log, person, at)


def _near_roster(log: Log, person: Person, at: datetime) -> bool:
    return not _away(log, person, at, 24 * 7)


def _copied(log: Log, person: Person) -> list[Said]:
    reason, day, said = a_reason(log.rng), float(_late_enough(log, 40)), []
    words = reason.split()
    for _ in range(log.rng.randrange(4, 8)):
        text = list(words)
        for _ in range(log.rng.randrange(4)):  # not letter for letter the same
            text[log.rng.randrange(len(text))] = log.rng.choice(words)
        before = len(log.entries)
        at = _on_duty(log, person, int(day))
        open_case(log, person, int(day), at, " ".join(text))
        said.extend(log.entries[before:])
        day += log.rng.choice((1, 3, 5, 8))
    return said


def _place(log: Log, person: Person) -> list[Said]:
    place = log.rng.choice(log.force.places)
    at = _on_duty(log, person, (place.until - local(0, 0)).days + 1)
    early, late = log.rng.expovariate(0.4), log.rng.expovariate(0.4)
    span: dict[str, JsonValue] = {
        "since": (place.since - timedelta(hours=early)).isoformat(),
        "until": (place.until + timedelta(hours=late)).isoformat(),
    }
    assert isinstance(place.area, Circle)
    if log.rng.random() < 0.5:
        centre = place.area.centre
        codes = [c for c, point in sorted(log.force.cameras.items()) if point == centre]
        return [_under_cover(log, person, at, cameras=list(codes), **span)]
    box = around(place.area)
    more = log.rng.uniform(0.0, 0.5) * (box.east - box.west)
    bounds = [box.west - more, box.south - more, box.east + more, box.north + more]
    return [_under_cover(log, person, at, bounds=list(bounds), **span)]


def _bulk(log: Log, person: Person) -> list[Said]:
    way, day = log.rng.random(), _late_enough(log, 15)
    usual = 800 if "supervisor" in person.roles else 120
    if way < 0.5:
        at = _on_duty(log, person, day)
        rows = int(usual * log.rng.uniform(20, 200))
        return [log.say(at, person.actor, "plates.export_entries", rows=rows)]
    if way < 0.75:  # page after page
        at = _on_duty(log, person, day)
        said = []
        for n in range(log.rng.randrange(30, 90)):
            said.append(_under_cover(log, person, at + n * timedelta(seconds=40)))
            said[-1].details["count"] = 500
        return said
    return [  # a little more every day
        log.say(_on_duty(log, person, day + n), person.actor, "plates.export_entries",
                rows=int(usual * log.rng.uniform(15, 25)))
        for n in range(6)
    ]  # fmt: skip


_KINDS: dict[Detector, Callable[[Log, Person], list[Said]]] = {
    Detector.REPEATED_TARGET: _repeated,
    Detector.OWN_VEHICLE: _own,
    Detector.COLLEAGUES_VEHICLE: _colleague,
    Detector.LONE_AFTER_HOURS: _lone,
    Detector.OFF_SHIFT: _off_shift,
    Detector.COPIED_REASONS: _copied,
    Detector.SENSITIVE_PLACE: _place,
    Detector.BULK_EXPORT: _bulk,
}
