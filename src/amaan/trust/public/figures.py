"""Which entries of the audit log are counted as what. Pure: the log and nothing else.

Every figure is made of atoms: how often one thing happened in one calendar month (UTC). The
tables and their rows are fixed, so that a row that is missing tells nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from amaan.kernel.events import JsonValue
from amaan.trust.audit.model import Entry, Outcome, Record
from amaan.trust.authority.model import Purpose

OTHER: Final = "other"
COUNT: Final = "count"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the report: fixed rows by fixed columns."""

    rows: tuple[str, ...]
    columns: tuple[str, ...] = (COUNT,)


Cell = tuple[str, str, str]
"""Table, row, column."""
Atoms = Mapping[tuple[str, Cell], int]
"""Counts by month (``2026-01``) and cell; what is not in it is 0."""

_PURPOSES: Final = (*(purpose.value for purpose in Purpose), OTHER)
_STEPS: Final = (
    *("received", "verified", "answered", "refused", "appealed", "upheld", "dismissed"),
)
_STATES: Final = (
    *("requested", "declared", "active", "refused", "revoked", "withdrawn", "expired", "sealed"),
)
TABLES: Final[Mapping[str, Table]] = {
    "searches": Table(_PURPOSES),
    "authorities": Table(_PURPOSES, _STATES),
    "denials": Table(
        ("searches", "plates", "video", "alarms", "city", "trust", OTHER),
    ),
    "hot_list": Table(("added", "ended")),
    "hits": Table(("confirmed", "rejected")),
    "deletions": Table(("reads", "hits", "pictures", "clips", "alarms", OTHER)),
    "misuse": Table(("found", "explained", "referred")),
    "requests": Table(("access", "complaint"), _STEPS),
}
TOTALLED: Final = frozenset({"searches", "denials", "hits"})
"""Tables of one column whose rows make a sensible sum; those of more have one for each column."""

_SEARCHES: Final = frozenset({"search_reads", "get_journey"})
_AUTHORITY: Final = frozenset(
    {
        *("trust.request_authority", "trust.declare_emergency", "trust.approve_authority"),
        *("trust.revoke_authority", "trust.approve_beyond_tier"),
    }
)
_REQUESTS: Final = frozenset({"trust.handle_requests", "trust.decide_appeals"})


def month_of(at: datetime) -> str:
    """Return the calendar month of a moment, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m")


def months(since: date, until: date) -> list[str]:
    """Return the calendar months from ``since`` up to, not with, ``until``; both are firsts."""
    found: list[str] = []
    year, month = since.year, since.month
    while (year, month) < (until.year, until.month):
        found.append(f"{year:04d}-{month:02d}")
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return found


class Tally:
    """Counts entries."""

    def __init__(self) -> None:
        self.atoms: Counter[tuple[str, Cell]] = Counter()

    def hear(self, entry: Entry) -> None:
        """Count an entry as what it is, if it is anything that is reported."""
        record = entry.record
        assert record.at is not None
        for cell, times in cells_of(record).items():
            self.atoms[month_of(record.at), cell] += times


def cells_of(record: Record) -> dict[Cell, int]:
    """Return what a record counts as, and how often."""
    if record.outcome is Outcome.DENIED:
        denied = _denial(record)
        return {denied: 1} if denied else {}
    if record.outcome is not Outcome.ALLOWED:
        return {}
    details, permission = record.details, record.permission or ""
    if permission == "plates.search" and record.action in _SEARCHES:
        return {("searches", _row("searches", details.get("purpose")), COUNT): 1}
    if permission in _AUTHORITY:
        return _authority(record)
    if record.action in ("authority.expired", "authority.sealed"):
        return _authority(record, record.action.partition(".")[2])
    if permission == "trust.review_misuse":
        decision = details.get("decision")
        return (
            {("misuse", str(decision), COUNT): 1} if decision in ("explained", "referred") else {}
        )
    if permission in _REQUESTS:
        return _request(details)
    return _by_action(record)


def _by_action(record: Record) -> dict[Cell, int]:
    details = record.details
    if record.action == "run_misuse_detectors":
        return _some(("misuse", "found", COUNT), _number(details.get("count")))
    if record.action == "retention.deleted":
        return _deletion(details)
    if record.permission == "alarms.decide":
        decided = {"confirm_alarm": "confirmed", "reject_alarm": "rejected"}.get(record.action)
        return {("hits", decided, COUNT): 1} if decided else {}
    if record.permission == "plates.edit_entries":
        if record.action == "add_entry":
            return {("hot_list", "added", COUNT): 1}
        if record.action == "end_entry":
            return {("hot_list", "ended", COUNT): 1}
        if record.action == "import_entries":
            return _some(("hot_list", "added", COUNT), _number(details.get("count")))
    return {}


def _denial(record: Record) -> Cell | None:
    room, dot, _ = (record.permission or "").partition(".")
    if not dot:
        return None  # nobody was asked for a permission: a sign-in, say
    row = "searches" if record.permission == "plates.search" else _row("denials", room)
    return ("denials", row, COUNT)


def _authority(record: Record, state: str | None = None) -> dict[Cell, int]:
    """Count a step by purpose; an emergency's first one as declared, not as active."""
    details = record.details
    purpose = details.get("purpose")
    found: object = state or details.get("decision")
    if record.action == "request_authority" and details.get("emergency") is True:
        found = "declared"
    if not isinstance(found, str) or found not in _STATES or purpose is None:
        return {}
    return {("authorities", _row("authorities", purpose), found): 1}


def _request(details: Mapping[str, JsonValue]) -> dict[Cell, int]:
    kind, step = details.get("kind"), details.get("step")
    table = TABLES["requests"]
    if kind not in table.rows or step not in table.columns:
        return {}
    return {("requests", str(kind), str(step)): 1}


def _deletion(details: Mapping[str, JsonValue]) -> dict[Cell, int]:
    name = _row("deletions", details.get("retention"))
    return _some(("deletions", name, COUNT), _number(details.get("count")))


def _row(table: str, name: JsonValue) -> str:
    return name if isinstance(name, str) and name in TABLES[table].rows else OTHER


def _some(cell: Cell, times: int) -> dict[Cell, int]:
    return {cell: times} if times > 0 else {}


def _number(value: JsonValue) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
