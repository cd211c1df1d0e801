"""No published figure, and no sum or difference of figures, tells a count under ten."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amaan.kernel.errors import InvalidError
from amaan.trust.audit.model import Entry, Outcome, Record
from amaan.trust.public.figures import TABLES, Cell, Tally, months
from amaan.trust.public.report import Basis, Period, report_bytes

BASIS = Basis(7, b"\x07" * 32)
MONTHS = ("2026-01", "2026-02", "2026-03")
SOME: tuple[Cell, ...] = (
    ("searches", "robbery", "count"),
    ("searches", "other", "count"),
    *(("authorities", "robbery", state) for state in ("requested", "active")),
    *(("authorities", "homicide", state) for state in ("requested", "active")),
    ("hits", "confirmed", "count"),
    ("hits", "rejected", "count"),
)
Atom = tuple[str, Cell]
ATOMS: tuple[Atom, ...] = tuple((month, cell) for month in MONTHS for cell in SOME)
PERIODS = [
    Period(date(2026, begin, 1), date(2026, end, 1))
    for begin in (1, 2, 3)
    for end in range(begin + 1, 5)
]
counts = st.integers(0, 25)
worlds = st.lists(counts, min_size=len(ATOMS), max_size=len(ATOMS)).map(
    lambda found: dict(zip(ATOMS, found, strict=True))
)


def reports(atoms: Mapping[Atom, int]) -> list[bytes]:
    return [report_bytes(period, BASIS, atoms) for period in PERIODS]


def equations(published: list[bytes]) -> Iterator[tuple[set[Atom], int]]:
    """Yield what an attacker who has every report knows: these atoms together make so many."""
    for period, content in zip(PERIODS, published, strict=True):
        for name, table in json.loads(content)["tables"].items():
            for cells, figure in _figures(name, table):
                if figure["n"] is not None:
                    yield {(m, cell) for m in period.months for cell in cells}, figure["n"]


def _figures(name: str, table: Mapping[str, Any]) -> Iterator[tuple[list[Cell], dict[str, Any]]]:
    shape = TABLES[name]
    for row, found in table["rows"].items():
        if "n" in found:
            yield [(name, row, "count")], found
        else:
            for column, figure in found.items():
                yield [(name, row, column)], figure
    if "total" in table:
        yield [(name, row, "count") for row in shape.rows], table["total"]
    for column, figure in table.get("totals", {}).items():
        yield [(name, row, column) for row in shape.rows], figure


def solved(known: list[tuple[set[Atom], int]]) -> dict[Atom, Fraction]:
    """Return every atom that the equations determine (Gauss-Jordan, in exact fractions)."""
    unknown = sorted({atom for atoms, _ in known for atom in atoms})
    place = {atom: n for n, atom in enumerate(unknown)}
    rows = []
    for atoms, total in known:
        row = [Fraction(0)] * (len(unknown) + 1)
        for atom in atoms:
            row[place[atom]] = Fraction(1)
        row[-1] = Fraction(total)
        rows.append(row)
    rank = 0
    for column in range(len(unknown)):
        pivot = next((r for r in range(rank, len(rows)) if rows[r][column]), None)
        if pivot is None:
            continue
        rows[rank], rows[pivot] = rows[pivot], rows[rank]
        lead = rows[rank][column]
        rows[rank] = [value / lead for value in rows[rank]]
        for r, row in enumerate(rows):
            if r != rank and row[column]:
                factor = row[column]
                rows[r] = [a - factor * b for a, b in zip(row, rows[rank], strict=True)]
        rank += 1
    found: dict[Atom, Fraction] = {}
    for row in rows[:rank]:
        named = [n for n, value in enumerate(row[:-1]) if value]
        if len(named) == 1:
            found[unknown[named[0]]] = row[-1]
    return found


@given(worlds)
@settings(max_examples=25, deadline=None)
def test_attacker_who_solves_all_equations_of_all_reports_learns_no_small_count(
    atoms: dict[Atom, int],
) -> None:
    for atom, value in solved(list(equations(reports(atoms)))).items():
        assert value >= 10, atom
        assert value == atoms[atom]


@given(worlds, st.data())
@settings(max_examples=40, deadline=None)
def test_small_count_may_be_any_other_small_count_and_no_report_changes_by_a_byte(
    atoms: dict[Atom, int], data: st.DataObject
) -> None:
    others = {
        atom: data.draw(st.integers(0, 9)) if count < 10 else count for atom, count in atoms.items()
    }
    assert reports(atoms) == reports(others)


def test_attacker_of_the_test_does_solve_a_report_that_publishes_its_totals() -> None:
    a, b = ("2026-01", SOME[0]), ("2026-01", SOME[1])
    assert solved([({a, b}, 15), ({a}, 12)]) == {a: 12, b: 3}
    assert solved([({a, b}, 15)]) == {}


def test_count_of_ten_is_shown_and_nine_is_not() -> None:
    atoms = {("2026-01", SOME[0]): 10, ("2026-01", SOME[1]): 9}
    report = json.loads(report_bytes(PERIODS[0], BASIS, atoms))
    assert report["tables"]["searches"]["rows"]["robbery"] == {"n": 10}
    assert report["tables"]["searches"]["rows"]["other"] == {"n": None, "at_least": 0}
    assert report["tables"]["searches"]["total"] == {"n": None, "at_least": 10}


def test_every_row_stands_in_every_report_so_that_none_is_missed() -> None:
    report = json.loads(report_bytes(PERIODS[0], BASIS, {}))
    assert set(report["tables"]) == set(TABLES)
    for name, table in TABLES.items():
        assert set(report["tables"][name]["rows"]) == set(table.rows)


def test_bytes_are_canonical_and_name_the_log() -> None:
    content = report_bytes(PERIODS[0], BASIS, {})
    document = json.loads(content)
    again = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert content == again.encode() + b"\n"
    assert document["log"]["size"] == 7
    assert document["from"] == "2026-01-01"


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (date(2026, 1, 2), date(2026, 2, 1)),
        (date(2026, 1, 1), date(2026, 1, 31)),
        (date(2026, 2, 1), date(2026, 2, 1)),
        (date(2020, 1, 1), date(2026, 1, 1)),
    ],
)
def test_part_of_a_month_is_refused(since: date, until: date) -> None:
    with pytest.raises(InvalidError):
        Period(since, until)


def test_months_of_a_period_cross_the_year() -> None:
    assert months(date(2025, 11, 1), date(2026, 2, 1)) == ["2025-11", "2025-12", "2026-01"]


def a_record(action: str, permission: str | None = None, **details: Any) -> Record:
    outcome = details.pop("outcome", Outcome.ALLOWED)
    at = datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC)
    return Record(action, "account:x", outcome, permission, details=details, at=at)


@pytest.mark.parametrize(
    ("record", "cell"),
    [
        (a_record("search_reads", "plates.search", purpose="robbery"), "searches robbery count 1"),
        (a_record("get_journey", "plates.search", purpose="unheard"), "searches other count 1"),
        (a_record("search_reads", "plates.search", outcome=Outcome.DENIED),
         "denials searches count 1"),
        (a_record("list_clips", "video.watch", outcome=Outcome.DENIED), "denials video count 1"),
        (a_record("request_authority", "trust.request_authority", purpose="homicide",
                  decision="requested", emergency=False), "authorities homicide requested 1"),
        (a_record("request_authority", "trust.request_authority", purpose="homicide",
                  decision="active", emergency=True), "authorities homicide declared 1"),
        (a_record("refuse_authority", "trust.approve_authority", purpose="homicide",
                  decision="sealed", emergency=True), "authorities homicide sealed 1"),
        (a_record("authority.expired", None, purpose="warrant"), "authorities warrant expired 1"),
        (a_record("confirm_alarm", "alarms.decide"), "hits confirmed count 1"),
        (a_record("reject_alarm", "alarms.decide"), "hits rejected count 1"),
        (a_record("add_entry", "plates.edit_entries"), "hot_list added count 1"),
        (a_record("import_entries", "plates.edit_entries", count=12), "hot_list added count 12"),
        (a_record("end_entry", "plates.edit_entries"), "hot_list ended count 1"),
        (a_record("retention.deleted", None, retention="clips", count=2),
         "deletions clips count 2"),
        (a_record("retention.deleted", None, retention="sessions", count=40),
         "deletions other count 40"),
        (a_record("retention.deleted", None, retention="reads", count=0), ""),
        (a_record("run_misuse_detectors", None, count=3), "misuse found count 3"),
        (a_record("review_finding", "trust.review_misuse", decision="explained"),
         "misuse explained count 1"),
        (a_record("receive_request", "trust.handle_requests", kind="access", step="received"),
         "requests access received 1"),
        (a_record("decide_appeal", "trust.decide_appeals", kind="complaint", step="upheld"),
         "requests complaint upheld 1"),
        (a_record("list_requests", "trust.handle_requests", count=4), ""),
        (a_record("acknowledge_alarm", "alarms.decide"), ""),
        (a_record("search_reads", "plates.search", outcome=Outcome.FAILED), ""),
        (a_record("add_entry", "plates.edit_entries", outcome=Outcome.BEGUN), ""),
        (a_record("sign_in", None, outcome=Outcome.DENIED), ""),
    ],
)  # fmt: skip
def test_entry_counts_as_what_it_is(record: Record, cell: str) -> None:
    tally = Tally()
    tally.hear(Entry(0, record, b"", b""))
    told = [f"{' '.join(at)} {count}" for (_, at), count in sorted(tally.atoms.items())]
    assert ", ".join(told) == cell
    assert {month for month, _ in tally.atoms} <= {"2026-01"}
