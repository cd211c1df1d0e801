"""The log of how cameras stood, taken away when its days are over. What lasts stays."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

from amaan.kernel.engines import Database
from amaan.trust.retention.model import Planned, Receipt, Removal, Terms
from amaan.trust.retention.ports import Book
from amaan.video.health import store

CAMERA_LOG: Final = "camera_log"
BATCH: Final = 10_000


class CameraLogKeeper:
    """``trust.retention.ports.Keeper`` of states and conditions."""

    names = (CAMERA_LOG,)

    def __init__(self, database: Database) -> None:
        self._database = database

    async def plan(self, terms: Terms) -> Sequence[Planned]:
        """Count what ended before."""
        async with self._database.transaction() as connection:
            count = await store.count_over(connection, terms.before(CAMERA_LOG))
        return [Planned(CAMERA_LOG, "entries", count)]

    async def remove(self, terms: Terms, book: Book) -> None:
        """Delete it."""
        while True:
            async with self._database.transaction() as connection:
                gone = await store.drop_over(connection, terms.before(CAMERA_LOG), BATCH)
                ids = "".join(f"{one.id}\n" for one in sorted(gone, key=lambda one: one.id))
                removal = Removal(
                    name=CAMERA_LOG,
                    things="entries",
                    removed=len(gone),
                    digest=hashlib.sha256(ids.encode()).hexdigest(),
                    since=min((one.since for one in gone), default=None),
                    until=max((one.until for one in gone if one.until), default=None),
                )
                await book.record(connection, removal)
            if len(gone) < BATCH:
                return

    async def left_of(self, receipt: Receipt) -> Sequence[str]:
        """Say nothing: an entry has no name outside the database."""
        return ()
