"""Closed incidents removed with timeline and trail when their days are over; those held stay."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

from amaan.incidents import store
from amaan.incidents.ports import FootageEnd
from amaan.kernel.engines import Database
from amaan.trust.retention.model import Planned, Receipt, Removal, Terms
from amaan.trust.retention.ports import Book

INCIDENTS: Final = "incidents"
BATCH: Final = 500


class IncidentsKeeper:
    """``trust.retention.ports.Keeper`` of this room. Their recordings lose what held them."""

    names = (INCIDENTS,)

    def __init__(self, database: Database, footage: FootageEnd) -> None:
        self._database = database
        self._footage = footage

    async def plan(self, terms: Terms) -> Sequence[Planned]:
        """Count them."""
        async with self._database.transaction() as connection:
            count = await store.count_over(connection, terms.before(INCIDENTS))
        return [Planned(INCIDENTS, "incidents", count)]

    async def remove(self, terms: Terms, book: Book) -> None:
        """Delete them."""
        while True:
            async with self._database.transaction() as connection:
                gone = await store.remove_over(connection, terms.before(INCIDENTS), BATCH)
                ids = sorted(identifier.bytes for identifier, _ in gone)
                removal = Removal(
                    name=INCIDENTS,
                    things="incidents",
                    removed=len(gone),
                    digest=hashlib.sha256(b"".join(ids)).hexdigest(),
                    since=min((at for _, at in gone), default=None),
                    until=max((at for _, at in gone), default=None),
                )
                await book.record(connection, removal)
                for identifier, _ in gone:
                    await self._footage.end(connection, identifier)
            if len(gone) < BATCH:
                return

    async def left_of(self, receipt: Receipt) -> Sequence[str]:
        """Say nothing: an incident has no name outside the database."""
        return ()
