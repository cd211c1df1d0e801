"""The run: every keeper in turn, each removal with its receipt, each receipt told to the audit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog

from amaan.kernel.acting import acting_as, system
from amaan.kernel.clock import Clock
from amaan.kernel.engines import Database
from amaan.kernel.ids import new_id
from amaan.trust.retention import receipts, rules, store
from amaan.trust.retention.model import Planned, Receipt, Removal
from amaan.trust.retention.ports import Keeper, Signer, Witness
from amaan.trust.retention.service import RetentionService, read_unchecked
from amaan.trust.retention.settings import RetentionSettings

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg.rows import TupleRow

ACTOR: Final = system("retention")
DELETED: Final = "retention.deleted"
"""The action of the audit entry that each receipt has."""

TOLD_AT_ONCE: Final = 100
_log = structlog.get_logger(__name__)


class ReceiptBook:
    """``ports.Book``: signs and writes, within the keeper's transaction."""

    def __init__(self, signer: Signer, clock: Clock) -> None:
        self._signer = signer
        self._clock = clock
        self.written = 0

    async def record(self, connection: AsyncConnection[TupleRow], removal: Removal) -> None:
        """Sign a receipt; call it last in the transaction, as numbers wait for it."""
        if not removal.removed and not removal.partitions and not removal.blobs:
            return
        now = self._clock.now()
        identifier, number = new_id(now), await store.next_number(connection)
        note = self._signer.sign_note(receipts.receipt_text(identifier, number, now, removal))
        await store.add_receipt(connection, Receipt(identifier, number, now, removal, note))
        self.written += 1

    async def condemn(
        self, connection: AsyncConnection[TupleRow], name: str, digests: Sequence[str]
    ) -> None:
        """Give up blobs, removed once no record refers to them."""
        hashed = [bytes.fromhex(digest) for digest in digests]
        await store.condemn(connection, name, hashed, self._clock.now())


class Night:
    """Runs the keepers. Two runs at once do no harm: every step is a transaction of its own."""

    def __init__(
        self,
        database: Database,
        service: RetentionService,
        signer: Signer,
        witness: Witness,
        clock: Clock,
    ) -> None:
        self._database = database
        self._service = service
        self._signer = signer
        self._witness = witness
        self._clock = clock
        self._keepers: list[Keeper] = []
        self._watch = rules.ClockWatch()

    @property
    def trusts_the_clock(self) -> bool:
        """Tell whether runs begin by themselves: not within a day of the clock's jump."""
        return self._watch.is_steady()

    def register(self, keeper: Keeper) -> None:
        """Let a room remove its own things; what condemns blobs before what removes them."""
        self._keepers.append(keeper)

    @property
    def keepers(self) -> Sequence[Keeper]:
        """All keepers, in the order in which they work."""
        return self._keepers

    async def plan(self) -> list[Planned]:
        """Return what a run would remove now."""
        with acting_as(ACTOR):
            terms = await self._service.terms()
            return [planned for keeper in self._keepers for planned in await keeper.plan(terms)]

    async def run(self, asked_by: str = "clock") -> list[str]:
        """Remove everything that is over; return the classes that met an error (logged)."""
        with acting_as(ACTOR):
            await self.tell_untold()  # of a run that was killed
            terms = await self._service.terms()
            run_id = new_id(terms.now)
            async with self._database.transaction() as connection:
                await store.begin_run(connection, run_id, terms.now, asked_by)
            _log.info("retention.began", asked_by=asked_by)
            failed: list[str] = []
            for keeper in self._keepers:
                book = ReceiptBook(self._signer, self._clock)
                try:
                    await keeper.remove(terms, book)
                except Exception:  # noqa: BLE001  top of a task: the others go on
                    _log.exception("retention.keeper_failed", classes=keeper.names)
                    failed += keeper.names
                else:
                    _log.info("retention.kept", classes=keeper.names, receipts=book.written)
                await self.tell_untold()
            async with self._database.transaction() as connection:
                names = ", ".join(failed) or None
                await store.end_run(connection, run_id, self._clock.now(), names)
            _log.info("retention.ended", failed=failed)
        return failed

    async def tell_untold(self) -> None:
        """Tell the audit log every receipt that it does not know yet, oldest first."""
        while True:
            async with self._database.transaction() as connection:
                untold = await store.untold_notes(connection, TOLD_AT_ONCE)
            if not untold:
                return
            for note in untold:
                receipt = read_unchecked(note)
                await self._witness.tell(receipt)
                async with self._database.transaction() as connection:
                    await store.mark_told(connection, receipt.id, self._clock.now())

    async def run_when_due(self, settings: RetentionSettings, ran: timedelta) -> bool:
        """Run if the hour has come since the last run (or was missed); tell whether it ran.

        ``ran``: time by a clock that nobody sets. Where the other one jumps against it, nothing is
        deleted for a day, in which somebody can put it right.
        """
        jump = self._watch.look(self._clock.now(), ran)
        if jump is not None:
            _log.error("retention.clock_jumped", by_s=round(jump.total_seconds()))
        if not self._watch.is_steady():
            return False
        with acting_as(ACTOR):
            await self._service.load()
            standing = await self._service.standing()
        if not rules.is_due(self._clock.now(), settings.hour, standing.last_run):
            return False
        await self.run()
        return True
