"""Answers the centre about cameras that only this site's network reaches.

Searches, probes, test pictures, encoders, motors. Addresses come sealed: the line to the centre
may be plain, and no message of it holds a password.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

import cv2
import msgspec

from amaan.app.worker.centre import AssignedCamera
from amaan.app.worker.channel import Answerer, Arguments, Streamed
from amaan.city.address import CameraAddress, parse_address
from amaan.kernel.errors import InvalidError, NotFoundError, UnavailableError
from amaan.kernel.events import JsonValue
from amaan.trust.sealing import Sealer, SealError, camera_purpose
from amaan.video.decoding import FrameDecoder
from amaan.video.onvif.discovery import discover
from amaan.video.onvif.errors import OnvifError
from amaan.video.onvif.model import PROBE_PURPOSE, Description
from amaan.video.onvif.reach import Reach
from amaan.video.settings import VideoSettings
from amaan.video.sources import open_source

if TYPE_CHECKING:
    from amaan.video.onvif.device import OnvifCamera

PICTURE_WITHIN_S = 12.0
PROBE_WITHIN_S = 25.0
CLOCK_WITHIN_S = 4.0
JPEG_QUALITY = 85
CONNECTIONS_KEPT = 64
CONNECTION_LASTS_S = 300.0
TURN_WITHIN_S = 8.0

Find = Callable[[str], AssignedCamera | None]


class _Search(msgspec.Struct, frozen=True):
    networks: tuple[str, ...] = ()


class _Wish(msgspec.Struct, frozen=True):
    """A camera that runs here, or a sealed address of one that does not yet."""

    camera: str = ""
    address_sealed: str = ""
    stream: Literal["main", "sub"] = "main"


class _Encode(msgspec.Struct, frozen=True):
    camera: str
    token: str
    fps: int
    gop: int


class _Turn(msgspec.Struct, frozen=True):
    camera: str
    action: Literal["move", "stop", "preset", "home", "presets"]
    pan: float = 0.0
    tilt: float = 0.0
    zoom: float = 0.0
    preset: str | None = None


@dataclass(slots=True)
class _Connection:
    """What is known of a camera that was turned lately. ``lock``: one act at a time."""

    sealed: str
    made_at: float
    camera: OnvifCamera
    profile: str
    lock: threading.Lock


class CameraAnswers:
    """Answers ``onvif.*`` and ``camera.test``. ``find`` returns a camera that runs here."""

    def __init__(self, find: Find, sealer: Sealer, settings: VideoSettings) -> None:
        self._find = find
        self._sealer = sealer
        self._settings = settings
        self._connections: dict[str, _Connection] = {}
        self.when_turned: Callable[[str], None] | None = None
        self._lock = threading.Lock()

    def register(self, answerer: Answerer) -> None:
        """Have all kinds answered."""
        answerer.register("onvif.discover", self.discover, most=1)
        answerer.register("onvif.probe", self.probe, most=4)
        answerer.register("onvif.encoder", self.set_encoder, most=2)
        answerer.register("onvif.ptz", self.turn, most=16)
        answerer.register("camera.test", self.picture, most=3)

    def discover(self, arguments: Arguments) -> dict[str, JsonValue]:
        """Return the devices that answer a search."""
        wish = msgspec.convert(arguments, _Search)
        search = discover(wish.networks, self._settings.networks)
        return {"found": [asdict(one) for one in search.found], "elsewhere": search.elsewhere}

    def probe(self, arguments: Arguments) -> dict[str, JsonValue]:
        """Return what a camera is and offers."""
        wish = msgspec.convert(arguments, _Wish)
        camera = self._greeted(self._onvif_address(wish), PROBE_WITHIN_S)
        return _told(camera.describe())

    def set_encoder(self, arguments: Arguments) -> dict[str, JsonValue]:
        """Set how a camera codes a stream; return how it does now."""
        wish = msgspec.convert(arguments, _Encode)
        camera = self._greeted(self._onvif_address(_Wish(wish.camera)), PROBE_WITHIN_S)
        return asdict(camera.set_encoder(wish.token, wish.fps, wish.gop))

    def picture(self, arguments: Arguments) -> Streamed:
        """Return one picture of a stream as JPEG, as it comes from the camera now."""
        wish = msgspec.convert(arguments, _Wish)
        jpeg, width, height = first_picture(self._stream_address(wish), self._settings)
        return Streamed({"width": width, "height": height}, iter([jpeg]))

    def turn(self, arguments: Arguments) -> dict[str, JsonValue]:
        """Turn a camera, or return the positions that it knows."""
        wish = msgspec.convert(arguments, _Turn)
        known = self._connection(wish.camera)
        with known.lock:
            known.camera.reach.extend(TURN_WITHIN_S)
            if self.when_turned is not None and wish.action in ("move", "preset", "home"):
                self.when_turned(wish.camera)
            try:
                return _turned(known, wish)
            except OnvifError:
                self._forget(wish.camera)  # it may have begun anew, with other tokens
                raise

    def clock_ahead(self, code: str) -> float | None:
        """Return by how many seconds a running camera's clock is ahead of ours; None: unsaid.

        Blocks for some seconds at most. Raises AmaanError.
        """
        from amaan.video.onvif.device import OnvifCamera

        address = self._onvif_address(_Wish(code))
        return OnvifCamera(Reach(address, self._settings.networks, CLOCK_WITHIN_S)).read_clock()

    # -- addresses ---------------------------------------------------------------------------

    def _greeted(self, address: CameraAddress, within_s: float) -> OnvifCamera:
        """Return a camera whose clock and services are known; SOAP is loaded with the first."""
        from amaan.video.onvif.device import OnvifCamera

        camera = OnvifCamera(Reach(address, self._settings.networks, within_s))
        camera.greet()
        return camera

    def _running(self, code: str) -> AssignedCamera:
        camera = self._find(code)
        if camera is None:
            raise NotFoundError("this worker does not run that camera")
        return camera

    def _onvif_address(self, wish: _Wish) -> CameraAddress:
        if not wish.camera:
            return self._opened(wish.address_sealed, PROBE_PURPOSE)
        sealed = self._running(wish.camera).onvif_sealed
        if sealed is None:
            raise NotFoundError("no ONVIF address is entered for this camera")
        return self._opened(sealed, camera_purpose(wish.camera))

    def _stream_address(self, wish: _Wish) -> CameraAddress:
        if not wish.camera:
            return self._opened(wish.address_sealed, PROBE_PURPOSE)
        camera = self._running(wish.camera)
        sealed = camera.address_sealed if wish.stream == "main" else camera.sub_address_sealed
        if sealed is None:
            raise NotFoundError("this camera has no second stream")
        return self._opened(sealed, camera_purpose(wish.camera))

    def _opened(self, sealed: str, purpose: str) -> CameraAddress:
        try:
            return parse_address(self._sealer.unseal(sealed, purpose=purpose))
        except SealError:
            raise InvalidError("this worker cannot open what the centre sealed") from None

    # -- motors ------------------------------------------------------------------------------

    def _connection(self, code: str) -> _Connection:
        sealed = self._running(code).onvif_sealed
        if sealed is None:
            raise NotFoundError("no ONVIF address is entered for this camera")
        now = time.monotonic()
        with self._lock:
            known = self._connections.get(code)
        if known and known.sealed == sealed and now - known.made_at < CONNECTION_LASTS_S:
            return known
        camera = self._greeted(self._opened(sealed, camera_purpose(code)), TURN_WITHIN_S)
        fresh = _Connection(sealed, now, camera, camera.turnable(), threading.Lock())
        with self._lock:
            if len(self._connections) >= CONNECTIONS_KEPT:
                self._connections.clear()
            self._connections[code] = fresh
        return fresh

    def _forget(self, code: str) -> None:
        with self._lock:
            self._connections.pop(code, None)


def first_picture(address: CameraAddress, settings: VideoSettings) -> tuple[bytes, int, int]:
    """Return the first whole picture of a stream as JPEG, with its width and height.

    Blocks for some seconds at most. Raises SourceError, UnavailableError when none comes in time.
    """
    source = open_source(address, settings)
    alarm = threading.Timer(PICTURE_WITHIN_S, source.interrupt)
    alarm.daemon = True
    alarm.start()
    decoder = FrameDecoder(fps=None, max_pixels=settings.max_pixels, live=True)
    until = time.monotonic() + PICTURE_WITHIN_S
    try:
        for coded in source.packets():
            for shown in decoder.decode(coded):
                done, jpeg = cv2.imencode(
                    ".jpg", shown.image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
                )
                if done:
                    return jpeg.tobytes(), shown.image.shape[1], shown.image.shape[0]
            if time.monotonic() > until:
                break
    finally:
        alarm.cancel()
        source.close()
    raise UnavailableError("the camera gives no picture in time")


def _turned(known: _Connection, wish: _Turn) -> dict[str, JsonValue]:
    camera, profile = known.camera, known.profile
    if wish.action == "presets":
        return {"presets": [asdict(one) for one in camera.positions(profile)]}
    if wish.action == "move":
        camera.move(profile, wish.pan, wish.tilt, wish.zoom)
    elif wish.action == "stop":
        camera.stop(profile)
    elif wish.action == "home":
        camera.go_home(profile)
    elif wish.preset:
        camera.go_to(profile, wish.preset)
    else:
        raise InvalidError("a preset is named")
    return {}


def _told(said: Description) -> dict[str, JsonValue]:
    return {
        "vendor": said.vendor,
        "model": said.model,
        "firmware": said.firmware,
        "clock_offset_s": said.clock_offset_s,
        "profile": "T" if said.media2 else "S",
        "ptz": said.ptz,
        "profiles": [asdict(one) for one in said.profiles],
    }
