"""Cameras and devices that fail become alarms: a dark site is one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.rooms.plates.deliveries import NOW

from amaan.alarms.service import AlarmsService
from amaan.alarms.sources import AlarmSources
from amaan.alarms.wire import AlarmView
from amaan.city.devices.events import DEVICE_CHANGED
from amaan.engines.blobs.disk import DiskBlobs
from amaan.engines.postgres.database import PostgresDatabase
from amaan.engines.postgres.outbox import PostgresOutbox, events_after
from amaan.kernel.acting import Acting, acting_as
from amaan.kernel.clock import ManualClock
from amaan.kernel.events import Event, JsonValue
from amaan.plates.model import CameraPlace
from amaan.plates.service import PlatesService
from amaan.trust.authority.service import AuthorityService
from amaan.video.clips import ClipService
from amaan.video.events import CAMERA_CHANGED, wire_time

TWELVE = [f"RZ-01-{letter}" for letter in "ABCDEFGHIJKL"]


@dataclass
class Directory:
    moved: dict[str, str] = field(default_factory=dict)

    async def places(self) -> Mapping[str, CameraPlace]:
        codes = [*TWELVE, "SD-02-A"]
        return {
            code: CameraPlace(code, f"At {code}", self.moved.get(code, code[:5]), 67.0, 24.8)
            for code in codes
        }


@dataclass
class Town:
    database: PostgresDatabase
    clock: ManualClock
    alarms: AlarmsService
    sources: AlarmSources
    directory: Directory
    position: int = 0
    wrong: dict[str, dict[str, datetime]] = field(default_factory=dict)

    async def hear(self, event: str, payload: Mapping[str, JsonValue]) -> None:
        self.position += 1
        told = Event(self.position, event, "key", self.clock.now(), payload)
        async with self.database.transaction() as connection:
            await self.sources.handle(connection, told)

    async def camera(self, code: str, *kinds: str) -> None:
        """Say what is wrong with a camera now: nothing when nothing is named."""
        kept = self.wrong.get(code, {})
        self.wrong[code] = {kind: kept.get(kind, self.clock.now()) for kind in kinds}
        told = [
            {"kind": kind, "since": wire_time(since), "detail": "no picture"}
            for kind, since in self.wrong[code].items()
        ]
        await self.hear(CAMERA_CHANGED, {"camera": code, "conditions": told})

    async def device(self, kind: str, state: str) -> None:
        payload: dict[str, JsonValue] = {
            **{"site": "RZ-01", "device": f"RZ-01-{kind}", "kind": kind, "state": state},
            **{"since": wire_time(self.clock.now()), "detail": "told"},
        }
        await self.hear(DEVICE_CHANGED, payload)

    async def pass_time(self, seconds: float) -> None:
        until = self.clock.now() + timedelta(seconds=seconds)
        while self.clock.now() < until:
            self.clock.advance(min(timedelta(seconds=5), until - self.clock.now()))
            await self.sources.judge_waiting()

    async def shown(self, state: str = "open") -> list[AlarmView]:
        return await self.alarms.page(state=state, before=None, limit=100)

    async def kinds(self) -> list[tuple[str, int, bool]]:
        """Return kind, cameras that are under it, whether it is over: of what is open."""
        return [
            (one.kind.value, len(one.cameras), one.ended_at is not None)
            for one in await self.shown()
        ]


@pytest.fixture
def town(database: PostgresDatabase, tmp_path: Path) -> Town:
    clock, outbox, blobs = ManualClock(NOW), PostgresOutbox(), DiskBlobs(tmp_path / "blobs")
    authorities = AuthorityService(database, outbox, blobs, clock)
    plates = PlatesService(database, Directory(), blobs, authorities, clock)
    clips = ClipService(database, outbox, blobs, clock)
    alarms = AlarmsService(database, outbox, plates, clips, clock)
    directory = Directory()
    sources = AlarmSources(database, alarms, directory, clock)
    return Town(database, clock, alarms, sources, directory)


async def darken(town: Town, codes: list[str]) -> None:
    for code in codes:
        await town.camera(code, "offline")
        await town.pass_time(1)


async def test_a_dark_site_is_one_alarm_with_the_time_of_each_camera(town: Town) -> None:
    await darken(town, TWELVE)
    await town.pass_time(60)
    [alarm] = await town.shown()
    assert (alarm.kind.value, alarm.site, alarm.severity.value) == ("site", "RZ-01", "critical")
    assert [one.code for one in alarm.cameras] == TWELVE
    assert len({one.since for one in alarm.cameras}) == 12
    assert alarm.title == "Site RZ-01 is dark"
    assert alarm.cameras[0].name == "At RZ-01-A"


async def test_one_camera_waits_a_moment_and_is_its_own_alarm(town: Town) -> None:
    await town.camera("RZ-01-A", "offline")
    assert await town.kinds() == []
    await town.pass_time(40)
    assert await town.kinds() == [("camera", 1, False)]


async def test_a_camera_that_is_back_before_its_alarm_raises_none(town: Town) -> None:
    await town.camera("RZ-01-A", "offline")
    await town.pass_time(10)
    await town.camera("RZ-01-A")
    await town.pass_time(100)
    assert await town.kinds() == []


async def test_cameras_that_went_slowly_fold_into_the_site_when_the_rest_follows(
    town: Town,
) -> None:
    await darken(town, TWELVE[:3])
    await town.pass_time(45)
    assert await town.kinds() == [("camera", 1, False)] * 3
    await darken(town, TWELVE[3:])
    assert await town.kinds() == [("site", 12, False)]


async def test_a_lost_mains_explains_a_single_dark_camera_at_once(town: Town) -> None:
    await town.device("power", "out")
    assert [kind for kind, _, _ in await town.kinds()] == ["device"]
    await town.camera("RZ-01-B", "offline")
    assert sorted(await town.kinds()) == [("device", 0, False), ("site", 1, False)]


async def test_a_site_that_returns_ends_its_alarm_and_who_stays_dark_gets_its_own(
    town: Town,
) -> None:
    await darken(town, TWELVE)
    for code in TWELVE[1:]:
        await town.camera(code)
    await town.pass_time(30)
    assert await town.kinds() == [("site", 12, True)]
    await town.pass_time(120)
    assert sorted(await town.kinds()) == [("camera", 1, False), ("site", 11, True)]


async def test_a_site_that_flaps_stays_one_alarm(town: Town) -> None:
    for _ in range(4):
        await darken(town, TWELVE)
        await town.pass_time(20)
        for code in TWELVE:
            await town.camera(code)
        await town.pass_time(60)
    [alarm] = await town.shown()
    assert (alarm.kind.value, alarm.repeat_count) == ("site", 3)
    assert alarm.ended_at is not None
    assert len(await town.shown("all")) == 1


async def test_what_is_over_and_was_seen_goes_away_by_itself_later(town: Town) -> None:
    await town.camera("RZ-01-A", "covered")
    [alarm] = await town.shown()
    assert (alarm.kind.value, alarm.severity.value) == ("camera", "high")
    assert alarm.title == "At RZ-01-A: covered"
    await town.camera("RZ-01-A")
    await town.pass_time(900)
    assert await town.kinds() == [("camera", 1, True)]  # nobody has seen it yet
    await town.alarms.acknowledge(alarm.id, "bilal")
    await town.pass_time(10)
    assert await town.kinds() == []


async def test_what_a_person_decided_raises_nothing_new_while_it_lasts(town: Town) -> None:
    await town.camera("RZ-01-A", "moved")
    [alarm] = await town.shown()
    await town.alarms.confirm(alarm.id, "bilal", "a crew was sent")
    await town.pass_time(3600)
    assert await town.kinds() == []
    await town.camera("RZ-01-A")
    await town.pass_time(3600)
    await town.camera("RZ-01-A", "moved")
    assert await town.kinds() == [("camera", 1, False)]


async def test_an_event_heard_twice_changes_nothing(town: Town) -> None:
    await town.camera("RZ-01-A", "frozen")
    await town.camera("RZ-01-A", "frozen")
    [alarm] = await town.shown()
    assert (alarm.repeat_count, len(alarm.cameras)) == (0, 1)


async def test_a_tampered_cabinet_is_a_critical_alarm_of_its_own(town: Town) -> None:
    await town.device("tamper", "tampered")
    [alarm] = await town.shown()
    assert (alarm.kind.value, alarm.severity.value) == ("device", "critical")
    assert [one.kind for one in alarm.devices] == ["tamper_tampered"]


async def test_who_works_at_another_site_sees_none_of_it(town: Town) -> None:
    await darken(town, TWELVE)
    with acting_as(Acting("account:1", ("SD-02",))):
        assert await town.shown("all") == []
    with acting_as(Acting("account:2", ("RZ-01",))):
        [alarm] = await town.shown()
    assert len(alarm.cameras) == 12


async def test_consoles_hear_of_the_site_alarm_once_and_then_of_its_changes(town: Town) -> None:
    await darken(town, TWELVE)
    async with town.database.transaction() as connection:
        events = await events_after(connection, 0, 100)
    names = [event.name for event in events]
    assert names.count("alarms.raised") == 1
    assert events[-1].payload["site"] == "RZ-01"


async def test_an_event_of_an_older_release_changes_nothing(town: Town) -> None:
    await town.camera("RZ-01-A", "frozen")
    await town.hear(CAMERA_CHANGED, {"camera": "RZ-01-A", "state": "up"})
    assert await town.kinds() == [("camera", 1, False)]


async def test_a_dark_camera_that_is_given_to_another_site_is_missed_there(town: Town) -> None:
    await town.camera("RZ-01-A", "offline")
    await town.pass_time(40)
    town.directory.moved["RZ-01-A"] = "SD-02"
    await town.camera("RZ-01-A", "offline", "dark")
    await town.pass_time(40)
    assert sorted((one.site, one.title, one.ended_at is None) for one in await town.shown()) == [
        ("SD-02", "At RZ-01-A: dark", True),
        ("SD-02", "At RZ-01-A: offline", True),
    ]
    await town.camera("RZ-01-A")
    town.directory.moved.clear()
    await town.camera("RZ-01-A", "offline")
    await town.pass_time(40)
    assert sorted((one.site, one.title, one.ended_at is None) for one in await town.shown()) == [
        ("RZ-01", "At RZ-01-A: offline", True),
        ("SD-02", "At RZ-01-A: dark", False),
    ]
