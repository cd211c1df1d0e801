"""Which moving regions deserve a search now. A search costs a hundred times what motion does.

A region that showed no plate is looked at again after EMPTY_S, one whose vehicle has been read
after READ_S: often enough for a plate that comes near, or for a second vehicle behind the first.
A region is followed from frame to frame by overlap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from amaan.vision.model import Box
from amaan.vision.motion import overlap

EMPTY_S = 0.45
READ_S = 3.0
FORGET_S = 1.0
SAME = 0.3  # of the smaller region


@dataclass(slots=True)
class _Known:
    box: Box
    seen_at: datetime
    looked_at: datetime
    wait_s: float


class Attention:
    """One camera's memory of where it has looked."""

    def __init__(self) -> None:
        self._known: list[_Known] = []

    def due(self, regions: Sequence[Box], at: datetime) -> list[Box]:
        """Return the regions to search in this frame, and follow the others."""
        self._known = [
            known for known in self._known if (at - known.seen_at).total_seconds() <= FORGET_S
        ]
        due = []
        for region in regions:
            known = self._find(region)
            if known is None:
                due.append(region)
                continue
            known.box, known.seen_at = region, at
            if (at - known.looked_at).total_seconds() >= known.wait_s:
                known.looked_at = at
                due.append(region)
        return due

    def empty(self, region: Box, at: datetime) -> None:
        """Note that a search of the region found nothing."""
        self._note(region, at, EMPTY_S)

    def read(self, plate: Box, at: datetime) -> None:
        """Note that the vehicle around a plate has been read."""
        around = Box(plate.x - plate.w, plate.y - 2 * plate.h, 3 * plate.w, 5 * plate.h)
        known = self._find(around)
        self._note(known.box if known else around, at, READ_S)

    def _note(self, region: Box, at: datetime, wait_s: float) -> None:
        known = self._find(region)
        if known is None:
            self._known.append(_Known(region, at, at, wait_s))
            return
        known.box, known.seen_at, known.looked_at = region, at, at
        known.wait_s = max(wait_s, known.wait_s)

    def _find(self, region: Box) -> _Known | None:
        for known in self._known:
            smaller = min(region.w * region.h, known.box.w * known.box.h)
            if overlap(region, known.box) > SAME * smaller:
                return known
        return None
