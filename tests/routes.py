"""The centre's routes as they are declared: what house tests and the matrix walk."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, APIWebSocketRoute
from starlette.routing import BaseRoute

from amaan.app.centre import build_app
from amaan.app.opening import Engines
from amaan.app.settings import CentreSettings
from amaan.engines.blobs.disk import DiskBlobs
from amaan.engines.postgres.database import PostgresDatabase
from amaan.engines.postgres.outbox import PostgresOutbox
from amaan.engines.postgres.relay import Relay
from amaan.kernel.clock import SystemClock
from amaan.trust import guards
from amaan.trust.sealing import Sealer

_OF_ONES_OWN = (guards.any_session, guards.current_session, guards.current_account)


def unopened_centre(folder: Path) -> FastAPI:
    """Return a centre whose database nobody opened: its routes can be looked at, not used."""
    database = PostgresDatabase("")
    engines = Engines(
        database=database,
        outbox=PostgresOutbox(),
        relay=Relay(database, ""),
        blobs=DiskBlobs(folder / "blobs"),
        sealer=Sealer(os.urandom(32)),
        clock=SystemClock(),
        dsn="",
        server=None,
    )
    return build_app(engines, CentreSettings(data=folder, static=folder))


def routes_of(app: FastAPI) -> list[APIRoute]:
    """Return every route, of included routers too."""
    return list(_walk(app.routes))


def _walk(routes: Iterable[BaseRoute]) -> Iterator[APIRoute]:
    for route in routes:
        included = getattr(route, "original_router", None)
        if isinstance(route, APIRoute):
            yield route
        elif isinstance(included, APIRouter):
            yield from _walk(included.routes)


def sockets_of(app: FastAPI) -> list[APIWebSocketRoute]:
    """Return every route of a WebSocket, of included routers too."""
    return list(_sockets(app.routes))


def _sockets(routes: Iterable[BaseRoute]) -> Iterator[APIWebSocketRoute]:
    for route in routes:
        included = getattr(route, "original_router", None)
        if isinstance(route, APIWebSocketRoute):
            yield route
        elif isinstance(included, APIRouter):
            yield from _sockets(included.routes)


def declared(route: APIRoute | APIWebSocketRoute) -> list[str]:
    """Return for whom a route is: permissions, ``own``, ``worker``, ``open``; one, if it is well.

    Two declarations that come to the same are one only where they are the same object.
    """
    found: dict[int, str] = {}
    for call in _calls(route.dependant):
        if isinstance(call, guards.Guard | guards.Open):
            found[id(call)] = call.permission
        elif call is guards.current_worker:
            found[id(call)] = guards.WORKER
        elif call in _OF_ONES_OWN:
            found[id(call)] = guards.OWN
    return list(found.values())


def _calls(dependant: Dependant) -> Iterator[object]:
    for inner in dependant.dependencies:
        yield inner.call
        yield from _calls(inner)
