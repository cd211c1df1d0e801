"""Scores a plate reader against labels. The answering side never sees a label."""

from __future__ import annotations

import csv
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from amaan.kernel.errors import InvalidError
from amaan.vision.consensus import edit_distance
from amaan.vision.model import Box
from amaan.vision.motion import overlap
from amaan.vision.plates.grammar import normalise

LEAST_OVERLAP = 0.4  # intersection over union above which a plate counts as found


class LabelsError(InvalidError):
    """labels.csv is absent or not as it should be."""

    code = "labels-invalid"


@dataclass(frozen=True, slots=True)
class Label:
    """One plate as a person wrote it down. ``box`` is None for crops, ``text`` "" if unlabelled."""

    text: str
    box: Box | None


@dataclass(frozen=True, slots=True)
class Answer:
    """One plate as the reader answered it."""

    text: str
    box: Box | None


@dataclass(frozen=True, slots=True)
class Labels:
    """All labels of a set by picture, in the file's order."""

    pictures: dict[Path, list[Label]]
    crops: bool


def load_labels(folder: Path) -> Labels:
    """Read ``labels.csv`` (``file,x,y,w,h,text``; no box columns: crops). Raises LabelsError."""
    path = folder / "labels.csv"
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise LabelsError(f"{path.name} in {folder.name}: {error}") from error
    reader = csv.DictReader(text.splitlines(), restkey="surplus")
    columns = set(reader.fieldnames or ())
    if not {"file", "text"} <= columns:
        raise LabelsError("labels.csv needs the columns file and text")
    boxes = {"x", "y", "w", "h"} & columns
    if boxes and len(boxes) < 4:
        raise LabelsError("labels.csv has some of the columns x, y, w, h: it needs all or none")
    pictures: dict[Path, list[Label]] = {}
    for row in reader:
        if not (name := (row["file"] or "").strip()):
            raise LabelsError(f"labels.csv line {reader.line_num}: no file name")
        box = _box(row, reader.line_num) if boxes else None
        pictures.setdefault(folder / name, []).append(Label(normalise(row["text"] or ""), box))
    if not pictures:
        raise LabelsError("labels.csv holds no line")
    return Labels(pictures, crops=not boxes)


def _box(row: dict[str, str], line: int) -> Box:
    try:
        x, y, w, h = (round(float(row[column])) for column in "xywh")
    except (TypeError, ValueError) as error:
        raise LabelsError(f"labels.csv line {line}: x, y, w, h must be numbers") from error
    if w <= 0 or h <= 0:
        raise LabelsError(f"labels.csv line {line}: w and h must be more than 0")
    return Box(x, y, w, h)


def intersection_over_union(a: Box, b: Box) -> float:
    """Return the shared part of two boxes, 0..1."""
    shared = overlap(a, b)
    return shared / (a.w * a.h + b.w * b.h - shared)


def pair(labels: Sequence[Label], answers: Sequence[Answer]) -> dict[int, int]:
    """Match labels to answers one to one by greatest overlap; crops by order."""
    if any(label.box is None for label in labels):
        return {0: 0} if labels and answers else {}
    candidates = sorted(
        (
            (intersection_over_union(label.box, answer.box), at, to)
            for at, label in enumerate(labels)
            for to, answer in enumerate(answers)
            if label.box is not None and answer.box is not None
        ),
        reverse=True,
    )
    matched: dict[int, int] = {}
    for share, at, to in candidates:
        if share > LEAST_OVERLAP and at not in matched and to not in matched.values():
            matched[at] = to
    return matched


@dataclass(slots=True)
class Score:
    """The running sums; ``result`` is what is reported."""

    crops: bool
    images: int = 0
    plates: int = 0
    found: int = 0
    false: int = 0
    texts: int = 0
    texts_found: int = 0
    exact: int = 0
    characters: int = 0
    wrong_characters: int = 0
    took_ms: list[float] = field(default_factory=list)

    def add(self, labels: Sequence[Label], answers: Sequence[Answer], took_ms: float) -> None:
        """Count one picture."""
        self.images += 1
        self.took_ms.append(took_ms)
        matched = pair(labels, answers)
        self.plates += len(labels)
        self.found += len(matched)
        self.false += len(answers) - len(matched)
        for at, label in enumerate(labels):
            if not label.text:
                continue
            said = normalise(answers[matched[at]].text) if at in matched else ""
            self.texts += 1
            self.texts_found += at in matched
            self.exact += said == label.text
            self.characters += len(label.text)
            self.wrong_characters += min(len(label.text), edit_distance(said, label.text))

    def result(self) -> dict[str, int | float | None]:
        """Return the figures; None where the set cannot tell (crops have no boxes)."""
        return {
            "images": self.images,
            "plates": self.plates,
            "recall": None if self.crops else _share(self.found, self.plates),
            "false_per_image": None if self.crops else _share(self.false, self.images),
            "exact": _share(self.exact, self.texts),
            "exact_given_detected": _share(self.exact, self.texts_found),
            "character_error": _share(self.wrong_characters, self.characters),
            "median_ms": round(statistics.median(self.took_ms), 1) if self.took_ms else None,
        }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
