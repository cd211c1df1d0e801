"""Who measures: an officer that searches, and another person that approves what he asks for."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from amaan.app.bench.traffic import LETTERS
from amaan.app.folder import write_private
from amaan.app.opening import Engines, opened
from amaan.app.settings import CentreSettings
from amaan.kernel.acting import acting_as, system
from amaan.trust.accounts.service import AccountsService
from amaan.trust.authority.model import Document, NewAuthority, Purpose, Scope
from amaan.trust.authority.service import AuthorityService
from amaan.trust.model import Account, UsernameTakenError
from amaan.trust.rules import first_password
from amaan.trust.service import TrustService

OFFICER: Final = "bench-officer"
OFFICER_ROLES: Final = ("supervisor", "investigator", "video_operator")
APPROVER: Final = "bench-approver"
APPROVER_ROLES: Final = ("approving_officer",)
EVERY_PLATE: Final = Scope(plates=tuple(f"{a}{b}*" for a in LETTERS for b in LETTERS))
LASTS: Final = timedelta(days=60)
_PAPER: Final = b"%PDF-1.4 of a measurement: no lawful order"
SYSTEM: Final = system("bench")


@dataclass(frozen=True, slots=True)
class Desk:
    """One asks, the other approves, through the services that the console uses."""

    engines: Engines
    service: AuthorityService
    officer: Account
    approver: Account

    async def allow(self, scope: Scope) -> UUID:
        """Return the id of a new active authority."""
        now = self.engines.clock.now()
        paper = await self.service.put_document(_PAPER, self.officer)
        asked = await self.service.request(
            self.officer,
            NewAuthority(
                Purpose.STOLEN_VEHICLE,
                "bench",
                "a measurement of this machine",
                Document(paper.sha256, "bench.pdf"),
                scope,
                now + LASTS,
            ),
        )
        await self.service.approve(asked.id, self.approver, "a measurement")
        return asked.id


def credentials(root: Path) -> dict[str, str]:
    """Return the officer's user name and password; made once, kept in a private file."""
    path = root / "bench-sign-in"
    if not path.is_file():
        write_private(path, first_password())
    return {"username": OFFICER, "password": path.read_text().strip()}


async def settle(engines: Engines, root: Path) -> Desk:
    """Add both persons where they are absent; call it on behalf of ``SYSTEM``."""
    settings = CentreSettings(data=root)
    trust = TrustService(engines.database, engines.clock, settings.trust)
    service = AuthorityService(
        engines.database, engines.outbox, engines.blobs, engines.clock, settings.authority
    )
    password = credentials(root)["password"]
    officer = await _account(engines, trust, OFFICER, password, OFFICER_ROLES)
    approver = await _account(engines, trust, APPROVER, first_password(), APPROVER_ROLES)
    return Desk(engines, service, officer, approver)


async def _account(
    engines: Engines, trust: TrustService, name: str, password: str, roles: tuple[str, ...]
) -> Account:
    try:
        return await trust.create_account(name, name, password, [(role, None) for role in roles])
    except UsernameTakenError:
        accounts = AccountsService(engines.database, trust, engines.clock)
        return (await accounts.by_name(name)).account


def allow(root: Path, scope: Scope = EVERY_PLATE) -> UUID:
    """Return a new active authority in a centre's data, running or not."""

    async def made() -> UUID:
        async with opened(CentreSettings(data=root)) as engines:
            with acting_as(SYSTEM):
                return await (await settle(engines, root)).allow(scope)

    return asyncio.run(made())
