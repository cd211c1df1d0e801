"""When and how long a camera is recorded, as people write it. Pure."""

from __future__ import annotations

import math
import re

from amaan.city.model import CityInputError, RecordPlan, WeeklyTime

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
TIMES_MOST = 50
BEFORE_MOST_S, AFTER_MOST_S = 60.0, 600.0
DAYS_MOST = 3650
GIGABYTES_MOST = 100_000.0
_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")


def check_plan(plan: RecordPlan) -> None:
    """Raise CityInputError, ``context["field"]`` the column's name, for a plan that cannot be."""
    for value, most, field in (
        (plan.before_s, BEFORE_MOST_S, "record_before_s"),
        (plan.after_s, AFTER_MOST_S, "record_after_s"),
    ):
        if not math.isfinite(value) or not 0 <= value <= most:
            raise CityInputError(f"0 to {most:g} seconds", field=field)
    if plan.days is not None and not 1 <= plan.days <= DAYS_MOST:
        raise CityInputError(f"1 to {DAYS_MOST} days, or none", field="record_days")
    gigabytes = plan.gigabytes
    if gigabytes is not None and not 0 < gigabytes <= GIGABYTES_MOST:
        raise CityInputError(
            f"above 0 and at most {GIGABYTES_MOST:g} GB, or none", field="record_gigabytes"
        )
    if len(plan.schedule) > TIMES_MOST:
        raise CityInputError(f"at most {TIMES_MOST} times a week", field="record_schedule")
    for time in plan.schedule:
        _check_time(time)
    if plan.mode == "scheduled" and not plan.schedule:
        raise CityInputError("scheduled recording needs a schedule", field="record_schedule")


def parse_schedule(text: str) -> tuple[WeeklyTime, ...]:
    """Return the times of a text such as ``Mon-Fri 08:00-18:30; Sat,Sun 00:00-24:00``.

    Raises CityInputError.
    """
    return tuple(_parsed(part) for part in re.split(r"[;\n]", text) if part.strip())


def format_schedule(schedule: tuple[WeeklyTime, ...]) -> str:
    """Return times as ``parse_schedule`` reads them."""
    return "; ".join(
        f"{','.join(DAYS[day] for day in time.days)} {time.start}-{time.end}" for time in schedule
    )


def _check_time(time: WeeklyTime) -> None:
    days_well = time.days and len(set(time.days)) == len(time.days)
    if not days_well or not all(0 <= day <= 6 for day in time.days):
        raise CityInputError("each time needs days, each once", field="record_schedule")
    end_well = time.end == "24:00" or _TIME.fullmatch(time.end)
    if not _TIME.fullmatch(time.start) or not end_well or time.start >= time.end:
        raise CityInputError(
            "a time is HH:MM-HH:MM, the end after the start and at most 24:00; one over midnight "
            "is two",
            field="record_schedule",
        )


def _parsed(part: str) -> WeeklyTime:
    found = re.fullmatch(r"\s*([A-Za-z, -]+?)\s+([0-9:]+)\s*-\s*([0-9:]+)\s*", part)
    if found is None:
        raise CityInputError(
            "write a schedule as Mon-Fri 08:00-18:30; Sat,Sun 00:00-24:00", field="record_schedule"
        )
    time = WeeklyTime(_days(found.group(1)), found.group(2), found.group(3))
    _check_time(time)
    return time


def _days(text: str) -> tuple[int, ...]:
    days: list[int] = []
    for piece in text.split(","):
        first, dash, last = piece.strip().partition("-")
        begin = _day(first)
        end = _day(last) if dash else begin
        if end < begin:
            raise CityInputError("write days from Monday on: Mon-Fri", field="record_schedule")
        days.extend(range(begin, end + 1))
    return tuple(sorted(set(days)))


def _day(text: str) -> int:
    short = text.strip()[:3].title()
    if short not in DAYS:
        raise CityInputError("a day is Mon, Tue, Wed ...", field="record_schedule")
    return DAYS.index(short)
