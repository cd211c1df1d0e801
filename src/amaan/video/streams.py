"""Cameras by RTSP, and video files: what libav opens itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, cast

import av
import av.error
from av.container import InputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from amaan.city.address import CameraAddress
from amaan.video.annexb import HEAD_BYTES, continues_picture, parameter_sets
from amaan.video.errors import (
    NoSuchStreamError,
    NotVideoError,
    SourceDamagedError,
    SourceError,
    SourceTruncatedError,
    SourceUnauthorisedError,
    SourceUnreachableError,
    UnsupportedCodecError,
)
from amaan.video.packets import LIBAV_ERRORS, Coded, Sound, StreamFormat, stamp, stream_format
from amaan.video.reaching import refuse_redirect
from amaan.video.settings import VideoSettings
from amaan.video.sound import SoundTrack, pick_sound
from amaan.video.timeline import StampMender

# A playlist named .mp4 must not make the library open other files or addresses.
FILE_FORMATS = "mov,mp4,matroska,webm,avi,mpegts,mpeg,flv,asf,h264,hevc,mjpeg,m4v,mpegvideo,ogg,mxf"
RTSP_PROTOCOLS = "rtsp,rtsps,rtp,tcp,tls,crypto"
DAMAGED_IN_A_ROW = 50
ASKED_WITHIN_S = 2.0  # whether it redirects; who is slower is asked by the connection itself
KEYFRAME_WITHIN_S = 60.0  # most cameras begin a new connection with one

if TYPE_CHECKING:
    from av.audio.stream import AudioStream

    Packet = av.Packet[VideoStream]


def _explain(error: Exception, live: bool, timeout_s: float) -> SourceError:
    """Name the fault without the library's own text, which repeats the address."""
    if isinstance(error, av.error.HTTPUnauthorizedError | av.error.HTTPForbiddenError):
        return SourceUnauthorisedError("the camera refused the name and password")
    if isinstance(error, av.error.HTTPNotFoundError):
        return NoSuchStreamError("the camera answers, but has no stream at this path")
    if isinstance(error, ConnectionRefusedError):
        return SourceUnreachableError("the connection was refused: nothing listens at this port")
    if isinstance(error, av.error.ExitError | TimeoutError):
        return SourceUnreachableError(f"no answer within {timeout_s:g} s")
    if isinstance(error, FileNotFoundError | IsADirectoryError):
        return NoSuchStreamError("there is no such file")
    if isinstance(error, PermissionError):
        return NoSuchStreamError("the file may not be read by this user")
    if isinstance(error, av.error.DecoderNotFoundError | av.error.PatchWelcomeError):
        return UnsupportedCodecError("the stream's coding is not supported")
    if isinstance(error, av.error.HTTPError):
        return SourceUnreachableError("the camera answered with an error")
    if isinstance(error, av.error.InvalidDataError):
        if live:
            return NotVideoError("the answer is not an RTSP stream of video")
        return NotVideoError("the file holds no video that can be read")
    if live:
        return SourceUnreachableError("the host is unknown, out of reach, or broke off")
    return NotVideoError("the file cannot be read as video")


def _open(
    name: str, options: dict[str, str], settings: VideoSettings, *, live: bool
) -> InputContainer:
    """Open by libav; SourceError says why not."""
    timeouts = (settings.open_timeout_s, settings.read_timeout_s)
    failure: Exception
    begun = time.monotonic()
    try:
        return av.open(name, options=options, timeout=timeouts, metadata_errors="replace")
    except LIBAV_ERRORS as error:
        failure = error
    if time.monotonic() - begun >= settings.open_timeout_s * 0.98:
        failure = TimeoutError()  # RTSP calls an interrupted answer invalid
    # Raised out here, so that the library's error is not even kept as context.
    raise _explain(failure, live, settings.open_timeout_s)


def probe_format(codec: str, picture: bytes) -> StreamFormat | None:
    """Describe a stream from one whole coded keyframe; None when it does not say enough."""
    try:
        container = av.open(BytesIO(picture), format=codec)
    except LIBAV_ERRORS:
        return None
    if not container.streams.video or not container.streams.video[0].codec_context.width:
        return None
    return stream_format(container.streams.video[0])


def _joined(first: Packet, rest: Packet) -> Packet:
    whole = cast("Packet", av.Packet(bytes(first) + bytes(rest)))
    whole.stream = first.stream
    whole.time_base = first.time_base
    whole.pts = rest.pts if first.pts is None else first.pts
    whole.dts = rest.dts if first.dts is None else first.dts
    whole.is_keyframe = first.is_keyframe
    return whole


class LibavSource:
    """One connection by libav, live or a file."""

    def __init__(
        self, container: InputContainer, settings: VideoSettings, *, live: bool, audio: bool = False
    ) -> None:
        self.live = live
        self.notice = ""
        self._container = container
        self._settings = settings
        self._mender = StampMender(live=live)
        self._sets = b""
        self._splits_seen = False
        self._stream = self._pick()
        self._sound: SoundTrack | None = None
        if audio and container.streams.audio:
            self._sound, self.notice = pick_sound(container.streams.audio[0], live=live)
        sound = self._sound.format if self._sound else None
        self._format = stream_format(self._stream, sound)

    def _pick(self) -> VideoStream:
        for stream in self._container.streams.video:
            cover = stream.disposition & type(stream.disposition).attached_pic
            known = isinstance(stream.codec_context, VideoCodecContext)
            if known and not cover:
                return stream
        some = bool(self._container.streams.video)
        self._container.close()
        if some:
            raise UnsupportedCodecError("the stream's coding is not supported")
        raise NotVideoError("it holds no video stream, only sound or data")

    def packets(self) -> Iterator[Coded | Sound]:
        """Yield every coded picture in decoding order, and the sound between them."""
        started, last_s, opened = False, 0.0, time.time()
        for packet, arrived in self._whole_pictures():
            if packet.stream is not self._stream:
                yield from self._sounds(packet, arrived, begun=started)
                continue
            base = float(packet.time_base)
            pts, dts = packet.pts, packet.dts
            keyframe = packet.is_keyframe
            if keyframe:
                self._notice_change(packet)
            if not self._format.width or not (started or keyframe):
                if self.live and arrived - opened > KEYFRAME_WITHIN_S:
                    raise SourceDamagedError(f"no keyframe within {KEYFRAME_WITHIN_S:g} s")
                continue
            started = True
            pts_s, dts_s = self._mender.mend(
                None if pts is None else pts * base, None if dts is None else dts * base, arrived
            )
            last_s = max(last_s, 0.0 if pts is None else pts * base)
            stamp(packet, pts_s, dts_s)
            if self._sound is not None:
                self._sound.note_picture(dts_s, arrived)
            yield Coded(packet, self._format, pts_s, dts_s, keyframe, arrived)
        if not started:
            raise NotVideoError("it ended without one whole picture")
        if not self.live:
            self._check_end(last_s)

    def _sounds(self, packet: Packet, arrived: float, *, begun: bool) -> Iterator[Sound]:
        if not begun or self._sound is None:
            return  # before the first picture its clock is not known
        yield from self._sound.convert(cast("av.Packet[AudioStream]", packet), arrived)
        self.notice = self._sound.notice

    def _whole_pictures(self) -> Iterator[tuple[Packet, float]]:
        """Join the packets of one picture; libav splits it where a slice repeats the sets.

        Only keyframes can be split so; they are held back until the next packet comes, but after
        the first only in streams that do it.
        """
        held: tuple[Packet, float] | None = None
        splits = delayed = self.live and self._format.codec in ("h264", "hevc")
        complete = time.time()
        for packet in self._read():
            if packet.stream is not self._stream:
                yield packet, time.time()
                continue
            # A picture of H.264 is known to be complete when the next begins to arrive, so the
            # moment at which one is handed out is the moment at which the next one arrived.
            began, complete = complete, time.time()
            arrived = began if delayed else complete
            head = bytes(memoryview(packet)[:HEAD_BYTES]) if splits else b""
            if held is not None:
                if continues_picture(self._format.codec, head):
                    held = (_joined(held[0], packet), held[1])
                    self._splits_seen = True
                    continue
                yield held
                held, splits = None, self._splits_seen
            if splits and packet.is_keyframe:
                held = (packet, arrived)
            else:
                yield packet, arrived
        if held is not None:
            yield held

    def _read(self) -> Iterator[Packet]:
        wanted = [self._stream, *([self._sound.stream] if self._sound else [])]
        failure: Exception | None = None
        damaged = 0
        while failure is None:
            try:
                for packet in self._container.demux(*wanted):
                    damaged = 0
                    if packet.size:
                        yield cast("Packet", packet)
                return
            except av.error.InvalidDataError as error:
                damaged += 1
                if self.live or damaged > DAMAGED_IN_A_ROW:
                    failure = error
            except LIBAV_ERRORS as error:
                failure = error
        if isinstance(failure, av.error.InvalidDataError):
            raise SourceDamagedError("what arrives is not video")
        if isinstance(failure, av.error.ExitError | TimeoutError):
            raise SourceUnreachableError(f"silent for {self._settings.read_timeout_s:g} s")
        raise _explain(failure, self.live, self._settings.read_timeout_s)

    def _notice_change(self, packet: Packet) -> None:
        """Make a new format when a keyframe carries other parameter sets than before."""
        head = bytes(memoryview(packet)[:HEAD_BYTES])
        sets = parameter_sets(self._format.codec, head)
        if not sets or sets == self._sets:
            return
        self._sets = sets
        declared = self._format.template.codec_context.extradata or b""
        if self._format.width and parameter_sets(self._format.codec, declared) == sets:
            return  # as the camera announced; some announce what they then do not send
        changed = probe_format(self._format.codec, bytes(packet))
        if changed is not None:
            self._format = replace(changed, audio=self._format.audio)

    def _check_end(self, last_s: float) -> None:
        stream = self._stream
        if not stream.duration or not stream.time_base:
            return
        start_s = (stream.start_time or 0) * float(stream.time_base)
        length_s = float(stream.duration * stream.time_base)
        had_s = last_s - start_s
        if had_s < length_s - max(1.0, 0.05 * length_s):
            raise SourceTruncatedError(
                f"the file breaks off at {max(0.0, had_s):.1f} s of {length_s:.1f} s"
            )

    def interrupt(self) -> None:
        """Do nothing: libav wakes by its own timeout."""

    def close(self) -> None:
        """Close the connection or file."""
        self._container.close()


def open_rtsp(
    address: CameraAddress, settings: VideoSettings, *, audio: bool = False
) -> LibavSource:
    """Connect by RTSP over TCP; SourceError when that fails within the open timeout.

    ``address`` is pinned (``reaching.pinned``). A camera that redirects is refused.
    """
    refuse_redirect(address, min(ASKED_WITHIN_S, settings.open_timeout_s))
    options = {
        "rtsp_transport": "tcp",
        "allowed_media_types": "video+audio" if audio else "video",
        "timeout": str(int(settings.read_timeout_s * 1_000_000)),
        "analyzeduration": "100000",  # a longer look only delays the first pictures
        "probesize": "1000000",
        "fpsprobesize": "2",
        "protocol_whitelist": RTSP_PROTOCOLS,
        "user_agent": "Amaan",
    }
    container = _open(address.full, options, settings, live=True)
    return LibavSource(container, settings, live=True, audio=audio)


def open_file(path: Path, settings: VideoSettings, *, audio: bool = False) -> LibavSource:
    """Open a video file; SourceError says what is wrong with it."""
    if not path.exists():
        raise NoSuchStreamError("there is no such file")
    if path.is_dir():
        raise NoSuchStreamError("that is a folder: write folder:PATH for a folder of stills")
    if not path.is_file():
        raise NotVideoError("that is a device or pipe, not a video file")
    if path.stat().st_size == 0:
        raise NotVideoError("the file is empty")
    options = {"protocol_whitelist": "file", "format_whitelist": FILE_FORMATS}
    try:
        container = _open(f"file:{path}", options, settings, live=False)
    except NotVideoError:
        if _lacks_index(path):
            raise SourceTruncatedError(
                "the file's index (moov) is missing: it was copied or recorded only in part"
            ) from None
        raise
    return LibavSource(container, settings, live=False, audio=audio)


def _lacks_index(path: Path) -> bool:
    """Walk the boxes of an MP4 file; tell whether it is one whose index never came."""
    size = path.stat().st_size
    with path.open("rb") as file:
        at = 0
        kinds: list[bytes] = []
        while at + 8 <= size and len(kinds) < 64:
            file.seek(at)
            head = file.read(16)
            length, kind = int.from_bytes(head[:4], "big"), head[4:8]
            if length == 1:
                length = int.from_bytes(head[8:16], "big")
            kinds.append(kind)
            if length < 8:
                break
            at += length
    return bool(kinds) and kinds[0] == b"ftyp" and (b"moov" not in kinds or at > size)
