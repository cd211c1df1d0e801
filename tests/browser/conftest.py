"""A real centre with a small town in it, and a real Chromium that may talk to it alone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright
from tests.browser import town
from tests.browser.people import Person, approved, everybody
from tests.browser.roadside import Roadside, film
from tests.flows.centre import running_centre, signed_in

expect.set_options(timeout=15_000)  # how long a thing may take is measured, never tested

STATIC = Path(__file__).parents[2] / "src/amaan/console/static/index.html"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
)


@dataclass
class Town:
    """Where the centre answers, who may sign in, and the worker at the roadside."""

    url: str
    data: Path
    people: dict[str, Person]
    clients: dict[str, httpx.Client]
    roadside: Roadside
    film: bytes
    authority: str


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A running centre, its own processes and database, filled with a town."""
    assert STATIC.is_file(), "the console is not built: make setup"
    data = tmp_path_factory.mktemp("centre")
    before = os.environ.get("AMAAN_REMOTE_WORKERS")
    os.environ["AMAAN_REMOTE_WORKERS"] = '["roadside-1"]'
    try:
        with running_centre(data, "--workers", "0") as url:
            token = (data / "worker-token").read_text().strip()
            with closing(Roadside(url, token)) as roadside:
                with closing(signed_in(url, data)) as office:
                    town.build(office, roadside)
                found = everybody(url, data)
                people = {name: person for name, (person, _) in found.items()}
                clients = {name: client for name, (_, client) in found.items()}
                plates = [plate for plate, *_ in town.WANTED]
                authority = approved(clients["officer"], clients["approver"], [*plates, "BG*"])
                town.look_for(clients["officer"], authority)
                town.drive(roadside)
                roadside.start()
                made = film("BGC771")
                yield Town(url, data, people, clients, roadside, made, authority)
                for client in clients.values():
                    client.close()
    finally:
        os.environ.pop("AMAAN_REMOTE_WORKERS")
        if before is not None:
            os.environ["AMAAN_REMOTE_WORKERS"] = before


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The distribution's browser, without a screen."""
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    assert found, "Chromium is absent: scripts/system.sh test"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield browser
        browser.close()


@dataclass
class Window:
    """One browser window, everything it asked for, and every fault that it met."""

    town: Town
    context: BrowserContext
    page: Page
    asked: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def sign_in(self, path: str = "/", who: str = "officer") -> Page:
        """Sign in by the form, with a code where the role needs one; wait for the page behind."""
        person = self.town.people[who]
        self.page.goto(self.town.url + path)
        self.page.locator("input[autocomplete=username]").fill(person.username)
        self.page.locator("input[type=password]").fill(person.password)
        self.page.keyboard.press("Enter")
        if person.secret is not None:
            self.page.locator(".code-input").fill(person.code())
            self.page.keyboard.press("Enter")
        self.page.locator(".shell").wait_for()
        return self.page

    def enter(self, path: str = "/", who: str = "officer") -> Page:
        """Open a page with the session that the person has already: no form, no waiting."""
        self.give_session(who)
        self.page.goto(self.town.url + path)
        self.page.locator(".shell").wait_for()
        return self.page

    def give_session(self, who: str) -> None:
        """Put the person's cookie into the browser."""
        cookies = self.town.clients[who].cookies
        self.context.clear_cookies()
        self.context.add_cookies(
            [
                {"name": name, "value": value, "url": self.town.url}
                for name, value in cookies.items()
            ]
        )

    def under(self, authority: str) -> None:
        """Work under an authority from the start."""
        script = f"sessionStorage.setItem('amaan.authority', '{authority}')"
        self.context.add_init_script(script)

    def prefer(self, theme: str = "dark", language: str = "en") -> None:
        """Set what the person had set on this machine before."""
        wish = f'{{"theme":"{theme}","language":"{language}","sound":false}}'
        self.context.add_init_script(f"localStorage.setItem('amaan.preferences', '{wish}')")

    def strangers(self) -> list[str]:
        """Return every address asked for that is not the centre's own."""
        own = urlsplit(self.town.url).netloc
        inside = ("data", "blob")
        return [
            url
            for url in self.asked
            if urlsplit(url).scheme not in inside and urlsplit(url).netloc != own
        ]


@pytest.fixture
def window(place: Town, chromium: Browser) -> Iterator[Window]:
    """A fresh window, nobody signed in. Faults of the page or its policy fail the test."""
    context = chromium.new_context(viewport={"width": 1280, "height": 720})
    opened = Window(place, context, context.new_page())

    def note(request: Request) -> None:
        opened.asked.append(request.url)

    context.on("request", note)
    opened.page.on("pageerror", lambda error: opened.faults.append(str(error)))
    opened.page.on(
        "console",
        lambda said: (
            opened.faults.append(said.text)
            if "Content Security Policy" in said.text or "could not be loaded" in said.text
            else None
        ),
    )
    opened.page.set_default_timeout(15_000)
    yield opened
    faults, strangers = opened.faults, opened.strangers()
    context.close()
    assert faults == []
    assert strangers == []
