"""Who takes a feed's packets: taps here, a recorder likewise."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from amaan.video.annexb import HEAD_BYTES, parameter_sets
from amaan.video.packets import Coded, Sound, StreamFormat
from amaan.video.taps import Fan, TappedFormat, TappedPacket


class Interruption(StrEnum):
    """Why no packets come, as far as the puller can tell."""

    LINK = "link"  # no connection, no answer, connection lost
    CAMERA = "camera"  # it answers, and refuses or sends what is no video


class PacketTaker(Protocol):
    """Takes one stream's packets, all in the feed's thread, which waits for it."""

    @property
    def problem(self) -> str:
        """What a person should know, "" when all is well."""
        ...

    def write(self, item: Coded | Sound, offset_s: float) -> None:
        """Take one; its stamp and ``offset_s`` make Unix seconds. Never raises.

        The packet may be changed: no taker after this one sees its stamps as they were.
        """
        ...

    def interrupted(self, cause: Interruption, detail: str, at_s: float) -> None:
        """Note that a connection ended, or could not be made; at each one that fails."""
        ...

    def close(self) -> None:
        """Finish; nothing more comes."""
        ...


class TapTaker:
    """Gives copies of the packets to a fan."""

    problem = ""

    def __init__(self, fan: Fan) -> None:
        self._fan = fan
        self._form: StreamFormat | None = None

    def write(self, item: Coded | Sound, offset_s: float) -> None:
        """Copy it to whoever listens; never waits."""
        if isinstance(item, Coded) and item.format is not self._form:
            self._form = item.format
            self._fan.begin(tapped_format(item))
        packet = item.packet
        pts = packet.pts or 0
        dts = pts if packet.dts is None else packet.dts
        observed_s = item.pts_s + offset_s
        data = bytes(packet)
        if isinstance(item, Coded):
            self._fan.put(TappedPacket("video", pts, dts, item.keyframe, observed_s, data))
        else:
            self._fan.put(TappedPacket("audio", pts, dts, True, observed_s, data))

    def interrupted(self, cause: Interruption, detail: str, at_s: float) -> None:
        """Say the format again when pictures come again."""
        del cause, detail, at_s
        self._form = None

    def close(self) -> None:
        """End all taps."""
        self._fan.end()


def tapped_format(coded: Coded) -> TappedFormat:
    """Describe a stream by its first picture."""
    form = coded.format
    extradata = bytes(form.template.codec_context.extradata or b"")
    if not extradata and form.codec in ("h264", "hevc"):
        head = bytes(memoryview(coded.packet)[:HEAD_BYTES])
        extradata = parameter_sets(form.codec, head)
    return TappedFormat(form.codec, form.width, form.height, extradata, form.audio, form.fps)
