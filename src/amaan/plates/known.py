"""Plates that the database surely knows, so that they need not be sent to it again."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import Final

SLOTS: Final = 1 << 21  # 16 MB: room for most vehicles of a large city
_LONGEST: Final = 12  # 2 x 36**12 is the largest that fits 64 bits


def _code(plate: str) -> int:
    """Write a plate as a number, one to one (the leading 1 keeps leading zeros)."""
    return int("1" + plate, 36)


class KnownPlates:
    """A cache that forgets and never errs: one plate per slot, the latest wins."""

    def __init__(self, slots: int = SLOTS) -> None:
        assert slots & (slots - 1) == 0, "a power of two"
        self._mask = slots - 1
        self._slots = array("Q", bytes(8 * slots))

    def unknown(self, plates: Iterable[str]) -> list[str]:
        """Return, sorted and once each, the plates that are not surely known."""
        slots, mask = self._slots, self._mask
        return sorted(
            {
                plate
                for plate in plates
                if len(plate) > _LONGEST or slots[hash(plate) & mask] != _code(plate)
            }
        )

    def learn(self, plates: Iterable[str]) -> None:
        """Take plates as known; call it once they are committed."""
        for plate in plates:
            if len(plate) <= _LONGEST:
                self._slots[hash(plate) & self._mask] = _code(plate)
