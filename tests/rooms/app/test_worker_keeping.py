"""A decided read reaches the spool, or waits in memory and is counted."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import orjson
import pytest
from tests.rooms.app.test_worker_scheduling import START, plate

from amaan.app.worker.keeping import ReadKeeper
from amaan.app.worker.observations import encode_jpeg
from amaan.app.worker.settings import WorkerSettings
from amaan.engines.spool.errors import SpoolFullError
from amaan.engines.spool.settings import SpoolSettings
from amaan.engines.spool.sqlite import SqliteSpool
from amaan.vision.model import PlateRead

PICTURE = np.full((1080, 1920, 3), 90, np.uint8)


def settings(folder: Path, **changes: int) -> WorkerSettings:
    told = WorkerSettings(
        name="worker-1",
        centre="http://centre",
        data=folder,
        token_file=folder / "token",
        key_file=folder / "key",
    )
    return told.model_copy(update=changes)


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[SqliteSpool]:
    limits = SpoolSettings(
        directory=tmp_path, source="worker-1", database_bytes=128 * 1024, ballast_bytes=0
    )
    spool = SqliteSpool(limits)
    yield spool
    spool.close()


def read(text: str = "BGC771") -> PlateRead:
    return replace(plate(text), picture=PICTURE, crop=PICTURE[:40, :120], confidence=1.2)


def fill(spool: SqliteSpool) -> list[tuple[str, str, int]]:
    kept: list[tuple[str, str, int]] = []

    def until_full(size: int) -> None:
        while True:
            item = spool.append("read", b"x" * size)
            kept.append((item.source, item.boot, item.seq))

    for size in (2000, 200, 10):
        with pytest.raises(SpoolFullError):
            until_full(size)
    return kept


def test_a_read_is_spooled_with_both_pictures_named_by_hash(
    tmp_path: Path, spool: SqliteSpool
) -> None:
    woken: list[bool] = []
    keeper = ReadKeeper(spool, settings(tmp_path), lambda: woken.append(True))
    keeper.keep("RZ-01-A", read())
    [item] = spool.pending("read", 9)
    told = orjson.loads(item.payload)
    pictures = [picture.payload for picture in spool.pending("picture", 9)]
    assert [told["picture"], told["crop"]] == [hashlib.sha256(p).hexdigest() for p in pictures]
    assert (told["camera"], told["plate"], told["confidence"]) == ("RZ-01-A", "BGC771", 1.0)
    assert told["observed_at"] == "2026-03-01T12:00:00.000000Z"
    assert told["box"] == [0, 0, 1, 1]
    shown = cv2.imdecode(np.frombuffer(pictures[0], np.uint8), cv2.IMREAD_COLOR)
    assert shown is not None
    assert shown.shape == (720, 1280, 3)
    assert woken
    assert START.isoformat().startswith("2026-03-01T12")


def test_a_small_picture_is_not_blown_up_and_an_empty_one_is_none() -> None:
    jpeg = encode_jpeg(PICTURE[:40, :120], 80, 1280)
    assert jpeg is not None
    shown = cv2.imdecode(np.frombuffer(jpeg.content, np.uint8), cv2.IMREAD_COLOR)
    assert shown is not None
    assert shown.shape == (40, 120, 3)
    assert encode_jpeg(PICTURE[:0], 80) is None


def test_reads_wait_in_memory_while_the_spool_is_full_and_follow_in_order(
    tmp_path: Path, spool: SqliteSpool
) -> None:
    filling = fill(spool)
    keeper = ReadKeeper(spool, settings(tmp_path), lambda: None)
    for text in ("FIRST1", "SECOND2"):
        keeper.keep("A", read(text))
    assert keeper.state().waiting == 2
    keeper.retry_now()
    assert keeper.state().waiting == 2
    spool.acknowledge(filling)
    keeper.retry_now()
    assert keeper.state().waiting == 0
    plates = [orjson.loads(item.payload)["plate"] for item in spool.pending("read", 9)]
    assert plates == ["FIRST1", "SECOND2"]


def test_reads_that_find_no_room_even_in_memory_are_counted_not_silently_lost(
    tmp_path: Path, spool: SqliteSpool
) -> None:
    fill(spool)
    keeper = ReadKeeper(spool, settings(tmp_path, backlog_reads=3), lambda: None)
    for number in range(5):
        keeper.keep("A", read(f"P{number}"))
    state = keeper.state()
    assert (state.waiting, state.lost, state.kept) == (3, 2, 0)
