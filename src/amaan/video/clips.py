"""Clips: asked of the workers, delivered by them, kept in the blob store."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import structlog
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from amaan.kernel.clock import Clock
from amaan.kernel.engines import BlobStore, Database
from amaan.kernel.errors import InvalidError, NotFoundError
from amaan.kernel.events import Outbox
from amaan.kernel.ids import new_id
from amaan.video import events, rules, store
from amaan.video.model import Clip, ClipState, WantedClip

_log = structlog.get_logger(__name__)

GREATEST_BYTES = 64 * 1024 * 1024
_REASON_CHARACTERS = 500
_SETTLED_AT_ONCE = 100


class ClipService:
    """``want_clip`` joins the caller's transaction; the rest have their own."""

    def __init__(self, database: Database, outbox: Outbox, blobs: BlobStore, clock: Clock) -> None:
        self._database = database
        self._outbox = outbox
        self._blobs = blobs
        self._clock = clock

    async def want_clip(
        self,
        connection: AsyncConnection[TupleRow],
        camera: str,
        start: datetime,
        end: datetime,
        authority: UUID | None = None,
    ) -> UUID:
        """Ask for a clip, within the caller's transaction; its worker is told by its heartbeat.

        Nobody sees it once the authority is sealed.
        """
        rules.check_clip(start, end)
        now = self._clock.now()
        wanted = WantedClip(new_id(now), camera, start, end)
        await store.add_clip(connection, wanted, now, authority)
        return wanted.id

    async def clip(self, identifier: UUID) -> Clip:
        """Return a clip. NotFoundError when there is none of that id, or it is sealed."""
        async with self._database.transaction() as connection:
            found = (await self.clips(connection, [identifier])).get(identifier)
        if found is None:
            raise NotFoundError("no such clip")
        return found

    async def clips(
        self, connection: AsyncConnection[TupleRow], identifiers: Sequence[UUID]
    ) -> dict[UUID, Clip]:
        """Return those of the clips that exist and are not sealed, by the caller's transaction."""
        found = await store.clips(connection, identifiers, self._clock.now())
        return {clip.id: clip for clip in found}

    async def content(self, found: Clip) -> bytes:
        """Return the MP4. NotFoundError while it is not ready, with the reason."""
        if found.digest is None:
            raise NotFoundError(f"the clip is {found.state.value}: {found.reason or 'not cut yet'}")
        return await self._blobs.get(found.digest)

    async def deliver(self, identifier: UUID, content: bytes, digest: str) -> None:
        """Keep a clip's content. Delivered again, or after it was given up, it counts once."""
        if not content or len(content) > GREATEST_BYTES:
            raise InvalidError(f"a clip has 1 to {GREATEST_BYTES} bytes")
        if hashlib.sha256(content).hexdigest() != digest:
            raise InvalidError("the content does not hash to Amaan-Sha256")
        if not _is_open(await self.clip(identifier)):
            return
        await self._blobs.put(digest, content)

        def ready(before: Clip) -> Clip:
            return replace(
                before, state=ClipState.READY, reason="", digest=digest, size_bytes=len(content)
            )

        async with self._database.transaction() as connection:
            before = await store.clip(connection, identifier, lock=True)
            if before is not None and _is_open(before):
                await self._settle(connection, [ready(before)])

    async def report_failure(self, identifier: UUID, reason: str) -> None:
        """Note that a worker cannot deliver; a clip already settled stays as it is."""
        async with self._database.transaction() as connection:
            before = await store.clip(connection, identifier, lock=True)
            if before is None:
                raise NotFoundError("no such clip")
            if before.state is ClipState.WANTED:
                text = " ".join(reason.split())[:_REASON_CHARACTERS] or "no reason given"
                await self._settle(connection, [_unavailable(before, text)])

    async def give_up_overdue(self) -> None:
        """Settle clips that no worker delivered in time; call it now and then."""
        now = self._clock.now()
        minutes = rules.CLIP_GIVEN_UP_AFTER.total_seconds() / 60
        async with self._database.transaction() as connection:
            overdue = await store.overdue_clips(
                connection, now - rules.CLIP_GIVEN_UP_AFTER, _SETTLED_AT_ONCE
            )
            reason = f"its worker did not deliver it within {minutes:.0f} minutes"
            await self._settle(connection, [_unavailable(clip, reason) for clip in overdue])
        if overdue:
            _log.warning("video.clips_given_up", count=len(overdue))

    async def _settle(self, connection: AsyncConnection[TupleRow], settled: Sequence[Clip]) -> None:
        now = self._clock.now()
        for clip in settled:
            await store.settle_clip(connection, clip, now)
        await self._outbox.announce(
            connection, [events.clip_changed(clip, now) for clip in settled]
        )


def _is_open(clip: Clip) -> bool:
    """Tell whether content may still make it ready."""
    return clip.state in (ClipState.WANTED, ClipState.UNAVAILABLE)


def _unavailable(clip: Clip, reason: str) -> Clip:
    return replace(clip, state=ClipState.UNAVAILABLE, reason=reason)
