"""Camera feeds on simulated cameras, whose pictures tell when they were taken."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.films import make_film, numbers, read_number
from tests.recordings import book_of, recording

from amaan.city.address import parse_address
from amaan.simulation.loops import Loop, read_loop
from amaan.simulation.mjpeg import MjpegServer, PictureStream, pictures_of
from amaan.simulation.rtsp import RtspServer
from amaan.simulation.streams import Fault, Stream
from amaan.video.cut import ClipWish, cut_clip
from amaan.video.feeds import FeedPlan
from amaan.video.live import CameraFeed
from amaan.video.model import CameraState, Frame
from amaan.video.settings import VideoSettings

FPS, FRAMES = 8, 80
LOOP_S = FRAMES / FPS
SETTINGS = VideoSettings(
    read_timeout_s=1.5, stalled_after_s=0.6, retry_first_s=0.05, retry_most_s=0.1
)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "loop.mp4"
    return make_film(path, frames=FRAMES, fps=FPS, gop=16, options={"bf": "0"})


@pytest.fixture(scope="module")
def loop(film: Path) -> Loop:
    return read_loop(film)


@contextmanager
def serving(server: RtspServer | MjpegServer) -> Iterator[int]:
    """Run a server in a thread of its own; yields the port."""
    events = asyncio.new_event_loop()
    thread = threading.Thread(target=events.run_forever, daemon=True)
    thread.start()
    port = asyncio.run_coroutine_threadsafe(server.start("127.0.0.1", 0), events).result(10)
    try:
        yield port
    finally:
        asyncio.run_coroutine_threadsafe(server.close(), events).result(10)
        events.call_soon_threadsafe(events.stop)
        thread.join(10)
        events.close()


def wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < until, "it never came about"
        time.sleep(0.01)


def lateness_s(number: int, moment: datetime) -> float:
    """Return how much later than the picture was taken it is said to have been."""
    off = (moment.timestamp() - number / FPS) % LOOP_S
    return off if off < LOOP_S / 2 else off - LOOP_S


def test_pictures_are_placed_at_the_moment_they_were_taken(loop: Loop, tmp_path: Path) -> None:
    frames: list[tuple[int, Frame]] = []
    with serving(RtspServer({"a": Stream("a", loop)})) as port:
        feed = CameraFeed(
            FeedPlan("A", parse_address(f"rtsp://127.0.0.1:{port}/a")),
            SETTINGS,
            fps=float(FPS),
            others=(recording(tmp_path),),
            on_frame=lambda frame: frames.append((read_number(frame.image), frame)),
        )
        feed.start()
        wait_for(lambda: len(frames) >= 70)
        feed.stop()
    settled = frames[20:]
    late = [lateness_s(number, frame.observed_at) for number, frame in settled]
    assert max(late) - min(late) < 0.1
    assert min(late) > -0.05
    assert max(late) < 0.3
    start = settled[5][1].observed_at
    clip = cut_clip(
        ClipWish(book_of(tmp_path), "A", start, start + timedelta(seconds=4)),
        SETTINGS,
        datetime.now(UTC) + timedelta(minutes=1),
    )
    assert clip.complete
    assert not clip.recoded
    for seconds, number in numbers(clip.content):
        moment = clip.start + timedelta(seconds=seconds)
        assert -0.05 < lateness_s(number, moment) < 0.3


@pytest.mark.parametrize("fault", [Fault.BROKEN, Fault.SILENT, Fault.GARBAGE])
def test_failing_camera_is_left_and_taken_up_again(loop: Loop, fault: Fault) -> None:
    stream = Stream("a", loop, fault=fault, fault_after_s=2.0)
    states: set[CameraState] = set()
    with serving(RtspServer({"a": stream})) as port:
        plan = FeedPlan("A", parse_address(f"rtsp://127.0.0.1:{port}/a"))
        feed = CameraFeed(plan, SETTINGS, fps=8.0)
        feed.start()

        def seen() -> bool:
            states.add(feed.health().state)
            health = feed.health()
            return health.reconnects >= 2 or health.skipped_frames > feed.newest.missed + 5

        wait_for(seen)
        feed.stop()
    assert CameraState.UP in states
    if fault is Fault.SILENT:
        assert CameraState.STALLED in states


def test_motion_jpeg_pictures_are_placed_at_the_moment_they_were_taken(film: Path) -> None:
    frames: list[tuple[int, Frame]] = []
    stream = PictureStream("a", float(FPS), list(pictures_of(film)))
    with serving(MjpegServer({"a": stream})) as port:
        feed = CameraFeed(
            FeedPlan("A", parse_address(f"http://127.0.0.1:{port}/a")),
            SETTINGS,
            on_frame=lambda frame: frames.append((read_number(frame.image), frame)),
            fps=float(FPS),
        )
        feed.start()
        wait_for(lambda: len(frames) >= 30)
        feed.stop()
    late = [lateness_s(number, frame.observed_at) for number, frame in frames[5:]]
    assert min(late) > -0.05
    assert max(late) < 0.3


def test_sixteen_cameras_of_one_server_are_not_mixed_up(loop: Loop, tmp_path: Path) -> None:
    streams = {f"c{n}": Stream(f"c{n}", loop, shift_s=n * 0.5) for n in range(16)}
    found: dict[str, list[float]] = {name: [] for name in streams}
    with serving(RtspServer(streams)) as port:
        feeds = []
        for name in streams:

            def take(frame: Frame, name: str = name) -> None:
                number = read_number(frame.image)
                found[name].append(lateness_s(number, frame.observed_at))

            address = parse_address(f"rtsp://127.0.0.1:{port}/{name}")
            plan, beside = FeedPlan(name, address), recording(tmp_path, name)
            feed = CameraFeed(plan, SETTINGS, take, fps=4.0, others=(beside,))
            feed.start()
            feeds.append(feed)
        wait_for(lambda: all(len(late) >= 20 for late in found.values()))
        for feed in feeds:
            feed.stop()
    for index, name in enumerate(streams):
        shift = -index * 0.5 % LOOP_S
        off = (found[name][-1] - shift) % LOOP_S
        assert min(off, LOOP_S - off) < 0.5, (name, off)
        assert book_of(tmp_path).after(name, "main", 0) is not None
