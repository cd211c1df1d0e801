from __future__ import annotations

import base64
import struct
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amaan.simulation.loops import Loop
from amaan.simulation.rtp import (
    PAYLOAD_BYTES,
    Packetiser,
    interleaved,
    session_description,
    timestamp_of,
)

LOOP = Loop(640, 360, 8.0, b"\x67\x64\x00\x1e\xac", b"\x68\xee", [(b"\x65a",), (b"\x41b",)], [0])


def reassembled(packets: Iterable[bytes]) -> list[bytes]:
    """Undo RFC 6184 packetization as a client does."""
    units: list[bytes] = []
    for packet in packets:
        payload = packet[12:]
        if payload[0] & 31 != 28:
            units.append(payload)
        elif payload[1] & 0x80:
            units.append(bytes((payload[0] & 0xE0 | payload[1] & 31,)) + payload[2:])
        else:
            units[-1] += payload[2:]
    return units


@given(
    st.lists(
        st.builds(
            lambda head, size: bytes((head,)) + bytes(i % 251 for i in range(size)),
            st.sampled_from([0x65, 0x41, 0x06, 0x01]),
            st.integers(1, 3 * PAYLOAD_BYTES),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_units_survive_packets_of_bounded_size(units: list[bytes]) -> None:
    packets = list(Packetiser(1, 65_530).packets_of(units, 90))
    assert reassembled(packets) == units
    assert all(len(packet) <= 12 + PAYLOAD_BYTES for packet in packets)
    sequence = [struct.unpack(">H", packet[2:4])[0] for packet in packets]
    assert sequence == [(65_530 + i) & 0xFFFF for i in range(len(packets))]
    marks = [bool(packet[1] & 0x80) for packet in packets]
    assert marks == [False] * (len(packets) - 1) + [True]


def test_timestamps_run_on_over_the_loop_s_end_and_wrap() -> None:
    assert timestamp_of(1, 8.0) == 11_250
    far = 14_000_000_000  # a running number of today
    step = (timestamp_of(far + 1, 8.0) - timestamp_of(far, 8.0)) & 0xFFFFFFFF
    assert step == 11_250


def test_description_carries_the_parameter_sets() -> None:
    text = session_description(LOOP, "AP-02-A")
    sets = base64.b64encode(LOOP.sps).decode() + "," + base64.b64encode(LOOP.pps).decode()
    assert f"sprop-parameter-sets={sets}" in text
    assert "profile-level-id=64001e" in text
    assert "a=control:track0" in text


def test_packet_is_framed_with_channel_and_length() -> None:
    assert interleaved(2, b"abc") == b"$\x02\x00\x03abc"


def test_report_counts_what_was_sent() -> None:
    packetiser = Packetiser(7)
    list(packetiser.packets_of([b"\x65" + bytes(99)], 0))
    report = packetiser.sender_report(0.5, 90)
    assert len(report) == 28
    ntp, stamp, packets, octets = struct.unpack(">QIII", report[8:])
    assert ntp / (1 << 32) == pytest.approx(2_208_988_800.5)
    assert (stamp, packets, octets) == (90, 1, 100)


def test_client_begins_at_the_newest_key_frame() -> None:
    loop = Loop(640, 360, 8.0, b"s", b"p", [(b"",)] * 24, [0, 8, 16])
    number = 24 * 1000 + 13
    assert loop.key_before(number) == 24 * 1000 + 8
    assert loop.is_key(loop.key_before(number))
    assert loop.number_at(3.0) == 24
