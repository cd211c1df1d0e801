"""What this chamber asks of rooms above it; ``app`` wires them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Place(Protocol):
    """Where a camera stands, in degrees; ``site`` is a site's code."""

    @property
    def site(self) -> str:
        """Return the site's code."""
        ...

    @property
    def lon(self) -> float:
        """Return degrees east."""
        ...

    @property
    def lat(self) -> float:
        """Return degrees north."""
        ...


Places = Mapping[str, Place]
"""Every camera by its code."""
