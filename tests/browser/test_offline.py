"""Nothing leaves the machine: proven with every other way out blocked."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Route, expect
from tests.browser.conftest import Window
from tests.flows.centre import START_LIMIT_S

pytestmark = [pytest.mark.browser, pytest.mark.timeout(int(START_LIMIT_S) + 120)]


def test_whole_window_works_with_the_network_blocked(window: Window) -> None:
    own = urlsplit(window.town.url).netloc

    def only_own(route: Route) -> None:
        if urlsplit(route.request.url).netloc == own:
            route.continue_()
        else:
            route.abort()

    window.context.route("**/*", only_own)
    window.under(window.town.authority)
    page = window.sign_in()
    page.locator(".maplibregl-canvas").wait_for()
    page.locator(".queue-row:has(.plate-chip)").first.click()
    expect(page.locator(".framed img").first).to_be_visible()
    for path in ("/search?plate=BGC771", "/hotlist", "/cameras"):
        page.goto(window.town.url + path)
        expect(page.locator("tbody tr").first).to_be_visible()
    page.get_by_role("button", name="اردو").click()
    page.goto(window.town.url + "/watch")
    page.locator(".maplibregl-canvas").wait_for()
    page.evaluate("document.fonts.ready.then(() => true)")
    assert len(window.asked) > 20
    assert window.strangers() == []


def test_map_is_really_drawn_from_our_own_data(window: Window) -> None:
    page = window.sign_in()
    page.locator(".maplibregl-canvas").wait_for()
    page.wait_for_timeout(1500)
    shot = page.locator(".city-map-canvas").screenshot()
    page.evaluate("document.querySelector('.maplibregl-canvas').style.visibility = 'hidden'")
    blank = page.locator(".city-map-canvas").screenshot()
    assert len(shot) > 3 * len(blank)


def test_policy_of_the_page_names_no_other_host(window: Window) -> None:
    policy = httpx.get(window.town.url).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "http" not in policy
    assert "unsafe" not in policy
    page = window.sign_in()
    refused = page.evaluate(
        "() => fetch('https://example.com/').then(() => 'went out', () => 'refused')"
    )
    assert refused == "refused"
    window.asked.clear()
    window.faults.clear()
