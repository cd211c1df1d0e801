"""Accounts and second factors, built and joined up."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter

from amaan.app.opening import Engines
from amaan.trust import routes as trust_routes
from amaan.trust.accounts import routes as accounts_routes
from amaan.trust.accounts.groups import GroupsService
from amaan.trust.accounts.service import AccountsService
from amaan.trust.factors import oidc_routes
from amaan.trust.factors import routes as factors_routes
from amaan.trust.factors.oidc import OidcService
from amaan.trust.factors.passkeys import PasskeyService
from amaan.trust.factors.tickets import Tickets
from amaan.trust.factors.totp import TotpService
from amaan.trust.service import TrustService
from amaan.trust.settings import TrustSettings


class Accounts:
    """What signs people in and says who they are."""

    def __init__(self, engines: Engines, trust: TrustService, settings: TrustSettings) -> None:
        e = engines
        self._trust, self._settings = trust, settings
        self.accounts = AccountsService(e.database, trust, e.clock)
        self.groups = GroupsService(e.database, trust, e.clock)
        tickets = Tickets(e.database, e.sealer, e.clock)
        self.totp = TotpService(e.database, trust, e.sealer, e.clock, settings)
        self.passkeys = PasskeyService(e.database, trust, tickets, e.clock, settings)
        self.oidc = OidcService(e.database, trust, tickets, e.clock, settings)

    def routers(self) -> Iterator[APIRouter]:
        """Yield every router of sign-in and of the administration of accounts."""
        trust, settings = self._trust, self._settings
        yield factors_routes.totp_router(trust, self.totp, settings)  # before /sessions/{id}
        yield trust_routes.router(trust, settings)
        yield factors_routes.passkey_router(trust, self.passkeys, settings)
        yield oidc_routes.router(trust, self.oidc, settings)
        yield accounts_routes.accounts_router(trust, self.accounts)
        yield accounts_routes.groups_router(self.groups)
