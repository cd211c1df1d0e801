"""What an authority allows of the hot-list, and that nothing outlives it."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from tests.rooms.plates.conftest import Room, TwoCameras
from tests.rooms.plates.deliveries import NOW, a_read, delivery, moment

from amaan.engines.postgres.database import PostgresDatabase
from amaan.engines.postgres.outbox import PostgresOutbox
from amaan.kernel.geography import Bounds
from amaan.plates.entries import HotlistService
from amaan.plates.gate import MatchGate
from amaan.plates.importing import HotlistExchange
from amaan.plates.ingest import IngestService
from amaan.plates.model import EntryDraft, EntryError, EntryExistsError, EntryKind
from amaan.trust.authority.model import (
    AuthorityNeededError,
    AuthorityNotActiveError,
    NotCoveredError,
    Scope,
    Use,
)

ONE = Scope(plates=("BGC771",))


async def listed(room: Room, scope: Scope = ONE, **changes: Any) -> EntryDraft:
    """Write an entry for BGC771 under an authority of its own."""
    authority = await room.desk.active(scope, **changes)
    draft = replace(room.draft("BGC771"), authority=authority.id)
    await room.hotlist.add(draft, "amna")
    return draft


async def seen(room: Room, seq: int, **changes: Any) -> int:
    """Deliver a read of BGC771; return how many matches there are then."""
    now = room.clock.now()
    read = {"observed_at": moment(now)} | changes
    await room.ingest.receive(delivery(a_read(seq, **read), sent_at=now))
    return await room.matched()


async def test_entry_needs_an_active_authority_that_covers_its_plate(room: Room) -> None:
    requested = await room.desk.requested(ONE)
    only_search = await room.desk.active(replace(ONE, uses=(Use.SEARCH,)))
    good = await room.desk.active(ONE)
    for authority, error in (
        (UUID(int=7), AuthorityNeededError),
        (requested.id, AuthorityNotActiveError),
        (only_search.id, NotCoveredError),
    ):
        with pytest.raises(error):
            await room.hotlist.add(replace(room.draft("BGC771"), authority=authority), "amna")
    for plate, kind in (("BGC772", EntryKind.PLATE), ("BGC77?", EntryKind.PATTERN)):
        draft = replace(room.draft(plate, kind), authority=good.id)
        with pytest.raises(NotCoveredError):
            await room.hotlist.add(draft, "amna")
    draft = replace(room.draft("BGC771"), authority=good.id)
    late = replace(draft, valid_until=good.expires_at + timedelta(seconds=1))
    with pytest.raises(EntryError):
        await room.hotlist.add(late, "amna")
    entry = await room.hotlist.add(draft, "amna")
    assert entry.ends_at == good.expires_at
    assert await seen(room, 1) == 1
    assert await room.rows("SELECT authority FROM plates.matches") == [(good.id,)]


async def test_entry_stops_matching_the_moment_its_authority_expires(room: Room) -> None:
    await listed(room, expires_at=NOW + timedelta(hours=1))
    room.clock.advance(timedelta(hours=1) - timedelta(microseconds=1))
    assert await seen(room, 1) == 1
    room.clock.advance(timedelta(microseconds=1))
    assert await seen(room, 2) == 1


async def test_read_seen_in_time_and_delivered_after_the_end_does_not_match(room: Room) -> None:
    await listed(room, expires_at=NOW + timedelta(hours=1))
    observed = moment(NOW + timedelta(minutes=10))
    room.clock.advance(timedelta(hours=2))
    assert await seen(room, 1, observed_at=observed) == 0
    assert await room.rows("SELECT count(*) FROM plates.reads") == [(1,)]


async def test_revoked_authority_ends_matching_though_no_event_and_no_poll_came(
    room: Room,
) -> None:
    draft = await listed(room)
    assert await seen(room, 1) == 1
    await room.desk.service.revoke(draft.authority, room.desk.approver, "vehicle found")
    assert await seen(room, 2) == 1
    index_still_holds_it = room.hotlist.index.match("BGC771", room.clock.now())
    assert index_still_holds_it, "or the test proves nothing"


async def test_other_process_hears_of_the_end_by_the_revision(
    room: Room, database: PostgresDatabase
) -> None:
    other = HotlistService(database, room.clock, room.desk.service)
    draft = await listed(room)
    await other.refresh()
    assert other.index.match("BGC771", room.clock.now())
    room.clock.advance(timedelta(minutes=1))
    await room.desk.service.revoke(draft.authority, room.desk.approver, "vehicle found")
    await room.relay()
    await other.refresh()
    assert not other.index.match("BGC771", room.clock.now())
    assert await room.hotlist.page(state="active", text=None, before=None, limit=5) == []


async def test_matching_ends_with_the_job_the_events_and_the_database_link_down(
    room: Room, database: PostgresDatabase
) -> None:
    """The index alone knows the end: nothing need arrive for it to stop."""
    await listed(room, expires_at=NOW + timedelta(hours=1))
    assert room.hotlist.index.match("BGC771", NOW)
    await database.close()
    assert not room.hotlist.index.match("BGC771", NOW + timedelta(hours=1))


async def test_entry_matches_only_at_the_cameras_and_times_of_its_authority(room: Room) -> None:
    scope = replace(
        ONE,
        sites=("RZ-01",),
        bounds=Bounds(67.0, 24.8, 67.1, 24.9),
        until=NOW + timedelta(hours=1),
    )
    await listed(room, scope)
    assert await seen(room, 1, camera="AP-01-A") == 0
    assert await seen(room, 2, camera="NOWHERE") == 0
    assert await seen(room, 3, camera="RZ-01-A") == 1
    room.clock.advance(timedelta(hours=1))
    assert await seen(room, 4, camera="RZ-01-A") == 1


async def test_unapproved_emergency_seals_what_it_found(room: Room) -> None:
    emergency = await room.desk.requested(ONE, emergency=True, case_ref="FIR 9/26")
    draft = replace(room.draft("BGC771"), authority=emergency.id)
    entry = await room.hotlist.add(draft, "amna")
    assert entry.ends_at == NOW + timedelta(hours=24)
    assert await seen(room, 1) == 1
    room.clock.advance(timedelta(hours=24))
    assert await seen(room, 2) == 1
    await room.desk.service.expire_due()
    await room.relay()
    assert await room.rows("SELECT sealed_at FROM plates.matches") == [(room.clock.now(),)]


async def test_approved_emergency_lets_its_entries_go_on(room: Room) -> None:
    emergency = await room.desk.requested(ONE, emergency=True, case_ref="FIR 9/26")
    await room.hotlist.add(replace(room.draft("BGC771"), authority=emergency.id), "amna")
    await room.desk.service.approve(emergency.id, room.desk.approver)
    await room.relay()
    await room.hotlist.refresh()
    room.clock.advance(timedelta(days=3))
    assert await seen(room, 1) == 1


async def test_entries_move_to_the_authority_that_replaces_theirs(room: Room) -> None:
    old = await room.desk.active(Scope(plates=("BGC771", "XYZ123", "AAA111")))
    entries = {}
    for plate in ("BGC771", "XYZ123", "AAA111"):
        draft = replace(room.draft(plate), authority=old.id)
        entries[plate] = await room.hotlist.add(draft, "amna")
    await room.hotlist.end(entries["AAA111"].id)
    room.clock.advance(timedelta(minutes=1))
    new = await room.desk.requested(Scope(plates=("BGC77?", "AAA111")), replaces=old.id)
    await room.relay()
    assert await seen(room, 1) == 1
    await room.desk.service.approve(new.id, room.desk.approver)
    for _ in range(2):
        await room.relay()
        room.position = 0  # an event that comes again changes nothing
    await room.hotlist.refresh()
    now = room.clock.now()
    assert [plate for plate in entries if room.hotlist.index.match(plate, now)] == ["BGC771"]
    moved = await room.hotlist.entry(entries["BGC771"].id)
    assert (moved.authority, moved.ends_at) == (new.id, new.expires_at)
    assert await seen(room, 2) == 2


async def test_changing_an_entry_asks_its_authority_again(room: Room) -> None:
    draft = await listed(room)
    (entry,) = await room.hotlist.page(state="active", text=None, before=None, limit=5)
    other = await room.desk.active(Scope(plates=("XYZ123",)))
    with pytest.raises(NotCoveredError):
        await room.hotlist.change(entry.id, lambda d: replace(d, authority=other.id))
    wider = await room.desk.active(Scope(plates=("BGC*",)))
    changed = await room.hotlist.change(entry.id, lambda d: replace(d, authority=wider.id))
    assert changed.authority == wider.id
    await room.desk.service.revoke(draft.authority, room.desk.approver, "done")
    assert await seen(room, 1) == 1
    await room.desk.service.revoke(wider.id, room.desk.approver, "done")
    with pytest.raises(AuthorityNotActiveError):
        await room.hotlist.change(entry.id, lambda d: replace(d, reason="another"))


async def test_changing_an_entry_makes_no_duplicate_that_writing_refuses(room: Room) -> None:
    await room.hotlist.add(room.draft("BGC771"), "amna")
    second = await room.hotlist.add(replace(room.draft("BGC771"), case_ref="FIR 13/26"), "amna")
    with pytest.raises(EntryExistsError):
        await room.hotlist.change(second.id, lambda d: replace(d, case_ref="FIR 12/26"))
    await room.hotlist.change(second.id, lambda d: replace(d, reason="seen again"))


async def test_file_line_that_the_authority_does_not_cover_is_a_bad_line(room: Room) -> None:
    exchange = HotlistExchange(room.database, room.hotlist, room.clock, room.desk.service)
    text = (
        "plate,reason,category,severity,valid_until\n"
        "BGC771,stolen,stolen,high,\nXYZ123,stolen,stolen,high,\n"
        "BGC772,stolen,stolen,high,2027-01-01T00:00:00Z\n"
    )
    authority = await room.desk.active(Scope(plates=("BGC*",)))
    report = await exchange.take(io.BytesIO(text.encode()), "amna", authority.id)
    assert report.added == 1
    assert [(row.line, row.column) for row in report.rejected] == [
        (3, "plate"),
        (4, "valid_until"),
    ]
    with pytest.raises(AuthorityNeededError):
        await exchange.take(io.BytesIO(text.encode()), "amna", None)
    assert await exchange.count(authority.id) == 1
    assert await exchange.count(room.authority.id) == 0
    await room.desk.service.revoke(authority.id, room.desk.approver, "done")
    with pytest.raises(AuthorityNotActiveError):
        await exchange.count(authority.id)


async def test_database_itself_refuses_entries_without_an_authority(
    room: Room, dsn: str, application_dsn: str
) -> None:
    await room.hotlist.add(room.draft("BGC771"), "amna")
    requested = await room.desk.requested(ONE)
    searching = await room.desk.active(replace(ONE, uses=(Use.SEARCH,)))
    insert = (
        "INSERT INTO plates.entries (id, revision, plate, kind, reason, category, severity, "
        "valid_from, created_by, created_at, authority, authority_until) "
        "VALUES (gen_random_uuid(), 1, 'XYZ123', 'plate', 'x', 'other', 'low', now(), 'x', now(), "
        "%s, %s)"
    )
    until = NOW + timedelta(days=1)
    too_long = NOW + timedelta(days=300)
    statements: list[tuple[str, list[object]]] = [
        (insert, [None, None]),
        (insert, [UUID(int=1), until]),
        (insert, [requested.id, until]),
        (insert, [searching.id, until]),
        (insert, [room.authority.id, too_long]),
        ("UPDATE plates.entries SET authority = NULL", []),
        ("UPDATE plates.entries SET authority = %s", [requested.id]),
        ("UPDATE plates.entries SET authority_until = %s", [too_long]),
        ("UPDATE plates.entries SET plate = 'XYZ999'", []),
    ]
    async with (
        await psycopg.AsyncConnection.connect(dsn, autocommit=True) as owner,
        await psycopg.AsyncConnection.connect(application_dsn, autocommit=True) as role,
    ):
        await role.execute("SET amaan.sites = '*'")
        for connection in (owner, role):
            for statement, values in statements:
                with pytest.raises(psycopg.errors.CheckViolation):
                    await connection.execute(statement, values)


async def test_ingest_of_another_process_asks_the_authority_too(
    room: Room, database: PostgresDatabase
) -> None:
    other = HotlistService(database, room.clock, room.desk.service)
    draft = await listed(room)
    await other.refresh()
    gate = MatchGate(room.desk.service, TwoCameras())
    ingest = IngestService(database, PostgresOutbox(), other.index, gate, room.clock)
    await room.desk.service.revoke(draft.authority, room.desk.approver, "found")
    await ingest.receive(delivery(a_read(1)))
    assert await room.matched() == 0
