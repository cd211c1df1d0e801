"""The writer: gapless, in groups, and never ahead of the commit."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
from tests.rooms.trust.audit.conftest import at_work, superuser

from amaan.engines.postgres.database import PostgresDatabase
from amaan.kernel.acting import acting_as, system
from amaan.kernel.clock import ManualClock
from amaan.kernel.errors import NotFoundError
from amaan.trust.audit import store
from amaan.trust.audit.merkle import Frontier
from amaan.trust.audit.model import Asked, AuditUnavailableError, Entry, Outcome, Record
from amaan.trust.audit.service import WAITING_MOST, AuditLog
from amaan.trust.audit.signing import Signer
from amaan.trust.model import Account

RECORD = Record("search_reads", "account:1", permission="plates.search")


async def everything(log: AuditLog) -> list[Entry]:
    return [entry async for entry in log.entries(batch=7)]


async def test_positions_have_no_gaps_and_the_tree_follows(
    log: AuditLog, database: PostgresDatabase
) -> None:
    async with at_work(log):
        positions = await asyncio.gather(*(log.write(RECORD) for _ in range(700)))
    assert sorted(positions) == list(range(700))
    tree = Frontier()
    for entry in await everything(log):
        assert entry.position == tree.size
        tree.append(entry.leaf_hash)
    async with database.transaction() as connection:
        stored = await store.frontier(connection)
    assert (stored.size, stored.hashes) == (tree.size, tree.hashes)


async def test_entries_stand_in_the_order_they_came(log: AuditLog) -> None:
    async with at_work(log):
        await asyncio.gather(*(log.write(Record(f"action {number}", "a")) for number in range(50)))
    assert [entry.record.action for entry in await everything(log)] == [
        f"action {number}" for number in range(50)
    ]


async def test_two_writers_follow_each_other(
    database: PostgresDatabase, clock: ManualClock
) -> None:
    logs = [AuditLog(database, clock) for _ in range(3)]
    positions = await asyncio.gather(*(log.write(RECORD) for log in logs for _ in range(6)))
    assert sorted(positions) == list(range(18))


async def test_another_process_goes_on_where_this_one_stopped(
    database: PostgresDatabase, clock: ManualClock
) -> None:
    for expected in range(5):
        assert await AuditLog(database, clock).write(RECORD) == expected


async def test_log_without_its_table_refuses(log: AuditLog, dsn: str) -> None:
    async with superuser(dsn) as connection:
        await connection.execute("ALTER TABLE trust.audit_entries RENAME TO hidden")
        with pytest.raises(AuditUnavailableError):
            await log.write(RECORD)
        async with at_work(log):
            refused = await asyncio.gather(
                *(log.write(RECORD) for _ in range(5)), return_exceptions=True
            )
            assert all(isinstance(each, AuditUnavailableError) for each in refused)
            await connection.execute("ALTER TABLE trust.hidden RENAME TO audit_entries")
            assert await log.write(RECORD) == 0


async def test_closed_database_refuses(log: AuditLog, database: PostgresDatabase) -> None:
    await database.close()
    with pytest.raises(AuditUnavailableError):
        await log.write(RECORD)


async def test_who_waits_when_the_writer_ends_is_refused(log: AuditLog) -> None:
    async with at_work(log):
        waiting = asyncio.create_task(log.write(RECORD))
        await asyncio.sleep(0)
    with pytest.raises(AuditUnavailableError):
        await waiting


async def test_queue_is_bounded(log: AuditLog) -> None:
    async with at_work(log):
        written = [asyncio.create_task(log.write(RECORD)) for _ in range(WAITING_MOST + 500)]
        answers = await asyncio.gather(*written, return_exceptions=True)
    refused = [each for each in answers if isinstance(each, AuditUnavailableError)]
    assert len(refused) == 500
    assert len({each for each in answers if isinstance(each, int)}) == WAITING_MOST


async def test_filters_find_what_they_name(log: AuditLog, clock: ManualClock) -> None:
    await log.write(Record("a", "account:1", username="amina", details={"plate": "abc-12"}))
    clock.advance(timedelta(hours=1))
    await log.write(Record("b", "account:2", Outcome.DENIED, permission="plates.search"))
    late = Record("c", "account:1", details={"plate": ["XYZ 9", "ABC12"]})
    await log.write(late)

    async def found(asked: Asked) -> list[int]:
        return [entry.position for entry in await log.newest(asked, 10)]

    assert await found(Asked()) == [2, 1, 0]
    assert await found(Asked(actor="account:1")) == [2, 0]
    assert await found(Asked(actor="amina")) == [0]
    assert await found(Asked(action="b")) == [1]
    assert await found(Asked(permission="plates.search")) == [1]
    assert await found(Asked(outcome=Outcome.DENIED)) == [1]
    assert await found(Asked(plate="ABC12")) == [2, 0]
    assert await found(Asked(since=clock.now())) == [2, 1]
    assert await found(Asked(until=clock.now())) == [0]
    assert await found(Asked(before=2, after=0)) == [1]
    assert (await log.span_of(clock.now(), None)).begin == 1


async def test_entry_that_is_not_there_is_not_found(log: AuditLog) -> None:
    await log.write(RECORD)
    assert (await log.entry(0)).record.action == "search_reads"
    with pytest.raises(NotFoundError):
        await log.entry(1)


async def test_pushed_event_names_who_saw_it(log: AuditLog) -> None:
    amina = Account(UUID(int=7), "amina", "Amina", ())
    await log.pushed(amina, {"read.seen": ["r1", "r2"], "alarm.raised": ["a1"]})
    (entry,) = await everything(log)
    assert (entry.record.actor, entry.record.username) == ("system:live", "amina")
    assert entry.record.details == {
        "account": str(amina.id),
        "shown": {"read.seen": ["r1", "r2"], "alarm.raised": ["a1"]},
        "count": 3,
    }


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE trust.audit_entries SET actor = 'nobody'",
        "DELETE FROM trust.audit_entries",
        "TRUNCATE trust.audit_entries",
        "UPDATE trust.audit_tree SET size = 0, frontier = '{}'",
        "DELETE FROM trust.audit_tree",
        "UPDATE trust.audit_nodes SET hash = ''",
        "DELETE FROM trust.audit_checkpoints",
        "UPDATE trust.audit_checkpoints SET size = 0",
        "DELETE FROM trust.audit_cosignatures",
        "ALTER TABLE trust.audit_entries DISABLE TRIGGER ALL",
    ],
)
async def test_application_cannot_change_the_log(
    log: AuditLog, signer: Signer, database: PostgresDatabase, statement: str
) -> None:
    for _ in range(20):
        await log.write(RECORD)
    await signer.sign()
    with acting_as(system("test")), pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with database.transaction() as connection:
            await connection.execute(statement)


async def test_owner_is_stopped_by_triggers_too(log: AuditLog, dsn: str) -> None:
    await log.write(RECORD)
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as owner:
        for statement in (
            "UPDATE trust.audit_entries SET actor = 'nobody'",
            "DELETE FROM trust.audit_entries",
            "TRUNCATE trust.audit_entries",
            "UPDATE trust.audit_tree SET size = 0",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await owner.execute(statement)


async def test_clean_transaction_of_anybody_reads_the_log(
    log: AuditLog, database: PostgresDatabase
) -> None:
    await log.write(RECORD)
    with acting_as(system("misuse")):
        assert len(await everything(log)) == 1


async def test_text_longer_than_any_plate_keeps_no_entry_out(log: AuditLog) -> None:
    letters = "".join(chr(0x4E00 + number) for number in range(1_900))
    async with at_work(log):
        await asyncio.gather(
            log.write(Record("search_reads", "account:1", details={"plate": letters})),
            log.write(RECORD),
        )
    assert len(await everything(log)) == 2
