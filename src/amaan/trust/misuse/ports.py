"""What detectors need from rooms above; ``app`` wires it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from amaan.kernel.geography import Point


class CameraPlaces(Protocol):
    """Where cameras stand."""

    async def positions(self) -> Mapping[str, Point]:
        """Return places by camera code."""
        ...
