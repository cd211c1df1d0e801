"""Finds where a camera's name leads, looks whether that is allowed, and holds on to it.

Connecting by the name again would ask for it again, and get another answer (DNS rebinding). The
library follows an RTSP redirect by itself, to wherever it leads, so a camera is first asked whether
it would send us on.
"""

from __future__ import annotations

import re
import socket
import ssl
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from amaan.city.address import CameraAddress, CameraAddressError
from amaan.city.networks import CameraNetworks, check_allowed, check_folder, check_ip
from amaan.video.errors import SourceError, SourceUnreachableError


class PlaceRefusedError(SourceError):
    """The address leads to where no camera may be."""

    code = "source-refused"


def pinned(address: CameraAddress, allowed: CameraNetworks) -> CameraAddress:
    """Return the address with its host's name replaced by the IP address that was looked at.

    Raises PlaceRefusedError, SourceUnreachableError for a name that nobody knows.
    """
    try:
        check_allowed(address, allowed)
        if address.path is not None:
            check_folder(Path(address.path).resolve(), allowed)
            return address
        parts = urlsplit(address.full)
        host = parts.hostname or ""
        found = resolve(host, parts.port)
        for one in found:
            check_ip(ip_address(one.partition("%")[0]), allowed)
    except CameraAddressError as error:
        raise PlaceRefusedError(error.detail) from None
    if not found:
        raise SourceUnreachableError("the host is unknown")
    shown = f"[{found[0]}]" if ":" in found[0] else found[0]
    userinfo, at, _ = parts.netloc.rpartition("@")
    port = f":{parts.port}" if parts.port else ""
    full = urlunsplit(parts._replace(netloc=f"{userinfo}{at}{shown}{port}"))
    return replace(address, full=full)


def resolve(host: str, port: int | None) -> list[str]:
    """Return every IP address of a host, in the order to try them; blocks."""
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


_REDIRECTS = re.compile(rb"RTSP/1\.\d 3\d\d")
_ANSWER_BYTES = 64


def refuse_redirect(address: CameraAddress, timeout_s: float) -> None:
    """Ask an RTSP camera for its stream, without a password, and look only how it answers.

    ``address`` is pinned. PlaceRefusedError when it would send us elsewhere; a camera that does
    not answer at all is left to the connection that follows.
    """
    parts = urlsplit(address.full)
    secure = parts.scheme == "rtsps"
    port = parts.port or (322 if secure else 554)
    path = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    ask = f"DESCRIBE {path} RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n\r\n"
    try:
        with socket.create_connection((parts.hostname, port), timeout_s) as plain:
            line = _anybodys_tls().wrap_socket(plain) if secure else plain
            with line:
                line.sendall(ask.encode("ascii", "replace"))
                line.settimeout(timeout_s)
                answer = line.recv(_ANSWER_BYTES)
    except OSError:
        return
    if _REDIRECTS.match(answer):
        raise PlaceRefusedError("the camera sends us to another address: enter that one")


def _anybodys_tls() -> ssl.SSLContext:
    """Speak TLS with whoever answers: cameras sign their own certificates."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
