"""One ONVIF camera: its clock first, then what it is, its streams, its encoders, its pictures.

Profile T cameras are asked by Media2, those of Profile S by Media.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from amaan.video.onvif import media2
from amaan.video.onvif.errors import (
    OnvifAnswerError,
    OnvifElsewhereError,
    OnvifUnauthorisedError,
)
from amaan.video.onvif.model import Description, Encoder, Position, Profile
from amaan.video.onvif.reach import Reach
from amaan.video.onvif.soap import MEDIA, MEDIA2, PTZ, Soap

PROFILES_MOST = 32
POSITIONS_MOST = 256
PICTURE_BYTES = 8 << 20
MOVE_LASTS = timedelta(seconds=4)  # the camera's own end of a move that nobody stops
NEW_KEYFRAME_MOST = 1000
FPS_MOST = 120


class OnvifCamera:
    """Speaks to one camera; not for several threads at once."""

    def __init__(self, reach: Reach) -> None:
        self.reach = reach
        self._soap = Soap(reach)
        self.clock_offset_s: float | None = None
        self._media = ""
        self._media2 = ""
        self._ptz = ""

    def greet(self) -> None:
        """Read the clock, then where the services are. Raises OnvifError."""
        self.clock_offset_s = self.read_clock()
        if self.clock_offset_s is not None:
            self._soap.offset = timedelta(seconds=self.clock_offset_s)
        places = dict(self._services())
        self._media2, self._media = places.get(MEDIA2, ""), places.get(MEDIA, "")
        self._ptz = places.get(PTZ, "")
        if not self._media and not self._media2:
            raise OnvifAnswerError("the camera offers no media service")

    def describe(self) -> Description:
        """Return what the camera is and which streams it has. Raises OnvifError."""
        said = self._ask("GetDeviceInformation")
        profiles = tuple(self._profiles())
        return Description(
            vendor=_text(said, "Manufacturer"),
            model=_text(said, "Model"),
            firmware=_text(said, "FirmwareVersion"),
            clock_offset_s=self.clock_offset_s,
            media2=bool(self._media2),
            profiles=profiles,
            ptz=bool(self._ptz) and any(profile.ptz for profile in profiles),
        )

    def picture(self, profile: str) -> bytes:
        """Return the camera's own snapshot, some picture's bytes. Raises OnvifError."""
        if self._media2:
            uri = media2.snapshot_uri(self._soap, self._media2, profile)
        else:
            said = self._soap.call("media", self._media, "GetSnapshotUri", ProfileToken=profile)
            uri = _text(said, "Uri", most=2048)
        url = self.reach.service_url(uri)
        return self.reach.exchange("GET", url, most_bytes=PICTURE_BYTES)

    def set_encoder(self, token: str, fps: int, gop: int) -> Encoder:
        """Set a stream's pictures a second and from keyframe to keyframe; return what it is now.

        A camera may round both. Raises OnvifError.
        """
        if not 1 <= fps <= FPS_MOST or not 1 <= gop <= NEW_KEYFRAME_MOST:
            raise OnvifAnswerError("neither so many pictures a second nor such a distance")
        if self._media2:
            media2.set_encoder(self._soap, self._media2, token, fps, gop)
        else:
            self._set_encoder(token, fps, gop)
        for encoder in {one.encoder.token: one.encoder for one in self._profiles()}.values():
            if encoder.token == token:
                return encoder
        raise OnvifAnswerError("the camera has no such encoder any more")

    # -- steering ----------------------------------------------------------------------------

    def turnable(self) -> str:
        """Return the token of a profile that can be turned. OnvifAnswerError when there is none."""
        if self._ptz:
            for profile in self._profiles():
                if profile.ptz:
                    return profile.token
        raise OnvifAnswerError("this camera cannot be turned")

    def move(self, profile: str, pan: float, tilt: float, zoom: float) -> None:
        """Turn at speeds of -1 to 1, until stopped or four seconds have passed."""
        speed = {"PanTilt": {"x": pan, "y": tilt}, "Zoom": {"x": zoom}}
        self._turn("ContinuousMove", profile, Velocity=speed, Timeout=MOVE_LASTS)

    def stop(self, profile: str) -> None:
        """Stop turning."""
        self._turn("Stop", profile, PanTilt=True, Zoom=True)

    def go_to(self, profile: str, position: str) -> None:
        """Turn to a position that the camera knows."""
        self._turn("GotoPreset", profile, PresetToken=position)

    def go_home(self, profile: str) -> None:
        """Turn to where the camera looks by itself."""
        self._turn("GotoHomePosition", profile)

    def positions(self, profile: str) -> tuple[Position, ...]:
        """Return the positions that the camera knows."""
        found = self._turn("GetPresets", profile) or []
        positions = [
            Position(_text(one, "token"), _text(one, "Name") or _text(one, "token"))
            for one in found[:POSITIONS_MOST]
        ]
        return tuple(one for one in positions if one.token)

    def _turn(self, operation: str, profile: str, **arguments: Any) -> Any:
        return self._soap.call("ptz", self._ptz, operation, ProfileToken=profile, **arguments)

    # -- asking ------------------------------------------------------------------------------

    def _ask(self, operation: str, **arguments: Any) -> Any:
        return self._soap.call("device", self.reach.service, operation, **arguments)

    def read_clock(self) -> float | None:
        """Return by how many seconds the camera's clock is ahead; it is read without a user.

        None where it does not say. Raises OnvifError.
        """
        before = datetime.now(UTC)
        try:
            said = self._soap.call(
                "device", self.reach.service, "GetSystemDateAndTime", signed=False
            )
        except OnvifUnauthorisedError:
            return None
        now = before + (datetime.now(UTC) - before) / 2
        try:
            day, time = said.UTCDateTime.Date, said.UTCDateTime.Time
            there = datetime(
                day.Year, day.Month, day.Day, time.Hour, time.Minute, min(time.Second, 59),
                tzinfo=UTC,
            )  # fmt: skip
        except (AttributeError, TypeError, ValueError):
            return None
        return round((there - now).total_seconds(), 1)

    def _services(self) -> Iterator[tuple[str, str]]:
        """Yield (namespace, address) of each service; refused when any media one is elsewhere."""
        try:
            found = [
                (_text(one, "Namespace"), _text(one, "XAddr", most=2048))
                for one in self._ask("GetServices", IncludeCapability=False) or []
            ]
        except OnvifAnswerError:  # Profile S cameras of before 2012 know capabilities only
            said = self._ask("GetCapabilities", Category=["All"])
            found = [
                (namespace, _text(getattr(said, name, None), "XAddr", most=2048))
                for namespace, name in ((MEDIA, "Media"), (PTZ, "PTZ"))
            ]
        for namespace, address in found:
            if namespace in (MEDIA, MEDIA2, PTZ) and address:
                yield namespace, self.reach.service_url(address)

    def _profiles(self) -> Iterator[Profile]:
        if self._media2:
            yield from media2.profiles(self._soap, self._media2, PROFILES_MOST)
            return
        for one in (self._soap.call("media", self._media, "GetProfiles") or [])[:PROFILES_MOST]:
            coded = getattr(one, "VideoEncoderConfiguration", None)
            token = _text(one, "token")
            if coded is None or not token:
                continue
            yield Profile(
                token=token,
                name=_text(one, "Name") or token,
                encoder=_encoder(coded),
                audio=getattr(one, "AudioEncoderConfiguration", None) is not None,
                ptz=getattr(one, "PTZConfiguration", None) is not None,
                stream_uri=self._stream_uri(token),
            )

    def _stream_uri(self, profile: str) -> str:
        said = self._soap.call(
            "media",
            self._media,
            "GetStreamUri",
            StreamSetup={"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}},
            ProfileToken=profile,
        )
        uri = _text(said, "Uri", most=2048)
        if not uri:
            raise OnvifElsewhereError("the camera names no address for one of its streams")
        return self.reach.stream_url(uri)

    def _set_encoder(self, token: str, fps: int, gop: int) -> None:
        said = self._soap.call(
            "media", self._media, "GetVideoEncoderConfiguration", ConfigurationToken=token
        )
        try:
            said.RateControl.FrameRateLimit = fps
            said.H264.GovLength = gop
        except AttributeError:
            raise OnvifAnswerError("this stream's keyframes cannot be set") from None
        self._soap.call(
            "media",
            self._media,
            "SetVideoEncoderConfiguration",
            Configuration=said,
            ForcePersistence=True,
        )


def _encoder(said: Any) -> Encoder:
    size, rate = getattr(said, "Resolution", None), getattr(said, "RateControl", None)
    coded = getattr(said, "H264", None) or getattr(said, "MPEG4", None)
    return Encoder(
        token=_text(said, "token"),
        codec=_text(said, "Encoding"),
        width=_count(size, "Width"),
        height=_count(size, "Height"),
        fps=float(_count(rate, "FrameRateLimit")),
        gop=_count(coded, "GovLength"),
        kbps=_count(rate, "BitrateLimit"),
    )


def _text(said: Any, name: str, most: int = 120) -> str:
    """Return a part of an answer as plain text of at most so many characters."""
    value = getattr(said, name, None)
    if not isinstance(value, str) or not value.isprintable():
        return ""
    return value.strip() if len(value) <= most else ""


def _count(said: Any, name: str) -> int:
    value = getattr(said, name, None)
    return value if isinstance(value, int) and 0 <= value < 1_000_000 else 0
