"""Where cameras may be: which networks, which folders, and not with their makers' passwords.

An administrator enters addresses that workers then connect to, from inside. So an address is
looked at twice: when it is entered, and again, its name resolved, when a worker connects; the
worker connects to the very address that it looked at.
"""

from __future__ import annotations

import re
from contextlib import suppress
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from amaan.city.address import CameraAddress, CameraAddressError

Address = IPv4Address | IPv6Address

# A cloud's metadata services outside the link-local range: Alibaba, Azure, AWS over IPv6, Oracle.
_METADATA = frozenset(
    ip_address(text)
    for text in ("100.100.100.200", "168.63.129.16", "fd00:ec2::254", "192.0.0.192")
)
_NAT64 = ip_network("64:ff9b::/96")
_COMPATIBLE = ip_network("::/96")
# What makers of cameras and recorders ship, from their own manuals; in lower case.
_SHIPPED = """
    0 00000 000000 1111 111111 1111111 1234 12345 123456 1234567 12345678 123456789 4321 54321
    666666 888888 88888888 9999 admin admin1 admin123 admin1234 admin12345 administrator axis
    camera dahua default dvr fliradmin guest hik12345 hikvision ikwd ipcam ipcam_rt5350 jvc jvpwd
    live meinsm msolo_admin none onvif operator pass password ptz root service smcadmin super
    supervisor support system tljwpbo6 toor user viewer vivotek wbox wbox123
"""
_DEFAULT_PASSWORDS = frozenset(["", *_SHIPPED.split()])
_PASSWORD_NAME = re.compile(r"(?i)(?:login)?(?:pass?(?:word|wd)?|pwd?|psw)")


def _network(text: str) -> str:
    ip_network(text, strict=False)
    return text


class CameraNetworks(BaseModel):
    """What an administrator allows."""

    model_config = ConfigDict(frozen=True)

    networks: tuple[Annotated[str, AfterValidator(_network)], ...] = Field(
        default=(),
        title="Networks",
        description="Networks where cameras stand, such as `10.20.0.0/16`; others are refused. "
        "Empty: any, but never link-local, multicast or metadata addresses.",
    )
    loopback: bool = Field(
        default=False,
        title="This machine",
        description="Whether cameras may be on the machine itself, as simulated ones are.",
    )
    folders: tuple[Path, ...] = Field(
        default=(),
        title="Folders",
        description="Folders under which `file:` and `folder:` cameras may lie. Empty: none.",
    )
    default_passwords: bool = Field(
        default=False,
        title="Makers' passwords",
        description="Whether cameras with the password their maker shipped (admin, 12345 ...) are "
        "taken.",
    )


OWN_SHELL = CameraNetworks(loopback=True, folders=(Path("/"),), default_passwords=True)
"""For commands that a person at the machine runs on addresses of his own."""


def check_allowed(address: CameraAddress, allowed: CameraNetworks) -> None:
    """Raise CameraAddressError for a place or password that is not allowed; resolves no name."""
    if address.path is not None:
        check_folder(address.path, allowed)
        return
    parts = urlsplit(address.full)
    host = (parts.hostname or "").partition("%")[0]
    if host.rstrip(".") == "localhost" or host.endswith((".localhost", ".localdomain")):
        host = "127.0.0.1"
    with suppress(ValueError):  # a name: the worker looks at what it stands for
        check_ip(ip_address(host), allowed)
    if not allowed.default_passwords and _has_default_password(address.full):
        raise CameraAddressError(
            "the camera has the password its maker shipped, which everybody knows: set another "
            "one at the camera first"
        )


def check_folder(path: Path, allowed: CameraNetworks) -> None:
    """Raise CameraAddressError unless a path lies under an allowed folder; follows no link."""
    inside = any(path.is_relative_to(folder) for folder in allowed.folders)
    if not inside or ".." in path.parts:
        raise CameraAddressError(
            "files are cameras only under the folders that the administrator names with "
            "AMAAN_CAMERAS__FOLDERS"
        )


def check_ip(address: Address, allowed: CameraNetworks) -> None:
    """Raise CameraAddressError for an address where no camera may be."""
    for one in (address, *_within(address)):
        if one in _METADATA or one.is_link_local or one.is_multicast or one.is_unspecified:
            raise CameraAddressError("link-local, metadata and multicast addresses are refused")
        if isinstance(one, IPv4Address) and one.is_reserved:
            raise CameraAddressError("reserved addresses are refused")
    if any(one.is_loopback for one in (address, *_within(address))):
        if not allowed.loopback:
            raise CameraAddressError(
                "this machine itself is no camera; AMAAN_CAMERAS__LOOPBACK=true allows it"
            )
        return
    networks = [ip_network(text, strict=False) for text in allowed.networks]
    if networks and not any(_inside(address, network) for network in networks):
        raise CameraAddressError(
            "this address is not in the cameras' networks (AMAAN_CAMERAS__NETWORKS)"
        )


def _inside(address: Address, network: IPv4Network | IPv6Network) -> bool:
    plain = address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
    return plain in network


def _within(address: Address) -> list[IPv4Address]:
    """Return the IPv4 addresses that an IPv6 address carries: mapped, 6to4, Teredo, NAT64."""
    if isinstance(address, IPv4Address):
        return []
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    low = int(address) & 0xFFFFFFFF
    if address in _NAT64 or (address in _COMPATIBLE and low > 1):
        found.append(IPv4Address(low))
    return [one for one in found if one is not None]


def _has_default_password(text: str) -> bool:
    parts = urlsplit(text)
    given = [value for name, value in parse_qsl(parts.query) if _PASSWORD_NAME.fullmatch(name)]
    if parts.username:
        given.append(unquote(parts.password or ""))
    return any(password.strip().lower() in _DEFAULT_PASSWORDS for password in given)
