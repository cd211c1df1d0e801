"""What incidents ask of those below."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from amaan.city.roads.model import Reach
from amaan.kernel.geography import Point
from amaan.plates.model import CameraPlace

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg.rows import TupleRow


class Streets(Protocol):
    """Where one can have got to (``city.roads.service``)."""

    async def next_cameras(
        self, start: str | Point, most_s: float, leaving_out: Collection[str] = ()
    ) -> Reach:
        """Return the asker's cameras, soonest first. Raises UnknownCameraError."""
        ...


class Footage(Protocol):
    """Keeps recordings for as long as something needs them; brings them to the centre."""

    async def want(self, incident: UUID, camera: str, since: datetime, until: datetime) -> None:
        """Ask for a copy of a camera's recording; asked twice it is wanted once."""
        ...


class FootageEnd(Protocol):
    """Lets recordings go that an incident held."""

    async def end(self, connection: AsyncConnection[TupleRow], incident: UUID) -> None:
        """Need an incident's recordings no more, from the end of the caller's transaction on."""
        ...


class AlarmBook(Protocol):
    """The alarms (``alarms.service``)."""

    async def moment(self, alarm: UUID, camera: str | None) -> datetime | None:
        """Return when it was last observed at a camera; None: not there.

        Raises NotFoundError for an alarm that the asker may not know of.
        """
        ...


class CameraBook(Protocol):
    """Where the cameras stand that whoever acts may see."""

    async def cameras(self) -> Mapping[str, CameraPlace]:
        """Return each camera by its code."""
        ...

    async def site_near(self, place: Point) -> str | None:
        """Return the asker's site that is nearest to a place; None: has none."""
        ...
