from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from tests.rooms.plates.conftest import Room, TwoCameras
from tests.rooms.plates.deliveries import BOOT, NOW, a_read, delivery, moment

from amaan.engines.blobs.disk import DiskBlobs
from amaan.kernel.geography import Bounds
from amaan.plates import service
from amaan.plates.model import (
    CursorError,
    PlateError,
    PlateMatch,
    ReadNotFoundError,
    ReadPage,
    Search,
    SearchTooBroadError,
)
from amaan.plates.service import PlatesService
from amaan.plates.settings import PlatesSettings
from amaan.trust.authority.model import NotCoveredError, Scope


@dataclass
class Look:
    """Asks under an authority for every plate of some cameras."""

    service: PlatesService
    authority: UUID

    async def page(self, search: Search) -> ReadPage:
        return await self.service.search(search, await self.service.cover(search, self.authority))


@pytest.fixture
def plates(room: Room, tmp_path: Path) -> Look:
    blobs = DiskBlobs(tmp_path / "blobs")
    service = PlatesService(room.database, TwoCameras(), blobs, room.desk.service, room.clock)
    return Look(service, room.area.id)


async def found(plates: Look, **asked: Any) -> list[str]:
    return [read.plate for read in (await plates.page(Search(**asked))).reads]


async def test_read_comes_back_as_it_was_sent(room: Room, plates: Look) -> None:
    sent = a_read(
        7,
        "BGC771",
        raw_text="BGC-771 سندھ",
        observed_at=moment(NOW + timedelta(microseconds=123_456)),
        box=[-3, 20, 120, 40],
        picture="ab" * 32,
        uncertain=True,
        direction="left",
    )
    await room.ingest.receive(delivery(sent, sent_at=NOW - timedelta(seconds=90)))
    (read,) = (await plates.page(Search())).reads
    assert (read.source, read.boot, read.seq) == ("worker-1", BOOT, 7)
    assert (read.raw_text, read.box, read.picture) == ("BGC-771 سندھ", (-3, 20, 120, 40), "ab" * 32)
    assert (read.crop, read.uncertain, read.direction) == (None, True, "left")
    assert read.observed_at == NOW + timedelta(microseconds=123_456)
    assert read.clock_offset_ms == 90_000
    assert read.characters == pytest.approx([0.99] * 6, abs=1e-9)
    assert await plates.service.read(read.id) == read


async def test_unknown_read_is_not_found(plates: Look) -> None:
    with pytest.raises(ReadNotFoundError):
        await plates.service.read(UUID("0192f3c0-0000-7000-8000-000000000001"))


@pytest.mark.parametrize("most", [100, 0])
@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("BGC*", ["BGC771", "BGC77"]),
        ("*771", ["BGC771", "XGC771"]),
        ("?GC771", ["BGC771", "XGC771"]),
        ("*GC*", ["BGC771", "XGC771", "BGC77"]),
        ("BGC77?", ["BGC771"]),
        ("B*1", ["BGC771"]),
        ("BGC77", ["BGC77"]),
        ("*", ["BGC771", "XGC771", "BGC77", "R8501"]),
        ("Z*", []),
    ],
)
async def test_pattern_finds_what_it_says_by_list_and_by_walk(
    room: Room,
    plates: Look,
    pattern: str,
    expected: list[str],
    most: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(service, "PLATE_LIST", most)
    sent = [a_read(n, plate) for n, plate in enumerate(["R8501", "BGC77", "XGC771", "BGC771"], 1)]
    await room.ingest.receive(delivery(*sent))
    assert await found(plates, plate=pattern, match=PlateMatch.PATTERN) == expected


async def test_exact_and_near_search(room: Room, plates: Look) -> None:
    await room.ingest.receive(
        delivery(a_read(1, "BGC771"), a_read(2, "8GC771"), a_read(3, "86C771"), a_read(4, "BGC777"))
    )
    assert await found(plates, plate="bgc-771") == ["BGC771"]
    near = PlateMatch.NEAR
    assert await found(plates, plate="BGC771", match=near) == ["8GC771", "BGC771"]


async def test_cameras_area_and_time_narrow(room: Room, plates: Look) -> None:
    await room.ingest.receive(
        delivery(
            a_read(1, "AA1", camera="RZ-01-A"),
            a_read(2, "AA2", camera="AP-01-A"),
            a_read(3, "AA3", camera="ELSEWHERE"),
        )
    )
    assert await found(plates, cameras=("RZ-01-A", "ELSEWHERE")) == ["AA3", "AA1"]
    assert await found(plates, bounds=Bounds(67.1, 24.8, 67.2, 25.0)) == ["AA2"]
    with pytest.raises(NotCoveredError):
        await found(plates, bounds=Bounds(0, 0, 1, 1))
    second = NOW + timedelta(milliseconds=2)
    assert await found(plates, since=second) == ["AA3", "AA2"]
    assert await found(plates, until=second) == ["AA1"]
    assert await found(plates, plate="AA2", cameras=("RZ-01-A",)) == []


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"plate": "AA1", "match": PlateMatch.EXACT},
        {"plate": "AA?", "match": PlateMatch.PATTERN},
        {"cameras": ("RZ-01-A", "AP-01-A")},
        {"bounds": Bounds(67, 24, 68, 25)},
    ],
)
async def test_pages_follow_each_other_though_times_are_equal(
    room: Room, plates: Look, asked: dict[str, Any]
) -> None:
    at = moment(NOW)
    await room.ingest.receive(delivery(*(a_read(n, "AA1", observed_at=at) for n in range(1, 12))))
    ids: list[UUID] = []
    cursor: str | None = None
    for _ in range(10):
        page = await plates.page(Search(**asked, cursor=cursor, limit=4))
        ids += [read.id for read in page.reads]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(ids) == len(set(ids)) == 11
    assert ids == sorted(ids, reverse=True)


async def test_journey_is_in_order_of_time_and_leaves_out_unknown_places(
    room: Room, plates: Look
) -> None:
    await room.ingest.receive(
        delivery(
            a_read(3, "AA1", camera="AP-01-A"),
            a_read(1, "AA1", camera="RZ-01-A"),
            a_read(2, "AA1", camera="NOWHERE"),
        )
    )
    search = Search(plate="AA1")
    stops = await plates.service.journey(
        search, await plates.service.cover(search, room.authority.id)
    )
    assert [place.code for _, place in stops] == ["RZ-01-A", "AP-01-A"]


async def test_senseless_questions_are_refused(plates: Look) -> None:
    with pytest.raises(PlateError):
        await plates.page(Search(plate="A B'"))
    for cursor in ("!", "AAAA", "é"):
        with pytest.raises(CursorError):
            await plates.page(Search(cursor=cursor))


async def test_search_that_takes_too_long_says_what_to_narrow(room: Room, tmp_path: Path) -> None:
    hurried = PlatesService(
        room.database,
        TwoCameras(),
        DiskBlobs(tmp_path),
        room.desk.service,
        room.clock,
        PlatesSettings.model_construct(search_timeout_s=0.001),
    )
    reads = [a_read(n, f"AB{n:05}") for n in range(1, 4001)]
    await room.ingest.receive(delivery(*reads))
    search = Search(plate="*1*3*", match=PlateMatch.PATTERN, limit=4000)
    cover = await hurried.cover(search, room.area.id)
    with pytest.raises(SearchTooBroadError, match="narrow"):
        await hurried.search(search, cover)


async def test_reads_older_than_the_tier_need_a_senior(room: Room, plates: Look) -> None:
    days = (0, 89, 91, 200)
    for number, back in enumerate(days, 1):
        at = moment(NOW - timedelta(days=back))
        await room.ingest.receive(delivery(a_read(number, observed_at=at)))
    look = Look(plates.service, room.authority.id)
    wanted = Search(plate="BGC771")
    assert len((await look.page(wanted)).reads) == 2
    early = replace(wanted, since=NOW - timedelta(days=365))
    assert len((await look.page(early)).reads) == 2, "asking for more gives no more"
    since = NOW - timedelta(days=100)
    older = await room.desk.requested(Scope(plates=("BGC771",), since=since))
    assert (await plates.service.extent(older.id, room.desk.approver.id)).reads == 3
    await room.desk.service.approve(older.id, room.desk.approver, senior=True)
    assert len((await Look(plates.service, older.id).page(wanted)).reads) == 3
    room.clock.advance(timedelta(days=2))
    assert len((await look.page(wanted)).reads) == 1
    assert len((await Look(plates.service, older.id).page(wanted)).reads) == 3


async def test_ticker_shows_no_read_that_needs_an_authority(room: Room, plates: Look) -> None:
    for number, minutes in enumerate((14, 16), 1):
        at = moment(NOW - timedelta(minutes=minutes))
        room.clock.advance(timedelta(seconds=1))
        await room.ingest.receive(delivery(a_read(number, observed_at=at)))
    told = [event for event in await room.relay() if event.name == "plates.read"]
    assert len(told) == 2
    young, old = [await plates.service.show_read(event) for event in told]
    assert young is not None
    assert old is None
