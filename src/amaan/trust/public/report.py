"""The transparency report as bytes: counts under ten suppressed, nothing of them left to reckon.

A figure is the sum of its atoms (one cell, one month). It is published whole only when every atom
of it is at least ten; else its ``n`` is null and ``at_least`` is the sum of those that are. So all
that is published follows from atoms of ten and more, and from which ones are less: no total, no
difference of two reports and no other equation says more of a small atom than that it is 0 to 9.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from amaan.kernel.errors import InvalidError
from amaan.kernel.events import JsonValue
from amaan.trust.public.figures import COUNT, TABLES, TOTALLED, Atoms, Cell, months

SUPPRESSED_BELOW: Final = 10
MONTHS_MOST: Final = 60
FORM: Final = "amaan-transparency-report/1"

Figure = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Period:
    """Whole calendar months in UTC: from the first of one up to, not with, that of another."""

    since: date
    until: date

    def __post_init__(self) -> None:
        if self.since.day != 1 or self.until.day != 1:
            raise InvalidError("a report covers whole months: give the first of each")
        if self.since >= self.until:
            raise InvalidError("the report ends before it begins")
        if len(self.months) > MONTHS_MOST:
            raise InvalidError(f"a report covers at most {MONTHS_MOST} months")

    @property
    def months(self) -> list[str]:
        """Return the months, as ``2026-01``."""
        return months(self.since, self.until)

    @property
    def begin(self) -> datetime:
        """Return the first moment."""
        return datetime(self.since.year, self.since.month, 1, tzinfo=UTC)

    @property
    def end(self) -> datetime:
        """Return the first moment after it."""
        return datetime(self.until.year, self.until.month, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Basis:
    """The state of the log that was counted: its first ``size`` entries, whose root this is."""

    size: int
    root: bytes


def figure(atoms: Iterable[int]) -> Figure:
    """Publish a sum of atoms as far as may be."""
    counts = list(atoms)
    shown = [count for count in counts if count >= SUPPRESSED_BELOW]
    if len(shown) == len(counts):
        return {"n": sum(shown)}
    return {"n": None, "at_least": sum(shown)}


def report_bytes(period: Period, basis: Basis, atoms: Atoms) -> bytes:
    """Return the report: canonical JSON (sorted keys, no spaces, UTF-8) and a newline."""
    document: dict[str, JsonValue] = {
        "form": FORM,
        "from": period.since.isoformat(),
        "to": period.until.isoformat(),
        "log": {"size": basis.size, "root": base64.b64encode(basis.root).decode()},
        "suppressed_below": SUPPRESSED_BELOW,
        "tables": {name: _table(name, period.months, atoms) for name in TABLES},
    }
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode() + b"\n"


def _table(name: str, over: Sequence[str], atoms: Atoms) -> dict[str, JsonValue]:
    table = TABLES[name]

    def sum_of(cells: Iterable[Cell]) -> Figure:
        return figure(atoms.get((month, cell), 0) for cell in cells for month in over)

    if table.columns == (COUNT,):
        rows: dict[str, JsonValue] = {row: sum_of([(name, row, COUNT)]) for row in table.rows}
        if name in TOTALLED:
            return {"rows": rows, "total": sum_of((name, row, COUNT) for row in table.rows)}
        return {"rows": rows}
    return {
        "rows": {
            row: {column: sum_of([(name, row, column)]) for column in table.columns}
            for row in table.rows
        },
        "totals": {
            column: sum_of((name, row, column) for row in table.rows) for column in table.columns
        },
    }
