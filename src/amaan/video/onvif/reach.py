"""The one place that a camera is spoken to at: looked at once, held on to, and never left."""

from __future__ import annotations

import asyncio
import ssl
import time
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

import httpx

from amaan.city.address import CameraAddress, CameraAddressError, parse_address
from amaan.city.networks import Address, CameraNetworks
from amaan.video.errors import SourceUnreachableError
from amaan.video.onvif.errors import (
    OnvifAnswerError,
    OnvifElsewhereError,
    OnvifUnauthorisedError,
    OnvifUnreachableError,
)
from amaan.video.reaching import PlaceRefusedError, pinned

ANSWER_BYTES = 1 << 20
ANSWER_WITHIN_S = 6.0
_WEB = ("http", "https")
_STREAMS = ("rtsp", "rtsps", "http", "https")


@dataclass(frozen=True, slots=True, repr=False)
class Login:
    """A camera's user and password."""

    user: str
    password: str


class Reach:
    """A camera's host, pinned to the IP address that was looked at.

    ``within_s`` bounds all that is asked through it. Raises PlaceRefusedError for a host that is
    not allowed, SourceUnreachableError for a name that nobody knows.
    """

    def __init__(
        self, address: CameraAddress, allowed: CameraNetworks, within_s: float = 25.0
    ) -> None:
        at = urlsplit(pinned(address, allowed).full)
        given = urlsplit(address.full)
        self._allowed = allowed
        self._ip = at.hostname or ""
        self._until = time.monotonic() + within_s
        self.login = (
            Login(unquote(given.username), unquote(given.password or ""))
            if given.username
            else None
        )
        self.service = _bare(given)

    def extend(self, within_s: float) -> None:
        """Give what follows its own time."""
        self._until = time.monotonic() + within_s

    def service_url(self, text: str) -> str:
        """Return a service's or picture's address that the camera told, without user.

        Raises OnvifElsewhereError unless it is at this very host.
        """
        return self._checked(text, _WEB)

    def stream_url(self, text: str) -> str:
        """Return a stream's address, likewise; parts named like a password are masked."""
        return parse_address(self._checked(text, _STREAMS)).redacted

    def _checked(self, text: str, schemes: tuple[str, ...]) -> str:
        try:
            address = parse_address(text)
            if address.scheme not in schemes:
                raise CameraAddressError("of another kind")
            bare = parse_address(_bare(urlsplit(address.full)))
            at = urlsplit(pinned(bare, self._allowed).full).hostname or ""
        except (CameraAddressError, PlaceRefusedError, SourceUnreachableError):
            raise OnvifElsewhereError(
                "the camera's answer points to where no camera may be"
            ) from None
        if _plain(at) != _plain(self._ip):
            raise OnvifElsewhereError(
                "the camera's answer points to another place than the address given; is it "
                "configured with another IP address?"
            )
        return bare.full

    def exchange(
        self,
        method: str,
        url: str,
        *,
        content: bytes = b"",
        headers: dict[str, str] | None = None,
        most_bytes: int = ANSWER_BYTES,
    ) -> bytes:
        """Return an answer's content, of any status but those refused; blocks.

        ``url`` is one that this object returned. Raises OnvifError.
        """
        left_s = min(ANSWER_WITHIN_S, self._until - time.monotonic())
        if left_s <= 0:
            raise OnvifUnreachableError("the camera takes too long to answer")
        request = _Request(method, self._at(url), content, headers or {}, most_bytes)
        host = urlsplit(url).netloc
        try:
            return asyncio.run(_sent(request, host, self.login, left_s))
        except TimeoutError:
            raise OnvifUnreachableError("the camera does not answer in time") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
            raise OnvifUnreachableError("the camera does not answer as a web server") from None

    def _at(self, url: str) -> str:
        parts = urlsplit(url)
        shown = f"[{self._ip}]" if ":" in self._ip else self._ip
        port = f":{parts.port}" if parts.port else ""
        return urlunsplit(parts._replace(netloc=f"{shown}{port}"))


@dataclass(frozen=True, slots=True, repr=False)
class _Request:
    method: str
    url: str
    content: bytes
    headers: dict[str, str]
    most_bytes: int


async def _sent(request: _Request, host: str, login: Login | None, within_s: float) -> bytes:
    """Send, signing in by digest where asked to; a password is never sent as it is."""
    auth = httpx.DigestAuth(login.user, login.password) if login else None
    async with (
        asyncio.timeout(within_s),
        httpx.AsyncClient(
            verify=_own_certificates() if request.url.startswith("https:") else False,
            trust_env=False,
            follow_redirects=False,
            timeout=within_s,
        ) as client,
        client.stream(
            request.method,
            request.url,
            content=request.content or None,
            headers={**request.headers, "Host": host, "Accept-Encoding": "identity"},
            auth=auth,
        ) as answer,
    ):
        if answer.is_redirect or 300 <= answer.status_code < 400:
            raise OnvifElsewhereError("the camera redirects to another place, which is refused")
        if answer.status_code in (401, 403):
            raise OnvifUnauthorisedError("the camera refuses the user or the password")
        if answer.headers.get("content-encoding", "identity") != "identity":
            raise OnvifAnswerError("the camera packs its answer though it was not asked to")
        content = bytearray()
        async for chunk in answer.aiter_raw():
            content += chunk
            if len(content) > request.most_bytes:
                raise OnvifAnswerError("the camera's answer is too large")
        return bytes(content)


def _own_certificates() -> ssl.SSLContext:
    """Return a context that takes any certificate: cameras sign their own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _bare(parts: SplitResult) -> str:
    """Return an address without user and password."""
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _plain(text: str) -> Address:
    address = ip_address(text.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
