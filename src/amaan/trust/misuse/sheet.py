"""A roster as a CSV file: each bad line is named with its column and reason, none stops the rest.

Columns: ``username,start,end``; times in ISO 8601 with their zone, as 2026-03-04T07:00:00+05:00.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from amaan.kernel.errors import AmaanError
from amaan.trust.misuse.model import FactsInputError, Shift
from amaan.trust.misuse.rules import check_shift

COLUMNS: Final = ("username", "start", "end")
LINES_MOST: Final = 50_000


@dataclass(frozen=True, slots=True)
class RejectedLine:
    """A line that was not taken. ``line`` counts from 1, the heading included."""

    line: int
    column: str
    reason: str
    row: str


@dataclass(frozen=True, slots=True)
class Roster:
    """What a file holds, good and bad."""

    shifts: tuple[tuple[UUID, Shift], ...]
    rejected: tuple[RejectedLine, ...]


def read_roster(text: str, accounts: Mapping[str, UUID]) -> Roster:
    """Read the file. Raises FactsInputError when its heading is not to be read."""
    reader = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), strict=True)
    order = _heading(reader)
    good: dict[tuple[UUID, datetime], Shift] = {}
    bad: list[RejectedLine] = []
    for count, (number, cells) in enumerate(_lines(reader, bad)):
        shown = ",".join(cells)[:200]
        if count >= LINES_MOST:
            bad.append(RejectedLine(number, "", f"more than {LINES_MOST} lines: split it", ""))
            break
        try:
            account, shift = _shift(cells, order, accounts)
            if (account, shift.start) in good:
                raise FactsInputError("this shift stands in the file already", field="start")
            good[account, shift.start] = shift
        except AmaanError as error:
            column = str(error.context.get("field") or "")
            bad.append(RejectedLine(number, column, error.detail, shown))
    return Roster(tuple((account, shift) for (account, _), shift in good.items()), tuple(bad))


def _heading(reader: Iterator[list[str]]) -> list[str]:
    try:
        heading = [cell.strip().lower() for cell in next(reader)]
    except (StopIteration, csv.Error) as error:
        raise FactsInputError("the file is empty or no CSV", field="") from error
    if sorted(heading) != sorted(COLUMNS):
        raise FactsInputError(f"the heading must be: {','.join(COLUMNS)}", field="")
    return heading


def _lines(reader: Iterator[list[str]], bad: list[RejectedLine]) -> Iterator[tuple[int, list[str]]]:
    number = 1
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            bad.append(RejectedLine(number, "", f"not CSV: {error}", ""))
            return
        if any(cell.strip() for cell in cells):
            yield number, cells


def _shift(cells: list[str], order: list[str], accounts: Mapping[str, UUID]) -> tuple[UUID, Shift]:
    if len(cells) != len(order):
        raise FactsInputError(f"{len(cells)} cells where the heading has {len(order)}", field="")
    row = {name: cell.strip() for name, cell in zip(order, cells, strict=True)}
    account = accounts.get(row["username"].lower())
    if account is None:
        raise FactsInputError("there is no such account", field="username")
    return account, check_shift(_moment(row, "start"), _moment(row, "end"))


def _moment(row: Mapping[str, str], column: str) -> datetime:
    try:
        moment = datetime.fromisoformat(row[column])
    except ValueError as error:
        raise FactsInputError("not a time as 2026-03-04T07:00:00+05:00", field=column) from error
    if moment.tzinfo is None:
        raise FactsInputError("the time lacks its zone, as +05:00", field=column)
    return moment.astimezone(UTC)
