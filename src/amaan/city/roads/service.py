"""Use cases of streets: taking them, and where one can have got to."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from uuid import UUID

from amaan.city.model import UnknownCameraError
from amaan.city.roads import rules, store
from amaan.city.roads.model import CameraSpot, Reach, Roads, RoadsInfo
from amaan.city.roads.network import RoadNetwork
from amaan.city.roads.settings import RoadsSettings
from amaan.kernel.acting import acting, acting_as, system
from amaan.kernel.clock import Clock
from amaan.kernel.engines import Database
from amaan.kernel.geography import Point
from amaan.kernel.ids import new_id

Standing = tuple[UUID, tuple[CameraSpot, ...]]


class RoadsService:
    """The streets as they were imported last, with the cameras as they stand now."""

    def __init__(self, database: Database, clock: Clock, settings: RoadsSettings) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._built: tuple[Standing, RoadNetwork] | None = None
        self._building = asyncio.Lock()

    async def put(self, roads: Roads, source: str) -> RoadsInfo:
        """Put streets in the place of those before."""
        now = self._clock.now()
        packed = await asyncio.to_thread(store.pack, roads)
        info = RoadsInfo(
            id=new_id(now),
            source=source[:200],
            imported_at=now,
            imported_by=acting().actor,
            nodes=roads.nodes,
            edges=roads.edges,
            kilometres=round(float(roads.metres.sum()) / 1000, 1),
        )
        async with self._database.transaction() as connection:
            await store.put(connection, info, packed)
        return info

    async def status(self) -> tuple[RoadsInfo | None, Sequence[str]]:
        """Return what was imported last, and which cameras of the asker's are beside no street."""
        async with self._database.transaction() as connection:
            mine = {spot.code for spot in await store.spots(connection)}
            info = await store.info(connection)
        network = await self._network()
        off = [] if network is None else [code for code in network.off_road if code in mine]
        return info, off

    async def next_cameras(
        self, start: str | Point, most_s: float, leaving_out: Collection[str] = ()
    ) -> Reach:
        """Return the asker's cameras that can be come to, soonest first.

        Other cameras count for ``direct`` all the same. Raises UnknownCameraError.
        """
        async with self._database.transaction() as connection:
            seen = {spot.code: spot for spot in await store.spots(connection)}
        if isinstance(start, str) and start not in seen:
            raise UnknownCameraError(f"there is no camera {start}")
        network = await self._network()
        if network is None:
            place = seen[start].place if isinstance(start, str) else start
            others = [spot for code, spot in seen.items() if code != start]
            reach = rules.by_straight_line(others, place, most_s, self._settings)
        else:
            reach = await asyncio.to_thread(network.next_cameras, start, most_s)
        kept = [one for one in reach.cameras if one.camera in seen]
        return Reach(reach.basis, tuple(one for one in kept if one.camera not in leaving_out))

    async def _network(self) -> RoadNetwork | None:
        """Return the network, built anew where streets or cameras have changed."""
        with acting_as(system("roads")):
            async with self._building:
                async with self._database.transaction() as connection:
                    info = await store.info(connection)
                    spots = tuple(await store.spots(connection))
                    if info is None:
                        return None
                    standing = (info.id, spots)
                    if self._built is not None and self._built[0] == standing:
                        return self._built[1]
                    packed = await store.packed(connection, info.id)
                if packed is None:  # others took their place this moment: the next call has them
                    return None
                network = await asyncio.to_thread(self._build, packed, spots)
                self._built = (standing, network)
                return network

    def _build(self, packed: bytes, spots: Sequence[CameraSpot]) -> RoadNetwork:
        return RoadNetwork(store.unpack(packed), spots, self._settings)
