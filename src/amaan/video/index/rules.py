"""Joining, cutting and thinning spans of time. Pure.

Spans are (from, to) in Unix milliseconds, ascending and apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from amaan.video.index.model import CAUSES, Cause, Gap, Outage, Times

DAY_MS: Final = 86_400_000
JOINED_MS: Final = 1_000  # segments so close follow each other; a longer hole is a gap of its own
GROWING_MS: Final = 120_000  # a segment being written is at most so long
POWER_SLACK: Final = timedelta(seconds=60)  # telemetry and pictures end at different moments
TIMELINE_DAYS: Final = 62
RELABELLED: Final = frozenset({Cause.LINK, Cause.CAMERA, Cause.RESTART})
_KINDS_APART_MS: Final = 10**13  # 300 years
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Pair = tuple[int, int]
Triple = tuple[int, int, int]


def to_ms(at: datetime) -> int:
    """Return Unix milliseconds."""
    return (at - EPOCH) // timedelta(milliseconds=1)


def from_ms(at_ms: int) -> datetime:
    """Return the moment in UTC."""
    return EPOCH + timedelta(milliseconds=at_ms)


def day_of(at_ms: int) -> date:
    """Return the UTC day."""
    return from_ms(at_ms).date()


def day_start(day: date) -> int:
    """Return its first millisecond."""
    return (day - EPOCH.date()).days * DAY_MS


def by_day(start: int, end: int) -> Iterator[tuple[date, Pair]]:
    """Cut a span at midnight, UTC."""
    while start < end:
        day = day_of(start)
        stop = min(end, day_start(day) + DAY_MS)
        yield day, (start, stop)
        start = stop


def add(spans: Iterable[Pair], new: Iterable[Pair]) -> list[Pair]:
    """Unite, closing holes of up to JOINED_MS."""
    joined: list[Pair] = []
    for start, end in sorted([*spans, *new]):
        if end <= start:
            continue
        if joined and start <= joined[-1][1] + JOINED_MS:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def take(spans: Iterable[Pair], gone: Iterable[Pair]) -> list[Pair]:
    """Take spans away; what remains of a closed hole goes with them."""
    left = list(spans)
    for start, end in gone:
        cut: list[Pair] = []
        for a, b in left:
            if b <= start or end <= a:
                cut.append((a, b))
                continue
            rest = [(a, start), (end, b)]
            cut += [(x, y) for x, y in rest if y - x > JOINED_MS]
        left = cut
    return left


def pack(rows: Sequence[Sequence[int]]) -> bytes:
    """Return rows as they are kept."""
    return np.asarray(rows, "<i8").tobytes() if rows else b""


def unpack(packed: bytes, columns: int) -> Times:
    """Return rows that were kept; a view, not to be written."""
    return np.frombuffer(packed, "<i8").reshape(-1, columns)


def pairs(packed: bytes) -> list[Pair]:
    """Return packed spans."""
    return [(int(a), int(b)) for a, b in unpack(packed, 2)]


def triples(packed: bytes) -> list[Triple]:
    """Return packed gaps."""
    return [(int(a), int(b), int(c)) for a, b, c in unpack(packed, 3)]


def gap_row(start: int, end: int, cause: Cause) -> Triple:
    """Return a gap as it is packed."""
    return start, end, CAUSES.index(cause)


def clipped(rows: Times, start: int, end: int) -> NDArray[np.bool_]:
    """Cut rows to a time, in place; return which of them meet it."""
    met: NDArray[np.bool_] = (rows[:, 1] > start) & (rows[:, 0] < end)
    np.maximum(rows[:, 0], start, out=rows[:, 0])
    np.minimum(rows[:, 1], end, out=rows[:, 1])
    return met


def joined(rows: Times, kinds: Times, hole_ms: int) -> tuple[Times, Times]:
    """Join rows of one kind over holes that are no longer than ``hole_ms``: too small to be drawn.

    Rows stand in order of kind, then begin. None is left out; returns rows and their kinds.
    """
    if len(rows) == 0:
        return rows, kinds
    # Kinds lie so far apart in time that one running maximum serves all of them.
    shift = kinds * _KINDS_APART_MS
    ends = np.maximum.accumulate(rows[:, 1] + shift)
    new = np.concatenate(([True], rows[1:, 0] + shift[1:] - ends[:-1] > hole_ms))
    firsts = np.flatnonzero(new)
    lasts = np.append(firsts[1:], len(rows)) - 1
    return np.stack([rows[firsts, 0], (ends - shift)[lasts]], axis=1), kinds[firsts]


def cause_of(gap: Gap, outages: Iterable[Outage], now: datetime) -> Cause:
    """Return ``power`` for a gap most of which its site was without power, else as told.

    A gap that lasts is one of a site that went dark as it began.
    """
    if gap.cause not in RELABELLED:
        return gap.cause
    end = gap.end or max(now, gap.start)
    dark = timedelta()
    for outage in outages:
        since, until = outage.since - POWER_SLACK, outage.until
        stops = end if until is None else min(end, until + POWER_SLACK)
        dark += max(timedelta(), stops - max(gap.start, since))
    return Cause.POWER if dark * 2 > end - gap.start else gap.cause
