"""What may be set, what may be held, and when a run is due. Pure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from amaan.trust.retention.model import (
    HoldDraft,
    HoldError,
    RetentionClass,
    RetentionDaysError,
    Run,
)

REVIEW_WITHIN: Final = timedelta(days=180)
REASON_LENGTH: Final = 1_000
PLATES_AT_MOST: Final = 500
CAMERAS_AT_MOST: Final = 2_000
AREA_AT_MOST: Final = timedelta(days=92)  # all that some cameras saw: no way round the days
UNFINISHED_AGAIN: Final = timedelta(hours=1)
JUMP: Final = timedelta(hours=1)
STEADY_FOR: Final = timedelta(days=1)
_PLATE: Final = re.compile(r"[A-Z0-9]{1,16}")


def check_days(found: RetentionClass, days: int, reason: str) -> str:
    """Return the reason on one line. Raises RetentionDaysError."""
    if not found.least <= days <= found.most:
        raise RetentionDaysError(
            f"{found.name} are kept {found.least} to {found.most} days", field="days"
        )
    return checked_reason(reason, RetentionDaysError)


def checked_reason(
    reason: str, error: type[RetentionDaysError] | type[HoldError] = HoldError
) -> str:
    """Return the reason on one line; raises ``error`` without one, or for too long a one."""
    text = " ".join(reason.split())
    if not text or len(text) > REASON_LENGTH:
        raise error(f"a reason of 1 to {REASON_LENGTH} characters is needed", field="reason")
    return text


def check_review(review_at: datetime, now: datetime) -> None:
    """Refuse a review that is over or farther than 180 days. Raises HoldError."""
    if not now < review_at <= now + REVIEW_WITHIN:
        raise HoldError("the review lies ahead, within 180 days", field="review_at")


def check_draft(draft: HoldDraft, now: datetime) -> None:
    """Refuse a hold that nobody could review, or that holds everything. Raises HoldError."""
    scope = draft.scope
    if not draft.case_ref.strip():
        raise HoldError("a case is needed", field="case_ref")
    if scope.plates is None and scope.cameras is None:
        raise HoldError("name plates or cameras: a hold of everything is no hold", field="scope")
    if scope.plates is not None:
        if not 1 <= len(scope.plates) <= PLATES_AT_MOST:
            raise HoldError(f"1 to {PLATES_AT_MOST} plates", field="plates")
        if not all(_PLATE.fullmatch(plate) for plate in scope.plates):
            raise HoldError("plates in capital letters and digits only", field="plates")
    if scope.cameras is not None and not 1 <= len(scope.cameras) <= CAMERAS_AT_MOST:
        raise HoldError(f"1 to {CAMERAS_AT_MOST} cameras", field="cameras")
    if scope.until <= scope.since:
        raise HoldError("until lies after since", field="until")
    if scope.plates is None and scope.until - scope.since > AREA_AT_MOST:
        raise HoldError(f"without plates at most {AREA_AT_MOST.days} days are held", field="until")
    check_review(draft.review_at, now)


def due_since(now: datetime, hour: int) -> datetime:
    """Return the last moment at which a run should have begun."""
    today = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    return today if today <= now else today - timedelta(days=1)


def is_due(now: datetime, hour: int, last: Run | None) -> bool:
    """Tell whether a run should begin: none since the hour ended well.

    One that was killed or met an error is tried again after an hour, never in a tight loop.
    """
    if last is None or last.started_at < due_since(now, hour):
        return True
    if last.ended_at is not None and last.failed is None:
        return False
    return now - (last.ended_at or last.started_at) >= UNFINISHED_AGAIN


class ClockWatch:
    """Trusts a clock that has not jumped for a day: what a wrong one deletes is gone for ever.

    ``ran`` is time by a clock that nobody sets, from any beginning.
    """

    def __init__(self) -> None:
        self._seen: tuple[datetime, timedelta] | None = None
        self._jumped: timedelta | None = None

    def look(self, now: datetime, ran: timedelta) -> timedelta | None:
        """Return by how much the clock jumped since the last look, if it did."""
        seen, self._seen = self._seen, (now, ran)
        if seen is None:
            return None
        jump = now - seen[0] - (ran - seen[1])
        if abs(jump) < JUMP:
            return None
        self._jumped = ran
        return jump

    def is_steady(self) -> bool:
        """Tell whether the last jump was a day ago."""
        if self._jumped is None or self._seen is None:
            return True
        return self._seen[1] - self._jumped >= STEADY_FOR
