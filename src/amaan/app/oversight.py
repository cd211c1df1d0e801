"""What watches over the users of the system, and answers to the public: built and joined up."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter

from amaan.app.cameras import CityCameras
from amaan.app.opening import Engines
from amaan.city.service import CityService
from amaan.console.live import LiveEvents, everybody
from amaan.trust.audit.service import AuditLog
from amaan.trust.authority.service import AuthorityService
from amaan.trust.misuse import events, tasks
from amaan.trust.misuse import routes as misuse_routes
from amaan.trust.misuse.service import MisuseService
from amaan.trust.public import routes as public_routes
from amaan.trust.public.ends import AuthorityEnds
from amaan.trust.public.service import PublicService


class Oversight:
    """Misuse detectors with their nightly run, requests of the public, the report."""

    def __init__(
        self,
        engines: Engines,
        log: AuditLog,
        city: CityService,
        authorities: AuthorityService,
    ) -> None:
        e = engines
        self._clock = e.clock
        self.misuse = MisuseService(e.database, e.outbox, log, CityCameras(city), e.clock)
        self.public = PublicService(e.database, log, e.sealer, e.clock)
        AuthorityEnds(authorities, log).subscribe(e.relay)

    def show(self, live: LiveEvents) -> None:
        """Tell auditors' consoles of new findings, and nobody else's."""
        live.show(events.FOUND, events.SHOWN, events.SHOWN_TO, about=everybody)

    async def run(self) -> None:
        """Run the detectors each night, until cancelled."""
        await tasks.run_nightly(self.misuse)

    def routers(self) -> Iterator[APIRouter]:
        """Yield the routers of findings, facts, report and requests."""
        yield misuse_routes.router(self.misuse, self._clock)
        yield public_routes.router(self.public)
