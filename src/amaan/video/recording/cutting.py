"""A span of recording as one MP4: nothing coded again, every moment kept, holes kept as holes.

Media time 0 is the moment at which the first picture is decoded, which the file carries in its
title, and to the second as its creation time. In a hole the last picture before it stands.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import ClassVar

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.stream import Stream
from av.video.stream import VideoStream

from amaan.kernel.errors import ConflictError, UnavailableError
from amaan.video.packets import LIBAV_ERRORS, TIME_BASE
from amaan.video.recording.excerpts import Codings, Layouts, Range, codings_of, opened, range_of
from amaan.video.recording.footage import SLACK_S, NotRecordedError
from amaan.video.recording.model import Kept
from amaan.video.recording.parts import Layout
from amaan.video.recording.ports import Book
from amaan.video.recording.tables import wire

CHUNK = 256 * 1024
BREATH = 2_000  # packets, after which it is asked whether anybody still waits
SHARE_LEFT = 0.02  # of the disk, which a cut never takes


class CodingChangedError(ConflictError):
    """Packets from before and after a moment do not fit into one file."""

    code: ClassVar[str] = "coding-changed"


@dataclass(frozen=True, slots=True)
class Span:
    """What is asked for. Unix milliseconds."""

    camera: str
    stream: str
    since_ms: int
    until_ms: int


@dataclass(frozen=True, slots=True)
class _Taken:
    """What of a segment goes in."""

    one: Kept
    init: bytes
    range: Range
    start_ms: int


@dataclass(frozen=True, slots=True)
class Cut:
    """A cut that can be made. ``start_ms``: its first picture's moment; ``size``: about, bytes."""

    start_ms: int
    size: int
    chunks: Iterator[bytes]


class Cutter:
    """Makes cuts in a folder of its own on the disk of the recordings."""

    def __init__(self, book: Book, folder: Path, reserve_bytes: int) -> None:
        """``reserve_bytes``: disk that stays free for recording. Clears what was left behind."""
        self._book = book
        self._folder = folder
        self._reserve = reserve_bytes
        self._layouts = Layouts()
        shutil.rmtree(folder, ignore_errors=True)

    def cut(self, span: Span) -> Cut:
        """Prepare a cut; it is made while its chunks are read, b"" now and then.

        Raises NotRecordedError, CodingChangedError, UnavailableError where the disk has no room.
        """
        taken = list(self._taken(span))
        if not taken:
            raise NotRecordedError("nothing is recorded of that time")
        codings = _alike(taken)
        size = sum(one.range[1] - one.range[0] for one in taken)
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            disk = shutil.disk_usage(self._folder)
        except OSError as error:
            raise UnavailableError("the worker's disk refuses") from error
        if disk.free - size < max(self._reserve, SHARE_LEFT * disk.total):
            raise UnavailableError(f"the worker's disk has no room for a cut of {size >> 20} MiB")
        return Cut(taken[0].start_ms, size, self._chunks(taken, codings, span))

    def _taken(self, span: Span) -> Iterator[_Taken]:
        for one in self._book.segments(span.camera, span.stream, span.since_ms, span.until_ms):
            layout = self._layouts.of(one) if one.told else None
            if layout is None:
                continue
            taken = _within(one, layout, span)
            if taken is not None:
                yield taken

    def _chunks(self, taken: Sequence[_Taken], codings: Codings, span: Span) -> Iterator[bytes]:
        descriptor, name = tempfile.mkstemp(".mp4", dir=self._folder)
        os.close(descriptor)
        path = Path(name)
        try:
            try:
                yield from _write(path, taken, codings, span)
            except LIBAV_ERRORS as error:
                raise UnavailableError("the recording could not be cut") from error
            with path.open("rb") as file:
                path.unlink()
                while chunk := file.read(CHUNK):
                    yield chunk
        finally:
            path.unlink(missing_ok=True)


def _within(one: Kept, layout: Layout, span: Span) -> _Taken | None:
    """Return what of a segment lies in a span, from the keyframe at or before its begin."""
    parts = layout.parts
    since_s = (span.since_ms - one.start_ms) / 1000 + SLACK_S
    until_s = (span.until_ms - one.start_ms) / 1000
    keys = [index for index, part in enumerate(parts) if part.keyframe]
    first = next((key for key in reversed(keys) if parts[key].start_s <= since_s), keys[0])
    last = sum(part.start_s < until_s for part in parts)
    if last <= first or parts[last - 1].end_s <= since_s:
        return None
    start_ms = round(one.start_ms + parts[first].start_s * 1000)
    return _Taken(one, layout.init, range_of(parts, layout, first, last), start_ms)


def _alike(taken: Sequence[_Taken]) -> Codings:
    """Return how all of it is coded. CodingChangedError names the moment of a change."""
    known: dict[bytes, Codings | None] = {}
    made: Codings | None = None
    for one in taken:
        if one.init not in known:
            known[one.init] = codings_of(one.init)
        now = known[one.init]
        if now is None:
            raise UnavailableError("the recording could not be cut")
        if made is None:
            made = now
        both = made.sound and now.sound
        if now.pictures != made.pictures or (both and now.sound != made.sound):
            what = "sound" if now.pictures == made.pictures else "picture"
            raise CodingChangedError(
                f"the coding of the {what} changed at {wire(one.start_ms)}:"
                " take out what is before it and what is after it on their own"
            )
        made = Codings(made.pictures, made.sound or now.sound)
    assert made is not None
    return made


def _write(path: Path, taken: Sequence[_Taken], codings: Codings, span: Span) -> Iterator[bytes]:
    """Make the file; yield b"" now and then. LIBAV_ERRORS."""
    with av.open(str(path), "w", "mp4", options={"max_interleave_delta": "2000000"}) as out:
        start = datetime.fromtimestamp(taken[0].start_ms / 1000, UTC)
        out.metadata["creation_time"] = start.isoformat(timespec="milliseconds")
        out.metadata["title"] = f"{span.camera} {wire(taken[0].start_ms)}"
        video = _pictures(out, taken[0])
        audio = None
        if codings.sound is not None:
            audio = _sound(out, next(one for one in taken if _sounds(one)))
        joiner = _Joiner(out, taken[0].start_ms, video, audio)
        for one in taken:
            yield b""
            until = round((span.until_ms - taken[0].start_ms) * 90)
            for count, _ in enumerate(joiner.join(one, until)):
                if count % BREATH == BREATH - 1:
                    yield b""


def _sounds(one: _Taken) -> bool:
    codings = codings_of(one.init)
    return codings is not None and codings.sound is not None


def _pictures(out: OutputContainer, of: _Taken) -> VideoStream:
    with opened(of.one.path, of.init, [of.range]) as source:
        video = out.add_stream_from_template(source.streams.video[0])
        video.time_base = TIME_BASE
        return video


def _sound(out: OutputContainer, of: _Taken) -> AudioStream:
    with opened(of.one.path, of.init, [of.range]) as source:
        return out.add_stream_from_template(source.streams.audio[0])


class _Joiner:
    """Puts segments' packets one behind the other; what would go back in time is left out."""

    def __init__(
        self,
        out: OutputContainer,
        zero_ms: int,
        video: VideoStream,
        audio: AudioStream | None,
    ) -> None:
        self._out = out
        self._zero_ms = zero_ms
        self._video, self._audio = video, audio
        self._last_picture = self._last_sound = -1

    def join(self, taken: _Taken, until: int) -> Iterator[None]:
        """Add a segment's packets before ``until`` (1/90,000 s); yields after each."""
        offset = Fraction(taken.one.start_ms - self._zero_ms, 1000)
        with opened(taken.one.path, taken.init, [taken.range]) as source:
            streams: list[VideoStream | AudioStream] = [*source.streams.video[:1]]
            if self._audio is not None:
                streams += source.streams.audio[:1]
            waits = True  # for a keyframe
            for packet in _packets(source, streams):
                if packet.dts is None or packet.pts is None or not packet.size:
                    continue
                at = packet.dts * packet.time_base + offset
                if isinstance(packet.stream, VideoStream):
                    ticks = round(at * 90_000)
                    if ticks >= until:
                        continue
                    late = ticks <= self._last_picture
                    waits = late or (waits and not packet.is_keyframe)
                    if not waits:
                        self._put_picture(packet, ticks)
                elif at >= 0 and round(at * 90_000) < until and not waits:
                    self._put_sound(packet, at)
                yield

    def _put_picture(self, packet: av.Packet[Stream], ticks: int) -> None:
        shown = round(((packet.pts or 0) - (packet.dts or 0)) * packet.time_base * 90_000)
        packet.time_base = TIME_BASE
        packet.dts, packet.pts, packet.duration = ticks, ticks + shown, 0
        packet.stream = self._video
        self._last_picture = ticks
        self._out.mux_one(packet)

    def _put_sound(self, packet: av.Packet[Stream], at: Fraction) -> None:
        assert self._audio is not None
        rate = self._audio.codec_context.sample_rate
        ticks = round(at * rate)
        if ticks <= self._last_sound:
            return
        packet.time_base = Fraction(1, rate)
        packet.dts = packet.pts = ticks
        packet.stream = self._audio
        self._last_sound = ticks
        self._out.mux_one(packet)


def _packets(
    source: InputContainer, streams: Sequence[VideoStream | AudioStream]
) -> Iterator[av.Packet[Stream]]:
    """Yield packets up to a damaged place."""
    with contextlib.suppress(*LIBAV_ERRORS):
        yield from source.demux(*streams)
