"""Finding ONVIF devices: WS-Discovery to a network's devices at once, or to each of its addresses.

Our own, because the one package for it on PyPI (WSDiscovery) is an old archive with threads of
its own and no limits; the protocol is one datagram there and one back. An answer says nothing
that is believed but under the address that it came from.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network, ip_address, ip_network
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from lxml import etree

from amaan.city.address import CameraAddressError, parse_address
from amaan.city.networks import CameraNetworks, check_allowed, check_ip
from amaan.kernel.errors import InvalidError
from amaan.video.onvif.model import Found, Search

PORT = 3702
GROUP = "239.255.255.250"
ADDRESSES_MOST = 4096
NETWORKS_MOST = 8
FOUND_MOST = 2000
DATAGRAM_BYTES = 64 * 1024
PACE = 200  # datagrams between two breaths
_SCOPE = "onvif://www.onvif.org/"

_PROBE = """<?xml version="1.0" encoding="UTF-8"?>
<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"
 xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"
 xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"
 xmlns:n="http://www.onvif.org/ver10/network/wsdl"><s:Header>
<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action>
<a:MessageID>{id}</a:MessageID>
<a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To></s:Header>
<s:Body><d:Probe><d:Types>n:NetworkVideoTransmitter</d:Types></d:Probe></s:Body></s:Envelope>"""


def discover(
    networks: Sequence[str],
    allowed: CameraNetworks,
    *,
    within_s: float = 4.0,
    port: int = PORT,
) -> Search:
    """Return what answers within a time; blocks.

    With networks, each of their addresses is asked; without, whoever hears the group's datagram.
    Raises InvalidError for networks that cannot be asked, or not so many addresses.
    """
    targets = list(_targets(networks, allowed)) if networks else [GROUP]
    message_id = f"urn:uuid:{uuid4()}"
    probe = _PROBE.format(id=message_id).encode()
    found: dict[str, Found] = {}
    elsewhere: set[str] = set()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 2)
        line.bind(("", 0))
        for number, target in enumerate(targets, 1):
            _send(line, probe, (target, port))
            if number % PACE == 0:
                time.sleep(0.02)
        until = time.monotonic() + within_s
        while (left_s := until - time.monotonic()) > 0 and len(found) < FOUND_MOST:
            line.settimeout(left_s)
            try:
                data, (host, _) = line.recvfrom(DATAGRAM_BYTES)
            except (TimeoutError, OSError):
                continue  # an OSError tells that some host refused: others may answer
            _take(data, host, message_id, allowed, found, elsewhere)
    return Search(
        tuple(sorted(found.values(), key=lambda one: (IPv4Address(one.host), one.address))),
        len(elsewhere - {one.host for one in found.values()}),
    )


def _targets(networks: Sequence[str], allowed: CameraNetworks) -> Iterator[str]:
    if len(networks) > NETWORKS_MOST:
        raise InvalidError(f"at most {NETWORKS_MOST} networks at once", field="networks")
    parsed = []
    for text in networks:
        try:
            network = ip_network(text.strip(), strict=False)
        except ValueError:
            raise InvalidError("a network is written as 10.20.0.0/24", field="networks") from None
        if not isinstance(network, IPv4Network):
            raise InvalidError("only IPv4 networks can be asked", field="networks")
        parsed.append(network)
    if sum(network.num_addresses for network in parsed) > ADDRESSES_MOST:
        raise InvalidError(f"at most {ADDRESSES_MOST} addresses at once", field="networks")
    any_allowed = False
    for network in parsed:
        for address in network if network.prefixlen >= 31 else network.hosts():
            try:
                check_ip(address, allowed)
            except CameraAddressError:
                continue
            any_allowed = True
            yield str(address)
    if not any_allowed:
        raise InvalidError("no camera may be in these networks", field="networks")


def _send(line: socket.socket, probe: bytes, target: tuple[str, int]) -> None:
    try:
        line.sendto(probe, target)
    except OSError:  # no way there: nobody answers then
        return


def _take(
    data: bytes,
    host: str,
    message_id: str,
    allowed: CameraNetworks,
    found: dict[str, Found],
    elsewhere: set[str],
) -> None:
    """Note one answer, if it is one to our question."""
    root = _parsed(data)
    if root is None or root.findtext(".//{*}RelatesTo", "").strip() != message_id:
        return
    try:
        check_ip(ip_address(host), allowed)
    except CameraAddressError:
        elsewhere.add(host)
        return
    for match in root.iter("{*}ProbeMatch"):
        address = _own_address(match.findtext("{*}XAddrs", ""), host, allowed)
        if address is None:
            elsewhere.add(host)
            continue
        scopes = match.findtext("{*}Scopes", "").split()
        found.setdefault(
            address,
            Found(
                host=host,
                address=address,
                name=_scope(scopes, "name/"),
                hardware=_scope(scopes, "hardware/"),
                location=_scope(scopes, "location/"),
            ),
        )


def _parsed(data: bytes) -> etree._Element | None:
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data or b"\0" in data:
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        return etree.fromstring(data, parser)
    except (etree.LxmlError, ValueError):
        return None


def _own_address(text: str, host: str, allowed: CameraNetworks) -> str | None:
    """Return the first address that lies at the very host that answered."""
    for one in text.split()[:8]:
        try:
            address = parse_address(one)
            check_allowed(address, allowed)
        except CameraAddressError:
            continue
        parts = urlsplit(address.full)
        if address.scheme in ("http", "https") and parts.hostname == host and "@" not in one:
            return address.full
    return None


def _scope(scopes: list[str], kind: str) -> str:
    for scope in scopes[:64]:
        if scope.startswith(_SCOPE + kind):
            text = unquote(scope.removeprefix(_SCOPE + kind))
            return text[:120] if text.isprintable() else ""
    return ""
