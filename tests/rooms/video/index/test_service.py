"""What workers tell becomes an index: once, in order, of their own cameras; and a timeline."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from tests.rooms.video.index.conftest import NOW, City, Ledger, seconds, segment, window

from amaan.engines.postgres.database import PostgresDatabase
from amaan.kernel.acting import Acting, acting_as
from amaan.kernel.clock import ManualClock
from amaan.kernel.errors import ConflictError, InvalidError
from amaan.video.index.model import (
    CAUSES,
    Cause,
    Entry,
    JournalHoleError,
    Outage,
    Removed,
    Span,
    TimelineTooLongError,
)
from amaan.video.index.service import IndexService


async def _rows(database: PostgresDatabase, table: str) -> int:
    async with database.transaction() as connection:
        cursor = await connection.execute(f"SELECT count(*) FROM video.{table}")  # noqa: S608
        row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def test_segments_that_follow_each_other_are_one_span(
    index: IndexService, ledger: Ledger
) -> None:
    ledger.segment("A", 0)
    ledger.segment("A", 60)
    ledger.segment("A", 180)
    assert await ledger.send() == 3
    (found,) = await index.timeline(window("A"), 100_000)
    assert seconds(found) == [(0, 120), (180, 240)]


async def test_what_is_sent_again_counts_once(
    index: IndexService, ledger: Ledger, database: PostgresDatabase
) -> None:
    ledger.segment("A", 0)
    await ledger.send()
    ledger.segment("A", 60)
    assert await ledger.send() == 2
    assert await ledger.send() == 2
    assert await _rows(database, "segments") == 2


async def test_a_hole_in_the_journal_is_refused_and_says_how_far_it_came(ledger: Ledger) -> None:
    for at in (0, 60, 120):
        ledger.segment("A", at)
    await ledger.send(ledger.entries[:1])
    with pytest.raises(JournalHoleError) as refused:
        await ledger.send(ledger.entries[2:])
    assert refused.value.context["applied"] == "1"


async def test_another_workers_ledger_is_refused(index: IndexService, ledger: Ledger) -> None:
    ledger.segment("A", 0)
    await ledger.send()
    with pytest.raises(ConflictError):
        await index.apply("worker-2", ledger.id, [Entry(2, segment("C", 0))])


async def test_a_worker_speaks_of_its_own_cameras_only(
    index: IndexService, ledger: Ledger, database: PostgresDatabase
) -> None:
    ledger.segment("C", 0)
    ledger.segment("A", 0)
    assert await ledger.send() == 2
    assert await _rows(database, "segments") == 1
    other, mine = await index.timeline(window("C", "A"), 1000)
    assert seconds(other) == []
    assert seconds(mine) == [(0, 60)]


async def test_a_worker_cannot_drop_or_finish_what_another_recorded(
    index: IndexService, ledger: Ledger, city: City
) -> None:
    theirs = Ledger(index, "worker-2")
    kept = theirs.segment("C", 0)
    await theirs.send()
    ledger.drop(kept)
    await ledger.send()
    city.runs["worker-1"].append("C")
    ledger.say(kept)
    await ledger.send()
    (found,) = await index.timeline(window("C"), 1000)
    assert seconds(found) == [(0, 60)]


async def test_a_camera_that_moved_on_may_still_be_told_of_by_who_had_it(
    index: IndexService, ledger: Ledger, city: City
) -> None:
    ledger.segment("A", 0)
    await ledger.send()
    city.runs = {"worker-1": ["B"], "worker-2": ["A", "C"]}
    ledger.segment("A", 60)
    await ledger.send()
    (found,) = await index.timeline(window("A"), 1000)
    assert seconds(found) == [(0, 120)]


async def test_what_is_being_written_shows_up_to_now_and_not_for_ever(
    index: IndexService, ledger: Ledger, clock: ManualClock
) -> None:
    growing = segment("A", 0, None)
    ledger.say(growing)
    await ledger.send()
    clock.advance(timedelta(seconds=20))
    (found,) = await index.timeline(window("A"), 100_000)
    assert seconds(found) == [(0, 20)]
    clock.advance(timedelta(hours=1))
    (found,) = await index.timeline(window("A"), 100_000)
    assert seconds(found) == [(0, 120)]


async def test_a_finished_segment_never_changes(
    index: IndexService, ledger: Ledger, database: PostgresDatabase
) -> None:
    said = ledger.segment("A", 0)
    await ledger.send()
    ledger.say(replace(said, sha256="0" * 64))
    await ledger.send()
    async with database.transaction() as connection:
        cursor = await connection.execute("SELECT encode(sha256, 'hex') FROM video.segments")
        assert await cursor.fetchall() == [(said.sha256,)]


async def test_what_is_dropped_leaves_the_timeline(index: IndexService, ledger: Ledger) -> None:
    gone = ledger.segment("A", 0)
    ledger.segment("A", 60)
    ledger.drop(gone, Removed.DISK)
    await ledger.send()
    (found,) = await index.timeline(window("A"), 100_000)
    assert seconds(found) == [(60, 120)]


async def test_a_lost_ledger_leaves_nothing_growing(index: IndexService, ledger: Ledger) -> None:
    ledger.say(segment("A", 0, None))
    await ledger.send()
    anew = Ledger(index)
    anew.segment("B", 0)
    await anew.send()
    (found,) = await index.timeline(window("A"), 1000)
    assert seconds(found) == []


async def test_a_gap_that_lasts_shows_up_to_now_and_then_its_end(
    index: IndexService, ledger: Ledger, clock: ManualClock
) -> None:
    gap = ledger.gap("A", 0, None, Cause.LINK)
    await ledger.send()
    clock.advance(timedelta(seconds=90))
    (found,) = await index.timeline(window("A"), 100_000)
    start = round(NOW.timestamp() * 1000)
    assert found.gaps.tolist() == [[start, start + 90_000, CAUSES.index(Cause.LINK)]]
    ledger.say(replace(gap, end=NOW + timedelta(seconds=30)))
    await ledger.send()
    (found,) = await index.timeline(window("A"), 100_000)
    assert found.gaps.tolist() == [[start, start + 30_000, CAUSES.index(Cause.LINK)]]


async def test_a_gap_in_a_dark_site_is_of_power_and_one_elsewhere_of_the_link(
    index: IndexService, ledger: Ledger, city: City
) -> None:
    city.dark = [Outage(NOW, NOW + timedelta(seconds=100))]
    ledger.gap("A", 1, 99, Cause.LINK)
    ledger.gap("A", 5000, 9000, Cause.LINK)
    ledger.gap("B", 1, 99, Cause.PLAN)
    await ledger.send()
    a, b = await index.timeline(window("A", "B"), 100_000)
    assert [CAUSES[row[2]] for row in a.gaps.tolist()] == [Cause.POWER, Cause.LINK]
    assert [CAUSES[row[2]] for row in b.gaps.tolist()] == [Cause.PLAN]


async def test_power_that_becomes_known_later_relabels_gaps(
    index: IndexService, ledger: Ledger, city: City
) -> None:
    ledger.gap("A", 1, 99, Cause.LINK)
    await ledger.send()
    city.dark = [Outage(NOW, None)]
    assert await index.judge_gaps("GATE", NOW, NOW + timedelta(hours=1)) == 1
    assert await index.judge_gaps("GATE", NOW, NOW + timedelta(hours=1)) == 0
    (found,) = await index.timeline(window("A"), 100_000)
    assert [CAUSES[row[2]] for row in found.gaps.tolist()] == [Cause.POWER]


async def test_a_segment_over_midnight_is_one_span_of_two_days(
    index: IndexService, ledger: Ledger, database: PostgresDatabase
) -> None:
    ledger.segment("A", 12 * 3600 - 30)
    await ledger.send()
    assert await _rows(database, "recorded_days") == 2
    (found,) = await index.timeline(window("A"), 100_000)
    assert seconds(found) == [(12 * 3600 - 30, 12 * 3600 + 30)]
    assert found.oldest == round((NOW - timedelta(hours=12)).timestamp() * 1000)


async def test_far_out_spans_join_and_no_gap_is_left_out(
    index: IndexService, ledger: Ledger
) -> None:
    ledger.segment("A", 0)
    ledger.gap("A", 60, 65, Cause.CAMERA)
    ledger.segment("A", 65)
    await ledger.send()
    (found,) = await index.timeline(window("A"), 100)
    assert seconds(found) == [(0, 125)]
    assert len(found.gaps) == 1


async def test_a_timeline_shows_what_one_may_see(index: IndexService, ledger: Ledger) -> None:
    ledger.segment("A", 0)
    await ledger.send()
    with acting_as(Acting("account:1", ("PORT",))):
        (found,) = await index.timeline(window("A"), 1000)
        assert seconds(found) == []
        assert found.oldest is None
        assert await index.timeline(window(), 1000) == []


async def test_a_timeline_too_long_or_backwards_is_refused(index: IndexService) -> None:
    with pytest.raises(TimelineTooLongError):
        await index.timeline(window("A", start_s=0, end_s=90 * 86_400), 1000)
    with pytest.raises(InvalidError):
        await index.timeline(window("A", start_s=0, end_s=0), 1000)


async def test_wanted_copies_hold_what_they_name_until_they_end(index: IndexService) -> None:
    span = Span(NOW, NOW + timedelta(minutes=5))
    cause = f"incident:{uuid4()}"
    await index.want_copy(cause, "A", span)
    await index.want_copy(cause, "A", Span(span.until, span.until + timedelta(minutes=1)))
    held = Span(NOW, NOW + timedelta(minutes=6))
    assert await index.holds_for(["A", "B"]) == {"A": [held]}
    await index.end_copies(cause)
    assert await index.holds_for(["A", "B"]) == {}


async def test_the_place_of_a_moment_is_its_segment_or_the_next(
    index: IndexService, ledger: Ledger
) -> None:
    first, later = ledger.segment("A", 0), ledger.segment("A", 600)
    await ledger.send()

    async def at(seconds_: float) -> object:
        place = await index.place("A", "main", NOW + timedelta(seconds=seconds_))
        return None if place is None else place.segment

    assert await at(30) == first.id
    assert await at(60) == later.id
    assert await at(660) is None
