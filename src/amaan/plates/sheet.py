"""The hot-list as a CSV file: read line by line, bad lines named; written so that it reads back.

Reading takes UTF-8 with or without BOM, commas, semicolons or tabs, any line ends, and Excel's
``sep=;`` line. Writing guards against spreadsheets that run cells as formulas: a cell that begins
with one of ``= + - @``, a tab or a return gets an apostrophe in front, which reading takes off.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import IO, Final, TypeVar
from uuid import UUID

from amaan.kernel.errors import InvalidError
from amaan.plates import rules
from amaan.plates.events import moment
from amaan.plates.model import Category, Entry, EntryDraft, EntryError, PlateError, Severity

REQUIRED: Final = ("plate", "reason", "category", "severity")
OPTIONAL: Final = ("case_ref", "instructions", "valid_from", "valid_until")
COLUMNS: Final = (*REQUIRED, *OPTIONAL)
SHOWN: Final = 500  # characters of a bad line repeated in the report
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_GUARD: Final = "'"
_UNDATED: Final = datetime.min.replace(tzinfo=UTC)
_Choice = TypeVar("_Choice", bound=StrEnum)


class SheetError(InvalidError):
    """A file that cannot be read at all; nothing of it was taken."""

    code = "plates.invalid-sheet"


@dataclass(frozen=True, slots=True)
class Row:
    """A good line. ``dated`` is false where it does not say from when it is valid."""

    line: int
    draft: EntryDraft
    dated: bool


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A bad line, as it stood. ``line`` counts from 1, the heading included."""

    line: int
    column: str
    reason: str
    row: str


def read_sheet(file: IO[bytes], authority: UUID) -> Iterator[Row | RejectedRow]:
    """Yield what each line says; SheetError where the heading cannot be read.

    The error is raised by this call, before the first line is asked for. ``authority`` is what
    the lines shall stand under.
    """
    start = file.read(4)
    file.seek(0)
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise SheetError("the file is UTF-16: save it as CSV UTF-8")
    if start == b"PK\x03\x04":
        raise SheetError("the file is a workbook (.xlsx): save it as CSV UTF-8")
    text = io.TextIOWrapper(file, "utf-8-sig", errors="surrogateescape", newline="")
    first = text.readline()
    skipped = 0
    if first.lower().startswith("sep="):
        first, skipped = text.readline(), 1
    delimiter, heading = _heading(first)
    return _lines(text, delimiter, heading, skipped + 1, authority)


def write_heading() -> str:
    """Return the heading line."""
    return ",".join(COLUMNS) + "\r\n"


def write_rows(entries: Sequence[Entry]) -> str:
    """Return entries as lines."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for entry in entries:
        cells = (
            *(entry.plate, entry.reason, entry.category.value, entry.severity.value),
            *(entry.case_ref, entry.instructions, moment(entry.valid_from)),
            moment(entry.valid_until) if entry.valid_until else "",
        )
        writer.writerow([_guarded(cell) for cell in cells])
    return out.getvalue()


def _guarded(cell: str) -> str:
    return _GUARD + cell if cell.startswith((*_FORMULA, _GUARD)) else cell


def _unguarded(cell: str) -> str:
    guarded = cell.startswith(_GUARD) and cell[1:].startswith((*_FORMULA, _GUARD))
    return cell[1:] if guarded else cell


def _cell(text: str) -> str:
    return _unguarded(text.strip()).replace("\r\n", "\n").replace("\r", "\n")


def _heading(line: str) -> tuple[str, list[str]]:
    best: tuple[str, list[str]] = (",", [])
    for delimiter in ",;\t":
        try:
            cells = next(csv.reader([line], delimiter=delimiter, strict=True), [])
        except csv.Error:
            continue
        names = [cell.strip().lower() for cell in cells]
        if len(set(names) & set(COLUMNS)) > len(set(best[1]) & set(COLUMNS)):
            best = delimiter, names
    heading = best[1]
    if not heading:
        raise SheetError(f"the first line must name the columns: {','.join(COLUMNS)}")
    missing = [name for name in REQUIRED if name not in heading]
    unknown = [name for name in heading if name not in COLUMNS]
    if missing:
        raise SheetError(f"the heading lacks: {', '.join(missing)}")
    if unknown:
        raise SheetError(f"unknown column {_printable(unknown[0])!r}; known: {', '.join(COLUMNS)}")
    if len(set(heading)) < len(heading):
        raise SheetError("a column stands twice in the heading")
    return best


def _lines(
    text: io.TextIOWrapper, delimiter: str, heading: list[str], before: int, authority: UUID
) -> Iterator[Row | RejectedRow]:
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    while True:
        line = before + reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield RejectedRow(line, "", _csv_fault(str(error)), "")
            continue
        if any(cell.strip() for cell in cells):
            yield _row(line, cells, heading, authority)


def _csv_fault(message: str) -> str:
    if "unexpected end" in message:
        return "a quotation mark is opened here and never closed: all after it was left out"
    return f"not CSV: {message}"


def _row(line: int, cells: list[str], heading: list[str], authority: UUID) -> Row | RejectedRow:
    try:
        if len(cells) != len(heading):
            raise EntryError(f"{len(cells)} cells where the heading has {len(heading)}")
        given = dict(zip(heading, cells, strict=True))
        for name, cell in given.items():
            if not cell.isascii():
                _refuse_foreign_bytes(name, cell)
        row = {name: _cell(cell) for name, cell in given.items()}
        return _draft_row(line, row, authority)
    except EntryError as error:
        return RejectedRow(line, str(error.context.get("field") or ""), error.detail, _shown(cells))


def _refuse_foreign_bytes(name: str, cell: str) -> None:
    for character in cell:
        if "\udc80" <= character <= "\udcff":
            byte = ord(character) - 0xDC00
            raise EntryError(f"not UTF-8 (byte 0x{byte:02X}): save as CSV UTF-8", field=name)


def _draft_row(line: int, row: Mapping[str, str], authority: UUID) -> Row:
    try:
        plate, kind = rules.entry_text(row["plate"])
    except PlateError as error:
        raise EntryError(error.detail, field="plate") from error
    valid_from = _moment(row, "valid_from")
    draft = EntryDraft(
        plate=plate,
        kind=kind,
        reason=row["reason"],
        category=_choice(Category, row, "category"),
        severity=_choice(Severity, row, "severity"),
        case_ref=row.get("case_ref", ""),
        instructions=row.get("instructions", ""),
        valid_from=valid_from or _UNDATED,
        valid_until=_moment(row, "valid_until"),
        authority=authority,
    )
    rules.check_draft(draft)
    return Row(line, draft, valid_from is not None)


def _choice(choices: type[_Choice], row: Mapping[str, str], name: str) -> _Choice:
    try:
        return choices(row[name].lower())
    except ValueError as error:
        known = ", ".join(choices)
        raise EntryError(f"{_printable(row[name])!r} is none of: {known}", field=name) from error


def _moment(row: Mapping[str, str], name: str) -> datetime | None:
    text = row.get(name, "")
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise EntryError("a time needs its zone: 2026-03-01T00:00:00Z", field=name)
        return at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise EntryError("not a time like 2026-03-01T00:00:00Z", field=name) from error


def _printable(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")[:80]


def _shown(cells: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(cells)
    shown = out.getvalue().encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return shown if len(shown) <= SHOWN else shown[:SHOWN] + "…"
