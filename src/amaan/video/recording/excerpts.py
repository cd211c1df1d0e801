"""Stretches of recorded files: read without the rest of the file, described for browsers."""

from __future__ import annotations

import contextlib
import io
import struct
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import av
from av.container import InputContainer

from amaan.video.codecs import codec_words
from amaan.video.packets import LIBAV_ERRORS
from amaan.video.recording.model import Kept
from amaan.video.recording.parts import Layout, NotRecordingError, Part, read_layout

LAYOUTS_KEPT = 256
READ_BYTES = 1 << 20
MOST_PIXELS = 40_000_000
_RECORDS = {b"avc1": b"avcC", b"avc3": b"avcC", b"hvc1": b"hvcC", b"hev1": b"hvcC"}
Range = tuple[int, int]
"""Of bytes: from, until."""


class Excerpt:
    """A file's head and some stretches of it, read as one after the other. OSError."""

    def __init__(self, path: Path, init: bytes, ranges: Sequence[Range]) -> None:
        self._file = path.open("rb")
        self._head = io.BytesIO(init)
        self._ranges = iter(ranges)
        self._at = self._until = 0

    def read(self, most: int = READ_BYTES) -> bytes:
        """Return the next bytes; b"" at the end, which a shortened file reaches early."""
        data = self._head.read(most)
        if data:
            return data
        while self._at >= self._until:
            following = next(self._ranges, None)
            if following is None:
                return b""
            self._at, self._until = following
            self._file.seek(self._at)
        data = self._file.read(min(most, self._until - self._at))
        self._at = self._at + len(data) if data else self._until
        return data

    def close(self) -> None:
        """Close the file."""
        self._file.close()


@contextmanager
def opened(path: Path, init: bytes, ranges: Sequence[Range]) -> Iterator[InputContainer]:
    """Open stretches of a file as a film, media times as in the file. LIBAV_ERRORS."""
    excerpt = Excerpt(path, init, ranges)
    try:
        with av.open(
            excerpt, "r", format="mp4", buffer_size=READ_BYTES, metadata_errors="replace"
        ) as container:
            for stream in container.streams.video:
                stream.codec_context.options = {"max_pixels": str(MOST_PIXELS)}
                stream.codec_context.thread_count = 1
            yield container
    finally:
        excerpt.close()


def range_of(parts: Sequence[Part], layout: Layout, first: int, last: int) -> Range:
    """Return where parts ``first`` to before ``last`` lie, with the sound between them."""
    end = parts[last].offset if last < len(parts) else layout.size
    return parts[first].offset, end


class Layouts:
    """The structure of files, remembered once they are finished. From any thread."""

    def __init__(self) -> None:
        self._known: OrderedDict[Path, Layout] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, one: Kept) -> Layout | None:
        """Return a segment's structure; None where no playable file is left of it."""
        if one.end_ms is None:
            return _read(one.path)
        with self._lock:
            known = self._known.get(one.path)
            if known is not None:
                self._known.move_to_end(one.path)
        if known is not None:
            return known if one.path.exists() else None
        layout = _read(one.path)
        if layout is not None:
            with self._lock:
                self._known[one.path] = layout
                if len(self._known) > LAYOUTS_KEPT:
                    self._known.popitem(last=False)
        return layout


def _read(path: Path) -> Layout | None:
    try:
        layout = read_layout(path)
    except (OSError, NotRecordingError, struct.error, IndexError):
        return None
    return layout if any(part.keyframe for part in layout.parts) else None


@dataclass(frozen=True, slots=True)
class Begin:
    """Of a part, in seconds: how long after its decoding the first picture is shown; the earliest
    media time in it, of sound or pictures."""

    delay_s: float
    earliest_s: float


def begin_of(path: Path, layout: Layout, part: Part) -> Begin:
    """Read where a part begins (ISO/IEC 14496-12, 8.8). OSError, ValueError."""
    tracks = dict(_scales(layout.init))
    with path.open("rb") as file:
        file.seek(part.offset)
        moof = file.read(int.from_bytes(file.read(4), "big") - 4)[4:]
    delay_s, earliest_s = 0.0, part.start_s
    try:
        for kind, traf in _boxes(moof):
            if kind != b"traf":
                continue
            inner = dict(_boxes(traf))
            scale, pictures = tracks[int.from_bytes(inner[b"tfhd"][4:8], "big")]
            time = inner[b"tfdt"]
            earliest_s = min(earliest_s, int.from_bytes(time[4:], "big") / scale)
            if pictures:
                delay_s = _first_delay(inner[b"trun"]) / scale
    except (KeyError, struct.error) as error:
        raise ValueError("the part is damaged") from error
    return Begin(delay_s, earliest_s)


def _first_delay(run: bytes) -> int:
    says = int.from_bytes(run[1:4], "big")
    if not says & 0x800:
        return 0
    before = sum(bool(says & bit) for bit in (0x1, 0x4, 0x100, 0x200, 0x400))
    found: int = struct.unpack_from(">i", run, 8 + 4 * before)[0]
    return found


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size < 8:
            return
        yield data[at + 4 : at + 8], data[at + 8 : at + size]
        at += size


def _scales(init: bytes) -> Iterator[tuple[int, tuple[int, bool]]]:
    """Yield each track's number with its ticks a second and whether it has pictures."""
    moov = dict(_boxes(init)).get(b"moov", b"")
    for kind, trak in _boxes(moov):
        if kind == b"trak":
            inner = dict(_boxes(trak))
            media = dict(_boxes(inner.get(b"mdia", b"")))
            head, times = inner.get(b"tkhd", b""), media.get(b"mdhd", b"")
            at, since = (20 if box[:1] == b"\1" else 12 for box in (head, times))
            scale = int.from_bytes(times[since : since + 4], "big") or 1
            pictures = media.get(b"hdlr", b"")[8:12] == b"vide"
            yield int.from_bytes(head[at : at + 4], "big"), (scale, pictures)


def mime_of(init: bytes) -> str | None:
    """Return what a browser calls a file with this head; None when none plays its pictures."""
    words, pictures = [], False
    for entry in _entries(init):
        kind = entry[4:8]
        if kind in _RECORDS:
            record = _record(entry, _RECORDS[kind])
            if record is None:
                return None
            codec = "h264" if kind.startswith(b"avc") else "hevc"
            words.append(kind.decode() + codec_words(codec, record)[4:])
            pictures = True
        elif kind == b"mp4a":
            words.append("mp4a.40.2")
        else:
            return None
    return f'video/mp4; codecs="{", ".join(words)}"' if pictures else None


def _entries(init: bytes) -> Iterator[bytes]:
    """Yield the first sample entry of each track (ISO/IEC 14496-12, 8.5.2)."""
    at = init.find(b"moov")
    while at >= 0 and (at := init.find(b"stsd", at + 4)) >= 0:
        begins = at + 12
        size = int.from_bytes(init[begins : begins + 4], "big")
        yield init[begins : begins + size]


def _record(entry: bytes, name: bytes) -> bytes | None:
    at = entry.find(name)
    if at < 4:
        return None
    record = entry[at + 4 : at - 4 + int.from_bytes(entry[at - 4 : at], "big")]
    return record if len(record) > (6 if name == b"avcC" else 22) else None


@dataclass(frozen=True, slots=True)
class Coding:
    """What must be alike for packets of two files to stand in one."""

    codec: str
    width: int
    height: int
    extradata: bytes


@dataclass(frozen=True, slots=True)
class Codings:
    """How a file's pictures are coded, and its sound where it has some."""

    pictures: Coding
    sound: Coding | None


def codings_of(init: bytes) -> Codings | None:
    """Return how a file with this head is coded; None when it cannot be told."""
    with (
        contextlib.suppress(*LIBAV_ERRORS, IndexError),
        av.open(io.BytesIO(init), format="mp4", metadata_errors="replace") as container,
    ):
        video = container.streams.video[0].codec_context
        pictures = Coding(video.name, video.width, video.height, bytes(video.extradata or b""))
        sound = None
        for audio in container.streams.audio:
            context = audio.codec_context
            data = bytes(context.extradata or b"")
            sound = Coding(context.name, context.sample_rate, context.channels, data)
        return Codings(pictures, sound)
    return None
