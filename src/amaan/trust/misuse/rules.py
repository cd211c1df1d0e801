"""Pure decisions: what may be declared, who may review, and when a night's run is due."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Final
from uuid import UUID

from amaan.kernel.errors import RefusedError
from amaan.trust.misuse.acts import plain_plate
from amaan.trust.misuse.model import (
    Circle,
    FactsInputError,
    Finding,
    FindingReviewedError,
    ReviewDecision,
    SensitivePlace,
    Shift,
    Vehicles,
)

RUN_AT: Final = time(22)  # UTC: three at night in Karachi
JUDGED_TO: Final = timedelta(hours=15)  # before the run: noon, so that no night is cut in two
LOOK_BACK: Final = timedelta(days=61)
LONGEST_SHIFT: Final = timedelta(hours=24)
LONGEST_PLACE: Final = timedelta(days=31)
WIDEST_M: Final = 5_000.0
VEHICLES_MOST: Final = 20
_PLATE: Final = re.compile(r"[A-Z0-9]{1,16}")


def due(judged_until: datetime | None, now: datetime) -> tuple[datetime, datetime] | None:
    """Return the time that the latest night's run is to judge; None when it has been."""
    last = datetime.combine(now.astimezone(UTC).date(), RUN_AT, UTC)
    if last > now:
        last -= timedelta(days=1)
    until = last - JUDGED_TO
    since = until - timedelta(days=1) if judged_until is None else judged_until
    return (since, until) if since < until else None


def check_vehicles(own: Iterable[str], household: Iterable[str]) -> Vehicles:
    """Return plates in one writing. Raises FactsInputError."""
    mine = frozenset(_plate(text, "own") for text in own)
    theirs = frozenset(_plate(text, "household") for text in household) - mine
    if len(mine) + len(theirs) > VEHICLES_MOST:
        raise FactsInputError(f"at most {VEHICLES_MOST} vehicles", field="own")
    return Vehicles(mine, theirs)


def _plate(text: str, field: str) -> str:
    plate = plain_plate(text)
    if not _PLATE.fullmatch(plate):
        raise FactsInputError(f"not a plate: {text[:40]!r}", field=field)
    return plate


def check_shift(start: datetime, end: datetime) -> Shift:
    """Return the shift. Raises FactsInputError."""
    if end <= start:
        raise FactsInputError("the shift ends before it begins", field="end")
    if end - start > LONGEST_SHIFT:
        raise FactsInputError("a shift has at most 24 hours", field="end")
    return Shift(start, end)


def check_place(place: SensitivePlace) -> SensitivePlace:
    """Return the place. Raises FactsInputError."""
    if not place.name.strip():
        raise FactsInputError("name the place", field="name")
    if place.until <= place.since:
        raise FactsInputError("the time ends before it begins", field="to")
    if place.until - place.since > LONGEST_PLACE:
        raise FactsInputError("a time has at most 31 days: enter it month by month", field="to")
    if isinstance(place.area, Circle) and not 0 < place.area.radius_m <= WIDEST_M:
        raise FactsInputError(f"a radius is at most {WIDEST_M:.0f} m", field="circle")
    return place


def review(
    finding: Finding, by: UUID, decision: ReviewDecision, note: str, now: datetime
) -> Finding:
    """Return the finding as reviewed. Raises FindingReviewedError, RefusedError."""
    if finding.decision is not None:
        raise FindingReviewedError("this finding was reviewed already")
    if finding.suspicion.actor == f"account:{by}":
        raise RefusedError("nobody reviews a finding about themselves")
    if not note.strip():
        raise FactsInputError("say why", field="note")
    return replace(finding, decision=decision, note=note.strip(), reviewed_at=now, reviewed_by=by)
