"""HTTP: the registry of site devices, their telemetry, how a site stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from amaan.city.devices.model import (
    Delivered,
    Device,
    DeviceInputError,
    DeviceKind,
    Reading,
    Standing,
    Window,
)
from amaan.city.devices.service import DeviceService, SiteStatus
from amaan.trust.audit.trail import trail_of
from amaan.trust.guards import CurrentWorker, permitted
from amaan.trust.model import Account

Viewer = Annotated[Account, Depends(permitted("video.health"))]
Editor = Annotated[Account, Depends(permitted("city.edit"))]

BATCH_MOST = 1000
_CODE = Field(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")
_NAME = Field(min_length=1, max_length=120)
_CAPACITY = Field(gt=0, le=1_000_000, description="Watt-hours of the new, full battery.")
_WINDOWS = Field(max_length=20)
Clock = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class WindowBody(BaseModel):
    """A weekly time in which the door may be open; over midnight where to is not after from."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    days: list[Annotated[int, Field(ge=0, le=6)]] = Field(min_length=1, max_length=7)
    since: Clock = Field(alias="from")
    until: Clock = Field(alias="to")


class DeviceIn(BaseModel):
    """A new device."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, _CODE]
    site: Annotated[str, _CODE]
    kind: DeviceKind
    name: Annotated[str, _NAME]
    capacity_wh: Annotated[float, _CAPACITY] | None = None
    windows: Annotated[list[WindowBody], _WINDOWS] = Field(default_factory=list)
    maintenance_until: AwareDatetime | None = None


class DevicePatch(BaseModel):
    """What is to change; what is left out stays. A null takes away what may be absent."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, _NAME] | None = None
    capacity_wh: Annotated[float, _CAPACITY] | None = None
    windows: Annotated[list[WindowBody], _WINDOWS] | None = None
    maintenance_until: AwareDatetime | None = None


class StandingOut(BaseModel):
    """How a device stands; ``received_at`` is when it was last heard."""

    state: str
    since: AwareDatetime
    detail: str
    observed_at: AwareDatetime
    received_at: AwareDatetime
    values: dict[str, bool | float | str]


class DeviceOut(BaseModel):
    """A device; ``standing`` is null for one that was never heard."""

    code: str
    site: str
    kind: DeviceKind
    name: str
    capacity_wh: float | None
    windows: list[WindowBody]
    maintenance_until: AwareDatetime | None
    standing: StandingOut | None


class DeviceList(BaseModel):
    """All devices by code."""

    items: list[DeviceOut]


class ReadingIn(BaseModel):
    """What a device tells: at, by its own clock, and values as its kind has them."""

    model_config = ConfigDict(extra="ignore")

    device: Annotated[str, _CODE]
    at: AwareDatetime
    values: dict[str, bool | float | str] = Field(
        max_length=20,
        description="power: source (mains, solar, battery, none), charge_share, load_w, solar_w, "
        "voltage_v; door: open; tamper: tampered; link: up, latency_ms, loss_share; disk: "
        "free_share, failing.",
    )


class TelemetryIn(BaseModel):
    """Readings in any order."""

    readings: list[ReadingIn] = Field(max_length=BATCH_MOST)


class RefusedOut(BaseModel):
    """A reading that was not taken, by its place in the batch. Sending it again does not help."""

    index: int
    code: str
    reason: str


class TelemetryOut(BaseModel):
    """What became of a batch."""

    accepted: int
    refused: list[RefusedOut]


class PointOut(BaseModel):
    """A reading on a chart."""

    at: AwareDatetime
    received_at: AwareDatetime
    values: dict[str, bool | float | str]


class HistoryOut(BaseModel):
    """A device's readings, oldest first, evenly thinned where there are too many to draw."""

    items: list[PointOut]


class PowerOut(BaseModel):
    """How a site is supplied: mains, solar, battery, low, out or silent."""

    state: str
    since: AwareDatetime
    detail: str
    charge_share: float | None
    load_w: float | None
    chart: list[PointOut]


class ForecastOut(BaseModel):
    """How long the battery lasts; see the documentation of devices."""

    running: bool
    basis: Literal["discharge", "past", "load", "none"]
    empties_at: AwareDatetime | None
    earliest: AwareDatetime | None
    latest: AwareDatetime | None
    hours_left: float | None
    against_8h: Literal["met", "short", "uncertain", "unknown"]


class SiteStatusOut(BaseModel):
    """How a site stands; ``power`` is null where no power device was ever heard."""

    site: str
    power: PowerOut | None
    forecast: ForecastOut
    supplies: list[DeviceOut]
    doors: list[DeviceOut]
    links: list[DeviceOut]
    disks: list[DeviceOut]


def router(service: DeviceService) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/api/city", tags=["city"])
    _add_registry(routes, service)

    @routes.post("/telemetry")
    async def take_telemetry(body: TelemetryIn, worker: CurrentWorker) -> TelemetryOut:
        """Take what devices tell, in any order; one told twice counts once."""
        del worker
        batch = [Delivered(one.device, one.at, one.values) for one in body.readings]
        accepted, refused = await service.take(batch)
        return TelemetryOut(
            accepted=accepted,
            refused=[RefusedOut(index=r.index, code=r.code, reason=r.reason) for r in refused],
        )

    @routes.get("/sites/{code}/status")
    async def read_site_status(code: str, account: Viewer) -> SiteStatusOut:
        """Return how a site is supplied, for how long yet, and how its devices stand."""
        del account
        return _status_out(await service.status(code))

    @routes.get("/devices/{code}/history")
    async def read_device_history(
        code: str,
        account: Viewer,
        since: Annotated[datetime, Query(alias="from")],
        until: Annotated[datetime, Query(alias="to")],
    ) -> HistoryOut:
        """Return what a device told, from <= observed_at < to."""
        del account
        if since.tzinfo is None or until.tzinfo is None:
            raise DeviceInputError("from and to need a time zone", field="from")
        readings = await service.history(code, since, until)
        return HistoryOut(items=[_point(reading) for reading in readings])

    return routes


def _add_registry(routes: APIRouter, service: DeviceService) -> None:
    @routes.get("/devices")
    async def list_devices(account: Viewer) -> DeviceList:
        """Return every device and how it stands."""
        del account
        return DeviceList(items=[_device_out(*pair) for pair in await service.devices()])

    @routes.post("/devices", status_code=201)
    async def add_device(body: DeviceIn, account: Editor, request: Request) -> DeviceOut:
        """Add a device; its telemetry counts from now on."""
        del account
        trail_of(request).note(device=body.code, site=body.site, kind=body.kind.value)
        given = body.model_dump(exclude={"windows"})
        device = Device(**given, windows=_windows(body.windows))
        await service.add_device(device)
        return _device_out(device, None)

    @routes.patch("/devices/{code}")
    async def change_device(
        code: str, body: DevicePatch, account: Editor, request: Request
    ) -> DeviceOut:
        """Change some of a device; its site and kind stay."""
        del account
        device = await service.device(code)
        given: dict[str, Any] = body.model_dump(exclude_unset=True, exclude={"windows"})
        if given.get("name", "") is None:
            raise DeviceInputError("a name is needed", field="name")
        if "windows" in body.model_fields_set:
            given["windows"] = _windows(body.windows or [])
        trail_of(request).note(device=code, site=device.site, changed=sorted(given))
        await service.change_device(replace(device, **given))
        every = {d.code: (d, standing) for d, standing in await service.devices()}
        return _device_out(*every.get(code, (replace(device, **given), None)))

    @routes.delete("/devices/{code}", status_code=204)
    async def remove_device(code: str, account: Editor, request: Request) -> None:
        """Take a device away; what it told stays."""
        del account
        trail_of(request).note(device=code)
        await service.remove_device(code)


def _windows(bodies: list[WindowBody]) -> tuple[Window, ...]:
    return tuple(
        Window(
            tuple(sorted(set(body.days))),
            time.fromisoformat(body.since),
            time.fromisoformat(body.until),
        )
        for body in bodies
    )


def _device_out(device: Device, standing: Standing | None) -> DeviceOut:
    return DeviceOut(
        code=device.code,
        site=device.site,
        kind=device.kind,
        name=device.name,
        capacity_wh=device.capacity_wh,
        windows=[
            WindowBody.model_validate(
                {"days": list(w.days), "from": f"{w.since:%H:%M}", "to": f"{w.until:%H:%M}"}
            )
            for w in device.windows
        ],
        maintenance_until=device.maintenance_until,
        standing=_standing_out(standing) if standing else None,
    )


def _standing_out(standing: Standing) -> StandingOut:
    return StandingOut(
        state=standing.state,
        since=standing.since,
        detail=standing.detail,
        observed_at=standing.observed_at,
        received_at=standing.received_at,
        values=dict(standing.told),
    )


def _point(reading: Reading) -> PointOut:
    at = reading.observed_at.astimezone(UTC)
    return PointOut(at=at, received_at=reading.received_at, values=dict(reading.told))


def _power_out(power: Standing, chart: Sequence[Reading]) -> PowerOut:
    charge, load = power.told.get("charge_share"), power.told.get("load_w")
    return PowerOut(
        state=power.state,
        since=power.since,
        detail=power.detail,
        charge_share=None if charge is None else float(charge),
        load_w=None if load is None else float(load),
        chart=[_point(reading) for reading in chart],
    )


def _status_out(status: SiteStatus) -> SiteStatusOut:
    expected = status.forecast
    every = [_device_out(*pair) for pair in status.devices]
    return SiteStatusOut(
        site=status.site,
        power=_power_out(status.power, status.chart) if status.power else None,
        forecast=ForecastOut(
            running=expected.running,
            basis=expected.basis,
            empties_at=expected.empties_at,
            earliest=expected.earliest,
            latest=expected.latest,
            hours_left=expected.hours_left,
            against_8h=expected.against_8h,
        ),
        supplies=[d for d in every if d.kind is DeviceKind.POWER],
        doors=[d for d in every if d.kind in (DeviceKind.DOOR, DeviceKind.TAMPER)],
        links=[d for d in every if d.kind is DeviceKind.LINK],
        disks=[d for d in every if d.kind is DeviceKind.DISK],
    )
