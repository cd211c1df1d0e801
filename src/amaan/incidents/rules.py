"""Which steps incidents and pursuits may take, and what follows from them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from amaan.city.roads.model import NextCamera
from amaan.incidents.model import (
    Expected,
    Incident,
    IncidentInputError,
    IncidentState,
    IncidentStateError,
    NewStep,
    NoOpenIncidentError,
    Offer,
    PursuitError,
    PursuitRow,
    PursuitState,
    Sighting,
    Step,
    What,
)
from amaan.kernel.geography import Point, distance_m

TITLE_LENGTH: Final = 160
TEXT_LENGTH: Final = 4_000
NOTE_LENGTH: Final = 500
STEPS_MOST: Final = 2_000  # of one pursuit: more is a fault or an attack
OFFERS_MOST: Final = 48
CLOCKS_APART: Final = timedelta(seconds=30)  # a camera's clock may be ahead of ours
LONGEST_AGO: Final = timedelta(days=31)
PLAUSIBLE_KMH: Final = 200.0  # faster between two cameras no road vehicle is: another, or a slip

_NEW, _ON_IT, _THERE = IncidentState.NEW, IncidentState.IN_PROGRESS, IncidentState.ON_SCENE
_OVER, _CLOSED = IncidentState.RESOLVED, IncidentState.CLOSED
_ALLOWED: Final[Mapping[IncidentState, frozenset[IncidentState]]] = {
    _NEW: frozenset({_ON_IT, _OVER}),
    _ON_IT: frozenset({_THERE, _OVER}),
    _THERE: frozenset({_ON_IT, _OVER}),
    _OVER: frozenset({_CLOSED, _ON_IT}),
    _CLOSED: frozenset({_ON_IT}),
}
_OPEN: Final = frozenset({_NEW, _ON_IT, _THERE})
_LASTING: Final = frozenset({What.STARTED, What.SEEN, What.NOT_SEEN, What.LOST})


def is_open(state: IncidentState) -> bool:
    """Tell whether there is something to do still."""
    return state in _OPEN


def next_states(state: IncidentState) -> list[IncidentState]:
    """Return the states that may follow."""
    return [one for one in IncidentState if one in _ALLOWED[state]]


def check_move(incident: Incident, to: IncidentState, reason: str) -> str:
    """Return the reason, tidied. A reason is needed to end an incident or to open it again.

    Raises IncidentStateError, IncidentInputError.
    """
    if to not in _ALLOWED[incident.state]:
        raise IncidentStateError(
            f"the incident is {incident.state.value}: it cannot become {to.value}",
            state=incident.state.value,
        )
    text = tidied(reason, NOTE_LENGTH, "reason")
    again = is_open(to) and not is_open(incident.state)
    if not text and (again or not is_open(to)):
        raise IncidentInputError("a reason is needed", field="reason")
    return text


def require_open(incident: Incident) -> None:
    """Raise NoOpenIncidentError unless the incident is open."""
    if not is_open(incident.state):
        raise NoOpenIncidentError(
            f"incident {incident.number} is {incident.state.value}: open it again first",
            state=incident.state.value,
        )


def tidied(text: str, most: int, field: str) -> str:
    """Return a text without blanks around it. IncidentInputError for one too long."""
    found = text.strip()
    if len(found) > most:
        raise IncidentInputError(f"{field} is longer than {most} characters", field=field)
    if any(ord(letter) < 32 and letter not in "\n\t" for letter in found):
        raise IncidentInputError(f"{field} has characters that are no text", field=field)
    return found


def standing(steps: Sequence[Step]) -> list[Step]:
    """Return the steps that nobody has undone, those that undo left out."""
    undone = {step.undoes for step in steps if step.undoes is not None}
    return [step for step in steps if step.id not in undone and step.what is not What.UNDONE]


def sightings(steps: Sequence[Step]) -> list[Step]:
    """Return what stands of the trail, by the time of the pictures."""
    seen = [step for step in standing(steps) if step.what in (What.STARTED, What.SEEN)]
    return sorted(seen, key=lambda step: (step.at, step.made_at))


def state_of(row: PursuitRow, steps: Sequence[Step]) -> PursuitState:
    """Tell how a pursuit stands: lost by the newest word of it, found again by a sighting.

    ``steps`` come in the order in which they were made.
    """
    if row.ended_at is not None:
        return PursuitState.ENDED
    told = [s for s in standing(steps) if s.what in (What.STARTED, What.SEEN, What.LOST)]
    lost = bool(told) and told[-1].what is What.LOST
    return PursuitState.LOST if lost else PursuitState.TRACKING


def check_moment(at: datetime, now: datetime) -> None:
    """Raise IncidentInputError for a picture of the future, or older than recordings are."""
    if at > now + CLOCKS_APART:
        raise IncidentInputError("that picture lies in the future", field="at")
    if at < now - LONGEST_AGO:
        raise IncidentInputError("that picture is too old to be followed", field="at")


def check_step(new: NewStep, steps: Sequence[Step], now: datetime) -> Step | None:
    """Check a step against those before; return the one that it undoes.

    Raises IncidentInputError, PursuitError.
    """
    if new.at is not None:
        check_moment(new.at, now)
    elif new.what is What.SEEN:
        raise IncidentInputError("say of which picture: its time", field="at")
    if len(steps) >= STEPS_MOST:
        raise PursuitError(f"a pursuit has at most {STEPS_MOST} steps")
    if new.what is What.STARTED:
        raise IncidentInputError("the pursuit has begun already", field="what")
    if new.what is not What.UNDONE:
        if new.undoes is not None:
            raise IncidentInputError("this step undoes nothing", field="undoes")
        if new.camera is None and new.what is not What.ENDED:
            raise IncidentInputError("say at which camera", field="camera")
        return None
    found = next((one for one in standing(steps) if one.id == new.undoes), None)
    if found is None:
        raise PursuitError("there is no such step, or it was undone already")
    if found.what not in _LASTING - {What.STARTED}:
        raise PursuitError("only what was seen, not seen or lost can be undone; or end it")
    return found


def trail(steps: Sequence[Step], places: Mapping[str, Point]) -> list[Sighting]:
    """Return the sightings with how fast the way from one to the next was at least."""
    seen = sightings(steps)
    speeds: list[float | None] = [None]
    for before, after in pairwise(seen):
        a, b = places.get(before.camera), places.get(after.camera)
        seconds = (after.at - before.at).total_seconds()
        if a is None or b is None or before.camera == after.camera:
            speeds.append(None)
        else:
            speeds.append(distance_m(a, b) / max(seconds, 1.0) * 3.6)
    return [
        Sighting(step, places.get(step.camera), speed, speed is None or speed <= PLAUSIBLE_KMH)
        for step, speed in zip(seen, speeds[: len(seen)], strict=True)
    ]


def offers(
    cameras: Sequence[NextCamera], steps: Sequence[Step], last: Step, now: datetime
) -> list[Offer]:
    """Return the next cameras with their windows from the last sighting on.

    Where somebody looked in vain since, it is said so.
    """
    told = {
        step.camera: step.what
        for step in sorted(standing(steps), key=lambda step: step.made_at)
        if step.what in (What.NOT_SEEN, What.SEEN) and step.made_at >= last.made_at
    }
    found = []
    for camera in cameras[:OFFERS_MOST]:
        earliest = last.at + timedelta(seconds=camera.earliest_s)
        latest = last.at + timedelta(seconds=camera.latest_s)
        state = Expected.EARLY if now < earliest else Expected.DUE
        if now > latest:
            state = Expected.PAST
        if told.get(camera.camera) is What.NOT_SEEN:
            state = Expected.NOT_SEEN
        found.append(Offer(camera, earliest, latest, state))
    return found
