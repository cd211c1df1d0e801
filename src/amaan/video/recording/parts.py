"""Reads the structure of a recorded file: where its parts lie, when they are, which can begin.

ISO/IEC 14496-12: ``moof`` (8.8.4), ``tfhd`` (8.8.7), ``trun`` (8.8.8), ``tfdt`` (8.8.12).
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BOX = struct.Struct(">I4s")
MOST_MOOF = 4 << 20
_NOT_SYNC = 0x0001_0000  # sample_is_non_sync_sample


@dataclass(frozen=True, slots=True)
class Part:
    """One ``moof`` with its ``mdat``. Times in seconds of media time, of the pictures in it.

    ``start_s`` is decoding time; ``end_s`` that of what follows.
    """

    offset: int
    size: int
    start_s: float
    end_s: float
    keyframe: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """A file's head (``ftyp`` and ``moov``) and its whole parts; ``size`` up to their end."""

    init: bytes
    parts: tuple[Part, ...]
    size: int


@dataclass(frozen=True, slots=True)
class _Track:
    """A track of the head. ``step`` and ``flags`` are what samples have that say nothing."""

    identifier: int
    timescale: int
    video: bool
    step: int
    flags: int


class NotRecordingError(ValueError):
    """A file that no recorder wrote, or of which not even the head reached the disk."""


def read_layout(path: Path) -> Layout:
    """Read a file's structure, also while it grows. NotRecordingError, OSError."""
    with path.open("rb") as file:
        length = os.fstat(file.fileno()).st_size
        init, at = b"", 0
        tracks: dict[int, _Track] = {}
        parts: list[Part] = []
        moof: tuple[int, bytes] | None = None
        end = 0
        while at + 8 <= length:
            file.seek(at)
            size, kind = BOX.unpack(file.read(8))
            if size < 8 or at + size > length:
                break
            if kind in (b"ftyp", b"moov"):
                file.seek(at)
                init += file.read(size)
                if kind == b"moov":
                    tracks = {track.identifier: track for track in _tracks(init)}
                    end = at + size
            elif kind == b"moof" and size <= MOST_MOOF:
                moof = at, file.read(size - 8)
            elif kind == b"mdat" and moof is not None:
                part = _part(moof[0], at + size - moof[0], moof[1], tracks)
                if part is not None:
                    parts.append(part)
                moof, end = None, at + size
            at += size
    if not tracks:
        raise NotRecordingError("it has no head")
    return Layout(init, tuple(parts), end)


def rebased(content: bytes, back_s: float, init: bytes) -> bytes:
    """Return parts with their media times set back by so many seconds."""
    scales = {track.identifier: track.timescale for track in _tracks(init)}
    changed = bytearray(content)
    for start, end, kind in _boxes(content, 0, len(content)):
        if kind != b"moof":
            continue
        for at, until, inner in _boxes(content, start + 8, end):
            if inner == b"traf":
                _set_back(changed, content, (at + 8, until), back_s, scales)
    return bytes(changed)


def _set_back(
    changed: bytearray,
    content: bytes,
    within: tuple[int, int],
    back_s: float,
    scales: dict[int, int],
) -> None:
    track = 0
    for at, _, kind in _boxes(content, *within):
        if kind == b"tfhd":
            track = struct.unpack_from(">I", content, at + 12)[0]
        elif kind == b"tfdt":
            layout = ">Q" if content[at + 8] == 1 else ">I"
            known = struct.unpack_from(layout, content, at + 12)[0]
            set_back = max(0, known - round(back_s * scales.get(track, 90_000)))
            struct.pack_into(layout, changed, at + 12, set_back)


def _boxes(data: bytes, at: int, end: int) -> Iterator[tuple[int, int, bytes]]:
    while at + 8 <= end:
        size, kind = BOX.unpack_from(data, at)
        if size < 8 or at + size > end:
            return
        yield at, at + size, kind
        at += size


def _find(data: bytes, within: tuple[int, int], *path: bytes) -> tuple[int, int] | None:
    """Return where the content of a box lies, by the kinds of the boxes around it."""
    at, end = within
    for wanted in path:
        for start, stop, kind in _boxes(data, at, end):
            if kind == wanted:
                at, end = start + 8, stop
                break
        else:
            return None
    return at, end


def _tracks(init: bytes) -> list[_Track]:
    moov = _find(init, (0, len(init)), b"moov")
    if moov is None:
        return []
    defaults: dict[int, tuple[int, int]] = {}
    mvex = _find(init, moov, b"mvex")
    for at, _, kind in _boxes(init, *mvex) if mvex else ():
        if kind == b"trex":
            track, _, step, _, flags = struct.unpack_from(">5I", init, at + 12)
            defaults[track] = step, flags
    found = []
    for at, end, kind in _boxes(init, *moov):
        if kind != b"trak":
            continue
        head = _find(init, (at + 8, end), b"tkhd")
        times = _find(init, (at + 8, end), b"mdia", b"mdhd")
        handler = _find(init, (at + 8, end), b"mdia", b"hdlr")
        if head is None or times is None or handler is None:
            continue
        long = init[head[0]] == 1
        identifier = struct.unpack_from(">I", init, head[0] + (20 if long else 12))[0]
        long = init[times[0]] == 1
        scale = struct.unpack_from(">I", init, times[0] + (20 if long else 12))[0]
        step, flags = defaults.get(identifier, (0, 0))
        video = init[handler[0] + 8 : handler[0] + 12] == b"vide"
        found.append(_Track(identifier, scale or 1, video, step, flags))
    return found


def _part(offset: int, size: int, moof: bytes, tracks: dict[int, _Track]) -> Part | None:
    """Describe the pictures of a part; None for one of sound alone."""
    for start, end, kind in _boxes(moof, 0, len(moof)):
        if kind == b"traf":
            found = _run(moof, (start + 8, end), tracks)
            if found is not None:
                return Part(offset, size, *found)
    return None


def _run(
    moof: bytes, within: tuple[int, int], tracks: dict[int, _Track]
) -> tuple[float, float, bool] | None:
    """Return start, end and whether a keyframe comes first, of a track of pictures."""
    track: _Track | None = None
    step = flags = begins = length = samples = 0
    first: int | None = None
    for at, _, kind in _boxes(moof, *within):
        if kind == b"tfhd":
            says, identifier = struct.unpack_from(">II", moof, at + 8)
            track = tracks.get(identifier)
            if track is None or not track.video:
                return None
            step, flags = _defaults(moof, at + 16, says, track)
        elif kind == b"tfdt":
            begins = struct.unpack_from(">Q" if moof[at + 8] == 1 else ">I", moof, at + 12)[0]
        elif kind == b"trun":
            count, took, leads = _samples(moof, at, step)
            samples += count
            length += took
            first = leads if first is None else first
    if track is None or not samples:
        return None
    keyframe = not (flags if first is None or first < 0 else first) & _NOT_SYNC
    return begins / track.timescale, (begins + length) / track.timescale, keyframe


def _defaults(moof: bytes, at: int, says: int, track: _Track) -> tuple[int, int]:
    """Return the step and flags of samples that say none themselves."""
    at += (8 if says & 0x1 else 0) + (4 if says & 0x2 else 0)
    step, flags = track.step, track.flags
    if says & 0x8:
        step = struct.unpack_from(">I", moof, at)[0]
        at += 4
    at += 4 if says & 0x10 else 0
    if says & 0x20:
        flags = struct.unpack_from(">I", moof, at)[0]
    return step, flags


def _samples(moof: bytes, at: int, step: int) -> tuple[int, int, int]:
    """Return how many samples a run has, how long they take, the first one's flags (-1: none)."""
    says, count = struct.unpack_from(">II", moof, at + 8)
    says &= 0xFF_FFFF
    at += 16 + (4 if says & 0x1 else 0)
    first = -1
    if says & 0x4:
        first = struct.unpack_from(">I", moof, at)[0]
        at += 4
    width = 4 * sum(bool(says & bit) for bit in (0x100, 0x200, 0x400, 0x800))
    if says & 0x400 and first < 0:
        inner = 4 * sum(bool(says & bit) for bit in (0x100, 0x200))
        first = struct.unpack_from(">I", moof, at + inner)[0]
    if not says & 0x100:
        return count, count * step, first
    took = sum(struct.unpack_from(">I", moof, at + width * index)[0] for index in range(count))
    return count, took, first
