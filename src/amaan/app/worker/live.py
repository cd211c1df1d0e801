"""Live video and single pictures for the centre, from the taps of the streams pulled here.

Nothing is coded again but a snapshot's one picture: packets go into fragments as they are.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import av
import cv2
import msgspec
from av.video.codeccontext import VideoCodecContext

from amaan.app.worker.channel import Answerer, Arguments, Streamed
from amaan.kernel.errors import NotFoundError, UnavailableError
from amaan.video.errors import UnsupportedCodecError
from amaan.video.fragments import FragmentMuxer
from amaan.video.live_views.wire import (
    JPEG,
    STILL_HERE,
    Format,
    Kind,
    Piece,
    format_piece,
    packed,
)
from amaan.video.packets import LIBAV_ERRORS, TIME_BASE
from amaan.video.taps import StreamName, Tap, TappedFormat, TappedPacket, Taps, Wanted

VIEWED_MOST = 96
SNAPSHOTS_MOST = 4
LOOK_EVERY_S = 0.5
STILL_HERE_S = 4.0
SNAPSHOT_WITHIN_S = 8.0
JPEG_QUALITY = 88
MOST_PIXELS = 40_000_000


class _Wish(msgspec.Struct, frozen=True):
    camera: str
    stream: Literal["main", "sub"] = "main"
    audio: bool = True


class LiveAnswers:
    """Answers ``live.open`` and ``snapshot``."""

    def __init__(self, taps: Taps) -> None:
        self._taps = taps

    def register(self, answerer: Answerer) -> None:
        """Have both kinds answered."""
        answerer.register("live.open", self.open, most=VIEWED_MOST)
        answerer.register("snapshot", self.snapshot, most=SNAPSHOTS_MOST)

    def open(self, arguments: Arguments) -> Streamed:
        """Return pieces of live video (``video.live_views.wire``), as long as they are read."""
        wish = msgspec.convert(arguments, _Wish)
        tap, stream = self._tap(wish, "all")
        return Streamed({"stream": stream}, pieces(tap, audio=wish.audio))

    def snapshot(self, arguments: Arguments) -> Streamed:
        """Return the newest keyframe as JPEG. UnavailableError when none comes in time."""
        wish = msgspec.convert(arguments, _Wish)
        tap, stream = self._tap(wish, "keyframes")
        try:
            packet, picture = _picture(tap)
        finally:
            tap.close()
        observed_ms = int(packet.observed_at_s * 1000)
        return Streamed({"stream": stream, "observed_ms": observed_ms}, iter([picture]))

    def _tap(self, wish: _Wish, what: Wanted) -> tuple[Tap, StreamName]:
        """Open the stream asked for; the main one where the camera has no other."""
        if wish.stream == "sub":
            try:
                return self._taps.open(wish.camera, "sub", what), "sub"
            except NotFoundError:
                pass
        return self._taps.open(wish.camera, "main", what), "main"


def pieces(tap: Tap, *, audio: bool) -> Iterator[bytes]:
    """Yield packed pieces until the tap ends; b"" now and then while nothing comes."""
    maker: _Maker | None = None
    said = time.monotonic()
    try:
        while not tap.ended:
            item = tap.take(LOOK_EVERY_S)
            if item is None:
                now = time.monotonic()
                if now - said >= STILL_HERE_S:
                    said = now
                    yield packed(STILL_HERE)
                else:
                    yield b""
                continue
            if isinstance(item, TappedFormat):
                try:
                    maker = _maker(item if audio else replace(item, audio=None), maker)
                except UnsupportedCodecError as error:
                    maker = None
                    yield packed(Piece(Kind.CANNOT, 0, error.detail.encode()))
                continue
            if maker is None or (item.kind == "audio" and not audio):
                continue
            for piece in maker.take(item):
                said = time.monotonic()
                yield packed(piece)
    finally:
        tap.close()


class _Pictures:
    """A camera that sends JPEG pictures: each goes as it is."""

    def __init__(self) -> None:
        self._told = False

    def take(self, packet: TappedPacket) -> Iterator[Piece]:
        if packet.kind == "audio":
            return
        if not self._told:
            self._told = True
            yield format_piece(Format(JPEG, b""))
        yield Piece(Kind.KEY, int(packet.observed_at_s * 1000), packet.data)


class _Film:
    """A camera that sends film: fragments of a few frames."""

    def __init__(self, form: TappedFormat, starts_at: int = 0) -> None:
        self._muxer = FragmentMuxer(form, starts_at)
        self._told = False
        self._observed_s: float | None = None  # of the fragment in the making
        self._key = False

    def take(self, packet: TappedPacket) -> Iterator[Piece]:
        fragment = self._muxer.put(packet)
        if fragment is not None:
            if not self._told:
                self._told = True
                yield format_piece(Format(self._muxer.mime, self._muxer.init))
            observed_s = packet.observed_at_s if self._observed_s is None else self._observed_s
            yield Piece(Kind.KEY if self._key else Kind.MORE, int(observed_s * 1000), fragment)
            self._observed_s, self._key = None, False
        if packet.kind == "video" and self._observed_s is None:
            self._observed_s, self._key = packet.observed_at_s, packet.keyframe

    @property
    def ends_at(self) -> int:
        return self._muxer.ends_at


_Maker = _Pictures | _Film


def _maker(form: TappedFormat, before: _Maker | None) -> _Maker:
    if form.codec == "mjpeg":
        return _Pictures()
    return _Film(form, before.ends_at if isinstance(before, _Film) else 0)


def _picture(tap: Tap) -> tuple[TappedPacket, bytes]:
    until = time.monotonic() + SNAPSHOT_WITHIN_S
    form: TappedFormat | None = None
    while not tap.ended and (left_s := until - time.monotonic()) > 0:
        item = tap.take(left_s)
        if isinstance(item, TappedFormat):
            form = item
        elif isinstance(item, TappedPacket) and form is not None and item.kind == "video":
            return item, item.data if form.codec == "mjpeg" else _decoded(form, item)
    raise UnavailableError("no picture comes from the camera")


def _decoded(form: TappedFormat, packet: TappedPacket) -> bytes:
    try:
        context = av.CodecContext.create(form.codec, "r")
        assert isinstance(context, VideoCodecContext)
        context.options = {"max_pixels": str(MOST_PIXELS)}
        context.thread_count = 1
        if form.extradata:
            context.extradata = form.extradata
        coded = av.Packet(packet.data)
        coded.pts = coded.dts = packet.pts
        coded.time_base = TIME_BASE
        frames = [*context.decode(coded), *context.decode(None)]
        image = frames[0].to_ndarray(format="bgr24")
    except (*LIBAV_ERRORS, IndexError) as error:
        raise UnavailableError("the picture cannot be decoded") from error
    done, jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not done:
        raise UnavailableError("the picture cannot be coded")
    return jpeg.tobytes()
