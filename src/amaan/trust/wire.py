"""How sessions and grants look over HTTP, and the cookie that carries a session."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field

from amaan.kernel.errors import AmaanError, InvalidError
from amaan.trust.audit.addresses import Network, client_address
from amaan.trust.audit.trail import trail_of
from amaan.trust.guards import COOKIE
from amaan.trust.model import Client, Debt, Grant, Method, OwingError, Session
from amaan.trust.rules import check_username, permissions_in
from amaan.trust.service import TrustService
from amaan.trust.settings import TrustSettings

SIGN_IN = "trust.sign_in"
AGENT_LENGTH = 200


class GrantOut(BaseModel):
    """A role, held in a group of sites, or everywhere where that is null."""

    model_config = ConfigDict(extra="forbid")

    role: str = Field(max_length=40)
    group: str | None = Field(default=None, max_length=40)


class AccountOut(BaseModel):
    """Who is signed in; ``permissions`` are those that this very session reaches."""

    id: UUID
    username: str
    display_name: str
    roles: list[str]
    grants: list[GrantOut]
    permissions: list[str]


class FactorsOut(BaseModel):
    """Which second factors are in use."""

    totp: bool
    passkeys: int


class SessionOut(BaseModel):
    """A session; ``expires_at`` is when it ends if nothing more is asked.

    ``owes``: what must be done before anything else.
    """

    id: UUID
    account: AccountOut
    expires_at: datetime
    strong: bool
    owes: Debt | None
    factors: FactorsOut


class SessionItem(BaseModel):
    """A session in a list."""

    id: UUID
    created_at: datetime
    last_seen_at: datetime
    ends_at: datetime
    current: bool
    address: str
    agent: str
    method: Method
    strong: bool


class SessionList(BaseModel):
    """Sessions that stand, newest first."""

    items: list[SessionItem]


def grants_out(grants: Iterable[Grant]) -> list[GrantOut]:
    """Return grants without the sites of their groups."""
    return [GrantOut(role=grant.role, group=grant.group) for grant in grants]


def session_out(session: Session, service: TrustService) -> SessionOut:
    """Return what a browser is told of its own session."""
    account = session.account
    return SessionOut(
        id=session.id,
        account=AccountOut(
            id=account.id,
            username=account.username,
            display_name=account.display_name,
            roles=list(account.roles),
            grants=grants_out(account.grants),
            permissions=list(permissions_in(session)),
        ),
        expires_at=service.idle_end(session),
        strong=session.strong,
        owes=None if session.owes is None else Debt(session.owes),
        factors=FactorsOut(totp=session.factors.totp, passkeys=session.factors.passkeys),
    )


def session_list(
    sessions: Iterable[Session], service: TrustService, current: UUID | None
) -> SessionList:
    """Return sessions as a list; ``current`` is the one that asks."""
    return SessionList(
        items=[
            SessionItem(
                id=session.id,
                created_at=session.created_at,
                last_seen_at=session.last_seen_at,
                ends_at=service.idle_end(session),
                current=session.id == current,
                address=session.client.address,
                agent=session.client.agent,
                method=Method(session.method),
                strong=session.strong,
            )
            for session in sessions
        ]
    )


def client_of(request: Request) -> Client:
    """Return where a request comes from; ``app.state.proxies`` are believed about others."""
    peer = request.client.host if request.client is not None else None
    proxies: Sequence[Network] = getattr(request.app.state, "proxies", ())
    return Client(
        client_address(peer, request.headers.getlist("x-forwarded-for"), proxies),
        request.headers.get("user-agent", "")[:AGENT_LENGTH],
    )


def give_cookie(response: Response, token: str, settings: TrustSettings) -> None:
    """Let the browser carry a session's token where no script and no other site gets at it."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(settings.session_longest.total_seconds()),
        path="/",
        secure=settings.cookie_secure,
        httponly=True,
        samesite="strict",
    )


def take_cookie(response: Response, settings: TrustSettings) -> None:
    """Let the browser forget the token."""
    response.delete_cookie(
        COOKIE, path="/", secure=settings.cookie_secure, httponly=True, samesite="strict"
    )


def allow_debt(session: Session, *debts: Debt) -> None:
    """Raise OwingError for a session that owes anything but ``debts``."""
    if session.owes is not None and session.owes not in debts:
        raise OwingError(f"first: {session.owes}", owes=session.owes)


@asynccontextmanager
async def noting_sign_in(
    request: Request, method: Method, username: str | None = None
) -> AsyncIterator[None]:
    """Leave an attempt to sign in on the trail, with the class of what went wrong.

    A name that cannot be one is left out: people type passwords into the wrong box.
    """
    trail = trail_of(request)
    trail.permission, trail.force = SIGN_IN, True
    trail.note(method=method)
    if username is not None:
        with suppress(InvalidError):
            trail.username = check_username(username)
    await trail.begin()
    try:
        yield
    except AmaanError as error:
        trail.note(reason=error.code)
        raise


async def signed_in(
    request: Request, response: Response, service: TrustService, signed: tuple[str, Session]
) -> SessionOut:
    """Put a fresh session in place of the one that the browser had, and leave it on the trail."""
    token, session = signed
    await service.sign_out(request.cookies.get(COOKIE))
    trail = trail_of(request)
    trail.session, trail.actor = session, f"account:{session.account.id}"
    trail.note(strong=session.strong, owes=session.owes)
    give_cookie(response, token, service.settings)
    return session_out(session, service)
