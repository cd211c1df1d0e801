"""A camera is found, asked, chosen and entered in a real browser; its recording is set."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from playwright.sync_api import Page, Route, expect
from tests.browser.conftest import Town, Window
from tests.flows.centre import START_LIMIT_S

pytestmark = [pytest.mark.browser, pytest.mark.timeout(int(START_LIMIT_S) + 120)]

SECRET = "Wq7/canary@pp"  # noqa: S105


def encoder(token: str, width: int, height: int, gop: int) -> dict[str, Any]:
    size = {"width": width, "height": height}
    return {"token": token, "codec": "H264", **size, "fps": 25, "gop": gop, "kbps": 3000}


def profile(token: str, width: int, height: int, gop: int) -> dict[str, Any]:
    uri = f"rtsp://10.20.1.7:554/{token}"
    coded = encoder(token, width, height, gop)
    said = {"token": f"P{token}", "name": token, "encoder": coded}
    return {**said, "audio": False, "ptz": True, "stream_uri": uri}


SAID = {
    "vendor": "Amaan", "model": "Simulated PTZ", "firmware": "1.0", "clock_offset_s": 3600.2,
    "profile": "T", "ptz": True,
    "profiles": [profile("main", 1920, 1080, 250), profile("sub", 640, 360, 50)],
}  # fmt: skip
FOUND = {
    "worker": "roadside-1",
    "found": [
        {"host": "10.20.1.7", "address": "http://10.20.1.7:8080/onvif/device_service",
         "name": "Gate PTZ", "hardware": "SIM-1", "location": "gate"},
    ],
    "elsewhere": 1,
}  # fmt: skip


def play_worker(page: Page) -> None:
    """Answer for the worker, who would need the cameras' network; the centre itself is real."""
    picture = cv2.imencode(".jpg", np.full((180, 320, 3), (90, 70, 50), np.uint8))[1].tobytes()

    def image(route: Route) -> None:
        route.fulfill(status=200, content_type="image/jpeg", body=picture)

    page.route("**/api/video/set-up", lambda route: route.fulfill(json={"workers": ["roadside-1"]}))
    page.route("**/api/video/discovery", lambda route: route.fulfill(json=FOUND))
    page.route("**/api/video/probes", lambda route: route.fulfill(json=SAID))
    page.route("**/api/video/test-pictures", image)


def picture(page: Page, name: str) -> None:
    """Keep a picture where AMAAN_PICTURES says so."""
    if folder := os.environ.get("AMAAN_PICTURES"):
        page.screenshot(path=Path(folder) / f"cameras-{name}.png")


@pytest.mark.parametrize(("theme", "language"), [("dark", "en"), ("light", "ur")])
def test_camera_is_found_asked_tried_and_entered(
    place: Town, window: Window, theme: str, language: str
) -> None:
    window.prefer(theme, language)
    play_worker(window.page)
    page = window.enter("/cameras", "keeper")
    page.locator(".page-head .button").nth(1).click()
    dialog = page.locator("dialog[open]")
    dialog.locator(".setup-row .button").click()
    dialog.locator(".found-list .button").click()
    fields = dialog.locator(".setup-step").nth(1).locator("input.input")
    expect(fields.nth(0)).to_have_value("10.20.1.7")
    expect(fields.nth(1)).to_have_value("8080")
    fields.nth(2).fill("operator")
    fields.nth(3).fill(SECRET)
    picture(page, f"search-{theme}-{language}")
    dialog.locator(".button.primary").click()
    expect(dialog.locator(".notice.warn")).to_have_count(2)  # the clock, and rare keyframes
    dialog.locator(".test-picture .button").first.click()
    expect(dialog.locator(".test-picture img")).to_be_visible()
    picture(page, f"offer-{theme}-{language}")
    dialog.locator(".button.primary").click()
    form = page.locator("dialog[open] form")
    code = f"NEW-{language}"
    form.locator("input.input").nth(0).fill(code)
    form.locator("input.input").nth(1).fill("Gate")
    form.locator(".recording-fields select").select_option("scheduled")
    form.locator(".schedule > .button").click()
    picture(page, f"form-{theme}-{language}")
    form.locator("button[type=submit]").click()
    expect(page.locator("dialog[open]")).to_have_count(0)
    cameras = place.clients["keeper"].get("/api/city/cameras").json()["items"]
    (entered,) = (one for one in cameras if one["code"] == code)
    assert entered["address"] == "rtsp://operator:***@10.20.1.7:554/main"
    assert entered["sub_address"] == "rtsp://operator:***@10.20.1.7:554/sub"
    assert entered["onvif_address"] == "http://operator:***@10.20.1.7:8080/onvif/device_service"
    assert (entered["vendor"], entered["recording"]["mode"]) == ("Amaan", "scheduled")
    assert entered["recording"]["schedule"] == [
        {"days": [0, 1, 2, 3, 4], "from": "08:00", "to": "18:00"}
    ]
    place.clients["keeper"].delete(f"/api/city/cameras/{code}")
