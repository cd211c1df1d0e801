"""Cameras and devices as a source of alarms."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

import structlog

from amaan.alarms import folding, rules, store, trouble_store
from amaan.alarms.folding import Clear, End, Join, Raise, SiteView, Step
from amaan.alarms.model import Alarm, AlarmKind, AlarmState, Trouble
from amaan.alarms.ports import CameraDirectory
from amaan.alarms.service import AlarmsService
from amaan.city.devices.events import DEVICE_CHANGED
from amaan.kernel.clock import Clock
from amaan.kernel.engines import Database
from amaan.kernel.events import Event, JsonValue, Subscriptions
from amaan.kernel.ids import new_id
from amaan.plates.model import CameraPlace
from amaan.video.events import CAMERA_CHANGED

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg.rows import TupleRow

SUBSCRIBER: Final = "alarms-sources"
TICK_S: Final = 2.0
Told = Mapping[str, tuple[datetime, str]]
_log = structlog.get_logger(__name__)


class AlarmSources:
    """Hears what is wrong and raises, joins and ends alarms by ``folding``."""

    def __init__(
        self, database: Database, alarms: AlarmsService, directory: CameraDirectory, clock: Clock
    ) -> None:
        self._database = database
        self._alarms = alarms
        self._directory = directory
        self._clock = clock

    def subscribe(self, subscriptions: Subscriptions) -> None:
        """Hear of cameras and devices."""
        subscriptions.subscribe(SUBSCRIBER, [CAMERA_CHANGED, DEVICE_CHANGED], self.handle)

    async def run(self) -> None:
        """Judge again what waits, for as long as the centre runs."""
        while True:
            await asyncio.sleep(TICK_S)
            await self.judge_waiting()

    async def judge_waiting(self) -> None:
        """Judge the sites at which time alone may change something."""
        async with self._database.transaction() as connection:
            sites = await trouble_store.sites_to_judge(connection)
        places = await self._directory.places() if sites else {}
        for site in sites:
            async with self._database.transaction() as connection:
                await self._judge(connection, site, places)

    async def handle(self, connection: AsyncConnection[TupleRow], event: Event) -> None:
        """Take down what an event says is wrong, and judge its site."""
        places = await self._directory.places()
        if event.name == DEVICE_CHANGED:
            source, code, site, told = _device(event)
        else:
            source, code = "camera", str(event.payload["camera"])
            place = places.get(code)
            if "conditions" not in event.payload:
                return  # told by an older release: what is wrong now comes with the next change
            site, told = place.site if place else None, _conditions(event.payload["conditions"])
        lasting = await trouble_store.lasting_of(connection, source, code)
        site = site or next((one.site for one in lasting), None)
        if site is None:
            return
        await trouble_store.lock_site(connection, site)
        known = {one.kind for one in lasting if one.site == site}
        for one in lasting:
            if one.kind not in told or one.site != site:
                await trouble_store.end(connection, one.id, event.occurred_at)
        for kind, (since, detail) in told.items():
            if kind in known:
                continue
            identifier = new_id(self._clock.now())
            trouble = Trouble(identifier, site, source, code, kind, since, None, detail)
            await trouble_store.add(connection, trouble)
        for judged in sorted({site} | {one.site for one in lasting}):
            await self._judge(connection, judged, places)

    async def _judge(
        self, connection: AsyncConnection[TupleRow], site: str, places: Mapping[str, CameraPlace]
    ) -> None:
        now = self._clock.now()
        await trouble_store.lock_site(connection, site)
        view = SiteView(
            site=site,
            troubles=await trouble_store.lasting_at(connection, site),
            alarms=await trouble_store.alarms_at(connection, site, now - folding.QUIET),
            cameras=sum(place.site == site for place in places.values()),
        )
        for step in folding.fold(view, now):
            await self._do(connection, step, site, places)

    async def _do(
        self,
        connection: AsyncConnection[TupleRow],
        step: Step,
        site: str,
        places: Mapping[str, CameraPlace],
    ) -> None:
        now = self._clock.now()
        match step:
            case Raise():
                alarm = _raised(step, site, places, now)
                for left in await trouble_store.open_elsewhere(connection, step.subject, site):
                    ended = replace(left, ended_at=left.ended_at or now)
                    await self._alarms.change(connection, rules.put_away(ended))
                await store.insert(connection, alarm)
                await trouble_store.put_under(connection, step.troubles, alarm.id)
                await self._alarms.announce_raised(connection, alarm)
            case Join():
                latest = max(one.since for one in step.troubles)
                await trouble_store.put_under(connection, step.troubles, step.alarm.id)
                joined = rules.went_on(step.alarm, latest) if step.again else step.alarm
                await self._alarms.change(connection, joined)
            case End():
                ended = replace(step.alarm, ended_at=step.at)
                if step.cleared and ended.state is AlarmState.RAISED:
                    ended = rules.put_away(ended)
                await self._alarms.change(connection, ended)
            case Clear():
                await self._alarms.change(connection, rules.put_away(step.alarm))


def _raised(step: Raise, site: str, places: Mapping[str, CameraPlace], now: datetime) -> Alarm:
    times = [one.since for one in step.troubles]
    first = step.troubles[0]
    place = places.get(first.code) if first.source == "camera" else None
    if step.kind is AlarmKind.SITE:
        title = f"Site {site} is dark"
    else:
        title = f"{place.name if place else first.code}: {first.kind.replace('_', ' ')}"
    return Alarm(
        id=new_id(now),
        kind=step.kind,
        state=AlarmState.RAISED,
        severity=folding.severity_of(step.kind, step.troubles),
        title=title,
        raised_at=now,
        observed_at=min(times),
        last_observed_at=max(times),
        subject=step.subject,
        place=first.code if step.kind is AlarmKind.CAMERA else "",
        match_id=None,
        clip_id=None,
        site=site,
        detail=first.detail,
    )


def _device(event: Event) -> tuple[str, str, str | None, Told]:
    told = event.payload
    kind = folding.trouble_of_device(str(told["kind"]), str(told["state"]))
    since, detail = datetime.fromisoformat(str(told["since"])), str(told["detail"])
    found = {} if kind is None else {kind: (since, detail)}
    return "device", str(told["device"]), str(told["site"]), found


def _conditions(told: JsonValue) -> Told:
    assert isinstance(told, list)
    found: dict[str, tuple[datetime, str]] = {}
    for one in told:
        assert isinstance(one, dict)
        found[str(one["kind"])] = datetime.fromisoformat(str(one["since"])), str(one["detail"])
    return found
