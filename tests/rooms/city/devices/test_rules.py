from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from amaan.city.devices import rules
from amaan.city.devices.model import (
    SILENT,
    Device,
    DeviceInputError,
    DeviceKind,
    Outage,
    Reading,
    Standing,
    Told,
    Window,
)

KARACHI = ZoneInfo("Asia/Karachi")
NOON = datetime(2026, 3, 4, 7, 0, tzinfo=UTC)  # a Wednesday, 12:00 in Karachi


def device(kind: DeviceKind, windows: tuple[Window, ...] = ()) -> Device:
    return Device("D", "S", kind, "a device", windows=windows)


def reading(after_s: float, **told: bool | float | str) -> Reading:
    at = NOON + timedelta(seconds=after_s)
    return Reading("D", at, at, told)


def states(kind: DeviceKind, *told: tuple[float, Told]) -> list[str]:
    """Return the state after each (seconds, values)."""
    standing: Standing | None = None
    found = []
    for after_s, values in told:
        each = Reading("D", NOON + timedelta(seconds=after_s), NOON, values)
        standing = rules.judge(device(kind), standing, each, each.observed_at, KARACHI)
        found.append(standing.state)
    return found


def test_failed_mains_is_news_at_once_and_mains_that_flap_are_one_piece_of_news() -> None:
    mains: Told = {"source": "mains"}
    battery: Told = {"source": "battery", "charge_share": 0.9}
    assert states(
        DeviceKind.POWER,
        (0, mains),
        (30, battery),
        (40, mains),
        (50, battery),
        (60, mains),
        (110, mains),
        (125, mains),
    ) == ["mains", "battery", "battery", "battery", "battery", "battery", "mains"]


def test_charge_around_its_threshold_is_low_once() -> None:
    charges = (0.35, 0.29, 0.31, 0.29, 0.39, 0.41, 0.41)
    told: list[tuple[float, Told]] = [
        (60.0 * n, {"source": "battery", "charge_share": c}) for n, c in enumerate(charges)
    ]
    assert states(DeviceKind.POWER, *told) == [
        *("battery", "low", "low", "low", "low", "low", "battery")
    ]


def test_battery_at_its_end_is_out_whatever_it_calls_itself() -> None:
    assert states(DeviceKind.POWER, (0, {"source": "battery", "charge_share": 0.04})) == ["out"]
    assert states(DeviceKind.POWER, (0, {"source": "none"})) == ["out"]


def test_door_is_allowed_in_its_window_and_open_when_the_window_ends() -> None:
    door = device(DeviceKind.DOOR, (Window((2,), time(11), time(13)),))
    opened = reading(0, open=True)
    standing = rules.judge(door, None, opened, NOON, KARACHI)
    assert standing.state == "maintenance"
    later = NOON + timedelta(hours=1)
    after = rules.judge(door, standing, opened, later, KARACHI)
    assert (after.state, after.since) == ("open", later)


def test_window_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    door = device(DeviceKind.DOOR, (Window((2,), time(22), time(2)),))
    tests = {
        datetime(2026, 3, 4, 23, 0, tzinfo=KARACHI): True,
        datetime(2026, 3, 5, 1, 59, tzinfo=KARACHI): True,
        datetime(2026, 3, 5, 2, 0, tzinfo=KARACHI): False,
        datetime(2026, 3, 5, 23, 0, tzinfo=KARACHI): False,
        datetime(2026, 3, 4, 1, 0, tzinfo=KARACHI): False,
    }
    assert {at: rules.in_maintenance(door, at, KARACHI) for at in tests} == tests


def test_link_and_disk_have_a_threshold_for_each_direction() -> None:
    losses = (0.01, 0.06, 0.03, 0.01, 0.01)
    told: list[tuple[float, Told]]
    told = [(60.0 * n, {"up": True, "loss_share": loss}) for n, loss in enumerate(losses)]
    assert states(DeviceKind.LINK, *told) == ["up", "lossy", "lossy", "lossy", "up"]
    assert states(DeviceKind.LINK, (0, {"up": True, "loss_share": 1.0})) == ["down"]
    free = (0.2, 0.09, 0.12, 0.019, 0.03)
    told = [(60.0 * n, {"free_share": share}) for n, share in enumerate(free)]
    assert states(DeviceKind.DISK, *told) == ["ok", "filling", "filling", "full", "full"]


def test_device_that_speaks_again_is_believed_at_once() -> None:
    power = device(DeviceKind.POWER)
    standing = rules.judge(power, None, reading(0, source="battery"), NOON, KARACHI)
    later = NOON + timedelta(minutes=10)
    gone = rules.silent(standing, later, timedelta(minutes=3))
    assert gone is not None
    assert (gone.state, gone.since) == (SILENT, NOON)
    assert rules.silent(gone, later, timedelta(minutes=3)) is None
    assert rules.silent(standing, NOON + timedelta(minutes=3), timedelta(minutes=3)) is None
    back = rules.judge(power, gone, reading(600, source="mains"), later, KARACHI)
    assert back.state == "mains"


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (DeviceKind.POWER, {"charge_share": 0.5}),
        (DeviceKind.POWER, {"source": "wind"}),
        (DeviceKind.POWER, {"source": True}),
        (DeviceKind.POWER, {"source": "mains", "charge_share": 1.5}),
        (DeviceKind.POWER, {"source": "mains", "charge_share": float("nan")}),
        (DeviceKind.POWER, {"source": "mains", "charge_share": True}),
        (DeviceKind.POWER, {"source": "mains", "charge_share": "mains"}),
        (DeviceKind.DOOR, {"open": 1}),
        (DeviceKind.DOOR, {"open": "yes"}),
        (DeviceKind.LINK, {}),
        (DeviceKind.DISK, {"free_share": -0.1}),
    ],
)
def test_values_that_cannot_be_are_refused(kind: DeviceKind, values: dict[str, object]) -> None:
    with pytest.raises(DeviceInputError):
        rules.check_told(kind, values)


def test_values_of_another_kind_are_left_out() -> None:
    told = rules.check_told(DeviceKind.DOOR, {"open": True, "owner": "somebody", "load_w": 3})
    assert told == {"open": True}


def test_readings_are_thinned_to_one_a_minute_and_every_change() -> None:
    every = [reading(10.0 * n, source="mains", load_w=60.0 + n) for n in range(12)]
    every += [reading(121, source="battery"), reading(122, source="battery")]
    kept = rules.thinned(None, every)
    assert [(each.observed_at - NOON).total_seconds() for each in kept] == [0, 60, 121]


def test_outage_lasts_from_a_dead_battery_to_the_return_of_power() -> None:
    told = [
        reading(0, source="mains"),
        reading(600, source="battery", charge_share=0.2),
        reading(900, source="battery", charge_share=0.05),
        reading(4000, source="mains", charge_share=0.06),
    ]
    assert rules.outages(told, NOON + timedelta(hours=3)) == [
        Outage(told[2].observed_at, told[3].observed_at)
    ]


def test_silence_after_a_low_battery_is_an_outage_and_other_silence_is_not() -> None:
    low = reading(0, source="battery", charge_share=0.1)
    back = reading(7200, source="mains", charge_share=0.2)
    assert rules.outages([low, back], NOON + timedelta(hours=3)) == [
        Outage(low.observed_at, back.observed_at)
    ]
    assert rules.outages([low], NOON + timedelta(hours=3)) == [Outage(low.observed_at, None)]
    assert rules.outages([low], NOON + timedelta(minutes=5)) == []
    full = reading(0, source="battery", charge_share=0.9)
    assert rules.outages([full, back], NOON + timedelta(hours=3)) == []


def test_site_is_out_only_while_all_its_supplies_are() -> None:
    def out(a: int, b: int | None) -> Outage:
        until = None if b is None else NOON + timedelta(hours=b)
        return Outage(NOON + timedelta(hours=a), until)

    assert rules.at_once([[out(0, 4), out(6, None)], [out(3, 7)]]) == [out(3, 4), out(6, 7)]
    assert rules.at_once([[out(0, 4)], []]) == []
