"""The page of camera health, and alarms that are not about vehicles, in a real browser."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import Town, Window
from tests.flows.centre import START_LIMIT_S

pytestmark = [pytest.mark.browser, pytest.mark.timeout(int(START_LIMIT_S) + 180)]

COVERED = "SD-01-A"
SHOTS = os.environ.get("AMAAN_SHOTS")


def _shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"))


@pytest.fixture
def covered(place: Town) -> Iterator[None]:
    """A camera whose lens is covered."""
    place.roadside.wrong[COVERED] = "covered"
    yield
    place.roadside.wrong.pop(COVERED)


@pytest.mark.usefixtures("covered")
@pytest.mark.parametrize(("theme", "language"), [("dark", "en"), ("light", "ur")])
def test_page_shows_what_is_wrong_and_how_available_cameras_were(
    window: Window, theme: str, language: str
) -> None:
    window.prefer(theme, language)
    page = window.enter("/health")
    row = page.locator(".health-now tr", has_text=COVERED)
    expect(row.locator(".tag.condition.covered")).to_be_visible()
    row.locator("button").click()
    expect(page.locator(".strip li.covered")).to_have_count(1)
    expect(page.locator(".availability tbody tr").first).to_be_visible()
    _shot(page, f"health-{theme}-{language}")
    page.locator(".health-box .segments").nth(1).locator("button").first.click()
    expect(page.locator(".availability tr", has_text=COVERED)).to_contain_text("%")


@pytest.mark.usefixtures("covered")
@pytest.mark.parametrize(("theme", "language"), [("dark", "en"), ("light", "ur")])
def test_a_covered_camera_is_an_alarm_without_a_plate(
    window: Window, theme: str, language: str
) -> None:
    window.prefer(theme, language)
    page = window.enter("/watch")
    row = page.locator(".queue-row.high", has=page.locator(".row-title"))
    expect(row.first).to_be_visible()
    row.first.click()
    detail = page.locator("section.detail")
    expect(detail.locator(".tag.condition.covered")).to_be_visible()
    expect(detail.locator(".plate")).to_have_count(0)
    _shot(page, f"alarm-{theme}-{language}")
