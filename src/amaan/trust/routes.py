"""/api/trust: signing in and out, changing the password."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from amaan.trust.guards import COOKIE, CurrentSession
from amaan.trust.model import Session
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


class AccountOut(BaseModel):
    """Who is signed in."""

    id: UUID
    username: str
    display_name: str
    roles: list[str]


class SessionOut(BaseModel):
    """A session; ``expires_at`` is when it ends if nothing more is asked."""

    account: AccountOut
    expires_at: datetime


def router(service: TrustService, settings: TrustSettings) -> APIRouter:
    """Return the routes of trust."""
    routes = APIRouter(prefix="/api/trust", tags=["trust"])

    def shown(session: Session) -> SessionOut:
        account = session.account
        return SessionOut(
            account=AccountOut(
                id=account.id,
                username=account.username,
                display_name=account.display_name,
                roles=list(account.roles),
            ),
            expires_at=service.idle_end(session),
        )

    @routes.post("/sessions", status_code=201)
    async def sign_in(body: SignIn, request: Request, response: Response) -> SessionOut:
        """Sign in; the session's token comes as a cookie that no script can read."""
        token, session = await service.sign_in(body.username, body.password)
        await service.sign_out(request.cookies.get(COOKIE))
        response.set_cookie(
            COOKIE,
            token,
            max_age=int(settings.session_longest.total_seconds()),
            path="/",
            secure=settings.cookie_secure,
            httponly=True,
            samesite="strict",
        )
        return shown(session)

    @routes.get("/sessions/current")
    async def read_session(session: CurrentSession) -> SessionOut:
        """Say who is signed in."""
        return shown(session)

    @routes.delete("/sessions/current", status_code=204)
    async def sign_out(request: Request, response: Response) -> None:
        """Sign out; without a session nothing happens."""
        await service.sign_out(request.cookies.get(COOKIE))
        response.delete_cookie(
            COOKIE, path="/", secure=settings.cookie_secure, httponly=True, samesite="strict"
        )

    @routes.post("/password", status_code=204)
    async def change_password(
        body: PasswordChange, session: CurrentSession, request: Request
    ) -> None:
        """Replace the own password; all other sessions of the account end."""
        del session  # it guards the route
        await service.change_password(request.cookies[COOKIE], body.current, body.new)

    return routes
