"""When a picture was taken, told from its timestamps and the moment it arrived. Pure.

A camera's timestamps are even but start anywhere, jump and drift; arrival is the world's time but
jitters. So stamps are mended first, into seconds that never run back, and then placed on the wall
clock by the least delay seen between the two, which is the truest: ``observed = pts + least
delay``. The least delay may rise slowly, so that a camera whose clock runs slow is followed.
"""

from __future__ import annotations

from typing import Protocol

RISE_PER_S = 0.001  # a camera's crystal is off by far less than 1,000 parts in a million
JUMP_S = 5.0  # a stamp this far from the arrivals around it is not late but wild
LAG_S = 1.0  # later than the least delay by this, for all of LAG_WINDOW_S: the camera paused
LAG_WINDOW_S = 10.0
SMALLEST_STEP_S = 1 / 90_000


class StampMender:
    """Turns the raw timestamps of one connection into seconds fit for a recorder.

    The decoding stamp it returns always grows; the presentation stamp is never before it.
    """

    def __init__(self, *, live: bool) -> None:
        self._live = live
        self._shift = 0.0
        self._last: float | None = None
        self._last_raw: float | None = None
        self._last_arrived = 0.0

    def mend(self, pts: float | None, dts: float | None, arrived: float) -> tuple[float, float]:
        """Return ``(pts_s, dts_s)``; a missing stamp is filled in, never a reason to drop."""
        last = self._last
        elapsed = max(0.0, arrived - self._last_arrived)
        told = dts if dts is not None else pts
        if self._live and told is not None and told == self._last_raw:
            pts = dts = None  # some cameras write one stamp for ever: then arrival must do
        self._last_raw = told
        if dts is None and (pts is None or last is not None):
            raw = None
        else:
            raw = dts if dts is not None else pts
        if raw is None:
            mended = self._missing(pts, last, elapsed)
        else:
            mended = raw + self._shift
            if last is not None and self._is_wild(mended, last, elapsed):
                self._shift += last + max(elapsed, SMALLEST_STEP_S) - mended
                mended = raw + self._shift
        if last is not None:
            mended = max(mended, last + SMALLEST_STEP_S)
        self._last, self._last_arrived = mended, arrived
        shown = mended if pts is None else pts + self._shift
        if not mended <= shown <= mended + JUMP_S:
            shown = mended
        return shown, mended

    def _missing(self, pts: float | None, last: float | None, elapsed: float) -> float:
        """Find a decoding stamp where there is none: before the picture's, after the last one."""
        if last is None:
            return 0.0
        if pts is None:
            return last + (elapsed if self._live else 0.04)
        shown = pts + self._shift
        if self._is_wild(shown, last, elapsed):
            self._shift += last + max(elapsed, SMALLEST_STEP_S) - shown
            shown = pts + self._shift
        return min(shown, last + SMALLEST_STEP_S) if shown < last else shown

    def _is_wild(self, stamp: float, last: float, elapsed: float) -> bool:
        if stamp < last - (JUMP_S if self._live else 1.0):
            return True
        return self._live and stamp > last + elapsed + JUMP_S


class Timeline(Protocol):
    """Places stamps on the wall clock (Unix seconds)."""

    def rebase(self) -> None:
        """Forget what the last connection taught: the next one counts from somewhere else."""
        ...

    def offset_s(self, dts_s: float, arrived: float) -> float:
        """Take in one picture in order of arrival; return what to add to stamps now."""
        ...


class LiveTimeline:
    """A camera's: follows the least delay."""

    def __init__(self) -> None:
        self._offset: float | None = None
        self._last_arrived = 0.0
        self._window_ends = 0.0
        self._window_least = float("inf")

    def rebase(self) -> None:
        """Forget the offset."""
        self._offset = None

    def offset_s(self, dts_s: float, arrived: float) -> float:
        """Return the least delay so far, let rise by RISE_PER_S."""
        delay = arrived - dts_s
        if self._offset is None or arrived < self._last_arrived - JUMP_S:
            self._offset = delay
            self._open_window(arrived)
        else:
            rise = max(0.0, arrived - self._last_arrived) * RISE_PER_S
            self._offset = min(delay, self._offset + rise)
        self._window_least = min(self._window_least, delay)
        if arrived >= self._window_ends:
            if self._window_least - self._offset > LAG_S:
                self._offset = self._window_least
            self._open_window(arrived)
        self._last_arrived = arrived
        return self._offset

    def _open_window(self, arrived: float) -> None:
        self._window_ends = arrived + LAG_WINDOW_S
        self._window_least = float("inf")


class FileTimeline:
    """A file's: its first picture stands at its arrival, the others at their own distance."""

    def __init__(self) -> None:
        self._offset: float | None = None

    def rebase(self) -> None:
        """Forget the offset: a new pass begins when it begins."""
        self._offset = None

    def offset_s(self, dts_s: float, arrived: float) -> float:
        """Return the one offset of this pass."""
        if self._offset is None:
            self._offset = arrived - dts_s
        return self._offset
