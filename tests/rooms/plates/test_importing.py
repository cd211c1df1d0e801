from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.rooms.plates.conftest import Room
from tests.rooms.plates.deliveries import NOW, a_read, delivery

from amaan.plates.importing import HotlistExchange, ImportReport
from amaan.plates.sheet import SheetError

HEADING = "plate,reason,category,severity,case_ref,instructions,valid_from,valid_until\r\n"


async def take(room: Room, text: str | bytes) -> ImportReport:
    content = text.encode() if isinstance(text, str) else text
    exchange = HotlistExchange(room.database, room.hotlist, room.clock, room.desk.service)
    return await exchange.take(io.BytesIO(content), "amna", room.authority.id)


async def given(room: Room) -> str:
    exchange = HotlistExchange(room.database, room.hotlist, room.clock, room.desk.service)
    return "".join([part async for part in exchange.give(room.authority.id)])


async def test_imported_entry_matches_at_once(room: Room) -> None:
    report = await take(room, HEADING + "bgc-771,stolen,stolen,high,,,,\r\n")
    assert (report.added, report.accepted, report.rejected) == (1, 1, [])
    await room.ingest.receive(delivery(a_read(1)))
    assert await room.rows("SELECT kind FROM plates.matches") == [("exact",)]


async def test_export_reads_back_to_the_same(room: Room) -> None:
    wild = replace(
        room.draft("AB*7"),
        reason='=HYPERLINK("x"), "quoted"\nsecond line',
        instructions="'@sum, کراچی",
        case_ref="-1+1",
        valid_until=NOW + timedelta(days=1),
    )
    plate, kind = "AB*7", type(wild.kind)("pattern")
    await room.hotlist.add(replace(wild, plate=plate, kind=kind), "amna")
    await room.hotlist.add(room.draft("XYZ123"), "amna")
    before = await given(room)
    assert "\n=" not in before.replace("\r", "")
    assert ",=" not in before
    assert '"=' not in before
    report = await take(room, before)
    assert (report.unchanged, report.added, report.changed, report.rejected) == (2, 0, 0, [])
    assert await given(room) == before
    await room.rows("UPDATE plates.entries SET valid_until = valid_from RETURNING 1")
    assert (await take(room, before)).added == 2
    assert sorted((await given(room)).split("\r\n")) == sorted(before.split("\r\n"))


async def test_changed_line_changes_its_entry_and_keeps_its_beginning(room: Room) -> None:
    await take(room, HEADING + "BGC771,stolen,stolen,high,FIR 1,,2026-03-01T00:00:00Z,\n")
    report = await take(room, HEADING + "BGC771,stolen,stolen,critical,FIR 1,armed,,\n")
    assert (report.added, report.changed) == (0, 1)
    rows = await room.rows(
        "SELECT severity, instructions, valid_from::date::text FROM plates.entries"
    )
    assert rows == [("critical", "armed", "2026-03-01")]


async def test_bad_lines_are_named_with_column_and_reason_and_good_ones_taken(room: Room) -> None:
    text = HEADING + "\r\n".join(
        [
            "AAA111,stolen,stolen,high,,,,",
            "AAA112,stolen,stollen,high,,,,",
            "*,anything,other,low,,,,",
            "AAA113,,stolen,high,,,,",
            "AAA114,stolen,stolen,high,,,yesterday,",
            "AAA115,stolen,stolen,high,,,2026-03-01T00:00:00,",
            "AAA116,stolen",
            "AAA117,stolen,stolen,high,,,,2020-01-01T00:00:00Z",
            '"AAA118","two\r\nlines",stolen,high,,,,',
            "",
            "AAA111,again,stolen,low,,,,",
            "AAA119,nul\0,stolen,low,,,,",
        ]
    )
    report = await take(room, text)
    assert report.added == 2
    assert [(row.line, row.column) for row in report.rejected] == [
        (3, "category"),
        (4, "plate"),
        (5, "reason"),
        (6, "valid_from"),
        (7, "valid_from"),
        (8, ""),
        (9, "valid_until"),
        (13, "plate"),
        (14, "reason"),
    ]
    assert "line 2" in report.rejected[-2].reason
    assert "stolen, wanted" in report.rejected[0].reason
    assert report.rejected[0].row == "AAA112,stolen,stollen,high,,,,"


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + HEADING.encode() + "BGC771,چوری,stolen,high,,,,\r\n".encode(),
        b"plate;reason;category;severity\r\nBGC771;stolen, again;stolen;high\r\n",
        b"sep=;\r\nPLATE;Reason;category;severity\r\nBGC771;stolen;Stolen;HIGH\r\n",
        b"severity\tcategory\treason\tplate\nhigh\tstolen\tstolen\tBGC 771",
    ],
)
async def test_files_as_spreadsheets_save_them_are_read(room: Room, content: bytes) -> None:
    report = await take(room, content)
    assert (report.added, report.rejected) == (1, [])
    assert await room.rows("SELECT plate FROM plates.entries") == [("BGC771",)]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "first line must name"),
        (b"BGC771,stolen,stolen,high\n", "first line must name"),
        (b"plate,reason,category\n", "lacks: severity"),
        (b"plate,reason,category,severity,colour\n", "colour"),
        (b"plate,plate,reason,category,severity\n", "twice"),
        (HEADING.encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04rest", "workbook"),
    ],
)
async def test_unreadable_file_says_what_to_do(room: Room, content: bytes, said: str) -> None:
    with pytest.raises(SheetError, match=said):
        await take(room, content)


async def test_line_in_another_encoding_is_named(room: Room) -> None:
    report = await take(
        room, HEADING.encode() + b"BGC771,vol\xe9,stolen,high,,,,\nAAA1,a,other,low,,,,\n"
    )
    assert report.added == 1
    assert (report.rejected[0].line, report.rejected[0].column) == (2, "reason")
    assert "0xE9" in report.rejected[0].reason
    report.rejected[0].row.encode()


async def test_quote_never_closed_is_said_at_its_line(room: Room) -> None:
    report = await take(
        room, HEADING + 'AAA1,a,other,low,,,,\nAAA2,"b,other,low,,,,\nAAA3,c,other,low,,,,\n'
    )
    assert report.added == 1
    assert (report.rejected[0].line, "never closed" in report.rejected[0].reason) == (3, True)


async def test_failing_import_takes_nothing(room: Room) -> None:
    with pytest.raises(SheetError):
        await take(room, "plate\nAAA1\n")
    assert await room.rows("SELECT count(*) FROM plates.entries") == [(0,)]
    assert len(room.hotlist.index) == 0
