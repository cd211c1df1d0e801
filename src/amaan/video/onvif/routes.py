"""HTTP: finding, probing and trying cameras. No answer holds a user's password."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from amaan.kernel.errors import InvalidError
from amaan.trust.audit.trail import trail_of
from amaan.trust.guards import permitted
from amaan.trust.model import Account
from amaan.video.onvif.service import CameraSetup

SetterUp = Annotated[Account, Depends(permitted("video.set_up"))]
Code = Annotated[str, Field(min_length=1, max_length=64)]
WorkerName = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class SearchBody(_Body):
    """Where to look. No network: whoever hears a datagram to the group at the worker's site."""

    worker: WorkerName | None = None
    networks: Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=8)] = []


class FoundBody(_Body):
    """A device that answered."""

    host: str
    address: str
    name: str
    hardware: str
    location: str


class FoundItems(_Body):
    """``elsewhere`` counts devices whose answers pointed to another place: left out."""

    worker: str
    found: list[FoundBody]
    elsewhere: int


class ProbeBody(_Body):
    """A camera that runs, or where one is and how to sign in there."""

    camera: Code | None = None
    worker: WorkerName | None = None
    host: Annotated[str, Field(max_length=255)] = ""
    port: Annotated[int, Field(ge=1, le=65535)] = 80
    path: Annotated[str, Field(max_length=255, pattern=r"^/[^\s?#@]*$")] = "/onvif/device_service"
    tls: bool = False
    username: Annotated[str, Field(max_length=64)] = ""
    password: Annotated[SecretStr, Field(max_length=128)] = SecretStr("")

    def address(self) -> str:
        """Return the whole address, with its password: never log this."""
        if not self.host:
            raise InvalidError("a host or a camera is needed", field="host")
        user = quote(self.username, safe="")
        secret = quote(self.password.get_secret_value(), safe="")
        login = f"{user}:{secret}@" if user else ""
        host = f"[{self.host}]" if ":" in self.host and "[" not in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{login}{host}:{self.port}{self.path}"


class EncoderBody(_Body):
    """How a stream is coded. ``gop``: pictures from keyframe to keyframe. 0: not told."""

    token: str
    codec: str
    width: int
    height: int
    fps: float
    gop: int
    kbps: int


class ProfileBody(_Body):
    """A stream that the camera offers; its address has no user and no password."""

    token: str
    name: str
    encoder: EncoderBody
    audio: bool
    ptz: bool
    stream_uri: str


class DescriptionBody(_Body):
    """A camera. ``clock_offset_s`` > 0: its clock is ahead; null: it does not say."""

    vendor: str
    model: str
    firmware: str
    clock_offset_s: float | None
    profile: Literal["S", "T"]
    ptz: bool
    profiles: list[ProfileBody]


class EncoderChange(_Body):
    """What an encoder should do."""

    token: Annotated[str, Field(min_length=1, max_length=64)]
    fps: Annotated[int, Field(ge=1, le=120)]
    gop: Annotated[int, Field(ge=1, le=1000)]


class TestPictureBody(_Body):
    """A camera that runs, or an address with its user and password."""

    camera: Code | None = None
    stream: Literal["main", "sub"] = "main"
    worker: WorkerName | None = None
    address: Annotated[SecretStr, Field(max_length=2048)] = SecretStr("")


class SetupWorkers(_Body):
    """The workers that can be asked now."""

    workers: list[str]


def router(setup: CameraSetup) -> APIRouter:
    """Return the routes, under ``/api/video``."""
    routes = APIRouter(prefix="/api/video", tags=["video"])

    @routes.get("/set-up")
    async def get_setup(account: SetterUp) -> SetupWorkers:
        """Return who can search and probe now."""
        del account
        return SetupWorkers(workers=setup.workers())

    @routes.post("/discovery")
    async def discover_cameras(body: SearchBody, account: SetterUp, request: Request) -> FoundItems:
        """Search a worker's site for ONVIF devices; takes some seconds."""
        del account
        trail_of(request).note(networks=",".join(body.networks))
        told = await setup.discover(body.worker, body.networks)
        return FoundItems.model_validate(told)

    @routes.post("/probes")
    async def probe_camera(body: ProbeBody, account: SetterUp, request: Request) -> DescriptionBody:
        """Ask a camera what it is and which streams it has."""
        del account
        if body.camera is not None:
            trail_of(request).note(camera=body.camera, cameras=[body.camera])
            return DescriptionBody.model_validate(await setup.probe_camera(body.camera))
        trail_of(request).note(host=_shown(body.host), port=body.port)
        return DescriptionBody.model_validate(await setup.probe(body.worker, body.address()))

    @routes.post("/cameras/{camera}/encoder")
    async def set_encoder(
        camera: Annotated[str, Path(min_length=1, max_length=64)],
        body: EncoderChange,
        account: SetterUp,
        request: Request,
    ) -> EncoderBody:
        """Set pictures a second and keyframe distance of a stream, at the camera itself."""
        del account
        trail_of(request).note(camera=camera, cameras=[camera], fps=body.fps, gop=body.gop)
        told = await setup.set_encoder(camera, body.token, body.fps, body.gop)
        return EncoderBody.model_validate(told)

    @routes.post(
        "/test-pictures",
        response_class=Response,
        responses={200: {"content": {"image/jpeg": {}}}},
    )
    async def take_test_picture(
        body: TestPictureBody, account: SetterUp, request: Request
    ) -> Response:
        """Return one picture as it comes from the camera now; it is kept nowhere."""
        del account
        if body.camera is not None:
            trail_of(request).note(camera=body.camera, cameras=[body.camera], stream=body.stream)
            picture = await setup.picture_of(body.camera, body.stream)
        else:
            picture = await setup.picture(body.worker, body.address.get_secret_value())
        return Response(picture, media_type="image/jpeg", headers={"Cache-Control": "no-store"})

    return routes


def _shown(host: str) -> str:
    """Return a host for the audit log; what may hold more than a host is left out."""
    plain = all(character.isalnum() or character in ".-:[]" for character in host)
    return host if plain else "(not a host)"
