"""Audit entries as detectors see them: one kind, plates written one way."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Final
from uuid import UUID

from amaan.kernel.errors import InvalidError
from amaan.kernel.events import JsonValue
from amaan.kernel.geography import Bounds
from amaan.trust.audit.model import Entry, Outcome

_NO_PLATE: Final = re.compile(r"[^A-Z0-9?*]+")
_WILD: Final = re.compile(r"[?*]")
_FOUR: Final = re.compile(r"\s*-?[\d.]+(?:,\s*-?[\d.]+){3}\s*")
_DONE: Final = frozenset({Outcome.ALLOWED, Outcome.DENIED})
LITERALS_LEAST: Final = 4
"""A pattern with fewer letters and digits than this names no vehicle."""


class Kind(Enum):
    """What an entry was about."""

    SEARCH = auto()
    EXPORT = auto()
    REQUEST = auto()
    ENTRY = auto()
    OTHER = auto()


KINDS: Final = {
    "plates.search": Kind.SEARCH,
    "plates.export_entries": Kind.EXPORT,
    "trust.export_audit": Kind.EXPORT,
    "trust.request_authority": Kind.REQUEST,
    "trust.declare_emergency": Kind.REQUEST,
    "plates.edit_entries": Kind.ENTRY,
}


@dataclass(frozen=True, slots=True)
class Act:
    """What one person did. ``allowed`` false: tried it and was refused."""

    position: int
    at: datetime
    actor: str
    kind: Kind
    allowed: bool = True
    plates: tuple[str, ...] = ()
    near: bool = False
    cameras: tuple[str, ...] = ()
    bounds: Bounds | None = None
    since: datetime | None = None
    until: datetime | None = None
    case: str = ""
    reason: str = ""
    authority: UUID | None = None
    rows: int = 0
    count: int = 0


def plain_plate(text: str) -> str:
    """Return a plate as letters and digits, with the wildcards that it has."""
    return _NO_PLATE.sub("", unicodedata.normalize("NFKC", text).upper())


def act_of(entry: Entry) -> Act | None:
    """Read an entry; None for what no person did, and for intents (their outcome follows)."""
    record = entry.record
    if not record.actor.startswith("account:") or record.outcome not in _DONE:
        return None
    assert record.at is not None
    details = record.details
    kind = KINDS.get(record.permission or "", Kind.OTHER)
    allowed = record.outcome is Outcome.ALLOWED
    if kind is Kind.OTHER:
        rows = _number(details, "rows")
        return Act(entry.position, record.at, record.actor, kind, allowed, rows=rows)
    return Act(
        position=entry.position,
        at=record.at,
        actor=record.actor,
        kind=kind,
        allowed=allowed,
        plates=tuple(p for p in map(plain_plate, _texts(details.get("plate"))) if p),
        near=details.get("match") == "near",
        cameras=_texts(details.get("cameras")),
        bounds=_bounds(details.get("bounds")),
        since=_moment(details.get("since")),
        until=_moment(details.get("until")),
        case=_text(details, "case").strip(),
        reason=_text(details, "reason"),
        authority=record.authority,
        rows=_number(details, "rows"),
        count=_number(details, "count"),
    )


def names(asked: str, plate: str, *, near: bool = False) -> bool:
    """Tell whether what was asked for singles out a plate, through wildcards or a slip too."""
    if asked == plate:
        return True
    if _WILD.search(asked):
        literals = len(_WILD.sub("", asked))
        if literals < max(LITERALS_LEAST, len(plate) - 2):
            return False
        parts = (".*" if c == "*" else "." if c == "?" else re.escape(c) for c in asked)
        return re.fullmatch("".join(parts), plate) is not None
    return near and one_slip(asked, plate)


def one_slip(a: str, b: str) -> bool:
    """Tell whether one letter changed, missing or added makes one the other."""
    if abs(len(a) - len(b)) > 1:
        return False
    short, long = sorted((a, b), key=len)
    same = next((i for i, (x, y) in enumerate(zip(short, long, strict=False)) if x != y), None)
    if same is None:
        return True
    tail = same + 1 if len(short) == len(long) else same
    return short[tail:] == long[same + 1 :]


def _text(details: Mapping[str, JsonValue], key: str) -> str:
    value = details.get(key)
    return value if isinstance(value, str) else ""


def _texts(value: JsonValue) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, Sequence):
        return tuple(each for each in value if isinstance(each, str))
    return ()


def _number(details: Mapping[str, JsonValue], key: str) -> int:
    value = details.get(key)
    return value if isinstance(value, int) else 0


def _moment(value: JsonValue) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _bounds(value: JsonValue) -> Bounds | None:
    parts: Sequence[JsonValue] = ()
    if isinstance(value, str):
        parts = [float(part) for part in value.split(",")] if _FOUR.fullmatch(value) else ()
    elif isinstance(value, Sequence):
        parts = value
    sides = [float(part) for part in parts if isinstance(part, int | float)]
    if len(sides) != 4:
        return None
    try:
        return Bounds(*sides)
    except InvalidError:
        return None
