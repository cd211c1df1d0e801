"""Pieces of recordings and small pictures of them, fetched from whoever has them."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import structlog

from amaan.kernel.clock import Clock
from amaan.kernel.errors import UnavailableError
from amaan.kernel.events import JsonValue
from amaan.video.events import wire_time
from amaan.video.index.model import Place, Stream
from amaan.video.index.service import IndexService
from amaan.video.playback.grants import Grants
from amaan.video.playback.model import NotRecordedError, Piece
from amaan.video.playback.ports import Head, Workers
from amaan.video.playback.settings import PlaybackSettings

PIECE_BYTES: Final = 64 << 20
THUMBNAIL_BYTES: Final = 4 << 20
PIECE_WITHIN_S: Final = 20.0
_log = structlog.get_logger(__name__)


class PlaybackService:
    """Asks workers for what people look at. Who may, the routes ask; the index hides the rest."""

    def __init__(
        self, index: IndexService, workers: Workers, clock: Clock, settings: PlaybackSettings
    ) -> None:
        self._index = index
        self._workers = workers
        self.clock = clock
        self.grants = Grants(settings)

    async def piece(
        self, camera: str, stream: Stream, at: datetime, most_s: float, *, keyframes: bool
    ) -> Piece:
        """Return recording from the keyframe at or before a moment on, or else the next.

        Raises NotRecordedError, UnavailableError, and what the worker says.
        """
        place = await self._place(camera, stream, at)
        asked: dict[str, JsonValue] = {
            "camera": camera,
            "stream": stream,
            "at": wire_time(max(at, place.start)),
            "most_s": most_s,
            "keyframes_only": keyframes,
        }
        head, content = await self._workers.fetch(
            place.worker, "recordings.piece", asked, PIECE_BYTES, PIECE_WITHIN_S
        )
        return Piece(
            start=_text(head, "start"),
            end=_text(head, "end"),
            mime=_text(head, "mime"),
            next=_text(head, "next") or None,
            note=_text(head, "note"),
            content=content,
        )

    async def thumbnail(self, camera: str, at: datetime, width: int) -> tuple[str, bytes]:
        """Return the keyframe nearest to a moment: when it was taken, and its JPEG.

        Raises as ``piece``.
        """
        place = await self._place(camera, "main", at)
        asked: dict[str, JsonValue] = {"camera": camera, "at": wire_time(at), "width": width}
        head, content = await self._workers.fetch(
            place.worker, "recordings.thumbnail", asked, THUMBNAIL_BYTES
        )
        return _text(head, "at"), content

    async def _place(self, camera: str, stream: Stream, at: datetime) -> Place:
        place = await self._index.place(camera, stream, at)
        if place is None:
            raise NotRecordedError("nothing is recorded of that time")
        if not place.at_worker:
            raise UnavailableError("only the centre's copy is left of that time: export it")
        return place


def _text(head: Head, name: str) -> str:
    """Return a text that a worker sent, fit for a header."""
    value = head.get(name)
    if value is None:
        return ""
    text = str(value)
    if not text.isprintable() or not text.isascii() or len(text) > 300:
        raise UnavailableError(f"the worker's answer has a bad {name}")
    return text
