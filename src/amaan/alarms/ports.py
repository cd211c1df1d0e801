"""What this room asks of those below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from amaan.plates.model import CameraPlace
from amaan.video.model import Clip

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg.rows import TupleRow


class CameraDirectory(Protocol):
    """Where cameras stand (``plates.directory.CityDirectory``)."""

    async def places(self) -> Mapping[str, CameraPlace]:
        """Return every camera of every site by its code."""
        ...


class ClipDesk(Protocol):
    """Asks cameras for pieces of their recording; all within the caller's transaction."""

    async def want_clip(
        self,
        connection: AsyncConnection[TupleRow],
        camera: str,
        start: datetime,
        end: datetime,
        authority: UUID | None = None,
    ) -> UUID:
        """Ask for a clip; it is cut when its time has passed, and sealed with the authority."""
        ...

    async def clips(
        self, connection: AsyncConnection[TupleRow], identifiers: Sequence[UUID]
    ) -> Mapping[UUID, Clip]:
        """Return those of the clips that exist."""
        ...
