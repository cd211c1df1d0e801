"""Writes one stream's packets to disk: segments of MP4, made of parts of under a second.

A segment begins with a keyframe and is named by the moment at which that is decoded, in Unix
milliseconds: ``CAMERA/STREAM/YYYYMMDD/MS.mp4``. Its media time 0 is that moment. Parts reach the
file as they are made, so a killed process loses the part it was making, and a machine that loses
power what came after the last sync; what is left plays. A segment is told of when its folder's
entry is on disk, and told finished when its last byte is.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import logging
import os
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.stream import VideoStream

from amaan.kernel.ids import new_id
from amaan.video.packets import LIBAV_ERRORS, TIME_BASE, Coded, Sound, StreamFormat
from amaan.video.takers import Interruption

RECORDABLE = frozenset({"h264", "hevc", "mjpeg", "mpeg4", "av1", "vp9"})
FRAGMENTS = "frag_keyframe+empty_moov+default_base_moof+skip_trailer"
RETRY_AFTER_S = 5.0  # after the disk refused
SYNC_EVERY_S = 5.0  # of the machine's power, a crash loses so much more than of the process
HOLE_S = 2.0  # pictures so far apart, and far more so than before, are not one recording
CLOCK_S = 0.05  # a segment's pictures stand so near to their true moments
OVERDUE_S = 4.0  # in segments' lengths: without a keyframe for so long, it waits for one
SOUND_LAG_US = 300_000  # longest that pictures wait for sound before a part is written

Emit = Callable[[dict[str, object]], None]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RecorderSettings:
    """``part_s``: longest part, which is what a crash loses. ``segment_s``: about each file."""

    part_s: float = 0.8
    segment_s: float = 60.0
    segment_bytes: int = 256 << 20


class _File:
    """What the muxer writes into: counts, hashes, and reaches the disk when asked."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
        self._digest = hashlib.sha256()
        self.size = 0
        self.failed: OSError | None = None

    def write(self, data: bytes) -> int:
        """Write all of it. OSError, also kept: the muxer hides what kind it was."""
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(self._file, view) :]
        except OSError as error:
            self.failed = error
            raise
        self._digest.update(data)
        self.size += len(data)
        return len(data)

    def sync(self) -> None:
        """Wait until what was written would outlive the machine's power."""
        os.fdatasync(self._file)

    def close(self) -> str:
        """Sync, close; return the SHA-256."""
        os.fsync(self._file)
        os.close(self._file)
        return self._digest.hexdigest()

    def abandon(self) -> None:
        """Close, whatever comes of it."""
        with contextlib.suppress(OSError):
            os.close(self._file)


@dataclass(slots=True)
class _Open:
    """The segment being written. Stamps in ticks of 1/90,000 s on the stream's clock."""

    identifier: str
    path: Path
    file: _File
    container: OutputContainer
    form: StreamFormat
    video: VideoStream
    audio: AudioStream | None
    base: int
    offset_s: float
    told_offset_s: float
    ends_after: int
    last_dts: int
    shown_until: int
    step: int = 3600
    pictures: int = 0
    last_sound: int = -1
    synced_s: float = field(default_factory=time.monotonic)

    def at_ms(self, ticks: int) -> int:
        """Return the moment of a stamp in Unix milliseconds."""
        return round(ticks / 90 + self.offset_s * 1000)


class Recorder:
    """``takers.PacketTaker`` of one stream. All from one thread; never raises for the disk's sake.

    ``emit`` is told in this order what happened (see ``ledger``): ``opened`` when a segment is
    begun, ``finished`` when it is whole, ``interrupted`` when no pictures come.
    """

    def __init__(
        self,
        root: Path,
        camera: str,
        stream: str,
        emit: Emit,
        settings: RecorderSettings | None = None,
    ) -> None:
        """``root`` holds the folders of all cameras."""
        self.problem = ""
        self._root = root
        self._camera, self._stream = camera, stream
        self._emit = emit
        self._settings = settings or RecorderSettings()
        self._open: _Open | None = None
        self._quiet_until = 0.0
        self._broken = False
        # Cameras that began together do not end their segments together.
        spread = zlib.crc32(f"{camera}/{stream}".encode()) % 1000 / 1000
        self._first_s = self._settings.segment_s * (0.3 + 0.7 * spread)

    # -- what the feed calls -----------------------------------------------------------------

    def write(self, item: Coded | Sound, offset_s: float) -> None:
        """Record one packet; its stamp and ``offset_s`` make Unix seconds. Changes the packet."""
        if 0.0 < self._quiet_until - item.arrived <= RETRY_AFTER_S:
            return  # longer only by a clock that was set back
        try:
            if isinstance(item, Sound):
                self._write_sound(item)
            else:
                self._write_picture(item, offset_s)
        except LIBAV_ERRORS as error:
            self._refused(error, item.arrived)

    def interrupted(self, cause: Interruption | str, detail: str, at_s: float) -> None:
        """Finish the segment: what comes next begins another."""
        self.close()
        self._interrupt(str(cause), detail, at_s)

    def close(self) -> None:
        """Finish the segment being written."""
        piece, self._open = self._open, None
        if piece is None:
            return
        try:
            piece.container.close()
            digest = piece.file.close()
        except LIBAV_ERRORS as error:
            self._abandon(piece)
            self._refused(piece.file.failed or error, time.time())
            return
        if not piece.pictures or piece.at_ms(piece.shown_until) <= piece.at_ms(piece.base):
            return  # the ledger settles what it was told begins
        length_s = (piece.shown_until - piece.base) / 90_000
        self._emit(
            {
                "kind": "finished",
                "id": piece.identifier,
                "camera": self._camera,
                "stream": self._stream,
                "end_ms": piece.at_ms(piece.shown_until),
                "bytes": piece.file.size,
                "sha256": digest,
                "fps": round(piece.pictures / length_s, 3) if length_s > 0 else 0.0,
            }
        )

    # -- pictures and sound ------------------------------------------------------------------

    def _write_picture(self, coded: Coded, offset_s: float) -> None:
        if coded.format.codec not in RECORDABLE:
            self.problem = f"{coded.format.codec} cannot be recorded"
            return
        piece = self._open
        if piece is not None and self._leaves_hole(piece, coded):
            after_s = piece.at_ms(piece.shown_until) / 1000
            self.close()
            self._interrupt("link", "pictures are missing", after_s)
            piece = None
        if coded.keyframe and (piece is None or self._is_time_for_next(piece, coded, offset_s)):
            self.close()
            piece = self._begin(coded, offset_s)
        if piece is None:
            return
        self._append(piece, coded)
        if piece.file.size > self._settings.segment_bytes or self._is_overdue(piece, coded):
            self.close()  # a keyframe is overdue; wait for it rather than fill one file for ever
            self._interrupt("camera", "no keyframe", coded.pts_s + offset_s)

    def _leaves_hole(self, piece: _Open, coded: Coded) -> bool:
        hole = (coded.packet.dts or 0) - piece.last_dts
        return hole > max(HOLE_S * 90_000, 4 * piece.step)

    def _is_time_for_next(self, piece: _Open, coded: Coded, offset_s: float) -> bool:
        """Also where the camera's clock is known better than when the segment began."""
        if piece.form is not coded.format or (coded.packet.dts or 0) >= piece.ends_after:
            return True
        return abs(offset_s - piece.told_offset_s) > CLOCK_S

    def _is_overdue(self, piece: _Open, coded: Coded) -> bool:
        overdue = OVERDUE_S * max(15.0, self._settings.segment_s) * 90_000
        return (coded.packet.dts or 0) - piece.base > overdue

    def _begin(self, coded: Coded, offset_s: float) -> _Open:
        base = coded.packet.dts or 0
        start_ms = max(0, round(base / 90 + offset_s * 1000))
        folder = self._root / self._camera / self._stream / day_of(start_ms)
        make_folders(folder, self._root)
        path = folder / f"{start_ms}.mp4"
        while path.exists():  # a clock set back to the millisecond
            start_ms += 1
            path = folder / f"{start_ms}.mp4"
        file = _File(path)
        try:
            container, video, audio = self._muxer(file, coded.format)
            sync_folder(folder)
        except LIBAV_ERRORS:
            file.abandon()
            path.unlink(missing_ok=True)
            raise
        piece = _Open(
            identifier=str(new_id(datetime.fromtimestamp(start_ms / 1000, UTC))),
            path=path,
            file=file,
            container=container,
            form=coded.format,
            video=video,
            audio=audio,
            base=base,
            offset_s=start_ms / 1000 - base / 90_000,
            told_offset_s=offset_s,
            ends_after=base + round((self._first_s - 0.05) * 90_000),
            last_dts=base - 1,
            shown_until=base,
        )
        self._first_s = self._settings.segment_s
        self._open = piece
        self._broken, self.problem = False, ""
        self._emit(
            {
                "kind": "opened",
                "id": piece.identifier,
                "camera": self._camera,
                "stream": self._stream,
                "start_ms": start_ms,
                "path": str(path.relative_to(self._root)),
                "codec": coded.format.codec,
                "width": coded.format.width,
                "height": coded.format.height,
                "has_audio": audio is not None,
            }
        )
        return piece

    def _muxer(
        self, file: _File, form: StreamFormat
    ) -> tuple[OutputContainer, VideoStream, AudioStream | None]:
        options = {
            "movflags": FRAGMENTS,
            "frag_duration": str(int(self._settings.part_s * 1_000_000)),
            "flush_packets": "1",
            "max_interleave_delta": str(SOUND_LAG_US),
            "avoid_negative_ts": "disabled",
        }
        container = av.open(file, "w", format="mp4", options=options)
        video = container.add_stream_from_template(form.template)
        video.time_base = TIME_BASE
        audio = None
        if form.audio is not None and form.audio.template is not None:
            audio = container.add_stream_from_template(form.audio.template)
        return container, video, audio

    def _append(self, piece: _Open, coded: Coded) -> None:
        packet = coded.packet
        dts = max(packet.dts or 0, piece.last_dts + 1)
        pts = max(packet.pts or 0, dts)
        if piece.pictures:
            piece.step = max(1, dts - piece.last_dts)
        piece.last_dts, piece.shown_until = dts, max(piece.shown_until, pts + piece.step)
        piece.pictures += 1
        packet.time_base = TIME_BASE
        packet.dts, packet.pts = dts - piece.base, pts - piece.base
        packet.stream = piece.video
        packet.is_keyframe = coded.keyframe
        piece.container.mux_one(packet)
        now = time.monotonic()
        if now - piece.synced_s > SYNC_EVERY_S:
            piece.synced_s = now
            piece.file.sync()

    def _write_sound(self, sound: Sound) -> None:
        piece = self._open
        if piece is None or piece.audio is None or piece.form.audio is not sound.format:
            return
        # In the muxer's own steps, which are longer than ours: two stamps may fall into one.
        at = (sound.packet.pts or 0) - piece.base
        step = round(at * sound.format.rate / 90_000)
        if at < 0 or step <= piece.last_sound:
            return  # of before this segment's first picture, or stamped backwards
        piece.last_sound = step
        packet = sound.packet
        packet.time_base = Fraction(1, sound.format.rate)
        packet.pts = packet.dts = step
        packet.stream = piece.audio
        piece.container.mux_one(packet)

    # -- faults ------------------------------------------------------------------------------

    def _interrupt(self, cause: str, detail: str, at_s: float) -> None:
        self._broken = True
        self._emit(
            {
                "kind": "interrupted",
                "camera": self._camera,
                "stream": self._stream,
                "cause": cause,
                "detail": detail,
                "at_ms": max(0, round(at_s * 1000)),
            }
        )

    def _abandon(self, piece: _Open) -> None:
        piece.file.abandon()
        with contextlib.suppress(*LIBAV_ERRORS):
            piece.container.close()

    def _refused(self, error: Exception, now_s: float) -> None:
        """Stop writing for a while. What is on disk stays; the ledger measures it."""
        piece, self._open = self._open, None
        if piece is not None:
            error = piece.file.failed or error
            self._abandon(piece)
        of_disk = isinstance(error, OSError) and error.errno is not None and error.errno > 0
        full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
        reason = "the disk is full" if full else "the packets do not fit"
        if of_disk and not full and isinstance(error, OSError):
            reason = os.strerror(error.errno or 0)
        self.problem = f"not recording: {reason}"
        log.warning("recording of %s/%s: %s", self._camera, self._stream, self.problem)
        self._quiet_until = now_s + RETRY_AFTER_S
        if piece is not None:
            self._emit({"kind": "broken", "id": piece.identifier})
        self._interrupt("disk" if of_disk else "camera", reason, now_s)


def day_of(at_ms: int) -> str:
    """Return the name of a day's folder."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y%m%d")


def sync_folder(folder: Path) -> None:
    """Wait until a folder's entries would outlive the machine's power."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folders(folder: Path, root: Path) -> None:
    """Make a folder and those above it up to ``root``, each entry on disk."""
    if folder.is_dir():
        return
    missing = [folder]
    while missing[-1] != root and not missing[-1].parent.is_dir():
        missing.append(missing[-1].parent)
    for one in reversed(missing):
        one.mkdir(exist_ok=True, mode=0o750)
        sync_folder(one.parent)
