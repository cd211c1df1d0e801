"""How live video travels from a worker to the centre: pieces, each with a head of 13 bytes.

Head, big-endian: kind (1), observed_at of its first frame in Unix milliseconds (8), bytes (4).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from amaan.kernel.errors import InvalidError

HEAD = struct.Struct(">BQI")
MOST_PIECE_BYTES = 16 << 20
MIME_BYTES = 200
JPEG = "image/jpeg"
_MIME_LENGTH = struct.Struct(">H")


class Kind(IntEnum):
    """What a piece is."""

    FORMAT = 1
    """The MIME type (length, text), then for MP4 the initialisation segment."""
    KEY = 2
    """A fragment that begins with a keyframe, or a whole JPEG picture."""
    MORE = 3
    """A fragment that goes on from the one before."""
    STILL_HERE = 4
    """Nothing, for there is nothing to see; breaks the silence."""
    CANNOT = 5
    """What comes from the camera cannot be shown live; says why, in UTF-8."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece. ``data`` of a FORMAT: see ``format_piece``."""

    kind: Kind
    observed_ms: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Format:
    """What follows: its MIME type, and what a decoder needs first (empty for pictures)."""

    mime: str
    init: bytes


STILL_HERE = Piece(Kind.STILL_HERE, 0, b"")


def packed(piece: Piece) -> bytes:
    """Return a piece as it travels."""
    return HEAD.pack(piece.kind, piece.observed_ms, len(piece.data)) + piece.data


def format_piece(form: Format) -> Piece:
    """Return a format as a piece."""
    mime = form.mime.encode()
    return Piece(Kind.FORMAT, 0, _MIME_LENGTH.pack(len(mime)) + mime + form.init)


def format_of(piece: Piece) -> Format:
    """Return the format that a piece tells. InvalidError for one that tells none."""
    try:
        (length,) = _MIME_LENGTH.unpack_from(piece.data)
        mime = piece.data[2 : 2 + length]
        if piece.kind is not Kind.FORMAT or not 0 < length <= MIME_BYTES or len(mime) != length:
            raise ValueError
        return Format(mime.decode("ascii"), piece.data[2 + length :])
    except (struct.error, ValueError) as error:
        raise InvalidError("not the format of a live stream") from error


class PieceReader:
    """Cuts what arrives, in whatever portions, back into pieces."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, portion: bytes) -> Iterator[Piece]:
        """Yield every piece that is whole now. InvalidError for what is no such stream."""
        self._held += portion
        while len(self._held) >= HEAD.size:
            kind, observed_ms, length = HEAD.unpack_from(self._held)
            if length > MOST_PIECE_BYTES or observed_ms >= 1 << 53:
                raise InvalidError("a piece of live video that cannot be")
            end = HEAD.size + length
            if len(self._held) < end:
                return
            data = bytes(memoryview(self._held)[HEAD.size : end])
            del self._held[:end]
            try:
                yield Piece(Kind(kind), observed_ms, data)
            except ValueError as error:
                raise InvalidError("a piece of live video of no known kind") from error
