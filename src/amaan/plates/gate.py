"""Whether a match may be: its entry's authority is asked at the moment of writing it.

The index in memory may lag behind by a poll, and events may not come at all; this does not. A
read that was seen while the authority stood and arrives after it has ended meets nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from amaan.plates.model import CameraPlace, Comparison
from amaan.plates.ports import CameraDirectory
from amaan.plates.store import entries as store
from amaan.trust.authority.model import Sighting
from amaan.trust.authority.service import AuthorityService

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg.rows import TupleRow


@dataclass(frozen=True, slots=True)
class Met:
    """A read that met an entry by its text."""

    read_id: UUID
    plate: str
    camera: str
    observed_at: datetime
    entry_id: UUID
    comparison: Comparison


class MatchGate:
    """Lets matches through whose authority stands and covers their camera and time."""

    def __init__(self, authorities: AuthorityService, cameras: CameraDirectory) -> None:
        self._authorities = authorities
        self._cameras = cameras

    async def places(self) -> Mapping[str, CameraPlace]:
        """Return where cameras stand; ask before a transaction: it may take a connection."""
        return await self._cameras.places()

    async def admit(
        self,
        connection: AsyncConnection[TupleRow],
        met: Sequence[Met],
        places: Mapping[str, CameraPlace],
        now: datetime,
    ) -> list[tuple[Met, UUID]]:
        """Return those that may be, each with its authority, by the caller's transaction."""
        if not met:
            return []
        under = await store.authorities_of(connection, [each.entry_id for each in met], now)
        held = await self._authorities.held(connection, list(set(under.values())))
        admitted = []
        for each in met:
            stands_under = under.get(each.entry_id)
            authority = held.get(stands_under) if stands_under else None
            sighting = Sighting((each.plate,), each.camera, each.observed_at)
            if authority is not None and self._authorities.covers_sighting(
                authority, sighting, places
            ):
                admitted.append((each, authority.id))
        return admitted
