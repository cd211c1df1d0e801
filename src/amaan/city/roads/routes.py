"""/api/city/roads: what streets the centre knows."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel

from amaan.city.roads.service import RoadsService
from amaan.trust.guards import permitted
from amaan.trust.model import Account

Viewer = Annotated[Account, Depends(permitted("city.view"))]


class RoadsStatus(BaseModel):
    """``imported`` false: cameras are offered by the straight line."""

    imported: bool
    source: str | None = None
    imported_at: AwareDatetime | None = None
    nodes: int = 0
    edges: int = 0
    kilometres: float = 0
    cameras_off_road: list[str] = []


def router(roads: RoadsService) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/api/city/roads", tags=["city"])

    @routes.get("/status")
    async def read_roads_status(account: Viewer) -> RoadsStatus:
        """Return what was imported, and which cameras stand beside no street."""
        del account
        info, off = await roads.status()
        if info is None:
            return RoadsStatus(imported=False)
        return RoadsStatus(
            imported=True,
            source=info.source,
            imported_at=info.imported_at,
            nodes=info.nodes,
            edges=info.edges,
            kilometres=info.kilometres,
            cameras_off_road=list(off),
        )

    return routes
