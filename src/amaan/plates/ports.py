"""What this room asks of those below it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from amaan.plates.model import CameraPlace


class CameraDirectory(Protocol):
    """Where cameras stand. Called for every page shown, so it answers from memory."""

    async def places(self) -> Mapping[str, CameraPlace]:
        """Return every camera by its code."""
        ...
