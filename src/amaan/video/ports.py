"""What video asks of the room below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from amaan.video.model import AssignedCamera


class CameraBook(Protocol):
    """The city's list of cameras."""

    async def enabled_cameras(self) -> Sequence[AssignedCamera]:
        """Return the cameras that should run now, their addresses sealed."""
        ...
