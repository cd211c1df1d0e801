"""docs/security.md answers every requirement once, and names only tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/security.md").read_text()
ROW = re.compile(
    r"^\| (\d+\.\d+\.\d+) \| ([^|]+) \| (met|not yet|does not apply) \| (.+) \|$", re.M
)
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")

# OWASP ASVS 5.0.0, levels 1 and 2: how many requirements each section has, numbered from 1.
SECTIONS = {
    **{"1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1},
    **{"3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4},
    **{"5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3, "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5},
    **{"6.6": 3, "6.8": 4, "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2, "8.1": 2},
    **{"8.2": 3, "8.3": 1, "8.4": 1, "9.1": 3, "9.2": 4, "10.1": 2, "10.2": 2, "10.3": 4},
    **{"10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3, "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4},
    **{"11.5": 1, "11.6": 1, "12.1": 3, "12.2": 2, "12.3": 4, "13.1": 1, "13.2": 5, "13.3": 2},
    **{"13.4": 5, "14.1": 2, "14.2": 4, "14.3": 3, "15.1": 3, "15.2": 3, "15.3": 7, "16.1": 1},
    **{"16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3, "17.1": 1, "17.2": 4, "17.3": 2},
}
LEVEL_3 = {"2.3.5", "14.2.7"}  # and 16.3.2's own part for level 3


def _web() -> str:
    files = [*(ROOT / "web/src").rglob("*.ts"), *(ROOT / "web/src").rglob("*.tsx")]
    return "\n".join(file.read_text() for file in files)


def test_every_requirement_has_its_line_once() -> None:
    wanted = [f"{section}.{n + 1}" for section, most in SECTIONS.items() for n in range(most)]
    assert len(wanted) == 253
    found = [row[0] for row in ROW.findall(PAGE)]
    assert len(found) == len(set(found))
    assert set(found) == {*wanted, *LEVEL_3}


def test_what_is_met_names_tests_and_what_is_not_a_reason() -> None:
    for requirement, _, status, last in ROW.findall(PAGE):
        if status == "met":
            assert TEST.findall(last), requirement
        else:
            assert len(last) >= 4, requirement
            assert not TEST.findall(last), requirement


def test_every_test_named_exists() -> None:
    named = TEST.findall(PAGE)
    assert len(named) > 150
    for path, name in set(named):
        text = (ROOT / path).read_text()
        assert re.search(rf"^(?:async )?def {name}\b", text, re.M), f"{path}::{name}"


def test_counts_at_the_head_are_those_of_the_table() -> None:
    statuses = [row[2] for row in ROW.findall(PAGE)]
    for status in ("met", "not yet", "does not apply"):
        assert f"{statuses.count(status)} {status}" in PAGE, (status, statuses.count(status))


def test_page_has_its_sections() -> None:
    for heading in (
        *("Trust boundaries", "What stands", "Incidents", "Ways in", "Passwords and sessions"),
        *("Data and its protection", "Keys and cryptography", "Connections", "Uploads", "Logs"),
        *("Costly functions", "Dependencies", "OWASP ASVS 5.0", "Reporting"),
    ):
        section = re.search(rf"^## {re.escape(heading)}\n(.+?)(?=^## |\Z)", PAGE, re.M | re.S)
        assert section, heading
        assert len(section.group(1).split()) > 10, heading


def test_password_fields_are_masked_and_take_what_is_pasted() -> None:
    web = _web()
    fields = re.findall(r"<input[^>]*autoComplete=\"(?:current|new)-password\"[^>]*", web)
    assert len(fields) >= 3
    assert all('type="password"' in field for field in fields)
    assert "onPaste" not in web


def test_console_shows_texts_as_texts() -> None:
    web = _web()
    for way in ("dangerouslySetInnerHTML", "insertAdjacentHTML", "document.write", "postMessage("):
        assert way not in web, way
    assert not re.search(r"\b(?:inner|outer)HTML\s*=|javascript:", web)


def test_signing_out_is_on_every_page() -> None:
    assert "trust.sign_out" in (ROOT / "web/src/console/Shell.tsx").read_text()
