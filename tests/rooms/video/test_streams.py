from __future__ import annotations

import contextlib
import random
import struct
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from tests.films import coded_of, make_film, make_sound, read_number
from tests.shared import shared_data

from amaan.city.address import parse_address
from amaan.video.errors import (
    NoSuchStreamError,
    NotVideoError,
    SourceError,
    SourceTruncatedError,
    UnsupportedCodecError,
)
from amaan.video.reading import FrameReader
from amaan.video.settings import VideoSettings
from amaan.video.sources import open_source
from amaan.video.streams import open_file

SETTINGS = VideoSettings()
START = datetime(2026, 1, 1, tzinfo=UTC)


def read(path: Path, fps: float | None = None) -> tuple[list[tuple[float, int]], int]:
    """Return (position, number) of every frame, and how many were damaged."""
    source = open_file(path, SETTINGS)
    reader = FrameReader(source, fps=fps, start=START, max_pixels=SETTINGS.max_pixels)
    try:
        found = [(frame.position_s, read_number(frame.image)) for frame in reader.frames()]
    finally:
        source.close()
    return found, reader.damaged


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.mp4", "libx264"),
        ("a.mkv", "libx264"),
        ("a.avi", "mjpeg"),
        ("a.ts", "libx264"),
        ("a.mov", "mpeg4"),
        ("a.webm", "libvpx"),
        ("a.mp4", "libx265"),
    ],
)
def test_every_picture_comes_in_order_at_its_time(tmp_path: Path, name: str, codec: str) -> None:
    options = {"x265-params": "log-level=none"} if codec == "libx265" else {}
    found, damaged = read(make_film(tmp_path / name, codec=codec, frames=30, options=options))
    assert damaged == 0
    assert [number for _, number in found] == list(range(30))
    assert [at for at, _ in found] == pytest.approx([n / 10 for n in range(30)], abs=0.003)


def test_analysis_takes_no_more_frames_than_asked_for(tmp_path: Path) -> None:
    found, _ = read(make_film(tmp_path / "a.mp4", frames=50, fps=25), fps=5)
    assert [number for _, number in found] == list(range(0, 50, 5))


def test_rate_that_does_not_divide_the_streams_is_kept_on_average(tmp_path: Path) -> None:
    found, _ = read(make_film(tmp_path / "a.mp4", frames=80, fps=8), fps=5)
    assert len(found) == 50


def test_first_frame_stands_at_the_start_given(tmp_path: Path) -> None:
    source = open_file(make_film(tmp_path / "a.mp4", frames=3), SETTINGS)
    reader = FrameReader(source, fps=None, start=START, max_pixels=SETTINGS.max_pixels)
    frames = list(reader.frames())
    assert frames[0].observed_at == START
    assert [frame.index for frame in frames] == [0, 1, 2]
    assert frames[0].image.shape == (240, 320, 3)
    assert frames[0].image.flags.c_contiguous


def broken(tmp_path: Path, kind: str) -> Path:
    path = tmp_path / "a.mp4"
    if kind == "text":
        path.write_text("this is no film\n" * 1000)
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "noise":
        path.write_bytes(random.Random(1).randbytes(200_000))
    elif kind == "sound":
        make_sound(path)
    elif kind == "playlist":
        path.write_text("#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:1/secret.ts\n#EXT-X-ENDLIST\n")
    elif kind == "list of files":
        path.write_text("ffconcat version 1.0\nfile /etc/passwd\n")
    elif kind == "picture":
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    return path


@pytest.mark.parametrize(
    "kind", ["text", "empty", "noise", "sound", "playlist", "list of files", "picture"]
)
def test_file_that_is_no_video_is_named_so(tmp_path: Path, kind: str) -> None:
    with pytest.raises(NotVideoError) as caught:
        read(broken(tmp_path, kind))
    assert str(tmp_path) not in caught.value.detail
    assert caught.value.__context__ is None or "tmp" not in str(caught.value.__context__)


def test_absent_file_folder_and_device_are_named_so(tmp_path: Path) -> None:
    with pytest.raises(NoSuchStreamError, match="no such file"):
        open_file(tmp_path / "none.mp4", SETTINGS)
    with pytest.raises(NoSuchStreamError, match="folder:"):
        open_file(tmp_path, SETTINGS)
    with pytest.raises(NotVideoError, match="device"):
        open_file(Path("/dev/zero"), SETTINGS)


def test_film_whose_index_never_came_is_called_truncated(tmp_path: Path) -> None:
    path = make_film(tmp_path / "a.mp4")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(SourceTruncatedError, match="index"):
        read(path)


def test_film_with_index_but_half_its_pictures_gives_them_and_says_it_broke_off(
    tmp_path: Path,
) -> None:
    path = make_film(tmp_path / "a.mp4", frames=100, muxer={"movflags": "faststart"})
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    source = open_file(path, SETTINGS)
    frames = FrameReader(source, fps=None, start=START, max_pixels=SETTINGS.max_pixels).frames()
    seen = [read_number(next(frames).image) for _ in range(30)]
    with pytest.raises(SourceTruncatedError, match="breaks off at"):
        list(frames)
    source.close()
    assert seen == list(range(30))


@pytest.mark.parametrize("seed", range(8))
def test_flipped_bytes_cost_pictures_never_a_crash(tmp_path: Path, seed: int) -> None:
    path = make_film(tmp_path / "a.mp4", frames=60, gop=10)
    data = bytearray(path.read_bytes())
    chance = random.Random(seed)
    reach = len(data) if seed % 2 else len(data) // 2
    for _ in range(40):
        data[chance.randrange(reach)] ^= 1 << chance.randrange(8)
    path.write_bytes(data)
    found: list[tuple[float, int]] = []
    with contextlib.suppress(SourceError):
        found, _ = read(path)
    assert len(found) <= 61


def test_picture_too_large_for_memory_is_refused_not_decoded(tmp_path: Path) -> None:
    small = VideoSettings(max_pixels=100_000)
    path = make_film(tmp_path / "a.mp4", frames=5, size=(640, 360))
    reader = FrameReader(open_file(path, small), fps=None, start=START, max_pixels=100_000)
    with pytest.raises(UnsupportedCodecError, match="none of its pictures"):
        list(reader.frames())
    assert reader.damaged > 0


def test_coding_that_nobody_here_knows_is_named_so(tmp_path: Path) -> None:
    path = make_film(tmp_path / "a.mp4")
    path.write_bytes(path.read_bytes().replace(b"avc1", b"zz1z").replace(b"avcC", b"zzzC"))
    with pytest.raises(UnsupportedCodecError):
        read(path)


def test_film_held_sideways_is_set_upright(tmp_path: Path) -> None:
    path = make_film(tmp_path / "a.mp4", frames=3)
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 40  # the matrix of a version 0 track header
    quarter = (0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)  # shown turned clockwise
    data[at : at + 36] = struct.pack(">9i", *quarter)
    path.write_bytes(data)
    reader = FrameReader(
        open_file(path, SETTINGS), fps=None, start=START, max_pixels=SETTINGS.max_pixels
    )
    images = [frame.image for frame in reader.frames()]
    assert images[1].shape == (320, 240, 3)
    assert read_number(np.ascontiguousarray(np.rot90(images[1]))) == 1
    assert images[1].flags.c_contiguous


def test_address_opens_what_it_names(tmp_path: Path) -> None:
    make_film(tmp_path / "a.mp4", frames=2)
    for text in (str(tmp_path / "a.mp4"), f"file:{tmp_path}/a.mp4", f"file://{tmp_path}/a.mp4"):
        source = open_source(parse_address(text), SETTINGS)
        assert not source.live
        assert len(list(coded_of(source))) == 2
        source.close()


@pytest.mark.parametrize(
    "name",
    [
        "dvr-scan/traffic_camera.mp4",
        "dvr-scan/traffic_camera_vfr.mp4",
        "dvr-scan/issue53_brightness_change.avi",
        "imageai/traffic-mini.mp4",
        "intel-sample-videos/car-detection.mp4",
    ],
)
def test_real_footage_is_read_whole(name: str) -> None:
    source = open_file(shared_data("video", *name.split("/")), SETTINGS)
    coded = list(coded_of(source))
    stamps = [packet.dts_s for packet in coded]
    assert len(coded) > 50
    assert all(a < b for a, b in pairwise(stamps))
    assert coded[0].keyframe
    assert coded[0].format.width >= 640
    source.close()


def test_variable_rate_footage_keeps_its_uneven_times() -> None:
    source = open_file(shared_data("video", "dvr-scan", "traffic_camera_vfr.mp4"), SETTINGS)
    times = sorted(packet.pts_s for packet in coded_of(source))
    steps = {round(b - a, 3) for a, b in pairwise(times)}
    source.close()
    assert steps == {0.04, 0.08}
