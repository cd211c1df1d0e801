"""The assigned cameras run, changed ones change, and the others are left alone."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from tests.films import make_film, read_number

from amaan.app.worker.centre import (
    AssignedCamera,
    Assignment,
    CentreClient,
    RecordPlan,
    make_client,
)
from amaan.app.worker.feeds import FeedKeeper
from amaan.app.worker.recordings import Recordings
from amaan.trust.sealing import Sealer, camera_purpose
from amaan.video.model import CameraState, Frame
from amaan.video.settings import VideoSettings
from amaan.video.taps import StreamName, TappedFormat

SEALER = Sealer(bytes(range(32)))


class Frames:
    def __init__(self) -> None:
        self.ended: list[str] = []

    def offer(self, camera: str, frame: Frame) -> None:
        raise AssertionError("no camera here gives frames")

    def end(self, camera: str) -> None:
        self.ended.append(camera)

    def dropped(self, camera: str) -> int:
        return 7

    def failing(self, camera: str) -> str:
        return ""


def camera(code: str, path: str = "/nowhere/video.mp4", sealer: Sealer = SEALER) -> AssignedCamera:
    sealed = sealer.seal(f"file:{path}", purpose=camera_purpose(code))
    return AssignedCamera(code, sealed, 5.0, True)


@pytest.fixture
def frames() -> Frames:
    return Frames()


@pytest.fixture
def recordings(tmp_path: Path) -> Iterator[Recordings]:
    centre = CentreClient(make_client("http://127.0.0.1:9", "token"), "worker-1")
    recordings = Recordings(tmp_path, VideoSettings(), centre, lambda: 0)
    recordings.recover()
    recordings.start()
    yield recordings
    recordings.stop()


@pytest.fixture
def keeper(frames: Frames, recordings: Recordings) -> Iterator[FeedKeeper]:
    keeper = FeedKeeper(VideoSettings(), SEALER, frames, recordings)
    yield keeper
    keeper.stop()


def reason(keeper: FeedKeeper, code: str) -> str:
    health = keeper.health_of(code)
    assert health is not None
    return health.reason


def wait_for(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline, "waited ten seconds in vain"
        time.sleep(0.01)


def test_only_what_changed_is_touched(keeper: FeedKeeper, frames: Frames) -> None:
    same, moved, gone = camera("A"), camera("B"), camera("C")
    keeper.apply(Assignment("r1", (same, moved, gone)))
    assert {health.camera for health in keeper.health()} == {"A", "B", "C"}
    first = keeper.health_of("A")
    keeper.apply(Assignment("r2", (same, camera("B", "/elsewhere.mp4"), camera("D"))))
    assert {health.camera for health in keeper.health()} == {"A", "B", "D"}
    assert sorted(frames.ended) == ["B", "C"]
    now = keeper.health_of("A")
    assert first is not None
    assert now is not None
    assert now.reconnects >= first.reconnects
    assert keeper.revision == "r2"


def test_a_camera_without_a_file_is_down_and_its_dropped_frames_are_counted(
    keeper: FeedKeeper,
) -> None:
    keeper.apply(Assignment("r", (camera("A"),)))
    wait_for(lambda: "no such file" in reason(keeper, "A"))
    [health] = keeper.health()
    assert (health.state, health.skipped_frames) == (CameraState.DOWN, 7)


def test_an_address_sealed_under_another_key_is_a_visible_state(keeper: FeedKeeper) -> None:
    other = Sealer(bytes(32))
    keeper.apply(Assignment("r", (camera("A", sealer=other), camera("B"))))
    assert "another key" in reason(keeper, "A")
    assert {health.camera for health in keeper.health()} == {"A", "B"}


@pytest.mark.parametrize("address", ["exec:rm -rf /", "concat:/etc/passwd", "rtsp://"])
def test_an_address_that_no_camera_has_is_refused_even_if_the_centre_assigns_it(
    keeper: FeedKeeper, address: str
) -> None:
    sealed = SEALER.seal(address, purpose=camera_purpose("A"))
    keeper.apply(Assignment("r", (AssignedCamera("A", sealed, 5.0, True),)))
    [health] = keeper.health()
    assert health.state is CameraState.DOWN
    assert address not in health.reason


def test_a_code_that_would_leave_the_folder_is_refused(keeper: FeedKeeper, tmp_path: Path) -> None:
    keeper.apply(Assignment("r", (camera("../../etc"),)))
    assert keeper.health()[0].state is CameraState.DOWN
    assert list((tmp_path / "video").iterdir()) == []


def test_the_assignment_is_remembered_privately_for_a_start_without_the_centre(
    keeper: FeedKeeper, tmp_path: Path, frames: Frames, recordings: Recordings
) -> None:
    assignment = Assignment("r", (camera("A"), camera("B")))
    keeper.apply(assignment)
    again = FeedKeeper(VideoSettings(), SEALER, frames, recordings)
    assert again.remembered() == assignment
    assert (tmp_path / "assignment.json").stat().st_mode & 0o777 == 0o600
    (tmp_path / "assignment.json").write_text("{torn")
    assert again.remembered() is None


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return make_film(tmp_path / "film.mp4", frames=600, fps=10, gop=5, options={"bf": "0"})


class Seen(Frames):
    def __init__(self) -> None:
        super().__init__()
        self.numbers: list[int] = []

    def offer(self, camera: str, frame: Frame) -> None:
        self.numbers.append(read_number(frame.image))

    def dropped(self, camera: str) -> int:
        return 0


def test_frames_reach_the_reader_in_order_and_the_recording_is_finished_at_the_end(
    film: Path, recordings: Recordings
) -> None:
    seen = Seen()
    keeper = FeedKeeper(VideoSettings(), SEALER, seen, recordings)
    keeper.apply(Assignment("r", (replace_fps(camera("A", str(film)), 10.0),)))
    wait_for(lambda: len(seen.numbers) > 20)
    keeper.apply(Assignment("r2", ()))
    assert seen.ended == ["A"]
    assert seen.numbers == list(range(seen.numbers[0], seen.numbers[0] + len(seen.numbers)))
    (segment,) = recordings.ledger.finished()
    assert hashlib.sha256(segment.path.read_bytes()).hexdigest() == segment.sha256
    assert recordings.ledger.growing() == []
    keeper.stop()


def test_turning_the_recording_off_finishes_it_and_the_camera_is_pulled_on(
    film: Path, recordings: Recordings
) -> None:
    seen = Seen()
    keeper = FeedKeeper(VideoSettings(), SEALER, seen, recordings)
    on = camera("A", str(film))
    off = msgspec.structs.replace(on, recording=RecordPlan("off"))
    keeper.apply(Assignment("r", (on,)))
    wait_for(lambda: len(seen.numbers) > 3)
    keeper.apply(Assignment("r2", (off,)))
    (segment,) = recordings.ledger.finished()
    assert hashlib.sha256(segment.path.read_bytes()).hexdigest() == segment.sha256
    count = len(seen.numbers)
    wait_for(lambda: len(seen.numbers) > count + 3)
    assert [one.cause for one in recordings.ledger.gaps("A", "main")] == ["plan"]
    keeper.stop()
    assert recordings.ledger.finished() == [segment]


def test_sub_stream_is_pulled_beside_the_main_one_and_not_recorded(
    film: Path, keeper: FeedKeeper, recordings: Recordings
) -> None:
    sealed = SEALER.seal(f"file:{film}", purpose=camera_purpose("A"))
    both = AssignedCamera("A", sealed, 5.0, False, sub_address_sealed=sealed)
    keeper.apply(Assignment("r", (both,)))
    names: tuple[StreamName, ...] = ("main", "sub")
    taps = [keeper.pullers.open("A", name, "keyframes") for name in names]
    for tap in taps:
        assert isinstance(tap.take(20), TappedFormat)
    assert len(keeper.pullers.pids()) == 1
    wait_for(lambda: len(recordings.ledger.growing()) == 1)
    assert {one.stream for one in recordings.ledger.growing()} == {"main"}


def replace_fps(assigned: AssignedCamera, fps: float) -> AssignedCamera:
    return msgspec.structs.replace(assigned, analysis_fps=fps)
