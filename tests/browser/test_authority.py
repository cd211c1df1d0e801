"""One person asks, another sees what becomes searchable and decides; then it is searched."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import Window
from tests.browser.people import requested
from tests.flows.centre import ORDER, START_LIMIT_S

pytestmark = [pytest.mark.browser, pytest.mark.timeout(int(START_LIMIT_S) + 120)]


def test_search_without_an_authority_invites_to_ask_for_one(window: Window) -> None:
    page = window.enter("/search", "investigator")
    for choice in page.locator(".choice-list").all():
        expect(choice).to_be_visible()
    assert not [url for url in window.asked if "/api/plates/reads" in url]


def test_authority_is_asked_for_with_its_document_and_area(window: Window, tmp_path: Path) -> None:
    paper = tmp_path / "order.pdf"
    paper.write_bytes(ORDER)
    page = window.enter("/authorities/request", "supervisor")
    page.locator(".maplibregl-canvas").wait_for()
    page.get_by_label("Purpose").select_option("hit_and_run")
    page.get_by_label("Case", exact=True).fill("FIR 77/2026")
    page.get_by_label("Grounds").fill("Hit and run at Teen Talwar; the plate was seen in part.")
    page.locator("input[type=file]").set_input_files(paper)
    expect(page.locator(".hash")).to_be_visible()
    page.get_by_label("Plates").fill("xyz 1*")
    send = page.get_by_role("button", name="Send request")
    expect(send).to_be_enabled()
    page.get_by_role("button", name="Draw area").click()
    page.locator(".city-map.drawing").wait_for()
    box = page.locator(".asking-map").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 120, box["y"] + 120)
    page.mouse.down()
    page.mouse.move(box["x"] + 380, box["y"] + 420, steps=6)
    page.mouse.up()
    expect(page.get_by_role("button", name="Area drawn")).to_be_visible()
    send.click()
    detail = page.locator("section.authority")
    expect(detail).to_contain_text("FIR 77/2026")
    expect(detail).to_contain_text("drawn on the map")
    expect(detail).to_contain_text("Waiting")
    expect(detail.get_by_role("button", name="Approve")).to_have_count(0)


def test_approver_sees_what_becomes_searchable_checks_the_paper_and_approves(
    window: Window,
) -> None:
    asked = requested(window.town.clients["investigator"], ["BGC771"], uses=["search"])
    page = window.enter(f"/authorities?id={asked['id']}", "approver")
    detail = page.locator("section.authority")
    reach = detail.get_by_role("region", name="What will become searchable")
    expect(reach).to_contain_text("reads")
    expect(reach).to_contain_text("cameras")
    expect(reach.locator(".maplibregl-canvas")).to_be_visible()
    detail.get_by_role("button", name="Open").click()
    expect(detail.get_by_text("The document has this hash.")).to_be_visible()
    page.evaluate("document.activeElement?.blur()")
    page.keyboard.press("y")
    page.get_by_role("dialog").get_by_label("Reason").fill("The order covers it.")
    page.get_by_role("dialog").get_by_role("button", name="Approve").click()
    expect(detail.locator(".detail-head")).to_contain_text("Active")
    expect(detail.locator(".timeline")).to_contain_text("The order covers it.")


def test_request_beyond_the_tier_is_left_to_a_senior(window: Window) -> None:
    asked = requested(window.town.clients["investigator"], ["BGC771"], since="2026-01-01T00:00:00Z")
    page = window.enter(f"/authorities?id={asked['id']}", "approver")
    expect(page.locator(".decision").get_by_role("button", name="Approve")).to_be_disabled()
    expect(page.get_by_text("Only a senior approving officer")).to_be_visible()
    window.give_session("senior")
    page.reload()
    page.get_by_role("button", name="Refuse").click()
    page.get_by_role("dialog").get_by_label("Reason").fill("Too wide for the case.")
    page.get_by_role("dialog").get_by_role("button", name="Refuse").click()
    expect(page.locator("section.authority .detail-head")).to_contain_text("Refused")


def test_chosen_authority_limits_the_form_and_is_remembered(window: Window) -> None:
    page = window.enter("/search", "officer")
    page.locator(".choice-list button", has_text="FIR 211/2026").first.click()
    expect(page.locator(".limits")).to_contain_text("BGC")
    page.locator(".search-plate input").fill("bgc771")
    page.keyboard.press("Enter")
    expect(page.locator(".results tbody tr").first).to_be_visible()
    assert [url for url in window.asked if "/api/plates/reads?" in url and "authority=" in url]
    page.reload()
    expect(page.locator(".results tbody tr").first).to_be_visible()
    page.locator(".search-plate input").fill("ZZZ999")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()


def test_own_request_is_withdrawn_and_asked_again(window: Window) -> None:
    asked = requested(window.town.clients["supervisor"], ["LEB123"])
    page = window.enter(f"/authorities?id={asked['id']}", "supervisor")
    page.get_by_role("link", name="Ask again with another scope").click()
    expect(page.get_by_label("Plates")).to_have_value("LEB123")
    page.go_back()
    page.get_by_role("button", name="Withdraw").click()
    page.get_by_role("dialog").get_by_label("Reason").fill("Found already.")
    page.get_by_role("dialog").get_by_role("button", name="Withdraw").click()
    expect(page.locator("section.authority .detail-head")).to_contain_text("Withdrawn")
