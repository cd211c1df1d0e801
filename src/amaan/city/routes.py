"""/api/city: sites, cameras, the base map."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import FileResponse, JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from amaan.city.model import (
    DEFAULT_ANALYSIS_FPS,
    Camera,
    CityInputError,
    NewCamera,
    RecordMode,
    RecordPlan,
    Site,
    SiteKind,
    WeeklyTime,
)
from amaan.city.service import CityService
from amaan.kernel.geography import Point
from amaan.trust.guards import permitted
from amaan.trust.model import Account

Viewer = Annotated[Account, Depends(permitted("city.view"))]
Editor = Annotated[Account, Depends(permitted("city.edit"))]
GEOJSON = "application/geo+json"

_CODE = Field(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")
_NAME = Field(min_length=1, max_length=120)
_LON = Field(ge=-180, le=180)
_LAT = Field(ge=-90, le=90)
_BEARING = Field(ge=0, lt=360)
_FPS = Field(gt=0, le=60)
_LABEL = Field(max_length=120)
_ADDRESS = Field(max_length=2048)


class SiteIn(BaseModel):
    """A new site."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, _CODE]
    name: Annotated[str, _NAME]
    name_ur: str = Field(default="", max_length=120)
    kind: SiteKind
    lon: Annotated[float, _LON]
    lat: Annotated[float, _LAT]


class PointOut(BaseModel):
    """GeoJSON point: longitude, latitude."""

    type: Literal["Point"] = "Point"
    coordinates: tuple[float, float]


class SiteProperties(BaseModel):
    """A site without its place."""

    code: str
    name: str
    name_ur: str
    kind: SiteKind


class SiteFeature(BaseModel):
    """GeoJSON feature of a site."""

    type: Literal["Feature"] = "Feature"
    id: str
    geometry: PointOut
    properties: SiteProperties


class SiteCollection(BaseModel):
    """GeoJSON collection of all sites."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[SiteFeature]


class WeeklyTimeBody(BaseModel):
    """A time on some days of the week, local. Monday is 0; ``to`` is 24:00 at most."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    days: Annotated[list[int], Field(min_length=1, max_length=7)]
    start: Annotated[str, Field(alias="from", max_length=5)]
    end: Annotated[str, Field(alias="to", max_length=5)]


class RecordingBody(BaseModel):
    """What of a camera is recorded, and how much of it is kept at its worker.

    ``schedule`` counts in mode ``scheduled``, ``before_s`` and ``after_s`` in ``event``. ``days``
    and ``gigabytes`` null: no limit of its own.
    """

    model_config = ConfigDict(extra="forbid")

    mode: RecordMode = RecordMode.CONTINUOUS
    schedule: Annotated[list[WeeklyTimeBody], Field(max_length=50)] = []
    before_s: Annotated[float, Field(ge=0, le=60)] = 10.0
    after_s: Annotated[float, Field(ge=0, le=600)] = 30.0
    days: Annotated[int, Field(ge=1, le=3650)] | None = None
    gigabytes: Annotated[float, Field(gt=0, le=100_000)] | None = None

    @classmethod
    def of(cls, plan: RecordPlan) -> RecordingBody:
        """Return a plan as the API shows it."""
        return cls(
            mode=plan.mode,
            schedule=[
                WeeklyTimeBody(days=list(one.days), start=one.start, end=one.end)
                for one in plan.schedule
            ],
            before_s=plan.before_s,
            after_s=plan.after_s,
            days=plan.days,
            gigabytes=plan.gigabytes,
        )

    def plan(self) -> RecordPlan:
        """Return the plan that this says."""
        times = tuple(WeeklyTime(tuple(t.days), t.start, t.end) for t in self.schedule)
        return RecordPlan(self.mode, times, self.before_s, self.after_s, self.days, self.gigabytes)


class CameraIn(BaseModel):
    """A new camera. Without lon and lat it stands where its site does."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, _CODE]
    name: Annotated[str, _NAME]
    site: Annotated[str, _CODE]
    lon: Annotated[float, _LON] | None = None
    lat: Annotated[float, _LAT] | None = None
    bearing_deg: Annotated[float, _BEARING] | None = None
    address: str = Field(
        min_length=1,
        max_length=2048,
        description="rtsp://, rtsps://, http://, https://, file:PATH or folder:PATH, with user "
        "and password where needed. No answer ever shows the password.",
    )
    enabled: bool = True
    read_plates: bool = True
    analysis_fps: Annotated[float, _FPS] = DEFAULT_ANALYSIS_FPS
    sub_address: Annotated[str, _ADDRESS] | None = Field(
        default=None, description="Of the smaller stream, like ``address``; null: there is none."
    )
    onvif_address: Annotated[str, _ADDRESS] | None = Field(
        default=None,
        description="http:// or https:// address of the ONVIF service with user and password; "
        "null: there is none.",
    )
    vendor: Annotated[str, _LABEL] = ""
    model: Annotated[str, _LABEL] = ""
    audio: bool = False
    recording: RecordingBody = RecordingBody()


class CameraPatch(BaseModel):
    """What is to change; what is left out stays. A second address that is null goes."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, _NAME] | None = None
    site: Annotated[str, _CODE] | None = None
    lon: Annotated[float, _LON] | None = None
    lat: Annotated[float, _LAT] | None = None
    bearing_deg: Annotated[float, _BEARING] | None = None
    address: str | None = Field(default=None, min_length=1, max_length=2048)
    enabled: bool | None = None
    read_plates: bool | None = None
    analysis_fps: Annotated[float, _FPS] | None = None
    sub_address: Annotated[str, _ADDRESS] | None = None
    onvif_address: Annotated[str, _ADDRESS] | None = None
    vendor: Annotated[str, _LABEL] | None = None
    model: Annotated[str, _LABEL] | None = None
    audio: bool | None = None
    recording: RecordingBody | None = None


class CameraOut(BaseModel):
    """A camera; addresses have *** for the password."""

    code: str
    name: str
    site: str
    lon: float
    lat: float
    bearing_deg: float | None
    address: str
    enabled: bool
    read_plates: bool
    analysis_fps: float
    sub_address: str | None
    onvif_address: str | None
    vendor: str
    model: str
    audio: bool
    recording: RecordingBody


class CameraPage(BaseModel):
    """Cameras by code; ``next_cursor`` is null on the last page."""

    items: list[CameraOut]
    next_cursor: str | None


class RejectedRowOut(BaseModel):
    """A line that was not taken; ``row`` has *** for passwords."""

    line: int
    column: str
    reason: str
    row: str


class ImportOut(BaseModel):
    """What became of a file."""

    accepted: int
    rejected: list[RejectedRowOut]


def _camera_out(camera: Camera) -> CameraOut:
    return CameraOut(
        code=camera.code,
        name=camera.name,
        site=camera.site,
        lon=camera.place.lon,
        lat=camera.place.lat,
        bearing_deg=camera.bearing_deg,
        address=camera.address,
        enabled=camera.enabled,
        read_plates=camera.read_plates,
        analysis_fps=camera.analysis_fps,
        sub_address=camera.sub_address,
        onvif_address=camera.onvif_address,
        vendor=camera.vendor,
        model=camera.model,
        audio=camera.audio,
        recording=RecordingBody.of(camera.record),
    )


def _site_feature(site: Site) -> SiteFeature:
    return SiteFeature(
        id=site.code,
        geometry=PointOut(coordinates=(site.place.lon, site.place.lat)),
        properties=SiteProperties(
            code=site.code, name=site.name, name_ur=site.name_ur, kind=site.kind
        ),
    )


def _place(lon: float | None, lat: float | None) -> Point | None:
    if (lon is None) != (lat is None):
        raise CityInputError("lon and lat stand together or not at all", field="lon")
    return None if lon is None or lat is None else Point(lon, lat)


def _patched(camera: Camera, patch: CameraPatch) -> NewCamera:
    """Return the whole camera after a change; an empty address keeps the one it has."""
    given: dict[str, Any] = patch.model_dump(exclude_unset=True)
    settings = ("vendor", "model", "audio", "recording")
    for name in ("name", "site", "enabled", "read_plates", "analysis_fps", *settings):
        if given.get(name, "") is None:
            raise CityInputError("null is no value here: leave it out", field=name)
    own = camera.place if camera.placed else None
    lon = given.get("lon", own.lon if own else None)
    lat = given.get("lat", own.lat if own else None)
    return NewCamera(
        code=camera.code,
        name=given.get("name", camera.name),
        site=given.get("site", camera.site),
        address=given.get("address") or "",
        place=_place(lon, lat),
        bearing_deg=given.get("bearing_deg", camera.bearing_deg),
        enabled=given.get("enabled", camera.enabled),
        read_plates=given.get("read_plates", camera.read_plates),
        analysis_fps=given.get("analysis_fps", camera.analysis_fps),
        sub_address=given.get("sub_address", ""),
        onvif_address=given.get("onvif_address", ""),
        vendor=given.get("vendor", camera.vendor),
        model=given.get("model", camera.model),
        audio=given.get("audio", camera.audio),
        record=patch.recording.plan() if patch.recording else camera.record,
    )


def router(service: CityService, basemap: Path | None) -> APIRouter:
    """Return the routes of city; ``basemap`` is a GeoJSON file, None where there is none."""
    routes = APIRouter(prefix="/api/city", tags=["city"])
    _add_sites(routes, service, basemap)
    _add_cameras(routes, service)
    return routes


def _add_sites(routes: APIRouter, service: CityService, basemap: Path | None) -> None:
    @routes.get("/sites", response_class=JSONResponse)
    async def list_sites(account: Viewer) -> SiteCollection:
        """Return all sites as GeoJSON."""
        del account
        return SiteCollection(features=[_site_feature(site) for site in await service.sites()])

    @routes.post("/sites", status_code=201)
    async def add_site(body: SiteIn, account: Editor) -> SiteFeature:
        """Add a site."""
        del account
        site = Site(body.code, body.name, body.name_ur, body.kind, Point(body.lon, body.lat))
        await service.add_site(site)
        return _site_feature(site)

    @routes.get("/basemap", responses={200: {"content": {GEOJSON: {}}}}, response_class=Response)
    async def read_basemap(account: Viewer) -> Response:
        """Return the lines and areas to draw under everything, as GeoJSON."""
        del account
        if basemap is None or not await asyncio.to_thread(basemap.is_file):
            empty = '{"type":"FeatureCollection","features":[]}'
            return Response(empty, media_type=GEOJSON)
        return FileResponse(basemap, media_type=GEOJSON)


def _add_cameras(routes: APIRouter, service: CityService) -> None:
    @routes.get("/cameras")
    async def list_cameras(
        account: Viewer,
        cursor: Annotated[str, Query(max_length=40)] = "",
        limit: Annotated[int, Query(ge=1, le=2000)] = 2000,
    ) -> CameraPage:
        """Return cameras by code."""
        del account
        found = await service.cameras(cursor, limit + 1)
        more = len(found) > limit
        return CameraPage(
            items=[_camera_out(camera) for camera in found[:limit]],
            next_cursor=found[limit - 1].code if more else None,
        )

    @routes.post("/cameras", status_code=201)
    async def add_camera(body: CameraIn, account: Editor) -> CameraOut:
        """Add a camera; a worker begins to watch it within seconds."""
        del account
        given = body.model_dump(exclude={"lon", "lat", "recording"})
        place, plan = _place(body.lon, body.lat), body.recording.plan()
        return _camera_out(await service.add_camera(NewCamera(**given, place=place, record=plan)))

    @routes.patch("/cameras/{code}")
    async def change_camera(code: str, body: CameraPatch, account: Editor) -> CameraOut:
        """Change some of a camera."""
        del account
        changed = _patched(await service.camera(code), body)
        return _camera_out(await service.change_camera(changed))

    @routes.delete("/cameras/{code}", status_code=204)
    async def remove_camera(code: str, account: Editor) -> None:
        """Take a camera away; what it saw stays."""
        del account
        await service.remove_camera(code)

    @routes.post(
        "/cameras/import",
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"text/csv": {"schema": {"type": "string"}}},
            }
        },
    )
    async def import_cameras(request: Request, account: Editor) -> ImportOut:
        """Add or replace cameras from CSV with a heading; every bad line is reported."""
        del account
        try:
            text = (await request.body()).decode("utf-8")
        except UnicodeDecodeError as error:
            raise CityInputError("the file is not UTF-8") from error
        report = await service.import_cameras(text)
        return ImportOut(
            accepted=report.accepted,
            rejected=[
                RejectedRowOut(line=r.line, column=r.column, reason=r.reason, row=r.row)
                for r in report.rejected
            ],
        )
