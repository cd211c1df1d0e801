"""A year of honest work: cases over weeks, night duty, overtime, reports, slips and call-outs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from tests.rooms.trust.misuse.staff import Force, a_plate, an_id, local

from amaan.kernel.events import JsonValue
from amaan.trust.audit.model import Outcome
from amaan.trust.misuse.model import Person, Shift

_NAMES = ("Shahrah", "Club", "Garden", "Mill", "Tariq", "Nazim", "Korangi", "Lyari")
_WAYS = ("Road", "Lane", "Chowrangi", "Bazaar", "Colony")
STREETS = [f"{name} {way}" for name in _NAMES for way in _WAYS]
COLOURS = ("white", "black", "silver", "red", "blue", "grey", "green", "maroon", "golden", "brown")
MAKES = ("Corolla", "Civic", "Cultus", "Mehran", "Alto", "City", "Hilux", "Bolan", "Vitz", "Prado")
WHO = ("owner", "driver", "brother", "neighbour", "shopkeeper", "guard", "landlord", "teacher")
DID = ("saw", "heard", "reported", "followed", "filmed", "described", "noticed", "met")
FORMS = (
    "Vehicle stolen as per FIR, tracing of its route is required for recovery.",
    "Vehicle used in robbery as per FIR, movement needed to identify the gang's area.",
    "Missing person was last seen in this vehicle, tracing is required urgently.",
    "Vehicle wanted in hit and run case, owner denies, route on the day is needed.",
)


@dataclass(slots=True)
class Said:
    """One entry in the making; ``planted`` is the number of the misuse that it belongs to."""

    at: datetime
    actor: str
    permission: str
    details: dict[str, JsonValue]
    outcome: Outcome = Outcome.ALLOWED
    authority: UUID | None = None
    planted: int | None = None


@dataclass(slots=True)
class Case:
    """What an investigator works on. ``plates`` empty: an area."""

    ref: str
    authority: UUID
    plates: tuple[str, ...]
    where: int
    last_day: int
    turned_up: dict[str, int] = field(default_factory=dict)


@dataclass
class Log:
    """What was done so far, in no order."""

    rng: Random
    force: Force
    entries: list[Said] = field(default_factory=list)
    cases: int = 0
    open: dict[str, list[Case]] = field(default_factory=dict)
    areas: dict[str, list[Case]] = field(default_factory=dict)

    def say(self, at: datetime, actor: str, permission: str, **details: JsonValue) -> Said:
        said = Said(at, actor, permission, details)
        self.entries.append(said)
        return said

    def search(self, at: datetime, actor: str, case: Case, **asked: JsonValue) -> Said:
        count = min(500, int(self.rng.lognormvariate(3.0, 0.9)))
        said = self.say(at, actor, "plates.search", case=case.ref, count=count, **asked)
        said.authority = case.authority
        return said


def a_reason(rng: Random) -> str:
    """Return a form's sentence and what this case alone has."""
    r = rng.choice
    return (
        f"{r(FORMS)} {r(COLOURS).title()} {r(MAKES)}, {r(WHO)} {r(DID)} it at {r(STREETS)} about "
        f"{rng.randrange(24)} hours going towards {r(STREETS)}; the {r(WHO)} {r(DID)} a "
        f"{r(COLOURS)} {r(MAKES)} near {r(STREETS)} too."
    )


def open_case(log: Log, person: Person, day: int, at: datetime, reason: str = "") -> Case:
    rng = log.rng
    log.cases += 1
    ref = f"FIR {log.cases}/{2025}"
    named = tuple(a_plate(rng) for _ in range(rng.choice((1, 1, 2, 3))))
    plates = named if rng.random() < 0.7 else ()
    case = Case(ref, an_id(rng), plates, rng.randrange(120), day + rng.randrange(5, 45))
    asked: dict[str, JsonValue] = {"plate": list(plates)} if plates else {}
    said = log.say(
        at, person.actor, "trust.request_authority", case=ref, purpose="investigation",
        reason=reason or a_reason(rng), **asked,
    )  # fmt: skip
    said.authority = case.authority
    log.open.setdefault(person.actor, []).append(case)
    if not plates:
        log.areas.setdefault(person.actor, []).append(case)
    return case


def work(log: Log) -> None:
    """Fill the year with honest work."""
    for person in log.force.of("investigator", "supervisor"):
        for shift in log.force.shifts[person.actor]:
            _duty(log, person, shift)
        _exceptions(log, person)
    for person in log.force.of("video_operator", "dispatcher", "call_taker"):
        for shift in log.force.shifts[person.actor]:
            for _ in range(3):
                at = shift.start + log.rng.random() * (shift.end - shift.start)
                log.say(at, person.actor, "alarms.view")
    for person in log.force.of("approving_officer"):
        for shift in log.force.shifts[person.actor]:
            at = shift.start + log.rng.random() * (shift.end - shift.start)
            log.say(
                at, person.actor, "trust.approve_authority", decision="approved", reason="In order."
            )


def _duty(log: Log, person: Person, shift: Shift) -> None:
    rng = log.rng
    day = (shift.start - local(0, 0)).days
    length = shift.end - shift.start
    late = timedelta(hours=min(3.0, rng.expovariate(1.2))) if rng.random() < 0.15 else timedelta()
    chief = "supervisor" in person.roles
    cases = log.open.setdefault(person.actor, [])
    cases[:] = [case for case in cases if case.last_day >= day]
    while len(cases) < (1 if chief else 3):
        open_case(log, person, day, shift.start + rng.random() * length / 8)
    for case in rng.sample(cases, min(len(cases), rng.randrange(1, 3))):
        for _ in range(rng.randrange(1, 5)):
            at = shift.start + length / 6 + rng.random() * (length * 5 / 6 + late)
            look(log, person, case, at)
    if chief and day % 7 == 3:
        log.say(shift.start + length / 2, person.actor, "plates.export_entries",
                rows=int(rng.lognormvariate(6.7, 0.45) * (3 if day % 28 == 3 else 1)))  # fmt: skip
    elif not chief and rng.random() < 0.03:
        log.say(shift.start + length / 2, person.actor, "plates.export_entries",
                rows=int(rng.lognormvariate(4.8, 0.7)))  # fmt: skip


def look(log: Log, person: Person, case: Case, at: datetime) -> None:
    """Search once for a case, as its authority allows."""
    rng = log.rng
    if case.plates:
        said = log.search(at, person.actor, case, plate=rng.choice(case.plates), match="exact")
        if rng.random() < 0.01:  # the wrong authority picked in the list, and refused
            said.outcome = Outcome.DENIED
        return
    codes = sorted(log.force.cameras)
    if rng.random() < 0.25:  # a vehicle that the area search turned up
        _follow_up(log, person, case, at)
        return
    since = at - timedelta(hours=rng.uniform(6, 200))
    span: dict[str, JsonValue] = {
        "since": since.isoformat(),
        "until": (since + timedelta(hours=rng.uniform(1, 6))).isoformat(),
    }
    if rng.random() < 0.5:
        near = [codes[(case.where + n) % len(codes)] for n in range(rng.randrange(1, 6))]
        log.search(at, person.actor, case, cameras=list(near), **span)
    else:
        centre, half = log.force.cameras[codes[case.where]], rng.uniform(0.006, 0.03)
        box = [centre.lon - half, centre.lat - half, centre.lon + half, centre.lat + half]
        log.search(at, person.actor, case, bounds=list(box), **span)


def _follow_up(log: Log, person: Person, case: Case, at: datetime) -> None:
    """Look again at a vehicle that turned up; soon under an authority of its own, mostly."""
    rng = log.rng
    if not case.turned_up or rng.random() < 0.4:
        plate = a_plate(rng)
    else:
        plate = rng.choice(sorted(case.turned_up))
    case.turned_up[plate] = case.turned_up.get(plate, 0) + 1
    if case.turned_up[plate] > 3 and rng.random() < 0.97:
        named = Case(case.ref, an_id(rng), (plate,), case.where, case.last_day)
        log.open[person.actor].append(named)
        said = log.say(at, person.actor, "trust.request_authority", case=case.ref, plate=[plate],
                       reason=a_reason(rng))  # fmt: skip
        said.authority = named.authority
        del case.turned_up[plate]
        case = named
        at += timedelta(minutes=5)
    log.search(at, person.actor, case, plate=plate, match="exact")


def _exceptions(log: Log, person: Person) -> None:
    """Add what is honest and looks odd: swaps not written down, call-outs, series of thefts."""
    rng, days = log.rng, log.force.days
    if rng.random() < 0.3 * days / 364:  # a shift swapped without telling the roster
        _odd_hours(log, person, local(rng.randrange(days), rng.choice((8.5, 13, 19))), 6)
    if rng.random() < 0.15 * days / 364:  # called out at night
        _odd_hours(log, person, local(rng.randrange(days), rng.uniform(22, 27)), 2)
    if rng.random() < 0.06 * days / 364:  # one gang, several cases, honestly the same words
        reason, day = a_reason(rng), rng.randrange(days)
        for n in range(3):
            open_case(log, person, day + n, local(day + n, 11), reason)
    if rng.random() < 0.05 * days / 364:  # a colleague's vehicle turns up in an area search
        others = [v for actor, v in log.force.vehicles.items() if actor != person.actor]
        plate = rng.choice(sorted(rng.choice(others).own))
        shift = rng.choice(log.force.shifts[person.actor])
        case = area_case(log, person, (shift.start - local(0, 0)).days, shift.start)
        log.search(shift.start + timedelta(hours=2), person.actor, case, plate=plate)


def area_case(log: Log, person: Person, day: int, at: datetime) -> Case:
    """Return a case of the person's whose authority names an area; one is opened if need be."""
    usable = [
        case
        for case in log.areas.get(person.actor, [])
        if case.last_day - 45 <= day <= case.last_day
    ]
    if usable:
        return log.rng.choice(usable)
    while True:
        case = open_case(log, person, day, at - timedelta(hours=1))
        if not case.plates:
            return case


def _odd_hours(log: Log, person: Person, at: datetime, hours: float) -> None:
    case = area_case(log, person, (at - local(0, 0)).days, at)
    for _ in range(log.rng.randrange(3, 9)):
        look(log, person, case, at + log.rng.random() * timedelta(hours=hours))
