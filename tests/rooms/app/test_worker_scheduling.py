"""Every camera gets its turn, the newest frame wins, one camera's frames stay in order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from amaan.app.worker.scheduling import PlateScheduler
from amaan.video.model import Frame
from amaan.vision.model import Box, Direction, PlateRead

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
IMAGE = np.zeros((4, 4, 3), np.uint8)


def frame(index: int) -> Frame:
    return Frame(IMAGE, START + timedelta(seconds=index), float(index), index)


def plate(text: str) -> PlateRead:
    return PlateRead(
        text=text,
        raw_text=text,
        confidence=0.9,
        characters=(),
        box=Box(0, 0, 1, 1),
        frame_width=4,
        frame_height=4,
        direction=Direction.UNKNOWN,
        observed_at=START,
        decided_at=START,
        first_seen_at=START,
        last_seen_at=START,
        frames=1,
        agreeing=1,
        uncertain=False,
        picture=IMAGE,
        crop=IMAGE,
        track=1,
    )


class Stage:
    """Readers that do nothing until ``gate`` opens, and note what they were given."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.entered = threading.Semaphore(0)
        self.seen: list[tuple[int, int]] = []
        self.reads: list[tuple[str, str]] = []
        self.made = 0
        self.fail_on: set[int] = set()

    def make(self) -> Stage.Reader:
        self.made += 1
        return Stage.Reader(self, self.made)

    def took(self, camera: str, read: PlateRead) -> None:
        self.reads.append((camera, read.text))

    class Reader:
        def __init__(self, stage: Stage, number: int) -> None:
            self.stage, self.number = stage, number
            self.last = -1

        def process(self, frame: Frame) -> Sequence[PlateRead]:
            self.stage.entered.release()
            assert self.stage.gate.wait(20)
            assert frame.index > self.last, "frames out of order"
            self.last = frame.index
            self.stage.seen.append((self.number, frame.index))
            if frame.index in self.stage.fail_on:
                raise ValueError("cannot read this one")
            return [plate(f"P{frame.index}")] if frame.index % 100 == 0 else []

        def finish(self) -> Sequence[PlateRead]:
            return [plate("LEFT")]


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def scheduler(stage: Stage) -> Iterator[PlateScheduler]:
    scheduler = PlateScheduler(stage.make, stage.took)
    scheduler.start()
    yield scheduler
    stage.gate.set()
    scheduler.stop()


def test_while_the_reader_is_busy_only_the_newest_frame_of_a_camera_waits(
    scheduler: PlateScheduler, stage: Stage
) -> None:
    scheduler.offer("A", frame(0))
    assert stage.entered.acquire(timeout=10)
    for index in range(1, 10):
        scheduler.offer("A", frame(index))
    assert scheduler.dropped("A") == 8
    stage.gate.set()
    scheduler.stop()
    assert stage.seen == [(1, 0), (1, 9)]


def test_a_busy_camera_cannot_starve_the_others(scheduler: PlateScheduler, stage: Stage) -> None:
    scheduler.offer("busy", frame(0))
    assert stage.entered.acquire(timeout=10)
    for index in range(1, 500):
        scheduler.offer("busy", frame(index))
    for camera in ("quiet-1", "quiet-2", "quiet-3"):
        scheduler.offer(camera, frame(1))
        scheduler.offer("busy", frame(index := index + 1))
    stage.gate.set()
    scheduler.stop()
    assert [number for number, _ in stage.seen] == [1, 2, 3, 4, 1]
    assert stage.seen[-1] == (1, 502)


def test_each_camera_has_a_reader_of_its_own(scheduler: PlateScheduler, stage: Stage) -> None:
    stage.gate.set()
    for camera in ("A", "B"):
        scheduler.offer(camera, frame(100))
    scheduler.stop()
    assert stage.made == 2
    assert sorted(stage.reads) == [("A", "LEFT"), ("A", "P100"), ("B", "LEFT"), ("B", "P100")]


def test_the_end_of_a_camera_decides_what_is_in_sight_and_a_new_start_begins_afresh(
    scheduler: PlateScheduler, stage: Stage
) -> None:
    stage.gate.set()
    scheduler.offer("A", frame(1))
    scheduler.end("A")
    scheduler.offer("A", frame(0))
    scheduler.stop()
    assert stage.reads.count(("A", "LEFT")) == 2
    assert stage.made == 2


def test_ending_a_camera_that_never_gave_a_frame_reads_nothing(
    scheduler: PlateScheduler, stage: Stage
) -> None:
    scheduler.end("A")
    scheduler.stop()
    assert stage.reads == []


def test_a_frame_that_breaks_the_reader_is_shown_and_the_next_one_is_read(
    scheduler: PlateScheduler, stage: Stage
) -> None:
    stage.fail_on = {1}
    stage.gate.set()
    scheduler.offer("A", frame(1))
    wait_until(lambda: scheduler.failing("A") != "")
    assert "ValueError" in scheduler.failing("A")
    scheduler.offer("A", frame(100))
    wait_until(lambda: scheduler.failing("A") == "")
    assert stage.reads == [("A", "P100")]


def test_two_threads_never_read_one_camera_at_once(stage: Stage) -> None:
    scheduler = PlateScheduler(stage.make, stage.took, readers=2)
    scheduler.start()
    scheduler.offer("A", frame(0))
    assert stage.entered.acquire(timeout=10)
    scheduler.offer("A", frame(1))
    scheduler.offer("B", frame(0))
    assert stage.entered.acquire(timeout=10), "the second thread takes the other camera"
    assert not stage.entered.acquire(timeout=0.05)
    stage.gate.set()
    scheduler.stop()
    assert sorted(stage.seen) == [(1, 0), (1, 1), (2, 0)]


def wait_until(true: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(2000):
        if true():
            return
        pause.wait(0.005)
    raise AssertionError("waited ten seconds in vain")
