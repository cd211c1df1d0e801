"""The assigned cameras run, changed ones change, and the others are left alone."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from amaan.app.worker.centre import AssignedCamera, Assignment
from amaan.app.worker.feeds import FeedKeeper
from amaan.trust.sealing import Sealer, camera_purpose
from amaan.video.model import CameraState, Frame
from amaan.video.settings import VideoSettings

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
def keeper(tmp_path: Path, frames: Frames) -> Iterator[FeedKeeper]:
    keeper = FeedKeeper(tmp_path, VideoSettings(recent_s=10), SEALER, frames)
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
    assert keeper.recent_folder("../../etc") is None
    assert not (tmp_path / "recent").exists()


def test_the_assignment_is_remembered_privately_for_a_start_without_the_centre(
    keeper: FeedKeeper, tmp_path: Path, frames: Frames
) -> None:
    assignment = Assignment("r", (camera("A"), camera("B")))
    keeper.apply(assignment)
    again = FeedKeeper(tmp_path, VideoSettings(), SEALER, frames)
    assert again.remembered() == assignment
    assert (tmp_path / "assignment.json").stat().st_mode & 0o777 == 0o600
    (tmp_path / "assignment.json").write_text("{torn")
    assert again.remembered() is None


def test_recordings_of_cameras_no_longer_here_go_once_nobody_can_want_them(
    keeper: FeedKeeper, tmp_path: Path
) -> None:
    old, fresh = tmp_path / "recent" / "OLD", tmp_path / "recent" / "FRESH"
    for folder in (old, fresh):
        folder.mkdir(parents=True)
    os.utime(old, (time.time() - 1000, time.time() - 1000))
    keeper.apply(Assignment("r", ()))
    assert not old.exists()
    assert fresh.exists()
    os.utime(fresh, (time.time() - 1000, time.time() - 1000))
    keeper.clear_old()
    assert not fresh.exists()


def test_before_the_first_assignment_no_recording_goes(keeper: FeedKeeper, tmp_path: Path) -> None:
    old = tmp_path / "recent" / "OLD"
    old.mkdir(parents=True)
    os.utime(old, (time.time() - 1000, time.time() - 1000))
    keeper.clear_old()
    assert old.exists()


def test_camera_that_gives_no_picture_keeps_no_old_recording(
    keeper: FeedKeeper, tmp_path: Path
) -> None:
    keeper.apply(Assignment("r", (AssignedCamera("QUIET", "cannot be opened", 5.0, True),)))
    folder = tmp_path / "recent" / "QUIET"
    folder.mkdir(parents=True)
    now_ms = int(time.time() * 1000)
    old = folder / f"{now_ms - 9_000_000}-{now_ms - 8_990_000}.mp4"
    young = folder / f"{now_ms - 20_000}-{now_ms - 10_000}.mp4"
    for piece in (old, young):
        piece.write_bytes(b"film")
    keeper.clear_old()
    assert not old.exists()
    assert young.exists()
