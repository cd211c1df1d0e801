from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amaan.city.model import CityInputError
from amaan.city.sheet import read_sheet
from amaan.kernel.geography import Point

HEAD = "code,name,site,address,lon,lat,bearing_deg,enabled,read_plates,analysis_fps\n"


def test_good_lines_are_read_with_their_defaults() -> None:
    sheet = read_sheet(
        "\ufeffCode, name ,site,address,lon,lat\r\n"
        'A,"Gate, east",S,rtsp://10.0.0.5/1,67.02,24.85\r\n'
        "\r\n"
        "B,Gate,S,/videos/b.mp4,,\r\n"
    )
    assert sheet.rejected == ()
    first, second = (line.camera for line in sheet.lines)
    assert (first.name, first.place) == ("Gate, east", Point(67.02, 24.85))
    assert (first.enabled, first.read_plates, first.analysis_fps) == (True, True, 5.0)
    assert second.place is None
    assert [line.number for line in sheet.lines] == [2, 4]


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        (",Gate,S,rtsp://h/1,,,,,,", "code", "empty"),
        ("A,Gate,S,rtsp://h/1,67,,,,,", "lon", "together"),
        ("A,Gate,S,rtsp://h/1,667,24,,,,", "lon", "Earth"),
        ("A,Gate,S,rtsp://h/1,x,24,,,,", "lon", "not a number"),
        ("A,Gate,S,rtsp://h/1,,,,maybe,,", "enabled", "true nor false"),
        ("A,Gate,S,rtsp://h/1", "", "4 cells"),
        ("A,Gate,S,rtsp://h/1,,,,,,,", "", "11 cells"),
    ],
)
def test_bad_line_is_reported_with_line_column_and_reason(
    line: str, column: str, reason: str
) -> None:
    sheet = read_sheet(HEAD + "GOOD,Gate,S,rtsp://h/1,,,,,,\n" + line + "\n")
    assert len(sheet.lines) == 1
    (bad,) = sheet.rejected
    assert (bad.line, bad.column) == (3, column)
    assert reason in bad.reason


def test_code_that_stands_twice_is_refused_the_second_time() -> None:
    sheet = read_sheet(HEAD + "A,Gate,S,rtsp://h/1,,,,,,\nA,Gate,S,rtsp://h/2,,,,,,\n")
    assert [line.number for line in sheet.lines] == [2]
    assert "line 2 already" in sheet.rejected[0].reason


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "code,name\n",
        "code,name,site,address,address\n",
        "code,name,site,address,colour\n",
    ],
)
def test_heading_that_cannot_be_used_is_refused(text: str) -> None:
    with pytest.raises(CityInputError):
        read_sheet(text)


@pytest.mark.parametrize(
    "line",
    [
        "A,Gate,S,rtsp://admin:hunter2@10.0.0.5/1,x,1,,,,",
        "A,Gate,S,ftp://admin:hunter2@10.0.0.5/1,x,1,,,,",
        "A,Gate,rtsp://admin:hunter2@10.0.0.5/1",
        "rtsp://admin:hunter2@10.0.0.5/1,A,Gate,S,,,,,,,,,,",
        "A,Gate,S,rtsp://admin:hunter2 @10.0.0.5/1,x,,,,,",
        "A,rtsp://admin:hunter2@10.0.0.5/1,S,Gate,x,,,,,",
        "A,Gate,admin:hunter2@10.0.0.5,rtsp://h/1,x,,,,,",
    ],
)
def test_report_never_repeats_a_password(line: str) -> None:
    (bad,) = read_sheet(HEAD + line + "\n").rejected
    assert "hunter2" not in bad.row
    assert "hunter2" not in bad.reason


def test_broken_quoting_ends_the_file_but_keeps_the_lines_before() -> None:
    sheet = read_sheet(HEAD + 'A,Gate,S,rtsp://h/1,,,,,,\nB,"Gate,S,rtsp://h/1\n')
    assert [line.camera.code for line in sheet.lines] == ["A"]
    assert sheet.rejected[0].line == 3


@given(st.text(max_size=300))
def test_any_text_gives_a_report_or_the_one_error(text: str) -> None:
    for content in (text, HEAD + text):
        try:
            read_sheet(content)
        except CityInputError:
            continue
