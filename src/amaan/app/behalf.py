"""A request begins on nobody's behalf, whatever the server was started as."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from amaan.kernel.acting import NOBODY, acting_as


class OnNobodysBehalf:
    """ASGI middleware; the route's guard says who asks, once it knows."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        with acting_as(NOBODY):
            await self._app(scope, receive, send)
