"""What video asks of the room below."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from amaan.city.model import Assignments


class CameraBook(Protocol):
    """The city's list of cameras, shared out among workers (``city.service.CityService``)."""

    async def assignments(self, worker: str, workers: Sequence[str]) -> Assignments:
        """Return the enabled cameras of one worker out of ``workers``; none for a stranger."""
        ...

    async def camera_codes(self) -> frozenset[str]:
        """Return the codes of the cameras that whoever asks may see."""
        ...


class WorkerBook(Protocol):
    """Who runs which camera (``service.VideoService``)."""

    def expected_workers(self) -> Collection[str]:
        """Return the names among which cameras are shared out."""
        ...

    async def worker_of(self, camera: str) -> str:
        """Return who runs a camera that whoever acts may see. NotFoundError, UnavailableError."""
        ...
