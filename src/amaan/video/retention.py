"""Clips taken away when their days are over; the alarm goes on saying that there was one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

from amaan.kernel.clock import Clock
from amaan.kernel.engines import Database
from amaan.kernel.events import Outbox
from amaan.trust.retention.model import Planned, Receipt, Removal, Terms
from amaan.trust.retention.ports import Book
from amaan.video import events, rules, store

CLIPS: Final = "clips"
BATCH: Final = 200


class ClipsKeeper:
    """``trust.retention.ports.Keeper`` of this room. Bytes are condemned here, removed by trust."""

    names = (CLIPS,)

    def __init__(self, database: Database, outbox: Outbox, clock: Clock) -> None:
        self._database = database
        self._outbox = outbox
        self._clock = clock

    async def plan(self, terms: Terms) -> Sequence[Planned]:
        """Count them."""
        async with self._database.transaction() as connection:
            count = await store.count_over(connection, terms.before(CLIPS))
        return [Planned(CLIPS, "clips", count)]

    async def remove(self, terms: Terms, book: Book) -> None:
        """Mark them expired, without their bytes."""
        while True:
            now = self._clock.now()
            async with self._database.transaction() as connection:
                over = await store.over_clips(connection, terms.before(CLIPS), BATCH)
                expired = [rules.expired_clip(clip, terms.days[CLIPS]) for clip in over]
                for clip in expired:
                    await store.settle_clip(connection, clip, now)
                digests = [clip.digest for clip in over if clip.digest is not None]
                await book.condemn(connection, CLIPS, digests)
                ids = sorted(clip.id.bytes for clip in over)
                removal = Removal(
                    name=CLIPS,
                    things="clips",
                    removed=len(over),
                    digest=hashlib.sha256(b"".join(ids)).hexdigest(),
                    since=min((clip.start for clip in over), default=None),
                    until=max((clip.end for clip in over), default=None),
                )
                await book.record(connection, removal)
                await self._outbox.announce(
                    connection, [events.clip_changed(clip, now) for clip in expired]
                )
            if len(over) < BATCH:
                return

    async def left_of(self, receipt: Receipt) -> Sequence[str]:
        """Say nothing: the files' own receipts name them."""
        return ()
