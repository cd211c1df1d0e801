"""Plates, patterns and how a read meets an entry. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

from amaan.kernel.plates import PATTERN_LITERALS as PATTERN_LITERALS
from amaan.kernel.plates import PLATE_LENGTH as PLATE_LENGTH
from amaan.kernel.plates import normalise as normalise
from amaan.plates import confusion
from amaan.plates.model import (
    Comparison,
    Difference,
    Entry,
    EntryDraft,
    EntryError,
    EntryKind,
    MatchKind,
    PlateError,
    Read,
)
from amaan.trust.authority.model import EntryCover, NotCoveredError

EARLIEST = datetime(2015, 1, 1, tzinfo=UTC)  # before any camera that this system could serve
FUTURE_TOLERANCE = timedelta(minutes=5)
REASON_LENGTH = 500
CASE_LENGTH = 100
INSTRUCTIONS_LENGTH = 2_000
LIVE_FOR = timedelta(minutes=15)
OFFSET_WORTH_KEEPING = timedelta(seconds=1)  # national standards ask for clocks within 1 s

_PLATE = re.compile(r"[A-Z0-9]{1,16}")
_PATTERN = re.compile(r"[A-Z0-9?*]{1,16}")


def plate_of(text: str) -> str:
    """Normalise to [A-Z0-9]{1,16}; raises PlateError saying what is wrong."""
    plate = normalise(text)
    if _PLATE.fullmatch(plate):
        return plate
    raise PlateError(_fault(plate, "letters A-Z and digits"))


def pattern_of(text: str) -> str:
    """Normalise a pattern; raises PlateError. Runs of ``*`` become one."""
    pattern = re.sub(r"\*+", "*", normalise(text))
    if not _PATTERN.fullmatch(pattern):
        raise PlateError(_fault(pattern, "letters A-Z, digits, ? and *"))
    return pattern


def entry_text(text: str) -> tuple[str, EntryKind]:
    """Return what a hot-list entry looks for, and its kind; raises PlateError.

    A pattern must name at least two characters: one that matches every tenth vehicle would drown
    the room in alarms.
    """
    if "?" not in text and "*" not in text:
        return plate_of(text), EntryKind.PLATE
    pattern = pattern_of(text)
    if sum(character not in "?*" for character in pattern) < PATTERN_LITERALS:
        raise PlateError(f"a pattern must name at least {PATTERN_LITERALS} characters: {pattern!r}")
    return pattern, EntryKind.PATTERN


def _fault(text: str, allowed: str) -> str:
    if not text:
        return "no plate given"
    if len(text) > PLATE_LENGTH:
        return f"longer than {PLATE_LENGTH} characters: {text[:40]!r}"
    return f"only {allowed} can stand in it: {text!r}"


def pattern_expression(pattern: str) -> re.Pattern[str]:
    """Compile a normalised pattern for ``fullmatch``."""
    parts = {"?": "[A-Z0-9]", "*": "[A-Z0-9]*"}
    return re.compile("".join(parts.get(character, character) for character in pattern))


def like(pattern: str) -> str:
    """Write a normalised pattern for SQL's LIKE (nothing in it needs escaping)."""
    return pattern.replace("?", "_").replace("*", "%")


def near_differences(entry: str, read: str) -> tuple[float, Difference] | None:
    """Return the cost and the one confusable character by which two plates differ, else None."""
    if len(entry) != len(read) or entry == read:
        return None
    found: tuple[float, Difference] | None = None
    for position, (true, seen) in enumerate(zip(entry, read, strict=True)):
        if true == seen:
            continue
        cost = confusion.cost(true, seen)
        if cost is None or found is not None:
            return None
        found = cost, Difference(position, seen, true)
    return found


def compare(entry: str, read: str, *, uncertain: bool) -> Comparison | None:
    """Hold a read against a plate entry: exact, near (one confusable character), or None.

    Near is always to be verified; exact is where the reader itself was unsure.
    """
    if entry == read:
        return Comparison(MatchKind.EXACT, 0.0, verify=uncertain)
    near = near_differences(entry, read)
    if near is None:
        return None
    return Comparison(MatchKind.NEAR, near[0], verify=True, differences=(near[1],))


def near_plates(plate: str) -> list[str]:
    """Return every plate that could be read as this one by one confusable character, sorted."""
    return sorted(
        plate[:position] + other + plate[position + 1 :]
        for position, character in enumerate(plate)
        for other in confusion.alternatives(character)
    )


def plausible_times(offset: timedelta, received_at: datetime) -> tuple[datetime, datetime]:
    """Return the first and last moment that a worker's clock may show without being suspect.

    ``offset`` is receiver minus sender, and is allowed for. Long delays are no fault: a site may
    have been cut off.
    """
    try:
        return EARLIEST, received_at + FUTURE_TOLERANCE - offset
    except OverflowError:  # a clock centuries off: no time that it shows means anything
        return EARLIEST, EARLIEST


def check_draft(draft: EntryDraft) -> None:
    """Raise EntryError where an entry must not be written so."""
    texts = (
        ("reason", draft.reason, REASON_LENGTH),
        ("case_ref", draft.case_ref, CASE_LENGTH),
        ("instructions", draft.instructions, INSTRUCTIONS_LENGTH),
    )
    for field, text, longest in texts:
        if len(text) > longest:
            raise EntryError(f"{field} is longer than {longest} characters", field=field)
        if any(character < " " and character not in "\n\t" for character in text):
            raise EntryError(f"{field} holds a control character", field=field)
    if not draft.reason.strip():
        raise EntryError("a reason is needed: why is this vehicle looked for?", field="reason")
    if draft.valid_until is not None and draft.valid_until <= draft.valid_from:
        raise EntryError("valid_until must be later than valid_from", field="valid_until")


def is_pattern(plate: str) -> bool:
    """Tell whether a normalised text has wildcards."""
    return "?" in plate or "*" in plate


def is_live(read: Read, now: datetime) -> bool:
    """Tell whether a read passed and arrived so lately that it is shown as it happens."""
    return now - LIVE_FOR <= min(read.observed_at, read.received_at)


def check_cover(draft: EntryDraft, cover: EntryCover) -> None:
    """Raise NotCoveredError or EntryError where the authority does not allow the entry."""
    if not cover.covers(draft.plate):
        raise NotCoveredError("the authority does not cover that plate", field="plate")
    if draft.valid_until is not None and draft.valid_until > cover.expires_at:
        raise EntryError(
            f"the authority expires at {cover.expires_at:%Y-%m-%d %H:%M} UTC", field="valid_until"
        )


def draft_of(entry: Entry) -> EntryDraft:
    """Return what a person wrote of an entry that has not ended."""
    assert entry.authority is not None, "only ended entries have no authority"
    return EntryDraft(
        entry.plate,
        entry.kind,
        entry.reason,
        entry.category,
        entry.severity,
        entry.case_ref,
        entry.instructions,
        entry.valid_from,
        entry.valid_until,
        entry.authority,
    )


def entry_from(
    draft: EntryDraft, entry_id: UUID, by: str, at: datetime, authority_until: datetime
) -> Entry:
    """Return a draft as an entry."""
    return Entry(
        entry_id,
        draft.plate,
        draft.kind,
        draft.reason,
        draft.category,
        draft.severity,
        draft.case_ref,
        draft.instructions,
        draft.valid_from,
        draft.valid_until,
        by,
        at,
        draft.authority,
        authority_until,
    )


def search_like(text: str) -> str:
    """Write free text as a LIKE pattern that finds it anywhere; plates are kept upper case."""
    escaped = text.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def plate_like(text: str) -> str | None:
    """Write free text as a LIKE pattern over plates; ``?`` and ``*`` stay wildcards.

    None where it holds nothing of a plate.
    """
    plate = normalise(text)
    if not plate:
        return None
    return search_like(plate).replace("?", "_").replace("*", "%")


def literal_ends(pattern: str) -> tuple[str, str]:
    """Return what a normalised pattern begins and ends with, outside its wildcards.

    Without a wildcard that is the whole of it, twice.
    """
    parts = re.split(r"[?*]", pattern)
    return parts[0], parts[-1]
