"""From lines of text to plates: which lines stand together, in what order, and which do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from amaan.vision.model import Box, PlateBox, PlateText, Sighting
from amaan.vision.plates import grammar
from amaan.vision.plates.ctc import Glyph

Quad = NDArray[np.float32]
"""4 x 2 corners, clockwise from top left."""

SMALL_LINE = 0.62  # of the tallest line's height; province words and years are smaller
MAX_SIDE_RATIO = 9.0
MARGIN = 0.18  # of a line's height: from the characters to the plate's edge


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One line of text with its corners in the picture."""

    quad: Quad
    score: float
    glyphs: tuple[Glyph, ...]

    @property
    def text(self) -> str:
        """What the recogniser said, separators as dashes."""
        return "".join(glyph.char for glyph in self.glyphs)

    @property
    def height(self) -> float:
        """Mean of the left and right edges."""
        left = float(np.linalg.norm(self.quad[3] - self.quad[0]))
        return (left + float(np.linalg.norm(self.quad[2] - self.quad[1]))) / 2

    @property
    def width(self) -> float:
        """Mean of the upper and lower edges."""
        upper = float(np.linalg.norm(self.quad[1] - self.quad[0]))
        return (upper + float(np.linalg.norm(self.quad[2] - self.quad[3]))) / 2

    @property
    def centre(self) -> tuple[float, float]:
        """Mean of the corners."""
        return float(self.quad[:, 0].mean()), float(self.quad[:, 1].mean())


def as_rows(lines: Sequence[Line]) -> list[list[Line]]:
    """Sort lines into rows from top to bottom, each from left to right."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda item: item.centre[1]):
        row = rows[-1] if rows else None
        if row and line.centre[1] - row[-1].centre[1] < 0.5 * min(line.height, row[-1].height):
            row.append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda item: item.centre[0]) for row in rows]


def read_rows(lines: Sequence[Line], profile: str) -> PlateText | None:
    """Join the lines of one plate; None when what is left cannot be a plate."""
    told = [line for line in lines if line.glyphs and not _is_remark(line.text)]
    if not told:
        return None
    tallest = max(line.height for line in told)
    rows = [[line for line in row if line.height >= SMALL_LINE * tallest] for row in as_rows(told)]
    main = [row for row in rows if row]
    joined = [[glyph for line in row for glyph in line.glyphs] for row in main]
    if any(glyph.char == "#" for row in joined for glyph in row):
        joined = [[glyph for glyph in row if glyph.char != "#"] for row in joined]
    chosen = grammar.choose(grammar.without_year(joined), profile)
    if not grammar.could_be_plate(chosen.text):
        return None
    raw = " ".join("".join(line.text for line in row) for row in as_rows(lines))
    confidence = float(np.exp(np.mean(np.log(np.maximum(chosen.posteriors, 1e-4)))))
    return PlateText(chosen.text, raw, confidence, chosen.posteriors)


def _is_remark(text: str) -> bool:
    return grammar.is_word(text) or grammar.is_moment(text)


def _is_candidate(line: Line) -> bool:
    if grammar.is_moment(line.text):
        return False
    others = sum(glyph.char == "#" for glyph in line.glyphs)
    known = sum(glyph.char.isalnum() for glyph in line.glyphs)
    return known > 0 and others <= known // 3 and line.width <= MAX_SIDE_RATIO * line.height


def _stacked(upper: Line, lower: Line) -> bool:
    """Two rows of one plate: alike in height, close, one above the other."""
    gap = lower.centre[1] - upper.centre[1]
    mean = (upper.height + lower.height) / 2
    alike = min(upper.height, lower.height) > SMALL_LINE * max(upper.height, lower.height)
    aside = abs(lower.centre[0] - upper.centre[0]) < 0.6 * max(upper.width, lower.width)
    return alike and aside and 0.6 * mean < gap < 1.9 * mean


def _beside(left: Line, right: Line) -> bool:
    """Two pieces of one row: alike in height, on one level, a character's width apart."""
    mean = (left.height + right.height) / 2
    alike = min(left.height, right.height) > SMALL_LINE * max(left.height, right.height)
    level = abs(left.centre[1] - right.centre[1]) < 0.4 * mean
    first, second = sorted((left, right), key=lambda line: line.centre[0])
    gap = float(second.quad[:, 0].min() - first.quad[:, 0].max())
    return alike and level and -0.5 * mean < gap < 1.1 * mean


def groups(lines: Sequence[Line]) -> list[list[Line]]:
    """Put lines that belong to one plate together; each line is in one group."""
    left = sorted((line for line in lines if _is_candidate(line)), key=lambda x: -x.height)
    made: list[list[Line]] = []
    while left:
        group = [left.pop(0)]
        grown = True
        while grown and len(group) < 4:
            grown = False
            for line in left:
                if any(_beside(line, other) for other in group) or any(
                    _stacked(*sorted((line, other), key=lambda x: x.centre[1])) for other in group
                ):
                    group.append(line)
                    left.remove(line)
                    grown = True
                    break
        made.append(group)
    return made


def _captions(group: Sequence[Line], lines: Sequence[Line]) -> list[Line]:
    """Small words right above or below (SINDH, a state's name): on the plate, not its text."""
    left = min(float(line.quad[:, 0].min()) for line in group)
    right = max(float(line.quad[:, 0].max()) for line in group)
    found = []
    for line in lines:
        if any(line is member for member in group):
            continue
        inside = left - 5 <= line.centre[0] <= right + 5 and line.width <= 1.1 * (right - left)
        near = any(
            abs(line.centre[1] - member.centre[1]) < 0.75 * (line.height + member.height)
            for member in group
        )
        if inside and near and line.height < group[0].height:
            found.append(line)
    return found


def _box(lines: Sequence[Line], captions: Sequence[Line], shape: tuple[int, int]) -> Box:
    corners = np.concatenate([line.quad for line in (*lines, *captions)])
    margin = MARGIN * max(line.height for line in lines)
    x0, y0 = np.maximum(corners.min(axis=0) - margin, 0)
    x1, y1 = np.minimum(corners.max(axis=0) + margin, (shape[1], shape[0]))
    return Box(round(x0), round(y0), max(1, round(x1 - x0)), max(1, round(y1 - y0)))


def sightings(lines: Sequence[Line], shape: tuple[int, int], profile: str) -> list[Sighting]:
    """Return the plates among the lines of a picture of ``shape`` (height, width), best first."""
    found = []
    for group in groups(lines):
        best = _best_reading(group, profile)
        if best is None:
            continue
        members, text = best
        score = text.confidence * _plausible(text.text, profile)
        box = _box(members, _captions(members, lines), shape)
        found.append(Sighting(PlateBox(box, score), text))
    return sorted(found, key=lambda sighting: -sighting.plate.confidence)


def _best_reading(group: Sequence[Line], profile: str) -> tuple[Sequence[Line], PlateText] | None:
    """The whole group where it reads as a plate, else the one line that does."""
    options = [group, *([line] for line in group)] if len(group) > 1 else [group]
    read = [(members, text) for members in options if (text := read_rows(members, profile))]
    if not read:
        return None
    return max(read, key=lambda item: (_plausible(item[1].text, profile), len(item[0])))


def _plausible(text: str, profile: str) -> float:
    """How much a text looks like a plate at all, 0..1: signs and telephone numbers do not."""
    letters = sum(char.isalpha() for char in text)
    digits = len(text) - letters
    if grammar.follows_layout(text, profile):
        return 1.0
    if letters and digits >= 2 and 5 <= len(text) <= 8:
        return 0.9
    if letters and digits and 4 <= len(text) <= 10:
        return 0.6
    return 0.3 if 4 <= len(text) <= 7 else 0.15
