"""PostgreSQL's binary COPY form of reads: written here once, as a whole buffer.

psycopg's ``write_row`` adapts each value by itself; at 20,000 reads a second that alone would
take most of a core.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from struct import Struct
from typing import Final

COLUMNS: Final = (
    *("ledger_id", "seq", "id", "observed_at", "received_at"),
    *("decided_at", "first_seen_at", "last_seen_at"),
    *("box_x", "box_y", "box_w", "box_h", "frame_w", "frame_h"),
    *("frames", "agreeing", "confidence", "uncertain", "clock_suspect", "direction"),
    *("clock_offset_ms", "plate", "raw_text", "camera", "characters", "picture", "crop"),
)
HEADER: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER: Final = b"\xff\xff"
_HEAD: Final = Struct(">hii")


def buffer(ledgers: Iterable[tuple[int, Sequence[bytes]]]) -> bytes:
    """Join rows (as ``observations`` packs them, by ledger) into one COPY stream."""
    pieces = [HEADER]
    for ledger_id, rows in ledgers:
        if rows:
            head = _HEAD.pack(len(COLUMNS), 4, ledger_id)
            pieces.append(head)
            pieces.append(head.join(rows))
    pieces.append(TRAILER)
    return b"".join(pieces)
