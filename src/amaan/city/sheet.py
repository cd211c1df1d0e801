"""Cameras as a CSV file: each bad line is named with its column and reason, none stops the rest."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from amaan.city.address import CameraAddressError, parse_address
from amaan.city.model import (
    DEFAULT_ANALYSIS_FPS,
    Camera,
    CityInputError,
    NewCamera,
    RecordMode,
    RecordPlan,
    RejectedRow,
)
from amaan.city.recording import parse_schedule
from amaan.kernel.errors import AmaanError
from amaan.kernel.geography import Point

REQUIRED = ("code", "name", "site", "address")
RECORD = (
    "record_mode",
    "record_schedule",
    "record_before_s",
    "record_after_s",
    "record_days",
    "record_gigabytes",
)
OPTIONAL = (
    *("lon", "lat", "bearing_deg", "enabled", "read_plates", "analysis_fps"),
    *("sub_address", "onvif_address", "vendor", "model", "audio", *RECORD),
)
ADDRESSES = ("address", "sub_address", "onvif_address")
LINES_MOST = 20_000
_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})


@dataclass(frozen=True, slots=True)
class Line:
    """A line that could be read. ``row`` is safe to repeat; ``columns`` are those of its file."""

    number: int
    row: str
    camera: NewCamera
    columns: frozenset[str]

    def over(self, standing: Camera) -> NewCamera:
        """Return the camera with what stands of vendor, model, sound and recording put in.

        Only where the file has no column for it. A second address without a column is empty:
        it stays as well.
        """
        camera = self.camera
        return replace(
            camera,
            vendor=camera.vendor if "vendor" in self.columns else standing.vendor,
            model=camera.model if "model" in self.columns else standing.model,
            audio=camera.audio if "audio" in self.columns else standing.audio,
            record=camera.record if self.columns & set(RECORD) else standing.record,
        )


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file holds, good and bad."""

    lines: tuple[Line, ...]
    rejected: tuple[RejectedRow, ...]


def read_sheet(text: str) -> Sheet:
    """Read the file. Raises CityInputError when its heading lacks a needed column."""
    reader = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), strict=True)
    heading = _heading(reader)
    lines: list[Line] = []
    bad: list[RejectedRow] = []
    seen: dict[str, int] = {}
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            bad.append(RejectedRow(number, "", f"not CSV: {error}", ""))
            break
        if not any(cell.strip() for cell in cells):
            continue
        if len(lines) + len(bad) >= LINES_MOST:
            bad.append(RejectedRow(number, "", f"more than {LINES_MOST} lines: split it", ""))
            break
        shown = _shown(cells, heading)
        try:
            line = Line(number, shown, _camera(cells, heading), frozenset(heading))
            _refuse_repeated(line, seen)
            lines.append(line)
        except AmaanError as error:
            bad.append(RejectedRow(number, _column(error), error.detail, shown))
    return Sheet(tuple(lines), tuple(bad))


def rejected(line: Line, error: AmaanError) -> RejectedRow:
    """Return the report's row for a line that a rule refused."""
    return RejectedRow(line.number, _column(error), error.detail, line.row)


def _column(error: AmaanError) -> str:
    field = str(error.context.get("field") or "")
    return field or "address" if isinstance(error, CameraAddressError) else field


def _heading(reader: Iterator[list[str]]) -> list[str]:
    try:
        first = next(reader)
    except (StopIteration, csv.Error) as error:
        raise CityInputError("the file is empty or no CSV", field="") from error
    heading = [cell.strip().lower() for cell in first]
    missing = [name for name in REQUIRED if name not in heading]
    unknown = [name for name in heading if name not in REQUIRED + OPTIONAL]
    if missing:
        raise CityInputError(f"the heading lacks: {', '.join(missing)}", field=missing[0])
    if unknown:
        known = ", ".join(REQUIRED + OPTIONAL)
        raise CityInputError(f"unknown columns in the heading (known: {known})", field=unknown[0])
    if len(set(heading)) < len(heading):
        raise CityInputError("a column stands twice in the heading", field="")
    return heading


def _refuse_repeated(line: Line, seen: dict[str, int]) -> None:
    first = seen.setdefault(line.camera.code, line.number)
    if first != line.number:
        raise CityInputError(f"the code stands in line {first} already", field="code")


def _camera(cells: list[str], heading: list[str]) -> NewCamera:
    if len(cells) != len(heading):
        raise CityInputError(f"{len(cells)} cells where the heading has {len(heading)}", field="")
    row = {name: cell.strip() for name, cell in zip(heading, cells, strict=True)}
    for name in REQUIRED:
        if not row[name]:
            raise CityInputError("empty", field=name)
    fps = _number(row, "analysis_fps")
    return NewCamera(
        code=row["code"],
        name=row["name"],
        site=row["site"],
        address=row["address"],
        place=_place(row),
        bearing_deg=_number(row, "bearing_deg"),
        enabled=_truth(row, "enabled"),
        read_plates=_truth(row, "read_plates"),
        analysis_fps=DEFAULT_ANALYSIS_FPS if fps is None else fps,
        sub_address=_second(row, "sub_address"),
        onvif_address=_second(row, "onvif_address"),
        vendor=row.get("vendor", ""),
        model=row.get("model", ""),
        audio=_truth(row, "audio", empty=False),
        record=_plan(row),
    )


def _second(row: Mapping[str, str], name: str) -> str | None:
    """Return an address: "" where there is no column for it, None for an empty cell."""
    return row[name] or None if name in row else ""


def _plan(row: Mapping[str, str]) -> RecordPlan:
    usual = RecordPlan()
    mode = row.get("record_mode", "").lower() or usual.mode.value
    if mode not in set(RecordMode):
        raise CityInputError("continuous, event, scheduled or off", field="record_mode")
    before, after = _number(row, "record_before_s"), _number(row, "record_after_s")
    days = _number(row, "record_days")
    if days is not None and not days.is_integer():
        raise CityInputError("whole days", field="record_days")
    return RecordPlan(
        RecordMode(mode),
        parse_schedule(row.get("record_schedule", "")),
        usual.before_s if before is None else before,
        usual.after_s if after is None else after,
        None if days is None else int(days),
        _number(row, "record_gigabytes"),
    )


def _place(row: Mapping[str, str]) -> Point | None:
    lon, lat = _number(row, "lon"), _number(row, "lat")
    if (lon is None) != (lat is None):
        raise CityInputError("lon and lat stand together or not at all", field="lon")
    if lon is None or lat is None:
        return None
    try:
        return Point(lon, lat)
    except AmaanError as error:
        raise CityInputError(error.detail, field="lon") from error


def _number(row: Mapping[str, str], name: str) -> float | None:
    text = row.get(name, "")
    if not text:
        return None
    try:
        return float(text)
    except ValueError as error:
        raise CityInputError("not a number", field=name) from error


def _truth(row: Mapping[str, str], name: str, *, empty: bool = True) -> bool:
    text = row.get(name, "").lower()
    if not text:
        return empty
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise CityInputError("neither true nor false", field=name)


def _shown(cells: list[str], heading: list[str]) -> str:
    """Return the line as it stood, with whatever may be an address masked, in any column."""
    shown = ["***" if "@" in cell or "://" in cell else cell for cell in cells]
    for index, (name, cell) in enumerate(zip(heading, cells, strict=False)):
        if name not in ADDRESSES or not cell.strip():
            continue
        try:
            redacted = parse_address(cell).redacted
        except CameraAddressError:
            shown[index] = "***"
        else:  # where cells may have moved, not even a proper address is sure to be one
            shown[index] = redacted if len(cells) == len(heading) else "***"
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(shown)
    return out.getvalue()
