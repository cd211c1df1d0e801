"""What is worth keeping is asked of workers; whoever wishes it waits for none of them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from amaan.city.model import Camera, RecordMode, RecordPlan, UnknownCameraError
from amaan.kernel.clock import ManualClock
from amaan.kernel.errors import NotFoundError, UnavailableError
from amaan.kernel.geography import Point
from amaan.video.channel import Channels, Connection
from amaan.video.keeping import Keeping, RecordingOffError

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
MODES = {
    "EVENT": RecordMode.EVENT,
    "HOURS": RecordMode.SCHEDULED,
    "ALWAYS": RecordMode.CONTINUOUS,
    "NEVER": RecordMode.OFF,
}
ANY = Camera(
    code="",
    name="",
    site="S",
    place=Point(67.0, 24.8),
    placed=False,
    bearing_deg=None,
    address="rtsp://a",
    enabled=True,
    read_plates=False,
    analysis_fps=5.0,
    sub_address=None,
    onvif_address=None,
    vendor="",
    model="",
    audio=False,
    record=RecordPlan(),
)


class Cameras:
    def expected_workers(self) -> tuple[str, ...]:
        return ("w1",)

    async def worker_of(self, camera: str) -> str:
        if camera not in MODES:
            raise NotFoundError("there is no such camera")
        return "w1"

    async def camera(self, code: str) -> Camera:
        if code not in MODES:
            raise UnknownCameraError("there is no such camera")
        return replace(ANY, code=code, record=RecordPlan(MODES[code]))


@pytest.fixture
def channels() -> Channels:
    return Channels(Cameras())


@pytest.fixture
def keeping(channels: Channels) -> Keeping:
    return Keeping(channels, Cameras(), ManualClock(NOW))


async def answer(worker: Connection) -> dict[str, str]:
    """Answer the next ask; return its arguments."""
    async with asyncio.timeout(2):
        text = await worker.outgoing()
    assert text is not None
    asked = orjson.loads(text)
    assert asked["ask"] == "record"
    worker.take(orjson.dumps({"id": asked["id"], "result": {}}))
    arguments: dict[str, str] = asked["arguments"]
    return arguments


async def test_person_is_told_until_when(channels: Channels, keeping: Keeping) -> None:
    worker = channels.join("w1", "t")
    asking = asyncio.create_task(keeping.keep("EVENT", timedelta(minutes=5)))
    arguments = await answer(worker)
    assert await asking == NOW + timedelta(minutes=5)
    assert datetime.fromisoformat(arguments["at"]) == NOW
    assert datetime.fromisoformat(arguments["until"]) == NOW + timedelta(minutes=5)


async def test_person_is_told_what_is_in_the_way(keeping: Keeping) -> None:
    for camera, error in (
        ("EVENT", UnavailableError),
        ("NEVER", RecordingOffError),
        ("NONE", NotFoundError),
    ):
        with pytest.raises(error):
            await keeping.keep(camera, timedelta(minutes=1))
    assert await keeping.keep("ALWAYS", timedelta(hours=9)) == NOW + timedelta(hours=1)


async def test_worker_that_is_away_is_asked_when_it_is_back(
    channels: Channels, keeping: Keeping
) -> None:
    keeping.wish("EVENT", NOW, NOW + timedelta(seconds=30))
    await keeping.ask_waiting()
    keeping.wish("EVENT", NOW - timedelta(seconds=5), NOW + timedelta(seconds=20))
    worker = channels.join("w1", "t")
    asking = asyncio.create_task(keeping.ask_waiting())
    arguments = await answer(worker)
    await asking
    assert datetime.fromisoformat(arguments["at"]) == NOW - timedelta(seconds=5)
    assert datetime.fromisoformat(arguments["until"]) == NOW + timedelta(seconds=30)
    await keeping.ask_waiting()
    assert worker.asked == {}


async def test_cameras_that_need_no_asking_are_not_asked(
    channels: Channels, keeping: Keeping
) -> None:
    worker = channels.join("w1", "t")
    for camera in ("ALWAYS", "NEVER", "NONE", "HOURS"):
        keeping.wish(camera, NOW, NOW + timedelta(seconds=30))
    asking = asyncio.create_task(keeping.ask_waiting())
    assert (await answer(worker))["camera"] == "HOURS"
    await asking


async def test_what_a_worker_no_longer_has_is_not_asked_for_ever(channels: Channels) -> None:
    clock = ManualClock(NOW)
    keeping = Keeping(channels, Cameras(), clock)
    keeping.wish("EVENT", NOW, NOW + timedelta(seconds=30))
    clock.advance(timedelta(minutes=4))
    await keeping.ask_waiting()
    worker = channels.join("w1", "t")
    await keeping.ask_waiting()
    keeping.wish("HOURS", clock.now(), clock.now())
    asking = asyncio.create_task(keeping.ask_waiting())
    assert (await answer(worker))["camera"] == "HOURS"
    await asking
