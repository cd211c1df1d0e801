"""Trust's own keepers: blobs, ended sessions, papers of authorities that ended."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from amaan.kernel.clock import Clock
from amaan.kernel.engines import BlobStore, Database
from amaan.trust.retention import store
from amaan.trust.retention.model import Planned, Receipt, Removal, Terms
from amaan.trust.retention.ports import Book

ASKED_AT_ONCE: Final = 200_000  # one pass over all reads for so many blobs
REMOVED_AT_ONCE: Final = 1_000
NAMED_AT_MOST: Final = 10_000  # more files than that in one go: their receipts count, not name
NAMED_AT_ONCE: Final = 500  # a signed note has at most 64 KiB
SCAN_S: Final = 1_800
PARTIAL_AFTER: Final = timedelta(days=1)  # an upload takes seconds
_log = structlog.get_logger(__name__)


def digest_of(identifiers: Iterable[bytes]) -> str:
    """Return the SHA-256, in hex, over identifiers in ascending order."""
    digest = hashlib.sha256()
    for identifier in sorted(identifiers):
        digest.update(identifier)
    return digest.hexdigest()


class BlobKeeper:
    """Removes condemned blobs and orphans; register it after every keeper that condemns.

    A blob put again while this works stays (see ``BlobStore.discard``); one that a record refers
    to stays, however it came to be condemned.
    """

    names = ("pictures",)

    def __init__(self, database: Database, blobs: BlobStore, clock: Clock) -> None:
        self._database = database
        self._blobs = blobs
        self._clock = clock

    async def plan(self, terms: Terms) -> Sequence[Planned]:
        """Count condemned blobs and orphans; what reads about to go would condemn is not in it."""
        async with self._database.transaction() as connection:
            waiting = await store.count_condemned(connection)
        orphans = sum([len(batch) async for batch in self._orphans(terms)])
        return [
            Planned("pictures", "condemned files", waiting),
            Planned("pictures", "files that no record refers to", orphans),
        ]

    async def remove(self, terms: Terms, book: Book) -> None:
        """Take the files away, a thousand at a time."""
        await self._blobs.tidy(self._clock.now() - PARTIAL_AFTER)
        async for batch in self._orphans(terms):
            async with self._database.transaction() as connection:
                await book.condemn(connection, "pictures", [digest.hex() for digest in batch])
        after = b""
        while True:
            async with self._database.transaction() as connection:
                asked = await store.condemned(connection, after, ASKED_AT_ONCE)
            if not asked:
                return
            after = asked[-1]
            put_before = self._clock.now()  # what is put from here on may have a record to come
            free = await self._unreferred(asked)
            await self._acquit(sorted(set(asked).difference(free)))
            step = NAMED_AT_ONCE if len(free) <= NAMED_AT_MOST else REMOVED_AT_ONCE
            for start in range(0, len(free), step):
                await self._take(free[start : start + step], put_before, book)
            _log.info("retention.blobs_removed", asked=len(asked), removed=len(free))

    async def left_of(self, receipt: Receipt) -> Sequence[str]:
        """Name the files that a receipt lists and that are there."""
        removal = receipt.removal
        if removal.name not in self.names:
            return ()
        return [
            f"blob {name}"
            for name in removal.names
            if await self._blobs.measure(name) is not None and not await self._is_needed(name)
        ]

    async def _is_needed(self, name: str) -> bool:
        """Tell whether the same bytes came again with another record."""
        return not await self._unreferred([bytes.fromhex(name)])

    async def _orphans(self, terms: Terms) -> AsyncIterator[list[bytes]]:
        old: list[bytes] = []
        async for stored in self._blobs.each(terms.before("pictures")):
            old.append(bytes.fromhex(stored.digest))
            if len(old) == ASKED_AT_ONCE:
                yield await self._unreferred(old)
                old = []
        if old:
            yield await self._unreferred(old)

    async def _unreferred(self, digests: Sequence[bytes]) -> list[bytes]:
        async with self._database.transaction() as connection:
            await store.limit_time(connection, SCAN_S, 60)
            return sorted(await store.unreferred(connection, digests))

    async def _acquit(self, digests: Sequence[bytes]) -> None:
        if digests:
            async with self._database.transaction() as connection:
                await store.acquit(connection, digests)

    async def _take(self, batch: Sequence[bytes], put_before: datetime, book: Book) -> None:
        sizes = [(one, await self._blobs.measure(one.hex())) for one in batch]
        there = [(one, size) for one, size in sizes if size is not None]
        async with self._database.transaction() as connection:
            await store.measured(connection, there)
        gone = [one for one in batch if await self._blobs.discard(one.hex(), put_before)]
        async with self._database.transaction() as connection:
            counted = await store.acquit(connection, batch)
            removed = sorted(
                (digest, size) for digest, size in counted if size is not None and digest in gone
            )
            names = tuple(digest.hex() for digest, _ in removed)
            removal = Removal(
                name="pictures",
                things="files",
                removed=len(removed),
                digest=digest_of(digest for digest, _ in removed),
                blobs=len(removed),
                blob_bytes=sum(size for _, size in removed),
                names=names if len(batch) <= NAMED_AT_ONCE else (),
            )
            await book.record(connection, removal)


class SessionKeeper:
    """Removes ended sign-ins."""

    names = ("sessions",)

    def __init__(self, database: Database) -> None:
        self._database = database

    async def plan(self, terms: Terms) -> Sequence[Planned]:
        """Count ended sessions."""
        async with self._database.transaction() as connection:
            count = await store.ended_sessions(connection, terms.before("sessions"))
        return [Planned("sessions", "sessions", count)]

    async def remove(self, terms: Terms, book: Book) -> None:
        """Delete them."""
        while True:
            async with self._database.transaction() as connection:
                gone = await store.remove_sessions(
                    connection, terms.before("sessions"), REMOVED_AT_ONCE
                )
                removal = Removal("sessions", "sessions", len(gone), digest_of(gone))
                await book.record(connection, removal)
            if len(gone) < REMOVED_AT_ONCE:
                return

    async def left_of(self, receipt: Receipt) -> Sequence[str]:
        """Say nothing: an ended session has no name outside the database."""
        return ()


class DocumentKeeper:
    """Gives up the papers of authorities that ended long ago; the authority itself stays."""

    names = ("documents",)

    def __init__(self, database: Database) -> None:
        self._database = database

    async def plan(self, terms: Terms) -> Sequence[Planned]:
        """Count the papers."""
        async with self._database.transaction() as connection:
            count = await store.over_documents(connection, terms.before("documents"))
        return [Planned("documents", "documents", count)]

    async def remove(self, terms: Terms, book: Book) -> None:
        """Mark them removed and condemn their bytes."""
        before = terms.before("documents")
        while True:
            async with self._database.transaction() as connection:
                gone = await store.remove_documents(connection, before, terms.now, REMOVED_AT_ONCE)
                await book.condemn(connection, "documents", [one.hex() for one in gone])
                await book.record(
                    connection, Removal("documents", "documents", len(gone), digest_of(gone))
                )
            if len(gone) < REMOVED_AT_ONCE:
                return

    async def left_of(self, receipt: Receipt) -> Sequence[str]:
        """Say nothing: the files' own receipts name them."""
        return ()


class RequestKeeper:
    """Removes requests and complaints of the public that were answered long ago."""

    names = ("public_requests",)

    def __init__(self, database: Database) -> None:
        self._database = database

    async def plan(self, terms: Terms) -> Sequence[Planned]:
        """Count them."""
        async with self._database.transaction() as connection:
            count = await store.over_requests(connection, terms.before("public_requests"))
        return [Planned("public_requests", "requests", count)]

    async def remove(self, terms: Terms, book: Book) -> None:
        """Delete them with what was written back."""
        before = terms.before("public_requests")
        while True:
            async with self._database.transaction() as connection:
                gone = await store.remove_requests(connection, before, REMOVED_AT_ONCE)
                digest = digest_of(one.bytes for one in gone)
                await book.record(
                    connection, Removal("public_requests", "requests", len(gone), digest)
                )
            if len(gone) < REMOVED_AT_ONCE:
                return

    async def left_of(self, receipt: Receipt) -> Sequence[str]:
        """Say nothing: a request has no name outside the database."""
        return ()
