"""Copies of wanted recordings at the centre: what a hold or an incident needs, hash for hash."""

from __future__ import annotations

import asyncio
from typing import Final
from uuid import UUID

import structlog

from amaan.kernel.clock import Clock
from amaan.kernel.engines import BlobStore, Database
from amaan.kernel.errors import AmaanError, UnavailableError
from amaan.kernel.ids import new_id
from amaan.video.index import store
from amaan.video.index.ports import CameraDirectory
from amaan.video.index.service import AROUND_READ_S
from amaan.video.playback.ports import Workers
from amaan.video.playback.settings import PlaybackSettings

LOOK_EVERY_S: Final = 10.0
HEAD_WITHIN_S: Final = 30.0
BATCH: Final = 20
HOLD: Final = "hold"
_log = structlog.get_logger(__name__)


class Copier:
    """Brings home what is wanted, oldest first, one file at a time, while there is room."""

    def __init__(
        self,
        database: Database,
        blobs: BlobStore,
        workers: Workers,
        directory: CameraDirectory,
        clock: Clock,
        settings: PlaybackSettings,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._workers = workers
        self._directory = directory
        self._clock = clock
        self._most = settings.copies_bytes
        self._failed: set[UUID] = set()  # not again before the others had their turn
        self.full = False
        """Whether there was no room for all that is wanted."""

    async def run(self) -> None:
        """Copy until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            self._failed.clear()
            try:
                await self.heed_holds()
                while await self.copy_some():
                    pass
            except UnavailableError as error:
                _log.warning("copies.waiting", reason=error.detail)

    async def heed_holds(self) -> None:
        """Want what holds hold, and no more what was released."""
        cameras, now = sorted(await self._directory.places()), self._clock.now()
        async with self._database.transaction() as connection:
            held = await store.held(connection, cameras, AROUND_READ_S)
            wanted = [(new_id(now), camera, span, f"{HOLD}:{hold}") for hold, camera, span in held]
            await store.want_copies(connection, wanted, now)
            standing = {cause for *_, cause in wanted}
            for cause in await store.standing_causes(connection, HOLD) - standing:
                await store.end_cause(connection, cause, now)

    async def copy_some(self) -> bool:
        """Copy a few files; tell whether it is worth going on at once."""
        connected = sorted(self._workers.connected())
        async with self._database.transaction() as connection:
            kept = await store.copied_bytes(connection)
            wanted = await store.uncopied(connection, connected, self._failed, BATCH)
        self.full = False
        for segment, worker, digest, size in wanted:
            if kept + size > self._most:
                self.full = True
                break
            if await self._copied(segment, worker, digest):
                kept += size
            else:
                self._failed.add(segment)
        return len(wanted) == BATCH and not self.full

    async def _copied(self, segment: UUID, worker: str, digest: str) -> bool:
        try:
            asked = {"id": str(segment)}
            async with self._workers.open(
                worker, "recordings.segment", asked, HEAD_WITHIN_S
            ) as answer:
                stored = await self._blobs.keep(aiter(answer))
        except AmaanError as error:
            _log.warning("copies.not_delivered", segment=str(segment), reason=error.detail)
            return False
        if stored.digest != digest:
            _log.error("copies.other_bytes", segment=str(segment), worker=worker)
            return False  # its bytes lie there unreferred: the nightly run takes them away
        async with self._database.transaction() as connection:
            return await store.note_copied(connection, segment, self._clock.now())
