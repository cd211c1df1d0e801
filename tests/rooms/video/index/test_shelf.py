"""What is kept in memory is never older than the journal, and never another's."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.rooms.video.index.conftest import NOW, City, Ledger, seconds, window

from amaan.engines.postgres.database import PostgresDatabase
from amaan.kernel.acting import Acting, acting_as, system
from amaan.kernel.clock import ManualClock
from amaan.video.index import rules, service
from amaan.video.index.drawing import Rows
from amaan.video.index.model import CAUSES, Cause, Outage
from amaan.video.index.service import Changes, IndexService
from amaan.video.index.shelf import Shelf
from amaan.video.index.store import Standing

S = 1000
DAY_S = 86_400
GATE = Acting("account:1", ("GATE",))
PORT = Acting("account:2", ("PORT",))


@pytest.fixture(params=[1, 10**9], ids=["kept drawn", "drawn each time"])
def either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have even one camera kept drawn, or none at all."""
    monkeypatch.setattr(service, "MANY", request.param)


@pytest.fixture
def other(database: PostgresDatabase, city: City, clock: ManualClock) -> IndexService:
    """Another process over the same database: what it keeps in memory is its own."""
    return IndexService(database, city, city, clock, city)


@pytest.fixture(autouse=True)
async def standing(database: PostgresDatabase) -> None:
    """Have the city's cameras stand at its sites."""
    with acting_as(system("test")):
        async with database.transaction() as connection:
            for site, cameras in (("GATE", "AB"), ("PORT", "C")):
                await connection.execute(
                    "INSERT INTO city.sites (code, name, name_ur, kind, lon, lat, created_at,"
                    " updated_at) VALUES (%s, %s, '', 'other', 67, 24, now(), now())",
                    [site, site],
                )
                for camera in cameras:
                    await connection.execute(
                        "INSERT INTO city.cameras (code, name, site, address_sealed,"
                        " address_redacted, enabled, read_plates, analysis_fps, created_at,"
                        " updated_at) VALUES (%s, %s, %s, 'x', 'rtsp://x', true, false, 5,"
                        " now(), now())",
                        [camera, camera, site],
                    )


def far() -> tuple[int, int]:
    """Return days back and pixels for which a city is kept drawn."""
    return -30 * DAY_S, 300


@pytest.mark.usefixtures("either_way")
async def test_what_the_journal_says_after_an_answer_is_in_the_next(
    index: IndexService, other: IndexService, ledger: Ledger
) -> None:
    back, width = far()
    ledger.segment("A", -5 * DAY_S, 60)
    await ledger.send()
    for each in (index, other):
        assert seconds((await each.timeline(window("A", start_s=back), width))[0]) == [
            (-5 * DAY_S, -5 * DAY_S + 60)
        ]
    ledger.segment("A", 0)  # today
    ledger.segment("A", -9 * DAY_S)  # told late: what lay at its worker while the link was down
    await ledger.send()
    for each in (index, other):
        assert seconds((await each.timeline(window("A", start_s=back), width))[0]) == [
            (-9 * DAY_S, -9 * DAY_S + 60),
            (-5 * DAY_S, -5 * DAY_S + 60),
            (0, 60),
        ]


@pytest.mark.usefixtures("either_way")
async def test_what_is_dropped_is_gone_from_memory_too(
    index: IndexService, other: IndexService, ledger: Ledger
) -> None:
    back, width = far()
    old = ledger.segment("A", -5 * DAY_S)
    half = ledger.segment("A", -4 * DAY_S)
    ledger.segment("A", -4 * DAY_S + 40_000)
    await ledger.send()
    for each in (index, other):
        assert len(seconds((await each.timeline(window("A", start_s=back), width))[0])) == 3
    ledger.drop(old)  # all that its day had
    ledger.drop(half)
    await ledger.send()
    for each in (index, other):
        (found,) = await each.timeline(window("A", start_s=back), width)
        assert seconds(found) == [(-4 * DAY_S + 40_000, -4 * DAY_S + 40_060)]
        assert found.oldest == rules.day_start(rules.day_of(int(found.spans[0, 0])))


@pytest.mark.usefixtures("either_way")
async def test_a_gap_that_lasted_has_its_end_in_the_next_answer(
    index: IndexService, ledger: Ledger, clock: ManualClock
) -> None:
    back, width = far()
    lasting = ledger.gap("A", -50, None, Cause.LINK)
    await ledger.send()
    (before,) = await index.timeline(window("A", start_s=back), width)
    assert before.gaps[:, 1].tolist() == [rules.to_ms(NOW)]
    clock.advance(timedelta(seconds=500))
    ledger.say(replace(lasting, end=NOW - timedelta(seconds=20)))
    await ledger.send()
    (after,) = await index.timeline(window("A", start_s=back), width)
    assert after.gaps[:, 1].tolist() == [rules.to_ms(NOW) - 20 * S]


@pytest.mark.usefixtures("either_way")
async def test_power_that_becomes_known_later_changes_what_is_kept(
    index: IndexService, ledger: Ledger, city: City
) -> None:
    back, width = far()
    ledger.gap("A", -7 * DAY_S, -7 * DAY_S + 600, Cause.LINK)
    await ledger.send()
    (before,) = await index.timeline(window("A", start_s=back), width)
    assert CAUSES[before.gaps[0, 2]] is Cause.LINK
    since = NOW - timedelta(days=7)
    city.dark = [Outage(since, since + timedelta(seconds=600))]
    await index.judge_gaps("GATE", since, since + timedelta(hours=1))
    (after,) = await index.timeline(window("A", start_s=back), width)
    assert [CAUSES[row[2]] for row in after.gaps] == [Cause.POWER]


@pytest.mark.usefixtures("either_way")
async def test_another_sites_officer_gets_nothing_of_what_is_kept(
    index: IndexService, ledger: Ledger
) -> None:
    back, width = far()
    ledger.segment("A", 0)
    ledger.gap("B", -50, -20, Cause.LINK)
    await ledger.send()
    asked = window("A", "B", start_s=back), width
    assert [len(one.spans) + len(one.gaps) for one in await index.timeline(*asked)] == [1, 1]
    with acting_as(PORT):
        for one in await index.timeline(*asked):
            assert (len(one.spans), len(one.gaps), one.oldest) == (0, 0, None)
        assert await index.timeline(window(start_s=back), width) == []
    with acting_as(GATE):  # the refused question spoilt nothing
        found = await index.timeline(window(start_s=back), width)
        assert [one.camera for one in found] == ["A", "B"]


async def test_who_is_let_into_a_site_later_sees_all_of_it(
    index: IndexService, ledger: Ledger
) -> None:
    ledger.segment("A", 0)
    await ledger.send()
    with acting_as(PORT):
        assert seconds((await index.timeline(window("A"), 1000))[0]) == []
    with acting_as(Acting("account:2", ("PORT", "GATE"))):
        assert seconds((await index.timeline(window("A"), 1000))[0]) == [(0, 60)]


async def test_questions_at_once_while_the_journal_goes_on_end_with_all_of_it(
    index: IndexService, ledger: Ledger
) -> None:
    async def ask() -> None:
        for _ in range(10):
            await index.timeline(window("A"), 100_000)

    async def tell() -> None:
        for at in range(10):
            ledger.segment("A", at * 120)
            await ledger.send()

    await asyncio.gather(ask(), ask(), tell(), ask())
    (found,) = await index.timeline(window("A"), 100_000)
    assert seconds(found) == [(at * 120, at * 120 + 60) for at in range(10)]


async def test_every_write_of_a_day_counts(
    index: IndexService, ledger: Ledger, database: PostgresDatabase
) -> None:
    ledger.segment("A", 0)
    await ledger.send()
    assert seconds((await index.timeline(window("A"), 1000))[0]) == [(0, 60)]
    changes = Changes()
    changes.removed("A", "main", NOW, NOW + timedelta(seconds=60))
    async with database.transaction() as connection:
        await changes.write(connection)
    assert seconds((await index.timeline(window("A"), 1000))[0]) == []


# -- the shelf by itself -------------------------------------------------------------------------


def day_of(*spans: rules.Pair) -> tuple[bytes, bytes]:
    return rules.pack(spans), b""


def put(shelf: Shelf, camera: str, changed: int, *spans: rules.Pair) -> Rows:
    look = shelf.look([Standing(camera, changed, 0)])
    day = rules.day_of(spans[0][0])
    return shelf.mend(look, [(camera, day, *day_of(*spans))])[camera].rows


def test_a_quicker_readers_newer_copy_stays() -> None:
    shelf = Shelf()
    slow = shelf.look([Standing("A", 1, 0)])
    put(shelf, "A", 2, (0, 10 * S), (20 * S, 30 * S))
    mine = shelf.mend(slow, [("A", rules.day_of(0), *day_of((0, 10 * S)))])
    assert mine["A"].rows.spans.tolist() == [[0, 10 * S]]
    there = shelf.look([Standing("A", 2, 0)])
    assert there.old == {}
    assert there.usable["A"].rows.spans.tolist() == [[0, 10 * S], [20 * S, 30 * S]]


def test_a_day_that_was_removed_has_everything_read_anew() -> None:
    shelf = Shelf()
    put(shelf, "A", 3, (0, 10 * S))
    assert shelf.look([Standing("A", 5, 3)]).since == {"A": 3}
    assert shelf.look([Standing("A", 5, 5)]).since == {"A": -1}


def test_what_is_asked_for_least_lately_makes_room() -> None:
    shelf = Shelf(most_bytes=16 * 3)
    for camera in "ABC":
        put(shelf, camera, 1, (0, 10 * S))
    shelf.mend(shelf.look([Standing("A", 1, 0)]), ())
    put(shelf, "D", 1, (0, 10 * S))
    look = shelf.look([Standing(camera, 1, 0) for camera in "ABCD"])
    assert sorted(look.usable) == ["A", "C", "D"]
    assert shelf.bytes == 48


def test_drawings_make_room_before_what_they_are_drawn_from() -> None:
    shelf = Shelf(most_bytes=16 * 3)
    for camera in "AB":
        put(shelf, camera, 1, (0, 10 * S))
    found = shelf.look([Standing("A", 1, 0), Standing("B", 1, 0)]).usable
    for pixel_ms in (600_000, 700_000):
        assert [len(one.spans) for one in shelf.drawn(found, pixel_ms)] == [1, 1]
        assert shelf.scales == ()
    assert shelf.bytes == 32
