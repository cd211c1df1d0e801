from __future__ import annotations

import os

import pytest

from amaan.city.model import (
    NewCamera,
    Site,
    SiteKind,
    TakenCodeError,
    UnknownCameraError,
    UnknownSiteError,
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
