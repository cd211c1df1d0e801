"""What has been received: ``(source, boot, seq)`` counts once, whatever is sent again. Pure.

A run of numbers with gaps (a spool may number other things too) would make one range per gap, and
a range set that grows for ever. So the ledger keeps fixed blocks of ``BLOCK`` numbers: asking for
a number reads one block, in any order of arrival, at any age.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from struct import pack, unpack
from typing import Final

BLOCK_BITS: Final = 9
BLOCK: Final = 1 << BLOCK_BITS
DIGEST: Final = 16  # bytes kept of a payload's SHA-256: senders are ours, chance is the enemy


class Verdict(Enum):
    """What a number and payload are to the ledger."""

    NEW = "new"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class BlockPart:
    """Some numbers of one block with their digests.

    ``offsets`` are unsigned 16-bit little-endian distances from the block's first number;
    ``digests`` are ``DIGEST`` bytes each, in the same order.
    """

    block: int
    offsets: bytes
    digests: bytes


def blocks_of(seqs: Iterable[int]) -> list[int]:
    """Return the blocks that hold the numbers, sorted."""
    return sorted({seq >> BLOCK_BITS for seq in seqs})


def parts(received: Mapping[int, bytes]) -> list[BlockPart]:
    """Write numbers with their digests as block parts."""
    grouped: dict[int, list[int]] = {}
    for seq in received:
        grouped.setdefault(seq >> BLOCK_BITS, []).append(seq)
    return [
        BlockPart(
            block,
            pack(f"<{len(seqs)}H", *(seq - (block << BLOCK_BITS) for seq in seqs)),
            b"".join([received[seq] for seq in seqs]),
        )
        for block, seqs in grouped.items()
    ]


def received_of(stored: Iterable[BlockPart]) -> dict[int, bytes]:
    """Read block parts back: number -> digest."""
    received: dict[int, bytes] = {}
    for part in stored:
        count = len(part.offsets) // 2
        start = part.block << BLOCK_BITS
        for index, offset in enumerate(unpack(f"<{count}H", part.offsets)):
            received[start + offset] = part.digests[index * DIGEST : (index + 1) * DIGEST]
    return received


def judge(received: Mapping[int, bytes], seq: int, digest: bytes) -> Verdict:
    """Tell whether the number is new, the same again, or the same number with another payload."""
    known = received.get(seq)
    if known is None:
        return Verdict.NEW
    return Verdict.DUPLICATE if known == digest else Verdict.CONFLICT


def spans(seqs: Iterable[int]) -> Sequence[tuple[int, int]]:
    """Return the unbroken runs, first and last number included, ascending."""
    runs: list[tuple[int, int]] = []
    for seq in sorted(set(seqs)):
        if runs and runs[-1][1] == seq - 1:
            runs[-1] = (runs[-1][0], seq)
        else:
            runs.append((seq, seq))
    return runs
