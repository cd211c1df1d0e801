"""What this room announces.

``plates.matched``: a read met an entry. Key: the match's id. Payload: ``match_id``, ``read_id``,
``entry_id``, ``camera``, ``observed_at`` (RFC 3339).
``plates.conflicted``: a number came twice with different payloads. Key: the id of the refused
observation. Payload: ``source``, ``boot``, ``seq``, ``received_at``.
``plates.read``: reads were stored. Key: the id of the newest. Payload: ``read_id``. At most a few
a second: a sample for the eye, not a feed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from amaan.kernel.events import JsonValue, NewEvent

MATCHED: Final = "plates.matched"
CONFLICTED: Final = "plates.conflicted"
READ: Final = "plates.read"


def moment(at: datetime) -> str:
    """Write a UTC time as RFC 3339 with microseconds and Z."""
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


def matched(
    match_id: UUID, read_id: UUID, entry_id: UUID, camera: str, observed_at: datetime
) -> NewEvent:
    """Announce a match."""
    payload = {
        "match_id": str(match_id),
        "read_id": str(read_id),
        "entry_id": str(entry_id),
        "camera": camera,
        "observed_at": moment(observed_at),
    }
    return NewEvent(MATCHED, str(match_id), observed_at, payload)


def conflicted(
    refused_id: UUID, source: str, boot: UUID, seq: int, received_at: datetime
) -> NewEvent:
    """Announce that a sender used one number for two payloads."""
    payload: dict[str, JsonValue] = {
        "source": source,
        "boot": str(boot),
        "seq": seq,
        "received_at": moment(received_at),
    }
    return NewEvent(CONFLICTED, str(refused_id), received_at, payload)


def read_seen(read_id: UUID, observed_at: datetime) -> NewEvent:
    """Announce that reads arrive."""
    return NewEvent(READ, str(read_id), observed_at, {"read_id": str(read_id)})
