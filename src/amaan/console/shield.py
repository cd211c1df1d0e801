"""What every request passes: host, origin, rates, size and kind; and what every answer carries."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import ClassVar

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from amaan.console.limits import Asking, Limits
from amaan.console.problems import problem_of
from amaan.console.settings import ConsoleSettings
from amaan.kernel.errors import AmaanError, InvalidError, NotFoundError, RefusedError
from amaan.trust.guards import same_origin
from amaan.trust.model import OriginRefusedError

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
DEFAULT_BODY_BYTES = 1 << 20
MOST_URL_BYTES = 8 << 10
MOST_HEADER_BYTES = 32 << 10
MOST_HEADERS = 100
BODY_SILENCE_S = 30.0  # a body that stands still so long is given up
HOST_PREFIX, PATH_PREFIX = "__Host-", "__Secure-"
HSTS = "max-age=63072000; includeSubDomains"

# MapLibre runs its workers from blobs; nothing else comes from anywhere but this host. Trusted
# types are not asked for: MapLibre names its worker by a plain text, which they would refuse.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "child-src blob:",
        "manifest-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
API_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Origin-Agent-Cluster": "?1",
    "X-Permitted-Cross-Domain-Policies": "none",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


class HostRefusedError(RefusedError):
    """Asked by a name that is not this centre's: DNS rebinding, or a setting that lacks."""

    code: ClassVar[str] = "host-refused"
    status: ClassVar[int] = 421


class RequestTooLargeError(InvalidError):
    """Address or headers are longer than any of ours."""

    code: ClassVar[str] = "request-too-large"
    status: ClassVar[int] = 431


class TooLargeError(InvalidError):
    """A body larger than its route takes."""

    code: ClassVar[str] = "too-large"
    status: ClassVar[int] = 413


class ContentTypeError(InvalidError):
    """A body of a kind that its route does not take."""

    code: ClassVar[str] = "content-type"
    status: ClassVar[int] = 415


@dataclass(frozen=True, slots=True)
class BodyLimit:
    """How large a body may be on paths that match a pattern from their start."""

    path: re.Pattern[str]
    most_bytes: int


@dataclass(frozen=True, slots=True)
class Accepts:
    """Which media types a route takes a body of."""

    method: str
    path: re.Pattern[str]
    types: frozenset[str]


@dataclass(frozen=True, slots=True)
class Admission:
    """How the shield is set up; see ConsoleSettings."""

    settings: ConsoleSettings = field(default_factory=ConsoleSettings)
    host: str = "127.0.0.1"
    cookie_secure: bool = False
    bodies: Sequence[BodyLimit] = ()
    accepts: Sequence[Accepts] = field(default=())


class Shield:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, admission: Admission | None = None) -> None:
        self._app = app
        self._set = admission or Admission()
        self._limits = Limits(self._set.settings)
        self._names = allowed_names(self._set)
        self._secure = self._set.cookie_secure or self._set.settings.behind_tls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "websocket":
            await self._admit_socket(scope, receive, send)
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        who: Asking | None = None

        async def guarded_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._limits.answered(who, message["status"])
                self._dress(scope, message)
            await send(message)

        try:
            _check_size(scope)
            self._check_host(scope)
            if self._set.cookie_secure:
                _take_prefix(scope)  # first: rates are counted by the cookie that signs in
            who = self._limits.admit(scope)
            self._check_origin(scope)
            most = self._check_body(scope)
        except AmaanError as error:
            await problem_of(error)(scope, receive, guarded_send)
            return
        await self._app(scope, _counted(receive, most), guarded_send)

    async def _admit_socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a socket of our own page or of a worker in; all of them are under ``/api/``."""
        who: Asking | None = None

        async def counted_send(message: Message) -> None:
            if message["type"] == "websocket.http.response.start":
                self._limits.answered(who, message["status"])
            await send(message)

        try:
            _check_size(scope)
            self._check_host(scope)
            if self._set.cookie_secure:
                _take_prefix(scope)
            who = self._limits.admit({**scope, "method": "GET"})
            self._check_origin({**scope, "method": "POST"})
            if not scope["path"].startswith("/api/"):
                raise NotFoundError("no socket is here")
        except AmaanError:
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        await self._app(scope, receive, counted_send)

    def _check_host(self, scope: Scope) -> None:
        host = Headers(scope=scope).get("host", "").lower()
        name = host_name(host)
        if name in self._names:
            return
        try:
            ip_address(name)  # no name, so nobody can have pointed it here
        except ValueError:
            raise HostRefusedError(
                "this centre does not go by that name: the administrator sets its names with "
                "AMAAN_CONSOLE__HOSTS"
            ) from None

    def _check_origin(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        upgrade = "websocket" in headers.get("upgrade", "").lower()
        if scope["method"] not in SAFE_METHODS or upgrade:
            if not same_origin(origin=origin, host=headers.get("host"), fetch_site=site):
                raise OriginRefusedError("a page of another origin may not write here")
            if self._secure and origin is not None and not origin.startswith("https://"):
                raise OriginRefusedError("a page without TLS may not write here")
        elif _is_foreign_read(site, headers.get("sec-fetch-mode"), scope["path"]):
            raise OriginRefusedError("a page of another origin may not read here")

    def _check_body(self, scope: Scope) -> int:
        """Return the most bytes the body may have. Raises TooLargeError, ContentTypeError."""
        headers, path = Headers(scope=scope), scope["path"]
        most = next(
            (one.most_bytes for one in self._set.bodies if one.path.match(path)),
            DEFAULT_BODY_BYTES,
        )
        length = headers.get("content-length", "")
        if length.isascii() and length.isdigit() and int(length[:18]) > most:
            raise TooLargeError(f"a body here has at most {most} bytes")
        if length.strip("0") or "transfer-encoding" in headers:
            given = headers.get("content-type", "").partition(";")[0].strip().lower()
            for one in self._set.accepts:
                if one.method == scope["method"] and one.path.match(path):
                    if given not in one.types and not (
                        given.endswith("+json") and "application/json" in one.types
                    ):
                        types = ", ".join(sorted(one.types)) or "none"
                        raise ContentTypeError(f"Content-Type here is one of: {types}")
                    break
        return most

    def _dress(self, scope: Scope, message: Message) -> None:
        """Put on an answer what every answer carries."""
        headers = MutableHeaders(scope=message)
        private = scope["path"].startswith("/api") or scope["path"] == "/metrics"
        policy = API_POLICY if private else CONTENT_SECURITY_POLICY
        if self._secure:
            headers["Strict-Transport-Security"] = HSTS
            policy += "; upgrade-insecure-requests"
        headers.setdefault("Content-Security-Policy", policy)
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        if private:
            headers["Cache-Control"] = "no-store"
            headers.add_vary_header("Cookie, Authorization")
        if self._set.cookie_secure:
            _give_prefix(message)


def _is_foreign_read(site: str | None, mode: str | None, path: str) -> bool:
    """Say whether another site's page embeds or fetches our answer; following a link is none."""
    foreign = site in ("cross-site", "same-site") and mode != "navigate"
    return foreign and path.startswith("/api/")


def allowed_names(admission: Admission) -> frozenset[str]:
    """Return the host names that are this centre's."""
    names = {"localhost", socket.gethostname(), admission.host, *admission.settings.hosts}
    return frozenset(name.lower().rstrip(".") for name in names if name)


def host_name(host: str) -> str:
    """Return a Host header's name without port and brackets; empty where it is malformed."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    name, _, port = host.partition(":")
    return name.rstrip(".") if not port or port.isdigit() else ""


def _check_size(scope: Scope) -> None:
    path = scope.get("raw_path") or scope["path"].encode()
    if len(path) + len(scope.get("query_string", b"")) > MOST_URL_BYTES:
        raise RequestTooLargeError(f"an address here has at most {MOST_URL_BYTES} bytes")
    headers = scope["headers"]
    if len(headers) > MOST_HEADERS or (
        sum(len(name) + len(value) for name, value in headers) > MOST_HEADER_BYTES
    ):
        raise RequestTooLargeError(
            f"at most {MOST_HEADERS} headers of {MOST_HEADER_BYTES} bytes together"
        )


def _take_prefix(scope: Scope) -> None:
    """Let in only cookies that browsers promise were set over TLS, and by this very host."""
    headers = []
    for name, value in scope["headers"]:
        kept = value
        if name == b"cookie":
            parts = [part.strip() for part in value.decode("latin-1").split(";")]
            own = [part for part in parts if not part.startswith("amaan_")]
            plain = [part.removeprefix(HOST_PREFIX).removeprefix(PATH_PREFIX) for part in own]
            kept = "; ".join(plain).encode("latin-1")
        headers.append((name, kept))
    scope["headers"] = headers


def _give_prefix(message: Message) -> None:
    """Name our cookies so that browsers take them over TLS only; ``__Host-`` needs Path=/."""
    headers = []
    for name, value in message["headers"]:
        if name == b"set-cookie" and value.startswith(b"amaan_"):
            attributes = [part.strip().lower() for part in value.split(b";")]
            prefix = HOST_PREFIX if b"path=/" in attributes else PATH_PREFIX
            headers.append((name, prefix.encode() + value))
        else:
            headers.append((name, value))
    message["headers"] = headers


def _counted(receive: Receive, most: int) -> Receive:
    received = 0
    more = True

    async def counted() -> Message:
        nonlocal received, more
        if not more:
            return await receive()
        try:
            async with asyncio.timeout(BODY_SILENCE_S):
                message = await receive()
        except TimeoutError:
            raise HTTPException(408, "the body stood still for too long") from None
        more = message["type"] == "http.request" and message.get("more_body", False)
        if message["type"] == "http.request":
            received += len(message.get("body", b""))
            if received > most:
                raise HTTPException(413, f"a body here has at most {most} bytes")
        return message

    return counted
