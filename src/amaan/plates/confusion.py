"""Which characters a plate reader takes for which, and how readily.

The pairs are those that readers of number plates are known to confuse (O/0/Q/D, I/1, B/8, S/5,
Z/2, G/6), in that order of frequency. The weights are ours, set by eye and not measured: they
order near matches and nothing else hangs on them, for a near match is never acted on unverified.
They are asymmetrical because a worn or dirty stroke is lost more often than one is gained: a Q or
D loses what tells it from O or 0 more readily than an O gains it, and a B closes into an 8 more
readily than an 8 opens.
"""

from __future__ import annotations

from typing import Final

LIKELIHOOD: Final[dict[tuple[str, str], float]] = {
    # (what stands on the plate, what was read): relative readiness, 0..1
    ("O", "0"): 0.95,
    ("0", "O"): 0.95,
    ("Q", "O"): 0.80,
    ("O", "Q"): 0.45,
    ("Q", "0"): 0.70,
    ("0", "Q"): 0.35,
    ("D", "0"): 0.60,
    ("0", "D"): 0.50,
    ("D", "O"): 0.60,
    ("O", "D"): 0.45,
    ("Q", "D"): 0.30,
    ("D", "Q"): 0.20,
    ("I", "1"): 0.95,
    ("1", "I"): 0.90,
    ("B", "8"): 0.75,
    ("8", "B"): 0.65,
    ("S", "5"): 0.70,
    ("5", "S"): 0.65,
    ("Z", "2"): 0.65,
    ("2", "Z"): 0.60,
    ("G", "6"): 0.55,
    ("6", "G"): 0.45,
}

_CLASSES: Final = ("0OQD", "1I", "8B", "5S", "2Z", "6G")
_FOLD: Final = str.maketrans({character: group[0] for group in _CLASSES for character in group[1:]})


def skeleton(plate: str) -> str:
    """Fold confusable characters together.

    Two plates that differ by confusable characters alone have one skeleton; the converse holds
    too, as every class is complete in ``LIKELIHOOD``.
    """
    return plate.translate(_FOLD)


def cost(entry: str, read: str) -> float | None:
    """Return how far a read character is from the entry's, 0 (same) to 1; None: not confusable."""
    if entry == read:
        return 0.0
    likelihood = LIKELIHOOD.get((entry, read))
    return None if likelihood is None else round(1.0 - likelihood, 2)


def alternatives(character: str) -> str:
    """Return the characters that may truly stand where this one was read."""
    return "".join(entry for entry, read in LIKELIHOOD if read == character)
