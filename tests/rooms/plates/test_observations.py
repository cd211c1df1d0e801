from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rooms.plates.deliveries import BOOT, NOW, a_read, delivery, moment

from amaan.kernel.ids import derived_id
from amaan.plates.model import BatchError, BatchTooLargeError
from amaan.plates.observations import BATCH_READS, decode


@given(
    st.datetimes(datetime(1960, 1, 1), datetime(2200, 1, 1)),
    st.integers(1, (1 << 62) - 1),
)
def test_id_is_the_one_that_the_sender_derives(at: datetime, seq: int) -> None:
    observed_at = at.replace(tzinfo=UTC)
    (read,) = decode(delivery(a_read(1, seq=seq, observed_at=moment(observed_at))), NOW).reads
    assert read.id == derived_id(observed_at, "worker-1", str(BOOT), str(seq)).bytes


def test_digest_does_not_depend_on_spacing_order_or_neighbours() -> None:
    read = a_read(1)
    alone = decode(delivery(read), NOW).reads[0]
    shuffled = dict(reversed(read.items()))
    body = json.dumps(
        {
            "reads": [shuffled, a_read(2, confidence=9)],
            "sent_at": moment(NOW),
            "worker": "worker-1",
        },
        indent=2,
    ).encode()
    assert decode(body, NOW).reads[0].digest == alone.digest


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"worker":"w","sent_at":"2026-03-02T10:00:00","reads":[]}',
        b'{"worker":"","sent_at":"2026-03-02T10:00:00Z","reads":[]}',
        b'{"worker":"w","sent_at":"2026-03-02T10:00:00Z","reads":{}}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_what_is_no_delivery_is_refused_whole(body: bytes) -> None:
    with pytest.raises(BatchError):
        decode(body, NOW)


def test_too_many_reads_are_refused_whole() -> None:
    body = b'{"worker":"w","sent_at":"2026-03-02T10:00:00Z","reads":[%s]}'
    with pytest.raises(BatchTooLargeError):
        decode(body % b",".join([b"0"] * (BATCH_READS + 1)), NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"plate": ""},
        {"plate": "'; DROP TABLE"},
        {"raw_text": "nul\0"},
        {"camera": "../etc"},
        {"confidence": "high"},
        {"characters": [2.0]},
        {"box": [1, 2, 3]},
        {"box": [1, 2, 3, 40_000]},
        {"observed_at": "2026-03-02 10:00"},
        {"observed_at": "yesterday"},
        {"direction": "up"},
        {"picture": "../../secret"},
        {"crop": "AB" * 31},
        {"frames": -1},
        {"uncertain": None},
    ],
)
def test_bad_read_is_refused_with_its_number(change: dict[str, Any]) -> None:
    batch = decode(delivery(a_read(1), a_read(2, **change), a_read(3)), NOW)
    assert [read.seq for read in batch.reads] == [1, 3]
    (refused,) = batch.refused
    assert (refused.boot, refused.seq) == (BOOT, 2)
    assert refused.reason


@pytest.mark.parametrize("change", [{"boot": "x"}, {"seq": 0}, {"seq": None}, {"boot": 7}])
def test_read_without_a_number_is_refused_without_one(change: dict[str, Any]) -> None:
    batch = decode(delivery(a_read(1, **change), a_read(2)), NOW)
    assert [read.seq for read in batch.reads] == [2]
    assert (batch.refused[0].boot, batch.refused[0].seq) == (None, None)


def test_lower_case_plate_is_normalised_not_refused() -> None:
    assert decode(delivery(a_read(1, plate="bgc-771")), NOW).reads[0].plate == "BGC771"


def test_clock_offset_is_receiver_minus_sender() -> None:
    assert decode(delivery(sent_at=NOW - timedelta(days=1)), NOW).clock_offset == timedelta(days=1)
