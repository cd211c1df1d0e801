"""/api/trust: one-time codes and passkeys."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from amaan.trust import wire
from amaan.trust.audit.trail import trail_of
from amaan.trust.factors.model import Passkey
from amaan.trust.factors.passkeys import Challenge, PasskeyService
from amaan.trust.factors.totp import TotpService
from amaan.trust.guards import COOKIE, AnySession, CurrentSession, open_to_all
from amaan.trust.model import Debt, Method
from amaan.trust.rules import PASSWORD_LONGEST
from amaan.trust.service import TrustService
from amaan.trust.settings import TrustSettings

TICKET_LENGTH = 64


class Code(BaseModel):
    """Six digits from an app, or a recovery code."""

    code: str = Field(min_length=6, max_length=40, examples=["123456"])


class Password(BaseModel):
    """The password, once more."""

    password: str = Field(min_length=1, max_length=PASSWORD_LONGEST)


class TotpOut(BaseModel):
    """A secret to put into an app, as text, as address and as picture."""

    secret: str
    uri: str
    qr_svg: str


class RecoveryCodes(BaseModel):
    """Codes for the day the telephone is lost, each good once; they are not shown again."""

    recovery_codes: list[str]


class ChallengeOut(BaseModel):
    """Options for the browser's own call, and the ticket to send back with its answer."""

    ticket: str
    options: dict[str, Any]


class Registration(BaseModel):
    """What ``navigator.credentials.create`` gave, as JSON, under a name that its owner knows."""

    ticket: str = Field(max_length=TICKET_LENGTH)
    name: str = Field(min_length=1, max_length=60)
    credential: dict[str, Any]


class PasskeySignIn(BaseModel):
    """What ``navigator.credentials.get`` gave, as JSON."""

    ticket: str = Field(max_length=TICKET_LENGTH)
    credential: dict[str, Any]


class PasskeyOut(BaseModel):
    """A passkey; ``refused_at`` is set when a copy of it showed up."""

    id: UUID
    name: str
    created_at: datetime
    last_used_at: datetime | None
    backed_up: bool
    refused_at: datetime | None


class PasskeyList(BaseModel):
    """One's own passkeys, oldest first."""

    items: list[PasskeyOut]


def _shown(passkey: Passkey) -> PasskeyOut:
    return PasskeyOut(
        id=passkey.id,
        name=passkey.name,
        created_at=passkey.created_at,
        last_used_at=passkey.last_used_at,
        backed_up=passkey.backed_up,
        refused_at=passkey.refused_at,
    )


def _challenge(challenge: Challenge) -> ChallengeOut:
    return ChallengeOut(ticket=challenge.ticket, options=challenge.options)


def totp_router(service: TrustService, totp: TotpService, settings: TrustSettings) -> APIRouter:
    """Return the routes of one-time codes."""
    routes = APIRouter(prefix="/api/trust", tags=["trust"])

    @routes.post("/sessions/second-factor")
    async def show_second_factor(
        body: Code, session: AnySession, request: Request, response: Response
    ) -> wire.SessionOut:
        """Show a one-time or recovery code after the password; the cookie changes."""
        async with wire.noting_sign_in(request, Method.TOTP, session.account.username):
            token, strong = await totp.show(request.cookies[COOKIE], session, body.code)
        wire.give_cookie(response, token, settings)
        return wire.session_out(strong, service)

    @routes.post("/totp")
    async def offer_totp(session: AnySession) -> TotpOut:
        """Return a fresh secret; it counts once a code of it was confirmed."""
        wire.allow_debt(session, Debt.ENROL)
        service.check_recent(session)
        offer = await totp.offer(session.account)
        return TotpOut(secret=offer.secret, uri=offer.uri, qr_svg=offer.qr_svg)

    @routes.post("/totp/confirm")
    async def confirm_totp(
        body: Code, session: AnySession, request: Request, response: Response
    ) -> RecoveryCodes:
        """Put the secret to use; this session then counts as one with a second factor."""
        wire.allow_debt(session, Debt.ENROL)
        service.check_recent(session)  # or a code of a secret left lying could be guessed
        codes = await totp.confirm(session.account, body.code)
        token, _ = await service.strengthen(request.cookies[COOKIE], Method.TOTP)
        wire.give_cookie(response, token, settings)
        return RecoveryCodes(recovery_codes=codes)

    @routes.delete("/totp", status_code=204)
    async def remove_totp(body: Password, session: CurrentSession) -> None:
        """Stop asking for codes; recovery codes are forgotten too."""
        await totp.remove(session, body.password)

    return routes


def passkey_router(
    service: TrustService, passkeys: PasskeyService, settings: TrustSettings
) -> APIRouter:
    """Return the routes of passkeys."""
    routes = APIRouter(prefix="/api/trust/passkeys", tags=["trust"])
    anybody = Depends(open_to_all("nobody is signed in before signing in"))

    @routes.post("/registration/options")
    async def offer_passkey(session: AnySession, request: Request) -> ChallengeOut:
        """Begin to register a passkey."""
        wire.allow_debt(session, Debt.ENROL)
        service.check_recent(session)
        return _challenge(await passkeys.offer(session.account, request.headers.get("host")))

    @routes.post("/registration", status_code=201)
    async def register_passkey(
        body: Registration, session: AnySession, request: Request, response: Response
    ) -> PasskeyOut:
        """Keep the passkey; this session then counts as one with a second factor."""
        wire.allow_debt(session, Debt.ENROL)
        made = await passkeys.register(session.account, body.ticket, body.name, body.credential)
        trail_of(request).note(passkey=str(made.id))
        token, _ = await service.strengthen(request.cookies[COOKIE], Method.PASSKEY)
        wire.give_cookie(response, token, settings)
        return _shown(made)

    @routes.get("")
    async def list_passkeys(session: CurrentSession) -> PasskeyList:
        """List one's own passkeys."""
        found = await passkeys.passkeys(session.account.id)
        return PasskeyList(items=[_shown(passkey) for passkey in found])

    @routes.delete("/{passkey_id}", status_code=204)
    async def remove_passkey(passkey_id: UUID, session: CurrentSession, request: Request) -> None:
        """Forget one of one's own passkeys."""
        trail_of(request).note(passkey=str(passkey_id))
        service.check_recent(session)
        await passkeys.remove(session.account, passkey_id)

    @routes.post("/sign-in/options", dependencies=[anybody])
    async def challenge_passkey(request: Request) -> ChallengeOut:
        """Begin to sign in by a passkey; whose it is comes out of the answer."""
        return _challenge(await passkeys.challenge(request.headers.get("host")))

    @routes.post("/sign-in", status_code=201, dependencies=[anybody])
    async def sign_in_by_passkey(
        body: PasskeySignIn, request: Request, response: Response
    ) -> wire.SessionOut:
        """Sign in by a passkey: two factors in one."""
        async with wire.noting_sign_in(request, Method.PASSKEY):
            signed = await passkeys.sign_in(body.ticket, body.credential, wire.client_of(request))
        return await wire.signed_in(request, response, service, signed)

    return routes
