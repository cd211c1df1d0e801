"""Turns a line recogniser's output into characters that plates have.

The network knows 18,708 characters; a plate has 36 and a separator. Probability is summed over
what looks alike on a plate (letter case, accents, the Greek and Cyrillic letters drawn the same,
full-width forms, the many dashes); whatever is left is "other": a line full of it is no plate.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
SEPARATORS = "-.·•—–_~:=, '\u3000*|/"
BLANK, SEPARATOR, OTHER = 36, 37, 38
_ALIKE = str.maketrans(
    "АВЕЅІЈКМНОРСТУХЗΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",  # drawn like the Latin letter or digit below
    "ABESIJKMHOPCTYX3ABEZHIKMNOPTYX",
)

Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Glyph:
    """One character of a line. ``posteriors`` are over ALPHABET at its peak and sum to <= 1.

    ``at`` is its place along the line, 0..1; ``absence`` the posterior that nothing stands there.
    """

    char: str
    posterior: float
    posteriors: Scores
    at: float
    absence: float = 0.0

    def chance(self, char: str) -> float:
        """Return the posterior of another character in the same place."""
        return float(self.posteriors[ALPHABET.index(char)])


class PlateAlphabet:
    """Folds a recogniser's classes into ALPHABET, blank, separator and other."""

    def __init__(self, characters: Sequence[str]) -> None:
        """``characters`` are the network's classes in order, the blank (index 0) left out."""
        columns: list[tuple[int, int]] = [(BLANK, 0)]
        for column, char in enumerate(characters, 1):
            if (place := _place(char)) is not None:
                columns.append((place, column))
        columns.sort()
        self._columns = np.array([column for _, column in columns])
        places = [place for place, _ in columns]
        self._starts = np.array([places.index(place) for place in range(OTHER)])

    def fold(self, scores: Scores) -> Scores:
        """From (steps, classes) to (steps, 39)."""
        folded = np.empty((scores.shape[0], OTHER + 1), np.float32)
        folded[:, :OTHER] = np.add.reduceat(scores[:, self._columns], self._starts, axis=1)
        folded[:, OTHER] = np.clip(1.0 - folded[:, :OTHER].sum(axis=1), 0.0, 1.0)
        return folded


def _place(char: str) -> int | None:
    """Return where a class of the recogniser belongs, None for what no plate carries."""
    if char in SEPARATORS:
        return SEPARATOR
    plain = unicodedata.normalize("NFKD", char.upper()).translate(_ALIKE)
    plain = "".join(part for part in plain if not unicodedata.combining(part))
    return ALPHABET.index(plain) if len(plain) == 1 and plain in ALPHABET else None


def decode(folded: Scores, width_share: float = 1.0) -> list[Glyph]:
    """Collapse the best path. Separators come out as "-", others as "#".

    ``width_share`` is the part of the steps that the picture covers (the rest is padding).
    """
    steps = max(1, round(folded.shape[0] * width_share))
    best = folded.argmax(axis=1)
    glyphs: list[Glyph] = []
    step = 0
    while step < len(best):
        kind = best[step]
        end = step + 1
        while end < len(best) and best[end] == kind:
            end += 1
        if kind != BLANK:
            peak = step + int(folded[step:end, kind].argmax())
            char = ALPHABET[kind] if kind < BLANK else "-" if kind == SEPARATOR else "#"
            glyphs.append(
                Glyph(
                    char,
                    float(folded[peak, kind]),
                    folded[peak, :36].copy(),
                    min(1.0, (peak + 0.5) / steps),
                    float(folded[peak, BLANK:].sum()),
                )
            )
        step = end
    return glyphs
