"""Tells the audit log what time has ended: the report counts by nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import UUID

from amaan.kernel.acting import acting_as, system
from amaan.kernel.events import Event, Subscriptions
from amaan.trust.audit import store as audit_store
from amaan.trust.audit.model import Asked, Record
from amaan.trust.audit.service import AuditLog
from amaan.trust.authority.events import CHANGED
from amaan.trust.authority.model import Decision
from amaan.trust.authority.service import AuthorityService

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg.rows import TupleRow

SUBSCRIBER: Final = "authority-ends"
ENDS: Final = {"expired": "authority.expired", "sealed": "authority.sealed"}
"""Changes that nobody makes, and the action under which the log has them."""
ACTOR: Final = system("authority")


class AuthorityEnds:
    """Writes an entry for each authority that expired, or was sealed as nobody approved it."""

    def __init__(self, authorities: AuthorityService, log: AuditLog) -> None:
        self._authorities = authorities
        self._log = log

    def subscribe(self, subscriptions: Subscriptions) -> None:
        """Hear of authorities' steps."""
        subscriptions.subscribe(SUBSCRIBER, [CHANGED], self.handle)

    async def handle(self, connection: AsyncConnection[TupleRow], event: Event) -> None:
        """Write one that time has ended; the same event twice writes once."""
        action = ENDS.get(str(event.payload["change"]))
        if action is None:
            return
        identifier = UUID(event.key)
        with acting_as(ACTOR):
            found = await self._authorities.known(connection, identifier)
            if found is None or found.decision is Decision.REFUSED:
                return  # sealed by a person, whose request is in the log
            asked = Asked(action=action, authority=identifier)
            if await audit_store.find_entries(connection, asked, 1, newest_first=True):
                return
            await self._log.write(
                Record(
                    action,
                    ACTOR.actor,
                    authority=identifier,
                    details={
                        "purpose": found.purpose.value,
                        "case": found.case_ref,
                        "emergency": found.emergency,
                        "decision": found.state.value,
                    },
                    at=event.occurred_at,
                )
            )
