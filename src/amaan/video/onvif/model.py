"""What cameras tell of themselves."""

from __future__ import annotations

from dataclasses import dataclass

PROBE_PURPOSE = "video/onvif/probe"
"""What an address is sealed for that goes to a worker before there is a camera."""


@dataclass(frozen=True, slots=True)
class Found:
    """A device that answered a search. ``address``: of its ONVIF service, at ``host`` itself."""

    host: str
    address: str
    name: str
    hardware: str
    location: str


@dataclass(frozen=True, slots=True)
class Search:
    """What a search gave. ``elsewhere``: devices whose answers pointed to another place."""

    found: tuple[Found, ...]
    elsewhere: int


@dataclass(frozen=True, slots=True)
class Encoder:
    """How a stream is coded. ``gop``: pictures from one keyframe to the next. 0: not told."""

    token: str
    codec: str
    width: int
    height: int
    fps: float
    gop: int
    kbps: int


@dataclass(frozen=True, slots=True)
class Profile:
    """One stream that a camera offers. ``stream_uri`` holds no user and no password."""

    token: str
    name: str
    encoder: Encoder
    audio: bool
    ptz: bool
    stream_uri: str


@dataclass(frozen=True, slots=True)
class Description:
    """A camera. ``clock_offset_s`` > 0: its clock is ahead of ours; None: it does not say."""

    vendor: str
    model: str
    firmware: str
    clock_offset_s: float | None
    media2: bool
    profiles: tuple[Profile, ...]
    ptz: bool


@dataclass(frozen=True, slots=True)
class Position:
    """A position that a camera knows."""

    token: str
    name: str
