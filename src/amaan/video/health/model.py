"""Entries of the log, and availability."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

STATES = ("starting", "up", "stalled", "down", "unknown")
"""Kinds of entries that are states: one of them lasts at any time, or none while turned off."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was so of a camera: a state or a condition. ``until`` None: it lasts."""

    camera: str
    kind: str
    since: datetime
    until: datetime | None
    detail: str
    id: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """A camera as its log should say it stands; ``state`` None: turned off.

    ``heard_until`` is set after the centre was away: what it knows is only from before that.
    """

    camera: str
    state: str | None
    since: datetime
    detail: str
    conditions: tuple[tuple[str, datetime, str], ...]
    heard_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Availability:
    """Seconds of one camera, or of several together, in a time.

    ``expected_s``: it should have worked and the centre was listening. ``recorded_s`` None: not
    known. ``outages`` are times offline; ``longest_s`` is the longest of them.
    """

    key: str
    name: str
    cameras: int
    expected_s: float
    up_s: float
    recorded_s: float | None
    outages: int
    longest_s: float

    @property
    def share(self) -> float | None:
        """Return up out of expected; None where nothing was expected."""
        return self.up_s / self.expected_s if self.expected_s else None
