"""A real RTSP server, Debian's gst-rtsp-server, over loopback."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from tests.films import coded_of, make_film, numbers, read_number
from tests.recordings import book_of, recording

from amaan.city.address import parse_address
from amaan.video.cut import ClipWish, cut_clip
from amaan.video.errors import NoSuchStreamError, SourceError, SourceUnauthorisedError
from amaan.video.feeds import FeedPlan
from amaan.video.live import CameraFeed
from amaan.video.model import CameraState, Frame
from amaan.video.settings import VideoSettings
from amaan.video.sources import open_source

PYTHON = "/usr/bin/python3"  # the distribution's, which has its GObject bindings
SCRIPT = Path(__file__).with_name("rtsp_server.py")
PROBE = (
    "import gi; gi.require_version('Gst', '1.0'); gi.require_version('GstRtspServer', '1.0');"
    "from gi.repository import Gst, GstRtspServer; Gst.init(None);"
    "assert all(map(Gst.ElementFactory.find, ['x264enc', 'qtdemux', 'rtph264pay', 'h264parse']))"
)
CANARY = "canary-1947"
SETTINGS = VideoSettings(read_timeout_s=2.0, retry_first_s=0.2, retry_most_s=0.5, segment_s=2.0)
LIVE = (
    "videotestsrc is-live=true pattern=ball ! video/x-raw,width=640,height=360,framerate=10/1 ! "
    "x264enc tune=zerolatency key-int-max=10 bitrate=500 ! rtph264pay name=pay0 config-interval=-1"
)


@pytest.fixture(scope="module", autouse=True)
def gstreamer() -> None:
    """Skip where the distribution's packages are absent."""
    try:
        subprocess.run([PYTHON, "-c", PROBE], check=True, capture_output=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        pytest.skip("gst-rtsp-server is absent: scripts/system.sh test installs it")


@contextlib.contextmanager
def server(launch: str, *options: str) -> Iterator[int]:
    """Serve a pipeline at /test; yields the port."""
    process = subprocess.Popen(
        [PYTHON, str(SCRIPT), *options, launch],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "CAMERA_PASSWORD": CANARY},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.stdin.close()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it never came about"
        time.sleep(0.02)


def test_film_is_pulled_once_recorded_read_and_cut_at_its_true_times(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.mp4", frames=300, fps=20, gop=20, options={"bf": "0"})
    launch = (
        f"filesrc location={film} ! qtdemux ! h264parse ! rtph264pay name=pay0 config-interval=1"
    )
    frames: list[tuple[Frame, int]] = []
    with server(launch) as port:
        feed = CameraFeed(
            FeedPlan("A", parse_address(f"rtsp://127.0.0.1:{port}/test")),
            SETTINGS,
            on_frame=lambda frame: frames.append((frame, read_number(frame.image))),
            others=(recording(tmp_path),),
        )
        feed.start()
        wait_for(lambda: len(frames) >= 40)
        health = feed.health()
        feed.stop()
    assert health.state is CameraState.UP
    assert health.skipped_frames == 0
    assert (health.width, health.height) == (320, 240)
    steps = [b[1] - a[1] for a, b in pairwise(frames)]
    assert set(steps) == {4}  # 20 a second, 5 analysed
    start, first = frames[15][0].observed_at, frames[15][1]
    clip = cut_clip(
        ClipWish(book_of(tmp_path), "A", start, start + timedelta(seconds=4)),
        SETTINGS,
        datetime.now(UTC) + timedelta(minutes=1),
    )
    assert clip.complete
    assert not clip.recoded
    shown = numbers(clip.content)
    assert [number for _, number in shown] == list(range(shown[0][1], shown[-1][1] + 1))
    # Picture and clock agree between what was read and what was recorded.
    lead = (start - clip.start).total_seconds()
    position = next(seconds for seconds, number in shown if number == first)
    assert position == pytest.approx(lead, abs=0.1)


def test_password_is_asked_for_checked_and_kept(tmp_path: Path) -> None:
    with server(LIVE, "--user", "admin", "--password-env", "CAMERA_PASSWORD") as port:
        good = f"rtsp://admin:{CANARY}@127.0.0.1:{port}/test"
        source = open_source(parse_address(good), SETTINGS)
        assert next(coded_of(source)).keyframe
        source.close()
        for bad in (f"rtsp://admin:not-{CANARY}@", "rtsp://"):
            with pytest.raises(SourceUnauthorisedError) as caught:
                open_source(parse_address(f"{bad}127.0.0.1:{port}/test"), SETTINGS)
            assert CANARY not in repr(caught.value)
        with pytest.raises(SourceError) as absent:
            open_source(parse_address(good.replace("/test", "/other")), SETTINGS)
        assert CANARY not in repr(absent.value)


def test_path_without_a_stream_is_named_so() -> None:
    with server(LIVE) as port, pytest.raises(NoSuchStreamError):
        open_source(parse_address(f"rtsp://127.0.0.1:{port}/other"), SETTINGS)


def test_pictures_sent_in_slices_are_whole(tmp_path: Path) -> None:
    sliced = LIVE.replace("tune=zerolatency", "tune=zerolatency threads=4 sliced-threads=true")
    with server(sliced) as port:
        plan = FeedPlan("A", parse_address(f"rtsp://127.0.0.1:{port}/test"))
        feed = CameraFeed(plan, SETTINGS, fps=10.0, others=(recording(tmp_path),))
        begun = datetime.now(UTC)
        feed.start()
        wait_for(lambda: feed.newest.take(0.1) is not None)
        time.sleep(4)
        feed.stop()
    assert feed.health().skipped_frames == feed.newest.missed
    clip = cut_clip(
        ClipWish(
            book_of(tmp_path), "A", begun + timedelta(seconds=2), begun + timedelta(seconds=4)
        ),
        SETTINGS,
        datetime.now(UTC) + timedelta(minutes=1),
    )
    assert not clip.recoded
    assert clip.gaps == 0


def test_camera_whose_power_fails_is_down_and_comes_back_by_itself(tmp_path: Path) -> None:
    with server(LIVE) as port:
        plan = FeedPlan("A", parse_address(f"rtsp://127.0.0.1:{port}/test"))
        feed = CameraFeed(plan, SETTINGS, others=(recording(tmp_path),))
        feed.start()
        wait_for(lambda: feed.health().state is CameraState.UP)
        time.sleep(1.5)
    lost = datetime.now(UTC)
    wait_for(lambda: feed.health().state is CameraState.DOWN)
    assert feed.health().reason
    with server(LIVE, "--port", str(port)) as again:
        assert again == port
        wait_for(lambda: feed.health().state is CameraState.UP)
        while feed.newest.take(0.01) is not None:
            pass
        wait_for(lambda: (frame := feed.newest.take(0.1)) is not None and frame.observed_at > lost)
        assert feed.health().reconnects >= 1
        feed.stop()
    assert feed.health().state is CameraState.STOPPED


def test_live_frames_stand_at_the_moment_they_were_taken() -> None:
    late: list[float] = []
    with server(LIVE) as port:
        feed = CameraFeed(
            FeedPlan("A", parse_address(f"rtsp://127.0.0.1:{port}/test")),
            SETTINGS,
            fps=10.0,
            on_frame=lambda frame: late.append(time.time() - frame.observed_at.timestamp()),
        )
        feed.start()
        wait_for(lambda: len(late) >= 40)
        feed.stop()
    assert all(-0.01 < seconds < 5.0 for seconds in late)
