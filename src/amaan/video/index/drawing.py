"""Many cameras' packed days as a timeline, all at once: one by one would take too long. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from amaan.video.index import rules
from amaan.video.index.model import CAUSES, Times

_CAUSES_APART: Final = 16
assert len(CAUSES) <= _CAUSES_APART


@dataclass(frozen=True, slots=True)
class Packed:
    """What is kept of one camera, oldest first: see ``video.recorded_days``."""

    spans: bytes
    gaps: bytes


def draw(
    packed: Mapping[str, Packed], cameras: Sequence[str], start: int, end: int, pixel_ms: int
) -> list[tuple[Times, Times]]:
    """Return each camera's spans and gaps within a time, as fine as it is drawn.

    Spans are joined over what is smaller than a pixel. No gap is left out: those that begin in one
    pixel are shown as one.
    """
    kept = [packed.get(camera, Packed(b"", b"")) for camera in cameras]
    spans = _spans(kept, start, end, pixel_ms)
    gaps = _gaps(kept, start, end, pixel_ms)
    return list(zip(spans, gaps, strict=True))


def _spans(kept: Sequence[Packed], start: int, end: int, pixel_ms: int) -> list[Times]:
    rows = np.array(rules.unpack(b"".join(one.spans for one in kept), 2))
    owner = np.repeat(np.arange(len(kept)), [len(one.spans) // 16 for one in kept])
    met = rules.clipped(rows, start, end)
    rows, owner = rules.joined(rows[met], owner[met], max(rules.JOINED_MS, pixel_ms))
    return _by_owner(rows, owner, len(kept))


def _gaps(kept: Sequence[Packed], start: int, end: int, pixel_ms: int) -> list[Times]:
    rows = np.array(rules.unpack(b"".join(one.gaps for one in kept), 3))
    owner = np.repeat(np.arange(len(kept)), [len(one.gaps) // 24 for one in kept])
    met = rules.clipped(rows, start, end)
    rows, owner = rows[met], owner[met]
    if pixel_ms > rules.JOINED_MS and len(rows):
        rows, owner = _one_a_pixel(rows, owner, start, pixel_ms)
    return _by_owner(rows, owner, len(kept))


def _one_a_pixel(rows: Times, owner: Times, start: int, pixel_ms: int) -> tuple[Times, Times]:
    """Leave one gap for each pixel in which gaps begin, with the cause of the longest."""
    pixel = (rows[:, 0] - start) // pixel_ms
    new = (np.diff(pixel, prepend=-1) != 0) | (np.diff(owner, prepend=-1) != 0)
    firsts = np.flatnonzero(new)
    # A cause takes part in the comparison only where two gaps are as long as each other.
    weight = (rows[:, 1] - rows[:, 0]) * _CAUSES_APART + rows[:, 2]
    cause = np.maximum.reduceat(weight, firsts) % _CAUSES_APART
    ends = np.maximum.reduceat(rows[:, 1], firsts)
    return np.column_stack([rows[firsts, 0], ends, cause]), owner[firsts]


def _by_owner(rows: Times, owner: Times, count: int) -> list[Times]:
    edges = np.searchsorted(owner, np.arange(count + 1))
    return [rows[edges[at] : edges[at + 1]] for at in range(count)]
