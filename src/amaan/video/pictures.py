"""Single coded pictures: where a JPEG ends, how large a picture is, which way up it stands. Pure.

Nothing here trusts a length that somebody sent: sizes are read from the picture's own markers.
"""

from __future__ import annotations

import re
import struct

_START = b"\xff\xd8\xff"
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")  # in a scan all else after ff is data
_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ORIENTATION = 0x0112


class JpegSplitter:
    """Finds whole JPEG pictures in a stream of bytes, whatever stands between them.

    A multipart stream's boundaries and lengths are not needed, so missing or false ones do no
    harm. A picture that stops in its midst is dropped when the next begins.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._buffer = bytearray()
        self._inside = False
        self._at = 0
        self._in_scan = False
        self.dropped = 0
        """Pictures given up: cut off, or longer than ``max_bytes``."""

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes in; return the pictures that they complete."""
        self._buffer += data
        pictures: list[bytes] = []
        while self._inside or self._find_start():
            end = self._find_end()
            if end == 0:
                if len(self._buffer) > self._max_bytes:
                    self._give_up()
                    continue
                break
            if end > 0:
                pictures.append(bytes(self._buffer[:end]))
                del self._buffer[:end]
                self._inside = False
        return pictures

    def _find_start(self) -> bool:
        start = self._buffer.find(_START)
        if start < 0:
            del self._buffer[: max(0, len(self._buffer) - 2)]
            return False
        del self._buffer[:start]
        self._inside, self._at, self._in_scan = True, 2, False
        return True

    def _give_up(self) -> None:
        self.dropped += 1
        del self._buffer[:2]
        self._inside = False

    def _find_end(self) -> int:
        """Return the picture's length, 0 when more is needed, -1 when it was given up."""
        buffer = self._buffer
        while True:
            if self._in_scan:
                found = _MARKER.search(buffer, self._at)
                if found is None:
                    self._at = max(self._at, len(buffer) - 1)
                    return 0
                self._at = found.start()
                self._in_scan = False
            if len(buffer) < self._at + 2:
                return 0
            marker = buffer[self._at + 1]
            if buffer[self._at] != 0xFF or marker == _SOI:
                self._give_up()
                return -1
            if marker == 0xFF:
                self._at += 1
                continue
            if marker == _EOI:
                return self._at + 2
            if len(buffer) < self._at + 4:
                return 0
            self._at += 2 + int.from_bytes(buffer[self._at + 2 : self._at + 4], "big")
            self._in_scan = marker == _SOS


def is_whole_jpeg(data: bytes) -> bool:
    """Tell whether a JPEG file reaches its own end marker."""
    return bool(JpegSplitter(len(data) + 1).feed(data))


def _segments(data: bytes) -> list[tuple[int, int]]:
    """Return (marker, offset of its content) of a JPEG's segments up to the first scan."""
    at, found = 2, []
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        found.append((marker, at + 4))
        if marker == _SOS:
            break
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return found


def picture_size(data: bytes) -> tuple[int, int] | None:
    """Return (width, height) of a JPEG, PNG, BMP or WebP from its head; None for all else."""
    if data.startswith(b"\xff\xd8"):
        for marker, at in _segments(data):
            if marker in _SIZES and len(data) >= at + 5:
                height, width = struct.unpack(">HH", data[at + 1 : at + 5])
                return width, height
        return None
    if data.startswith(b"\x89PNG\r\n\x1a\n") and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return width, height
    if data.startswith(b"BM") and len(data) >= 26:
        width, height = struct.unpack("<ii", data[18:26])
        return abs(width), abs(height)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP" and len(data) >= 30:
        return _webp_size(data)
    return None


def _webp_size(data: bytes) -> tuple[int, int] | None:
    kind = data[12:16]
    if kind == b"VP8X":
        return (
            1 + int.from_bytes(data[24:27], "little"),
            1 + int.from_bytes(data[27:30], "little"),
        )
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", data[26:30])
        return width & 0x3FFF, height & 0x3FFF
    return None


def stands_upright(data: bytes) -> bool:
    """Tell whether a JPEG is stored the way it is to be seen (no EXIF turn)."""
    for marker, at in _segments(data):
        if marker == 0xE1 and data[at : at + 6] == b"Exif\0\0":
            return _orientation(data[at + 6 : at + 65536]) in (0, 1)
    return True


def _orientation(tiff: bytes) -> int:
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None or len(tiff) < 8:
        return 0
    (at,) = struct.unpack(order + "I", tiff[4:8])
    if at + 2 > len(tiff):
        return 0
    (count,) = struct.unpack(order + "H", tiff[at : at + 2])
    for index in range(min(count, 64)):
        entry = tiff[at + 2 + 12 * index : at + 14 + 12 * index]
        if len(entry) == 12 and struct.unpack(order + "H", entry[:2])[0] == _ORIENTATION:
            return int(struct.unpack(order + "H", entry[8:10])[0])
    return 0
