"""/api/trust/oidc: sign-in through a provider."""

from __future__ import annotations

from html import escape
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel

from amaan.kernel.errors import AmaanError
from amaan.trust import wire
from amaan.trust.factors.oidc import OidcService
from amaan.trust.factors.tickets import GOOD_FOR
from amaan.trust.guards import open_to_all
from amaan.trust.model import Method
from amaan.trust.service import TrustService
from amaan.trust.settings import TrustSettings

TICKET_COOKIE = "amaan_oidc"
PATH = "/api/trust/oidc"

# The page of a failure: a browser comes here by itself, with no script of ours to read a problem.
_FAILED = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Amaan</title>
<h1>Signing in did not work</h1><p>{detail}</p><p><a href="/">Back</a></p></html>"""


class OidcOut(BaseModel):
    """Whether there is sign-in through a provider, and what its button says."""

    enabled: bool
    name: str | None


def router(service: TrustService, oidc: OidcService, settings: TrustSettings) -> APIRouter:
    """Return the routes of the provider."""
    routes = APIRouter(prefix=PATH, tags=["trust"])
    anybody = Depends(open_to_all("nobody is signed in before signing in"))

    @routes.get("", dependencies=[anybody])
    async def read_oidc() -> OidcOut:
        """Say whether there is sign-in through a provider."""
        return OidcOut(enabled=oidc.name is not None, name=oidc.name)

    @routes.get("/start", dependencies=[anybody], status_code=302, response_class=RedirectResponse)
    async def start_oidc(request: Request) -> Response:
        """Send the browser to the provider."""
        url, ticket = await oidc.start(request.headers.get("host"))
        response = RedirectResponse(url, status_code=302)
        # Lax: the way back begins at the provider, and a strict cookie would stay behind.
        response.set_cookie(
            TICKET_COOKIE,
            ticket,
            max_age=int(GOOD_FOR.total_seconds()),
            path=PATH,
            secure=settings.cookie_secure,
            httponly=True,
            samesite="lax",
        )
        return response

    @routes.get(
        "/return",
        dependencies=[anybody],
        status_code=302,
        response_class=RedirectResponse,
        responses={
            status: {
                "description": "Why it failed, for the person at the browser.",
                "content": {"text/html": {"schema": {"type": "string"}}},
            }
            for status in (401, 403, 404, 409, 422, 429, 503)
        },
    )
    async def finish_oidc(
        request: Request,
        state: Annotated[str | None, Query(max_length=200)] = None,
        code: Annotated[str | None, Query(max_length=4096)] = None,
    ) -> Response:
        """Sign in whom the provider sent back, and go to the console."""
        response: Response = RedirectResponse("/", status_code=302)
        try:
            async with wire.noting_sign_in(request, Method.OIDC):
                ticket = request.cookies.get(TICKET_COOKIE)
                signed = await oidc.finish(ticket, state, code, wire.client_of(request))
            await wire.signed_in(request, response, service, signed)
        except AmaanError as error:
            response = HTMLResponse(_FAILED.format(detail=escape(error.detail)), error.status)
        response.delete_cookie(
            TICKET_COOKIE,
            path=PATH,
            secure=settings.cookie_secure,
            httponly=True,
            samesite="lax",
        )
        return response

    return routes
