"""What recorders tell reaches the ledger in its order, also over a time when the disk is full."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from tests.recordings import book_of

from amaan.app.worker import entering
from amaan.app.worker.entering import Entering
from amaan.video.recording.ledger import Ledger
from amaan.video.recording.model import Policy

T0 = 1_700_000_000_000
CAMERA = "CAM-1"
ROOM = 1_000_000  # pages


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """Yield a ledger of a camera that records always."""
    ledger = book_of(tmp_path)
    ledger.set_policies({CAMERA: Policy()})
    yield ledger
    ledger.close()


def allow_pages(ledger: Ledger, pages: int) -> None:
    """Let SQLite have no more than so many pages: beyond them it says that the disk is full."""
    ledger._db.execute(f"PRAGMA max_page_count = {pages}")


def opened(number: int) -> dict[str, Any]:
    """Return what a recorder tells of a segment that begins."""
    entry: dict[str, Any] = {"kind": "opened", "id": str(uuid4()), "camera": CAMERA}
    entry |= {"stream": "main", "path": f"{CAMERA}/main/{number}.mp4", "codec": "h264"}
    entry |= {"start_ms": T0 + number * 10_000, "width": 640, "height": 360, "has_audio": False}
    return entry


def finished(begun: dict[str, Any]) -> dict[str, Any]:
    """Return what it tells when that one ends."""
    entry = {"kind": "finished", "id": begun["id"], "end_ms": begun["start_ms"] + 10_000}
    return entry | {"bytes": 1000, "sha256": "a" * 64, "fps": 25.0}


def told(count: int) -> list[dict[str, Any]]:
    """Return the tale of so many segments, one after the other."""
    begun = [opened(number) for number in range(count)]
    return [entry for one in begun for entry in (one, finished(one))]


def test_what_a_full_disk_refuses_is_entered_later_and_in_order(ledger: Ledger) -> None:
    entered = Entering(ledger)
    allow_pages(ledger, 1)
    for entry in told(60):
        entered.heed(entry)
    assert len(ledger.finished()) < 60
    assert "wait" in entered.problem
    entered.again()
    assert "wait" in entered.problem
    allow_pages(ledger, ROOM)
    entered.again()
    assert entered.problem == ""
    starts = [one.start_ms for one in ledger.finished()]
    assert sorted(starts) == [T0 + number * 10_000 for number in range(60)]
    assert ledger.gaps(CAMERA, "main") == []
    numbers = [int(str(entry["seq"])) for entry in ledger.untold(1000)]
    assert numbers == sorted(numbers)


def test_what_is_told_while_something_waits_waits_behind_it(ledger: Ledger) -> None:
    entered = Entering(ledger)
    tale = told(60)
    allow_pages(ledger, 1)
    for entry in tale[:-2]:
        entered.heed(entry)
    allow_pages(ledger, ROOM)
    for entry in tale[-2:]:
        entered.heed(entry)
    assert tale[-1]["id"] not in {one.id for one in ledger.finished()}
    entered.again()
    assert len(ledger.finished()) == 60


def test_nonsense_holds_nothing_up(ledger: Ledger) -> None:
    entered = Entering(ledger)
    entered.heed({"kind": "nothing of ours"})
    entered.heed({"kind": "opened"})
    for entry in told(1):
        entered.heed(entry)
    assert entered.problem == ""
    assert len(ledger.finished()) == 1


def test_a_disk_full_for_very_long_costs_the_oldest(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entering, "WAITING_MOST", 4)
    entered = Entering(ledger)
    allow_pages(ledger, 1)
    tale = told(80)
    for entry in tale:
        entered.heed(entry)
    allow_pages(ledger, ROOM)
    entered.again()
    assert entered.problem == ""
    assert {one.id for one in ledger.finished()} >= {tale[-1]["id"], tale[-3]["id"]}
    assert [gap.cause for gap in ledger.gaps(CAMERA, "main")] == ["restart"]
