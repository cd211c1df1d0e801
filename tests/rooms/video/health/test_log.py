"""The log of cameras, and the availability that follows from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from tests.rooms.video.test_service import Book

from amaan.city.model import Camera, RecordPlan
from amaan.engines.postgres.database import PostgresDatabase
from amaan.engines.postgres.outbox import PostgresOutbox, events_after
from amaan.kernel.clock import ManualClock
from amaan.kernel.errors import InvalidError
from amaan.kernel.geography import Point
from amaan.video.health.service import HealthService
from amaan.video.model import (
    CameraHealth,
    CameraState,
    Condition,
    ConditionKind,
    Heartbeat,
    SpoolReport,
)
from amaan.video.service import VideoService

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CODES = ("RZ-00-A", "RZ-01-A")


class City:
    async def cameras(self, after: str = "", limit: int = 2000) -> list[Camera]:
        vendors = ("Hik", "Dahua")
        return [
            Camera(
                code=code,
                name=f"Camera {code}",
                site="RZ",
                place=Point(67.0, 24.8),
                placed=False,
                bearing_deg=None,
                address="rtsp://a",
                enabled=True,
                read_plates=True,
                analysis_fps=5.0,
                vendor=vendor,
                sub_address=None,
                onvif_address=None,
                model="",
                audio=False,
                record=RecordPlan(),
            )
            for code, vendor in zip(CODES, vendors, strict=True)
        ]


class Recorded:
    async def recorded_s(self, since: datetime, until: datetime) -> Mapping[str, float] | None:
        return {"RZ-00-A": 50.0}


class Town:
    """A centre's video service and its clock; ``pass_time`` beats each second."""

    def __init__(self, database: PostgresDatabase) -> None:
        self.database = database
        self.clock = ManualClock(NOW)
        self.book = Book()
        self.video = self.fresh()
        self.health = HealthService(database, City(), Recorded(), self.clock)
        self.cameras: dict[str, CameraHealth] = {}

    def fresh(self) -> VideoService:
        return VideoService(self.database, PostgresOutbox(), self.book, ["worker-1"], self.clock)

    def set(self, code: str, state: CameraState, *conditions: ConditionKind) -> None:
        now = self.clock.now()
        told = tuple(Condition(kind, now, "seen") for kind in conditions)
        self.cameras[code] = CameraHealth(code, state, "", now, 25.0, 1280, 720, now, 0, 0, told)

    async def pass_time(self, seconds: int, *, heard: bool = True) -> None:
        for _ in range(seconds):
            self.clock.advance(timedelta(seconds=1))
            if heard:
                spool = SpoolReport(0, "ok", "")
                told = tuple(self.cameras.values())
                beat = Heartbeat("worker-1", "boot", self.clock.now(), spool, told)
                await self.video.take_heartbeat(beat)
            await self.video.notice_silence()
            await self.video.note_listening()

    async def kinds(self, code: str = CODES[0]) -> list[tuple[str, float, float | None]]:
        since = NOW - timedelta(days=1)
        found = await self.health.history(code, since, self.clock.now() + timedelta(seconds=1))
        return [
            (
                one.kind,
                (one.since - NOW).total_seconds(),
                None if one.until is None else (one.until - NOW).total_seconds(),
            )
            for one in found
        ]

    async def shares(self) -> Sequence[tuple[str, float, float, int, float]]:
        found = await self.health.availability(NOW, self.clock.now(), "camera")
        return [(a.key, a.expected_s, a.up_s, a.outages, a.longest_s) for a in found]


@pytest.fixture
def town(database: PostgresDatabase) -> Town:
    return Town(database)


async def conditions(town: Town, code: str = CODES[0]) -> list[str]:
    [seen] = [one for one in await town.video.cameras() if one.health.camera == code]
    return [one.kind.value for one in seen.health.conditions]


async def test_a_camera_without_pictures_is_offline_within_fifteen_seconds(town: Town) -> None:
    town.set(CODES[0], CameraState.UP)
    await town.pass_time(5)
    town.set(CODES[0], CameraState.STALLED)
    await town.pass_time(4)
    assert await conditions(town) == []
    town.set(CODES[0], CameraState.DOWN)  # another state of the same outage
    await town.pass_time(5)
    assert await conditions(town) == ["offline"]
    town.set(CODES[0], CameraState.UP)
    await town.pass_time(1)
    assert await conditions(town) == []
    offline = [entry for entry in await town.kinds() if entry[0] == "offline"]
    assert offline == [("offline", 5.0, 14.0)]


async def test_cameras_of_a_silent_worker_are_offline_within_fifteen_seconds(town: Town) -> None:
    town.set(CODES[0], CameraState.UP)
    await town.pass_time(3)
    await town.pass_time(15, heard=False)
    assert await conditions(town) == ["offline"]


async def test_nothing_is_wrong_with_a_camera_that_was_turned_off(town: Town) -> None:
    town.set(CODES[0], CameraState.UP)
    await town.pass_time(2)
    town.set(CODES[0], CameraState.DOWN)
    await town.pass_time(12)
    assert await conditions(town) == ["offline"]
    town.cameras.clear()
    town.book.listed = [one for one in town.book.listed if one.code != CODES[0]]
    await town.pass_time(3)
    async with town.database.transaction() as connection:
        events = await events_after(connection, 0, 100)
    [last] = [one for one in events if one.key == CODES[0]][-1:]
    assert last.payload["conditions"] == []


async def test_what_the_worker_judges_is_shown_logged_and_ends(town: Town) -> None:
    town.set(CODES[0], CameraState.UP, ConditionKind.COVERED)
    await town.pass_time(3)
    assert await conditions(town) == ["covered"]
    town.set(CODES[0], CameraState.UP)
    await town.pass_time(2)
    assert await conditions(town) == []
    assert sorted(entry[0] for entry in await town.kinds()) == ["covered", "up"]


async def test_availability_counts_from_the_first_picture_and_not_while_turned_off(
    town: Town,
) -> None:
    town.set(CODES[0], CameraState.STARTING)
    await town.pass_time(20)
    town.set(CODES[0], CameraState.UP)
    await town.pass_time(60)
    town.set(CODES[0], CameraState.DOWN)
    await town.pass_time(30)
    town.set(CODES[0], CameraState.UP)
    await town.pass_time(10)
    [(key, expected, up, outages, longest)] = await town.shares()
    assert (key, outages) == (CODES[0], 1)
    assert (expected, up, longest) == (100.0, 70.0, 30.0)
    town.cameras.clear()
    town.book.listed = [one for one in town.book.listed if one.code != CODES[0]]
    await town.pass_time(50)
    [(_, expected_after, up_after, _, _)] = await town.shares()
    assert expected_after <= 103.0
    assert up_after <= 72.0


async def test_time_in_which_the_centre_was_away_is_not_held_against_a_camera(town: Town) -> None:
    for code in CODES:
        town.set(code, CameraState.UP)
    await town.pass_time(10)
    town.clock.advance(timedelta(hours=1))
    town.video = town.fresh()
    await town.video.load()
    town.set(CODES[1], CameraState.UP)  # came back only now; the other went on all the time
    await town.pass_time(10)
    found = {key: (expected, up) for key, expected, up, _, _ in await town.shares()}
    assert found[CODES[0]][1] == pytest.approx(3620, abs=3)
    assert found[CODES[1]][1] == pytest.approx(20, abs=3)
    assert all(expected == up for expected, up in found.values())


async def test_sites_and_vendors_sum_up_their_cameras(town: Town) -> None:
    for code in CODES:
        town.set(code, CameraState.UP)
    await town.pass_time(60)
    town.set(CODES[1], CameraState.DOWN)
    await town.pass_time(60)
    [site] = await town.health.availability(NOW, town.clock.now(), "site")
    assert (site.key, site.cameras, site.outages) == ("RZ", 2, 1)
    assert site.recorded_s == 50.0
    assert site.share == pytest.approx(0.75, abs=0.02)
    vendors = await town.health.availability(NOW, town.clock.now(), "vendor")
    assert [one.key for one in vendors] == ["Dahua", "Hik"]


async def test_a_time_that_runs_backwards_is_refused(town: Town) -> None:
    with pytest.raises(InvalidError):
        await town.health.availability(NOW, NOW - timedelta(seconds=1), "camera")
