from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from amaan.city.devices import rules
from amaan.city.devices.forecasting import forecast
from amaan.city.devices.model import DeviceKind, Reading
from amaan.simulation.devices import Telemetry, devices_of

BEGIN = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
SITES = ("A", "B", "C", "D", "E", "F", "G")
ZONE = ZoneInfo("Asia/Karachi")
TELEMETRY = Telemetry(SITES, BEGIN)
DEVICES = {device.code: device for device in devices_of(SITES)}


def state(code: str, after: timedelta) -> str:
    at = BEGIN + after
    told = rules.check_told(DEVICES[code].kind, TELEMETRY.values(DEVICES[code], at))
    return rules.judge(DEVICES[code], None, Reading(code, at, at, told), at, ZONE).state


def test_same_moment_tells_the_same() -> None:
    again = Telemetry(SITES, BEGIN)
    for device in DEVICES.values():
        assert TELEMETRY.values(device, BEGIN) == again.values(device, BEGIN)


def test_story_is_told_by_values_that_the_rules_understand() -> None:
    now, soon = timedelta(0), timedelta(minutes=2)
    assert state("A-power", now) == "battery"
    assert (state("B-power", now), state("B-power", timedelta(hours=12))) == ("solar", "battery")
    assert (state("C-door", now), state("C-door", soon)) == ("closed", "open")
    assert state("D-link", now) == "lossy"
    assert state("E-disk", now) == "filling"
    assert (state("F-power", now), state("F-power", soon)) == ("mains", "battery")
    quiet = {"power": "mains", "door": "closed", "tamper": "quiet", "link": "up", "disk": "ok"}
    assert {kind: state(f"G-{kind}", soon) for kind in quiet} == quiet


def test_first_site_will_not_last_eight_hours() -> None:
    readings = [
        Reading(
            str(one["device"]),
            at := datetime.fromisoformat(str(one["at"])),
            at,
            rules.check_told(DeviceKind.POWER, TELEMETRY.values(DEVICES["A-power"], at)),
        )
        for batch in TELEMETRY.history(list(DEVICES.values()))
        for one in batch
        if one["device"] == "A-power"
    ]
    assert len(readings) == 420
    found = forecast(readings, 1200.0, BEGIN)
    assert (found.running, found.basis, found.against_8h) == (True, "discharge", "short")
