"""Pieces of what is recorded here, single pictures of it, and its files.

Only what the centre may know of is shown: what is there for a while only (``Kept.told``) is not.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import av
import cv2
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from amaan.kernel.errors import ConflictError, NotFoundError
from amaan.video.packets import LIBAV_ERRORS, TIME_BASE
from amaan.video.recording.excerpts import Layouts, begin_of, mime_of, opened, range_of
from amaan.video.recording.model import Kept
from amaan.video.recording.parts import Layout, Part, rebased
from amaan.video.recording.ports import Book

SLACK_S = 0.0015  # moments are told in whole milliseconds
MOST_BYTES = 24 << 20
KEYFRAMES_MOST_BYTES = 256 << 20  # of the recording; what leaves is far less
RECODED_MOST_S = 4.0
RECODED_WIDTH = 1280
SPARSE_S = 0.4  # keyframes nearer than this are not all needed
NEAR_MS = 120_000
CHUNK = 256 * 1024
JPEG_QUALITY = 80
_PASSED_OVER = 1000
_FRAGMENTED = {
    "movflags": "frag_keyframe+empty_moov+default_base_moof",
    "avoid_negative_ts": "disabled",
}


class NotRecordedError(NotFoundError):
    """Nothing is there of that time, or of that name."""

    code: ClassVar[str] = "not-recorded"


class StillRecordingError(ConflictError):
    """A file that still grows."""

    code: ClassVar[str] = "still-recording"


@dataclass(frozen=True, slots=True)
class Piece:
    """Fragmented MP4 whose media times begin at 0. Moments in Unix milliseconds.

    ``start_ms``: when its first picture is shown; sound may begin a little before it, so that
    it joins what comes before. ``next_ms``: where to go on; None while nothing later is there.
    """

    start_ms: int
    end_ms: int
    next_ms: int | None
    mime: str
    note: str
    content: bytes


@dataclass(frozen=True, slots=True)
class PieceWish:
    """``most_s``: about how much of it after the moment asked for."""

    camera: str
    stream: str
    at_ms: int
    most_s: float
    keyframes_only: bool = False


def choose(
    parts: Sequence[Part], at_s: float, most_s: float, most_bytes: int = MOST_BYTES
) -> tuple[int, int] | None:
    """Return which parts make a piece: from, until before; None where none can begin.

    It begins with the last keyframe at or before the moment and goes past the moment; where a
    keyframe allows, it ends before one, so that the next piece repeats nothing.
    """
    keys = [index for index, part in enumerate(parts) if part.keyframe]
    if not keys:
        return None
    first = next((key for key in reversed(keys) if parts[key].start_s <= at_s + SLACK_S), keys[0])
    after_s = max(at_s, parts[first].start_s) + SLACK_S
    until_s = after_s + most_s - 2 * SLACK_S
    last, size = first + 1, parts[first].size
    while last < len(parts) and parts[last].start_s < until_s:
        size += parts[last].size
        if size > most_bytes and parts[last].start_s > after_s:
            break
        last += 1
    if last < len(parts):
        whole = [key for key in keys if first < key <= last and parts[key].start_s > after_s]
        last = whole[-1] if whole else last
    return first, last


class Footage:
    """Reads the segments of a ``Book``. From any thread."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._layouts = Layouts()

    # -- pieces ------------------------------------------------------------------------------

    def piece(self, wish: PieceWish) -> Piece:
        """Return recording from the keyframe at or before a moment on, or else the next.

        Raises NotRecordedError.
        """
        for one in self._from(wish.camera, wish.stream, wish.at_ms):
            layout = self._layouts.of(one)
            if layout is None:
                continue
            try:
                return self._piece(one, layout, wish)
            except LIBAV_ERRORS:
                continue  # it was removed just now, or is damaged there
        raise NotRecordedError("nothing is recorded of that time")

    def _from(self, camera: str, stream: str, at_ms: int) -> Iterator[Kept]:
        """Yield what there is from a moment on."""
        for _ in range(_PASSED_OVER):
            one = self._book.after(camera, stream, at_ms)
            if one is None:
                return
            if one.told:
                yield one
            if one.end_ms is None:
                return
            at_ms = max(at_ms, one.end_ms)

    def _piece(self, one: Kept, layout: Layout, wish: PieceWish) -> Piece:
        mime, parts = mime_of(layout.init), layout.parts
        delay_s = begin_of(one.path, layout, _key(parts)).delay_s
        zero_ms = one.start_ms + delay_s * 1000  # of media time, as pictures are shown
        at_s = (wish.at_ms - zero_ms) / 1000
        most_s = wish.most_s
        if mime is None and not wish.keyframes_only:
            most_s = min(most_s, RECODED_MOST_S)
        most_bytes = KEYFRAMES_MOST_BYTES if wish.keyframes_only else MOST_BYTES
        chosen = choose(parts, at_s, most_s, most_bytes)
        if chosen is None:
            raise ValueError("no keyframe")
        first, last = chosen
        begins_s = parts[first].start_s
        if wish.keyframes_only:
            last = _to_next_key(parts, last)
        if last < len(parts):
            end_ms = round(zero_ms + parts[last].start_s * 1000)
        elif one.end_ms is not None:  # it counts how long the last picture is shown
            end_ms = one.end_ms
        else:
            end_ms = round(zero_ms + parts[-1].end_s * 1000)
        note = ""
        if wish.keyframes_only:
            content = _keyframes(one.path, layout, (first, last), recode=mime is None)
        elif mime is None:
            ranges = [range_of(parts, layout, first, last)]
            content = _recoded(one.path, layout.init, ranges, begins_s)
        else:
            earliest_s = begin_of(one.path, layout, parts[first]).earliest_s
            content = layout.init + rebased(
                _bytes(one.path, *range_of(parts, layout, first, last)), earliest_s, layout.init
            )
        if mime is None:
            note = f"{one.codec} coded again as H.264, without sound"
        if mime is None or wish.keyframes_only:
            mime = mime_of(content)
        if mime is None:
            raise ValueError("nothing could be coded")
        return Piece(
            start_ms=round(zero_ms + begins_s * 1000),
            end_ms=end_ms,
            next_ms=end_ms if last < len(parts) else self._next_ms(one, end_ms),
            mime=mime,
            note=note,
            content=content,
        )

    def _next_ms(self, one: Kept, end_ms: int) -> int | None:
        if one.end_ms is None:
            return None
        following = next(self._from(one.camera, one.stream, max(one.end_ms, end_ms)), None)
        return None if following is None else max(following.start_ms, end_ms)

    # -- pictures and files ------------------------------------------------------------------

    def thumbnail(self, camera: str, at_ms: int, width: int) -> tuple[int, bytes]:
        """Return the keyframe nearest to a moment as JPEG, and its moment. NotRecordedError."""
        near = self._book.segments(camera, "main", at_ms - NEAR_MS, at_ms + NEAR_MS)
        near = [one for one in near if one.told]
        near.sort(key=lambda one: max(one.start_ms - at_ms, at_ms - (one.end_ms or at_ms), 0))
        for one in near or self._from(camera, "main", at_ms):
            layout = self._layouts.of(one)
            if layout is None:
                continue
            keys = [part for part in layout.parts if part.keyframe]
            try:
                zero_ms = one.start_ms + begin_of(one.path, layout, keys[0]).delay_s * 1000
                at_s = (at_ms - zero_ms) / 1000
                part = min(keys, key=lambda key: abs(key.start_s - at_s))
                jpeg = _jpeg(one.path, layout.init, part, width)
            except LIBAV_ERRORS:
                continue
            return round(zero_ms + part.start_s * 1000), jpeg
        raise NotRecordedError("nothing is recorded of that time")

    def file(self, identifier: str) -> Iterator[bytes]:
        """Return a finished segment's bytes. NotRecordedError, StillRecordingError."""
        one = self._book.segment(identifier)
        if one is None or not one.told:
            raise NotRecordedError("no such segment")
        if one.end_ms is None:
            raise StillRecordingError("the segment is still being recorded")
        try:
            file = one.path.open("rb")
        except OSError as error:
            raise NotRecordedError("the segment's file is gone") from error
        return _chunks(file)


def _chunks(file: io.BufferedReader) -> Iterator[bytes]:
    with file:
        while chunk := file.read(CHUNK):
            yield chunk


def _key(parts: Sequence[Part]) -> Part:
    return next(part for part in parts if part.keyframe)


def _bytes(path: Path, start: int, end: int) -> bytes:
    with path.open("rb") as file:
        content = os.pread(file.fileno(), end - start, start)
    if len(content) < end - start:
        raise ValueError("the file is shorter than it was")
    return content


def _to_next_key(parts: Sequence[Part], last: int) -> int:
    """Return where the next part with a keyframe is: a keyframe's picture lasts until it."""
    while last < len(parts) and not parts[last].keyframe:
        last += 1
    return last


def _spread(parts: Sequence[Part], span: tuple[int, int]) -> list[Part]:
    """Return the parts with keyframes, not denser than is needed."""
    found: list[Part] = []
    for part in parts[span[0] : span[1]]:
        if part.keyframe and (not found or part.start_s - found[-1].start_s >= SPARSE_S):
            found.append(part)
    return found


def _keyframes(path: Path, layout: Layout, span: tuple[int, int], *, recode: bool) -> bytes:
    """Return a film of the keyframes alone, each lasting until the next."""
    keys = _spread(layout.parts, span)
    ranges = [(part.offset, part.offset + part.size) for part in keys]
    begins_s, ends_s = keys[0].start_s, layout.parts[span[1] - 1].end_s
    if recode:
        return _recoded(path, layout.init, ranges, begins_s, {part.start_s for part in keys})
    wanted = [round(part.start_s * 90_000) for part in keys]
    target = io.BytesIO()
    with (
        opened(path, layout.init, ranges) as source,
        av.open(target, "w", "mp4", options=_FRAGMENTED) as out,
    ):
        stream = source.streams.video[0]
        copied = out.add_stream_from_template(stream)
        copied.time_base = TIME_BASE
        base = round(begins_s * 90_000)
        ends = [*wanted[1:], round(ends_s * 90_000)]
        following = iter(zip(wanted, ends, strict=True))
        due = next(following, None)
        for packet in source.demux(stream):
            if due is None:
                break
            if packet.dts is None or packet.pts is None or not packet.is_keyframe:
                continue
            at = round(packet.dts * packet.time_base * 90_000)
            if abs(at - due[0]) > 90:
                continue
            shown = round((packet.pts - packet.dts) * packet.time_base * 90_000)
            packet.time_base = TIME_BASE
            packet.dts, packet.pts = at - base, at - base + shown
            packet.duration = max(1, due[1] - due[0])
            packet.stream = copied
            out.mux_one(packet)
            due = next(following, None)
    return target.getvalue()


def _recoded(
    path: Path,
    init: bytes,
    ranges: Sequence[tuple[int, int]],
    begins_s: float,
    only: set[float] | None = None,
) -> bytes:
    """Return pictures coded again as H.264; ``only`` those at some moments."""
    target = io.BytesIO()
    with (
        opened(path, init, ranges) as source,
        av.open(target, "w", "mp4", options=_FRAGMENTED) as out,
    ):
        coder: VideoStream | None = None
        last = -1
        for frame in source.decode(video=0):
            if frame.time is None or (only is not None and not _among(frame.time, only)):
                continue
            if coder is None:
                coder = _coder(out, frame)
            fitted = frame.reformat(coder.width, coder.height, "yuv420p")
            last = max(round((frame.time - begins_s) * 90_000), last + 1)
            fitted.pts, fitted.time_base = last, TIME_BASE
            out.mux(coder.encode(fitted))
        if coder is None:
            raise ValueError("no picture")
        out.mux(coder.encode(None))
    return target.getvalue()


def _among(at_s: float, moments: set[float]) -> bool:
    return any(abs(at_s - one) < SLACK_S for one in moments)


def _coder(out: OutputContainer, frame: VideoFrame) -> VideoStream:
    options = {"preset": "ultrafast", "tune": "zerolatency", "crf": "23", "g": "25"}
    coder = out.add_stream("libx264", rate=25, options=options)
    width = min(frame.width, RECODED_WIDTH)
    coder.width = max(2, width // 2 * 2)
    coder.height = max(2, round(frame.height * width / frame.width) // 2 * 2)
    coder.pix_fmt = "yuv420p"
    coder.time_base = TIME_BASE
    coder.codec_context.time_base = TIME_BASE
    coder.codec_context.thread_count = 1
    return coder


def _jpeg(path: Path, init: bytes, part: Part, width: int) -> bytes:
    with opened(path, init, [(part.offset, part.offset + part.size)]) as source:
        frame = next(source.decode(video=0), None)
        if frame is None:
            raise ValueError("no picture")
        wide = min(width, frame.width)
        high = max(1, round(frame.height * wide / frame.width))
        image = frame.reformat(wide, high, "bgr24").to_ndarray()
    done, jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not done:
        raise ValueError("no picture")
    return jpeg.tobytes()
