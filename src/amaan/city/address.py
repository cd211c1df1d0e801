"""Where a camera is reached. Pure: nothing is opened here, and nothing here prints a password.

A camera address goes to a media library that understands far more than cameras: pipes, playlists
of local files, commands. So an address is taken apart here and only the kinds below pass.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
from urllib.parse import SplitResult, urlsplit

from amaan.kernel.errors import InvalidError

MAX_ADDRESS_CHARACTERS = 2048
NETWORK_SCHEMES = ("rtsp", "rtsps", "http", "https")
PATH_SCHEMES = ("file", "folder")

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._\-]{0,251}[A-Za-z0-9])?")
_NUMERIC_HOST = re.compile(r"(?:0[xX][0-9A-Fa-f]*|[0-9]+)")
# What a name that ends or goes on like one of these holds is masked: loginpas=, psk=, api-key= ...
_MASKED_NAME = (
    r"(?i)((?:(?:pas|token|secret|key|auth|cred|sig)[\w.\-]*|pwd?|psw|psk|pin|userpw|hash|otp)=)"
)
_SECRET_IN_PATH = re.compile(_MASKED_NAME + r"[^&/;?#]*")
_SECRET_IN_QUERY = re.compile(_MASKED_NAME + r"[^&;#]*")
_ALLOWED = "rtsp://, rtsps://, http://, https://, file:PATH or folder:PATH"


class CameraAddressError(InvalidError):
    """An address that no camera has. The message never repeats the address."""

    code: ClassVar[str] = "camera-address"


@dataclass(frozen=True, slots=True, repr=False)
class CameraAddress:
    """One accepted address.

    ``full`` is what a source opens and may hold a password: hand it to the media library and to
    the sealer only. ``redacted`` is for people, logs and API answers. ``path`` is set for
    ``file`` and ``folder``, and then ``full`` is the path's text without the scheme.
    """

    scheme: str
    full: str
    redacted: str
    path: Path | None = None

    @property
    def is_network(self) -> bool:
        """Tell a stream over the network from something on this machine's disk."""
        return self.path is None

    def __repr__(self) -> str:
        return f"CameraAddress({self.redacted!r})"

    def __str__(self) -> str:
        return self.redacted


def parse_address(text: str) -> CameraAddress:
    """Take an address apart; a text without a scheme is a path to a file.

    Raises CameraAddressError, saying what would be right and never repeating the text, for any
    other scheme (``exec:``, ``concat:``, ``pipe:`` ...), control characters, blanks in a network
    address, ``|``, a leading ``-``, and hosts that are no camera (link-local, metadata services).
    """
    text = text.strip()
    if not text:
        raise CameraAddressError(f"the address is empty: give {_ALLOWED}")
    if len(text) > MAX_ADDRESS_CHARACTERS:
        raise CameraAddressError(f"the address is longer than {MAX_ADDRESS_CHARACTERS} characters")
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise CameraAddressError("the address holds a control character or a line break")
    if "|" in text:
        raise CameraAddressError("the address holds '|', which no camera needs")
    if text.startswith("-"):
        raise CameraAddressError("the address begins with '-': write ./ before a file's name")
    found = _SCHEME.match(text)
    if found is None:
        if ":" in text.partition("/")[0]:
            raise CameraAddressError(f"this is neither a known address nor a path: give {_ALLOWED}")
        return _parse_path("folder" if text.endswith("/") else "file", text)
    scheme = found.group(1).lower()
    if scheme in NETWORK_SCHEMES:
        return _parse_network(scheme, scheme + text[found.end(1) :])
    if scheme in PATH_SCHEMES:
        return _parse_path(scheme, _strip_authority(text[found.end() :]))
    raise CameraAddressError(f"addresses of the kind '{scheme}:' are refused: give {_ALLOWED}")


def _strip_authority(rest: str) -> str:
    """Turn the ``///path`` of a file URL into ``/path``; another machine's files are refused."""
    if not rest.startswith("//"):
        return rest
    host, slash, path = rest[2:].partition("/")
    if host not in ("", "localhost"):
        raise CameraAddressError("a file on another machine is refused: give a path of this one")
    return slash + path


def _parse_path(scheme: str, text: str) -> CameraAddress:
    if not text:
        raise CameraAddressError(f"'{scheme}:' needs a path after it")
    if text.startswith("-"):
        raise CameraAddressError("the path begins with '-': write ./ before a file's name")
    try:
        path = Path(text).expanduser()
    except RuntimeError as error:
        raise CameraAddressError("'~' of nobody who is known here") from error
    # ./ keeps a media library from taking the head of a relative name for a protocol.
    full = str(path) if path.is_absolute() else f"./{path}"
    return CameraAddress(scheme, full, f"{scheme}:{path}", path)


def _parse_network(scheme: str, text: str) -> CameraAddress:
    if " " in text or "\\" in text:
        raise CameraAddressError("blanks and backslashes in an address must be percent-encoded")
    try:
        parts = urlsplit(text)
        port = parts.port
        host = parts.hostname
    except ValueError as error:
        raise CameraAddressError(
            "host or port cannot be read; characters such as / ? # @ : in a user name or password "
            "must be percent-encoded"
        ) from error
    if not text[len(scheme) :].startswith("://") or not host:
        raise CameraAddressError(f"'{scheme}:' must be followed by // and a host")
    if parts.fragment or "#" in text:
        raise CameraAddressError("'#' in an address must be percent-encoded as %23")
    if "@" in parts.path or "@" in parts.query:
        raise CameraAddressError("'@' after the host, or '/' in a password, must be encoded")
    if port == 0:
        raise CameraAddressError("port 0 is no port")
    _check_host(host)
    return CameraAddress(scheme, text, _redact(parts))


def _check_host(host: str) -> None:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        if _NUMERIC_HOST.fullmatch(host.rpartition(".")[2]):
            raise CameraAddressError(
                "the host is a number but no plain IP address: write it as 192.0.2.7"
            ) from None
        if not _HOST.fullmatch(host):
            raise CameraAddressError("the host's name holds characters no host has") from None
        if host.lower().rstrip(".") == "metadata.google.internal":
            raise CameraAddressError("a cloud's metadata service is no camera") from None
        return
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        raise CameraAddressError("link-local, multicast and unspecified addresses are refused")


def _redact(parts: SplitResult) -> str:
    """Mask the password, and any part of path or query that is named like one, as ``***``."""
    userinfo, at, place = parts.netloc.rpartition("@")
    user, colon, _ = userinfo.partition(":")
    if at and not colon:
        user = "***"
    shown = f"{user}:***@" if colon else f"{user}@" if at else ""
    path = _SECRET_IN_PATH.sub(r"\1***", parts.path)
    query = _SECRET_IN_QUERY.sub(r"\1***", parts.query)
    return f"{parts.scheme}://{shown}{place}{path}" + (f"?{query}" if query else "")
