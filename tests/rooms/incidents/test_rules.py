from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from amaan.city.roads.model import NextCamera
from amaan.incidents import rules
from amaan.incidents.model import (
    Expected,
    Incident,
    IncidentInputError,
    IncidentKind,
    IncidentState,
    IncidentStateError,
    NewStep,
    NoOpenIncidentError,
    PursuitError,
    PursuitRow,
    PursuitState,
    Step,
    What,
)
from amaan.kernel.geography import Point

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
S = IncidentState


def incident(state: IncidentState) -> Incident:
    place = Point(67, 24.8)
    kind = IncidentKind.VEHICLE
    return Incident(uuid4(), 1001, "x", kind, state, ("GATE",), None, place, None, NOW, "a", NOW)


def step(what: What, camera: str, s: float, undoes: UUID | None = None, made: float = 0) -> Step:
    at = NOW + timedelta(seconds=s)
    return Step(uuid4(), what, camera, at, at + timedelta(seconds=made), "ali", undoes=undoes)


ROW = PursuitRow(uuid4(), uuid4(), NOW, "ali", None, None)


def test_states_follow_one_way_and_open_again_with_a_reason() -> None:
    way = [S.NEW, S.IN_PROGRESS, S.ON_SCENE, S.RESOLVED, S.CLOSED, S.IN_PROGRESS]
    for state, to in itertools.pairwise(way):
        assert rules.check_move(incident(state), to, " because ") == "because"
    for state, to in ((S.NEW, S.CLOSED), (S.CLOSED, S.NEW), (S.ON_SCENE, S.ON_SCENE)):
        with pytest.raises(IncidentStateError):
            rules.check_move(incident(state), to, "because")


@pytest.mark.parametrize(
    ("state", "to"),
    [(S.ON_SCENE, S.RESOLVED), (S.RESOLVED, S.CLOSED), (S.CLOSED, S.IN_PROGRESS)],
)
def test_end_and_new_beginning_need_a_reason(state: S, to: S) -> None:
    with pytest.raises(IncidentInputError):
        rules.check_move(incident(state), to, "  ")
    assert rules.check_move(incident(S.NEW), S.IN_PROGRESS, "") == ""


def test_only_open_incidents_are_acted_in() -> None:
    for state in (S.NEW, S.IN_PROGRESS, S.ON_SCENE):
        rules.require_open(incident(state))
    for state in (S.RESOLVED, S.CLOSED):
        with pytest.raises(NoOpenIncidentError):
            rules.require_open(incident(state))


def test_undone_sighting_leaves_the_trail_and_the_one_before_counts() -> None:
    first, second = step(What.STARTED, "A", 0), step(What.SEEN, "B", 60)
    undo = step(What.UNDONE, "B", 60, undoes=second.id)
    assert [s.camera for s in rules.sightings([first, second])] == ["A", "B"]
    assert [s.camera for s in rules.sightings([first, second, undo])] == ["A"]


def test_sighting_found_later_in_the_recording_stands_at_its_own_time() -> None:
    first, third = step(What.STARTED, "A", 0), step(What.SEEN, "C", 120)
    second = step(What.SEEN, "B", 60, made=300)
    assert [s.camera for s in rules.sightings([first, third, second])] == ["A", "B", "C"]


def test_lost_until_seen_again_or_taken_back() -> None:
    steps = [step(What.STARTED, "A", 0), step(What.LOST, "A", 30)]
    assert rules.state_of(ROW, steps) is PursuitState.LOST
    seen = [*steps, step(What.SEEN, "B", 90)]
    assert rules.state_of(ROW, seen) is PursuitState.TRACKING
    back = [*steps, step(What.UNDONE, "A", 31, undoes=steps[1].id)]
    assert rules.state_of(ROW, back) is PursuitState.TRACKING
    ended = replace(ROW, ended_at=NOW)
    assert rules.state_of(ended, steps) is PursuitState.ENDED


def test_step_is_undone_once_and_the_beginning_never() -> None:
    first, second = step(What.STARTED, "A", 0), step(What.SEEN, "B", 60)
    undo = NewStep(What.UNDONE, NOW, undoes=second.id)
    assert rules.check_step(undo, [first, second], NOW) == second
    done = step(What.UNDONE, "B", 60, undoes=second.id)
    with pytest.raises(PursuitError):
        rules.check_step(undo, [first, second, done], NOW)
    for other in (first.id, done.id, uuid4(), None):
        with pytest.raises(PursuitError):
            rules.check_step(NewStep(What.UNDONE, NOW, undoes=other), [first, second, done], NOW)


def test_pictures_of_the_future_and_of_long_ago_are_refused() -> None:
    steps = [step(What.STARTED, "A", 0)]
    for days in (1, -32):
        with pytest.raises(IncidentInputError):
            rules.check_step(NewStep(What.SEEN, NOW + timedelta(days=days), "B"), steps, NOW)
    with pytest.raises(IncidentInputError):
        rules.check_step(NewStep(What.SEEN, NOW), steps, NOW)


def test_what_was_seen_has_the_time_of_its_picture() -> None:
    steps = [step(What.STARTED, "A", 0)]
    with pytest.raises(IncidentInputError):
        rules.check_step(NewStep(What.SEEN, None, "B"), steps, NOW)
    assert rules.check_step(NewStep(What.NOT_SEEN, None, "B"), steps, NOW) is None


def test_speed_between_sightings_is_plausible_or_said_not_to_be() -> None:
    places = {"A": Point(67, 24.8), "B": Point(67.01, 24.8), "C": Point(67.2, 24.8)}
    steps = [step(What.STARTED, "A", 0), step(What.SEEN, "B", 60), step(What.SEEN, "C", 120)]
    trail = rules.trail(steps, places)
    assert trail[0].at_least_kmh is None
    assert trail[1].at_least_kmh == pytest.approx(60.6, abs=0.5)
    assert [one.plausible for one in trail] == [True, True, False]


def test_windows_move_with_the_last_sighting() -> None:
    camera = NextCamera("B", 100, 60, 240, 1500, True, ())
    last = step(What.STARTED, "A", 0)

    def state(s: float, *more: Step) -> Expected:
        now = NOW + timedelta(seconds=s)
        return rules.offers([camera], [last, *more], last, now)[0].state

    assert [state(s) for s in (59, 60, 240, 241)] == [
        Expected.EARLY,
        Expected.DUE,
        Expected.DUE,
        Expected.PAST,
    ]
    vain = step(What.NOT_SEEN, "B", 90)
    assert state(100, vain) is Expected.NOT_SEEN
    assert state(100, vain, step(What.UNDONE, "B", 95, undoes=vain.id)) is Expected.DUE
    later = replace(last, at=NOW + timedelta(seconds=50))
    assert rules.offers([camera], [later], later, NOW)[0].earliest == NOW + timedelta(seconds=110)
