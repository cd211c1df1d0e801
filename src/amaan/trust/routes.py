"""/api/trust: signing in and out, one's own sessions and password."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from amaan.trust import wire
from amaan.trust.audit.trail import trail_of
from amaan.trust.guards import COOKIE, OWN, AnySession, CurrentSession, open_to_all
from amaan.trust.model import Debt, Method, NotSignedInError
from amaan.trust.rules import PASSWORD_LONGEST
from amaan.trust.service import TrustService
from amaan.trust.settings import TrustSettings


class SignIn(BaseModel):
    """A user name, in any case, and its password."""

    username: str = Field(min_length=1, max_length=64, examples=["administrator"])
    password: str = Field(min_length=1, max_length=PASSWORD_LONGEST)


class PasswordChange(BaseModel):
    """The password that is true now, and the one to be."""

    current: str = Field(min_length=1, max_length=PASSWORD_LONGEST)
    new: str = Field(min_length=1, max_length=PASSWORD_LONGEST)


def router(service: TrustService, settings: TrustSettings) -> APIRouter:
    """Return the routes of sign-in."""
    routes = APIRouter(prefix="/api/trust", tags=["trust"])
    anybody = Depends(open_to_all("nobody is signed in before signing in"))

    @routes.post("/sessions", status_code=201, dependencies=[anybody])
    async def sign_in(body: SignIn, request: Request, response: Response) -> wire.SessionOut:
        """Sign in; the session's token comes as a cookie that no script can read."""
        async with wire.noting_sign_in(request, Method.PASSWORD, body.username):
            signed = await service.sign_in(body.username, body.password, wire.client_of(request))
        return await wire.signed_in(request, response, service, signed)

    @routes.get("/sessions/current")
    async def read_session(session: AnySession) -> wire.SessionOut:
        """Say who is signed in and what is owed, if anything."""
        return wire.session_out(session, service)

    @routes.delete(
        "/sessions/current",
        status_code=204,
        dependencies=[Depends(open_to_all("signing out is never refused"))],
    )
    async def sign_out(request: Request, response: Response) -> None:
        """Sign out; without a session nothing happens."""
        with suppress(NotSignedInError):
            session = await service.session_of(request.cookies.get(COOKIE), active=False)
            trail = trail_of(request)
            trail.session, trail.actor = session, f"account:{session.account.id}"
            trail.permission, trail.safety = OWN, True  # written, but never a reason to stay
        await service.sign_out(request.cookies.get(COOKIE))
        wire.take_cookie(response, settings)

    @routes.get("/sessions")
    async def list_sessions(session: CurrentSession) -> wire.SessionList:
        """List one's own sessions."""
        found = await service.sessions_of(session.account.id)
        return wire.session_list(found, service, session.id)

    @routes.delete("/sessions", status_code=204)
    async def end_other_sessions(session: CurrentSession, request: Request) -> None:
        """End all one's sessions but this one, their live streams too."""
        ended = await service.end_sessions(session.account.id, but=session.id)
        trail_of(request).note(count=ended)

    @routes.delete("/sessions/{session_id}", status_code=204)
    async def end_session(session_id: UUID, session: CurrentSession, request: Request) -> None:
        """End one of one's own sessions, its live stream too."""
        trail_of(request).note(ended=str(session_id))
        await service.end_sessions(session.account.id, only=session_id)

    @routes.post("/password", status_code=204)
    async def change_password(body: PasswordChange, session: AnySession, request: Request) -> None:
        """Replace the own password; all other sessions of the account end."""
        wire.allow_debt(session, Debt.PASSWORD)
        await service.change_password(request.cookies[COOKIE], body.current, body.new)

    return routes
