"""Every room has its place in the order and in the table of ARCHITECTURE.md."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = sorted(
    folder.name for folder in (ROOT / "src/amaan").iterdir() if (folder / "__init__.py").exists()
)


def test_import_order_names_every_room_once() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())
    (order,) = [c for c in config["tool"]["importlinter"]["contracts"] if c["id"] == "rooms"]
    assert sorted(order["layers"]) == ROOMS
    assert order["exhaustive"] is True


@pytest.mark.parametrize("room", ROOMS)
def test_room_is_described_in_the_architecture(room: str) -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    assert re.search(rf"^\| `{room}` \|", text, re.MULTILINE), room


@pytest.mark.parametrize("room", ROOMS)
def test_room_says_what_it_is_for(room: str) -> None:
    first = (ROOT / "src/amaan" / room / "__init__.py").read_text()
    assert first.startswith('"""'), room
    assert len(first.splitlines()[0]) > 20, room


def test_decisions_are_numbered_without_gaps_and_name_their_check() -> None:
    files = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))
    assert [int(file.name[:4]) for file in files] == list(range(1, len(files) + 1))
    for file in files:
        text = file.read_text()
        for heading in ("## Context", "## Decision", "## Consequence", "## Check"):
            assert heading in text, f"{file.name} lacks {heading}"


def test_no_lock_carries_an_address() -> None:
    for file in (ROOT / "requirements").glob("*.txt"):
        text = file.read_text()
        assert "--hash=sha256:" in text, file.name
        assert not re.search(r"https?://|--index-url|--find-links", text), file.name
    npm = (ROOT / "web/package-lock.json").read_text()
    assert '"resolved"' not in npm
    assert '"integrity"' in npm


def test_documents_link_only_to_files_that_exist() -> None:
    for file in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", file.read_text()):
            if not target.startswith(("http:", "https:", "mailto:")):
                assert (file.parent / target).exists(), f"{file.name} links to {target}"
