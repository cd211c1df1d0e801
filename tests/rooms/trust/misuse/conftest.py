"""Detectors over a real log in a real database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import pytest

from amaan.engines.postgres.database import PostgresDatabase
from amaan.engines.postgres.outbox import PostgresOutbox
from amaan.kernel.clock import ManualClock
from amaan.kernel.geography import Point
from amaan.trust.audit.model import Record
from amaan.trust.audit.rules import leaf_of
from amaan.trust.audit.service import AuditLog
from amaan.trust.misuse.service import MisuseService


@dataclass
class Cameras:
    found: dict[str, Point] = field(default_factory=dict)

    async def positions(self) -> Mapping[str, Point]:
        return self.found


@dataclass
class House:
    database: PostgresDatabase
    clock: ManualClock
    log: AuditLog
    cameras: Cameras
    misuse: MisuseService

    async def account(self, identifier: UUID, username: str, *roles: str) -> None:
        """Add an account, without the slow look at a password."""
        alone = [role for role in roles if role in ("auditor", "administrator")]
        async with self.database.transaction() as connection:
            await connection.execute(
                "INSERT INTO trust.accounts (id, username, display_name, password_hash, kind, "
                "created_at, password_changed_at) VALUES (%s, %s, %s, 'none', %s, now(), now())",
                [identifier, username, username, alone[0] if alone else "operational"],
            )
            for role in roles:
                await connection.execute(
                    "INSERT INTO trust.grants (account, role, granted_at, granted_by) "
                    "VALUES (%s, %s, now(), 'system:test')",
                    [identifier, role],
                )

    async def write(self, records: Sequence[Record]) -> None:
        """Write records in the log, as they are timed."""
        now = self.clock.now()
        leaves = [leaf_of(record, now) for record in records]
        for begin in range(0, len(leaves), 1_000):
            await self.log.append(leaves[begin : begin + 1_000])

    async def events(self, name: str) -> list[tuple[str, dict[str, object], datetime]]:
        """Return what was announced under a name."""
        async with self.database.transaction() as connection:
            cursor = await connection.execute(
                "SELECT key, payload, occurred_at FROM kernel.outbox WHERE name = %s "
                "ORDER BY position",
                [name],
            )
            return [(row[0], row[1], row[2]) for row in await cursor.fetchall()]


@pytest.fixture
def house(database: PostgresDatabase, clock: ManualClock) -> House:
    log, cameras = AuditLog(database, clock), Cameras()
    misuse = MisuseService(database, PostgresOutbox(), log, cameras, clock)
    return House(database, clock, log, cameras, misuse)
