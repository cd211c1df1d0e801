"""Coded pictures and sound as they come from a source, before anybody decodes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol, cast

import av
import av.error
import av.logging
from av.audio.stream import AudioStream
from av.video.stream import VideoStream

av.logging.set_level(None)  # libav's log lines carry addresses with their passwords


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """Sound, always AAC: what comes otherwise is coded again by the source, or left out.

    ``extradata`` is its AudioSpecificConfig. ``template`` lends a recorder its parameters; None
    where the sound came over a socket.
    """

    codec: str
    rate: int
    channels: int
    extradata: bytes
    template: AudioStream | None = None


@dataclass(frozen=True, slots=True)
class StreamFormat:
    """What a stream is made of; a change in mid-stream makes a new one.

    ``fps`` is what the stream declares, 0 when it does not. ``template`` lends its codec
    parameters to the recorder and the decoder. ``audio`` is of the sound beside it.
    """

    codec: str
    width: int
    height: int
    fps: float
    template: VideoStream
    audio: AudioFormat | None = None


LIBAV_ERRORS = (av.error.FFmpegError, OSError, ValueError)
"""All that libav raises. Their text holds the address, password and all: never show it."""

TIME_BASE = Fraction(1, 90_000)
"""Of every packet that a source yields."""


@dataclass(frozen=True, slots=True)
class Coded:
    """One coded picture, its packet stamped in TIME_BASE.

    ``pts_s`` and ``dts_s`` count seconds on the source's own clock, whose zero may lie anywhere;
    ``dts_s`` never decreases within one connection and ``pts_s >= dts_s``. ``arrived`` is Unix
    seconds on this machine's clock. ``name`` is the file's, for a still.
    """

    packet: av.Packet[VideoStream]
    format: StreamFormat
    pts_s: float
    dts_s: float
    keyframe: bool
    arrived: float
    name: str = ""


@dataclass(frozen=True, slots=True)
class Sound:
    """One packet of sound, stamped in TIME_BASE on the clock of the pictures beside it.

    Stamps grow within one connection. Every packet begins anew: all are keyframes.
    """

    packet: av.Packet[AudioStream]
    format: AudioFormat
    pts_s: float
    arrived: float


class Source(Protocol):
    """One connection to one camera, or one pass over a file or folder."""

    live: bool
    """Whether its clock is the world's (a camera) or its own (a file, a folder)."""

    notice: str
    """What a person should know though pictures come, such as sound that is left out."""

    def packets(self) -> Iterator[Coded | Sound]:
        """Yield coded pictures, and sound where it was asked for, until the source ends.

        Raises SourceError when it breaks. Blocks for at most the read timeout.
        """
        ...

    def interrupt(self) -> None:
        """Wake a reader that waits, where that can be done; safe from any thread."""
        ...

    def close(self) -> None:
        """Let go; safe to call twice. Only from the thread that reads."""
        ...


def stamp(packet: av.Packet[VideoStream], pts_s: float, dts_s: float) -> None:
    """Write times in seconds onto a packet, in TIME_BASE."""
    packet.time_base = TIME_BASE
    packet.dts = round(dts_s * 90_000)
    packet.pts = max(packet.dts, round(pts_s * 90_000))
    packet.duration = 0


def stream_format(template: VideoStream, audio: AudioFormat | None = None) -> StreamFormat:
    """Describe an opened stream; sizes are 0 where it has not said them yet."""
    context = template.codec_context
    rate = template.average_rate or template.guessed_rate
    fps = float(rate) if rate and 0 < rate < 1000 else 0.0
    return StreamFormat(context.name, context.width, context.height, fps, template, audio)


def jpeg_packet(data: bytes, at_s: float) -> av.Packet[VideoStream]:
    """Wrap one JPEG as a packet shown at ``at_s``, in ninety-thousandths of a second."""
    packet = cast("av.Packet[VideoStream]", av.Packet(data))
    stamp(packet, at_s, at_s)
    packet.is_keyframe = True
    return packet
