"""Each role sees its own pages, and the window asks the centre for nothing that it may not have."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Response, expect
from tests.browser.conftest import Window
from tests.flows.centre import START_LIMIT_S

pytestmark = [pytest.mark.browser, pytest.mark.timeout(int(START_LIMIT_S) + 180)]

WATCHING = ("watch", "incidents", "wall", "playback")
STANDING = ("cameras", "sites", "health")
PAGES = {
    "operator": [*WATCHING, "hotlist", *STANDING],
    "supervisor": [
        *(*WATCHING, "search", "authorities", "hotlist"),
        *(*STANDING, "retention", "report"),
    ],
    "investigator": [*WATCHING, "search", "authorities", "hotlist", *STANDING, "retention"],
    "calltaker": ["map"],
    "responder": ["map"],
    "approver": ["authorities", "requests", "hotlist", "retention", "report", "map"],
    "senior": ["authorities", "requests", "hotlist", "retention", "report", "map"],
    "auditor": [
        "audit",
        "accounts",
        "authorities",
        "findings",
        "requests",
        "retention",
        "report",
        "map",
    ],
    "keeper": ["accounts", *STANDING, "retention", "report", "map"],
}
EVERY = {page for pages in PAGES.values() for page in pages}
OVERFLOW = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.mark.parametrize("who", PAGES)
def test_role_finds_its_pages_and_is_refused_nothing(window: Window, who: str) -> None:
    refused: list[str] = []

    def note(answer: Response) -> None:
        if "/api/" in answer.url and answer.status >= 400:
            refused.append(f"{answer.status} {answer.url}")

    window.page.on("response", note)
    page = window.enter("/", who)
    links = page.locator(".nav a")
    expect(links).to_have_count(len(PAGES[who]))
    shown = [urlsplit(link.get_attribute("href") or "").path[1:] for link in links.all()]
    assert shown == PAGES[who]
    expect(page).to_have_url(f"{window.town.url}/{shown[0]}")
    for name in shown:
        page.locator(f".nav a[href='/{name}']").click()
        expect(page.locator("main")).to_be_visible()
        page.wait_for_timeout(400)
        assert not page.evaluate(OVERFLOW), name
    page.goto(f"{window.town.url}/account")
    expect(page.get_by_role("heading", name="My account")).to_be_visible()
    assert refused == []


@pytest.mark.parametrize("who", PAGES)
def test_page_of_another_role_is_refused_without_a_question(window: Window, who: str) -> None:
    page = window.enter("/account", who)
    own = {"/api/trust/sessions/current", "/api/console/events", "/api/health"}
    allowed = (*own, "/api/city/", "/api/video/", "/api/alarms")
    for name in sorted(EVERY - set(PAGES[who]) - {"map"}):
        page.goto("about:blank")  # what the page before still asked comes no later than this
        window.asked.clear()
        page.goto(f"{window.town.url}/{name}")
        expect(page.get_by_text("This page is not for your account")).to_be_visible()
        asked = [urlsplit(url).path for url in window.asked if "/api/" in url]
        assert [path for path in asked if not path.startswith(allowed)] == []
        if who in ("auditor", "keeper"):
            assert not [path for path in asked if path.startswith(("/api/alarms", "/api/plates"))]


@pytest.mark.parametrize(("theme", "language"), [("dark", "ur"), ("light", "en"), ("light", "ur")])
@pytest.mark.parametrize("who", ["officer", "approver", "auditor", "keeper"])
def test_every_page_stands_in_both_languages_and_themes(
    window: Window, who: str, theme: str, language: str, tmp_path: Path
) -> None:
    window.prefer(theme, language)
    page = window.enter("/", who)
    page.wait_for_timeout(400)
    for link in [each.get_attribute("href") for each in page.locator(".nav a").all()]:
        assert link is not None
        page.goto(window.town.url + link)
        page.locator("main").wait_for()
        page.wait_for_timeout(500)
        name = link.strip("/").replace("/", "-")
        page.screenshot(path=tmp_path / f"{who}-{name}-{theme}-{language}.png")
        assert not page.evaluate(OVERFLOW), link
        if language == "ur":
            assert page.evaluate("document.documentElement.dir") == "rtl"
            heading = page.locator("main h1").first
            if heading.count() and heading.is_visible():
                assert any("\u0600" <= letter <= "\u06ff" for letter in heading.inner_text())


@pytest.mark.parametrize("who", ["supervisor", "approver", "auditor", "keeper"])
def test_no_page_of_trust_is_wider_than_a_telephone(window: Window, who: str) -> None:
    window.page.set_viewport_size({"width": 390, "height": 844})
    page = window.enter("/", who)
    for name in PAGES[who]:
        page.goto(f"{window.town.url}/{name}")
        page.locator("main").wait_for()
        page.wait_for_timeout(300)
        assert not page.evaluate(OVERFLOW), name


def test_approver_without_the_second_factor_owes_it_first(window: Window) -> None:
    person = window.town.people["approver"]
    page = window.page
    page.goto(window.town.url)
    page.get_by_label("User name").fill(person.username)
    page.locator("input[type=password]").fill(person.password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Second factor")).to_be_visible()
    assert page.locator(".shell").count() == 0
