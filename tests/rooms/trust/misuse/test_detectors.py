"""Each detector at its edges: what it says, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amaan.kernel.geography import Bounds, Point
from amaan.trust.audit.model import Entry, Outcome, Record
from amaan.trust.misuse.acts import act_of, names, one_slip, plain_plate
from amaan.trust.misuse.model import (
    AuthorityFacts,
    Circle,
    Detector,
    Facts,
    Finding,
    Person,
    PlaceKind,
    ReviewDecision,
    SensitivePlace,
    Shift,
    Suspicion,
    Vehicles,
)
from amaan.trust.misuse.reasons import alike, shingles
from amaan.trust.misuse.watching import Watch, fold

MORNING = datetime(2026, 3, 2, 5, tzinfo=UTC)  # a Monday, ten o'clock in Karachi
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ME, COLLEAGUE = "account:me", "account:colleague"
NAMED, AREA = uuid4(), uuid4()
PEOPLE = {
    actor: Person(actor, actor, frozenset({"investigator"}), frozenset({"south"}))
    for actor in (ME, COLLEAGUE)
}
FACTS = Facts(
    people=PEOPLE,
    vehicles={
        ME: Vehicles(frozenset({"OWN111"}), frozenset({"WIFE22"})),
        COLLEAGUE: Vehicles(frozenset({"COL333"})),
    },
    authorities={
        NAMED: AuthorityFacts("FIR 1/2026", ("ABC123", "COL333")),
        AREA: AuthorityFacts("FIR 2/2026", None),
    },
)


def record(
    at: datetime = MORNING, permission: str = "plates.search", actor: str = ME, **details: Any
) -> Record:
    authority = details.pop("authority", AREA)
    outcome = details.pop("outcome", Outcome.ALLOWED)
    return Record("x", actor, outcome, permission, authority=authority, details=details, at=at)


def suspected(records: Iterable[Record], facts: Facts = FACTS) -> Sequence[Suspicion]:
    watch = Watch(facts)
    found: list[Suspicion] = []
    for position, each in enumerate(sorted(records, key=lambda r: str(r.at))):
        found.extend(watch.hear(Entry(position, each, b"", b"")))
    return fold([], [*found, *watch.close()]).raised


def kinds(records: Iterable[Record], facts: Facts = FACTS) -> set[Detector]:
    return {suspicion.detector for suspicion in suspected(records, facts)}


# -- vehicles --------------------------------------------------------------------------------


def test_same_plate_on_four_days_without_its_own_authority_is_asked_about() -> None:
    days = [record(MORNING + n * DAY, plate="ABC124") for n in range(4)]
    (found,) = suspected(days)
    assert found.detector is Detector.REPEATED_TARGET
    assert found.positions == (0, 1, 2, 3)
    assert not suspected(days[:3])


def test_same_plate_for_months_under_the_authority_that_names_it_is_work() -> None:
    assert not suspected(
        record(MORNING + n * DAY, plate="abc-123", authority=NAMED) for n in range(60)
    )


def test_authority_that_is_only_known_from_the_log_counts_too() -> None:
    fresh = uuid4()
    asked = record(
        permission="trust.request_authority", authority=fresh, plate=["XYZ9??"], case="1"
    )
    later = [record(MORNING + n * DAY, plate="XYZ987", authority=fresh) for n in range(1, 9)]
    assert not suspected([asked, *later])
    assert kinds(later) == {Detector.REPEATED_TARGET}


@pytest.mark.parametrize(
    ("details", "is_found"),
    [
        ({"plate": "OWN111"}, True),
        ({"plate": "own-111"}, True),
        ({"plate": "ＯＷＮ１１１"}, True),
        ({"plate": "WIFE22"}, True),
        ({"plate": "OWN11?", "match": "pattern"}, True),
        ({"plate": "OWN*", "match": "pattern"}, False),
        ({"plate": "OWN1111", "match": "near"}, True),
        ({"plate": "OWN1111", "match": "exact"}, False),
        ({"plate": "OWN111", "outcome": Outcome.DENIED}, True),
        ({"plate": "OWN111", "outcome": Outcome.FAILED}, False),
        ({"plate": "OWN111", "permission": "plates.edit_entries"}, True),
        ({"plate": ["ZZZ999", "OWN111"], "permission": "trust.request_authority"}, True),
        ({"plate": "ZZZ999"}, False),
        ({"plate": 7}, False),
        ({}, False),
    ],
)
def test_own_and_household_vehicles_are_known_however_they_are_written(
    details: dict[str, Any], is_found: bool
) -> None:
    assert (Detector.OWN_VEHICLE in kinds([record(**details)])) == is_found


def test_colleagues_vehicle_is_asked_about_unless_its_authority_names_it() -> None:
    assert kinds([record(plate="COL333")]) == {Detector.COLLEAGUES_VEHICLE}
    assert kinds([record(plate="COL33?")]) == {Detector.COLLEAGUES_VEHICLE}
    assert not kinds([record(plate="COL333", authority=NAMED)])


# -- hours -----------------------------------------------------------------------------------


def on_roster(*shifts: Shift) -> Facts:
    return replace(FACTS, shifts={ME: shifts})


TODAY = Shift(MORNING - HOUR, MORNING + 7 * HOUR)
NIGHT = MORNING + 13 * HOUR  # 23 o'clock in Karachi


def test_search_far_from_any_shift_is_asked_about_and_overtime_is_not() -> None:
    late = [record(TODAY.end + 3 * HOUR, plate="A1")]
    far = [record(TODAY.end + 4 * HOUR, plate="A1"), record(NIGHT, COLLEAGUE, plate="A1")]
    assert Detector.OFF_SHIFT not in kinds(late, on_roster(TODAY))
    assert Detector.OFF_SHIFT in kinds(far, on_roster(TODAY))


def test_who_is_on_no_roster_is_not_judged_by_it() -> None:
    assert not kinds([record(NIGHT, plate="A1")])
    old = Shift(TODAY.start - 30 * DAY, TODAY.end - 30 * DAY)
    assert not kinds([record(NIGHT, plate="A1")], on_roster(old))


def test_lone_search_at_night_is_asked_about_unless_somebody_of_the_same_work_is_there() -> None:
    alone = [record(NIGHT, plate="A1")]
    assert Detector.LONE_AFTER_HOURS in kinds(alone, on_roster(TODAY))
    beside = record(NIGHT + HOUR / 2, "alarms.view", COLLEAGUE)
    assert Detector.LONE_AFTER_HOURS not in kinds([*alone, beside], on_roster(TODAY))
    away = record(NIGHT + 2 * HOUR, "alarms.view", COLLEAGUE)
    assert Detector.LONE_AFTER_HOURS in kinds([*alone, away], on_roster(TODAY))
    duty = Shift(NIGHT - HOUR, NIGHT + 8 * HOUR)
    assert Detector.LONE_AFTER_HOURS not in kinds(alone, on_roster(TODAY, duty))


# -- reasons ---------------------------------------------------------------------------------

REASON = "Black Corolla seen by the watchman of Tariq Plaza leaving towards the old mill at {}."


def a_request(n: int, reason: str, case: str | None = None, actor: str = ME) -> Record:
    return record(
        MORNING + n * DAY, "trust.request_authority", actor, authority=uuid4(),
        plate=[f"AAA{n:03d}"], case=case or f"FIR {n}/2026", reason=reason,
    )  # fmt: skip


def test_third_case_with_the_same_words_is_asked_about() -> None:
    copies = [a_request(n, REASON.format(n)) for n in range(3)]
    (found,) = suspected(copies)
    assert found.detector is Detector.COPIED_REASONS
    assert found.positions == (0, 1, 2)
    assert not suspected(copies[:2])


def test_same_words_for_the_same_case_are_an_extension() -> None:
    assert not suspected(a_request(n, REASON.format(n), case="FIR 9/2026") for n in range(6))


def test_words_of_a_form_that_many_use_are_nobodys_own() -> None:
    form = "Vehicle stolen as per FIR, tracing of the route is required for its recovery."
    others = [a_request(n, form, actor=f"account:{n}") for n in range(30)]
    mine = [a_request(n, form) for n in range(30, 34)]
    assert not suspected([*others, *mine])


def test_urdu_reasons_are_compared_too() -> None:
    words = "کالی کرولا کو طارق پلازہ کے چوکیدار نے پرانی مل کی طرف جاتے دیکھا {}"
    assert kinds(a_request(n, words.format(n)) for n in range(3)) == {Detector.COPIED_REASONS}


def test_case_numbers_and_letter_case_change_nothing_and_other_words_do() -> None:
    assert alike(shingles("Seen at MILL 12 today, FIR 3"), shingles("seen at mill 9 today fir 4"))
    assert shingles("a b c", 6) == frozenset()
    assert alike(shingles("a b c d"), shingles("w x y z")) == 0.0


# -- places ----------------------------------------------------------------------------------

CENTRE = Point(67.0, 24.9)
PRAYER = SensitivePlace(
    UUID(int=1), "Mosque", PlaceKind.WORSHIP, Circle(CENTRE, 250), MORNING - 5 * HOUR,
    MORNING - 3 * HOUR,
)  # fmt: skip
AT_PRAYER = replace(
    FACTS, places=[PRAYER], cameras={"IN": CENTRE, "OUT": Point(67.1, 24.9), "FAR": Point(67.2, 25)}
)
WHEN: dict[str, Any] = {"since": PRAYER.since.isoformat(), "until": PRAYER.until.isoformat()}
NEAR = [66.997, 24.897, 67.003, 24.903]


@pytest.mark.parametrize(
    ("details", "is_found"),
    [
        ({"cameras": ["IN"], **WHEN}, True),
        ({"cameras": ["IN", "OUT"], **WHEN}, True),
        ({"cameras": ["IN", "OUT", "FAR"], **WHEN}, False),
        ({"cameras": ["OUT"], **WHEN}, False),
        ({"bounds": NEAR, **WHEN}, True),
        ({"bounds": ",".join(map(str, NEAR)), **WHEN}, True),
        ({"bounds": [66.9, 24.8, 67.1, 25.0], **WHEN}, False),
        ({"bounds": "nonsense", **WHEN}, False),
        ({**WHEN}, False),
        ({"cameras": ["IN"], **WHEN, "plate": "ABC123", "authority": NAMED}, False),
        ({"cameras": ["IN"], **WHEN, "plate": "ABC*", "authority": NAMED}, True),
        ({"cameras": ["IN"], "since": (MORNING - 2 * HOUR).isoformat()}, False),
        ({"cameras": ["IN"], "since": (MORNING - 9 * DAY).isoformat()}, False),
    ],
)
def test_search_aimed_at_a_place_at_its_time_is_asked_about(
    details: dict[str, Any], is_found: bool
) -> None:
    assert (Detector.SENSITIVE_PLACE in kinds([record(**details)], AT_PRAYER)) == is_found


def test_place_may_be_a_box() -> None:
    boxed = replace(PRAYER, area=Bounds(*NEAR))
    facts = replace(AT_PRAYER, places=[boxed])
    assert kinds([record(cameras=["IN"], **WHEN)], facts) == {Detector.SENSITIVE_PLACE}


# -- exports ---------------------------------------------------------------------------------


def usual_exports(days: int = 40) -> list[Record]:
    return [
        record(MORNING + n * DAY, "plates.export_entries", COLLEAGUE, rows=900 + 20 * (n % 7))
        for n in range(days)
    ]


def test_export_far_beyond_the_same_work_is_asked_about_and_a_large_report_is_not() -> None:
    at = MORNING + 40 * DAY
    large = record(at, "plates.export_entries", rows=3_000)
    huge = record(at, "plates.export_entries", rows=20_000)
    assert not kinds([*usual_exports(), large])
    assert kinds([*usual_exports(), huge]) == {Detector.BULK_EXPORT}


def test_nothing_is_usual_before_enough_is_known_but_a_flood_is_a_flood() -> None:
    few = usual_exports(5)
    at = MORNING + 5 * DAY
    assert not kinds([*few, record(at, "plates.export_entries", rows=20_000)])
    assert kinds([*few, record(at, "plates.export_entries", rows=50_000)]) == {Detector.BULK_EXPORT}


# -- acts and folding ------------------------------------------------------------------------


@given(st.text(max_size=20), st.text(max_size=20))
def test_naming_never_fails_and_writing_a_plate_twice_changes_nothing(a: str, b: str) -> None:
    plain = plain_plate(a)
    assert plain_plate(plain) == plain
    names(plain, plain_plate(b), near=True)


@given(st.text("AB1", min_size=1, max_size=6), st.integers(0, 5), st.sampled_from("XY9"))
def test_one_slip_is_one_letter_changed_added_or_lost(plate: str, at: int, letter: str) -> None:
    at %= len(plate)
    assert one_slip(plate[:at] + letter + plate[at + 1 :], plate)
    assert one_slip(plate[:at] + letter + plate[at:], plate)
    assert one_slip(plate[:at] + plate[at + 1 :], plate)
    assert not one_slip(plate + letter + letter, plate)


@given(
    st.dictionaries(
        st.sampled_from(["plate", "cameras", "bounds", "since", "until", "rows", "count", "case"]),
        st.none() | st.integers() | st.text(max_size=9) | st.lists(st.text() | st.floats()),
    )
)
def test_details_of_any_shape_are_read_without_failing(details: dict[str, Any]) -> None:
    entry = Entry(0, record(permission="plates.search", **details), b"", b"")
    assert act_of(entry) is not None
    suspected([entry.record])


def test_reviewed_finding_asks_again_only_on_enough_that_is_new() -> None:
    days = [record(MORNING + n * DAY, plate="ABC124") for n in range(9)]
    first = suspected(days[:4])[0]
    reviewed = Finding(uuid4(), first, MORNING, decision=ReviewDecision.EXPLAINED, note="x")
    for count, raised in ((4, 0), (5, 0), (6, 0), (7, 1)):
        assert len(fold([reviewed], suspected(days[:count])).raised) == raised
