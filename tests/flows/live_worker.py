"""A worker that shows live pictures, its cameras played by the test: a real channel, real film."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Literal

import av
import cv2
import numpy as np
from av.video.stream import VideoStream

from amaan.app.worker.channel import Answerer, Arguments, WorkerChannel
from amaan.app.worker.live import LiveAnswers
from amaan.kernel.errors import NotFoundError
from amaan.kernel.events import JsonValue
from amaan.video.model import Image
from amaan.video.taps import Fan, StreamName, Tap, TappedFormat, TappedPacket, Wanted

FPS, LOOP_S = 12, 4
SIZES = {"sub": (320, 180), "main": (1280, 720)}
Codec = Literal["h264", "hevc", "mjpeg"]


@dataclass(frozen=True)
class Loop:
    """A few seconds of coded film, from a keyframe on."""

    form: TappedFormat
    packets: Sequence[tuple[int, bool, bytes]]  # dts in frames, keyframe, data


def _frame(camera: str, number: int, size: tuple[int, int]) -> Image:
    width, height = size
    hue = sum(camera.encode()) % 5
    image = np.full((height, width, 3), (60 + 20 * hue, 66, 70 + 12 * hue), np.uint8)
    x = int(width * number / (FPS * LOOP_S))
    cv2.rectangle(image, (0, height * 2 // 3), (width, height), (52, 50, 48), -1)
    cv2.rectangle(image, (x, height // 2), (x + width // 6, height * 4 // 5), (210, 214, 220), -1)
    cv2.putText(image, f"{camera} {number}", (8, 24), 0, 0.6, (240, 240, 240), 1, cv2.LINE_AA)
    return image


@lru_cache
def looped(camera: str, stream: str, codec: Codec = "h264") -> Loop:
    """Return a loop, coded; a keyframe each second."""
    width, height = SIZES[stream]
    if codec == "mjpeg":
        images = _images(camera, stream)
        pictures = [cv2.imencode(".jpg", image)[1].tobytes() for image in images]
        form = TappedFormat("mjpeg", width, height, b"", None, float(FPS))
        return Loop(form, [(number, True, data) for number, data in enumerate(pictures)])
    with av.open(io.BytesIO(film_of(camera, stream, codec)), "r") as film:
        video = film.streams.video[0]
        extradata = video.codec_context.extradata or b""
        form = TappedFormat(codec, width, height, extradata, None, float(FPS))
        found = [packet for packet in film.demux(video) if packet.dts is not None]
        packets = [(n, packet.is_keyframe, bytes(packet)) for n, packet in enumerate(found)]
    return Loop(form, packets)


def _images(camera: str, stream: str) -> list[Image]:
    return [_frame(camera, number, SIZES[stream]) for number in range(FPS * LOOP_S)]


def film_of(camera: str, stream: str, codec: Codec = "h264") -> bytes:
    """Return the loop as an MP4 file."""
    width, height = SIZES[stream]
    encoder = {"h264": "libx264", "hevc": "libx265"}[codec]
    options = {"preset": "ultrafast", "tune": "zerolatency", "g": str(FPS), "bf": "0"}
    if codec == "hevc":
        options["x265-params"] = "log-level=none"
    held = io.BytesIO()
    with av.open(held, "w", format="mp4") as out:
        coder = out.add_stream(encoder, rate=Fraction(FPS), options=options)
        assert isinstance(coder, VideoStream)
        coder.width, coder.height, coder.pix_fmt = width, height, "yuv420p"
        for image in _images(camera, stream):
            out.mux(coder.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        out.mux(coder.encode(None))
    return held.getvalue()


class _Played:
    """One stream, played in its own time round and round."""

    def __init__(self, loop: Loop) -> None:
        self.fan = Fan()
        self.opened = 0
        self.silent = threading.Event()
        self._loop = loop
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        self.fan.begin(self._loop.form)
        begun, number = time.monotonic(), 0
        while not self._ended.is_set():
            due = begun + number / FPS
            self._ended.wait(max(0.0, due - time.monotonic()))
            _, keyframe, data = self._loop.packets[number % len(self._loop.packets)]
            stamp = number * 90_000 // FPS
            number += 1
            if not self.silent.is_set():
                packet = TappedPacket("video", stamp, stamp, keyframe, time.time(), data)
                self.fan.put(packet)

    def end(self) -> None:
        self._ended.set()
        self._thread.join()
        self.fan.end()


class LiveWorker:
    """Cameras by code. ``acts`` is what was asked of cameras that turn.

    ``answerer`` answers something already: recordings.
    """

    def __init__(
        self, url: str, token: str, name: str = "worker-1", answerer: Answerer | None = None
    ) -> None:
        self.acts: list[dict[str, JsonValue]] = []
        self._played: dict[tuple[str, str], _Played] = {}
        self._lock = threading.Lock()
        answerer = answerer or Answerer()
        LiveAnswers(self).register(answerer)
        answerer.register("onvif.ptz", self._turn)
        self._channel = WorkerChannel(url, token, name, answerer)
        self._channel.start()

    def play(self, camera: str, codec: Codec = "h264", sub: Codec | None = "h264") -> None:
        """Have a camera seen; without ``sub`` it has one stream."""
        with self._lock:
            self._played[camera, "main"] = _Played(looped(camera, "main", codec))
            if sub is not None:
                self._played[camera, "sub"] = _Played(looped(camera, "sub", sub))

    def open(self, camera: str, stream: StreamName, what: Wanted) -> Tap:
        """Open a tap, as a worker's own streams do."""
        with self._lock:
            played = self._played.get((camera, stream))
        if played is None:
            raise NotFoundError("this stream is not pulled here")
        played.opened += 1
        return played.fan.open(what)

    def opened(self, camera: str, stream: str) -> int:
        """Return how often a stream was opened."""
        return self._played[camera, stream].opened

    def fall_silent(self, camera: str, *, silent: bool = True) -> None:
        """Have a camera give no picture, or give some again."""
        for (code, _), played in self._played.items():
            if code == camera:
                (played.silent.set if silent else played.silent.clear)()

    def _turn(self, arguments: Arguments) -> dict[str, JsonValue]:
        if arguments["camera"] == "FIXED":
            raise NotFoundError("this camera does not turn")
        self.acts.append(dict(arguments))
        if arguments["action"] == "presets":
            return {"presets": [{"token": "1", "name": "Gate"}, {"token": "2", "name": "Road"}]}
        return {}

    def close(self) -> None:
        """Hang up and stop every camera."""
        self._channel.stop(2.0)
        for played in self._played.values():
            played.end()
