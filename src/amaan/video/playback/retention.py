"""Recordings and exports whose days are over.

Workers remove their own files and tell; receipts for those are signed here. The centre's copies
and exports are given up here, their bytes removed by trust.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from amaan.kernel.clock import Clock
from amaan.kernel.engines import Database
from amaan.trust.retention.model import Planned, Receipt, Removal, Terms
from amaan.trust.retention.ports import Book
from amaan.video.index import store as index_store
from amaan.video.index.service import Changes
from amaan.video.playback import store
from amaan.video.playback.model import ExportState

RECORDINGS: Final = "recordings"
EXPORTS: Final = "exports"
BATCH: Final = 1_000


class RecordingsKeeper:
    """``trust.retention.ports.Keeper`` of recordings and exports."""

    names = (RECORDINGS, EXPORTS)

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def plan(self, terms: Terms) -> Sequence[Planned]:
        """Count copies, exports, and what workers removed."""
        async with self._database.transaction() as connection:
            told = await index_store.count_dropped(connection)
            copies = await index_store.count_over(connection, terms.before(RECORDINGS))
            exports = await store.count_over(connection, terms.before(EXPORTS))
        return [
            Planned(RECORDINGS, "files that workers removed", told),
            Planned(RECORDINGS, "copies", copies),
            Planned(EXPORTS, "exports", exports),
        ]

    async def remove(self, terms: Terms, book: Book) -> None:
        """Sign for what workers removed; give up copies and exports."""
        while await self._sign_for_dropped(book) == BATCH:
            pass
        while await self._give_up_copies(terms, book) == BATCH:
            pass
        while await self._give_up_exports(terms, book) == BATCH:
            pass

    async def left_of(self, receipt: Receipt) -> Sequence[str]:
        """Say nothing: what lies at workers, their own check tells."""
        return ()

    async def _sign_for_dropped(self, book: Book) -> int:
        async with self._database.transaction() as connection:
            gone = await index_store.take_told(connection, BATCH)
            await book.record(
                connection,
                Removal(
                    name=RECORDINGS,
                    things="files at workers",
                    removed=len(gone),
                    digest=_digest([row[0].bytes for row in gone]),
                    since=min((row[1] for row in gone), default=None),
                    until=max((row[2] for row in gone), default=None),
                    blob_bytes=sum(row[3] for row in gone),
                ),
            )
        return len(gone)

    async def _give_up_copies(self, terms: Terms, book: Book) -> int:
        before = terms.before(RECORDINGS)
        async with self._database.transaction() as connection:
            over = await index_store.give_up_copies(connection, before, BATCH)
            changes = Changes()
            for one in over:
                if not one.at_worker:
                    changes.removed(one.camera, one.stream, one.start, one.end)
            await changes.write(connection)
            await book.condemn(connection, RECORDINGS, [one.digest for one in over])
            await book.record(
                connection,
                Removal(
                    name=RECORDINGS,
                    things="copies",
                    removed=len(over),
                    digest=_digest([one.id.bytes for one in over]),
                    since=min((one.start for one in over), default=None),
                    until=max((one.end for one in over), default=None),
                ),
            )
        return len(over)

    async def _give_up_exports(self, terms: Terms, book: Book) -> int:
        now = self._clock.now()
        async with self._database.transaction() as connection:
            over = await store.over(connection, terms.before(EXPORTS), BATCH)
            digests = []
            for export in over:
                for file in export.files:
                    digests += [file.sha256] if file.sha256 is not None else []
                    gone = replace(
                        file,
                        state=ExportState.EXPIRED,
                        detail=f"deleted: exports are kept {terms.days[EXPORTS]} days",
                        sha256=None,
                        size_bytes=None,
                    )
                    await store.save_file(connection, export.id, gone)
                await store.settle(connection, export.id, ExportState.EXPIRED, now)
            await book.condemn(connection, EXPORTS, digests)
            await book.record(
                connection,
                Removal(
                    name=EXPORTS,
                    things="exports",
                    removed=len(over),
                    digest=_digest([export.id.bytes for export in over]),
                    since=min((export.since for export in over), default=None),
                    until=max((export.until for export in over), default=None),
                ),
            )
        return len(over)


def _digest(ids: Sequence[bytes]) -> str:
    return hashlib.sha256(b"".join(sorted(ids))).hexdigest()
