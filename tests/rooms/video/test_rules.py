"""Decisions about workers, cameras and clips."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from amaan.kernel.errors import InvalidError
from amaan.video import rules
from amaan.video.model import (
    CameraHealth,
    CameraState,
    Heartbeat,
    SpoolReport,
    WatchedCamera,
    WorkerState,
)
from amaan.video.rules import ByteRange, RangeNotSatisfiableError

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HEALTH = CameraHealth("RZ-01-A", CameraState.UP, "", NOW, 25.0, 1920, 1080, NOW, 0, 0)


def heartbeat(sent_at: datetime = NOW, spool: SpoolReport | None = None) -> Heartbeat:
    return Heartbeat("worker-1", "boot", sent_at, spool or SpoolReport(0, "ok", ""), ())


@pytest.mark.parametrize(
    ("offset", "state", "reason"),
    [
        (timedelta(seconds=1.9), WorkerState.UP, ""),
        (timedelta(seconds=2.5), WorkerState.DEGRADED, "clock off by 2.5 s"),
        (timedelta(seconds=-300), WorkerState.DEGRADED, "clock off by 5 min"),
        (timedelta(days=1), WorkerState.DEGRADED, "clock off by 24 h"),
        (timedelta(days=-9), WorkerState.DEGRADED, "clock off by 9 days"),
    ],
)
def test_a_clock_more_than_two_seconds_off_is_said(
    offset: timedelta, state: WorkerState, reason: str
) -> None:
    worker = rules.worker_health(heartbeat(NOW - offset), NOW, None)
    assert (worker.state, worker.reason) == (state, reason)
    assert worker.clock_offset_ms == offset / timedelta(milliseconds=1)


def test_a_full_spool_is_said_beside_the_clock() -> None:
    told = heartbeat(NOW - timedelta(seconds=3), SpoolReport(9, "full", "the disk is full"))
    worker = rules.worker_health(told, NOW, None)
    assert worker.reason == "clock off by 3.0 s; spool full: the disk is full"


def test_the_same_fault_with_other_numbers_is_no_news() -> None:
    first = rules.worker_health(heartbeat(NOW - timedelta(seconds=3)), NOW, None)
    later = NOW + timedelta(seconds=1)
    second = rules.worker_health(heartbeat(later - timedelta(seconds=4)), later, first)
    assert not rules.worker_changed(first, second)
    assert second.since == NOW
    cured = rules.worker_health(heartbeat(later), later, second)
    assert rules.worker_changed(second, cured)
    assert cured.since == later


def test_a_restarted_worker_is_news() -> None:
    first = rules.worker_health(heartbeat(), NOW, None)
    again = rules.worker_health(replace(heartbeat(), boot="another"), NOW, first)
    assert rules.worker_changed(first, again)


def test_a_worker_is_down_after_more_than_five_silent_seconds_and_only_once() -> None:
    worker = rules.worker_health(heartbeat(), NOW, None)
    assert rules.silent_worker(worker, NOW, NOW + timedelta(seconds=5)) is None
    down = rules.silent_worker(worker, NOW, NOW + timedelta(seconds=5.1))
    assert down is not None
    assert down.state is WorkerState.DOWN
    assert rules.silent_worker(down, NOW, NOW + timedelta(seconds=60)) is None


def test_flowing_figures_of_a_camera_are_no_news_but_state_size_and_worker_are() -> None:
    before = WatchedCamera(HEALTH, "worker-1")

    def news(health: CameraHealth) -> bool:
        return rules.camera_changed(before, WatchedCamera(health, "worker-1"))

    later = NOW + timedelta(seconds=1)
    assert not news(replace(HEALTH, fps=12.5, skipped_frames=7, last_frame_at=later))
    assert news(replace(HEALTH, state=CameraState.DOWN))
    assert news(replace(HEALTH, width=1280))
    assert news(replace(HEALTH, reason="no answer"))
    assert rules.camera_changed(before, replace(before, worker="worker-2"))
    assert rules.camera_changed(None, before)


def test_times_of_a_clock_that_is_off_are_moved_to_ours() -> None:
    day = 86_400_000
    assert rules.in_our_time(HEALTH, day).since == NOW + timedelta(days=1)
    assert rules.in_our_time(HEALTH, day).last_frame_at == NOW + timedelta(days=1)
    assert rules.in_our_time(HEALTH, 1_999) == HEALTH


@pytest.mark.parametrize("seconds", [0, -1, 121])
def test_a_clip_that_is_backwards_or_too_long_is_refused(seconds: int) -> None:
    with pytest.raises(InvalidError):
        rules.check_clip(NOW, NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("bytes=0-", ByteRange(0, 99)),
        ("bytes=10-19", ByteRange(10, 19)),
        ("bytes=90-500", ByteRange(90, 99)),
        ("bytes=-10", ByteRange(90, 99)),
        ("bytes=-500", ByteRange(0, 99)),
        ("bytes=0-0,5-9", None),
        ("bytes=9-5", None),
        ("items=0-5", None),
        ("bytes=-", None),
        ("bytes=" + "9" * 400 + "-", None),
    ],
)
def test_byte_ranges_are_read_as_http_says(header: str | None, expected: ByteRange | None) -> None:
    assert rules.byte_range(header, 100) == expected


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=-0"])
def test_a_range_outside_the_content_is_refused(header: str) -> None:
    with pytest.raises(RangeNotSatisfiableError):
        rules.byte_range(header, 100)
