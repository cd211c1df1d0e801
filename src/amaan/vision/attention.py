"""Which moving regions deserve a search now. A search costs a hundred times what motion does.

A region that showed no plate is looked at again once it has grown by GROWN (then the plate has,
too) or after EMPTY_S; one whose vehicle has been read after READ_S, in case a second vehicle
stands behind the first.
A region is followed from frame to frame by overlap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from amaan.vision.model import Box
from amaan.vision.motion import overlap

GROWN = 1.15
EMPTY_S = 1.0
READ_S = 1.0
CROWD_S = 0.4
ONE_VEHICLE = 6.5  # plate widths
FORGET_S = 1.0
SAME = 0.3  # of the smaller region


@dataclass(slots=True)
class _Known:
    box: Box
    seen_at: datetime
    looked_at: datetime
    looked_width: int
    wait_s: float
    was_read: bool = False

    def is_due(self, at: datetime) -> bool:
        """Tell whether a search may show more than the last one did."""
        if (at - self.looked_at).total_seconds() >= self.wait_s:
            return True
        return not self.was_read and self.box.w >= GROWN * self.looked_width


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
            if known.is_due(at):
                known.looked_at, known.looked_width = at, region.w
                due.append(region)
        return due

    def empty(self, region: Box, at: datetime) -> None:
        """Note that a search of the region found nothing."""
        self._note(region, at, EMPTY_S)

    def read(self, plate: Box, at: datetime) -> None:
        """Note that the vehicle around a plate has been read.

        A region too wide for one vehicle may hold another: it is looked at again soon.
        """
        around = Box(plate.x - plate.w, plate.y - 2 * plate.h, 3 * plate.w, 5 * plate.h)
        known = self._find(around)
        region = known.box if known else around
        wait_s = READ_S if region.w <= ONE_VEHICLE * plate.w else CROWD_S
        self._note(region, at, wait_s, was_read=True)

    def _note(self, region: Box, at: datetime, wait_s: float, was_read: bool = False) -> None:
        known = self._find(region)
        if known is None:
            self._known.append(_Known(region, at, at, region.w, wait_s, was_read))
            return
        known.box, known.seen_at = region, at
        known.looked_at, known.looked_width = at, region.w
        known.wait_s, known.was_read = wait_s, was_read

    def _find(self, region: Box) -> _Known | None:
        for known in self._known:
            smaller = min(region.w * region.h, known.box.w * known.box.h)
            if overlap(region, known.box) > SAME * smaller:
                return known
        return None
