"""What the centre asks of recordings: pieces, pictures, cuts, files; and to keep on recording."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from amaan.app.worker.channel import Answerer, Arguments, Streamed
from amaan.kernel.errors import InvalidError
from amaan.kernel.events import JsonValue
from amaan.video.recording.cutting import Cutter, Span
from amaan.video.recording.footage import Footage, PieceWish
from amaan.video.recording.ports import Book
from amaan.video.recording.tables import wire

CUTS_MOST = 2
FILES_MOST = 2
RECORD_MOST_S = 3_600.0
_Code = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
_Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Keep = Callable[[str, float, float], None]
"""Have a camera's recording kept: camera, from, until (Unix seconds)."""


class _Piece(msgspec.Struct, frozen=True):
    camera: _Code
    at: _Moment
    stream: Literal["main", "sub"] = "main"
    most_s: Annotated[float, msgspec.Meta(gt=0, le=600)] = 4.0
    keyframes_only: bool = False


class _Thumbnail(msgspec.Struct, frozen=True):
    camera: _Code
    at: _Moment
    width: Annotated[int, msgspec.Meta(ge=16, le=4096)] = 240


class _Cut(msgspec.Struct, frozen=True, rename={"since": "from", "until": "to"}):
    camera: _Code
    since: _Moment
    until: _Moment
    stream: Literal["main", "sub"] = "main"


class _Segment(msgspec.Struct, frozen=True):
    id: _Code


class _Record(msgspec.Struct, frozen=True):
    camera: _Code
    until: _Moment
    at: _Moment | None = None


class FootageAnswers:
    """Answers for the recordings of one worker."""

    def __init__(self, book: Book, cuts: Path, reserve_bytes: int, keep: Keep) -> None:
        """``cuts``: a folder of its own, emptied now. ``keep`` serves ``record``."""
        self._footage = Footage(book)
        self._cutter = Cutter(book, cuts, reserve_bytes)
        self._keep = keep

    def register(self, answerer: Answerer) -> None:
        """Have all kinds answered."""
        answerer.register("recordings.piece", self.piece)
        answerer.register("recordings.thumbnail", self.thumbnail)
        answerer.register("recordings.cut", self.cut, most=CUTS_MOST)
        answerer.register("recordings.segment", self.segment, most=FILES_MOST)
        answerer.register("record", self.record)

    def piece(self, arguments: Arguments) -> Streamed:
        """Return fMP4 from the keyframe at or before a moment on, or else of the next recording."""
        asked = msgspec.convert(arguments, _Piece)
        wish = PieceWish(
            asked.camera, asked.stream, _ms(asked.at), asked.most_s, asked.keyframes_only
        )
        piece = self._footage.piece(wish)
        head: dict[str, JsonValue] = {
            "start": wire(piece.start_ms),
            "end": wire(piece.end_ms),
            "mime": piece.mime,
            "next": None if piece.next_ms is None else wire(piece.next_ms),
            "note": piece.note,
        }
        return Streamed(head, iter([piece.content]))

    def thumbnail(self, arguments: Arguments) -> Streamed:
        """Return the keyframe nearest to a moment as JPEG."""
        asked = msgspec.convert(arguments, _Thumbnail)
        at_ms, jpeg = self._footage.thumbnail(asked.camera, _ms(asked.at), asked.width)
        return Streamed({"at": wire(at_ms)}, iter([jpeg]))

    def cut(self, arguments: Arguments) -> Streamed:
        """Return an MP4 of a span, nothing coded again. Its head comes before it is made."""
        asked = msgspec.convert(arguments, _Cut)
        if asked.until <= asked.since:
            raise InvalidError("a span ends after it begins")
        span = Span(asked.camera, asked.stream, _ms(asked.since), _ms(asked.until))
        cut = self._cutter.cut(span)
        return Streamed({"start": wire(cut.start_ms), "bytes": cut.size}, cut.chunks)

    def segment(self, arguments: Arguments) -> Streamed:
        """Return a finished segment's file."""
        asked = msgspec.convert(arguments, _Segment)
        return Streamed({}, self._footage.file(asked.id))

    def record(self, arguments: Arguments) -> dict[str, JsonValue]:
        """Have what a camera records kept until a moment, an hour away at most.

        Around ``at``, when it happened, as around any event; else from now on.
        """
        asked = msgspec.convert(arguments, _Record)
        now_s = time.time()
        at_s = now_s if asked.at is None else min(now_s, asked.at.timestamp())
        until_s = min(asked.until.timestamp(), now_s + RECORD_MOST_S)
        self._keep(asked.camera, at_s, until_s)
        return {"until": wire(round(until_s * 1000))}


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)
