"""How an entry becomes bytes, and what its columns are. Pure; ``docs/audit.md`` tells the form."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import orjson

from amaan.kernel.events import JsonValue
from amaan.kernel.plates import normalise
from amaan.trust.audit.merkle import leaf_hash
from amaan.trust.audit.model import Entry, Outcome, Record

LONGEST_TEXT: Final = 2_000
LONGEST_LIST: Final = 2_000
LONGEST_PLATE: Final = 100
DEEPEST: Final = 6
_CUT: Final = "…"
_GREATEST: Final = 2**53  # what every reader of JSON holds exactly
_DENIED: Final = frozenset({401, 403, 404, 429})

_TEXTS: Final = (
    *("action", "actor", "permission", "username", "method", "path", "address"),
    *("session", "request"),
)


@dataclass(frozen=True, slots=True)
class Columns:
    """What the database keeps beside the leaf to find it by; all of it follows from the leaf."""

    at: datetime
    actor: str
    username: str | None
    action: str
    permission: str | None
    outcome: str
    authority: UUID | None
    plates: tuple[str, ...]
    late: bool


def outcome_of(status: int) -> Outcome:
    """Return what an HTTP status says. 404 is a denial: the thing may stand at another's site."""
    if status < 400:
        return Outcome.ALLOWED
    return Outcome.DENIED if status in _DENIED else Outcome.FAILED


def leaf_of(record: Record, now: datetime) -> bytes:
    """Return the canonical JSON of a record: keys sorted, no spaces, UTF-8, no empty members.

    What has no place in it is made to fit: texts and lists are cut, NUL and lone surrogates
    replaced, numbers that are none left out. What was cut ends with an ellipsis.
    """
    at = (record.at or now).astimezone(UTC)
    members: dict[str, JsonValue] = {
        "at": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "outcome": str(record.outcome),
    }
    for name in _TEXTS:
        value = getattr(record, name)
        if value is not None:
            members[name] = clean_text(value)
    if record.status is not None:
        members["status"] = record.status
    if record.authority is not None:
        members["authority"] = str(record.authority)
    if record.late:
        members["late"] = True
    if record.details:
        members["details"] = clean(record.details)
    return orjson.dumps(members, option=orjson.OPT_SORT_KEYS)


def clean_text(text: str) -> str:
    """Return a text that PostgreSQL and JSON can hold, of bounded length."""
    if len(text) > LONGEST_TEXT:
        text = text[:LONGEST_TEXT] + _CUT
    if "\0" in text:
        text = text.replace("\0", "�")
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def clean(value: object, depth: int = 0) -> JsonValue:
    """Return a value as JSON of bounded size; what JSON does not know becomes text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, int):
        return value if -_GREATEST <= value <= _GREATEST else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if depth >= DEEPEST:
        return _CUT
    if isinstance(value, Mapping):
        members = list(value.items())[:LONGEST_LIST]
        return {clean_text(str(key)): clean(each, depth + 1) for key, each in members}
    if isinstance(value, Sequence | set | frozenset) and not isinstance(value, bytes):
        items = list(value)
        kept = [clean(each, depth + 1) for each in items[:LONGEST_LIST]]
        return [*kept, _CUT] if len(items) > LONGEST_LIST else kept
    return clean_text(str(value))


def entry_of(position: int, leaf: bytes) -> Entry:
    """Return an entry by its leaf. ValueError when the bytes are none."""
    return Entry(position, record_of(leaf), leaf, leaf_hash(leaf))


def record_of(leaf: bytes) -> Record:
    """Return what a leaf says. ValueError when the bytes are no leaf."""
    members = orjson.loads(leaf)
    if not isinstance(members, dict):
        raise ValueError("a leaf is a JSON object")
    try:
        authority = members.get("authority")
        return Record(
            at=datetime.fromisoformat(members["at"]),
            outcome=Outcome(members["outcome"]),
            status=members.get("status"),
            authority=None if authority is None else UUID(authority),
            late=members.get("late", False),
            details=members.get("details", {}),
            action=members["action"],
            actor=members["actor"],
            permission=members.get("permission"),
            username=members.get("username"),
            method=members.get("method"),
            path=members.get("path"),
            address=members.get("address"),
            session=members.get("session"),
            request=members.get("request"),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("a leaf lacks a member") from error


def columns_of(record: Record) -> Columns:
    """Return the columns of a record that came from a leaf."""
    assert record.at is not None
    return Columns(
        at=record.at,
        actor=record.actor,
        username=record.username,
        action=record.action,
        permission=record.permission,
        outcome=record.outcome.value,
        authority=record.authority,
        plates=plates_of(record.details),
        late=record.late,
    )


def plates_of(details: Mapping[str, JsonValue]) -> tuple[str, ...]:
    """Return the plates that were asked for, as they are compared: letters, digits, ``?``, ``*``.

    They stand in ``details["plate"]``, a text or a list of texts. What is longer than any plate
    or pattern is cut: an index refuses it, and the entries written together with it would go too.
    """
    named = details.get("plate")
    texts = [named] if isinstance(named, str) else named if isinstance(named, list) else []
    found = (plate_key(text)[:LONGEST_PLATE] for text in texts if isinstance(text, str))
    return tuple(dict.fromkeys(key for key in found if key))


def plate_key(text: str) -> str:
    """Return a plate as rooms compare it, of letters, digits, ``?`` and ``*`` only."""
    return "".join(c for c in normalise(text) if c.isalnum() or c in "?*")
