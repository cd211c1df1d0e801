"""Site devices of the demo city: power, cabinet door, tamper switch, link and disk of each site.

What they tell is worked out from the moment alone, so that the night before the demonstration
can be told as well as the present. By a site's place in the list: the 1st has been on battery for
five hours and will not last eight; the 2nd runs on solar power, and on battery at night; the 3rd's
door opens ninety seconds after the beginning; the 4th's link loses packets; the 5th's disk fills;
the 6th's mains fail a minute after the beginning. All others have nothing to tell.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import structlog

from amaan.city.devices.model import Device, DeviceKind

EVERY_S = 20.0
HISTORY = timedelta(hours=14)
HISTORY_STEP = timedelta(minutes=2)
BATCH = 500
CAPACITY_WH = 1200.0
LOAD_W = 95.0
FAILED_BEFORE = timedelta(hours=5)
FULL, EMPTY = 0.97, 0.05
KARACHI = timedelta(hours=5)

_log = structlog.get_logger(__name__)

Values = dict[str, bool | float | str]


def devices_of(sites: Sequence[str]) -> list[Device]:
    """Return the devices of sites, by their codes."""
    names = {
        DeviceKind.POWER: "Power supply",
        DeviceKind.DOOR: "Cabinet door",
        DeviceKind.TAMPER: "Tamper switch",
        DeviceKind.LINK: "Uplink",
        DeviceKind.DISK: "Recording disk",
    }
    return [
        Device(
            f"{site}-{kind.value}",
            site,
            kind,
            name,
            capacity_wh=CAPACITY_WH if kind is DeviceKind.POWER else None,
        )
        for site in sites
        for kind, name in names.items()
    ]


@dataclass(frozen=True)
class Telemetry:
    """What the devices of ``sites`` tell; ``begin`` is when the demonstration does."""

    sites: Sequence[str]
    begin: datetime
    seed: int = 1

    def values(self, device: Device, at: datetime) -> Values:
        """Return what a device tells at a moment; the same moment always tells the same."""
        place = self.sites.index(device.site)
        chance = random.Random(f"{self.seed} {device.code} {at.timestamp():.0f}")  # noqa: S311
        since = (at - self.begin).total_seconds()
        if device.kind is DeviceKind.POWER:
            return self._power(place, at, chance)
        if device.kind is DeviceKind.DOOR:
            return {"open": place == 2 and 90 <= since < 900}
        if device.kind is DeviceKind.TAMPER:
            return {"tampered": False}
        if device.kind is DeviceKind.LINK:
            loss = chance.uniform(0.06, 0.1) if place == 3 else chance.uniform(0, 0.004)
            return {"up": True, "latency_ms": chance.uniform(8, 25), "loss_share": loss}
        return {"free_share": 0.085 if place == 4 else 0.42, "failing": False}

    def _power(self, place: int, at: datetime, chance: random.Random) -> Values:
        load = LOAD_W * (1.4 if place == 0 else 1) + chance.uniform(-4, 4)
        failed = {0: self.begin - FAILED_BEFORE, 5: self.begin + timedelta(minutes=1)}.get(place)
        if place == 1:
            source, charge = _by_the_sun(at)
        elif failed is not None and at >= failed:
            hours = (at - failed).total_seconds() / 3600
            source, charge = "battery", FULL - hours * load / (CAPACITY_WH * 0.85)
        else:
            source, charge = "mains", 1.0
        charge = min(1.0, max(EMPTY, charge + chance.uniform(-0.003, 0.003)))
        return {
            "source": source,
            "charge_share": round(charge, 3),
            "load_w": round(load, 1),
            "voltage_v": round(22.8 + 4.6 * charge, 2),
        }

    def at(self, devices: Sequence[Device], at: datetime) -> list[dict[str, object]]:
        """Return one reading of each device, as the intake takes it."""
        return [
            {"device": device.code, "at": _wire(at), "values": self.values(device, at)}
            for device in devices
        ]

    def history(self, devices: Sequence[Device]) -> Iterator[list[dict[str, object]]]:
        """Yield batches of what power supplies told before the beginning, oldest first."""
        supplies = [device for device in devices if device.kind is DeviceKind.POWER]
        batch: list[dict[str, object]] = []
        at = self.begin - HISTORY
        while at < self.begin:
            batch += self.at(supplies, at)
            at += HISTORY_STEP
            if len(batch) + len(supplies) > BATCH:
                yield batch
                batch = []
        yield batch


def _by_the_sun(at: datetime) -> tuple[str, float]:
    """Return (source, charge): solar from seven to half past five, a battery that lasts."""
    local = at.astimezone(UTC) + KARACHI
    hour = local.hour + local.minute / 60 + local.second / 3600
    if 7 <= hour < 17.5:
        return "solar", 0.45 + 0.53 * math.sin(min(1.0, (hour - 7) / 6) * math.pi / 2)
    dark_h = (hour - 17.5) % 24
    return "battery", 0.98 - 0.53 * dark_h / 13.5


def _wire(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def keep_telling(url: str, token: str, sites: Sequence[str]) -> None:
    """Send the night before and then the present to a centre, until cancelled.

    The devices must be in its registry (``devices_of``). ``token`` is a worker's.
    """
    devices = devices_of(sites)
    telemetry = Telemetry(sites, datetime.now(UTC))
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=30) as client:
        for batch in telemetry.history(devices):
            await _send(client, batch)
        while True:
            readings = telemetry.at(devices, datetime.now(UTC))
            for first in range(0, len(readings), BATCH):
                await _send(client, readings[first : first + BATCH])
            await asyncio.sleep(EVERY_S)


async def _send(client: httpx.AsyncClient, readings: list[dict[str, object]]) -> None:
    try:
        answer = await client.post("/api/city/telemetry", json={"readings": readings})
        answer.raise_for_status()
    except httpx.HTTPError as error:
        _log.warning("simulation.telemetry_lost", error=type(error).__name__)
        return
    for one in answer.json()["refused"][:1]:
        _log.warning("simulation.telemetry_refused", reason=one["reason"])
