"""What each route of the centre must answer to whom, worked out without the guards.

Only the table of roles and what stands where are asked. A route is in the matrix because the
centre serves it; one with an address that names a thing needs a sample here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import httpx
from fastapi.routing import APIRoute
from tests.routes import declared
from tests.walls.town import Place, Town

from amaan.trust import guards
from amaan.trust.roles import HELD_ALONE, NEED_SECOND_FACTOR, PERMISSIONS, Role

ABSENT: Final = str(UUID(int=7))
STREAM: Final = "/api/console/events"
NOT_PERMITTED: Final = "not-permitted"
SAFE: Final = ("GET", "HEAD")

# Things that stand at a site, by the address that names one.
AT_A_SITE: Final[Mapping[str, Callable[[Place], str]]] = {
    "/api/video/clips/{identifier}": lambda place: str(place.clip),
    "/api/video/cameras/{camera}/history": lambda place: place.camera,
    "/api/plates/reads/{read_id}": lambda place: str(place.read),
    "/api/alarms/{alarm_id}": lambda place: str(place.alarm),
}
# What is configured is seen by whoever configures, of every site.
CONFIGURED: Final = {
    "/api/city/cameras/{code}": lambda place: place.camera,
    "/api/video/cameras/{camera}/history": lambda place: place.camera,
    "/api/video/cameras/{camera}/encoder": lambda place: place.camera,
}
# Things of no site: by the name in the address.
ELSEWHERE: Final = {
    **dict.fromkeys(
        (
            *("account_id", "session_id", "passkey_id", "finding_id", "place_id", "request_id"),
            *("authority_id", "receipt_id", "hold_id"),
        ),
        ABSENT,
    ),
    "answer_id": ABSENT,
    "camera": "nothing",
    "incident_id": ABSENT,
    "export_id": ABSENT,
    "view_id": ABSENT,
    "number": "0",
    "code": "nothing",
    "name": "reads",
    "sha256": "0" * 64,
    "digest": "0" * 64,
    "position": "0",
    "path": "index.html",
}
LISTS: Final = ("/api/city/sites", "/api/city/cameras", "/api/video/cameras", "/api/alarms")
BODIES: Final = {"confirm": {"reason": "seen"}, "reject": {"reason": "another"}}


@dataclass(frozen=True)
class Asker:
    """One account: a role, everywhere or at GATE alone."""

    role: Role
    everywhere: bool

    @property
    def strong(self) -> bool:
        """Tell whether it needs a second factor to do its work."""
        return not NEED_SECOND_FACTOR.isdisjoint(PERMISSIONS[self.role])

    def may(self, permission: str) -> bool:
        """Tell whether its role has a permission."""
        return permission in PERMISSIONS[self.role]

    def sees(self, place: Place) -> bool:
        """Tell whether what was observed at a place is its business."""
        return self.role not in HELD_ALONE and (self.everywhere or place.site == "GATE")


ASKERS: Final = [
    *(Asker(role, everywhere=True) for role in Role),
    *(Asker(role, everywhere=False) for role in Role if role not in HELD_ALONE),
]


@dataclass(frozen=True)
class Case:
    """One request. ``place``: where the thing that its address names stands; None: nowhere."""

    method: str
    route: APIRoute
    address: str
    place: Place | None

    @property
    def needs(self) -> str:
        """Return what the route asks for: a permission, ``own``, ``worker`` or ``open``."""
        return declared(self.route)[0]

    @property
    def writes(self) -> bool:
        """Tell whether it may change something."""
        return self.method not in SAFE

    async def ask(self, client: httpx.AsyncClient, **headers: str) -> httpx.Response:
        """Send it, with a body of the right kind that is seldom a sensible one."""
        declared_body = (self.route.openapi_extra or {}).get("requestBody", {}).get("content", {})
        kinds = [*declared_body] or (["application/json"] if self.route.body_field else [])
        if not (self.writes and kinds):
            return await client.request(self.method, self.address, headers=headers)
        body = BODIES.get(self.address.rpartition("/")[2], {})
        if kinds[0] == "application/json":
            return await client.request(self.method, self.address, json=body, headers=headers)
        headers["Content-Type"] = kinds[0].replace("*", "x")
        return await client.request(self.method, self.address, content=b"x", headers=headers)


def cases_of(route: APIRoute, town: Town) -> list[Case]:
    """Return the requests that try a route. KeyError for a thing without a sample."""
    served = route.methods or set()
    methods = sorted(served | ({"HEAD"} if "GET" in served else set()))
    for known in (AT_A_SITE, CONFIGURED):
        for start, name in known.items():
            if route.path == start or route.path.startswith(start + "/"):
                return [
                    Case(method, route, _filled(route.path, name(place)), place)
                    for place in (town.gate, town.port)
                    for method in methods
                ]
    address = re.sub(
        r"{(\w+)(:path)?}",
        lambda part: str(town.entry) if part[1] == "entry_id" else ELSEWHERE[part[1]],
        route.path,
    )
    return [Case(method, route, address, None) for method in methods]


def _filled(path: str, name: str) -> str:
    return re.sub(r"{\w+}", name, path)


def is_of_a_site(case: Case) -> bool:
    """Tell whether only accounts that see its place may know that the thing is there."""
    return case.place is not None and not any(case.route.path.startswith(p) for p in CONFIGURED)


def refused(case: Case, asker: Asker | None) -> tuple[int, str] | None:
    """Return the status and code by which somebody is turned away; None: is let through."""
    if case.needs == guards.OPEN:
        return None
    if asker is None:
        return (401, "worker-refused" if case.needs == guards.WORKER else "not-signed-in")
    if case.needs == guards.WORKER:
        return (401, "worker-refused")
    if case.needs != guards.OWN and not asker.may(case.needs):
        return (403, NOT_PERMITTED)
    return None
