"""/api/console/events."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import StreamingResponse

from amaan.console.live import LiveEvents
from amaan.trust.audit.trail import trail_of
from amaan.trust.guards import COOKIE, permitted, reach
from amaan.trust.model import Account, NotSignedInError
from amaan.trust.service import TrustService

LISTEN = "console.listen"
Listener = Annotated[Account, Depends(permitted(LISTEN))]


class EventStream(StreamingResponse):
    """text/event-stream."""

    media_type = "text/event-stream"


def router(live: LiveEvents, trust: TrustService) -> APIRouter:
    """Return the console's own routes."""
    routes = APIRouter(prefix="/api/console", tags=["console"])

    @routes.get(
        "/events",
        response_class=EventStream,
        responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
    )
    async def listen(
        request: Request,
        account: Listener,
        last_event_id: Annotated[str | None, Header()] = None,
    ) -> EventStream:
        """Stream what happens, until the session ends.

        ``id`` is a position: send the last one as Last-Event-ID to miss nothing. ``resync`` says
        that too much was missed: read everything anew. ``beat`` breaks every silence of 15
        seconds: a link without it is dead.
        """
        live.require_room(account.id)
        trail_of(request).stands = None  # the stream asks by itself, and ends in good order
        token = request.cookies.get(COOKIE)

        async def check() -> Account:
            session = await trust.session_of(token, active=False)
            if session.owes is not None or reach(session.account, LISTEN) is None:
                raise NotSignedInError("the session may no longer listen")
            return session.account

        digits = last_event_id is not None and last_event_id.isascii() and last_event_id.isdigit()
        after = int(last_event_id[:18]) if digits and last_event_id else None
        return EventStream(
            live.stream(check, after),
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    return routes
