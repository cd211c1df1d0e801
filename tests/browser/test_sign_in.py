"""The way in: password, code, own password, enrolment, passkey; and what a person may end."""

from __future__ import annotations

from contextlib import closing

import pyotp
import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import Window
from tests.browser.people import newcomer
from tests.flows.centre import START_LIMIT_S, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(int(START_LIMIT_S) + 120)]

OWN = "an own and long phrase"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def give_name_and_password(page: Page, username: str, password: str) -> None:
    page.get_by_label("User name").fill(username)
    page.locator("input[type=password]").fill(password)
    page.keyboard.press("Enter")


def test_new_approver_owes_a_password_then_a_second_factor_and_gets_in_by_code(
    window: Window,
) -> None:
    with closing(signed_in(window.town.url, window.town.data)) as office:
        fresh = newcomer(office, "fresh-approver", "approving_officer")
    page = window.page
    page.goto(window.town.url)
    give_name_and_password(page, fresh.username, fresh.password)
    expect(page.get_by_role("heading", name="Choose your own password")).to_be_visible()
    assert page.locator(".shell").count() == 0
    page.get_by_label("One-time password").fill(fresh.password)
    page.get_by_label("New password", exact=True).fill(OWN)
    page.get_by_label("New password again").fill(OWN)
    page.get_by_role("button", name="Set password").click()
    expect(page.get_by_role("heading", name="Set up a second factor")).to_be_visible()
    expect(page.locator(".qr img")).to_be_visible()
    secret = page.locator(".secret").inner_text().replace(" ", "")
    page.get_by_label("Code of six figures").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Confirm code").click()
    codes = page.locator(".recovery li")
    expect(codes.first).to_be_visible()
    recovery = codes.first.inner_text()
    page.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_role("heading", name="Authorities")).to_be_visible()
    window.context.clear_cookies()
    page.goto(window.town.url)
    give_name_and_password(page, fresh.username, OWN)
    page.get_by_label("Code", exact=True).fill("000000")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert")).to_contain_text("not right")
    page.get_by_label("Code", exact=True).fill(recovery)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Authorities")).to_be_visible()


def test_locked_account_is_told_until_when(window: Window) -> None:
    page = window.page
    page.goto(window.town.url)
    for _ in range(6):
        with page.expect_response("**/api/trust/sessions"):
            give_name_and_password(page, "nobody-by-that-name", "a wrong phrase indeed")
        expect(page.get_by_role("alert")).to_be_visible()
        expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_enabled()
    expect(page.get_by_role("alert")).to_contain_text("locked until")


def test_passkey_is_added_signs_in_and_is_removed(window: Window) -> None:
    url = window.town.url.replace("127.0.0.1", "localhost")
    window.town.url, before = url, window.town.url
    devtools = window.context.new_cdp_session(window.page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    try:
        page = window.sign_in("/account", "investigator")
        page.get_by_role("button", name="Add a passkey").click()
        dialog = page.get_by_role("dialog", name="Add a passkey")
        dialog.get_by_label("Name of the passkey").fill("Office desk")
        dialog.get_by_role("button", name="Add a passkey").click()
        expect(page.locator(".proof-list li")).to_contain_text("Office desk")
        window.context.clear_cookies()
        page.goto(url)
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.locator(".shell")).to_be_visible()
        page.goto(f"{url}/account")
        expect(page.get_by_role("row", name="this one")).to_contain_text("Passkey")
        page.on("dialog", lambda asked: asked.accept())
        page.locator(".proof-list li").get_by_role("button", name="Remove").click()
        expect(page.locator(".proof-list li")).to_have_count(0)
    finally:
        assert window.strangers() == []
        window.asked.clear()
        window.town.url = before


def test_other_sessions_are_listed_and_ended(window: Window) -> None:
    page = window.sign_in("/account", "dispatcher")
    sessions = page.get_by_role("region", name="Where I am signed in").locator("tbody tr")
    expect(sessions).to_have_count(2)
    page.get_by_role("button", name="End all others").click()
    expect(sessions).to_have_count(1)
    client = window.town.clients["dispatcher"]
    assert client.get("/api/trust/sessions/current").status_code == 401


def test_password_is_changed_and_a_wrong_one_ends_nothing(window: Window) -> None:
    with closing(signed_in(window.town.url, window.town.data)) as office:
        fresh = newcomer(office, "changes-password", "dispatcher")
    page = window.page
    page.goto(window.town.url)
    give_name_and_password(page, fresh.username, fresh.password)
    page.get_by_label("One-time password").fill(fresh.password)
    page.get_by_label("New password", exact=True).fill(OWN)
    page.get_by_label("New password again").fill(OWN)
    page.get_by_role("button", name="Set password").click()
    page.locator(".shell").wait_for()
    page.goto(f"{window.town.url}/account")
    page.get_by_role("button", name="Change password").click()
    page.get_by_label("Current password").fill("not the password at all")
    page.get_by_label("New password", exact=True).fill(OWN + " two")
    page.get_by_label("New password again").fill(OWN + " two")
    page.get_by_role("dialog").get_by_role("button", name="Change password").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("dialog", name="Your session has ended")).to_have_count(0)
