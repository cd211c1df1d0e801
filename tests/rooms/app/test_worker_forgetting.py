from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from amaan.app.worker.forgetting import Forgetter
from amaan.engines.spool.settings import SpoolSettings
from amaan.engines.spool.sqlite import SqliteSpool

NOW = datetime.now(UTC)
DAY_S = 86_400.0


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[SqliteSpool]:
    spool = SqliteSpool(SpoolSettings(directory=tmp_path, source="w", reserve_bytes=0))
    yield spool
    spool.close()


def test_cut_off_worker_drops_by_the_days_it_heard_last(spool: SqliteSpool, tmp_path: Path) -> None:
    memory = tmp_path / "days-of-reads"
    Forgetter(spool, memory).heed(10, timedelta(0))
    spool.append("read", b"one")
    cut_off = Forgetter(spool, memory)
    assert cut_off.days == 10
    assert cut_off.forget_overdue(NOW + timedelta(days=9), 0.0) == 0
    assert cut_off.forget_overdue(NOW + timedelta(days=11), 2 * DAY_S) == 1


@pytest.mark.parametrize("word", ["", "0", "-5", "many", "9999999"])
def test_worker_that_was_never_told_keeps_thirty_days(
    spool: SqliteSpool, tmp_path: Path, word: str
) -> None:
    memory = tmp_path / "days-of-reads"
    memory.write_text(word)
    assert Forgetter(spool, memory).days == 30


def test_clock_that_jumps_ahead_drops_nothing_until_the_centre_vouches_for_it(
    spool: SqliteSpool, tmp_path: Path
) -> None:
    spool.append("read", b"one")
    forgetter = Forgetter(spool, tmp_path / "days-of-reads")
    assert forgetter.forget_overdue(NOW, 0.0) == 0
    assert forgetter.forget_overdue(NOW + timedelta(days=4_000), 60.0) == 0
    assert forgetter.forget_overdue(NOW + timedelta(days=4_000, minutes=1), 120.0) == 0
    forgetter.heed(30, timedelta(days=-4_000))
    assert forgetter.forget_overdue(NOW + timedelta(days=4_000, minutes=2), 180.0) == 0
    forgetter.heed(30, timedelta(seconds=1))
    assert forgetter.forget_overdue(NOW + timedelta(days=4_000, minutes=3), 240.0) == 1
