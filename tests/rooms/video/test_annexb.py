from __future__ import annotations

import io

import av
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from amaan.video.annexb import continues_picture, parameter_sets
from amaan.video.streams import probe_format

START = b"\0\0\0\1"
SPS, PPS = b"\x67\x42\xc0\x0d\xda", b"\x68\xce\x3c\x80"
FIRST, SECOND = b"\x65\x88\x84", b"\x65\x1e\x22"


def unit(*contents: bytes) -> bytes:
    return b"".join(START + content for content in contents)


def test_parameter_sets_are_taken_once_each_whatever_stands_between() -> None:
    plain = parameter_sets("h264", unit(SPS, PPS, FIRST))
    repeated = parameter_sets("h264", unit(b"\x09\xf0", SPS, PPS, b"\x06\x05", SPS, PPS, FIRST))
    assert plain == repeated == unit(SPS, PPS)


def test_short_start_codes_count_too() -> None:
    head = b"\0\0\1" + SPS + b"\0\0\1" + PPS + b"\0\0\1" + FIRST
    assert parameter_sets("h264", head) == unit(SPS, PPS)


def test_packet_without_start_codes_holds_none() -> None:
    assert parameter_sets("h264", b"\0\0\0\x05" + SPS) == b""
    assert parameter_sets("mjpeg", unit(SPS)) == b""


def test_second_slice_continues_a_picture_and_the_first_does_not() -> None:
    assert not continues_picture("h264", unit(SPS, PPS, FIRST))
    assert continues_picture("h264", unit(SPS, PPS, SECOND))
    assert not continues_picture("h264", unit(SPS, PPS))
    assert continues_picture("hevc", unit(b"\x26\x01\x2f"))
    assert not continues_picture("hevc", unit(b"\x26\x01\xaf"))


@given(st.sampled_from(["h264", "hevc", "mjpeg"]), st.binary(max_size=200))
def test_no_bytes_break_the_reading(codec: str, noise: bytes) -> None:
    parameter_sets(codec, START + noise)
    continues_picture(codec, START + noise)


def test_format_is_known_from_one_keyframe() -> None:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="h264") as out:
        stream = out.add_stream("libx264", rate=5)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.zeros((240, 320, 3), np.uint8), format="bgr24")
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    form = probe_format("h264", buffer.getvalue())
    assert form is not None
    assert (form.codec, form.width, form.height) == ("h264", 320, 240)
    assert probe_format("h264", b"\0\0\0\1\x65nothing") is None
