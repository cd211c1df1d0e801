"""Availability put together: the log of cameras, and what the index says was recorded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from amaan.kernel.errors import InvalidError
from amaan.video.index.service import IndexService
from amaan.video.index.store import Window

_FINE = 1 << 40  # pixels: no two spans are drawn as one


class RecordedTimes:
    """``RecordedBook`` of the log, over the index."""

    def __init__(self, index: IndexService) -> None:
        self._index = index

    async def recorded_s(self, since: datetime, until: datetime) -> Mapping[str, float] | None:
        """Return the seconds of each camera's main stream; None: too long a time to tell."""
        try:
            found = await self._index.timeline(Window(None, "main", since, until), _FINE)
        except InvalidError:
            return None
        return {
            one.camera: sum(int(span[1] - span[0]) for span in one.spans) / 1000 for one in found
        }
