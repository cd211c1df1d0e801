"""What timelines are drawn from, kept in memory: cameras' past days, unpacked once.

Nothing here knows who asks. It is looked into only for cameras that the database has just named
to the asker, with the number of their changes: a copy under a lower number is not used.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Final

import numpy as np

from amaan.video.index import rules
from amaan.video.index.drawing import EMPTY, Rows, drawn_whole
from amaan.video.index.model import Times
from amaan.video.index.store import Standing

MOST_BYTES: Final = 256 << 20  # a month of 1,300 cameras takes 21 MB, and 6 MB for each scale
SCALES: Final = 4  # sizes of a pixel at which a whole city is kept drawn
_NEVER: Final = -1

ChangedDay = tuple[str, date, bytes, bytes]


@dataclass(frozen=True, slots=True)
class Kept:
    """All days of one camera as of a number of changes, or later."""

    changed: int
    rows: Rows


_NOTHING: Final = Kept(_NEVER, EMPTY)


@dataclass(frozen=True, slots=True)
class Look:
    """What an answer needs, as it was found on the shelf: usable as it is, or to be mended."""

    standing: Sequence[Standing]
    usable: Mapping[str, Kept]
    old: Mapping[str, Kept]

    @property
    def since(self) -> dict[str, int]:
        """After which number of a camera's changes its days are to be read."""
        return {camera: kept.changed for camera, kept in self.old.items()}


class Shelf:
    """One stream's cameras. What was asked for least lately goes first, when room is short."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._scales: OrderedDict[int, dict[str, Kept]] = OrderedDict()
        self.bytes = 0

    def look(self, standing: Sequence[Standing]) -> Look:
        """Find cameras that the asker was just shown to stand so."""
        usable, old = {}, {}
        for one in standing:
            kept = self._kept.get(one.camera)
            if kept is None or kept.changed < one.shrunk:
                old[one.camera] = _NOTHING
            elif kept.changed < one.changed:
                old[one.camera] = kept
            else:
                usable[one.camera] = kept
        return Look(standing, usable, old)

    def mend(self, look: Look, days: Iterable[ChangedDay]) -> dict[str, Kept]:
        """Return each camera as it stands, in order; ``days``: those changed after ``since``.

        Where another reader was quicker meanwhile, its copy stays, and this one serves this answer.
        """
        changed = {
            camera: [day[1:] for day in some] for camera, some in groupby(days, lambda day: day[0])
        }
        found = {}
        for one in look.standing:
            camera = one.camera
            kept = look.usable.get(camera)
            if kept is None:
                before = look.old[camera]
                kept = Kept(one.changed, _with_days(before.rows, changed.get(camera, ())))
                there = self._kept.get(camera)
                if there is None or there.changed < kept.changed:
                    self._put(self._kept, camera, kept)
            if camera in self._kept:
                self._kept.move_to_end(camera)
            found[camera] = kept
        self._make_room()
        return found

    def drawn(self, found: Mapping[str, Kept], pixel_ms: int) -> list[Rows]:
        """Return cameras whole, as fine as a size of pixel shows them, in the order given.

        What was drawn before is drawn anew only where it has changed.
        """
        scale = self._scales.setdefault(pixel_ms, {})
        self._scales.move_to_end(pixel_ms)
        old = [
            camera
            for camera, kept in found.items()
            if (there := scale.get(camera)) is None or there.changed != kept.changed
        ]
        anew = drawn_whole([found[camera].rows for camera in old], pixel_ms)
        for camera, rows in zip(old, anew, strict=True):
            self._put(scale, camera, Kept(found[camera].changed, rows))
        answer = [scale[camera].rows for camera in found]
        self._make_room()
        return answer

    @property
    def scales(self) -> Sequence[int]:
        """The sizes of pixels, in ms, at which cameras are kept drawn."""
        return tuple(self._scales)

    def _put(self, where: dict[str, Kept], camera: str, kept: Kept) -> None:
        before = where.get(camera)
        self.bytes += kept.rows.bytes - (0 if before is None else before.rows.bytes)
        where[camera] = kept

    def _make_room(self) -> None:
        while self._scales and (len(self._scales) > SCALES or self.bytes > self._most_bytes):
            _, scale = self._scales.popitem(last=False)
            self.bytes -= sum(kept.rows.bytes for kept in scale.values())
        while self.bytes > self._most_bytes:
            _, kept = self._kept.popitem(last=False)
            self.bytes -= kept.rows.bytes


def _with_days(rows: Rows, days: Sequence[tuple[date, bytes, bytes]]) -> Rows:
    if not days:
        return rows
    if rows is EMPTY:
        return Rows(
            rules.unpack(b"".join(day[1] for day in days), 2),
            rules.unpack(b"".join(day[2] for day in days), 3),
        )
    spans, gaps = rows.spans, rows.gaps
    for day, more_spans, more_gaps in days:
        start = rules.day_start(day)
        spans = _replaced(spans, start, rules.unpack(more_spans, 2))
        gaps = _replaced(gaps, start, rules.unpack(more_gaps, 3))
    return Rows(spans, gaps)


def _replaced(rows: Times, start: int, day: Times) -> Times:
    """Put a day's rows in the place of those that began on it: each day has its own."""
    first, last = np.searchsorted(rows[:, 0], (start, start + rules.DAY_MS))
    return np.concatenate((rows[:first], day, rows[last:]))
