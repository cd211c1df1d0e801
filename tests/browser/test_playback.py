"""Recorded video in a real browser: found on the timeline, played in step, stepped, taken out."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import Town, Window
from tests.browser.people import approved
from tests.films import BITS, CELL, make_film
from tests.flows.centre import START_LIMIT_S
from tests.flows.recorder import Recorder

from amaan.video.events import wire_time

pytestmark = [pytest.mark.browser, pytest.mark.timeout(int(START_LIMIT_S) + 180)]

FPS, LONG_S = 25, 60
ONE, OTHER = "CO-01-A", "CO-01-B"

# The number that the picture of a tile carries (tests.films), or -1 without a picture.
READ = f"""(camera) => {{
  const video = document.querySelector(`[data-camera="${{camera}}"] video`);
  if (!video || video.readyState < 2) return -1;
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth; canvas.height = video.videoHeight;
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, 0);
  let number = 0;
  for (let bit = 0; bit < {BITS}; bit += 1) {{
    const [level] = context.getImageData(bit * {CELL} + {CELL // 2}, {CELL // 2}, 1, 1).data;
    if (level > 127) number += 2 ** bit;
  }}
  return number;
}}"""


@pytest.fixture(scope="module")
def recorder(place: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorder]:
    """Two cameras that recorded five minutes two hours ago, lost a minute, and went on."""
    folder = tmp_path_factory.mktemp("film")
    film = make_film(
        folder / "film.mp4",
        frames=FPS * LONG_S,
        fps=FPS,
        gop=FPS,
        size=(640, 360),
        options={"profile": "baseline", "level": "3.0"},
    )
    token = (place.data / "worker-token").read_text().strip()
    recorder = Recorder(place.url, token, film)
    start = (datetime.now(UTC) - timedelta(hours=2)).replace(microsecond=0)
    for camera in (ONE, OTHER):
        end = recorder.record(camera, start, 2)
        recorder.miss(camera, end, end + timedelta(seconds=60), "link")
        recorder.record(camera, end + timedelta(seconds=60), 2)
    recorder.tell()
    channel = recorder.channel()
    channel.start()
    time.sleep(1)
    yield recorder
    channel.stop(2.0)


def start_of(recorder: Recorder) -> datetime:
    return recorder.recorded[0].start


def opened(window: Window, recorder: Recorder, seconds: float, *cameras: str) -> Page:
    """Open the playback of some cameras at a moment after the recording's begin."""
    at = wire_time(start_of(recorder) + timedelta(seconds=seconds))
    named = ",".join(cameras or (ONE,))
    page = window.enter(f"/playback?cameras={named}&at={at}")
    for camera in cameras or (ONE,):
        expect(page.locator(f"[data-camera='{camera}']")).to_have_attribute("data-state", "ready")
    return page


def number(page: Page, camera: str = ONE) -> int:
    return int(page.evaluate(READ, camera))


def settled(page: Page, expected: int, camera: str = ONE, within: int = 1) -> int:
    """Wait until a tile shows a picture by its number."""
    found = -1
    for _ in range(80):
        found = number(page, camera)
        if abs(found - expected) <= within:
            return found
        page.wait_for_timeout(50)
    raise AssertionError(f"shows {found}, not {expected}")


def until(page: Page, right: Callable[[int], bool], camera: str = ONE) -> int:
    """Wait until a tile shows a right picture."""
    found = -1
    for _ in range(300):
        found = number(page, camera)
        if right(found):
            return found
        page.wait_for_timeout(50)
    raise AssertionError(f"shows {found}")


def until_in_step(page: Page, most_apart: int) -> None:
    """Wait until both tiles, read at one moment, are so near; a starved machine lets one lag."""
    apart = -1
    for _ in range(50):
        one, other = page.evaluate(f"cameras => cameras.map({READ})", [ONE, OTHER])
        apart = abs(one - other)
        if apart <= most_apart:
            return
        page.wait_for_timeout(20)
    raise AssertionError(f"{apart} pictures apart")


def test_the_moment_asked_for_is_shown_to_the_picture(window: Window, recorder: Recorder) -> None:
    page = opened(window, recorder, 33.4)
    settled(page, round(33.4 * FPS))
    expect(page.get_by_role("heading", name="Playback")).to_be_visible()


def test_a_click_on_the_timeline_goes_there_and_a_wheel_comes_closer(
    window: Window, recorder: Recorder
) -> None:
    page = opened(window, recorder, 10)
    bar = page.get_by_role("slider", name="Timeline")
    box = bar.bounding_box()
    assert box is not None
    page.get_by_role("button", name="10 min", exact=True).click()
    # Ten minutes around the moment: a pixel is 600 s / width.
    x = box["width"] / 2 + 35 * box["width"] / 600
    page.mouse.click(box["x"] + x, box["y"] + 40)
    settled(page, 45 * FPS, within=FPS)
    before = bar.get_attribute("aria-valuemin")
    page.mouse.wheel(0, -300)
    expect(bar).not_to_have_attribute("aria-valuemin", before or "")


def test_pictures_are_stepped_one_by_one_over_pieces(window: Window, recorder: Recorder) -> None:
    page = opened(window, recorder, 11)
    begun = settled(page, 11 * FPS)
    page.locator("body").press(" ")
    until(page, lambda shown: shown > begun + FPS)
    page.locator("body").press(" ")
    page.wait_for_timeout(400)
    first = number(page)
    for step in range(1, 4):
        page.locator("body").press(".")
        settled(page, first + step, within=0)
    for step in range(2, -3, -1):
        page.locator("body").press(",")
        settled(page, first + step, within=0)


def test_two_cameras_play_in_step_and_over_the_gap(window: Window, recorder: Recorder) -> None:
    page = opened(window, recorder, 114, ONE, OTHER)
    page.locator("body").press(" ")
    until(page, lambda shown: shown > 55 * FPS)
    until_in_step(page, most_apart=5)
    # At 120 s the link was lost for a minute: both go on with what was recorded next.
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        shown = page.get_by_test_id("moment").inner_text()
        if number(page, ONE) < 10 * FPS and number(page, OTHER) < 10 * FPS:
            break
        page.wait_for_timeout(100)
    wanted = start_of(recorder) + timedelta(seconds=180, hours=5)
    assert f"{wanted:%H:%M}" in shown
    expect(page.locator(f"[data-camera='{ONE}']")).to_have_attribute("data-state", "ready")


def test_fast_means_keyframes_and_backward_goes_back(window: Window, recorder: Recorder) -> None:
    asked: list[str] = []
    page = opened(window, recorder, 5)
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_label("Speed").select_option("16")
    page.locator("body").press(" ")
    fast = until(page, lambda shown: shown > 30 * FPS)
    assert any("keyframes=true" in url for url in asked)
    page.locator("body").press("k")
    page.get_by_label("Speed").select_option("1")
    page.locator("body").press("j")
    until(page, lambda shown: 0 <= shown < fast - FPS)


def test_the_pointer_shows_a_small_picture_of_its_moment(
    window: Window, recorder: Recorder
) -> None:
    page = opened(window, recorder, 10)
    page.get_by_role("button", name="10 min", exact=True).click()
    box = page.get_by_role("slider", name="Timeline").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2 + 40, box["y"] + 40)
    expect(page.locator(".timeline-thumb img")).to_be_visible()
    page.mouse.move(box["x"] + box["width"] / 2 + 140 * box["width"] / 600, box["y"] + 40)
    expect(page.locator(".timeline-bubble")).to_contain_text("Link lost")


def test_a_stretch_is_taken_out_under_an_authority(
    window: Window, recorder: Recorder, place: Town, tmp_path: Path
) -> None:
    start = start_of(recorder)
    approved(
        place.clients["officer"],
        place.clients["approver"],
        None,
        cameras=[ONE],
        since=wire_time(start - timedelta(hours=1)),
        until=wire_time(start + timedelta(hours=1)),
        uses=["export"],
    )
    page = opened(window, recorder, 20)
    page.locator("body").press("i")
    page.locator("body").press("ArrowRight")
    page.wait_for_timeout(200)
    page.locator("body").press("o")
    page.get_by_role("button", name="Export", exact=True).click()
    page.get_by_label("Reason").fill("for the court")
    page.get_by_role("button", name="Export as MP4").click()
    link = page.get_by_role("link", name="Download").first
    expect(link).to_be_visible(timeout=20_000)
    expect(page.locator(".export-list .hash").first).to_contain_text(
        re.compile("SHA-256 [0-9a-f]{64}")
    )
    with page.expect_download() as downloading:
        link.click()
    saved = tmp_path / "export.mp4"
    downloading.value.save_as(saved)
    assert saved.stat().st_size > 10_000
