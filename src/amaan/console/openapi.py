"""OpenAPI 3.1 that says what the routes really do: problem details, cookies, worker tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from amaan.console.problems import MEDIA_TYPE, Problem
from amaan.console.shield import SAFE_METHODS, Accepts
from amaan.trust import guards

SCHEMES = {
    "session": {"type": "apiKey", "in": "cookie", "name": guards.COOKIE},
    "worker": {"type": "http", "scheme": "bearer"},
}


def operation_id(route: APIRoute) -> str:
    """Name an operation by room and function."""
    room = route.tags[0] if route.tags else "app"
    return f"{room}_{route.name}"


class DescribedApp(FastAPI):
    """An application whose schema tells of security and problem answers too.

    ``around`` wraps the whole of it, the answer to a fault (500) included, which no middleware
    that is added would see.
    """

    around: Callable[[ASGIApp], ASGIApp] | None = None

    def build_middleware_stack(self) -> ASGIApp:
        """Return everything a request passes, outermost first."""
        stack = super().build_middleware_stack()
        return stack if self.around is None else self.around(stack)

    def openapi(self) -> dict[str, Any]:
        """Return the schema, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = _schema(self)
        return self.openapi_schema


def _schema(app: FastAPI) -> dict[str, Any]:
    found = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    parts = found.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas["Problem"] = problem
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    parts["securitySchemes"] = SCHEMES
    answer = {
        "description": "Problem details (RFC 9457).",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for route in _api_routes(app.routes):
        if not route.include_in_schema:
            continue
        for method in route.methods or ():
            operation = found["paths"][route.path_format].get(method.lower())
            if operation is None:
                continue
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = answer
            scheme = _scheme(route.dependant)
            if scheme is not None:
                operation["security"] = [{scheme: []}]
    return found


def accepted(app: FastAPI) -> list[Accepts]:
    """Return which media types each route that writes takes a body of."""
    found = []
    for route in _api_routes(app.routes):
        declared = (route.openapi_extra or {}).get("requestBody", {}).get("content", {})
        types = set(declared) or ({"application/json"} if route.body_field else set())
        for method in (route.methods or set()) - SAFE_METHODS:
            found.append(Accepts(method, route.path_regex, frozenset(types)))
    return found


def _api_routes(routes: Iterable[BaseRoute]) -> Iterator[APIRoute]:
    """Yield the routes of every router that was included, however deep."""
    for route in routes:
        included = getattr(route, "original_router", None)
        if isinstance(route, APIRoute):
            yield route
        elif isinstance(included, APIRouter):
            yield from _api_routes(included.routes)


def _scheme(dependant: Dependant) -> str | None:
    calls = list(_calls(dependant))
    if guards.current_worker in calls:
        return "worker"
    if any(isinstance(call, guards.Open) for call in calls):
        return None
    if any(getattr(call, "__module__", "") == guards.__name__ for call in calls):
        return "session"
    return None


def _calls(dependant: Dependant) -> Iterator[object]:
    for inner in dependant.dependencies:
        yield inner.call
        yield from _calls(inner)
