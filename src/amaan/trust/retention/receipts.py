"""The text of a receipt, and reading it back. Pure.

Two lines: what it is, then one JSON object with sorted keys. What a receipt says is only ever
taken from its signed text.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from amaan.trust.retention.model import Receipt, ReceiptError, Removal

ORIGIN: Final = "amaan retention receipt v1"


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def receipt_text(identifier: UUID, number: int, at: datetime, removal: Removal) -> str:
    """Return what is signed."""
    fields = asdict(removal)
    fields["class"] = fields.pop("name")
    fields["since"], fields["until"] = _moment(removal.since), _moment(removal.until)
    fields |= {"id": str(identifier), "number": number, "at": _moment(at)}
    return f"{ORIGIN}\n{json.dumps(fields, sort_keys=True, separators=(',', ':'))}\n"


def receipt_of(text: str, note: str) -> Receipt:
    """Read a receipt from the text whose signature was checked. Raises ReceiptError."""
    lines = text.split("\n")
    if len(lines) != 3 or lines[0] != ORIGIN or lines[2]:
        raise ReceiptError("not a receipt of deletion")
    try:
        fields = json.loads(lines[1])
        removal = Removal(
            name=fields["class"],
            things=fields["things"],
            removed=fields["removed"],
            digest=fields["digest"],
            since=_time(fields["since"]),
            until=_time(fields["until"]),
            kept=fields["kept"],
            partitions=tuple(fields["partitions"]),
            blobs=fields["blobs"],
            blob_bytes=fields["blob_bytes"],
            names=tuple(fields["names"]),
        )
        at = _time(fields["at"])
        if at is None:
            raise ReceiptError("a receipt without a time")
        return Receipt(UUID(fields["id"]), int(fields["number"]), at, removal, note)
    except (KeyError, TypeError, ValueError) as error:
        raise ReceiptError("a receipt that cannot be read") from error
