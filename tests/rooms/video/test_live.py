from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from tests.films import jpeg, make_film, read_number

from amaan.city.address import CameraAddress, parse_address
from amaan.video.errors import SourceDamagedError, SourceError, SourceUnreachableError
from amaan.video.feeds import Backoff, FeedPlan, StreamFeed
from amaan.video.live import CameraFeed, NewestFrame
from amaan.video.model import CameraHealth, CameraState, Frame
from amaan.video.packets import Coded, jpeg_packet
from amaan.video.recording.recorder import Recorder
from amaan.video.settings import VideoSettings
from amaan.video.streams import probe_format

ADDRESS = parse_address("rtsp://admin:canary-word@127.0.0.1/1")
QUICK = VideoSettings(retry_first_s=0.01, retry_most_s=0.02, stalled_after_s=0.2)


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until it holds; fails after ten seconds."""
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until, "it never came about"
        time.sleep(0.005)


def coded(number: int, at_s: float, keyframe: bool = True) -> Coded:
    data = jpeg(number)
    form = probe_format("mjpeg", data)
    assert form is not None
    return Coded(jpeg_packet(data, at_s), form, at_s, at_s, keyframe, time.time())


@dataclass
class ScriptedCamera:
    """A live source that plays what it was given: pictures, pauses, faults."""

    script: list[Coded | float | SourceError | Exception]
    live: bool = True
    notice: str = ""
    closed: int = 0
    awake: threading.Event = field(default_factory=threading.Event)

    def packets(self) -> Iterator[Coded]:
        for step in self.script:
            if isinstance(step, Exception):
                raise step
            if isinstance(step, float):
                self.awake.wait(step)
            else:
                yield replace(step, arrived=time.time())

    def interrupt(self) -> None:
        self.awake.set()

    def close(self) -> None:
        self.closed += 1


class ClockedCamera(ScriptedCamera):
    """A scripted camera whose pictures keep the arrivals written into them."""

    def packets(self) -> Iterator[Coded]:
        for step in self.script:
            if isinstance(step, Coded):
                yield step
        self.awake.wait(60)


@dataclass
class ScriptedOpener:
    """Opens one camera after another; the last for ever."""

    cameras: list[ScriptedCamera | SourceError]
    opened: int = 0

    def __call__(
        self, address: CameraAddress, settings: VideoSettings, *, audio: bool = False
    ) -> ScriptedCamera:
        camera = self.cameras[min(self.opened, len(self.cameras) - 1)]
        self.opened += 1
        if isinstance(camera, SourceError):
            raise camera
        return camera


def feed(opener: ScriptedOpener) -> CameraFeed:
    return CameraFeed(FeedPlan("RZ-01-A", ADDRESS), QUICK, opener=opener, fps=50.0)


def test_slow_reader_gets_the_newest_frame_and_the_missed_are_counted() -> None:
    newest = NewestFrame()
    image = np.zeros((2, 2, 3), np.uint8)
    frames = [Frame(image, datetime.now(UTC), 0.0, index) for index in range(5)]
    for frame in frames:
        newest.put(frame)
    assert newest.take(0) is frames[4]
    assert newest.take(0) is None
    assert newest.missed == 4


def test_waits_double_up_to_the_longest_and_begin_again_after_a_reset() -> None:
    backoff = Backoff(0.5, 30.0)
    waits = [backoff.next_s() for _ in range(9)]
    for wait, step in zip(waits, [0.5, 1, 2, 4, 8, 16, 30, 30, 30], strict=True):
        assert step / 2 <= wait <= step
    backoff.reset()
    assert backoff.next_s() <= 0.5
    assert len({Backoff(30, 30).next_s() for _ in range(20)}) > 1


def test_unreachable_camera_is_down_with_its_reason_and_comes_back() -> None:
    camera = ScriptedCamera([coded(7, 0.0), 60.0])
    fault = SourceUnreachableError("the connection was refused: nothing listens at this port")
    opener = ScriptedOpener([fault, fault, camera])
    states: list[CameraHealth] = []
    feed_ = feed(opener)
    assert feed_.health().state is CameraState.STARTING
    feed_.start()
    while not states or states[-1].state is not CameraState.UP:
        states.append(feed_.health())
    frame = feed_.newest.take(5)
    assert frame is not None
    assert read_number(frame.image) == 7
    assert (feed_.health().width, feed_.health().height) == (320, 240)
    assert feed_.health().reconnects == 2
    assert any("refused" in health.reason for health in states if health.state is CameraState.DOWN)
    feed_.stop()
    assert feed_.health().state is CameraState.STOPPED


def test_quiet_camera_is_shown_as_stalled() -> None:
    feed_ = feed(ScriptedOpener([ScriptedCamera([coded(1, 0.0), 60.0])]))
    feed_.start()
    wait_for(lambda: feed_.health().state is CameraState.STALLED)
    assert feed_.health().reason.startswith("no picture for")
    assert feed_.health().last_frame_at is not None
    feed_.stop()


def test_broken_connection_is_closed_and_made_again() -> None:
    first = ScriptedCamera([coded(1, 0.0), SourceUnreachableError("the connection broke off")])
    second = ScriptedCamera([coded(2, 500.0), 60.0])
    frames: list[Frame] = []
    opener = ScriptedOpener([first, second])
    feed_ = CameraFeed(FeedPlan("A", ADDRESS), QUICK, on_frame=frames.append, opener=opener)
    feed_.start()
    wait_for(lambda: len(frames) == 2)
    feed_.stop()
    assert [read_number(frame.image) for frame in frames] == [1, 2]
    assert first.closed == second.closed == 1
    # The second connection counts from elsewhere; on the clock they are moments apart.
    assert 0 < (frames[1].observed_at - frames[0].observed_at).total_seconds() < 5
    assert [frame.position_s for frame in frames] == [0.0, 0.0]


def test_unforeseen_fault_is_survived_and_its_text_is_not_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bad = ScriptedCamera([coded(1, 0.0), RuntimeError(f"broke at {ADDRESS.full}")])
    opener = ScriptedOpener([bad, ScriptedCamera([coded(2, 0.0), 60.0])])
    feed_ = feed(opener)
    feed_.start()
    wait_for(lambda: opener.opened >= 2 and feed_.health().state is CameraState.UP)
    feed_.stop()
    assert "RuntimeError" in caplog.text
    assert "canary-word" not in caplog.text + repr(feed_.health()) + repr(feed_.plan)


def test_stop_wakes_a_waiting_camera_and_nothing_comes_after_it() -> None:
    frames: list[Frame] = []
    camera = ScriptedCamera([coded(1, 0.0), 600.0, coded(2, 1.0)])
    feed_ = CameraFeed(
        FeedPlan("A", ADDRESS), QUICK, on_frame=frames.append, opener=ScriptedOpener([camera])
    )
    feed_.start()
    wait_for(lambda: len(frames) == 1)
    feed_.stop()
    assert feed_.ended()
    assert not feed_._thread.is_alive()
    assert len(frames) == 1


def test_clock_of_a_live_camera_follows_arrival() -> None:
    before = time.time()
    script: list[Coded | float | SourceError | Exception] = [
        coded(1, 95_443.0),
        0.05,
        coded(2, 95_443.05),
        60.0,
    ]
    frames: list[Frame] = []
    feed_ = CameraFeed(
        FeedPlan("A", ADDRESS),
        QUICK,
        fps=100.0,
        on_frame=frames.append,
        opener=ScriptedOpener([ScriptedCamera(script)]),
    )
    feed_.start()
    wait_for(lambda: len(frames) == 2)
    feed_.stop()
    moments = [frame.observed_at.timestamp() for frame in frames]
    assert before <= moments[0] < moments[1] <= time.time()
    assert frames[1].position_s == pytest.approx(0.05)


def test_time_follows_a_machine_clock_that_was_set_back_by_a_day() -> None:
    now, day_s = time.time(), 86_400.0
    arrivals = [now, now + 0.1, now + 0.2 - day_s, now + 0.3 - day_s]
    script: list[Coded | float | SourceError | Exception] = [
        replace(coded(index, index * 0.1), arrived=arrived)
        for index, arrived in enumerate(arrivals)
    ]
    frames: list[Frame] = []
    feed_ = CameraFeed(
        FeedPlan("A", ADDRESS),
        QUICK,
        fps=100.0,
        on_frame=frames.append,
        opener=ScriptedOpener([ClockedCamera(script)]),
    )
    feed_.start()
    wait_for(lambda: len(frames) == 4)
    feed_.stop()
    moments = [frame.observed_at.timestamp() for frame in frames]
    assert moments == pytest.approx(arrivals, abs=0.01)


def test_file_is_played_at_its_own_pace_recorded_and_then_stopped(tmp_path: Path) -> None:
    film = make_film(tmp_path / "a.mp4", frames=10, options={"bf": "0"})
    frames: list[Frame] = []
    entries: list[dict[str, object]] = []
    feed_ = CameraFeed(
        FeedPlan("A", parse_address(str(film))),
        VideoSettings(),
        on_frame=frames.append,
        fps=10.0,
        others=(Recorder(tmp_path, "A", "main", entries.append),),
    )
    begun = time.monotonic()
    feed_.start()
    wait_for(lambda: feed_.health().state is CameraState.STOPPED)
    assert time.monotonic() - begun >= 0.9
    feed_._thread.join()
    assert feed_.health().reason == "played"
    assert [read_number(frame.image) for frame in frames] == list(range(10))
    start_ms = entries[0]["start_ms"]
    assert isinstance(start_ms, int)
    assert start_ms / 1000 == pytest.approx(frames[0].observed_at.timestamp(), abs=0.05)
    feed_.stop()


def test_without_anybody_who_looks_all_is_recorded(tmp_path: Path) -> None:
    film = make_film(tmp_path / "a.mp4", frames=5, options={"bf": "0"})
    entries: list[dict[str, object]] = []
    plan = FeedPlan("A", parse_address(str(film)))
    recorder = Recorder(tmp_path, "A", "main", entries.append)
    feed_ = StreamFeed(plan, VideoSettings(), (recorder,))
    feed_.start()
    wait_for(lambda: feed_.health().state is CameraState.STOPPED)
    feed_._thread.join()
    assert [entry["kind"] for entry in entries] == ["opened", "finished", "interrupted"]
    feed_.stop()


def test_absent_file_is_down_and_tried_again(tmp_path: Path) -> None:
    film = tmp_path / "later.mp4"
    feed_ = CameraFeed(FeedPlan("A", parse_address(str(film))), QUICK)
    feed_.start()
    wait_for(lambda: feed_.health().state is CameraState.DOWN)
    assert feed_.health().reason == "there is no such file"
    make_film(tmp_path / "other.mp4", frames=3).rename(film)
    assert feed_.newest.take(10) is not None
    feed_.stop()


@pytest.mark.parametrize("fault", [SourceDamagedError("what arrives is not video"), OSError()])
def test_file_that_breaks_in_mid_play_is_down_and_never_played_again(fault: Exception) -> None:
    frames: list[Frame] = []
    opener = ScriptedOpener([ScriptedCamera([coded(1, 0.0), fault], live=False)])
    feed_ = CameraFeed(FeedPlan("A", ADDRESS), QUICK, on_frame=frames.append, opener=opener)
    feed_.start()
    wait_for(feed_.ended)
    health = feed_.health()
    assert health.state is CameraState.DOWN
    assert health.reason in ("what arrives is not video", "unforeseen fault (OSError)")
    assert (opener.opened, len(frames), health.reconnects) == (1, 1, 0)
    feed_.stop()


def test_file_that_is_no_video_is_down_and_not_tried_again(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("no film")
    feed_ = CameraFeed(FeedPlan("A", parse_address(str(tmp_path / "a.mp4"))), QUICK)
    feed_.start()
    wait_for(feed_.ended)
    assert feed_.health().state is CameraState.DOWN
    assert feed_.health().reconnects == 0
    feed_.stop()


def test_stopping_before_the_first_connection_is_quick() -> None:
    held = threading.Event()

    def opener(
        address: CameraAddress, settings: VideoSettings, *, audio: bool = False
    ) -> ScriptedCamera:
        held.wait(5)
        raise SourceUnreachableError("no answer within 5 s")

    feed_ = CameraFeed(FeedPlan("A", ADDRESS), QUICK, opener=opener)
    feed_.start()
    begun = time.monotonic()
    feed_.stop()
    assert time.monotonic() - begun < 3  # a second by design; the machine may be busy
    assert feed_.health().state is CameraState.STOPPED
    held.set()
    feed_._thread.join()
    assert feed_.health().state is CameraState.STOPPED
