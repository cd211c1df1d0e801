"""FastAPI dependencies that know who asks. Every route of the API declares exactly one.

``app`` sets ``application.state.trust`` to the TrustService. A route takes ``CurrentWorker``,
``CurrentSession`` or ``CurrentAccount`` (whoever is signed in: own things only), one of its own
for a permission: ``Searcher = Annotated[Account, Depends(permitted("plates.search"))]``, or says
``Depends(open_to_all("why"))``. A house test fails a route that declares none.

A guard says who asks to the database's row-level security (``kernel.acting``) and to the audit
trail before the route's own code runs.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from amaan.kernel.acting import Acting, act_as
from amaan.trust.audit.trail import Trail, trail_of
from amaan.trust.model import (
    Account,
    NotPermittedError,
    OwingError,
    Session,
    Worker,
    WorkerRefusedError,
)
from amaan.trust.roles import CONFIGURING, HELD_ALONE
from amaan.trust.rules import reach as reach
from amaan.trust.rules import same_origin as same_origin
from amaan.trust.service import TrustService

COOKIE = "amaan_session"
OWN = "own"
WORKER = "worker"
OPEN = "open"


def trust_of(request: HTTPConnection) -> TrustService:
    """Return the service that ``app`` put in its place."""
    service: TrustService = request.app.state.trust
    return service


async def _signed_in(request: HTTPConnection, *, active: bool = True) -> Session:
    trust, token = trust_of(request), request.cookies.get(COOKIE)
    session = await trust.session_of(token, active=active)
    trail = trail_of(request)
    trail.stands = partial(trust.session_of, token, active=False)
    trail.session = session
    trail.actor = f"account:{session.account.id}"
    act_as(Acting(trail.actor, ()))
    return session


async def _owing_nothing(request: HTTPConnection, *, active: bool = True) -> Session:
    session = await _signed_in(request, active=active)
    if session.owes is not None:
        raise OwingError(f"first: {session.owes}", owes=session.owes)
    return session


def _own(request: HTTPConnection) -> Trail:
    """Have changes of own things written down; reading them is nobody's business."""
    trail = trail_of(request)
    if trail.on_begin is not None and trail.permission is None:
        trail.permission = OWN
    return trail


async def any_session(request: HTTPConnection) -> Session:
    """Return the session of the cookie, whatever it owes.

    Raises NotSignedInError, AuditUnavailableError.
    """
    trail = _own(request)
    session = await _signed_in(request)
    await trail.begin()
    return session


async def current_session(request: HTTPConnection) -> Session:
    """Return the session of the cookie.

    Raises NotSignedInError, OwingError, AuditUnavailableError.
    """
    trail = _own(request)
    session = await _owing_nothing(request)
    await trail.begin()
    return session


async def current_account(request: HTTPConnection) -> Account:
    """Return who is signed in. Raises NotSignedInError, OwingError."""
    return (await current_session(request)).account


class Guard:
    """Lets an account through whose roles reach a permission, as far as they reach it.

    Who watches over others sees what stands where, and no row of what was observed there: that
    holds in the database even where a permission were given by mistake.
    """

    def __init__(self, permission: str, *, safety: bool = False, keeps_awake: bool = True) -> None:
        self.permission = permission
        self.safety = safety
        self.keeps_awake = keeps_awake

    async def __call__(self, request: HTTPConnection) -> Account:
        """Return the account.

        Raises NotSignedInError, OwingError, NotPermittedError, AuditUnavailableError.
        """
        trail = trail_of(request)
        trail.permission, trail.safety = self.permission, self.safety
        session = await _owing_nothing(request, active=self.keeps_awake)
        reached = reach(session.account, self.permission, strong=session.strong)
        if reached is None:
            raise NotPermittedError(f"this account may not do that ({self.permission})")
        watches = not HELD_ALONE.isdisjoint(session.account.roles)
        act_as(
            Acting(
                f"account:{session.account.id}",
                () if watches else reached.sites,
                configures=watches or self.permission in CONFIGURING,
            )
        )
        await trail.begin()
        return session.account


def permitted(permission: str, *, safety: bool = False, keeps_awake: bool = True) -> Guard:
    """Return a dependency: the account, if its roles reach ``permission``.

    ``safety`` marks what must go on when the audit log does not answer: saving life. Without
    ``keeps_awake`` asking does not keep the session from becoming idle: a player asks by itself.
    """
    return Guard(permission, safety=safety, keeps_awake=keeps_awake)


class Open:
    """Lets everybody through, for a reason that is written down."""

    permission = OPEN

    def __init__(self, reason: str) -> None:
        self.reason = reason

    async def __call__(self) -> None:
        """Do nothing."""


def open_to_all(reason: str) -> Open:
    """Return a dependency that asks for nobody, and says why that is right."""
    return Open(reason)


async def current_worker(request: HTTPConnection) -> Worker:
    """Return the worker of the bearer token. Raises WorkerRefusedError."""
    trail = trail_of(request)
    trail.permission = WORKER  # a refusal is written down, what workers deliver is not
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise WorkerRefusedError("a worker token is needed: Authorization: Bearer")
    worker = await trust_of(request).worker_of(token.strip())
    trail.permission = None
    act_as(Acting(f"worker:{worker.token_name}", None, configures=True))
    return worker


CurrentAccount = Annotated[Account, Depends(current_account)]
CurrentSession = Annotated[Session, Depends(current_session)]
AnySession = Annotated[Session, Depends(any_session)]
CurrentWorker = Annotated[Worker, Depends(current_worker)]
