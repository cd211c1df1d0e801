"""The RTSP server of the tests does what the tests ask of it."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import av
import pytest
from tests.films import make_film
from tests.flows.real_streams import numbers_in, real_streams
from tests.shared import shared_data

TCP = {"rtsp_transport": "tcp", "timeout": "4000000"}


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("films") / "film.mp4"
    return make_film(path, frames=100, fps=25, gop=25, options={"bf": "0"})


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("films") / "other.mp4"
    return make_film(path, frames=50, fps=25, gop=25, size=(640, 480), options={"bf": "0"})


@pytest.mark.parametrize(
    ("audio", "codec"), [("aac", "aac"), ("pcma", "pcm_alaw"), ("pcmu", "pcm_mulaw")]
)
def test_film_comes_with_the_sound_that_was_asked(film: Path, audio: str, codec: str) -> None:
    with real_streams({"path": "/main", "file": str(film), "audio": audio}) as streams:
        content = b""
        with av.open(streams.url("/main"), options=TCP) as camera:
            assert [stream.codec_context.name for stream in camera.streams] == ["h264", codec]
            heard = 0
            for packet in camera.demux():
                heard += packet.stream.type == "audio"
                content += bytes(packet) if packet.stream.type == "video" else b""
                if len(numbers_in(content)) == 60:
                    break
    seen = numbers_in(content)
    assert heard
    assert seen == list(range(seen[0], seen[0] + 60))
    assert abs(seen[-1] / 25 - time.time()) < 20


def test_real_clip_with_reordered_pictures_is_served() -> None:
    clip = shared_data("video", "dvr-scan", "traffic_camera.mp4")
    with (
        real_streams({"path": "/main", "file": str(clip)}) as streams,
        av.open(streams.url("/main"), options=TCP) as camera,
    ):
        stamps = []
        for packet in camera.demux(video=0):
            stamps.append(packet.pts or 0)
            if len(stamps) == 40:
                break
    assert stamps != sorted(stamps)


def test_h265_is_served(film: Path, tmp_path: Path) -> None:
    coded = tmp_path / "h265.mp4"
    command = ["ffmpeg", "-v", "error", "-i", str(film), "-c:v", "libx265", "-preset", "ultrafast"]
    subprocess.run([*command, "-x265-params", "log-level=error", str(coded)], check=True)
    with (
        real_streams({"path": "/main", "file": str(coded)}) as streams,
        av.open(streams.url("/main"), options=TCP) as camera,
    ):
        assert camera.streams.video[0].codec_context.name == "hevc"
        assert next(camera.decode(video=0)).width == 320


def test_size_changes_in_mid_stream_on_one_connection(film: Path, other: Path) -> None:
    with (
        real_streams({"path": "/main", "file": str(film)}) as streams,
        av.open(streams.url("/main"), options=TCP) as camera,
    ):
        sizes = []
        for frame in camera.decode(video=0):
            sizes.append((frame.width, frame.height))
            if len(sizes) == 10:
                streams.ask("change", path="/main", file=str(other))
            if sizes[-1] == (640, 480):
                break
    assert set(sizes) == {(320, 240), (640, 480)}


@pytest.mark.parametrize("kind", ["basic", "digest"])
def test_password_is_wanted(film: Path, kind: str) -> None:
    with real_streams({"path": "/main", "file": str(film)}, auth=kind) as streams:
        with av.open(streams.url("/main"), options=TCP) as camera:
            assert next(camera.demux(video=0)).size
        with pytest.raises(av.HTTPUnauthorizedError):
            av.open(f"rtsp://127.0.0.1:{streams.port}/main", options=TCP)


def test_stopped_server_refuses_and_comes_back_on_its_port(film: Path) -> None:
    with real_streams({"path": "/main", "file": str(film)}) as streams:
        streams.ask("stop")
        with pytest.raises(av.ConnectionRefusedError):
            av.open(streams.url("/main"), options=TCP)
        streams.ask("start")
        with av.open(streams.url("/main"), options=TCP) as camera:
            assert next(camera.demux(video=0)).size


def test_dropped_pictures_are_missing_by_number(film: Path) -> None:
    with (
        real_streams({"path": "/main", "file": str(film), "drop": 10}) as streams,
        av.open(streams.url("/main"), options=TCP) as camera,
    ):
        content = b""
        for packet in camera.demux(video=0):
            content += bytes(packet)
            if len(numbers_in(content)) == 40:
                break
    seen = numbers_in(content)
    missing = set(range(seen[0], seen[-1])) - set(seen)
    assert missing == {n for n in range(seen[0], seen[-1]) if n % 10 == 0}
