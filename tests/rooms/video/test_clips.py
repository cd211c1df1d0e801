"""Clips are wanted in the caller's transaction, offered until settled, and settled once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from amaan.city.model import Assignment, Assignments
from amaan.engines.blobs.disk import DiskBlobs
from amaan.engines.postgres.database import PostgresDatabase
from amaan.engines.postgres.outbox import PostgresOutbox, events_after
from amaan.kernel.clock import ManualClock
from amaan.kernel.errors import InvalidError, NotFoundError
from amaan.video.clips import ClipService
from amaan.video.model import ClipState, Heartbeat, SpoolReport, WantedClip
from amaan.video.service import VideoService

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
START, END = NOW - timedelta(seconds=6), NOW + timedelta(seconds=6)
MP4 = b"\x00\x00\x00\x18ftypmp42" * 9
DIGEST = hashlib.sha256(MP4).hexdigest()


class Book:
    async def assignments(self, worker: str, workers: Sequence[str]) -> Assignments:
        return Assignments("revision", (Assignment("RZ-01-A", "sealed", 5.0, True),))

    async def camera_codes(self) -> frozenset[str]:
        return frozenset({"RZ-01-A"})


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def clips(database: PostgresDatabase, clock: ManualClock, tmp_path: Path) -> ClipService:
    return ClipService(database, PostgresOutbox(), DiskBlobs(tmp_path / "blobs"), clock)


async def wanted(database: PostgresDatabase, clips: ClipService, camera: str = "RZ-01-A") -> UUID:
    async with database.transaction() as connection:
        return await clips.want_clip(connection, camera, START, END)


async def offered(database: PostgresDatabase, clock: ManualClock) -> tuple[WantedClip, ...]:
    video = VideoService(database, PostgresOutbox(), Book(), ["worker-1"], clock)
    beat = Heartbeat("worker-1", "b", clock.now(), SpoolReport(0, "ok", ""), ())
    return (await video.take_heartbeat(beat)).wanted_clips


async def announced(database: PostgresDatabase) -> list[tuple[object, object]]:
    async with database.transaction() as connection:
        events = await events_after(connection, 0, 1000)
    return [
        (event.payload["id"], event.payload["state"])
        for event in events
        if event.name == "video.clip_changed"
    ]


async def test_a_wanted_clip_is_offered_to_its_cameras_worker_until_it_is_delivered(
    database: PostgresDatabase, clips: ClipService, clock: ManualClock
) -> None:
    identifier = await wanted(database, clips)
    await wanted(database, clips, camera="ELSEWHERE")
    expected = (WantedClip(identifier, "RZ-01-A", START, END),)
    assert await offered(database, clock) == expected
    assert await offered(database, clock) == expected
    await clips.deliver(identifier, MP4, DIGEST)
    assert await offered(database, clock) == ()
    clip = await clips.clip(identifier)
    assert (clip.state, clip.digest, clip.size_bytes) == (ClipState.READY, DIGEST, len(MP4))
    assert await clips.content(clip) == MP4


async def test_a_clip_is_only_wanted_if_the_callers_transaction_commits(
    database: PostgresDatabase, clips: ClipService, clock: ManualClock
) -> None:
    class Abandoned(Exception):  # noqa: N818
        pass

    async def abandoned() -> None:
        async with database.transaction() as connection:
            await clips.want_clip(connection, "RZ-01-A", START, END)
            raise Abandoned

    with pytest.raises(Abandoned):
        await abandoned()
    assert await offered(database, clock) == ()


async def test_a_clip_delivered_twice_is_announced_once(
    database: PostgresDatabase, clips: ClipService
) -> None:
    identifier = await wanted(database, clips)
    await clips.deliver(identifier, MP4, DIGEST)
    await clips.deliver(identifier, MP4, DIGEST)
    await clips.report_failure(identifier, "too late")
    assert await announced(database) == [(str(identifier), "ready")]


async def test_a_failure_says_why_and_content_may_still_come_later(
    database: PostgresDatabase, clips: ClipService
) -> None:
    identifier = await wanted(database, clips)
    await clips.report_failure(identifier, "the recording\nof that moment is gone " + "y" * 999)
    clip = await clips.clip(identifier)
    assert clip.state is ClipState.UNAVAILABLE
    assert clip.reason.startswith("the recording of that moment is gone yyy")
    assert len(clip.reason) == 500
    with pytest.raises(NotFoundError, match="gone"):
        await clips.content(clip)
    await clips.deliver(identifier, MP4, DIGEST)
    assert (await clips.clip(identifier)).state is ClipState.READY
    assert await announced(database) == [
        (str(identifier), "unavailable"),
        (str(identifier), "ready"),
    ]


async def test_a_clip_nobody_delivers_is_given_up_with_a_reason(
    database: PostgresDatabase, clips: ClipService, clock: ManualClock
) -> None:
    identifier = await wanted(database, clips)
    clock.advance(timedelta(minutes=10))
    await clips.give_up_overdue()
    assert (await clips.clip(identifier)).state is ClipState.WANTED
    clock.advance(timedelta(seconds=10))
    await clips.give_up_overdue()
    clip = await clips.clip(identifier)
    assert clip.state is ClipState.UNAVAILABLE
    assert clip.reason == "its worker did not deliver it within 10 minutes"
    assert await announced(database) == [(str(identifier), "unavailable")]


async def test_content_that_is_not_what_its_hash_says_is_refused(
    database: PostgresDatabase, clips: ClipService
) -> None:
    identifier = await wanted(database, clips)
    with pytest.raises(InvalidError, match="hash"):
        await clips.deliver(identifier, MP4 + b"x", DIGEST)
    with pytest.raises(InvalidError):
        await clips.deliver(identifier, b"", hashlib.sha256(b"").hexdigest())
    assert (await clips.clip(identifier)).state is ClipState.WANTED


async def test_a_clip_that_was_never_wanted_does_not_exist(clips: ClipService) -> None:
    with pytest.raises(NotFoundError):
        await clips.clip(uuid4())
    with pytest.raises(NotFoundError):
        await clips.deliver(uuid4(), MP4, DIGEST)
    with pytest.raises(NotFoundError):
        await clips.report_failure(uuid4(), "reason")
