"""The demo's authorities: each wanted car rests on one, and one lets a visitor search."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from amaan.app.demo.order import order
from amaan.app.demo.people import APPROVES, ASKS
from amaan.app.opening import Engines
from amaan.app.settings import CentreSettings
from amaan.plates.rules import entry_text
from amaan.simulation.city import WantedRow
from amaan.trust.authority.model import Document, NewAuthority, Purpose, Scope, Use
from amaan.trust.authority.service import AuthorityService
from amaan.trust.model import Account

PURPOSES: Final[Mapping[str, Purpose]] = {
    "stolen": Purpose.STOLEN_VEHICLE,
    "missing_person": Purpose.MISSING_PERSON,
    "wanted": Purpose.WANTED_VEHICLE,
}
LASTS: Final = timedelta(days=90)
SEARCH_BACK, SEARCH_AHEAD = timedelta(days=7), timedelta(days=24)
REASON: Final = "The order names the vehicle and the case."


class Desk:
    """Asks as one person and approves as another, through the same service as the console."""

    def __init__(
        self, engines: Engines, settings: CentreSettings, people: Mapping[str, Account]
    ) -> None:
        self.service = AuthorityService(
            engines.database, engines.outbox, engines.blobs, engines.clock, settings.authority
        )
        self._now = engines.clock.now()
        self._asks, self._approves = people[ASKS], people[APPROVES]

    async def for_entry(self, row: WantedRow) -> UUID:
        """Return an authority for one wanted plate: to look for it and to search it."""
        plate, _ = entry_text(row.plate)
        return await self._active(
            PURPOSES[row.category], row.case_ref, row.reason, Scope(plates=(plate,))
        )

    async def for_search(self, sites: Iterable[str]) -> UUID:
        """Return an authority to look at all that passed some sites this week and on."""
        scope = Scope(
            sites=tuple(sites),
            since=self._now - SEARCH_BACK,
            until=self._now + SEARCH_AHEAD,
            uses=(Use.SEARCH,),
        )
        grounds = "Three shops robbed along the route; the car is known by its colour only."
        return await self._active(Purpose.ROBBERY, "FIR 131/26 Artillery Maidan", grounds, scope)

    async def _active(self, purpose: Purpose, case_ref: str, grounds: str, scope: Scope) -> UUID:
        paper = order()
        stored = await self.service.put_document(paper, self._asks)
        assert stored.sha256 == hashlib.sha256(paper).hexdigest()
        asked = await self.service.request(
            self._asks,
            NewAuthority(
                purpose=purpose,
                case_ref=case_ref,
                grounds=grounds,
                document=Document(stored.sha256, "demonstration-order.png"),
                scope=scope,
                expires_at=self._until(),
            ),
        )
        await self.service.approve(asked.id, self._approves, REASON)
        return asked.id

    def _until(self) -> datetime:
        return self._now + LASTS
