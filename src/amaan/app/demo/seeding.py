"""Gives a centre the demo city: sites, cameras, hot-list. What people changed since stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from amaan.app.demo.authorities import Desk
from amaan.app.demo.people import ASKS, settle
from amaan.app.opening import Engines
from amaan.app.settings import CentreSettings
from amaan.city.address import parse_address
from amaan.city.devices.service import DeviceService
from amaan.city.model import Camera, NewCamera, RecordPlan, Site
from amaan.city.roads.service import RoadsService
from amaan.city.service import CityService
from amaan.plates.entries import HotlistService
from amaan.plates.model import Category, EntryDraft, Severity
from amaan.plates.rules import entry_text
from amaan.simulation.city import WantedRow
from amaan.simulation.devices import devices_of
from amaan.simulation.roads import demo_roads

LIST_MOST = 1000
ROADS = "the demo city's own streets"
KEPT = RecordPlan(days=2, gigabytes=0.5)  # of each camera: a laptop's disk is small


@dataclass(frozen=True, slots=True)
class Seeds:
    """What a demo centre begins with."""

    sites: Sequence[Site]
    cameras: Sequence[NewCamera]
    wanted: Sequence[WantedRow]


async def seed(
    engines: Engines, settings: CentreSettings, seeds: Seeds, passwords: Mapping[str, str]
) -> None:
    """Add what is absent; addresses of cameras that the simulator moved are set anew.

    ``passwords`` are of the demo's people, by user name.
    """
    city = CityService(engines.database, engines.clock, engines.sealer)
    if not {site.code for site in seeds.sites} <= {site.code for site in await city.sites()}:
        await city.put_sites(seeds.sites)
    standing = {camera.code: camera for camera in await city.cameras(limit=LIST_MOST)}
    for seeded in seeds.cameras:
        camera = replace(seeded, record=KEPT)
        known = standing.get(camera.code)
        if known is None:
            await city.add_camera(camera)
        elif _has_moved(known, camera):
            await city.change_camera(_moved(known, camera))
    await _furnish(engines, settings, seeds)
    people = await settle(engines, settings, passwords)
    desk = Desk(engines, settings, people)
    hotlist = HotlistService(
        engines.database, engines.clock, desk.service, settings.plates, matching=False
    )
    if not await hotlist.page(state="all", text=None, before=None, limit=1):
        now = engines.clock.now()
        await desk.for_search(site.code for site in seeds.sites)
        for row in seeds.wanted:
            await hotlist.add(_draft(row, now, await desk.for_entry(row)), ASKS)


async def _furnish(engines: Engines, settings: CentreSettings, seeds: Seeds) -> None:
    """Give the city its streets, and its sites their devices."""
    roads = RoadsService(engines.database, engines.clock, settings.roads)
    if (await roads.status())[0] is None:
        await roads.put(demo_roads(), ROADS)
    devices = DeviceService(engines.database, engines.outbox, engines.clock, settings.devices)
    known = {device.code for device, _ in await devices.devices()}
    for device in devices_of([site.code for site in seeds.sites]):
        if device.code not in known:
            await devices.add_device(device)


def _has_moved(known: Camera, seeded: NewCamera) -> bool:
    if known.address != parse_address(seeded.address).redacted:
        return True
    onvif = seeded.onvif_address
    return bool(onvif) and known.onvif_address != parse_address(onvif or "").redacted


def _moved(camera: Camera, seeded: NewCamera) -> NewCamera:
    return NewCamera(
        code=camera.code,
        name=camera.name,
        site=camera.site,
        address=seeded.address,
        sub_address="",  # stays
        onvif_address=seeded.onvif_address or "",
        place=camera.place if camera.placed else None,
        bearing_deg=camera.bearing_deg,
        enabled=camera.enabled,
        read_plates=camera.read_plates,
        analysis_fps=camera.analysis_fps,
        vendor=camera.vendor,
        model=camera.model,
        audio=camera.audio,
        record=camera.record,
    )


def _draft(row: WantedRow, now: datetime, authority: UUID) -> EntryDraft:
    plate, kind = entry_text(row.plate)
    until = now + timedelta(days=row.valid_days)
    return EntryDraft(
        plate=plate,
        kind=kind,
        reason=row.reason,
        category=Category(row.category),
        severity=Severity(row.severity),
        case_ref=row.case_ref,
        instructions=row.instructions,
        valid_from=min(now, until - timedelta(days=30)),
        valid_until=until,
        authority=authority,
    )
