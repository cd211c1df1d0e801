"""What the console asks of the machinery below."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Protocol

from amaan.kernel.events import Event


class Feed(Protocol):
    """The events of all rooms as they commit."""

    def tail(self, after: int | None = None) -> AsyncGenerator[Event]:
        """Yield every event after a position (by default: from now on), without end."""
        ...

    async def newest(self) -> int:
        """Return the position of the last committed event."""
        ...

    async def after(self, position: int, limit: int) -> list[Event]:
        """Return the next events after a position, oldest first."""
        ...
