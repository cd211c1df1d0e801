"""FastAPI dependencies that know who asks.

``app`` sets ``application.state.trust`` to the TrustService; every route above trust takes
``CurrentWorker``, ``CurrentAccount`` or one of its own for a permission:
``Searcher = Annotated[Account, Depends(permitted("plates.search"))]``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request

from amaan.trust.model import Account, NotPermittedError, Session, Worker, WorkerRefusedError
from amaan.trust.rules import permits as permits
from amaan.trust.rules import same_origin as same_origin
from amaan.trust.service import TrustService

COOKIE = "amaan_session"


def trust_of(request: Request) -> TrustService:
    """Return the service that ``app`` put in its place."""
    service: TrustService = request.app.state.trust
    return service


async def current_session(request: Request) -> Session:
    """Return the session of the cookie, kept from becoming idle. Raises NotSignedInError."""
    return await trust_of(request).session_of(request.cookies.get(COOKIE))


async def current_account(request: Request) -> Account:
    """Return who is signed in. Raises NotSignedInError."""
    return (await current_session(request)).account


def permitted(permission: str) -> Callable[[Request], Awaitable[Account]]:
    """Return a dependency: the account, if its roles reach ``permission``.

    It raises NotSignedInError or NotPermittedError.
    """

    async def guard(request: Request) -> Account:
        account = await current_account(request)
        if not permits(account.roles, permission):
            raise NotPermittedError(f"this account may not do that ({permission})")
        return account

    return guard


async def current_worker(request: Request) -> Worker:
    """Return the worker of the bearer token. Raises WorkerRefusedError."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise WorkerRefusedError("a worker token is needed: Authorization: Bearer")
    return await trust_of(request).worker_of(token.strip())


CurrentAccount = Annotated[Account, Depends(current_account)]
CurrentSession = Annotated[Session, Depends(current_session)]
CurrentWorker = Annotated[Worker, Depends(current_worker)]
