"""The recent recording of one camera: short pieces of MP4 on disk, the oldest going first.

Each piece begins with a keyframe and is named by its times in Unix milliseconds:
``START-END.mp4`` when finished, ``START.part.mp4`` while it grows. Fragments reach the disk as
they are made, so a piece whose writer was killed still plays. Media time 0 of a piece is START.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import re
from collections import deque
from dataclasses import dataclass
from pathlib import Path

import av
import av.error
from av.container import OutputContainer
from av.video.stream import VideoStream

from amaan.video.packets import LIBAV_ERRORS, Coded, StreamFormat
from amaan.video.settings import VideoSettings

_NAME = re.compile(r"(\d{1,15})(?:-(\d{1,15})|\.part)\.mp4")
RECORDABLE = frozenset({"h264", "hevc", "mjpeg", "mpeg4", "av1", "vp9"})
RETRY_AFTER_S = 5.0  # after the disk refused
FRAGMENTS = "frag_keyframe+empty_moov+default_base_moof"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Segment:
    """One piece. Times in Unix seconds; ``end_s`` is None while it grows."""

    path: Path
    start_s: float
    end_s: float | None


def list_segments(directory: Path) -> list[Segment]:
    """Return the pieces of a camera's folder, oldest first; empty when there is no folder."""
    found = []
    with contextlib.suppress(FileNotFoundError):
        for path in directory.iterdir():
            match = _NAME.fullmatch(path.name)
            if match is not None:
                end_s = None if match[2] is None else int(match[2]) / 1000
                found.append(Segment(path, int(match[1]) / 1000, end_s))
    return sorted(found, key=lambda segment: segment.start_s)


def remove_older(directory: Path, before_s: float) -> int:
    """Remove finished pieces that ended before a moment (Unix seconds); return how many.

    From any thread: the folder's writer passes over pieces that are gone.
    """
    gone = 0
    for segment in list_segments(directory):
        if segment.end_s is not None and segment.end_s < before_s:
            segment.path.unlink(missing_ok=True)
            gone += 1
    return gone


@dataclass(slots=True)
class _Open:
    """The piece being written. Stamps in ticks of 1/90,000 s."""

    container: OutputContainer
    stream: VideoStream
    path: Path
    form: StreamFormat
    base: int
    last_dts: int
    last_end: int
    size_bytes: int = 0


class RecentRecording:
    """Writes one camera's packets; keeps ``recent_s`` and ``recent_bytes`` at most.

    Never raises for the disk's sake: ``problem`` says what is wrong, and it tries again.
    One process and one thread may write a folder; any may read it.
    """

    def __init__(self, directory: Path, settings: VideoSettings) -> None:
        self.directory = directory
        self.problem = ""
        self._settings = settings
        self._open: _Open | None = None
        self._closed: deque[tuple[Segment, int]] = deque()
        self._offset_s = 0.0
        self._quiet_until = 0.0
        self._adopt()

    def _adopt(self) -> None:
        """Take over what an earlier process left, finishing pieces it could not finish."""
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            for segment in list_segments(self.directory):
                if segment.end_s is None:
                    length_s = _length_s(segment.path)
                    if not length_s:
                        segment.path.unlink(missing_ok=True)
                        continue
                    segment = _finish(segment, segment.start_s, segment.start_s + length_s)
                self._closed.append((segment, segment.path.stat().st_size))
        except OSError as error:
            self._refused(error, 0.0)

    def write(self, coded: Coded, offset_s: float) -> None:
        """Record one packet; ``offset_s`` leads from its stamps to Unix seconds.

        Restamps the packet: hand it to a decoder before.
        """
        if coded.format.codec not in RECORDABLE:
            self.problem = f"{coded.format.codec} cannot be recorded"
            return
        if coded.arrived < self._quiet_until:
            return
        try:
            if coded.keyframe and self._is_time_for_next(coded):
                self.close()
                self._offset_s = offset_s
                self._begin(coded)
            self._offset_s = offset_s
            if self._open is not None:
                self._append(self._open, coded)
        except LIBAV_ERRORS as error:
            self._refused(error, coded.arrived)

    def _is_time_for_next(self, coded: Coded) -> bool:
        piece = self._open
        if piece is None or piece.form is not coded.format:
            return True
        length_s = coded.dts_s - piece.base / 90_000
        too_large = piece.size_bytes > self._settings.recent_bytes // 8
        return too_large or length_s >= self._settings.segment_s - 0.05

    def _begin(self, coded: Coded) -> None:
        self._forget_old(coded.dts_s + self._offset_s)
        base = coded.packet.dts or 0
        path = self.directory / f"{_ms(base, self._offset_s)}.part.mp4"
        options = {
            "movflags": FRAGMENTS,
            "frag_duration": str(int(self._settings.fragment_s * 1_000_000)),
            "flush_packets": "1",
        }
        container = av.open(str(path), "w", format="mp4", options=options)
        stream = container.add_stream_from_template(coded.format.template)
        self._open = _Open(container, stream, path, coded.format, base, base - 1, base)
        self.problem = ""

    def _append(self, piece: _Open, coded: Coded) -> None:
        packet = coded.packet
        dts = max(packet.dts or 0, piece.last_dts + 1)
        pts = max(packet.pts or 0, dts)
        step = dts - piece.last_dts if piece.last_dts >= piece.base else 0
        piece.last_dts, piece.last_end = dts, max(piece.last_end, pts + step)
        piece.size_bytes += packet.size
        packet.dts, packet.pts = dts - piece.base, pts - piece.base
        packet.stream = piece.stream
        packet.is_keyframe = coded.keyframe
        piece.container.mux_one(packet)
        if piece.size_bytes > self._settings.recent_bytes // 4:
            self.close()  # a keyframe is overdue; wait for it rather than fill the disk

    def close(self) -> None:
        """Finish the piece being written; at a keyframe, a lost connection, the end."""
        piece, self._open = self._open, None
        if piece is None:
            return
        start_ms = _ms(piece.base, self._offset_s)
        try:
            piece.container.close()
            segment = Segment(piece.path, start_ms / 1000, None)
            end_s = _ms(piece.last_end, self._offset_s) / 1000
            segment = _finish(segment, segment.start_s, max(end_s, segment.start_s + 0.001))
            self._closed.append((segment, segment.path.stat().st_size))
        except LIBAV_ERRORS as error:
            with contextlib.suppress(OSError):
                piece.path.unlink(missing_ok=True)  # before the next takes the room it holds
            self._refused(error, 0.0)

    def _refused(self, error: Exception, now_s: float) -> None:
        reason = error.strerror if isinstance(error, OSError) else "the packets do not fit"
        self.problem = f"not recording: {reason}"
        log.warning("recent recording of %s: %s", self.directory.name, self.problem)
        self._quiet_until = now_s + RETRY_AFTER_S
        piece, self._open = self._open, None
        if piece is not None:
            with contextlib.suppress(*LIBAV_ERRORS):
                piece.container.close()
            with contextlib.suppress(OSError):
                piece.path.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno == errno.ENOSPC and self._closed:
            self._forget_oldest()  # a full disk: make room by one piece

    def _forget_old(self, now_s: float) -> None:
        while self._closed:
            oldest = self._closed[0][0]
            total = sum(size for _, size in self._closed)
            too_old = (oldest.end_s or 0.0) < now_s - self._settings.recent_s
            if not too_old and total < self._settings.recent_bytes:
                break
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        with contextlib.suppress(OSError):
            self._closed.popleft()[0].path.unlink(missing_ok=True)


def _ms(ticks: int, offset_s: float) -> int:
    return max(0, round(ticks / 90 + offset_s * 1000))


def _finish(segment: Segment, start_s: float, end_s: float) -> Segment:
    start_ms, end_ms = round(start_s * 1000), round(end_s * 1000)
    path = segment.path.with_name(f"{start_ms}-{end_ms}.mp4")
    segment.path.replace(path)
    return Segment(path, start_ms / 1000, end_ms / 1000)


def _length_s(path: Path) -> float:
    """Measure what can be played of an unfinished piece; 0 when nothing can."""
    end_s = 0.0
    try:
        with av.open(str(path)) as container:
            for packet in container.demux(video=0):
                if packet.pts is not None:
                    end_s = max(end_s, float(packet.pts * packet.time_base))
    except (*LIBAV_ERRORS, IndexError):
        return end_s
    return end_s
