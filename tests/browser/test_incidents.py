"""Incidents and pursuit in a real browser: a person looks from camera to camera, and says so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import cv2
import httpx
import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser.conftest import Town, Window
from tests.browser.test_playback import READ
from tests.films import make_film
from tests.flows.centre import START_LIMIT_S
from tests.flows.live_worker import LiveWorker
from tests.flows.recorder import Recorder

pytestmark = [pytest.mark.browser, pytest.mark.timeout(int(START_LIMIT_S) + 180)]

HERE, BESIDE, NEAR, NEXT = "RZ-01-A", "RZ-01-B", "RZ-07-B", "RZ-07-A"
LIVE = (HERE, BESIDE, NEAR, NEXT)
FPS, LONG_S, AGO_S = 10, 60, 660
# Of each tile: its own box, and those of what it carries; left, top, right, bottom.
BOXES = """() => [...document.querySelectorAll(".pursuit-tile")].map((tile) =>
    [tile, ...tile.querySelectorAll(".on-picture, .live-state, .button, .cut")]
        .map((each) => each.getBoundingClientRect())
        .filter(({width}) => width > 0)
        .map(({left, top, right, bottom}) => [left, top, right, bottom]))"""
CLOCK = re.compile(r"\d\d:\d\d:\d\d–\d\d:\d\d:\d\d")


@pytest.fixture(scope="module")
def recorder(place: Town, tmp_path_factory: pytest.TempPathFactory) -> Recorder:
    """Two cameras that recorded the last eleven minutes, by pictures that carry their number."""
    film = make_film(
        tmp_path_factory.mktemp("film") / "film.mp4",
        frames=FPS * LONG_S,
        fps=FPS,
        gop=FPS,
        size=(640, 360),
        options={"profile": "baseline", "level": "3.0"},
    )
    recorder = Recorder(place.url, (place.data / "worker-token").read_text().strip(), film)
    start = (datetime.now(UTC) - timedelta(seconds=AGO_S)).replace(microsecond=0)
    for camera in (NEAR, NEXT):
        recorder.record(camera, start, AGO_S // LONG_S)
    recorder.tell()
    return recorder


@pytest.fixture(scope="module")
def worker(place: Town, recorder: Recorder) -> Iterator[LiveWorker]:
    token = (place.data / "worker-token").read_text().strip()
    with closing(LiveWorker(place.url, token, "roadside-1", recorder.answerer)) as found:
        for code in LIVE:
            found.play(code)
        yield found


def opened(client: httpx.Client, title: str, seen_ago_s: float | None = None) -> str:
    """Open an incident, and begin to follow in it; return its id."""
    body = {"title": title, "kind": "vehicle", "camera": HERE}
    answer = client.post("/api/incidents", json=body)
    assert answer.status_code == 201, answer.text
    incident = str(answer.json()["id"])
    if seen_ago_s is not None:
        at = datetime.now(UTC) - timedelta(seconds=seen_ago_s)
        start = {"camera": HERE, "seen_at": at.isoformat()}
        begun = client.post(f"/api/incidents/{incident}/pursuit", json=start)
        assert begun.status_code == 201, begun.text
    return incident


def pursuit(window: Window, incident: str) -> dict[str, Any]:
    """Return how the pursuit stands, as the centre says."""
    answer = window.town.clients["officer"].get(f"/api/incidents/{incident}/pursuit")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def tile(page: Page, camera: str) -> Locator:
    return page.locator(f".pursuit-tile[data-camera='{camera}']")


def order(page: Page) -> list[str | None]:
    tiles = page.locator(".pursuit-tile:not(.last)").all()
    return [each.get_attribute("data-camera") for each in tiles]


def digit(page: Page, camera: str) -> str:
    return tile(page, camera).locator(".pursuit-open kbd").inner_text()


def lives(page: Page, camera: str, state: str = "live", stream: str = "sub") -> None:
    picture = tile(page, camera).locator(f"[data-stream='{stream}'][data-state='{state}']")
    expect(picture).to_be_visible(timeout=20_000)


def trail_drawn(page: Page) -> int:
    """Count the pixels of the map that have the colour of trails."""
    colour = page.evaluate(
        "getComputedStyle(document.documentElement).getPropertyValue('--path').trim()"
    )
    wanted = np.array([int(colour[i : i + 2], 16) for i in (5, 3, 1)])
    shot = np.frombuffer(page.locator(".pursuit-map").screenshot(), np.uint8)
    image = cv2.imdecode(shot, cv2.IMREAD_COLOR)
    assert image is not None
    return int((np.abs(image.astype(int) - wanted).max(axis=2) < 40).sum())


def said(window: Window, incident: str) -> list[str]:
    """Return the steps of an incident as they stand in the audit log, oldest first."""
    found = []
    for action in ("start_pursuit", "add_step"):
        answer = window.town.clients["auditor"].get(
            "/api/trust/audit/entries", params={"action": action, "limit": 100}
        )
        assert answer.status_code == 200, answer.text
        found += [
            entry["details"]["step"]
            for entry in reversed(answer.json()["items"])
            if entry["outcome"] == "allowed" and entry["details"].get("incident") == incident
        ]
    return found


def test_from_an_alarm_a_car_is_followed_by_keyboard_and_every_step_is_written(
    window: Window, worker: LiveWorker
) -> None:
    page = window.enter("/watch")
    window.town.roadside.passes("AFR420", HERE, ago_s=4)
    passed = page.locator(".queue-row", has=page.get_by_label("AFR420"), has_text="Chief Minister")
    passed.first.click()  # other files of this town have raised one for the same car elsewhere
    page.locator("section.detail").get_by_role("button", name="Incident").click()
    page.locator("dialog").get_by_role("button", name="Open incident").press("Enter")
    expect(page.get_by_role("heading", name=re.compile(r"Incident \d+ · .*AFR420"))).to_be_visible()
    incident = page.url.rpartition("id=")[2]
    assert page.get_by_label("Time of the picture").input_value() != ""  # the alarm's
    page.get_by_role("button", name="Begin pursuit").press("Enter")

    lives(page, HERE)
    lives(page, NEAR)
    first = pursuit(window, incident)
    seen_at = datetime.fromisoformat(first["trail"][0]["at"])
    assert 3 < (datetime.now(UTC) - seen_at).total_seconds() < 60
    travel = [one["travel_s"] for one in first["next"]]
    assert travel == sorted(travel)
    assert order(page) == [one["camera"] for one in first["next"]][:8]
    for each in page.locator(".on-picture.window").all():
        assert CLOCK.fullmatch(each.inner_text())
    drawn = trail_drawn(page)

    # The picture stands still: what is seen was seen then, and not when the key was pressed.
    key = digit(page, NEAR)
    page.keyboard.press(key)
    lives(page, NEAR, stream="main")
    silent = datetime.now(UTC)
    worker.fall_silent(NEAR)
    lives(page, NEAR, "stale", "main")
    page.keyboard.press(key)
    expect(tile(page, NEAR)).to_have_class(re.compile("last"))
    worker.fall_silent(NEAR, silent=False)
    second = pursuit(window, incident)
    assert [one["camera"] for one in second["trail"]] == [HERE, NEAR]
    at = datetime.fromisoformat(second["trail"][1]["at"])
    assert silent - timedelta(seconds=3) < at < silent + timedelta(seconds=1)
    assert datetime.now(UTC) - at > timedelta(seconds=2.9)
    assert order(page) == [one["camera"] for one in second["next"]][:8]
    assert order(page) != [one["camera"] for one in first["next"]][:8]
    expect(page.locator(".pursuit-map")).to_have_attribute("data-sightings", "2")
    for _ in range(50):
        if trail_drawn(page) > drawn + 60:
            break
        page.wait_for_timeout(100)
    else:
        raise AssertionError("the trail is not drawn")

    looked = str(order(page)[0])
    page.keyboard.press("1")
    expect(tile(page, looked)).to_have_class(re.compile("opened"))
    page.keyboard.press("n")
    expect(tile(page, looked)).to_have_count(0)  # it gives way to one further on
    page.keyboard.press("l")
    state = page.locator(".pursuit-bar .tag").first
    expect(state).to_have_text("Lost")
    page.keyboard.press("u")
    expect(state).to_have_text("Following")
    page.get_by_role("button", name="End pursuit").press("Enter")
    expect(page.get_by_text("A pursuit was ended")).to_be_visible()
    expect(page.locator(".pursuit-trail li")).to_have_count(2)
    expect(page.locator("[data-state='live'][data-stream='main']")).to_have_count(0)
    steps = ["started", "opened", "seen", "opened", "not_seen", "lost", "undone", "ended"]
    assert said(window, incident) == steps
    assert [step["what"] for step in pursuit(window, incident)["steps"]] == steps


def test_nobody_is_followed_once_the_incident_is_closed(window: Window, worker: LiveWorker) -> None:
    clients = window.town.clients
    incident = opened(clients["officer"], "Grey Corolla", seen_ago_s=5)
    page = window.enter(f"/incidents?id={incident}")
    lives(page, HERE)
    lives(page, BESIDE)
    over = {"state": "resolved", "reason": "stopped at the barrier"}
    path = f"/api/incidents/{incident}"
    assert clients["supervisor"].post(f"{path}/state", json=over).status_code == 200
    expect(page.get_by_text("Open the incident again to follow.")).to_be_visible(timeout=20_000)
    expect(page.locator("[data-stream]")).to_have_count(0)
    start = {"camera": HERE, "seen_at": datetime.now(UTC).isoformat()}
    for step in ("pursuit", "pursuit/steps"):
        body = start if step == "pursuit" else {"what": "lost", "camera": HERE}
        refused = clients["officer"].post(f"{path}/{step}", json=body)
        assert (refused.status_code, refused.json()["code"]) == (403, "incidents.not-open")


def test_what_was_seen_in_a_recording_has_the_time_of_the_picture_shown(
    window: Window, worker: LiveWorker, recorder: Recorder
) -> None:
    incident = opened(window.town.clients["officer"], "Seen late", seen_ago_s=480)
    page = window.enter(f"/incidents?id={incident}")
    small = tile(page, NEAR)
    expect(small).to_have_attribute("data-shows", "recorded")
    expect(small.locator(".past-picture img")).to_be_visible()
    shown = small.locator(".on-picture.moment").inner_text()
    small.get_by_role("button", name="Seen here").click()
    expect(small).to_have_class(re.compile("last"))
    at = datetime.fromisoformat(pursuit(window, incident)["trail"][1]["at"])
    assert f"{at + timedelta(hours=5):%H:%M:%S}" == shown
    assert at.microsecond == 0  # a keyframe's: the film has one each second
    page.keyboard.press("u")
    expect(page.locator(".pursuit-trail li")).to_have_count(1)

    key = digit(page, NEXT)
    page.keyboard.press(key)
    video = tile(page, NEXT).locator(".play-tile[data-state='ready'] video")
    expect(video).to_be_visible()
    page.keyboard.press(" ")
    expect(tile(page, NEXT).get_by_role("button", name="Play")).to_be_visible()
    page.keyboard.press("ArrowRight")
    page.keyboard.press(".")
    numbers = [-1, -2]
    while numbers[-1] != numbers[-2]:
        page.wait_for_timeout(300)
        numbers.append(page.evaluate(READ, NEXT))
    page.keyboard.press(key)
    expect(tile(page, NEXT)).to_have_class(re.compile("last"))
    at = datetime.fromisoformat(pursuit(window, incident)["trail"][1]["at"])
    into_s = (at - recorder.recorded[0].start).total_seconds() % LONG_S
    assert into_s == pytest.approx(numbers[-1] / FPS, abs=1.1 / FPS)


def test_without_a_picture_nothing_was_seen(window: Window, worker: LiveWorker) -> None:
    incident = opened(window.town.clients["officer"], "No picture", seen_ago_s=5)
    page = window.enter(f"/incidents?id={incident}")
    lives(page, NEAR)
    dark = next(code for code in order(page) if code not in LIVE)
    lives(page, str(dark), "waiting")
    tile(page, str(dark)).get_by_role("button", name="Seen here").click()
    expect(page.get_by_role("alert")).to_contain_text("nothing was seen there")
    assert len(pursuit(window, incident)["trail"]) == 1


@pytest.mark.parametrize("language", ["en", "ur"])
def test_nothing_of_a_tile_lies_over_another_part_or_outside(
    window: Window, worker: LiveWorker, language: str
) -> None:
    incident = opened(window.town.clients["officer"], "BGC-771", seen_ago_s=5)
    window.prefer("light" if language == "ur" else "dark", language)
    page = window.enter(f"/incidents?id={incident}")
    lives(page, NEAR)
    page.keyboard.press("1")
    direction = "rtl" if language == "ur" else "ltr"
    assert page.evaluate("getComputedStyle(document.documentElement).direction") == direction
    tiles = page.evaluate(BOXES)
    assert len(tiles) == 9
    for (left, _, right, _), *boxes in tiles:
        assert len(boxes) >= 2
        for index, one in enumerate(boxes):
            assert left - 0.5 <= one[0]
            assert one[2] <= right + 0.5
            for other in boxes[:index]:
                apart = (other[2] - one[0], one[2] - other[0], other[3] - one[1], one[3] - other[1])
                assert min(apart) <= 0.5, (one, other)
    codes = page.locator(".incident-timeline .mono")
    assert codes.first.evaluate("node => getComputedStyle(node).direction") == "ltr"
