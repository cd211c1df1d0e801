"""Serves a whole simulated city and says where each of its cameras is reached."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from amaan.city.model import NewCamera, Site
from amaan.simulation.city import By, DemoCamera, DemoCity, more_cameras
from amaan.simulation.library import MJPEG_EVERY, Library
from amaan.simulation.loops import read_loop
from amaan.simulation.mjpeg import MjpegServer, PictureStream, pictures_of
from amaan.simulation.rtsp import RtspServer
from amaan.simulation.streams import Stream
from amaan.simulation.street.light import HEIGHT, WIDTH
from amaan.simulation.street.render import FPS

if TYPE_CHECKING:
    from amaan.simulation.onvif import OnvifDevice, OnvifServer

USER = "viewer"
SHIFT_S = 7.0  # cameras that show one loop are so far apart in it
UNREACHABLE_PORT = 9  # "discard": nobody listens there
COLUMNS = (
    *("code", "name", "site", "address", "lon", "lat", "bearing_deg", "analysis_fps"),
    "onvif_address",
)
STREAM_KBPS = 300  # about what the loops have
ANALYSIS_FPS = 4.0  # every second picture of the loops


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the servers listen. ``password`` empty: no sign-in; ``onvif`` 0: no camera turns."""

    host: str
    rtsp: int
    http: int
    password: str = ""
    onvif: int = 0

    @property
    def _user(self) -> str:
        return f"{USER}:{quote(self.password, safe='')}@" if self.password else ""

    def rtsp_address(self, code: str) -> str:
        """Return a camera's whole address, with its password."""
        return f"rtsp://{self._user}{self.host}:{self.rtsp}/{code}"

    @property
    def onvif_address(self) -> str:
        """Return where the camera that turns takes orders, with its password."""
        return f"http://{self._user}{self.host}:{self.onvif}/onvif/device_service"


def cameras_of(
    city: DemoCity, library: Library, ports: Ports, count: int | None = None
) -> list[NewCamera]:
    """Return the city's cameras as an administrator would enter them.

    With ``count``, so many RTSP cameras instead, which share the city's loops.
    """
    if count is not None:
        return [
            _entered(code, camera, ports.rtsp_address(code))
            for code, camera in more_cameras(city, count)
        ]
    addresses = {
        By.RTSP: lambda c: ports.rtsp_address(c.code),
        By.MJPEG: lambda c: f"http://{ports.host}:{ports.http}/{c.code}",
        By.FILM: lambda c: f"file:{library.film(c).absolute()}",
        By.STILLS: lambda c: f"folder:{library.stills(c).absolute()}",
        By.NOTHING: lambda c: f"rtsp://{ports.host}:{UNREACHABLE_PORT}/{c.code}",
    }
    entered = [_entered(c.code, c, addresses[c.by](c)) for c in city.cameras]
    turns = turning(city)
    return [
        replace(c, onvif_address=ports.onvif_address) if ports.onvif and c.code == turns else c
        for c in entered
    ]


def turning(city: DemoCity) -> str:
    """Return the code of the camera that says it turns: the first of RTSP."""
    return next(camera.code for camera in city.cameras if camera.by is By.RTSP)


def turning_device(city: DemoCity, ports: Ports) -> OnvifDevice:
    """Return what that camera says of itself. Its picture stays as it is, however it turns."""
    from amaan.simulation.onvif import OnvifDevice, SimulatedStream

    shown = replace(ports, password="").rtsp_address(turning(city))
    stream = SimulatedStream("main", shown, WIDTH, HEIGHT, FPS, gop=FPS, kbps=STREAM_KBPS)
    return OnvifDevice([stream], USER, ports.password)


def _entered(code: str, camera: DemoCamera, address: str) -> NewCamera:
    return NewCamera(
        code=code,
        name=camera.name,
        site=camera.site,
        address=address,
        place=camera.place,
        bearing_deg=camera.bearing_deg,
        analysis_fps=ANALYSIS_FPS,
    )


def as_csv(cameras: Sequence[NewCamera]) -> str:
    """Return cameras as `amaan cameras import` takes them; addresses hold the password."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for c in cameras:
        place = ("", "") if c.place is None else (c.place.lon, c.place.lat)
        row = (c.code, c.name, c.site, c.address, *place, c.bearing_deg, f"{c.analysis_fps:g}")
        writer.writerow((*row, c.onvif_address or ""))
    return out.getvalue()


def as_geojson(sites: Sequence[Site]) -> str:
    """Return sites as `amaan cameras sites` takes them."""
    features = [
        {
            "type": "Feature",
            "properties": {
                "code": site.code,
                "name": site.name,
                "name_ur": site.name_ur,
                "kind": site.kind.value,
            },
            "geometry": {"type": "Point", "coordinates": [site.place.lon, site.place.lat]},
        }
        for site in sites
    ]
    collection = {"type": "FeatureCollection", "features": features}
    return json.dumps(collection, ensure_ascii=False, indent=1) + "\n"


class CityServers:
    """A city's servers: RTSP, MJPEG, and the ONVIF of the one camera that turns."""

    def __init__(self, city: DemoCity, library: Library, count: int | None = None) -> None:
        self._city, self._library, self._count = city, library, count
        self.rtsp: RtspServer | None = None
        self.http: MjpegServer | None = None
        self.onvif: OnvifServer | None = None

    async def start(self, wanted: Ports) -> Ports:
        """Load the films and listen; of ports that are 0 any free. Raises LoopError, OSError.

        With a count of cameras there is none that turns.
        """
        streams, pictures = await asyncio.to_thread(self._load)
        self.rtsp = RtspServer(streams, user=USER, password=wanted.password)
        self.http = MjpegServer(pictures)
        host = wanted.host
        ports = replace(
            wanted,
            rtsp=await self.rtsp.start(host, wanted.rtsp),
            http=await self.http.start(host, wanted.http),
        )
        if self._count is not None:
            return replace(ports, onvif=0)
        return replace(ports, onvif=await self._start_turning(ports))

    async def _start_turning(self, ports: Ports) -> int:
        from amaan.simulation.onvif import OnvifServer

        self.onvif = OnvifServer(turning_device(self._city, ports))
        return await self.onvif.start(ports.host, ports.onvif)

    async def close(self) -> None:
        """Stop all."""
        for server in (self.rtsp, self.http, self.onvif):
            if server is not None:
                await server.close()

    def _load(self) -> tuple[dict[str, Stream], dict[str, PictureStream]]:
        streams: dict[str, Stream] = {}
        pictures: dict[str, PictureStream] = {}
        loops = {}
        own = [(c.code, c) for c in self._city.cameras]
        shown = own if self._count is None else more_cameras(self._city, self._count)
        loops_shown = {camera.code for _, camera in shown}
        for number, (code, camera) in enumerate(shown):
            path = self._library.loop(camera)
            if camera.by is By.RTSP:
                if path not in loops:
                    loops[path] = read_loop(path)
                turn = 0 if self._count is None else number // len(loops_shown)
                streams[code] = Stream(code, loops[path], shift_s=turn * SHIFT_S)
            elif camera.by is By.MJPEG:
                taken = list(pictures_of(path, MJPEG_EVERY))
                pictures[code] = PictureStream(code, FPS / MJPEG_EVERY, taken)
        return streams, pictures
