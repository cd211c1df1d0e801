from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import cast

import av
import numpy as np
import pytest
from av.audio.stream import AudioStream
from tests.films import make_film, read_number

from amaan.video.annexb import parameter_sets
from amaan.video.errors import UnsupportedCodecError
from amaan.video.fragments import FragmentMuxer
from amaan.video.packets import AudioFormat
from amaan.video.settings import VideoSettings
from amaan.video.streams import open_file
from amaan.video.takers import TapTaker
from amaan.video.taps import Fan, TappedFormat, TappedPacket

SOUND_RATE = 16_000


SETS = bytes.fromhex("000000016742c01e95a0280bfe5c0440000003004000000ca0000000" + "0168ce3c80")


def tapped(film: Path) -> Iterator[TappedFormat | TappedPacket]:
    """Yield what a tap gives of a film."""
    fan = Fan()
    tap, taker = fan.open("all"), TapTaker(fan)
    source = open_file(film, VideoSettings(), audio=True)
    for item in source.packets():
        taker.write(item, 1_800_000_000.0)
        while (told := tap.take(0.0)) is not None:
            yield told
    source.close()


def fragments(film: Path) -> tuple[FragmentMuxer, list[bytes]]:
    items = tapped(film)
    form = next(items)
    assert isinstance(form, TappedFormat)
    muxer, found = FragmentMuxer(form), []
    for item in items:
        assert isinstance(item, TappedPacket)
        fragment = muxer.put(item)
        found += [] if fragment is None else [fragment]
    last = muxer.flush()
    return muxer, [*found, *([] if last is None else [last])]


def shown(content: bytes) -> list[tuple[float, int]]:
    with av.open(io.BytesIO(content), "r") as film:
        return [
            (frame.time or 0.0, read_number(frame.to_ndarray(format="bgr24").astype(np.uint8)))
            for frame in film.decode(video=0)
        ]


def with_sound(film: Path, coding: str, path: Path) -> Path:
    """Add a second of tone to a film of pictures."""
    with av.open(str(film)) as source, av.open(str(path), "w") as out:
        video = out.add_stream_from_template(source.streams.video[0])
        rate = 8000 if "pcm" in coding else SOUND_RATE
        tone = cast("AudioStream", out.add_stream(coding, rate=rate, layout="mono"))
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = video
                out.mux(packet)
        for index in range(40):
            form = "s16" if "pcm" in coding else "fltp"
            frame = av.AudioFrame(form, "mono", 1024)
            frame.sample_rate, frame.pts = rate, index * 1024
            for plane in frame.planes:
                plane.update(bytes(plane.buffer_size))
            out.mux(tone.encode(frame))
        out.mux(tone.encode(None))
    return path


@pytest.mark.parametrize(
    ("codec", "begins", "options"),
    [("libx264", "avc1.", {}), ("libx264", "avc1.", {"bf": "2"}), ("libx265", "hvc1.1.", {})],
)
def test_every_picture_of_a_film_is_there_at_its_time(
    tmp_path: Path, codec: str, begins: str, options: dict[str, str]
) -> None:
    if codec == "libx265":
        options = {"x265-params": "log-level=error"}
    film = make_film(tmp_path / "a.mp4", frames=60, fps=25, gop=20, codec=codec, options=options)
    muxer, found = fragments(film)
    assert muxer.mime.startswith(f'video/mp4; codecs="{begins}')
    assert len(found) >= 60 / 25 / 0.24
    pictures = shown(muxer.init + b"".join(found))
    assert [number for _, number in pictures] == list(range(60))
    begun_s = pictures[0][0]
    for at_s, number in pictures:
        assert at_s - begun_s == pytest.approx(number / 25, abs=0.001)


def test_stream_behind_start_codes_becomes_the_same_film(tmp_path: Path) -> None:
    for codec, name in (("libx264", "a.h264"), ("libx265", "a.hevc")):
        options = {"x265-params": "log-level=error"} if codec == "libx265" else {"bf": "0"}
        film = make_film(tmp_path / name, frames=30, fps=25, gop=10, codec=codec, options=options)
        muxer, found = fragments(film)
        assert [number for _, number in shown(muxer.init + b"".join(found))] == list(range(30))


def test_a_keyframe_always_begins_a_fragment(tmp_path: Path) -> None:
    film = make_film(tmp_path / "a.mp4", frames=40, fps=25, gop=7, options={"bf": "0"})
    muxer, found = fragments(film)
    starts = [0] + [
        len(shown(muxer.init + b"".join(found[:count]))) for count in range(1, len(found))
    ]
    assert {0, 7, 14, 21, 28, 35} <= set(starts)


@pytest.mark.parametrize("coding", ["aac", "pcm_alaw", "pcm_mulaw"])
def test_sound_is_beside_the_pictures_as_aac(tmp_path: Path, coding: str) -> None:
    silent = make_film(tmp_path / "a.mp4", frames=60, fps=25, options={"bf": "0"})
    film = with_sound(silent, coding, tmp_path / "b.mov")
    muxer, found = fragments(film)
    assert muxer.mime.endswith(', mp4a.40.2"')
    content = muxer.init + b"".join(found)
    with av.open(io.BytesIO(content), "r") as out:
        (stream,) = out.streams.audio
        assert (stream.codec_context.name, stream.codec_context.sample_rate) == ("aac", SOUND_RATE)
        stamps = [packet.pts for packet in out.demux(audio=0) if packet.size]
    with av.open(io.BytesIO(content), "r") as out:
        assert sum(frame.samples for frame in out.decode(audio=0)) > 1.8 * SOUND_RATE
    assert {b - a for a, b in pairwise(stamps) if a is not None and b is not None} == {1024}


def test_next_format_goes_on_where_the_last_one_ended(tmp_path: Path) -> None:
    small = make_film(tmp_path / "a.mp4", frames=25, fps=25, options={"bf": "0"})
    muxer, _ = fragments(small)
    items = tapped(make_film(tmp_path / "b.mp4", frames=25, fps=25, size=(640, 480)))
    form = next(items)
    assert isinstance(form, TappedFormat)
    after = FragmentMuxer(form, starts_at=muxer.ends_at)
    packets = [item for item in items if isinstance(item, TappedPacket)]
    found = [part for packet in packets if (part := after.put(packet))]
    assert shown(after.init + b"".join(found))[0][0] == pytest.approx(1.0, abs=0.1)


def test_stamps_that_jump_leave_no_hole_and_nothing_twice() -> None:
    form = TappedFormat("h264", 320, 240, SETS, None)
    muxer = FragmentMuxer(form)
    at = 0
    for index in range(100):
        at += 3600 + (90_000 * 3600 if index == 30 else 0) - (90_000 * 60 if index == 60 else 0)
        muxer.put(TappedPacket("video", at, at, index % 10 == 0, 0.0, b"\0\0\1\x65x"))
    muxer.flush()
    assert muxer.ends_at == pytest.approx(100 * 3600, rel=0.02)


def test_what_no_browser_plays_is_refused() -> None:
    form = TappedFormat("h264", 320, 240, SETS, AudioFormat("aac", 8000, 1, b"\x15\x88"))
    assert FragmentMuxer(form).mime == 'video/mp4; codecs="avc1.42c01e, mp4a.40.2"'
    for unplayable in (replace(form, codec="mjpeg"), replace(form, extradata=b"")):
        with pytest.raises(UnsupportedCodecError):
            FragmentMuxer(unplayable)


def test_parameter_sets_of_a_picture_are_enough_to_begin(tmp_path: Path) -> None:
    film = make_film(tmp_path / "a.h264", frames=3, options={"bf": "0"})
    sets = parameter_sets("h264", film.read_bytes())
    assert FragmentMuxer(TappedFormat("h264", 320, 240, sets, None)).mime.startswith("video/mp4")
