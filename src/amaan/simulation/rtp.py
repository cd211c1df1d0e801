"""H.264 in RTP packets (RFC 3550, RFC 6184 packetization mode 1). Pure."""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterator, Sequence

from amaan.simulation.loops import Loop

CLOCK_HZ = 90_000
PAYLOAD_TYPE = 96
PAYLOAD_BYTES = 1400  # below an Ethernet frame, as cameras send even over TCP
FU_A = 28
NTP_EPOCH_S = 2_208_988_800  # seconds from 1900 to 1970
_HEADER = struct.Struct(">BBHII")


class Packetiser:
    """One sender's RTP stream: sequence numbers run on, timestamps come from the caller."""

    def __init__(self, ssrc: int, sequence: int = 0) -> None:
        self.ssrc = ssrc
        self.sequence = sequence & 0xFFFF
        self.packets = 0
        self.octets = 0

    def packets_of(self, units: Sequence[bytes], timestamp: int) -> Iterator[bytes]:
        """Yield the packets of one picture; the last one carries the marker."""
        for number, unit in enumerate(units):
            last_unit = number == len(units) - 1
            if len(unit) <= PAYLOAD_BYTES:
                yield self._packet(unit, timestamp, marker=last_unit)
                continue
            indicator, kind = unit[0] & 0xE0 | FU_A, unit[0] & 0x1F
            step = PAYLOAD_BYTES - 2
            for start in range(1, len(unit), step):
                first, last = start == 1, start + step >= len(unit)
                head = bytes((indicator, first << 7 | last << 6 | kind))
                yield self._packet(
                    head + unit[start : start + step], timestamp, marker=last_unit and last
                )

    def sender_report(self, unix_s: float, timestamp: int) -> bytes:
        """Return an RTCP sender report that ties the timestamp to the wall clock."""
        ntp = int((unix_s + NTP_EPOCH_S) * (1 << 32)) & 0xFFFFFFFFFFFFFFFF
        return struct.pack(
            ">BBHIQIII",
            *(0x80, 200, 6, self.ssrc, ntp, timestamp & 0xFFFFFFFF),
            *(self.packets & 0xFFFFFFFF, self.octets & 0xFFFFFFFF),
        )

    def _packet(self, payload: bytes, timestamp: int, *, marker: bool) -> bytes:
        head = _HEADER.pack(
            0x80, marker << 7 | PAYLOAD_TYPE, self.sequence, timestamp & 0xFFFFFFFF, self.ssrc
        )
        self.sequence = (self.sequence + 1) & 0xFFFF
        self.packets += 1
        self.octets += len(payload)
        return head + payload


def interleaved(channel: int, packet: bytes) -> bytes:
    """Return a packet framed for the RTSP connection (RFC 2326, 10.12)."""
    return struct.pack(">cBH", b"$", channel, len(packet)) + packet


def timestamp_of(number: int, fps: float) -> int:
    """Return the RTP timestamp of a running picture number; it wraps at 32 bits."""
    return round(number * CLOCK_HZ / fps) & 0xFFFFFFFF


def session_description(loop: Loop, name: str) -> str:
    """Return the SDP of a loop: one video track, `track0`."""
    sets = ",".join(base64.b64encode(part).decode() for part in (loop.sps, loop.pps))
    lines = (
        "v=0",
        "o=- 0 0 IN IP4 127.0.0.1",
        f"s={name}",
        "c=IN IP4 0.0.0.0",
        "t=0 0",
        "a=control:*",
        "a=range:npt=now-",
        f"m=video 0 RTP/AVP {PAYLOAD_TYPE}",
        f"a=rtpmap:{PAYLOAD_TYPE} H264/{CLOCK_HZ}",
        f"a=fmtp:{PAYLOAD_TYPE} packetization-mode=1;profile-level-id={loop.sps[1:4].hex()};"
        f"sprop-parameter-sets={sets}",
        f"a=framerate:{loop.fps:g}",
        f"a=framesize:{PAYLOAD_TYPE} {loop.width}-{loop.height}",
        "a=control:track0",
    )
    return "\r\n".join(lines) + "\r\n"
