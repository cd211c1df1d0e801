from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from amaan.city.address import CameraAddressError
from amaan.city.model import (
    CityInputError,
    Held,
    NewCamera,
    RecordMode,
    RecordPlan,
    Site,
    SiteKind,
    TakenCodeError,
    UnknownCameraError,
    UnknownSiteError,
    WeeklyTime,
)
from amaan.city.service import CityService
from amaan.engines.postgres.database import PostgresDatabase
from amaan.kernel.clock import ManualClock
from amaan.kernel.geography import Point
from amaan.trust.sealing import Sealer, camera_purpose

CANARY = "hunter2-canary"
ADDRESS = f"rtsp://admin:{CANARY}@10.0.0.5/1"


@pytest.fixture
def sealer() -> Sealer:
    return Sealer(os.urandom(32))


@pytest.fixture
async def city(database: PostgresDatabase, clock: ManualClock, sealer: Sealer) -> CityService:
    service = CityService(database, clock, sealer)
    for code, lon in (("RZ-01", 67.0), ("SD-01", 67.1)):
        await service.add_site(Site(code, code, "نام", SiteKind.RED_ZONE, Point(lon, 24.8)))
    return service


def _camera(code: str, site: str = "RZ-01", address: str = ADDRESS) -> NewCamera:
    return NewCamera(code, f"Camera {code}", site, address)


async def test_camera_without_a_place_stands_at_its_site(city: CityService) -> None:
    camera = await city.add_camera(_camera("A"))
    assert (camera.place, camera.placed) == (Point(67.0, 24.8), False)
    assert camera.address == "rtsp://admin:***@10.0.0.5/1"


async def test_password_is_sealed_at_rest_and_opens_for_its_camera_only(
    city: CityService, database: PostgresDatabase, sealer: Sealer
) -> None:
    await city.add_camera(_camera("A"))
    async with database.transaction() as connection:
        rows = await connection.execute("SELECT c::text FROM city.cameras c")
        assert CANARY not in str(await rows.fetchall())
    (assigned,) = (await city.assignments("w", ["w"])).cameras
    assert sealer.unseal(assigned.address_sealed, purpose=camera_purpose("A")) == ADDRESS


async def test_path_is_handed_to_workers_with_its_kind(city: CityService, sealer: Sealer) -> None:
    await city.add_camera(_camera("A", address="folder:/stills"))
    (assigned,) = (await city.assignments("w", ["w"])).cameras
    assert sealer.unseal(assigned.address_sealed, purpose=camera_purpose("A")) == "folder:/stills"


async def test_taken_code_and_unknown_site_are_refused(city: CityService) -> None:
    await city.add_camera(_camera("A"))
    with pytest.raises(TakenCodeError):
        await city.add_camera(_camera("A"))
    with pytest.raises(UnknownSiteError):
        await city.add_camera(_camera("B", site="XX"))
    with pytest.raises(TakenCodeError):
        await city.add_site(Site("RZ-01", "x", "", SiteKind.OTHER, Point(0, 0)))


async def test_change_without_an_address_keeps_the_sealed_one(
    city: CityService, sealer: Sealer
) -> None:
    await city.add_camera(_camera("A"))
    before = await city.assignments("w", ["w"])
    for kept in ("", "rtsp://admin:***@10.0.0.5/1"):
        changed = NewCamera("A", "New name", "RZ-01", kept)
        assert (await city.change_camera(changed)).name == "New name"
    assert await city.assignments("w", ["w"]) == before
    await city.change_camera(_camera("A", address="rtsp://10.0.0.6/1"))
    after = await city.assignments("w", ["w"])
    assert after.revision != before.revision
    token = after.cameras[0].address_sealed
    assert sealer.unseal(token, purpose=camera_purpose("A")) == "rtsp://10.0.0.6/1"


async def test_unknown_camera_can_be_neither_changed_nor_removed(city: CityService) -> None:
    with pytest.raises(UnknownCameraError):
        await city.change_camera(_camera("A"))
    with pytest.raises(UnknownCameraError):
        await city.remove_camera("A")
    with pytest.raises(UnknownCameraError):
        await city.camera("A")


async def test_cameras_of_a_site_go_to_one_worker_and_disabled_ones_to_none(
    city: CityService,
) -> None:
    for code in ("A", "B"):
        await city.add_camera(_camera(code))
    await city.add_camera(_camera("C", site="SD-01"))
    off = NewCamera("D", "off", "SD-01", ADDRESS, enabled=False)
    await city.add_camera(off)
    shares = [
        [camera.code for camera in (await city.assignments(name, ["w1", "w2"])).cameras]
        for name in ("w1", "w2", "stranger")
    ]
    assert shares == [["A", "B"], ["C"], []]


async def test_import_takes_good_lines_and_reports_the_others_in_order(city: CityService) -> None:
    report = await city.import_cameras(
        "code,name,site,address\n"
        f"A,Gate,RZ-01,{ADDRESS}\n"
        "B,Gate,XX,rtsp://10.0.0.5/1\n"
        f"C,Gate,RZ-01,ftp://admin:{CANARY}@10.0.0.5/1\n"
        "D,Gate\n"
        "E,Gate,SD-01,rtsp://10.0.0.7/1\n"
    )
    assert report.accepted == 2
    assert [(row.line, row.column) for row in report.rejected] == [
        (3, "site"),
        (4, "address"),
        (5, ""),
    ]
    assert CANARY not in str(report)
    assert [camera.code for camera in await city.cameras()] == ["A", "E"]


async def test_address_in_the_column_of_the_site_is_not_repeated(city: CityService) -> None:
    report = await city.import_cameras(f"code,name,site,address\nA,Gate,{ADDRESS},rtsp://h/1\n")
    assert [row.column for row in report.rejected] == ["site"]
    assert CANARY not in str(report)
    with pytest.raises(UnknownSiteError) as caught:
        await city.add_camera(NewCamera("A", "Gate", ADDRESS, ADDRESS))
    assert CANARY not in str(caught.value)


async def test_import_may_be_repeated_and_replaces(city: CityService) -> None:
    for name in ("one", "two"):
        report = await city.import_cameras(f"code,name,site,address\nA,{name},RZ-01,{ADDRESS}\n")
        assert report.accepted == 1
    assert (await city.camera("A")).name == "two"


SUB = f"rtsp://admin:{CANARY}@10.0.0.5/2"
ONVIF = f"http://admin:{CANARY}@10.0.0.5/onvif/device_service"
PLAN = RecordPlan(
    RecordMode.SCHEDULED, (WeeklyTime((0, 1), "08:00", "24:00"),), 5.0, 20.0, 14, 250.5
)


def _whole(code: str = "A") -> NewCamera:
    return replace(
        _camera(code), sub_address=SUB, onvif_address=ONVIF, vendor="Amaan", model="PTZ",
        audio=True, record=PLAN,
    )  # fmt: skip


async def test_all_addresses_are_sealed_masked_and_opened_for_their_camera_only(
    city: CityService, database: PostgresDatabase, sealer: Sealer
) -> None:
    shown = await city.add_camera(_whole())
    assert shown.sub_address == "rtsp://admin:***@10.0.0.5/2"
    assert shown.onvif_address == "http://admin:***@10.0.0.5/onvif/device_service"
    assert (shown.vendor, shown.model, shown.audio, shown.record) == ("Amaan", "PTZ", True, PLAN)
    async with database.transaction() as connection:
        rows = await connection.execute("SELECT c::text FROM city.cameras c")
        assert CANARY not in str(await rows.fetchall())
    (told,) = (await city.assignments("w", ["w"])).cameras
    assert told.sub_address_sealed is not None
    assert told.onvif_sealed is not None
    assert sealer.unseal(told.sub_address_sealed, purpose=camera_purpose("A")) == SUB
    assert sealer.unseal(told.onvif_sealed, purpose=camera_purpose("A")) == ONVIF
    assert (told.audio, told.record, told.holds) == (True, PLAN, ())


async def test_second_addresses_stay_until_they_are_changed_or_taken_away(
    city: CityService, sealer: Sealer
) -> None:
    before = await city.add_camera(_whole())
    kept = replace(_whole(), address="", sub_address="", onvif_address=before.onvif_address)
    assert await city.change_camera(kept) == before
    (told,) = (await city.assignments("w", ["w"])).cameras
    assert sealer.unseal(told.onvif_sealed or "", purpose=camera_purpose("A")) == ONVIF
    after = await city.change_camera(replace(kept, sub_address=None, onvif_address=None))
    assert (after.sub_address, after.onvif_address) == (None, None)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"sub_address": "exec:/bin/sh"}, "sub_address"),
        ({"onvif_address": "rtsp://10.0.0.5/"}, "onvif_address"),
        ({"onvif_address": "http://169.254.169.254/onvif"}, "onvif_address"),
        ({"sub_address": "rtsp://admin:***@10.0.0.5/2"}, "sub_address"),
        ({"vendor": ADDRESS}, "vendor"),
        ({"record": replace(PLAN, schedule=())}, "record_schedule"),
        ({"record": replace(PLAN, days=0)}, "record_days"),
        ({"record": replace(PLAN, gigabytes=float("nan"))}, "record_gigabytes"),
        ({"record": replace(PLAN, before_s=-1)}, "record_before_s"),
    ],
)
async def test_settings_that_cannot_be_are_refused_by_name(
    city: CityService, change: dict[str, Any], field: str
) -> None:
    with pytest.raises((CityInputError, CameraAddressError)) as refused:
        await city.add_camera(replace(_whole(), **change))
    assert refused.value.context["field"] == field
    assert CANARY not in refused.value.detail


async def test_worker_hears_of_holds_as_they_come_and_go(city: CityService) -> None:
    await city.add_camera(_whole())
    free = await city.assignments("w", ["w"])
    held = Held(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC))

    async def holds_for(cameras: Sequence[str]) -> Mapping[str, Sequence[Held]]:
        return {code: [held] for code in cameras}

    city.holds_for = holds_for
    under = await city.assignments("w", ["w"])
    assert under.cameras[0].holds == (held,)
    assert under.revision != free.revision


async def test_import_takes_the_new_columns_and_leaves_what_it_has_no_column_for(
    city: CityService,
) -> None:
    head = "code,name,site,address,sub_address,onvif_address,vendor,record_mode,record_schedule\n"
    row = f'A,Gate,RZ-01,{ADDRESS},{SUB},{ONVIF},Amaan,scheduled,"Mon-Tue 08:00-24:00"\n'
    assert (await city.import_cameras(head + row)).accepted == 1
    whole = await city.camera("A")
    assert whole.record.schedule == PLAN.schedule
    report = await city.import_cameras(f"code,name,site,address\nA,West gate,RZ-01,{ADDRESS}\n")
    assert report.rejected == ()
    assert await city.camera("A") == replace(whole, name="West gate")
    bare = await city.import_cameras(
        f"code,name,site,address,sub_address,onvif_address\nA,Gate,RZ-01,{ADDRESS},,\n"
    )
    assert bare.rejected == ()
    assert (await city.camera("A")).sub_address is None


async def test_import_names_the_column_of_a_bad_second_address_and_masks_all(
    city: CityService,
) -> None:
    text = (
        "code,name,site,address,sub_address,onvif_address,record_schedule\n"
        f"A,Gate,RZ-01,{ADDRESS},ftp://x:{CANARY}@10.0.0.5,{ONVIF},\n"
        f"B,Gate,RZ-01,{ADDRESS},{SUB},rtsp://x:{CANARY}@10.0.0.5,\n"
        f"C,Gate,RZ-01,{ADDRESS},{SUB},{ONVIF},Fri-Mon 08:00-09:00\n"
    )
    report = await city.import_cameras(text)
    assert [one.column for one in report.rejected] == [
        "sub_address", "onvif_address", "record_schedule",
    ]  # fmt: skip
    assert CANARY not in str(report)
