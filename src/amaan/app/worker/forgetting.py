"""What a worker could not ship before its days were over is dropped, link or no link.

How many days reads are kept the centre tells with every heartbeat; the last word is kept in a
file, so that a worker that is cut off, or starts so, goes by it.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import structlog

from amaan.engines.spool.sqlite import SqliteSpool
from amaan.kernel.errors import UnavailableError

DAYS_UNTIL_TOLD: Final = 30
JUMP: Final = timedelta(hours=1)
_LONGEST_DAYS: Final = 36_500
_log = structlog.get_logger(__name__)


class Forgetter:
    """``forget_overdue`` once a minute. A clock that jumps ahead makes nothing older.

    After a jump nothing is dropped until the centre says that the clock is right.
    """

    def __init__(self, spool: SqliteSpool, memory: Path) -> None:
        self._spool = spool
        self._memory = memory
        self.days = self._remembered()
        self._seen: tuple[datetime, float] | None = None
        self._steady = True

    def heed(self, days: int, offset: timedelta) -> None:
        """Take the centre's word; ``offset`` is its clock minus ours."""
        self._steady = abs(offset) < JUMP
        if days == self.days or not 1 <= days <= _LONGEST_DAYS:
            return
        self.days = days
        _log.info("worker.days_of_reads", days=days)
        try:
            partial = self._memory.with_suffix(".part")
            partial.write_text(f"{days}\n")
            partial.replace(self._memory)
        except OSError as error:
            _log.warning("worker.days_not_remembered", reason=error.strerror)

    def forget_overdue(self, now: datetime | None = None, running_s: float | None = None) -> int:
        """Drop what is over; return how many items. ``running_s`` is a clock that never jumps."""
        at = now or datetime.now(UTC)
        ran_s = time.monotonic() if running_s is None else running_s
        if self._seen is not None:
            jumped = at - self._seen[0] - timedelta(seconds=ran_s - self._seen[1])
            if abs(jumped) > JUMP:
                self._steady = False
                _log.warning("worker.clock_jumped", by_s=round(jumped.total_seconds()))
        self._seen = at, ran_s
        if not self._steady:
            return 0
        try:
            gone = self._spool.drop_older(at - timedelta(days=self.days))
        except UnavailableError as error:
            _log.warning("worker.overdue_not_dropped", reason=error.detail)
            return 0
        if gone:
            _log.warning("worker.overdue_dropped", items=gone, days=self.days)
        return gone

    def _remembered(self) -> int:
        try:
            days = int(self._memory.read_text())
        except (OSError, ValueError):
            return DAYS_UNTIL_TOLD
        return days if 1 <= days <= _LONGEST_DAYS else DAYS_UNTIL_TOLD
