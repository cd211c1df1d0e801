from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from amaan.trust.misuse.model import FactsInputError
from amaan.trust.misuse.sheet import read_roster

SANA, ALI = uuid4(), uuid4()
ACCOUNTS = {"sana": SANA, "ali": ALI}
HEADING = "username,start,end\n"
GOOD = "sana,2026-03-04T07:00:00+05:00,2026-03-04T15:00:00+05:00"


def test_good_lines_are_read_in_utc_whatever_the_order_of_columns() -> None:
    text = "\ufeffEnd, START ,username\n2026-03-04T15:00:00+05:00,2026-03-04T07:00:00+05:00,sana\n"
    roster = read_roster(text, ACCOUNTS)
    ((account, shift),) = roster.shifts
    assert account == SANA
    assert shift.start == datetime(2026, 3, 4, 2, tzinfo=UTC)
    assert roster.rejected == ()


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("nobody,2026-03-04T07:00+05:00,2026-03-04T15:00+05:00", "username"),
        ("sana,2026-03-04T07:00,2026-03-04T15:00+05:00", "start"),
        ("sana,2026-03-04T07:00+05:00,soon", "end"),
        ("sana,2026-03-04T07:00+05:00,2026-03-04T07:00+05:00", "end"),
        ("sana,2026-03-04T07:00+05:00,2026-03-06T07:00+05:00", "end"),
        ("sana,2026-03-04T07:00+05:00", ""),
    ],
)
def test_bad_line_is_named_and_stops_no_other(line: str, column: str) -> None:
    roster = read_roster(f"{HEADING}{line}\n\nALI,{GOOD.partition(',')[2]}\n", ACCOUNTS)
    assert [account for account, _ in roster.shifts] == [ALI]
    (bad,) = roster.rejected
    assert (bad.line, bad.column) == (2, column)
    assert bad.reason
    assert bad.row == line


def test_shift_that_stands_twice_is_taken_once() -> None:
    roster = read_roster(f"{HEADING}{GOOD}\n{GOOD}\n", ACCOUNTS)
    assert len(roster.shifts) == 1
    assert roster.rejected[0].line == 3


@pytest.mark.parametrize("text", ["", "username,start\n", "a,b,c\n", HEADING.replace("end", "x")])
def test_file_without_its_heading_is_refused(text: str) -> None:
    with pytest.raises(FactsInputError):
        read_roster(text, ACCOUNTS)


def test_broken_quotes_end_the_reading_with_a_line_number() -> None:
    roster = read_roster(f'{HEADING}{GOOD}\nali,"2026', ACCOUNTS)
    assert len(roster.shifts) == 1
    assert "not CSV" in roster.rejected[0].reason
