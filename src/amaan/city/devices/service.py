"""Use cases of site devices, one transaction each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from amaan.city.devices import events, rules, store
from amaan.city.devices.forecasting import NOTHING, forecast
from amaan.city.devices.model import (
    SILENT,
    Delivered,
    Device,
    DeviceInputError,
    DeviceKind,
    Forecast,
    Outage,
    Reading,
    Refused,
    Standing,
    TakenDeviceError,
    UnknownDeviceError,
)
from amaan.city.devices.settings import DeviceSettings
from amaan.city.model import UnknownSiteError
from amaan.city.rules import check_code, check_name
from amaan.kernel.clock import Clock
from amaan.kernel.engines import Database
from amaan.kernel.events import NewEvent, Outbox

FORECAST_LOOKS_BACK = timedelta(days=14)
FORECAST_READINGS = 1500
CHART_READINGS = 400
OUTAGES_LOOK_BACK = timedelta(days=1)
OUTAGES_LONGEST = timedelta(days=92)


@dataclass(frozen=True, slots=True)
class SiteStatus:
    """How a site stands. ``power`` None: it has no power device that was ever heard."""

    site: str
    power: Standing | None
    forecast: Forecast
    devices: Sequence[tuple[Device, Standing | None]]
    chart: Sequence[Reading]


class DeviceService:
    """The registry, the intake and what follows from it. Nothing is held in memory."""

    def __init__(
        self, database: Database, outbox: Outbox, clock: Clock, settings: DeviceSettings
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._clock = clock
        self._zone = ZoneInfo(settings.zone)
        self._silent_after = timedelta(seconds=settings.silent_after_s)

    # -- the registry ------------------------------------------------------------------------

    async def devices(self) -> list[tuple[Device, Standing | None]]:
        """Return every device that whoever acts may see, and how it stands."""
        async with self._database.transaction() as connection:
            return await store.list_devices(connection)

    async def device(self, code: str) -> Device:
        """Return one device. Raises UnknownDeviceError."""
        async with self._database.transaction() as connection:
            found = await store.find_device(connection, code)
        if found is None:
            raise UnknownDeviceError("there is no such device")
        return found

    async def add_device(self, device: Device) -> None:
        """Add a device. Raises CityInputError, UnknownSiteError, TakenDeviceError."""
        _check(device)
        async with self._database.transaction() as connection:
            if not await store.site_exists(connection, device.site):
                raise UnknownSiteError("there is no such site", field="site")
            if not await store.add_device(connection, device, self._clock.now()):
                raise TakenDeviceError(f"there is a device {device.code} already", field="code")

    async def change_device(self, device: Device) -> None:
        """Set all of a device but its site and kind. Raises as ``add_device``."""
        _check(device)
        async with self._database.transaction() as connection:
            kept = await store.find_device(connection, device.code, lock=True)
            if kept is None:
                raise UnknownDeviceError("there is no such device")
            await store.change_device(connection, device, self._clock.now())
        await self._rejudge(device.site)

    async def remove_device(self, code: str) -> None:
        """Take a device away; what it told stays. Raises UnknownDeviceError."""
        async with self._database.transaction() as connection:
            if not await store.remove_device(connection, code):
                raise UnknownDeviceError("there is no such device")

    # -- the intake --------------------------------------------------------------------------

    async def take(
        self, batch: Sequence[Delivered], *, site: str | None = None
    ) -> tuple[int, list[Refused]]:
        """Take readings in any order; return how many counted, and those that did not.

        ``site``: they may only be of its devices. One told before counts again and changes
        nothing. A reading older than the device's newest goes to its history alone.
        """
        now = self._clock.now()
        async with self._database.transaction() as connection:
            devices = await store.find_devices(connection, {one.device for one in batch})
            if site is not None:
                devices = {code: d for code, d in devices.items() if d.site == site}
            told, refused = _checked(batch, devices, now)
            before = await store.lock_standings(connection, {d.site for d in devices.values()})
            after: dict[str, Standing] = {}
            kept: list[tuple[Device, Reading]] = []
            for code, readings in told.items():
                device = devices[code]
                first = await store.kept_before(connection, code, readings[0].observed_at)
                kept += [(device, each) for each in rules.thinned(first, readings)]
                standing = before.get(code)
                for reading in readings:
                    if standing is None or reading.observed_at > standing.observed_at:
                        at = reading.observed_at
                        standing = rules.judge(device, standing, reading, at, self._zone)
                    else:  # late: it says that the device is heard, and no more
                        standing = _heard(standing, now)
                if standing is not None:
                    after[code] = standing
            await store.keep_readings(connection, kept)
            await self._settle(connection, devices, before, after, now)
        return sum(map(len, told.values())), refused

    async def _settle(
        self,
        connection: store.Connection,
        devices: Mapping[str, Device],
        before: Mapping[str, Standing],
        after: Mapping[str, Standing],
        now: datetime,
    ) -> None:
        """Save the standings and announce what is news of them."""
        changed, stands = [], {}
        for code, standing in after.items():
            announced = before[code].announced if code in before else None
            if rules.is_news(standing, announced, now):
                changed.append(code)
                announced = standing.state
            stands[code] = replace(standing, announced=announced)
        await store.save_standings(connection, [(devices[code], s) for code, s in stands.items()])
        news = [events.device_changed(devices[code], stands[code], now) for code in changed]
        sites = {devices[code].site for code in changed if _is_power(devices[code])}
        for site in sorted(sites):
            news += await self._power_news(connection, site, before, now)
        await self._outbox.announce(connection, news)

    async def _power_news(
        self,
        connection: store.Connection,
        site: str,
        before: Mapping[str, Standing],
        now: datetime,
    ) -> list[NewEvent]:
        stands = [(d, s) for d, s in await store.list_devices(connection, site) if _is_power(d)]
        known = [(d, as_told) for d, s in stands if s and (as_told := _as_announced(s))]
        was = rules.site_power(
            as_told
            for d, _ in known
            if d.code in before
            if (as_told := _as_announced(before[d.code]))
        )
        power = rules.site_power(standing for _, standing in known)
        if power is None or (was is not None and was.state == power.state):
            return []
        says = next(device for device, standing in known if standing is power)
        return [events.site_power_changed(says, power, now)]

    # -- time passes -------------------------------------------------------------------------

    async def notice(self) -> None:
        """Mark devices that fell silent, doors whose window is over, better states that held."""
        async with self._database.transaction() as connection:
            sites = await store.quiet_sites(connection, self._clock.now() - self._silent_after)
        for site in sites:
            await self._rejudge(site)

    async def _rejudge(self, site: str) -> None:
        now = self._clock.now()
        async with self._database.transaction() as connection:
            before = await store.lock_standings(connection, [site])
            devices = {d.code: d for d, _ in await store.list_devices(connection, site)}
            after = {}
            for code, standing in before.items():
                silent = rules.silent(standing, now, self._silent_after)
                if silent is not None:
                    after[code] = silent
                elif standing.state != SILENT and code in devices:
                    reading = Reading(
                        code, standing.observed_at, standing.received_at, standing.told
                    )
                    again = rules.judge(devices[code], standing, reading, now, self._zone)
                    if again != standing:
                        after[code] = again
            if after:
                await self._settle(connection, devices, before, after, now)

    # -- answers -----------------------------------------------------------------------------

    async def status(self, site: str) -> SiteStatus:
        """Return how a site stands. Raises UnknownSiteError."""
        now = self._clock.now()
        async with self._database.transaction() as connection:
            if not await store.site_exists(connection, site):
                raise UnknownSiteError("there is no such site")
            devices = await store.list_devices(connection, site)
            heard = [(d, s) for d, s in devices if _is_power(d) and s is not None]
            power = rules.site_power(standing for _, standing in heard)
            says = next((device for device, standing in heard if standing is power), None)
            if power is None or says is None:
                return SiteStatus(site, None, NOTHING, devices, ())
            readings = await store.readings_of(
                connection, says.code, now - FORECAST_LOOKS_BACK, now, FORECAST_READINGS
            )
            recent = await store.readings_of(
                connection, says.code, now - timedelta(hours=24), now, CHART_READINGS
            )
        readings = _joined(readings, recent, says.code, power)
        expected = forecast(readings, says.capacity_wh, now)
        return SiteStatus(site, power, expected, devices, recent)

    async def history(self, code: str, since: datetime, until: datetime) -> list[Reading]:
        """Return a device's readings of a time, oldest first, evenly thinned.

        Raises UnknownDeviceError, DeviceInputError.
        """
        if not since < until <= since + OUTAGES_LONGEST:
            raise DeviceInputError("a history is at most 92 days, from before to after")
        await self.device(code)
        async with self._database.transaction() as connection:
            return await store.readings_of(connection, code, since, until, CHART_READINGS)

    async def outages(self, site: str, since: datetime, until: datetime) -> list[Outage]:
        """Return when a site had no power, meeting a time, oldest first; late news included.

        It is out where all its power devices that told anything were.
        """
        looked = since - OUTAGES_LOOK_BACK
        async with self._database.transaction() as connection:
            readings = await store.power_readings(connection, site, looked, until)
        found = [
            rules.outages(list(each), min(until, self._clock.now()))
            for _, each in groupby(readings, key=lambda reading: reading.device)
        ]
        return [
            outage
            for outage in rules.at_once(found)
            if outage.until is None or outage.until > since
        ]


def _check(device: Device) -> None:
    check_code(device.code)
    check_name(device.name)
    for field, given in (
        ("windows", device.windows),
        ("maintenance_until", device.maintenance_until),
    ):
        if given and device.kind not in (DeviceKind.DOOR, DeviceKind.TAMPER):
            raise DeviceInputError("only a door or tamper switch has these", field=field)
    if device.capacity_wh is not None and device.kind is not DeviceKind.POWER:
        raise DeviceInputError("only a power device has a capacity", field="capacity_wh")


def _checked(
    batch: Sequence[Delivered], devices: Mapping[str, Device], now: datetime
) -> tuple[dict[str, list[Reading]], list[Refused]]:
    """Return the good readings by device in observed order, and the others."""
    told: dict[str, list[Reading]] = defaultdict(list)
    refused = []
    for index, one in enumerate(batch):
        device = devices.get(one.device)
        if device is None:
            refused.append(Refused(index, "unknown-device", "there is no such device here"))
        elif one.observed_at > now + rules.AHEAD_MOST:
            refused.append(Refused(index, "clock", "it lies ahead: the device's clock is wrong"))
        elif one.observed_at < now - rules.LATE_MOST:
            refused.append(Refused(index, "too-old", "it is older than seven days"))
        else:
            try:
                values = rules.check_told(device.kind, one.values)
            except DeviceInputError as error:
                refused.append(Refused(index, "values", error.detail))
                continue
            told[one.device].append(Reading(one.device, one.observed_at, now, values))
    for readings in told.values():
        readings.sort(key=lambda reading: reading.observed_at)
    return dict(told), refused


def _heard(standing: Standing, now: datetime) -> Standing:
    """Return the standing of a device that sends what it held back; a silent one stays silent."""
    if standing.state == SILENT:
        return standing
    return replace(standing, received_at=now)


def _as_announced(standing: Standing) -> Standing | None:
    if standing.announced is None:
        return None
    return replace(standing, state=standing.announced)


def _joined(
    older: Sequence[Reading], recent: Sequence[Reading], code: str, newest: Standing
) -> list[Reading]:
    """Return readings in order, the recent ones closer together, the newest last."""
    since = recent[0].observed_at if recent else newest.observed_at
    joined = [reading for reading in older if reading.observed_at < since] + list(recent)
    if not joined or joined[-1].observed_at < newest.observed_at:
        joined.append(Reading(code, newest.observed_at, newest.received_at, newest.told))
    return joined


def _is_power(device: Device) -> bool:
    return device.kind is DeviceKind.POWER
