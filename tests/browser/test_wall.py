"""The wall in a real browser, with film that really plays; a worker shows it over its channel."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import Town, Window
from tests.flows.live_worker import LiveWorker

FILM = ("RZ-01-A", "RZ-01-B", "RZ-02-A", "RZ-02-B", "SD-01-A")
PICTURES, HEVC, FIXED, DARK = "SD-01-B", "AP-01-A", "RZ-04-A", "RZ-03-A"

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

# Decoded, and going on: what a viewer would see move.
PLAYS = """async (code) => {
    const video = document.querySelector(`[data-camera="${code}"] video`);
    const count = () => video.getVideoPlaybackQuality().totalVideoFrames;
    const from = [video.currentTime, count()];
    for (let tries = 0; tries < 60; tries += 1) {
        await new Promise((done) => setTimeout(done, 100));
        if (video.currentTime > from[0] + 0.5 && count() > from[1] + 4) return true;
    }
    return false;
}"""


@pytest.fixture(scope="module")
def worker(place: Town) -> Iterator[LiveWorker]:
    token = (place.data / "worker-token").read_text().strip()
    with closing(LiveWorker(place.url, token, "roadside-1")) as found:
        for code in FILM:
            found.play(code)
        found.play(PICTURES, codec="mjpeg", sub=None)
        found.play(HEVC, codec="hevc")
        yield found


def hang(window: Window, *codes: str, size: int = 4) -> Page:
    tiles = [*codes, *[None] * (size - len(codes))]
    wall = json.dumps({"size": size, "tiles": tiles, "saved": []})
    window.context.add_init_script(
        f"if (!localStorage.getItem('amaan.wall')) localStorage.setItem('amaan.wall', '{wall}')"
    )
    return window.enter("/wall")


def tile(page: Page, code: str, state: str = "live") -> None:
    expect(page.locator(f"[data-camera='{code}'][data-state='{state}']")).to_be_visible(
        timeout=20_000
    )


def test_four_tiles_play_at_once(window: Window, worker: LiveWorker) -> None:
    page = hang(window, *FILM[:3], PICTURES)
    for code in (*FILM[:3], PICTURES):
        tile(page, code)
    for code in FILM[:3]:
        assert page.evaluate(PLAYS, code)
    picture = page.locator(f"[data-camera='{PICTURES}'] img")
    expect(picture).to_be_visible()
    before = picture.get_attribute("src")
    expect(picture).not_to_have_attribute("src", before or "")
    assert page.locator("[data-stream='sub'] video").count() >= 3


def test_picture_is_near_the_newest(window: Window, worker: LiveWorker) -> None:
    page = hang(window, FILM[0])
    tile(page, FILM[0])
    page.wait_for_timeout(1500)
    late = page.evaluate(
        f"""() => {{
            const video = document.querySelector("[data-camera='{FILM[0]}'] video");
            return video.buffered.end(video.buffered.length - 1) - video.currentTime;
        }}"""
    )
    assert 0 <= late < 2.6  # beyond, it would have jumped


def test_camera_is_hung_from_the_list_by_keyboard_and_kept(
    window: Window, worker: LiveWorker
) -> None:
    page = window.enter("/wall")
    page.get_by_role("button", name="4", exact=True).click()
    page.locator(".wall-list input").fill(FILM[1])
    page.locator(".wall-camera").first.press("Enter")
    tile(page, FILM[1])
    page.reload()
    tile(page, FILM[1])
    page.locator(f"[data-tile='{FILM[1]}']").focus()
    page.keyboard.press("Delete")
    expect(page.locator("[data-camera]")).to_have_count(0)


def test_camera_is_dragged_into_a_tile(window: Window, worker: LiveWorker) -> None:
    page = hang(window)
    page.locator(".wall-list input").fill(FILM[2])
    page.locator(".wall-camera").first.drag_to(page.locator(".tile").nth(2))
    tile(page, FILM[2])
    assert page.locator(".tile").nth(2).get_attribute("data-tile") == FILM[2]


def test_arrangement_is_kept_by_name(window: Window, worker: LiveWorker) -> None:
    page = hang(window, FILM[0], FILM[1])
    page.get_by_role("button", name="Keep arrangement").click()
    page.locator("dialog input").fill("Red zone")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Clear wall").click()
    expect(page.locator("[data-camera]")).to_have_count(0)
    page.get_by_label("Arrangement").select_option("Red zone")
    tile(page, FILM[0])
    tile(page, FILM[1])


def test_enlarged_camera_shows_its_main_stream(window: Window, worker: LiveWorker) -> None:
    page = hang(window, FILM[0])
    page.locator(f"[data-tile='{FILM[0]}']").dblclick()
    expect(page.locator(".stage [data-stream='main'][data-state='live']")).to_be_visible(
        timeout=20_000
    )
    size = page.evaluate("document.querySelector('.stage video').videoWidth")
    assert size == 1280
    with page.expect_download() as download:
        page.keyboard.press("s")
    assert download.value.suggested_filename.startswith(FILM[0])
    page.keyboard.press("Escape")
    expect(page.locator(".stage")).to_have_count(0)


def test_camera_is_turned_while_a_key_of_the_pad_is_held(
    window: Window, worker: LiveWorker
) -> None:
    page = window.enter(f"/wall?camera={FILM[0]}")
    worker.acts.clear()
    left = page.get_by_role("button", name="Left", exact=True)
    left.focus()
    page.keyboard.down("ArrowLeft")
    expect(page.locator(".pad-holder.mine")).to_be_visible()
    page.keyboard.up("ArrowLeft")
    page.get_by_label("Go to a position").select_option("2")
    page.wait_for_function("true")
    for _ in range(50):
        acts = [act["action"] for act in worker.acts if act["action"] != "presets"]
        if acts[-1:] == ["preset"]:
            break
        page.wait_for_timeout(100)
    assert (acts[0], acts[-2:]) == ("move", ["stop", "preset"])
    assert next(act for act in worker.acts if act["action"] == "move")["pan"] == -0.6


def test_film_that_the_browser_cannot_play_gives_way_to_the_sub_stream(
    window: Window, worker: LiveWorker
) -> None:
    page = window.enter(f"/wall?camera={HEVC}")
    expect(page.locator(".stage [data-stream='sub'][data-state='live']")).to_be_visible(
        timeout=20_000
    )
    expect(page.locator(".live-fell")).to_contain_text("cannot play the main stream")
    assert page.evaluate(PLAYS, HEVC)


def test_old_picture_is_never_passed_off_as_live(window: Window, worker: LiveWorker) -> None:
    page = hang(window, FILM[4], FILM[3])
    tile(page, FILM[4])
    tile(page, FILM[3])
    worker.fall_silent(FILM[4])
    tile(page, FILM[4], "stale")
    expect(page.locator(f"[data-camera='{FILM[4]}'] .live-why")).to_contain_text("Not live")
    tile(page, FILM[3])
    worker.fall_silent(FILM[4], silent=False)
    tile(page, FILM[4])


def test_camera_without_a_stream_says_so(window: Window, worker: LiveWorker) -> None:
    page = hang(window, DARK)
    tile(page, DARK, "waiting")
    expect(page.locator(f"[data-camera='{DARK}'] .live-why")).to_contain_text("connection refused")


def test_hls_plays_where_it_is_preferred(window: Window, worker: LiveWorker) -> None:
    page = window.enter(f"/wall?camera={FILM[1]}&live=hls")
    expect(page.locator(".stage [data-way='hls'][data-state='live']")).to_be_visible(timeout=30_000)
    assert page.evaluate(PLAYS, FILM[1])


def test_pictures_end_with_the_session(window: Window, worker: LiveWorker, place: Town) -> None:
    window.context.add_init_script("localStorage.setItem('amaan.wall', '')")
    page = window.sign_in(f"/wall?camera={FILM[0]}", "operator")
    expect(page.locator(".stage .live-picture[data-state='live']")).to_be_visible(timeout=20_000)
    cookie = {each["name"]: each["value"] for each in window.context.cookies()}
    with httpx.Client(base_url=place.url, cookies=cookie, headers={"Origin": place.url}) as client:
        assert client.delete("/api/trust/sessions/current").status_code == 204
    expect(page.locator(".stage .live-picture[data-state='live']")).to_have_count(0, timeout=6_000)


@pytest.mark.parametrize("who", ["calltaker", "auditor", "keeper"])
def test_who_may_not_watch_has_no_wall(window: Window, who: str) -> None:
    page = window.enter("/wall", who)
    expect(page.locator(".wall")).to_have_count(0)
