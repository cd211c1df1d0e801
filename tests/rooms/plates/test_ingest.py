from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.rooms.plates.conftest import Room
from tests.rooms.plates.deliveries import BOOT, NOW, a_read, delivery, moment

from amaan.kernel.errors import UnavailableError
from amaan.plates.model import IngestBusyError


async def test_reads_are_stored_and_acknowledged_by_range(room: Room) -> None:
    receipt = await room.ingest.receive(delivery(a_read(1), a_read(2), a_read(4)))
    assert receipt.acknowledged == [(BOOT, 1, 2), (BOOT, 4, 4)]
    assert receipt.accepted == 3
    assert await room.rows("SELECT seq FROM plates.reads ORDER BY seq") == [(1,), (2,), (4,)]


async def test_same_delivery_twice_counts_once(room: Room) -> None:
    body = delivery(a_read(1), a_read(2))
    await room.ingest.receive(body)
    again = await room.ingest.receive(body)
    assert (again.accepted, again.duplicates) == (0, 2)
    assert again.acknowledged == [(BOOT, 1, 2)]
    assert await room.rows("SELECT count(*) FROM plates.reads") == [(2,)]


async def test_same_number_with_another_payload_is_a_conflict_and_is_announced_once(
    room: Room,
) -> None:
    await room.ingest.receive(delivery(a_read(1)))
    for _ in range(2):
        receipt = await room.ingest.receive(delivery(a_read(1, "XYZ999")))
        assert receipt.conflicts == [(BOOT, 1)]
        assert receipt.acknowledged == [(BOOT, 1, 1)]
    assert await room.rows("SELECT plate FROM plates.reads") == [("BGC771",)]
    assert await room.rows("SELECT kind, seq FROM plates.refused_observations") == [("conflict", 1)]
    announced = await room.rows("SELECT name FROM kernel.outbox WHERE name = 'plates.conflicted'")
    assert len(announced) == 1


async def test_bad_read_is_set_aside_and_its_neighbours_are_kept(room: Room) -> None:
    receipt = await room.ingest.receive(
        delivery(a_read(1), a_read(2, confidence=7), a_read(3, plate="کراچی"), a_read(4))
    )
    assert receipt.accepted == 2
    assert [(boot, seq) for boot, seq, _ in receipt.rejected] == [(BOOT, 2), (BOOT, 3)]
    assert receipt.acknowledged == [(BOOT, 1, 4)]
    again = await room.ingest.receive(delivery(a_read(2, confidence=7)))
    assert (again.duplicates, again.rejected) == (1, [])


async def test_rejected_reads_are_logged_once(
    room: Room, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        await room.ingest.receive(delivery(a_read(1), a_read(2, confidence=7)))
    assert capsys.readouterr().out.count("plates.read_rejected") == 1
    assert room.ingest.counts.rejected == 1


async def test_wanted_plate_is_matched_in_the_transaction_that_stores_it(room: Room) -> None:
    await room.hotlist.add(room.draft("BGC771"), "amna")
    await room.ingest.receive(delivery(a_read(1), a_read(2, "8GC771"), a_read(3, "BGC772")))
    found = await room.rows(
        "SELECT kind, verify, round(cost::numeric, 2)::text FROM plates.matches ORDER BY cost"
    )
    assert found == [("exact", False, "0.00"), ("near", True, "0.25")]
    assert len(await room.rows("SELECT 1 FROM kernel.outbox WHERE name = 'plates.matched'")) == 2


async def test_expired_entry_stops_matching_at_its_moment(room: Room) -> None:
    entry = await room.hotlist.add(room.draft("BGC771"), "amna")
    room.clock.advance(timedelta(seconds=5))
    await room.hotlist.end(entry.id)
    await room.ingest.receive(delivery(a_read(1)))
    assert await room.rows("SELECT count(*) FROM plates.matches") == [(0,)]


async def test_day_takes_over_what_the_default_partition_holds_of_it(room: Room) -> None:
    ahead = moment(NOW + timedelta(days=3))
    await room.ingest.receive(delivery(a_read(1, observed_at=ahead)))
    assert await room.rows("SELECT clock_suspect, tableoid::regclass::text FROM plates.reads") == [
        (True, "plates.reads_default")
    ]
    room.clock.advance(timedelta(days=3))
    await room.ingest.receive(
        delivery(a_read(2, observed_at=ahead), sent_at=NOW + timedelta(days=3))
    )
    where = "SELECT tableoid::regclass::text, count(*) FROM plates.reads GROUP BY 1"
    assert await room.rows(where) == [("plates.reads_20260305", 2)]


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
async def test_any_order_and_repetition_of_deliveries_leaves_the_same_state(
    room: Room, data: st.DataObject
) -> None:
    boot = uuid4()
    reads = [a_read(n, f"AAA{n:03}", boot=str(boot)) for n in range(1, 41)]
    chosen = data.draw(
        st.lists(st.lists(st.integers(0, 39), min_size=1, max_size=15), min_size=1, max_size=8)
    )
    bodies = [delivery(*(reads[index] for index in batch)) for batch in chosen]
    receipts = await asyncio.gather(*(room.ingest.receive(body) for body in bodies))
    expected = {index + 1 for batch in chosen for index in batch}
    rows = await room.rows(
        "SELECT r.seq, r.plate FROM plates.reads r JOIN plates.ledgers l USING (ledger_id) "
        "WHERE l.boot = %s ORDER BY 1",
        boot,
    )
    assert rows == [(n, f"AAA{n:03}") for n in sorted(expected)]
    assert sum(receipt.accepted for receipt in receipts) == len(expected)
    assert sum(receipt.duplicates for receipt in receipts) == sum(map(len, chosen)) - len(expected)
    ledger = "SELECT high_seq, received FROM plates.ledgers WHERE boot = %s"
    assert await room.rows(ledger, boot) == [(max(expected), len(expected))]
    for batch, receipt in zip(chosen, receipts, strict=True):
        acknowledged = {
            n for _, first, last in receipt.acknowledged for n in range(first, last + 1)
        }
        assert acknowledged == {index + 1 for index in batch}


async def test_late_number_far_below_the_highest_is_told_new_from_seen(room: Room) -> None:
    await room.ingest.receive(delivery(a_read(1), a_read(5000)))
    receipt = await room.ingest.receive(delivery(a_read(1), a_read(600), a_read(5000)))
    assert (receipt.accepted, receipt.duplicates) == (1, 2)


async def test_same_number_of_another_worker_or_boot_is_another_read(room: Room) -> None:
    other = str(uuid4())
    await room.ingest.receive(delivery(a_read(1), a_read(1, boot=other)))
    await room.ingest.receive(delivery(a_read(1), worker="worker-2"))
    assert await room.rows("SELECT count(*) FROM plates.reads") == [(3,)]


async def test_read_that_only_the_database_refuses_costs_itself_alone(room: Room, dsn: str) -> None:
    reads = [a_read(n) for n in range(1, 10)]
    reads[4]["decided_at"] = "0001-01-01T00:00:00+14:00"  # a year that PostgreSQL does hold
    async with await psycopg.AsyncConnection.connect(dsn) as owner:
        await owner.execute(
            "ALTER TABLE plates.reads ADD CHECK (1 / (CASE WHEN seq = 7 THEN 0 ELSE 1 END) = 1)"
        )
    receipt = await room.ingest.receive(delivery(*reads))
    assert receipt.accepted == 8
    assert [seq for _, seq, _ in receipt.rejected] == [7]
    assert sorted(receipt.acknowledged)[0][1] == 1
    assert await room.rows("SELECT count(*) FROM plates.reads") == [(8,)]


async def test_nothing_is_acknowledged_while_the_database_is_away(room: Room) -> None:
    await room.database.close()
    with pytest.raises(UnavailableError):
        await room.ingest.receive(delivery(a_read(1)))
    assert room.ingest.counts.reads == 0


async def test_caller_that_leaves_does_not_take_others_with_it(room: Room) -> None:
    leaving = asyncio.create_task(room.ingest.receive(delivery(a_read(1))))
    staying = asyncio.create_task(room.ingest.receive(delivery(a_read(2))))
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await staying).accepted == 1
    await asyncio.sleep(0)
    assert room.ingest.counts.waiting_reads == 0


async def test_too_much_waiting_is_turned_away(room: Room) -> None:
    room.ingest.counts.waiting_reads = 1_000_000
    with pytest.raises(IngestBusyError):
        await room.ingest.receive(delivery(a_read(1)))
