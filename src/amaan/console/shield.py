"""What every request passes: origin check, size limit, security headers, no caching."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from amaan.console.problems import problem
from amaan.trust.guards import same_origin
from amaan.trust.model import OriginRefusedError

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
DEFAULT_BODY_BYTES = 1 << 20

# MapLibre runs its workers from blobs; nothing else comes from anywhere but this host.
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
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


@dataclass(frozen=True, slots=True)
class BodyLimit:
    """How large a body may be on paths that match a pattern from their start."""

    path: re.Pattern[str]
    most_bytes: int


class Shield:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, limits: Sequence[BodyLimit] = ()) -> None:
        self._app = app
        self._limits = tuple(limits)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if scope["path"].startswith("/api/"):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        headers = Headers(scope=scope)
        if scope["method"] not in SAFE_METHODS and not same_origin(
            origin=headers.get("origin"),
            host=headers.get("host"),
            fetch_site=headers.get("sec-fetch-site"),
        ):
            refused = OriginRefusedError("a page of another origin may not write here")
            answer = problem(refused.status, refused.code, refused.detail)
            await answer(scope, receive, guarded_send)
            return
        most = self._most_bytes(scope["path"])
        length = headers.get("content-length", "")
        if length.isascii() and length.isdigit() and int(length[:18]) > most:
            answer = problem(413, "too-large", f"a body here has at most {most} bytes")
            await answer(scope, receive, guarded_send)
            return
        await self._app(scope, _counted(receive, most), guarded_send)

    def _most_bytes(self, path: str) -> int:
        for limit in self._limits:
            if limit.path.match(path):
                return limit.most_bytes
        return DEFAULT_BODY_BYTES


def _counted(receive: Receive, most: int) -> Receive:
    received = 0

    async def counted() -> Message:
        nonlocal received
        message = await receive()
        if message["type"] == "http.request":
            received += len(message.get("body", b""))
            if received > most:
                raise HTTPException(413, f"a body here has at most {most} bytes")
        return message

    return counted
