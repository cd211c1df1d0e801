"""A schedule is read and written the same way, and says what is wrong with it."""

from __future__ import annotations

import pytest

from amaan.city.model import CityInputError, WeeklyTime
from amaan.city.recording import format_schedule, parse_schedule


def test_schedule_is_read_and_written() -> None:
    schedule = parse_schedule("Mon-Fri 08:00-18:30; sat,Sunday 00:00-24:00")
    assert schedule == (
        WeeklyTime((0, 1, 2, 3, 4), "08:00", "18:30"),
        WeeklyTime((5, 6), "00:00", "24:00"),
    )
    assert parse_schedule(format_schedule(schedule)) == schedule
    assert parse_schedule("") == ()


@pytest.mark.parametrize(
    "text",
    ["always", "Mon 8:00-9:00", "Mon 09:00-08:00", "Mon 00:00-24:01", "Fri-Mon 08:00-09:00",
     "Xyz 08:00-09:00", "08:00-09:00", "Mon 22:00-06:00"],
)  # fmt: skip
def test_schedule_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(CityInputError) as refused:
        parse_schedule(text)
    assert refused.value.context["field"] == "record_schedule"
