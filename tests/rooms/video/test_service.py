"""Heartbeats become states, silence becomes unknown, and each change is announced once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from amaan.city.model import Assignment, Assignments
from amaan.engines.postgres.database import PostgresDatabase
from amaan.engines.postgres.outbox import PostgresOutbox, events_after
from amaan.kernel.clock import ManualClock
from amaan.video.model import (
    CameraHealth,
    CameraState,
    Heartbeat,
    SpoolReport,
    WorkerState,
)
from amaan.video.service import HeartbeatAnswer, VideoService

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Book:
    def __init__(self) -> None:
        self.listed = [Assignment(f"RZ-{n:02d}-A", f"sealed {n}", 5.0, True) for n in range(4)]

    async def assignments(self, worker: str, workers: Sequence[str]) -> Assignments:
        mine = tuple(self.listed) if worker in workers else ()
        return Assignments(str(hash(mine)), mine)

    async def camera_codes(self) -> frozenset[str]:
        return frozenset(camera.code for camera in self.listed)


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def video(database: PostgresDatabase, book: Book, clock: ManualClock) -> VideoService:
    return VideoService(database, PostgresOutbox(), book, ["worker-1"], clock)


def health(code: str, clock: ManualClock, state: CameraState = CameraState.UP) -> CameraHealth:
    return CameraHealth(code, state, "", NOW, 25.0, 1280, 720, clock.now(), 0, 0)


async def beat(
    video: VideoService, clock: ManualClock, *cameras: CameraHealth, sent_at: datetime | None = None
) -> HeartbeatAnswer:
    spool = SpoolReport(3, "ok", "")
    sent = sent_at or clock.now()
    return await video.take_heartbeat(Heartbeat("worker-1", "boot-1", sent, spool, cameras))


async def announced(database: PostgresDatabase) -> list[tuple[str, str, object]]:
    async with database.transaction() as connection:
        events = await events_after(connection, 0, 1000)
    return [(event.name, event.key, event.payload["state"]) for event in events]


async def states(video: VideoService) -> dict[str, str]:
    return {seen.health.camera: seen.health.state.value for seen in await video.cameras()}


async def test_a_steady_worker_is_announced_once_and_written_once(
    database: PostgresDatabase, video: VideoService, clock: ManualClock
) -> None:
    for _ in range(3):
        await beat(video, clock, health("RZ-00-A", clock))
        clock.advance(timedelta(seconds=1))
    assert await announced(database) == [
        ("video.worker_changed", "worker-1", "up"),
        ("video.camera_changed", "RZ-00-A", "up"),
    ]


async def test_every_listed_camera_is_shown_even_before_it_was_ever_heard_of(
    video: VideoService, clock: ManualClock
) -> None:
    await beat(video, clock, health("RZ-02-A", clock))
    shown = await states(video)
    assert shown == {
        "RZ-00-A": "unknown",
        "RZ-01-A": "unknown",
        "RZ-02-A": "up",
        "RZ-03-A": "unknown",
    }


async def test_a_silent_worker_is_down_and_its_cameras_unknown_until_it_speaks_again(
    database: PostgresDatabase, video: VideoService, clock: ManualClock
) -> None:
    await beat(video, clock, health("RZ-00-A", clock))
    clock.advance(timedelta(seconds=5))
    await video.notice_silence()
    assert (await states(video))["RZ-00-A"] == "up"
    clock.advance(timedelta(seconds=1))
    await video.notice_silence()
    await video.notice_silence()
    assert (await states(video))["RZ-00-A"] == "unknown"
    [worker] = video.workers()
    assert (worker.state, worker.reason) == (WorkerState.DOWN, "no heartbeat")
    await beat(video, clock, health("RZ-00-A", clock))
    assert [state for _, key, state in await announced(database) if key == "RZ-00-A"] == [
        "up",
        "unknown",
        "up",
    ]
    assert video.workers()[0].state is WorkerState.UP


async def test_states_survive_a_restart_of_the_centre_and_workers_get_a_moment(
    database: PostgresDatabase, book: Book, video: VideoService, clock: ManualClock
) -> None:
    await beat(video, clock, health("RZ-00-A", clock, CameraState.STALLED))
    clock.advance(timedelta(hours=1))
    again = VideoService(database, PostgresOutbox(), book, ["worker-1"], clock)
    await again.load()
    assert (await states(again))["RZ-00-A"] == "stalled"
    await again.notice_silence()
    assert again.workers()[0].state is WorkerState.UP
    clock.advance(timedelta(seconds=6))
    await again.notice_silence()
    assert (await states(again))["RZ-00-A"] == "unknown"
    assert again.workers()[0].state is WorkerState.DOWN


async def test_a_camera_that_its_worker_leaves_out_is_unknown(
    video: VideoService, clock: ManualClock
) -> None:
    await beat(video, clock, health("RZ-00-A", clock), health("RZ-01-A", clock))
    await beat(video, clock, health("RZ-01-A", clock))
    shown = {seen.health.camera: seen.health for seen in await video.cameras()}
    assert shown["RZ-00-A"].state is CameraState.UNKNOWN
    assert shown["RZ-00-A"].reason == "no longer run by worker-1"
    assert shown["RZ-01-A"].state is CameraState.UP


async def test_a_worker_cannot_speak_for_cameras_that_are_not_its_own(
    video: VideoService, clock: ManualClock
) -> None:
    stranger = Heartbeat(
        "worker-9", "b", NOW, SpoolReport(0, "ok", ""), (health("RZ-00-A", clock),)
    )
    answer = await video.take_heartbeat(stranger)
    assert (await states(video))["RZ-00-A"] == "unknown"
    assert (await video.assignment("worker-9")).cameras == ()
    assert answer.assignment_revision != (await video.assignment("worker-1")).revision


async def test_the_revision_in_the_answer_follows_the_list_of_cameras(
    video: VideoService, book: Book, clock: ManualClock
) -> None:
    first = await beat(video, clock)
    assert (await video.assignment("worker-1")).revision == first.assignment_revision
    book.listed = [replace(book.listed[0], address_sealed="new"), *book.listed[1:]]
    clock.advance(timedelta(seconds=1))
    second = await beat(video, clock)
    assert second.assignment_revision != first.assignment_revision
    assignment = await video.assignment("worker-1")
    assert assignment.revision == second.assignment_revision
    assert assignment.cameras[0].address_sealed == "new"


async def test_a_clock_a_day_off_is_a_visible_state_and_its_times_are_ours(
    database: PostgresDatabase, video: VideoService, clock: ManualClock
) -> None:
    yesterday = NOW - timedelta(days=1)
    camera = replace(health("RZ-00-A", clock), since=yesterday, last_frame_at=yesterday)
    await beat(video, clock, camera, sent_at=yesterday)
    [worker] = video.workers()
    assert (worker.state, worker.reason) == (WorkerState.DEGRADED, "clock off by 24 h")
    assert worker.clock_offset_ms == 86_400_000
    seen = (await video.cameras())[0].health
    assert (seen.since, seen.last_frame_at) == (NOW, NOW)
    assert ("video.worker_changed", "worker-1", "degraded") in await announced(database)


async def test_an_expected_worker_never_heard_is_shown_as_down(video: VideoService) -> None:
    [worker] = video.workers()
    assert (worker.worker, worker.state, worker.reason) == (
        "worker-1",
        WorkerState.DOWN,
        "not heard yet",
    )
    assert worker.last_heartbeat_at is None
