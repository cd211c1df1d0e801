"""A short film shown for ever, taken apart into what the servers send."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av

from amaan.kernel.errors import InvalidError

NAL_SPS, NAL_PPS, NAL_AUD = 7, 8, 9
LOOP_BYTES = 256 << 20


class LoopError(InvalidError):
    """A film that cannot be shown as a loop."""

    code = "simulation-loop"


@dataclass(frozen=True, slots=True)
class Loop:
    """H.264 pictures of even length, the first one a key frame, none shown out of order.

    ``pictures[i]`` holds the NAL units of picture i without start codes or lengths; ``keys`` are
    the indexes of key frames, rising, beginning with 0.
    """

    width: int
    height: int
    fps: float
    sps: bytes
    pps: bytes
    pictures: Sequence[tuple[bytes, ...]]
    keys: Sequence[int]

    @property
    def seconds(self) -> float:
        """How long one round takes."""
        return len(self.pictures) / self.fps

    def number_at(self, unix_s: float) -> int:
        """Return the running number of the picture that a camera with a true clock shows now.

        Numbers count from the Unix epoch, so all loops of one length stand at the same place.
        """
        return int(unix_s * self.fps)

    def key_before(self, number: int) -> int:
        """Return the number of the newest key frame at or before a running number."""
        place = number % len(self.pictures)
        newest = max(key for key in self.keys if key <= place)
        return number - place + newest

    def picture(self, number: int) -> tuple[bytes, ...]:
        """Return a running number's NAL units."""
        return self.pictures[number % len(self.pictures)]

    def is_key(self, number: int) -> bool:
        """Tell whether a decoder can begin here."""
        return number % len(self.pictures) in self.keys


def read_loop(path: Path) -> Loop:
    """Read an MP4 with H.264 and no reordered pictures. Raises LoopError naming the file."""
    try:
        if path.stat().st_size > LOOP_BYTES:
            raise LoopError(f"{path.name} is too large for a loop")
        with av.open(str(path), "r") as film:
            stream = film.streams.video[0]
            if stream.codec_context.name != "h264":
                raise LoopError(f"{path.name} is {stream.codec_context.name}, not H.264")
            size, (sps, pps) = _parameter_sets(stream.codec_context.extradata or b"")
            packets = [p for p in film.demux(stream) if p.size]
            if any(p.pts != p.dts for p in packets[1:]):
                raise LoopError(f"{path.name} has reordered pictures")
            rate = stream.average_rate
            pictures = [tuple(_units(bytes(p), size)) for p in packets]
            keys = [index for index, p in enumerate(packets) if p.is_keyframe]
            width, height = stream.codec_context.width, stream.codec_context.height
    except (av.FFmpegError, OSError, IndexError) as error:
        raise LoopError(
            f"{path.name} cannot be read as a film: {error.strerror}"
            if isinstance(error, OSError)
            else f"{path.name} holds no film"
        ) from error
    if not pictures or not keys or keys[0] != 0 or not rate:
        raise LoopError(f"{path.name} does not begin with a key frame")
    return Loop(width, height, float(rate), sps, pps, pictures, keys)


def _parameter_sets(avcc: bytes) -> tuple[int, tuple[bytes, bytes]]:
    """Return the length size and the first SPS and PPS of an avcC record (ISO 14496-15)."""
    if len(avcc) < 8 or avcc[0] != 1:
        raise LoopError("the film's parameter sets are not where an MP4 has them")
    size = (avcc[4] & 3) + 1
    position = 6
    length = int.from_bytes(avcc[position : position + 2], "big")
    sps = avcc[position + 2 : position + 2 + length]
    position += 2 + length + 1
    length = int.from_bytes(avcc[position : position + 2], "big")
    pps = avcc[position + 2 : position + 2 + length]
    if not sps or not pps:
        raise LoopError("the film has no parameter sets")
    return size, (sps, pps)


def _units(data: bytes, size: int) -> Iterator[bytes]:
    position = 0
    while position + size < len(data):
        length = int.from_bytes(data[position : position + size], "big")
        unit = data[position + size : position + size + length]
        if unit and unit[0] & 31 not in (NAL_SPS, NAL_PPS, NAL_AUD):
            yield unit
        position += size + length
