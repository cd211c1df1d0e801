"""Retention put together: which keepers work, in which order, and how it stands."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence

from amaan.alarms.retention import AlarmsKeeper
from amaan.app.health import Check
from amaan.app.opening import Engines
from amaan.engines.postgres.outbox import failed_before, trim_failed
from amaan.kernel.engines import Database
from amaan.plates.retention import ReadsKeeper
from amaan.trust.retention.keepers import BlobKeeper, DocumentKeeper, SessionKeeper
from amaan.trust.retention.model import Planned, Receipt, Removal, Terms
from amaan.trust.retention.nightly import Night
from amaan.trust.retention.ports import Book, Signer, Witness
from amaan.trust.retention.service import RetentionService
from amaan.video.retention import ClipsKeeper

FAILED = "failed_deliveries"
BATCH = 1_000


class DeliveriesKeeper:
    """Removes events that a room gave up on and nobody looked after."""

    names = (FAILED,)

    def __init__(self, database: Database) -> None:
        self._database = database

    async def plan(self, terms: Terms) -> Sequence[Planned]:
        """Count them."""
        async with self._database.transaction() as connection:
            return [
                Planned(FAILED, "events", await failed_before(connection, terms.before(FAILED)))
            ]

    async def remove(self, terms: Terms, book: Book) -> None:
        """Delete them."""
        while True:
            async with self._database.transaction() as connection:
                gone = await trim_failed(connection, terms.before(FAILED), BATCH)
                names = sorted(f"{subscriber} {position}\n" for subscriber, position in gone)
                digest = hashlib.sha256("".join(names).encode()).hexdigest()
                await book.record(connection, Removal(FAILED, "events", len(gone), digest))
            if len(gone) < BATCH:
                return

    async def left_of(self, receipt: Receipt) -> Sequence[str]:
        """Say nothing: an event has no name outside the database."""
        return ()


def build_night(
    engines: Engines, service: RetentionService, signer: Signer, witness: Witness
) -> Night:
    """Return the nightly run with every room's keeper; the blobs' last."""
    database, clock = engines.database, engines.clock
    night = Night(database, service, signer, witness, clock)
    for keeper in (
        AlarmsKeeper(database),
        ClipsKeeper(database, engines.outbox, clock),
        ReadsKeeper(database),
        DeliveriesKeeper(database),
        SessionKeeper(database),
        DocumentKeeper(database),
        BlobKeeper(database, engines.blobs, clock),
    ):
        night.register(keeper)
    return night


def retention_check(service: RetentionService) -> Callable[[], Awaitable[Check]]:
    """A hold's review is overdue, or the last run met an error."""

    async def check() -> Check:
        standing = await service.standing()
        last = standing.last_run
        if last is not None and last.failed:
            return Check("degraded", f"the last run could not remove: {last.failed}")
        if standing.overdue_holds:
            return Check(
                "degraded", f"{standing.overdue_holds} legal holds should have been reviewed"
            )
        return Check("ok", "what is over is removed")

    return check
