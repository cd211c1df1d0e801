"""Authorities for tests, made as people make them: one asks, another approves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from amaan.engines.blobs.disk import DiskBlobs
from amaan.engines.postgres.outbox import PostgresOutbox
from amaan.kernel.acting import acting_as, system
from amaan.kernel.clock import Clock
from amaan.kernel.engines import BlobStore, Database
from amaan.kernel.ids import new_id
from amaan.trust.authority.model import (
    Authority,
    Document,
    NewAuthority,
    Purpose,
    Scope,
)
from amaan.trust.authority.service import AuthorityService
from amaan.trust.model import Account, Grant

PAPER = b"%PDF-1.4 an order of a test"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
EVERY_PLATE = tuple(f"{first}{second}*" for first in _LETTERS for second in _LETTERS)
"""Patterns that cover every plate which begins with two letters."""

_number = count(1)


@dataclass(frozen=True)
class Desk:
    """The service of authorities, and two persons: one asks, the other approves."""

    service: AuthorityService
    clock: Clock
    asker: Account
    approver: Account

    async def document(self, by: Account | None = None) -> Document:
        """Upload the paper."""
        stored = await self.service.put_document(PAPER, by or self.asker)
        return Document(stored.sha256, "order.pdf")

    async def asked(self, scope: Scope | None = None, **changes: Any) -> NewAuthority:
        """Return a request: the plate BGC771, 30 days, where nothing else is said."""
        given: dict[str, Any] = {
            "purpose": Purpose.STOLEN_VEHICLE,
            "case_ref": "FIR 12/26",
            "grounds": "reported stolen in Clifton",
            "document": await self.document(),
            "scope": scope or Scope(plates=("BGC771",)),
            "expires_at": self.clock.now() + timedelta(days=30),
        }
        return NewAuthority(**(given | changes))

    async def requested(self, scope: Scope | None = None, **changes: Any) -> Authority:
        """Ask; an emergency (``emergency=True``) is active at once."""
        with acting_as(system("test")):
            return await self.service.request(self.asker, await self.asked(scope, **changes))

    async def active(self, scope: Scope | None = None, **changes: Any) -> Authority:
        """Ask, and let the other approve."""
        with acting_as(system("test")):
            found = await self.requested(scope, **changes)
            return await self.service.approve(found.id, self.approver, "seen", senior=True)


async def add_person(database: Database, clock: Clock, *roles: str) -> Account:
    """Add an account that cannot sign in; for people who can see ``tests.people``."""
    name = f"desk{next(_number)}"
    account = Account(new_id(clock.now()), name, name, tuple(Grant(role) for role in roles))
    with acting_as(system("test")):
        async with database.transaction() as connection:
            await connection.execute(
                "INSERT INTO trust.accounts (id, username, display_name, password_hash, "
                "created_at, password_changed_at) VALUES (%s, %s, %s, 'none', %s, %s)",
                [account.id, name, name, clock.now(), clock.now()],
            )
    return account


async def open_desk(
    database: Database, clock: Clock, blobs: BlobStore | Path, **settings: Any
) -> Desk:
    """Return a desk over a database, with two new persons."""
    kept = DiskBlobs(blobs) if isinstance(blobs, Path) else blobs
    return Desk(
        AuthorityService(database, PostgresOutbox(), kept, clock, **settings),
        clock,
        await add_person(database, clock, "investigator"),
        await add_person(database, clock, "approving_officer"),
    )
