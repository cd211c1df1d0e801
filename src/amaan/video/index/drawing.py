"""Many cameras' days as a timeline, all at once: one by one would take too long. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from amaan.video.index import rules
from amaan.video.index.model import CAUSES, Times

_CAUSES_APART: Final = 16
assert len(CAUSES) <= _CAUSES_APART
_ALWAYS: Final = (0, 1 << 60)


@dataclass(frozen=True, slots=True)
class Rows:
    """One camera's spans (from, to) and gaps (from, to, cause), oldest first; never written to."""

    spans: Times
    gaps: Times

    @property
    def bytes(self) -> int:
        """How much memory the rows take."""
        return self.spans.nbytes + self.gaps.nbytes


EMPTY: Final = Rows(rules.unpack(b"", 2), rules.unpack(b"", 3))


def draw(kept: Sequence[Rows], start: int, end: int, pixel_ms: int) -> list[Rows]:
    """Return each camera's spans and gaps within a time, as fine as it is drawn.

    Spans are joined over what is smaller than a pixel. No gap is left out: those that begin in one
    pixel (counted from 1970) are shown as one.
    """
    spans = _spans([one.spans for one in kept], start, end, pixel_ms)
    gaps = _gaps([one.gaps for one in kept], start, end, pixel_ms)
    return [Rows(*pair) for pair in zip(spans, gaps, strict=True)]


def drawn_whole(kept: Sequence[Rows], pixel_ms: int) -> list[Rows]:
    """Return the same of all the time there is; ``cut`` goes on from there."""
    # Views of one large array would hold all of it, as long as one camera of them is kept.
    return [Rows(one.spans.copy(), one.gaps.copy()) for one in draw(kept, *_ALWAYS, pixel_ms)]


def cut(drawn: Sequence[Rows], start: int, end: int, pixel_ms: int) -> list[Rows]:
    """Return what was drawn whole, and what goes on after it, within a time.

    Where the time begins within gaps, and where a gap lasts, one pixel may have more than one.
    """
    spans = _spans([one.spans for one in drawn], start, end, pixel_ms)
    gaps = _gaps([one.gaps for one in drawn], start, end, 0)
    return [Rows(*pair) for pair in zip(spans, gaps, strict=True)]


def within(rows: Rows, start: int, end: int) -> Rows:
    """Leave what begins too late or ended too early away: cheaply, not exactly."""
    spans, gaps = rows.spans, rows.gaps
    first, last = spans[:, 1].searchsorted(start), spans[:, 0].searchsorted(end)
    return Rows(spans[first:last], gaps[: gaps[:, 0].searchsorted(end)][_reach(gaps, start) :])


def _reach(gaps: Times, start: int) -> int:
    """Return before which row every gap has ended: none is longer than the day it is cut to."""
    return int(gaps[:, 0].searchsorted(start - rules.DAY_MS))


def _spans(kept: Sequence[Times], start: int, end: int, pixel_ms: int) -> list[Times]:
    rows, owner = _together(kept, 2)
    met = rules.clipped(rows, start, end)
    rows, owner = rules.joined(rows[met], owner[met], max(rules.JOINED_MS, pixel_ms))
    return _by_owner(rows, owner, len(kept))


def _gaps(kept: Sequence[Times], start: int, end: int, pixel_ms: int) -> list[Times]:
    rows, owner = _together(kept, 3)
    met = rules.clipped(rows, start, end)
    rows, owner = rows[met], owner[met]
    if pixel_ms > rules.JOINED_MS and len(rows):
        rows, owner = _one_a_pixel(rows, owner, pixel_ms)
    return _by_owner(rows, owner, len(kept))


def _together(kept: Sequence[Times], columns: int) -> tuple[Times, Times]:
    """Return all rows in one array of its own, and whose each is."""
    owner = np.repeat(np.arange(len(kept)), [len(one) for one in kept])
    return np.concatenate([np.empty((0, columns), np.int64), *kept]), owner


def _one_a_pixel(rows: Times, owner: Times, pixel_ms: int) -> tuple[Times, Times]:
    """Leave one gap for each pixel in which gaps begin, with the cause of the longest."""
    pixel = rows[:, 0] // pixel_ms
    new = (np.diff(pixel, prepend=-1) != 0) | (np.diff(owner, prepend=-1) != 0)
    firsts = np.flatnonzero(new)
    # A cause takes part in the comparison only where two gaps are as long as each other.
    weight = (rows[:, 1] - rows[:, 0]) * _CAUSES_APART + rows[:, 2]
    cause = np.maximum.reduceat(weight, firsts) % _CAUSES_APART
    ends = np.maximum.reduceat(rows[:, 1], firsts)
    return np.column_stack([rows[firsts, 0], ends, cause]), owner[firsts]


def _by_owner(rows: Times, owner: Times, count: int) -> list[Times]:
    edges = np.searchsorted(owner, np.arange(count + 1)).tolist()
    return [rows[edges[at] : edges[at + 1]] for at in range(count)]
