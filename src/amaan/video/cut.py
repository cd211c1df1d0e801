"""Cuts a clip out of what is recorded of a camera, as a file that a browser plays.

H.264 is copied packet by packet; all else (and a stretch in which the picture's size changed) is
coded again as H.264. A clip begins with the keyframe at or before its start.

How soon: what is on disk trails the camera by at most one fragment (``fragment_s``, 1 s), so a
clip can be cut about a second and a half after its end; before that ClipNotYetError says when.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import av.error
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from amaan.video.errors import ClipNotYetError, ClipUnavailableError
from amaan.video.model import CameraHealth, CameraState
from amaan.video.packets import LIBAV_ERRORS, TIME_BASE
from amaan.video.recording.excerpts import Layouts, opened, range_of
from amaan.video.recording.model import Kept
from amaan.video.recording.ports import Book
from amaan.video.settings import VideoSettings

SLACK_S = 0.5  # a clip this much short of its end is whole: there may be no frame just there
PATIENCE_S = 10.0  # a camera that has recorded nothing for so long will not complete the clip
GAP_S = 2.0


@dataclass(frozen=True, slots=True)
class ClipWish:
    """What is asked for, of a camera's main stream.

    ``health`` tells why a moment is missing, where it is.
    """

    book: Book
    camera: str
    start: datetime
    end: datetime
    health: CameraHealth | None = None


@dataclass(frozen=True, slots=True)
class CutClip:
    """A cut MP4. ``start`` and ``end`` are what it truly covers; ``gaps`` counts holes over 2 s."""

    content: bytes
    start: datetime
    end: datetime
    complete: bool
    gaps: int
    recoded: bool


@dataclass(slots=True)
class _Piece:
    """One segment's packets, with their times on the wall clock."""

    stream: VideoStream
    packets: list[tuple[float, av.Packet[VideoStream]]]  # (decoding time in Unix seconds, packet)

    @property
    def first_shown_s(self) -> float:
        """When its first picture, a keyframe, is shown."""
        at_s, packet = self.packets[0]
        return at_s + _delay_s(packet)


def cut_clip(wish: ClipWish, settings: VideoSettings, now: datetime) -> CutClip:
    """Cut; blocks for some tens of milliseconds (copied) to a few seconds (coded again).

    Raises ClipNotYetError while the end is still to be recorded, else ClipUnavailableError when
    nothing of the span is there. A span recorded in part is cut as far as it goes.
    """
    start_s, end_s = wish.start.timestamp(), wish.end.timestamp()
    if not 0 < end_s - start_s <= settings.clip_most_s:
        raise ClipUnavailableError(
            f"a clip is longer than 0 and at most {settings.clip_most_s:g} s"
        )
    with contextlib.ExitStack() as files:
        pieces = list(_read(wish, settings.clip_bytes, files))
        last_s = max((piece.packets[-1][0] for piece in pieces), default=0.0)
        _check_wait(wish, last_s, now.timestamp(), settings)
        if not pieces:
            raise ClipUnavailableError(_why_missing(wish))
        first_s = pieces[0].first_shown_s
        recode = not _copies(pieces)
        content = _made(pieces, first_s, recode=recode)
    times = [at for piece in pieces for at, _ in piece.packets]
    return CutClip(
        content=content,
        start=datetime.fromtimestamp(first_s, UTC),
        end=datetime.fromtimestamp(last_s, UTC),
        complete=first_s <= start_s + SLACK_S and last_s >= end_s - SLACK_S,
        gaps=sum(b - a > GAP_S for a, b in pairwise(times)),
        recoded=recode,
    )


def _made(pieces: list[_Piece], first_s: float, *, recode: bool) -> bytes:
    with tempfile.TemporaryDirectory(prefix="amaan-clip-") as folder:
        path = Path(folder) / "clip.mp4"
        try:
            with av.open(str(path), "w", format="mp4", options={"movflags": "faststart"}) as out:
                (_recode if recode else _copy)(out, pieces, first_s)
            return path.read_bytes()
        except LIBAV_ERRORS as error:
            raise ClipUnavailableError("the recording of this moment is damaged") from error


def _check_wait(wish: ClipWish, last_s: float, now_s: float, settings: VideoSettings) -> None:
    """Raise ClipNotYetError while more of the span may still come."""
    end_s = wish.end.timestamp()
    gone = wish.health is not None and wish.health.state in (CameraState.DOWN, CameraState.STOPPED)
    if last_s >= end_s - SLACK_S or now_s >= end_s + PATIENCE_S or (gone and now_s >= end_s):
        return
    wait_s = max(0.0, end_s - now_s) + settings.fragment_s + SLACK_S
    raise ClipNotYetError("the end of the clip is still being recorded", wait_s)


def _why_missing(wish: ClipWish) -> str:
    oldest = wish.book.after(wish.camera, "main", 0)
    health = wish.health
    if oldest is not None and _ms(wish.end) < oldest.start_ms:
        since = datetime.fromtimestamp(oldest.start_ms / 1000, UTC)
        return f"no longer kept: the recording reaches back to {since:%Y-%m-%d %H:%M:%S} UTC"
    if health is not None and health.state is not CameraState.UP and health.since <= wish.end:
        return f"not recorded: the camera was {health.state}" + (
            f" ({health.reason})" if health.reason else ""
        )
    if oldest is None:
        return "not recorded: there is no recording of this camera"
    return "not recorded: the camera sent nothing at that time"


def _read(wish: ClipWish, most: int, files: contextlib.ExitStack) -> Iterator[_Piece]:
    """Yield the stretches of each segment that the span needs, from a keyframe each."""
    total = 0
    start_s, end_s = wish.start.timestamp(), wish.end.timestamp()
    segments = wish.book.segments(wish.camera, "main", _ms(wish.start), _ms(wish.end) + 1)
    for index, segment in enumerate(segments):
        following = segments[index + 1] if index + 1 < len(segments) else None
        if following is not None and following.start_ms <= _ms(wish.start):
            continue
        piece = _read_segment(segment, start_s, end_s, files)
        if piece is None:
            continue
        total += sum(packet.size for _, packet in piece.packets)
        if total > most:
            raise ClipUnavailableError(f"the clip is larger than {most >> 20} MiB")
        yield piece


def _read_segment(
    segment: Kept, start_s: float, end_s: float, files: contextlib.ExitStack
) -> _Piece | None:
    layout = Layouts().of(segment)
    if layout is None:
        return None  # just removed, or not one part on disk yet
    zero_s = segment.start_ms / 1000
    keys = [index for index, part in enumerate(layout.parts) if part.keyframe]
    # One keyframe more: pictures are shown later than they are decoded.
    before = [key for key in keys if zero_s + layout.parts[key].start_s <= start_s]
    first = before[max(-2, -len(before))] if before else keys[0]
    last = sum(zero_s + part.start_s <= end_s for part in layout.parts)
    if last <= first:
        return None
    kept: list[tuple[float, av.Packet[VideoStream]]] = []
    try:
        ranges = [range_of(layout.parts, layout, first, last)]
        container = files.enter_context(opened(segment.path, layout.init, ranges))
        stream = container.streams.video[0]
        for packet in container.demux(stream):
            if packet.size == 0 or packet.dts is None:
                continue
            at_s = zero_s + float(packet.dts * packet.time_base)
            if at_s > end_s:
                break
            if packet.is_keyframe and at_s + _delay_s(packet) <= start_s:
                kept.clear()
            if kept or packet.is_keyframe:
                kept.append((at_s, packet))
    except (*LIBAV_ERRORS, IndexError):
        pass  # damaged, or removed just now: what came before it is whole
    if not kept or kept[-1][0] < start_s - SLACK_S:
        return None
    return _Piece(stream, kept)


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _delay_s(packet: av.Packet[VideoStream]) -> float:
    """Return how long after its decoding a picture is shown."""
    if packet.pts is None or packet.dts is None:
        return 0.0
    return float((packet.pts - packet.dts) * packet.time_base)


def _copies(pieces: list[_Piece]) -> bool:
    """Tell whether all is H.264 of one make, so that packets can be copied."""
    contexts = [piece.stream.codec_context for piece in pieces]
    return all(
        context.name == "h264" and context.extradata == contexts[0].extradata
        for context in contexts
    )


def _copy(out: OutputContainer, pieces: list[_Piece], first_s: float) -> None:
    stream = out.add_stream_from_template(pieces[0].stream)
    last = round((pieces[0].packets[0][0] - first_s) * 90_000) - 1  # < 0 where pictures reorder
    for piece in pieces:
        for at_s, packet in piece.packets:
            dts = max(round((at_s - first_s) * 90_000), last + 1)
            shown = dts + round(_delay_s(packet) * 90_000)
            packet.time_base = TIME_BASE
            packet.dts, packet.pts, packet.duration = dts, shown, 0
            packet.stream = stream
            out.mux_one(packet)
            last = dts


def _recode(out: OutputContainer, pieces: list[_Piece], first_s: float) -> None:
    size = pieces[0].stream.codec_context
    stream = out.add_stream("libx264", rate=25, options={"preset": "veryfast", "crf": "23"})
    stream.width, stream.height = size.width // 2 * 2, size.height // 2 * 2
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = TIME_BASE
    stream.codec_context.gop_size = 50
    last = -1
    for piece in pieces:
        for shown_s, frame in _decode(piece):
            last = max(round((shown_s - first_s) * 90_000), last + 1)
            fitted = frame.reformat(stream.width, stream.height, "yuv420p")
            fitted.pts, fitted.time_base = last, TIME_BASE
            out.mux(stream.encode(fitted))
    if last < 0:
        raise ClipUnavailableError("the recording of this moment is damaged")
    out.mux(stream.encode(None))


def _decode(piece: _Piece) -> Iterator[tuple[float, VideoFrame]]:
    """Yield the frames with their times; damaged ones are left out."""
    at_s, first = piece.packets[0]
    base: Fraction = first.time_base
    zero_s = at_s - float((first.dts or 0) * base)
    context = piece.stream.codec_context
    for packet in [*(packet for _, packet in piece.packets), None]:
        try:
            frames = context.decode(packet)
        except LIBAV_ERRORS:
            continue
        for frame in frames:
            if frame.pts is not None:
                yield zero_s + float(frame.pts * base), frame
