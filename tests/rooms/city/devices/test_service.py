from __future__ import annotations

from datetime import timedelta

import pytest

from amaan.city.devices import events
from amaan.city.devices.model import Delivered, Device, DeviceKind, Outage, UnknownDeviceError
from amaan.city.devices.service import DeviceService
from amaan.city.devices.settings import DeviceSettings
from amaan.city.model import Site, SiteKind, UnknownSiteError
from amaan.city.service import CityService
from amaan.engines.postgres.database import PostgresDatabase
from amaan.engines.postgres.outbox import PostgresOutbox
from amaan.kernel.acting import Acting, acting_as
from amaan.kernel.clock import ManualClock
from amaan.kernel.geography import Point
from amaan.trust.sealing import Sealer

MAINS: dict[str, float | str] = {"source": "mains", "charge_share": 1.0, "load_w": 90.0}


@pytest.fixture
async def devices(database: PostgresDatabase, clock: ManualClock) -> DeviceService:
    city = CityService(database, clock, Sealer(bytes(32)))
    for code in ("GATE", "PORT"):
        await city.add_site(Site(code, code, "", SiteKind.OTHER, Point(67, 24.8)))
    service = DeviceService(database, PostgresOutbox(), clock, DeviceSettings())
    await service.add_device(Device("GATE-P", "GATE", DeviceKind.POWER, "Supply", 1200.0))
    await service.add_device(Device("GATE-D", "GATE", DeviceKind.DOOR, "Cabinet"))
    await service.add_device(Device("PORT-P", "PORT", DeviceKind.POWER, "Supply"))
    return service


def said(clock: ManualClock, device: str, ago_s: float = 0, **values: float | str) -> Delivered:
    return Delivered(device, clock.now() - timedelta(seconds=ago_s), values)


async def announced(database: PostgresDatabase) -> list[tuple[str, str, str]]:
    """Return (event, key, state) of what was announced, oldest first."""
    async with database.transaction() as connection:
        cursor = await connection.execute(
            "SELECT name, key, payload->>'state' FROM kernel.outbox ORDER BY position"
        )
        return [(row[0], row[1], row[2]) for row in await cursor.fetchall()]


async def states(devices: DeviceService) -> dict[str, str | None]:
    return {d.code: s.state if s else None for d, s in await devices.devices()}


async def test_failed_mains_are_announced_for_the_device_and_its_site_once(
    devices: DeviceService, database: PostgresDatabase, clock: ManualClock
) -> None:
    await devices.take([said(clock, "GATE-P", 0, **MAINS)])
    clock.advance(timedelta(seconds=30))
    failed = said(clock, "GATE-P", source="battery", charge_share=0.98)
    for _ in range(3):
        accepted, refused = await devices.take([failed])
        assert (accepted, refused) == (1, [])
    assert await announced(database) == [
        (events.DEVICE_CHANGED, "GATE-P", "mains"),
        (events.SITE_POWER_CHANGED, "GATE", "mains"),
        (events.DEVICE_CHANGED, "GATE-P", "battery"),
        (events.SITE_POWER_CHANGED, "GATE", "battery"),
    ]


async def test_late_reading_goes_to_the_history_and_changes_no_state(
    devices: DeviceService, database: PostgresDatabase, clock: ManualClock
) -> None:
    await devices.take([said(clock, "GATE-P", 0, **MAINS)])
    before = await announced(database)
    late = [
        said(clock, "GATE-P", 7200, source="battery", charge_share=0.3),
        said(clock, "GATE-P", 3600, source="battery", charge_share=0.04),
    ]
    assert (await devices.take(late))[0] == 2
    assert (await states(devices))["GATE-P"] == "mains"
    assert await announced(database) == before
    history = await devices.history(
        "GATE-P", clock.now() - timedelta(hours=3), clock.now() + timedelta(seconds=1)
    )
    assert [reading.told["source"] for reading in history] == ["battery", "battery", "mains"]
    assert history[0].received_at - history[0].observed_at == timedelta(seconds=7200)
    # And the power book knows now that the site was out, though nobody could say so then.
    since, until = clock.now() - timedelta(hours=4), clock.now() + timedelta(seconds=1)
    outage = Outage(late[1].observed_at, clock.now())
    assert await devices.outages("GATE", since, until) == [outage]


async def test_batch_in_any_order_stands_as_one_in_order(
    devices: DeviceService, clock: ManualClock
) -> None:
    batch = [
        said(clock, "GATE-P", 0, source="battery", charge_share=0.8),
        said(clock, "GATE-P", 120, **MAINS),
        said(clock, "GATE-P", 60, **MAINS),
    ]
    await devices.take(batch)
    assert (await states(devices))["GATE-P"] == "battery"


async def test_bad_readings_are_named_and_the_good_ones_count(
    devices: DeviceService, clock: ManualClock
) -> None:
    accepted, refused = await devices.take(
        [
            said(clock, "NOBODY", open=True),
            said(clock, "GATE-D", -3600, open=True),
            said(clock, "GATE-D", 86_400 * 8, open=True),
            said(clock, "GATE-D", open="ajar"),
            said(clock, "GATE-D", open=False),
        ]
    )
    assert accepted == 1
    assert [(one.index, one.code) for one in refused] == [
        (0, "unknown-device"),
        (1, "clock"),
        (2, "too-old"),
        (3, "values"),
    ]


async def test_topic_of_one_site_speaks_for_no_device_of_another(
    devices: DeviceService, clock: ManualClock
) -> None:
    accepted, refused = await devices.take([said(clock, "PORT-P", 0, **MAINS)], site="GATE")
    assert (accepted, refused[0].code) == (0, "unknown-device")


async def test_silence_is_a_state_and_ends_with_the_next_word(
    devices: DeviceService, database: PostgresDatabase, clock: ManualClock
) -> None:
    await devices.take([said(clock, "GATE-P", 0, **MAINS), said(clock, "GATE-D", open=False)])
    clock.advance(timedelta(seconds=170))
    await devices.take([said(clock, "GATE-D", open=False)])
    clock.advance(timedelta(seconds=20))
    await devices.notice()
    await devices.notice()
    assert await states(devices) == {"GATE-D": "closed", "GATE-P": "silent", "PORT-P": None}
    assert (await devices.status("GATE")).power is not None
    assert (events.SITE_POWER_CHANGED, "GATE", "silent") in await announced(database)
    await devices.take([said(clock, "GATE-P", 0, **MAINS)])
    assert (await states(devices))["GATE-P"] == "mains"
    assert len(await announced(database)) == 7


async def test_held_back_readings_keep_a_talking_device_from_falling_silent(
    devices: DeviceService, clock: ManualClock
) -> None:
    await devices.take([said(clock, "GATE-P", 0, **MAINS)])
    clock.advance(timedelta(seconds=170))
    await devices.take([said(clock, "GATE-P", 600, **MAINS)])
    clock.advance(timedelta(seconds=60))
    await devices.notice()
    assert (await states(devices))["GATE-P"] == "mains"


async def test_hours_told_late_are_no_news_and_the_present_is(
    devices: DeviceService, database: PostgresDatabase, clock: ManualClock
) -> None:
    await devices.take([said(clock, "GATE-P", 0, **MAINS), said(clock, "GATE-D", open=False)])
    clock.advance(timedelta(hours=3))
    await devices.notice()
    before = await announced(database)
    for ago_s in (7200, 5400, 3600):  # a gateway tells what it held back, batch by batch
        await devices.take(
            [
                said(clock, "GATE-P", ago_s, source="battery", charge_share=0.9 - 60 / ago_s),
                said(clock, "GATE-D", ago_s, open=True),
            ]
        )
    await devices.take([said(clock, "GATE-D", 1800, open=False)])
    assert await announced(database) == before
    await devices.take(
        [
            said(clock, "GATE-P", 5, source="battery", charge_share=0.8),
            said(clock, "GATE-D", 5, open=False),
        ]
    )
    assert (await announced(database))[len(before) :] == [
        (events.DEVICE_CHANGED, "GATE-P", "battery"),
        (events.DEVICE_CHANGED, "GATE-D", "closed"),
        (events.SITE_POWER_CHANGED, "GATE", "battery"),
    ]
    power = (await devices.status("GATE")).power
    assert power is not None
    assert power.since == clock.now() - timedelta(hours=2)


async def test_door_left_open_after_the_crew_is_gone_is_announced(
    devices: DeviceService, database: PostgresDatabase, clock: ManualClock
) -> None:
    until = clock.now() + timedelta(minutes=2)
    await devices.change_device(
        Device("GATE-D", "GATE", DeviceKind.DOOR, "Cabinet", maintenance_until=until)
    )
    await devices.take([said(clock, "GATE-D", open=True)])
    assert (await states(devices))["GATE-D"] == "maintenance"
    clock.advance(timedelta(minutes=2, seconds=1))
    await devices.notice()
    assert await announced(database) == [
        (events.DEVICE_CHANGED, "GATE-D", "maintenance"),
        (events.DEVICE_CHANGED, "GATE-D", "open"),
    ]


async def test_status_says_how_long_the_battery_lasts(
    devices: DeviceService, clock: ManualClock
) -> None:
    await devices.take([said(clock, "GATE-P", 0, **MAINS)])
    for minute in range(90):
        clock.advance(timedelta(minutes=1))
        charge = 0.98 - 0.2 * minute / 60
        await devices.take([said(clock, "GATE-P", source="battery", charge_share=charge)])
    status = await devices.status("GATE")
    assert status.power is not None
    assert status.power.state == "battery"
    assert status.forecast.against_8h == "short"
    assert status.forecast.hours_left == pytest.approx((0.98 - 0.2 * 89 / 60 - 0.05) / 0.2, 0.02)
    assert len(status.chart) > 80
    assert (await devices.status("PORT")).power is None
    with pytest.raises(UnknownSiteError):
        await devices.status("NOWHERE")


async def test_who_works_at_one_site_sees_nothing_of_another(
    devices: DeviceService, clock: ManualClock
) -> None:
    await devices.take([said(clock, "GATE-P", 0, **MAINS), said(clock, "PORT-P", 0, **MAINS)])
    with acting_as(Acting("account:1", ("GATE",))):
        assert set(await states(devices)) == {"GATE-P", "GATE-D"}
        with pytest.raises(UnknownSiteError):
            await devices.status("PORT")
        with pytest.raises(UnknownDeviceError):
            await devices.history("PORT-P", clock.now() - timedelta(hours=1), clock.now())
        hour = timedelta(hours=1)
        assert await devices.outages("PORT", clock.now() - hour, clock.now()) == []


async def test_removed_device_leaves_what_it_told(
    devices: DeviceService, clock: ManualClock
) -> None:
    await devices.take([said(clock, "GATE-P", 60, source="none")])
    await devices.remove_device("GATE-P")
    hour = timedelta(hours=1)
    assert await devices.outages("GATE", clock.now() - hour, clock.now()) == [
        Outage(clock.now() - timedelta(seconds=60), None)
    ]
    with pytest.raises(UnknownDeviceError):
        await devices.remove_device("GATE-P")
