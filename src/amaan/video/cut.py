"""Cuts a clip out of a camera's recent recording, as a file that a browser plays.

H.264 is copied packet by packet; all else (and a stretch in which the picture's size changed) is
coded again as H.264. A clip begins with the keyframe at or before its start.

How soon: what is on disk trails the camera by at most one fragment (``fragment_s``, 1 s), so a
clip can be cut about a second and a half after its end; before that ClipNotYetError says when.
"""

from __future__ import annotations

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
from amaan.video.recent import Segment, list_segments
from amaan.video.settings import VideoSettings

SLACK_S = 0.5  # a clip this much short of its end is whole: there may be no frame just there
PATIENCE_S = 10.0  # a camera that has recorded nothing for so long will not complete the clip
GAP_S = 2.0


@dataclass(frozen=True, slots=True)
class ClipWish:
    """What is asked for. ``health`` tells why a moment is missing, where it is."""

    directory: Path
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
    pieces = list(_read(wish.directory, start_s, end_s, settings.clip_bytes))
    last_s = max((piece.packets[-1][0] for piece in pieces), default=0.0)
    _check_wait(wish, last_s, now.timestamp(), settings)
    if not pieces:
        raise ClipUnavailableError(_why_missing(wish, settings))
    first_s = pieces[0].first_shown_s
    recode = not _copies(pieces)
    with tempfile.TemporaryDirectory(prefix="amaan-clip-") as folder:
        path = Path(folder) / "clip.mp4"
        try:
            with av.open(str(path), "w", format="mp4", options={"movflags": "faststart"}) as out:
                (_recode if recode else _copy)(out, pieces, first_s)
            content = path.read_bytes()
        except LIBAV_ERRORS as error:
            raise ClipUnavailableError("the recording of this moment is damaged") from error
        finally:
            for piece in pieces:
                piece.stream.container.close()
    times = [at for piece in pieces for at, _ in piece.packets]
    return CutClip(
        content=content,
        start=datetime.fromtimestamp(first_s, UTC),
        end=datetime.fromtimestamp(last_s, UTC),
        complete=first_s <= start_s + SLACK_S and last_s >= end_s - SLACK_S,
        gaps=sum(b - a > GAP_S for a, b in pairwise(times)),
        recoded=recode,
    )


def _check_wait(wish: ClipWish, last_s: float, now_s: float, settings: VideoSettings) -> None:
    """Raise ClipNotYetError while more of the span may still come."""
    end_s = wish.end.timestamp()
    gone = wish.health is not None and wish.health.state in (CameraState.DOWN, CameraState.STOPPED)
    if last_s >= end_s - SLACK_S or now_s >= end_s + PATIENCE_S or (gone and now_s >= end_s):
        return
    wait_s = max(0.0, end_s - now_s) + settings.fragment_s + SLACK_S
    raise ClipNotYetError("the end of the clip is still being recorded", wait_s)


def _why_missing(wish: ClipWish, settings: VideoSettings) -> str:
    segments = list_segments(wish.directory)
    health = wish.health
    if segments and wish.end.timestamp() < segments[0].start_s:
        return f"no longer kept: the recent recording reaches back {settings.recent_s:g} s"
    if health is not None and health.state is not CameraState.UP and health.since <= wish.end:
        return f"not recorded: the camera was {health.state}" + (
            f" ({health.reason})" if health.reason else ""
        )
    if not segments:
        return "not recorded: there is no recent recording of this camera"
    return "not recorded: the camera sent nothing at that time"


def _read(directory: Path, start_s: float, end_s: float, most: int) -> Iterator[_Piece]:
    """Yield the stretches of each segment that the span needs, from a keyframe each."""
    total = 0
    segments = list_segments(directory)
    for index, segment in enumerate(segments):
        following = segments[index + 1] if index + 1 < len(segments) else None
        if segment.start_s > end_s or (segment.end_s is not None and segment.end_s < start_s):
            continue
        if following is not None and following.start_s <= start_s:
            continue
        piece = _read_segment(segment, start_s, end_s)
        if piece is None:
            continue
        total += sum(packet.size for _, packet in piece.packets)
        if total > most:
            raise ClipUnavailableError(f"the clip is larger than {most >> 20} MiB")
        yield piece


def _read_segment(segment: Segment, start_s: float, end_s: float) -> _Piece | None:
    try:
        container = av.open(str(segment.path), metadata_errors="replace")
        stream = container.streams.video[0]
    except (*LIBAV_ERRORS, IndexError):
        return None  # just removed, or not one fragment on disk yet
    kept: list[tuple[float, av.Packet[VideoStream]]] = []
    try:
        for packet in container.demux(stream):
            if packet.size == 0 or packet.dts is None:
                continue
            at_s = segment.start_s + float(packet.dts * packet.time_base)
            if at_s > end_s:
                break
            if packet.is_keyframe and at_s + _delay_s(packet) <= start_s:
                kept.clear()
            if kept or packet.is_keyframe:
                kept.append((at_s, packet))
    except LIBAV_ERRORS:
        pass  # the last fragment is being written: what came before it is whole
    if not kept or kept[-1][0] < start_s - SLACK_S:
        container.close()
        return None
    return _Piece(stream, kept)


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
