"""Accounts, audit, retention, misuse and the public, each by who looks after it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import Window
from tests.flows.centre import START_LIMIT_S

pytestmark = [pytest.mark.browser, pytest.mark.timeout(int(START_LIMIT_S) + 120)]


def test_account_is_made_and_its_password_shown_once(window: Window) -> None:
    page = window.enter("/accounts", "keeper")
    page.get_by_role("button", name="Add account").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("Rabia Noor")
    dialog.get_by_label("User name").fill("r.noor")
    dialog.get_by_label("Role", exact=True).select_option("dispatcher")
    dialog.get_by_role("button", name="Create account").click()
    shown = page.locator("[data-secret=one-time]")
    expect(shown).to_be_visible()
    password = shown.inner_text()
    page.get_by_role("button", name="I have handed it over").click()
    line = page.locator("tr", has_text="r.noor")
    expect(line).to_contain_text("Dispatcher")
    assert password not in page.content()
    line.click()
    page.get_by_role("dialog").get_by_role("button", name="Disable").click()
    expect(line).to_contain_text("Disabled")


def test_nobody_changes_his_own_roles(window: Window) -> None:
    page = window.enter("/accounts", "keeper")
    page.locator("tr", has_text="keeper").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Nobody changes his own roles.")).to_be_visible()
    expect(dialog.get_by_label("Role", exact=True)).to_be_disabled()


def test_site_group_is_put_together_from_the_list(window: Window) -> None:
    page = window.enter("/accounts", "keeper")
    page.get_by_role("button", name="Site groups").click()
    page.get_by_role("button", name="Add group").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Code").fill("south")
    dialog.get_by_label("Name", exact=True).fill("District South")
    dialog.get_by_role("checkbox").nth(0).check()
    dialog.get_by_role("checkbox").nth(1).check()
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator("tr", has_text="District South").locator(".tag")).to_have_count(2)


def test_auditor_finds_an_entry_and_the_browser_proves_it(window: Window) -> None:
    page = window.enter("/audit", "auditor")
    page.get_by_label("Action").fill("request_authority")
    page.get_by_role("button", name="Show").click()
    rows = page.locator("tbody tr")
    expect(rows.first).to_contain_text("request_authority")
    page.locator(".audit-status", has_text="signed to").wait_for(timeout=75_000)
    rows.last.click()
    verdict = page.locator("[data-proof]")
    for _ in range(40):
        if verdict.count():
            break
        again = page.get_by_role("button", name="Try again")
        if again.count():
            again.click()
        page.wait_for_timeout(2000)
    expect(verdict).to_have_attribute("data-proof", "valid")
    expect(verdict).to_contain_text("signature is good")


def test_denial_stands_in_the_log(window: Window) -> None:
    denied = window.town.clients["operator"].get("/api/trust/accounts")
    assert denied.status_code == 403
    page = window.enter("/audit", "auditor")
    page.get_by_label("Who").fill("operator")
    page.get_by_label("Outcome").select_option("denied")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("tbody tr").first).to_contain_text("Denied")


def test_days_of_a_class_change_with_a_reason(window: Window) -> None:
    page = window.enter("/retention", "keeper")
    line = page.locator("tr", has=page.get_by_text("Clips", exact=True))
    line.get_by_role("button", name="Change").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Days kept").fill("21")
    expect(dialog.get_by_role("button", name="Save")).to_be_disabled()
    dialog.get_by_label("Reason").fill("As the by-law of this year says.")
    dialog.get_by_role("button", name="Save").click()
    expect(line).to_contain_text("21")


def test_hold_is_placed_by_one_and_released_by_another(window: Window) -> None:
    page = window.enter("/retention", "officer")
    page.get_by_role("button", name="Legal holds").click()
    page.get_by_role("button", name="Place a hold").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Authority").select_option(window.town.authority)
    dialog.get_by_label("Plates").fill("BGC771")
    dialog.get_by_label("Reason").fill("The defence asked for the recordings.")
    dialog.get_by_role("button", name="Place a hold").click()
    expect(page.locator("tr", has_text="BGC771")).to_contain_text("Holds")
    window.give_session("approver")
    page.reload()
    page.get_by_role("button", name="Legal holds").click()
    page.get_by_role("button", name="Release").first.click()
    page.get_by_role("dialog").get_by_label("Reason").fill("The case is closed.")
    page.get_by_role("dialog").get_by_role("button", name="Release").click()
    expect(page.locator("tbody tr").first).to_contain_text("Released by approver")


def test_facts_for_the_detectors_are_kept(window: Window, tmp_path: Path) -> None:
    roster = tmp_path / "shifts.csv"
    roster.write_text(
        "username,start,end\n"
        "operator,2026-11-02T08:00:00Z,2026-11-02T16:00:00Z\n"
        "nobody-here,2026-11-02T08:00:00Z,2026-11-02T16:00:00Z\n"
    )
    page = window.enter("/findings", "auditor")
    page.get_by_role("button", name="Facts").click()
    page.locator("input[type=file]").set_input_files(roster)
    report = page.get_by_role("dialog", name="Import of shifts.csv")
    expect(report).to_contain_text("1 line taken")
    report.get_by_role("button", name="Close").last.click()
    page.get_by_label("Name").select_option(label="Operator (operator)")
    page.get_by_label("Own").fill("AKX112")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved")).to_be_visible()


def test_report_counts_and_is_downloaded_as_it_is(window: Window) -> None:
    page = window.enter("/report", "supervisor")
    expect(page.get_by_role("region", name="Searches for vehicles, by purpose")).to_be_visible()
    expect(page.get_by_text("few or none").first).to_be_visible()
    with page.expect_download() as given:
        page.get_by_role("link", name="Canonical JSON").click()
    assert given.value.suggested_filename.endswith(".json")


def test_request_of_the_public_goes_its_way_to_an_appeal(window: Window) -> None:
    page = window.enter("/requests", "auditor")
    page.get_by_role("button", name="Take in a request").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("Asma Tariq")
    dialog.get_by_label("How to reach them").fill("0300-1234567")
    dialog.get_by_label("What they ask").fill("Was my car looked for, by whom and why?")
    dialog.get_by_role("button", name="Take in").click()
    reference = page.locator(".one-time").inner_text()
    page.get_by_role("button", name="Close").last.click()
    page.locator("tr", has_text=reference).click()
    for step in ("Identity shown", "Answer", "Appeal"):
        page.get_by_label("What was found, or why").fill("Shown at the counter.")
        page.get_by_role("dialog").get_by_role("button", name=step, exact=True).click()
        expect(page.get_by_role("button", name=step, exact=True)).to_have_count(0)
    window.give_session("approver")
    page.goto(f"{window.town.url}/requests")
    page.locator("tr", has_text=reference).click()
    expect(page.get_by_role("dialog")).not_to_contain_text("Asma Tariq")
    page.get_by_label("What was found, or why").fill("The answer left out a search.")
    page.get_by_role("button", name="Uphold appeal").click()
    expect(page.get_by_role("dialog")).to_contain_text("Appeal upheld")
