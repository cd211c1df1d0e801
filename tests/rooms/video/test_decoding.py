from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from av.video.stream import VideoStream
from hypothesis import given
from hypothesis import strategies as st
from tests.films import coded_of, jpeg, make_film, read_number

from amaan.video.decoding import FrameDecoder
from amaan.video.packets import Coded, StreamFormat, jpeg_packet
from amaan.video.settings import VideoSettings
from amaan.video.streams import open_file, probe_format

DATA = jpeg(5, 64 * 5, 48)


def form() -> StreamFormat:
    found = probe_format("mjpeg", DATA)
    assert found is not None
    assert isinstance(found.template, VideoStream)
    return found


def still(like: StreamFormat, at_s: float, data: bytes = DATA) -> Coded:
    return Coded(jpeg_packet(data, at_s), like, at_s, at_s, True, at_s)


@given(st.floats(0.5, 30), st.lists(st.floats(0.005, 3), min_size=1, max_size=60), st.booleans())
def test_no_more_images_than_the_rate_allows(fps: float, steps: list[float], live: bool) -> None:
    decoder, like = FrameDecoder(fps=fps, max_pixels=10**6, live=live), form()
    at_s, taken = 0.0, []
    for step in steps:
        taken += [picture.pts_s for picture in decoder.decode(still(like, at_s))]
        at_s += step
    assert taken[0] == 0.0
    length_s = taken[-1] - taken[0]
    assert len(taken) <= length_s * fps + 2.01


def test_pictures_slower_than_the_rate_are_all_taken() -> None:
    decoder, like = FrameDecoder(fps=5, max_pixels=10**6, live=True), form()
    taken = [len(decoder.decode(still(like, index * 0.25))) for index in range(20)]
    assert taken == [1] * 20


def test_damaged_pictures_are_counted_and_the_next_good_one_ends_the_row() -> None:
    decoder, like = FrameDecoder(fps=None, max_pixels=10**6, live=True), form()
    for index in range(3):
        assert decoder.decode(still(like, index, b"\xff\xd8\xff" + bytes(50))) == []
    assert (decoder.damaged, decoder.damaged_in_a_row) == (3, 3)
    (picture,) = decoder.decode(still(like, 3))
    assert picture.image.shape == (48, 320, 3)
    assert (decoder.damaged, decoder.damaged_in_a_row) == (3, 0)


def test_change_of_coding_in_mid_stream_is_followed(tmp_path: Path) -> None:
    decoder = FrameDecoder(fps=None, max_pixels=10**6, live=False)
    seen = []
    for name, codec in (("a.avi", "mjpeg"), ("b.mp4", "libx264")):
        film = make_film(tmp_path / name, codec=codec, frames=5, options={"bf": "0"})
        source = open_file(film, VideoSettings())
        for coded in coded_of(source):
            seen += [read_number(picture.image) for picture in decoder.decode(coded)]
    seen += [read_number(picture.image) for picture in decoder.flush()]
    assert seen == [0, 1, 2, 3, 4] * 2


@pytest.mark.parametrize("name", ["a.h264", "a.mjpeg"])
def test_bare_stream_without_times_is_read_in_order(tmp_path: Path, name: str) -> None:
    codec = "libx264" if name == "a.h264" else "mjpeg"
    film = make_film(tmp_path / name, codec=codec, frames=12, options={"bf": "0"})
    source = open_file(film, VideoSettings())
    coded = list(coded_of(source))
    assert len(coded) == 12
    assert [one.dts_s for one in coded] == sorted({one.dts_s for one in coded})
    source.close()


def test_flushing_a_decoder_that_saw_nothing_gives_nothing() -> None:
    assert FrameDecoder(fps=None, max_pixels=1, live=True).flush() == []


def test_size_that_changes_in_mid_stream_comes_through() -> None:
    decoder, like = FrameDecoder(fps=None, max_pixels=10**6, live=True), form()
    shapes = [
        picture.image.shape[:2]
        for index, data in enumerate((DATA, jpeg(1, 160, 120), DATA))
        for picture in decoder.decode(replace(still(like, index), packet=jpeg_packet(data, index)))
    ]
    assert shapes == [(48, 320), (120, 160), (48, 320)]
