"""Devices, what they tell, how they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from typing import ClassVar, Literal

from amaan.kernel.errors import ConflictError, InvalidError, NotFoundError

Told = Mapping[str, bool | float | str]
"""A reading's values, checked by ``rules.check_told``."""


class DeviceKind(StrEnum):
    """What a device measures."""

    POWER = "power"
    DOOR = "door"
    TAMPER = "tamper"
    LINK = "link"
    DISK = "disk"


SILENT = "silent"
"""The state of every kind of device that has not been heard for too long."""

STATES: Mapping[DeviceKind, tuple[str, ...]] = {
    DeviceKind.POWER: ("mains", "solar", "battery", "low", "out"),
    DeviceKind.DOOR: ("closed", "maintenance", "open"),
    DeviceKind.TAMPER: ("quiet", "maintenance", "tampered"),
    DeviceKind.LINK: ("up", "lossy", "down"),
    DeviceKind.DISK: ("ok", "filling", "full", "failing"),
}
"""Each kind's states, from the best to the worst."""


@dataclass(frozen=True, slots=True)
class Window:
    """A weekly time in which a door may stand open. ``days``: Monday is 0. Over midnight when
    ``until`` is not after ``since``: it then ends on the next day."""

    days: tuple[int, ...]
    since: time
    until: time


@dataclass(frozen=True, slots=True)
class Device:
    """A device. ``capacity_wh`` of the new, full battery; None where nobody knows."""

    code: str
    site: str
    kind: DeviceKind
    name: str
    capacity_wh: float | None = None
    windows: tuple[Window, ...] = ()
    maintenance_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a device told. ``observed_at`` by its clock, ``received_at`` by the centre's."""

    device: str
    observed_at: datetime
    received_at: datetime
    told: Told


@dataclass(frozen=True, slots=True)
class Standing:
    """How a device stands. ``pending``: a better state that has not held long enough yet.

    ``announced``: the state announced last; it differs while what is told is long over.
    """

    state: str
    since: datetime
    detail: str
    observed_at: datetime
    received_at: datetime
    told: Told
    pending: str | None = None
    pending_since: datetime | None = None
    announced: str | None = None


@dataclass(frozen=True, slots=True)
class Outage:
    """A time in which a site had no power. ``until`` None: it lasts."""

    since: datetime
    until: datetime | None


Verdict = Literal["met", "short", "uncertain", "unknown"]


@dataclass(frozen=True, slots=True)
class Forecast:
    """How long the battery lasts.

    ``running``: it is being drawn on; else the forecast is for a supply that fails now.
    ``earliest`` and ``latest`` bound when it empties; all None where nothing is known.
    ``basis``: discharge (measured now), past (the last discharge), load (load and capacity), none.
    ``against_8h``: whether the site lasts 8 hours from when its supply failed.
    """

    running: bool
    basis: Literal["discharge", "past", "load", "none"]
    empties_at: datetime | None
    earliest: datetime | None
    latest: datetime | None
    hours_left: float | None
    against_8h: Verdict


@dataclass(frozen=True, slots=True)
class Refused:
    """A reading that was not taken. ``index`` of the batch."""

    index: int
    code: Literal["unknown-device", "values", "clock", "too-old"]
    reason: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """A reading as it came in, before anything was checked."""

    device: str
    observed_at: datetime
    values: Mapping[str, object]


class UnknownDeviceError(NotFoundError):
    """There is no device with that code."""

    code: ClassVar[str] = "unknown-device"


class TakenDeviceError(ConflictError):
    """A device with that code stands already."""

    code: ClassVar[str] = "code-taken"


class DeviceInputError(InvalidError):
    """A device, or what it told, that cannot be; ``context["field"]`` says which part."""

    code: ClassVar[str] = "device-input"
