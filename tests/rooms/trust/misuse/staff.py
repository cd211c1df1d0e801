"""A made-up police force of 180 with rosters, vehicles and cameras; the same for the same seed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from amaan.kernel.geography import Point
from amaan.trust.misuse.model import (
    Circle,
    Facts,
    Person,
    PlaceKind,
    SensitivePlace,
    Shift,
    Vehicles,
)

START = datetime(2025, 1, 5, 19, tzinfo=UTC)  # Monday 00:00 in Karachi
DAYS = 364
LOCAL = timedelta(hours=5)
GROUPS = ("south", "east", "west", "central")
HEADCOUNT = {
    "investigator": 52,
    "supervisor": 20,
    "video_operator": 60,
    "dispatcher": 28,
    "call_taker": 8,
    "approving_officer": 8,
    "auditor": 2,
    "administrator": 2,
}
WEST, SOUTH, STEP = 66.98, 24.80, 0.012


@dataclass
class Force:
    """Everybody, and what is known of them."""

    people: list[Person]
    vehicles: dict[str, Vehicles]
    shifts: dict[str, list[Shift]]
    places: list[SensitivePlace]
    cameras: dict[str, Point]
    days: int
    plates: set[str] = field(default_factory=set)

    def facts(self) -> Facts:
        return Facts(
            people={person.actor: person for person in self.people},
            vehicles=self.vehicles,
            shifts=self.shifts,
            places=self.places,
            cameras=self.cameras,
        )

    def of(self, *roles: str) -> list[Person]:
        return [person for person in self.people if person.roles & set(roles)]


def local(day: int, hour: float) -> datetime:
    """Return the moment of a local hour of a day of the year."""
    return START + timedelta(days=day, hours=hour)


def a_plate(rng: Random) -> str:
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
    return "".join(rng.choices(letters, k=3)) + f"{rng.randrange(1000):03d}"


def an_id(rng: Random) -> UUID:
    return UUID(int=rng.getrandbits(128), version=4)


def a_force(rng: Random, days: int = DAYS, share: float = 1.0) -> Force:
    people: list[Person] = []
    vehicles: dict[str, Vehicles] = {}
    for role, count in HEADCOUNT.items():
        for number in range(max(1, round(count * share))):
            actor = f"account:{an_id(rng)}"
            username = f"{role}{number}"
            group = frozenset({GROUPS[number % len(GROUPS)]})
            people.append(Person(actor, username, frozenset({role}), group))
            if rng.random() < 0.9:
                own = frozenset(a_plate(rng) for _ in range(rng.choice((1, 1, 2))))
                household = frozenset(a_plate(rng) for _ in range(rng.choice((0, 0, 1, 2))))
                vehicles[actor] = Vehicles(own, household)
    cameras = {
        f"C-{x:02d}{y:02d}": Point(WEST + x * STEP, SOUTH + y * STEP)
        for x in range(12)
        for y in range(10)
    }
    shifts = {
        person.actor: _shifts(person, index, rng, days) for index, person in enumerate(people)
    }
    return Force(people, vehicles, shifts, _places(rng, cameras, days), cameras, days)


def _shifts(person: Person, index: int, rng: Random, days: int) -> list[Shift]:
    role = next(iter(person.roles))
    found: list[Shift] = []
    for day in range(days):
        if role == "investigator":
            if (day + 3 * index) % 52 == 0:  # night duty, now and then, for one's own group
                found.append(Shift(local(day, 20), local(day + 1, 6)))
            elif day % 7 < 5 and rng.random() > 0.08:
                found.append(Shift(local(day, 8.5), local(day, 17)))
        elif role in ("supervisor", "video_operator", "dispatcher", "call_taker"):
            turn = (day + index) % 4  # day, night, off, off: twelve hours
            if turn < 2 and rng.random() > 0.06:
                begin = 7 if turn == 0 else 19
                found.append(Shift(local(day, begin), local(day, begin + 12)))
        elif day % 7 < 5:
            found.append(Shift(local(day, 9), local(day, 17)))
    return found


def _places(rng: Random, cameras: dict[str, Point], days: int) -> list[SensitivePlace]:
    found: list[SensitivePlace] = []
    codes = sorted(cameras)
    mosques = [Circle(cameras[code], 250.0) for code in rng.sample(codes, 4)]
    for day in range(4, days, 7):  # Fridays
        for number, area in enumerate(mosques):
            name = f"Mosque {number + 1}, Friday prayer"
            span = (local(day, 12.5), local(day, 14.5))
            found.append(SensitivePlace(an_id(rng), name, PlaceKind.WORSHIP, area, *span))
    for day in sorted(rng.sample(range(days), max(2, days // 18))):
        area, hour = Circle(cameras[rng.choice(codes)], 500.0), rng.uniform(14, 18)
        span = (local(day, hour), local(day, hour + 3))
        found.append(SensitivePlace(an_id(rng), f"Protest {day}", PlaceKind.PROTEST, area, *span))
    return found
