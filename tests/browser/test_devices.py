"""Sites and their devices in a real browser: a failing battery is seen, a door's window is set."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect
from tests.browser.conftest import Town, Window
from tests.flows.centre import START_LIMIT_S

from amaan.simulation.devices import Telemetry, devices_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(int(START_LIMIT_S) + 120)]

SITES = ("RZ-01", "RZ-02", "RZ-03", "RZ-04", "RZ-05", "RZ-06")


@pytest.fixture(scope="module")
def gateway(place: Town) -> Iterator[httpx.Client]:
    """The sites' gateway, after it has told the night before and the present."""
    devices = devices_of(SITES)
    for device in devices:
        body: dict[str, str | float]
        body = {"code": device.code, "site": device.site, "kind": device.kind, "name": device.name}
        if device.capacity_wh:
            body["capacity_wh"] = device.capacity_wh
        place.clients["keeper"].post("/api/city/devices", json=body).raise_for_status()
    token = (place.data / "worker-token").read_text().strip()
    telemetry = Telemetry(SITES, datetime.now(UTC) - timedelta(minutes=3))
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=place.url, headers=headers, timeout=30) as client:
        batches = [*telemetry.history(devices), telemetry.at(devices, datetime.now(UTC))]
        for batch in batches:
            answer = client.post("/api/city/telemetry", json={"readings": batch})
            answer.raise_for_status()
            assert answer.json()["refused"] == []
        yield client


def picture(window: Window, name: str) -> None:
    """Keep a picture where AMAAN_PICTURES says so."""
    if folder := os.environ.get("AMAAN_PICTURES"):
        window.page.screenshot(path=Path(folder) / f"devices-{name}.png")


@pytest.mark.usefixtures("gateway")
def test_site_that_will_not_last_eight_hours_says_so(window: Window) -> None:
    page = window.enter("/sites")
    page.get_by_role("row").filter(has_text="RZ-01").first.click()
    panel = page.locator(".site-panel")
    expect(panel).to_contain_text("On battery")
    expect(panel).to_contain_text("8 hours will not be met")
    spoken = re.compile(r"On battery, \d+%\. 8 hours will not be met")
    expect(panel.get_by_role("img")).to_have_attribute("aria-label", spoken)
    picture(window, "dark")


def test_change_comes_by_itself(window: Window, gateway: httpx.Client) -> None:
    page = window.enter("/sites")
    row = page.get_by_role("row").filter(has_text="RZ-04").first
    expect(row).to_contain_text("Untouched")
    reading = {
        "device": "RZ-04-tamper",
        "at": datetime.now(UTC).isoformat(),
        "values": {"tampered": True},
    }
    gateway.post("/api/city/telemetry", json={"readings": [reading]}).raise_for_status()
    expect(row).to_contain_text("Tampered", timeout=10_000)


@pytest.mark.usefixtures("gateway")
def test_administrator_says_when_a_door_may_be_open(window: Window) -> None:
    page = window.enter("/sites", who="keeper")
    page.get_by_role("row").filter(has_text="RZ-03").first.click()
    page.locator(".site-panel").get_by_role("button", name="Cabinet door").click()
    dialog = page.get_by_role("dialog")
    for day in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"):
        dialog.get_by_label(day, exact=True).check()
    dialog.get_by_label("From").fill("00:00")
    dialog.get_by_label("To", exact=True).fill("00:00")
    picture(window, "form")
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator(".site-panel")).to_contain_text("Maintenance")


@pytest.mark.usefixtures("gateway")
@pytest.mark.parametrize(("theme", "language"), [("light", "en"), ("dark", "ur"), ("light", "ur")])
def test_page_stands_in_both_languages_and_themes(
    window: Window, theme: str, language: str
) -> None:
    window.prefer(theme, language)
    page = window.enter("/sites")
    page.get_by_role("row").filter(has_text="RZ-02").first.click()
    chart = page.locator(".power-chart")
    expect(chart).to_be_visible()
    box, panel = chart.bounding_box(), page.locator(".site-panel").bounding_box()
    assert box is not None
    assert panel is not None
    assert panel["x"] <= box["x"]
    assert box["x"] + box["width"] <= panel["x"] + panel["width"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    picture(window, f"{theme}-{language}")
