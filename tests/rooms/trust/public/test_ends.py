"""What time ends of an authority is counted, once; what a person ended is not counted again."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.authorities import open_desk

from amaan.engines.postgres.database import PostgresDatabase
from amaan.engines.postgres.outbox import events_after
from amaan.kernel.clock import ManualClock
from amaan.trust.audit.service import AuditLog
from amaan.trust.authority.events import CHANGED
from amaan.trust.public.ends import AuthorityEnds
from amaan.trust.public.figures import Tally


async def test_expired_and_sealed_authorities_are_in_the_log_once(
    database: PostgresDatabase, clock: ManualClock, tmp_path: Path
) -> None:
    desk, log = await open_desk(database, clock, tmp_path / "papers"), AuditLog(database, clock)
    ends = AuthorityEnds(desk.service, log)
    await desk.active(expires_at=clock.now() + timedelta(days=2))
    await desk.requested(emergency=True, case_ref="FIR 1/26")
    refused = await desk.requested(emergency=True, case_ref="FIR 2/26")
    await desk.service.refuse(refused.id, desk.approver, "no ground")
    clock.advance(timedelta(days=3))
    assert await desk.service.expire_due() == 2
    for _ in range(2):  # each event is delivered at least once
        async with database.transaction() as connection:
            events = await events_after(connection, 0, 100)
        for event in events:
            if event.name == CHANGED:
                async with database.transaction() as connection:
                    await ends.handle(connection, event)
    tally = Tally()
    async for entry in log.entries():
        assert entry.record.actor == "system:authority"
        tally.hear(entry)
    assert {cell: count for (_, cell), count in tally.atoms.items()} == {
        ("authorities", "stolen_vehicle", "expired"): 1,
        ("authorities", "stolen_vehicle", "sealed"): 1,
    }
