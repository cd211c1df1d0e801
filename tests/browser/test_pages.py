"""Search, hot-list, cameras, command bar; both languages, both themes, three sizes."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import Window
from tests.flows.centre import START_LIMIT_S

pytestmark = [pytest.mark.browser, pytest.mark.timeout(int(START_LIMIT_S) + 120)]

OVERFLOW = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def test_search_finds_the_history_of_a_plate_and_draws_its_path(window: Window) -> None:
    window.under(window.town.authority)
    page = window.sign_in("/search")
    page.locator(".search-plate input").fill("bgc 771")
    with page.expect_response(lambda answer: "/api/plates/journeys" in answer.url) as journey:
        page.keyboard.press("Enter")
    rows = page.locator(".results tbody tr")
    expect(rows.first).to_be_visible()
    assert rows.count() >= 4
    assert {chip.get_attribute("aria-label") for chip in rows.locator(".plate-chip").all()} == {
        "BGC771"
    }
    kinds = [feature["geometry"]["type"] for feature in journey.value.json()["features"]]
    assert "LineString" in kinds
    assert "plate=BGC771" in page.url
    page.evaluate("document.activeElement?.blur()")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").locator(".framed img")).to_be_visible()


def test_search_by_pattern_takes_wildcards(window: Window) -> None:
    window.under(window.town.authority)
    page = window.sign_in("/search")
    page.locator(".search-plate input").fill("BGC*")
    page.keyboard.press("Enter")
    expect(page.locator(".results tbody tr").first).to_be_visible()
    assert "match=pattern" in page.url


def test_area_drawn_on_the_map_limits_the_search(window: Window) -> None:
    window.under(window.town.authority)
    page = window.sign_in("/search")
    page.locator(".maplibregl-canvas").wait_for()
    page.get_by_role("button", name="Draw area").click()
    page.locator(".city-map.drawing").wait_for()
    box = page.locator(".city-map-canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 80, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + 260, steps=6)
    page.mouse.up()
    expect(page.get_by_role("button", name="Area drawn")).to_be_visible()
    assert "bounds=" in page.url


def test_entry_is_written_found_and_ended(window: Window) -> None:
    page = window.sign_in("/hotlist")
    page.get_by_role("button", name="Add entry").click()
    page.get_by_label("Plate or pattern").fill("bgx 2716")
    page.get_by_label("Reason", exact=True).fill("Motorcycle of a snatching, Tariq Road")
    page.get_by_role("button", name="Save").click()
    line = page.locator("tr", has=page.get_by_label("BGX2716"))
    expect(line).to_contain_text("Motorcycle of a snatching")
    page.on("dialog", lambda dialog: dialog.accept())
    line.click()
    page.get_by_role("button", name="End entry").click()
    expect(line).to_have_count(0)


def test_import_of_entries_reports_every_bad_line(window: Window, tmp_path: Path) -> None:
    sheet = tmp_path / "wanted.csv"
    sheet.write_text(
        "plate,reason,category,severity\n"
        "BGV101,Stolen van,stolen,high\n"
        "---,No plate at all,stolen,high\n"
        "BGV102,Strange category,borrowed,high\n"
    )
    page = window.sign_in("/hotlist")
    page.get_by_role("button", name="Import CSV").click()
    choose = page.get_by_label("Authority", exact=True)
    choose.select_option(window.town.authority)
    page.locator("input[type=file]").set_input_files(sheet)
    report = page.get_by_role("dialog", name="Import of wanted.csv")
    expect(report).to_contain_text("1 line taken")
    expect(report).to_contain_text("2 lines refused")
    expect(report.locator("tbody tr")).to_have_count(2)
    expect(report.locator("tbody tr").first.locator("td").first).to_have_text("3")


def test_cameras_show_state_and_reason_and_never_a_password(window: Window) -> None:
    page = window.sign_in("/cameras", "keeper")
    line = page.locator("tr", has_text="RZ-03-A")
    expect(line).to_contain_text("connection refused")
    line.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Address")).to_have_attribute(
        "placeholder", "rtsp://amaan:***@127.0.0.1:9/rz-03-A"
    )


def test_command_bar_goes_anywhere(window: Window) -> None:
    window.under(window.town.authority)
    page = window.sign_in()
    page.keyboard.press("Control+k")
    page.keyboard.type("bgc771")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{window.town.url}/search?plate=BGC771&match=exact")
    expect(page.locator(".results tbody tr").first).to_be_visible()
    page.evaluate("document.activeElement?.blur()")
    page.keyboard.press("g")
    page.keyboard.press("c")
    expect(page.get_by_role("heading", name="Cameras")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()


def test_urdu_turns_the_window_round_and_leaves_plates_as_they_are(window: Window) -> None:
    page = window.sign_in()
    page.get_by_role("button", name="اردو").click()
    assert page.evaluate("[document.documentElement.dir, document.documentElement.lang]") == [
        "rtl",
        "ur",
    ]
    expect(page.get_by_role("heading", name="الارم", exact=True)).to_be_visible()
    queue = page.locator(".queue").bounding_box()
    canvas = page.locator(".city-map").bounding_box()
    assert queue is not None
    assert canvas is not None
    assert queue["x"] > canvas["x"]
    chip = page.locator(".queue-row .plate-chip").first
    assert chip.evaluate("node => getComputedStyle(node).direction") == "ltr"
    assert page.evaluate("document.fonts.check('13px \"Noto Sans Arabic Variable\"', 'الارم')")
    page.reload()
    expect(page.get_by_role("heading", name="الارم", exact=True)).to_be_visible()


def test_theme_changes_and_stays(window: Window) -> None:
    page = window.sign_in()
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Light theme").click()
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (dark, light) == ("rgb(12, 15, 19)", "rgb(238, 240, 243)")
    page.reload()
    expect(page.get_by_role("button", name="Dark theme")).to_be_visible()


@pytest.mark.parametrize("path", ["/watch", "/search", "/hotlist", "/cameras"])
@pytest.mark.parametrize("width", [390, 1280, 1920])
def test_no_page_is_wider_than_the_window(window: Window, path: str, width: int) -> None:
    window.page.set_viewport_size({"width": width, "height": 844})
    page = window.sign_in(path)
    page.wait_for_load_state("load")
    page.wait_for_timeout(300)
    assert not page.evaluate(OVERFLOW)


@pytest.mark.parametrize("language", ["en", "ur"])
def test_header_holds_every_page_at_every_width(window: Window, language: str) -> None:
    window.prefer("dark", language)
    page = window.enter("/incidents")
    expect(page.locator(".nav a").nth(10)).to_be_visible()
    for width in range(1100, 1940, 40):
        page.set_viewport_size({"width": width, "height": 720})
        sides = page.locator(".topbar > *").evaluate_all(
            "all => all.map(each => each.getBoundingClientRect())"
            ".flatMap(({left, right}) => [left, right])"
        )
        assert min(sides) >= 0, width
        assert max(sides) <= width, width
        high = page.locator(".nav a").evaluate_all(
            "all => Math.max(...all.map(each => each.scrollHeight))"
        )
        assert high < 60, width  # one line each
