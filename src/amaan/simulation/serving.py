"""Serves a whole simulated city and says where each of its cameras is reached."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from amaan.city.model import NewCamera, Site
from amaan.simulation.city import By, DemoCamera, DemoCity, more_cameras
from amaan.simulation.library import MJPEG_EVERY, Library
from amaan.simulation.loops import read_loop
from amaan.simulation.mjpeg import MjpegServer, PictureStream, pictures_of
from amaan.simulation.rtsp import RtspServer
from amaan.simulation.streams import Stream
from amaan.simulation.street.render import FPS

USER = "viewer"
SHIFT_S = 7.0  # cameras that show one loop are so far apart in it
UNREACHABLE_PORT = 9  # "discard": nobody listens there
COLUMNS = ("code", "name", "site", "address", "lon", "lat", "bearing_deg", "analysis_fps")
ANALYSIS_FPS = 4.0  # every second picture of the loops


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the two servers listen. ``password`` empty: no sign-in."""

    host: str
    rtsp: int
    http: int
    password: str = ""

    def rtsp_address(self, code: str) -> str:
        """Return a camera's whole address, with its password."""
        user = f"{USER}:{quote(self.password, safe='')}@" if self.password else ""
        return f"rtsp://{user}{self.host}:{self.rtsp}/{code}"


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
    return [_entered(c.code, c, addresses[c.by](c)) for c in city.cameras]


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
        writer.writerow(row)
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
    """The RTSP and the MJPEG server of a city."""

    def __init__(self, city: DemoCity, library: Library, count: int | None = None) -> None:
        self._city, self._library, self._count = city, library, count
        self.rtsp: RtspServer | None = None
        self.http: MjpegServer | None = None

    async def start(self, host: str, rtsp_port: int, http_port: int, password: str = "") -> Ports:
        """Load the films and listen. Raises LoopError, OSError."""
        streams, pictures = await asyncio.to_thread(self._load)
        self.rtsp = RtspServer(streams, user=USER, password=password)
        self.http = MjpegServer(pictures)
        rtsp = await self.rtsp.start(host, rtsp_port)
        return Ports(host, rtsp, await self.http.start(host, http_port), password)

    async def close(self) -> None:
        """Stop both."""
        for server in (self.rtsp, self.http):
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
