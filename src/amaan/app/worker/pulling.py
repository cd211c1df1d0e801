"""What a worker and its pullers say to each other over their socket.

A message is a head (JSON), told by its kind, and for a packet its bytes: ``>II`` lengths, head,
body. A packet's head is binary (``PACKET``), for there are thousands a second.
"""

from __future__ import annotations

import struct
from typing import BinaryIO

import msgspec

from amaan.video.model import CameraHealth
from amaan.video.packets import AudioFormat
from amaan.video.taps import StreamName, TappedFormat, TappedPacket, Wanted

HEAD = struct.Struct(">II")
PACKET = struct.Struct(">IBqqd")  # tap, 1 keyframe | 2 sound, pts, dts, observed at
MOST_BYTES = 64 << 20
KEYFRAME, SOUND = 1, 2


class PullingEndedError(Exception):
    """The other side is gone, or speaks nonsense."""


class Recorded(msgspec.Struct, frozen=True):
    """That a stream is to be recorded, in files of about this length."""

    segment_s: float


class StreamSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One stream to pull. ``record`` None: only for taps."""

    camera: str
    stream: StreamName = "main"
    address: str  # holds the password: only ever sent over the socket
    audio: bool = False
    record: Recorded | None = None

    def __repr__(self) -> str:
        return f"StreamSpec({self.camera}, {self.stream})"


# -- to a puller -----------------------------------------------------------------------------


class SetUp(msgspec.Struct, frozen=True, tag="set_up"):
    """Comes first. ``settings`` is VideoSettings as JSON."""

    settings: str
    folder: str


class Run(msgspec.Struct, frozen=True, tag="run"):
    """Pull this, instead of what was pulled under its name."""

    spec: StreamSpec


class End(msgspec.Struct, frozen=True, tag="end"):
    """Pull this no more."""

    camera: str
    stream: StreamName


class OpenTap(msgspec.Struct, frozen=True, tag="open_tap"):
    """Send a stream's packets under a number of the worker's choice."""

    number: int
    camera: str
    stream: StreamName
    what: Wanted


class CloseTap(msgspec.Struct, frozen=True, tag="close_tap"):
    """Send no more under this number."""

    number: int


class Stop(msgspec.Struct, frozen=True, tag="stop"):
    """Finish what is being recorded, then end."""


ToPuller = SetUp | Run | End | OpenTap | CloseTap | Stop

# -- from a puller ---------------------------------------------------------------------------


class StreamHealth(msgspec.Struct, frozen=True):
    """How one stream is. ``ended``: a file that played or broke; nothing more comes."""

    stream: StreamName
    health: CameraHealth
    ended: bool


class Healths(msgspec.Struct, frozen=True, tag="healths"):
    """Every stream, about once a second."""

    streams: list[StreamHealth]


class Formed(msgspec.Struct, frozen=True, tag="formed"):
    """The format of what follows under a tap's number."""

    number: int
    codec: str
    width: int
    height: int
    extradata: bytes
    fps: float
    audio: tuple[str, int, int, bytes] | None

    def format(self) -> TappedFormat:
        """Return it as taps give it."""
        audio = None if self.audio is None else AudioFormat(*self.audio)
        return TappedFormat(self.codec, self.width, self.height, self.extradata, audio, self.fps)


class Entry(msgspec.Struct, frozen=True, tag="entry"):
    """What a recorder has to tell the ledger."""

    entry: dict[str, object]


class Ended(msgspec.Struct, frozen=True, tag="ended"):
    """A stream that was to end has: what it recorded is finished, and told."""

    camera: str
    stream: StreamName


class Said(msgspec.Struct, frozen=True, tag="said"):
    """A line for the worker's log."""

    level: int
    text: str


FromPuller = Healths | Formed | Entry | Ended | Said

_ENCODER = msgspec.json.Encoder()
_DECODE_TO: msgspec.json.Decoder[ToPuller] = msgspec.json.Decoder(ToPuller)
_DECODE_FROM: msgspec.json.Decoder[FromPuller] = msgspec.json.Decoder(FromPuller)


def written(message: ToPuller | FromPuller) -> bytes:
    """Return a message as it goes over the socket."""
    head = _ENCODER.encode(message)
    return HEAD.pack(len(head), 0) + head


def written_format(number: int, form: TappedFormat) -> bytes:
    """Return a tap's format as it goes over the socket."""
    sound = form.audio
    audio = None if sound is None else (sound.codec, sound.rate, sound.channels, sound.extradata)
    return written(
        Formed(number, form.codec, form.width, form.height, form.extradata, form.fps, audio)
    )


def written_packet(number: int, packet: TappedPacket) -> bytes:
    """Return a tap's packet as it goes over the socket."""
    flags = (KEYFRAME if packet.keyframe else 0) | (SOUND if packet.kind == "audio" else 0)
    head = PACKET.pack(number, flags, packet.pts, packet.dts, packet.observed_at_s)
    return b"".join((HEAD.pack(0, PACKET.size + len(packet.data)), head, packet.data))


def _exactly(file: BinaryIO, count: int) -> bytes:
    data = file.read(count)
    if len(data) < count:
        raise PullingEndedError
    return data


def heard_by_puller(file: BinaryIO) -> ToPuller:
    """Read what the worker says. PullingEndedError, OSError."""
    head, body = HEAD.unpack(_exactly(file, HEAD.size))
    if body or not 0 < head < MOST_BYTES:
        raise PullingEndedError
    try:
        return _DECODE_TO.decode(_exactly(file, head))
    except msgspec.DecodeError:
        raise PullingEndedError from None


def heard_by_worker(file: BinaryIO) -> FromPuller | tuple[int, TappedPacket]:
    """Read what a puller says; a packet comes with its tap's number. PullingEndedError, OSError."""
    head, body = HEAD.unpack(_exactly(file, HEAD.size))
    if head + body > MOST_BYTES:
        raise PullingEndedError
    if head:
        try:
            return _DECODE_FROM.decode(_exactly(file, head))
        except msgspec.DecodeError:
            raise PullingEndedError from None
    number, flags, pts, dts, observed_s = PACKET.unpack(_exactly(file, PACKET.size))
    data = _exactly(file, body - PACKET.size)
    kind = "audio" if flags & SOUND else "video"
    return number, TappedPacket(
        "audio" if kind == "audio" else "video", pts, dts, bool(flags & KEYFRAME), observed_s, data
    )
