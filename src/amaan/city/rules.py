"""Decisions about sites and cameras. Pure."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from amaan.city.address import CameraAddress, CameraAddressError, parse_address
from amaan.city.model import Assignment, CityInputError, NewCamera, Site
from amaan.city.recording import check_plan

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
NAME_LONGEST = 120
FPS_HIGHEST = 60.0


@dataclass(frozen=True, slots=True)
class Addresses:
    """A camera's addresses taken apart."""

    main: CameraAddress
    sub: CameraAddress | None
    onvif: CameraAddress | None


def check_code(code: str) -> None:
    """Raise CityInputError unless the code can stand in a URL and name a folder."""
    if not CODE.fullmatch(code):
        raise CityInputError(
            "a code has 1 to 40 letters, digits, '.', '_' or '-', a letter or digit first",
            field="code",
        )


def check_name(name: str, field: str = "name") -> None:
    """Raise CityInputError for a name that is empty, too long or holds control characters."""
    if field == "name" and not name.strip():
        raise CityInputError("a name is needed", field=field)
    if len(name) > NAME_LONGEST:
        raise CityInputError(f"a name has at most {NAME_LONGEST} characters", field=field)
    if any(ord(character) < 32 or ord(character) == 127 for character in name):
        raise CityInputError("a name holds no control characters", field=field)


def check_site(site: Site) -> None:
    """Raise CityInputError for a site that cannot be."""
    check_code(site.code)
    check_name(site.name)
    check_name(site.name_ur, "name_ur")


def check_camera(camera: NewCamera) -> Addresses:
    """Return the camera's addresses taken apart; raise CityInputError or CameraAddressError.

    The error of another address than the main one names it in ``context["field"]``.
    """
    check_code(camera.code)
    check_name(camera.name)
    bearing = camera.bearing_deg
    if bearing is not None and not 0 <= bearing < 360:
        raise CityInputError("a bearing is 0 or more and less than 360", field="bearing_deg")
    fps = camera.analysis_fps
    if not math.isfinite(fps) or not 0 < fps <= FPS_HIGHEST:
        raise CityInputError(
            f"analysis_fps is above 0 and at most {FPS_HIGHEST:g}", field="analysis_fps"
        )
    check_label(camera.vendor, "vendor")
    check_label(camera.model, "model")
    check_plan(camera.record)
    return Addresses(
        check_address(camera.address),
        None if camera.sub_address is None else _other(camera.sub_address, "sub_address"),
        None if camera.onvif_address is None else check_onvif(camera.onvif_address),
    )


def check_label(text: str, field: str) -> None:
    """Raise CityInputError for a vendor's or model's name that cannot be; it may be empty."""
    check_name(text, field)
    if "@" in text or "://" in text:
        raise CityInputError("this looks like an address, which belongs elsewhere", field=field)


def check_onvif(text: str) -> CameraAddress:
    """Take an ONVIF service's address apart. Raises CameraAddressError."""
    address = _other(text, "onvif_address")
    if address.scheme not in ("http", "https"):
        raise CameraAddressError(
            "an ONVIF service has an http:// or https:// address", field="onvif_address"
        )
    return address


def _other(text: str, field: str) -> CameraAddress:
    try:
        return check_address(text)
    except CameraAddressError as error:
        raise CameraAddressError(error.detail, field=field) from None


def check_address(text: str) -> CameraAddress:
    """Take an address apart; a path must be absolute, as workers run in folders of their own.

    Raises CameraAddressError, also for a masked address, which would lose the password.
    """
    if ":***@" in text or "=***" in text:
        raise CameraAddressError("the address is masked: give it with its password")
    address = parse_address(text)
    if address.path is not None and not address.path.is_absolute():
        raise CameraAddressError("a path must be absolute")
    return address


def share_sites(cameras_of_site: Mapping[str, int], workers: Sequence[str]) -> dict[str, str]:
    """Return the worker of each site: a site's cameras stay together, loads stay level.

    The same sites and workers always give the same shares, in whatever order they come: the
    largest site first, each to the worker with the fewest cameras so far.
    """
    load = dict.fromkeys(sorted(workers), 0)
    shares: dict[str, str] = {}
    if not load:
        return shares
    for site, cameras in sorted(cameras_of_site.items(), key=lambda item: (-item[1], item[0])):
        worker = min(load, key=lambda name: (load[name], name))
        shares[site] = worker
        load[worker] += cameras
    return shares


def revision_of(cameras: Iterable[Assignment]) -> str:
    """Return a short digest of all that assignments say, in whatever order they come."""
    lines = sorted(repr(camera) for camera in cameras)
    return hashlib.sha256("\x1e".join(lines).encode()).hexdigest()[:16]
