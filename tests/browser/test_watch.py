"""The main job in a real browser: the alarm comes by itself and is decided by eye."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import Window
from tests.flows.centre import START_LIMIT_S

pytestmark = [pytest.mark.browser, pytest.mark.timeout(int(START_LIMIT_S) + 120)]


def row(page: Page, plate: str) -> str:
    """Address the newest open alarm of a plate."""
    return f".queue-row:has([aria-label='{plate}'])"


def until(page: Page, true: str, limit_ms: int = 10_000) -> None:
    """Wait for an expression; the page's policy forbids Playwright's own way of waiting."""
    for _ in range(limit_ms // 100):
        if page.evaluate(true):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"never true: {true}")


def test_wrong_password_is_refused_and_the_right_one_opens_the_watch(window: Window) -> None:
    page = window.page
    page.goto(window.town.url)
    page.get_by_label("User name").fill(window.town.people["officer"].username)
    page.get_by_label("Password").fill("not the password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("not right")
    page.get_by_label("Password").fill(window.town.people["officer"].password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Alarms")).to_be_visible()
    expect(page.get_by_text("Live", exact=True)).to_be_visible()


def test_alarm_arrives_by_itself_and_is_confirmed_by_keyboard_alone(window: Window) -> None:
    page = window.sign_in()
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    page.evaluate("document.activeElement?.blur()")
    window.town.roadside.passes("AUH914", "CO-01-A")
    fresh = page.locator(row(page, "AUH914")).first
    expect(fresh).to_be_visible(timeout=15_000)
    expect(page.locator("[role=status]", has_text="AUH914")).to_have_count(1)
    focused = page.locator(".queue-row:focus, .queue-row:has(:focus)")
    for _ in range(page.locator(".queue-row").count() + 5):
        page.keyboard.press("j")
        page.wait_for_timeout(60)  # the row comes into focus
        if focused.locator("[aria-label=AUH914]").count():
            break
    page.keyboard.press("Enter")
    detail = page.locator("section.detail")
    expect(detail.locator(".framed img")).to_be_visible()
    expect(detail).to_contain_text("Partial plate from a witness")
    expect(fresh).to_contain_text("Open")
    expect(detail.get_by_role("button", name="Confirm")).to_be_enabled()  # the picture was shown
    page.keyboard.press("c")
    expect(detail.get_by_role("radio").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(detail.locator(".decision.decided")).to_contain_text("Confirmed")
    expect(detail.locator(".decision.decided")).to_contain_text("All characters agree")


def test_clip_around_the_moment_plays(window: Window) -> None:
    roadside = window.town.roadside
    roadside.passes("BGC771", "HO-02-A")
    page = window.sign_in()
    page.locator(row(page, "BGC771")).filter(has_text="NICVD").first.click()
    roadside.deliver(roadside.wanted("HO-02-A"), window.town.film)
    until(page, "document.querySelector('video')?.readyState >= 2")
    until(page, "Math.abs(document.querySelector('video').currentTime - 6) < 0.2")
    page.get_by_role("button", name="Play").click()
    until(page, "document.querySelector('video').currentTime > 6.3")


def test_clip_that_will_not_come_says_why(window: Window) -> None:
    roadside = window.town.roadside
    roadside.passes("LEH5789", "HO-03-A")
    page = window.sign_in()
    page.locator(row(page, "LEH5789")).first.click()
    roadside.regret(roadside.wanted("HO-03-A"), "the recording had been overwritten")
    expect(page.locator(".clip-state")).to_contain_text("the recording had been overwritten")


def test_near_match_shows_the_character_that_differs(window: Window) -> None:
    window.town.roadside.passes("AFR42O", "SD-05-A", shown="AFR420")
    page = window.sign_in()
    alarm = page.locator(row(page, "AFR42O")).first
    expect(alarm).to_contain_text("Verify")
    alarm.click()
    expect(page.locator(".character.differs")).to_have_text(["O", "0"])


def test_decision_waits_for_the_picture(window: Window) -> None:
    window.town.roadside.passes("AFR420", "SD-06-A")
    window.page.route(re.compile("/api/plates/reads/.*/picture"), lambda route: None)
    page = window.sign_in()
    page.locator(row(page, "AFR420")).first.click()
    expect(page.get_by_role("button", name="Confirm")).to_be_disabled()
    expect(page.get_by_text("The picture must be seen first.")).to_be_visible()
    page.keyboard.press("c")
    expect(page.get_by_role("radio")).to_have_count(0)


def test_new_alarm_moves_no_row_under_the_pointer(window: Window) -> None:
    page = window.sign_in()
    vehicles = page.locator(".queue-row:has(.plate-chip)")
    vehicles.first.hover()
    before = [
        chip.get_attribute("aria-label") for chip in page.locator(".queue-row .plate-chip").all()
    ]
    window.town.roadside.passes("BGC771", "CO-05-B")
    bar = page.locator(".new-bar")
    expect(bar).to_contain_text(re.compile(r"\d+ new"), timeout=15_000)
    after = [
        chip.get_attribute("aria-label") for chip in page.locator(".queue-row .plate-chip").all()
    ]
    assert after == before
    for _ in range(50):  # one of a camera or device may have come before it
        if vehicles.count() > len(before):
            break
        if bar.is_visible():
            page.keyboard.press("n")
        page.wait_for_timeout(100)
    expect(vehicles).to_have_count(len(before) + 1)


def test_session_that_ends_leaves_what_was_typed(window: Window) -> None:
    page = window.sign_in("/hotlist")
    page.get_by_role("button", name="Add entry").click()
    page.get_by_label("Reason", exact=True).fill("Seen near the consulate")
    cookies = {each["name"]: each["value"] for each in window.context.cookies() if "value" in each}
    own = {"Origin": window.town.url}
    ended = httpx.delete(
        f"{window.town.url}/api/trust/sessions/current", cookies=cookies, headers=own
    )
    assert ended.status_code == 204
    again = page.get_by_role("dialog", name="Your session has ended")
    expect(again).to_be_visible(timeout=20_000)
    again.get_by_label("Password").fill(window.town.people["officer"].password)
    page.keyboard.press("Enter")
    expect(again).to_have_count(0)
    expect(page.get_by_label("Reason", exact=True)).to_have_value("Seen near the consulate")
    expect(page.get_by_text("Live", exact=True)).to_be_visible(timeout=20_000)
