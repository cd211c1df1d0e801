"""What footage asks of the ledger."""

from __future__ import annotations

from typing import Protocol

from amaan.video.recording.model import Kept


class Book(Protocol):
    """What is recorded here (``ledger.Ledger``). From any thread."""

    def segments(self, camera: str, stream: str, since_ms: int, until_ms: int) -> list[Kept]:
        """Return the segments that meet a span, by their start; the growing one too."""
        ...

    def segment(self, identifier: str) -> Kept | None:
        """Return one."""
        ...

    def after(self, camera: str, stream: str, at_ms: int) -> Kept | None:
        """Return the first that ends after a moment."""
        ...
