"""Small films whose every picture carries its own number, to check times by."""

from __future__ import annotations

import io
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import cv2
import numpy as np
from av.video.stream import VideoStream

from amaan.video.model import Image
from amaan.video.packets import Coded, Source

BITS = 12
CELL = 24


def numbered_image(number: int, width: int = 320, height: int = 240) -> Image:
    """Draw a number as black and white cells along the top of a grey ramp."""
    ramp = np.linspace(60, 190, width, dtype=np.uint8)
    image = np.repeat(np.tile(ramp, (height, 1))[:, :, None], 3, axis=2)
    for bit in range(BITS):
        image[:CELL, bit * CELL : (bit + 1) * CELL] = 255 if number >> bit & 1 else 0
    return np.ascontiguousarray(image)


def read_number(image: Image) -> int:
    """Read the number back, through any coding."""
    cells = image[CELL // 2, CELL // 2 : BITS * CELL : CELL].mean(axis=1)
    return sum(1 << bit for bit, value in enumerate(cells) if value > 127)


def make_film(
    path: Path,
    *,
    frames: int = 50,
    fps: int = 10,
    gop: int = 10,
    codec: str = "libx264",
    size: tuple[int, int] = (320, 240),
    first: int = 0,
    options: dict[str, str] | None = None,
    muxer: dict[str, str] | None = None,
) -> Path:
    """Write a film of numbered pictures; picture n is shown at n / fps seconds."""
    with av.open(str(path), "w", options=muxer or {}) as out:
        stream = cast(VideoStream, out.add_stream(codec, rate=Fraction(fps), options=options or {}))
        stream.width, stream.height = size
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.codec_context.time_base = Fraction(1, fps)
        stream.codec_context.gop_size = gop
        for index in range(frames):
            image = numbered_image(first + index, *size)
            frame = av.VideoFrame.from_ndarray(image, format="bgr24")
            frame.pts, frame.time_base = index, Fraction(1, fps)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def make_sound(path: Path) -> Path:
    """Write a second of silence as AAC: a file without video."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("aac", rate=16000, layout="mono")
        frame = av.AudioFrame.from_ndarray(
            np.zeros((1, 16000), np.float32), format="fltp", layout="mono"
        )
        frame.sample_rate = 16000
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def jpeg(number: int, width: int = 320, height: int = 240) -> bytes:
    """Return a numbered picture as JPEG."""
    return cv2.imencode(".jpg", numbered_image(number, width, height))[1].tobytes()


def image_of(frame: av.VideoFrame) -> Image:
    """Return a frame as an image."""
    return np.asarray(frame.to_ndarray(format="bgr24"), dtype=np.uint8)


def numbers(content: bytes) -> list[tuple[float, int]]:
    """Return (time in seconds, number) of every picture of a film."""
    with av.open(io.BytesIO(content), "r") as film:
        return [
            (float(frame.time or 0.0), read_number(image_of(frame)))
            for frame in film.decode(video=0)
        ]


def coded_of(source: Source) -> Iterator[Coded]:
    """Yield a source's coded pictures, without its sound."""
    for item in source.packets():
        assert isinstance(item, Coded), "only pictures were asked for"
        yield item
