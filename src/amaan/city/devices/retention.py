"""Telemetry taken away when its days are over."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

from amaan.city.devices import store
from amaan.kernel.engines import Database
from amaan.trust.retention.model import Planned, Receipt, Removal, Terms
from amaan.trust.retention.ports import Book

TELEMETRY: Final = "telemetry"
BATCH: Final = 10_000


class TelemetryKeeper:
    """``trust.retention.ports.Keeper`` of site devices."""

    names = (TELEMETRY,)

    def __init__(self, database: Database) -> None:
        self._database = database

    async def plan(self, terms: Terms) -> Sequence[Planned]:
        """Count it."""
        async with self._database.transaction() as connection:
            count = await store.count_readings(connection, terms.before(TELEMETRY))
        return [Planned(TELEMETRY, "readings", count)]

    async def remove(self, terms: Terms, book: Book) -> None:
        """Delete it."""
        while True:
            async with self._database.transaction() as connection:
                gone = await store.drop_readings(connection, terms.before(TELEMETRY), BATCH)
                names = sorted(f"{device} {at.isoformat()}\n" for device, at in gone)
                removal = Removal(
                    name=TELEMETRY,
                    things="readings",
                    removed=len(gone),
                    digest=hashlib.sha256("".join(names).encode()).hexdigest(),
                    since=min((at for _, at in gone), default=None),
                    until=max((at for _, at in gone), default=None),
                )
                await book.record(connection, removal)
            if len(gone) < BATCH:
                return

    async def left_of(self, receipt: Receipt) -> Sequence[str]:
        """Say nothing: a reading has no name outside the database."""
        return ()
