from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute
from tests.routes import declared, routes_of, sockets_of, unopened_centre

from amaan.trust import guards
from amaan.trust.roles import CONFIGURING, NEED_SECOND_FACTOR, all_permissions

SOURCE = Path(guards.__file__).parents[1]
NOT_PERMISSIONS = {guards.OPEN, guards.OWN, guards.WORKER}


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    return unopened_centre(tmp_path_factory.mktemp("centre"))


def test_every_route_says_once_for_whom_it_is(centre: FastAPI) -> None:
    wrong = {
        f"{sorted(route.methods or ())} {route.path}": declared(route)
        for route in routes_of(centre)
        if len(declared(route)) != 1
    }
    assert wrong == {}


def test_every_socket_says_once_for_whom_it_is_and_is_under_api(centre: FastAPI) -> None:
    found = sockets_of(centre)
    assert {route.path: declared(route) for route in found if len(declared(route)) != 1} == {}
    assert [route.path for route in found if not route.path.startswith("/api/")] == []
    assert "/api/video/channel" in {route.path for route in found}


def test_every_permission_asked_for_is_one_that_a_role_has(centre: FastAPI) -> None:
    asked = {name for route in routes_of(centre) for name in declared(route)} - NOT_PERMISSIONS
    assert asked - all_permissions() == set()
    assert (CONFIGURING | NEED_SECOND_FACTOR) - all_permissions() == set()


def test_every_permission_of_a_role_is_asked_for_somewhere() -> None:
    named = {
        name
        for file in SOURCE.rglob("*.py")
        if file.name != "roles.py"
        for name in re.findall(r'"([a-z]+\.[a-z_]+)"', file.read_text())
    }
    assert all_permissions() - named == set()


def test_nothing_is_served_beside_the_routes_that_declare_themselves(centre: FastAPI) -> None:
    others = [
        getattr(route, "path", route)
        for route in centre.routes
        if not isinstance(route, APIRoute) and not hasattr(route, "original_router")
    ]
    assert others == ["/api/openapi.json"]


def test_what_is_open_says_why(centre: FastAPI) -> None:
    for route in routes_of(centre):
        for inner in route.dependant.dependencies:
            if isinstance(inner.call, guards.Open):
                assert len(inner.call.reason.split()) >= 4, route.path


def test_route_without_a_guard_or_with_two_is_seen() -> None:
    app, router = FastAPI(), APIRouter()

    @router.get("/a")
    async def nothing() -> None: ...

    @router.get("/b", dependencies=[Depends(guards.permitted("city.view"))])
    async def two(account: guards.CurrentAccount) -> None: ...

    app.include_router(router)
    assert [len(declared(route)) for route in routes_of(app)] == [0, 2]
