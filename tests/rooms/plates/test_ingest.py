from __future__ import annotations

from datetime import timedelta

from tests.rooms.plates.conftest import Room
from tests.rooms.plates.deliveries import BOOT, NOW, a_read, delivery, moment

from amaan.plates.model import Category, EntryDraft, EntryKind, Severity


def draft(plate: str, kind: EntryKind = EntryKind.PLATE) -> EntryDraft:
    return EntryDraft(
        plate, kind, "stolen in Clifton", Category.STOLEN, Severity.HIGH, "FIR 12/26", "", NOW, None
    )


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


async def test_wanted_plate_is_matched_in_the_transaction_that_stores_it(room: Room) -> None:
    await room.hotlist.add(draft("BGC771"), "amna")
    await room.ingest.receive(delivery(a_read(1), a_read(2, "8GC771"), a_read(3, "BGC772")))
    found = await room.rows(
        "SELECT kind, verify, round(cost::numeric, 2)::text FROM plates.matches ORDER BY cost"
    )
    assert found == [("exact", False, "0.00"), ("near", True, "0.25")]
    assert len(await room.rows("SELECT 1 FROM kernel.outbox WHERE name = 'plates.matched'")) == 2


async def test_expired_entry_stops_matching_at_its_moment(room: Room) -> None:
    entry = await room.hotlist.add(draft("BGC771"), "amna")
    room.clock.advance(timedelta(seconds=5))
    await room.hotlist.end(entry.id)
    await room.ingest.receive(delivery(a_read(1)))
    assert await room.rows("SELECT count(*) FROM plates.matches") == [(0,)]


async def test_day_takes_over_what_the_default_partition_holds_of_it(room: Room) -> None:
    ahead = moment(NOW + timedelta(days=3))
    await room.ingest.receive(delivery(a_read(1, observed_at=ahead)))
    assert await room.rows("SELECT clock_suspect FROM plates.reads_default") == [(True,)]
    room.clock.advance(timedelta(days=3))
    await room.ingest.receive(
        delivery(a_read(2, observed_at=ahead), sent_at=NOW + timedelta(days=3))
    )
    assert await room.rows("SELECT count(*) FROM plates.reads_default") == [(0,)]
    assert await room.rows("SELECT count(*) FROM plates.reads_20260305") == [(2,)]
