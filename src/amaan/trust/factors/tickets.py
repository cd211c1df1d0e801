"""Challenges: given out once, answered once, within five minutes."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Literal
from uuid import UUID

from amaan.kernel.clock import Clock
from amaan.kernel.engines import Database
from amaan.trust.factors import store
from amaan.trust.factors.model import TicketRefusedError
from amaan.trust.sealing import Sealer

Purpose = Literal["register", "sign_in", "oidc"]
GOOD_FOR = timedelta(minutes=5)


class Tickets:
    """What an answer is held against lies here, sealed, and never in the browser's hands."""

    def __init__(self, database: Database, sealer: Sealer, clock: Clock) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock

    async def issue(
        self, purpose: Purpose, content: Mapping[str, str], account: UUID | None = None
    ) -> str:
        """Keep ``content`` under a fresh ticket, for one account or for nobody yet."""
        ticket, now = secrets.token_urlsafe(32), self._clock.now()
        sealed = self._sealer.seal(json.dumps(dict(content)), purpose=_sealed_for(purpose))
        async with self._database.transaction() as connection:
            await store.forget_tickets(connection, now)
            await store.insert_ticket(
                connection, _hash(ticket), purpose, account, sealed, now + GOOD_FOR
            )
        return ticket

    async def take(
        self, purpose: Purpose, ticket: str, account: UUID | None = None
    ) -> dict[str, str]:
        """Return what was kept; whatever comes of the answer, it cannot be taken again.

        Raises TicketRefusedError.
        """
        async with self._database.transaction() as connection:
            sealed = await store.take_ticket(
                connection, _hash(ticket), purpose, account, self._clock.now()
            )
        if sealed is None:
            raise TicketRefusedError("the challenge was answered before or is too old: begin anew")
        content: dict[str, str] = json.loads(
            self._sealer.unseal(sealed, purpose=_sealed_for(purpose))
        )
        return content


def _hash(ticket: str) -> bytes:
    return hashlib.sha256(ticket.encode()).digest()


def _sealed_for(purpose: Purpose) -> str:
    return f"trust/ticket/{purpose}"
