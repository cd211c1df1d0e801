"""Deliveries as a worker writes them, for the tests of this room and those above."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

BOOT = UUID("0192f3c0-0000-7000-8000-000000000001")
NOW = datetime(2026, 3, 2, 10, 0, 0, tzinfo=UTC)


def moment(at: datetime) -> str:
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


def a_read(seq: int, plate: str = "BGC771", /, **changes: Any) -> dict[str, Any]:
    at = moment(NOW + timedelta(milliseconds=seq))
    read: dict[str, Any] = {
        "boot": str(BOOT),
        "seq": seq,
        "camera": "RZ-01-A",
        "observed_at": at,
        "decided_at": at,
        "first_seen_at": at,
        "last_seen_at": at,
        "plate": plate,
        "raw_text": plate,
        "confidence": 0.97,
        "characters": [0.99] * len(plate),
        "box": [10, 20, 120, 40],
        "frame_size": [1920, 1080],
        "direction": "approaching",
        "frames": 7,
        "agreeing": 6,
        "uncertain": False,
        "picture": None,
        "crop": None,
    }
    return read | changes


def delivery(*reads: dict[str, Any], worker: str = "worker-1", sent_at: datetime = NOW) -> bytes:
    return json.dumps({"worker": worker, "sent_at": moment(sent_at), "reads": reads}).encode()
