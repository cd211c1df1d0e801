"""Many readings of one plate, one answer.

Readings are aligned with the weightiest one and vote slot by slot; a slot that most weight leaves
empty is dropped, one that most weight fills is added. No single frame can overrule the others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

GAP = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """One frame's answer. ``weight`` > 0 tells how well the plate could be seen."""

    text: str
    characters: tuple[float, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Consensus:
    """The vote's outcome. ``characters`` are share of the vote times mean posterior, 0..1."""

    text: str
    characters: tuple[float, ...]
    confidence: float
    agreeing: int
    frames: int


def edit_distance(a: str, b: str, most: int = 99) -> int:
    """Levenshtein distance; anything above ``most`` may come back as ``most + 1``."""
    if abs(len(a) - len(b)) > most:
        return most + 1
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        corner, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (x != y))
    return row[-1]


def agree(readings: Sequence[Reading]) -> Consensus:
    """Vote. ``readings`` must not be empty; their order does not matter."""
    assert readings
    reference = _reference(readings)
    slots = _slots(reference, readings)
    text, characters = "", []
    for slot in slots:
        votes: dict[str, float] = defaultdict(float)
        strength: dict[str, float] = defaultdict(float)
        for char, posterior, weight in slot:
            votes[char] += weight
            strength[char] += weight * posterior
        winner = max(sorted(votes), key=lambda char: (votes[char], strength[char]))
        if winner == GAP:
            continue
        text += winner
        share = votes[winner] / sum(votes.values())
        characters.append(share * strength[winner] / votes[winner])
    agreeing = sum(edit_distance(reading.text, text, 1) <= 1 for reading in readings)
    confidence = sum(characters) / len(characters) if characters else 0.0
    return Consensus(text, tuple(characters), confidence, agreeing, len(readings))


def _reference(readings: Sequence[Reading]) -> str:
    """The text nearest to all others, by weight; in a tie, of the commoner length."""
    weight: dict[str, float] = defaultdict(float)
    length: dict[int, float] = defaultdict(float)
    for reading in readings:
        weight[reading.text] += reading.weight
        length[len(reading.text)] += reading.weight

    def cost(text: str) -> tuple[float, float, float, str]:
        far = sum(edit_distance(text, other) * share for other, share in weight.items())
        return round(far, 9), -length[len(text)], -weight[text], text

    return min(weight, key=cost)


Slot = list[tuple[str, float, float]]
Step = tuple[int | None, int | None]


def align(reference: str, text: str) -> list[Step]:
    """Pair places of two texts at least cost; None where one has nothing (Needleman-Wunsch)."""
    rows, columns = len(reference) + 1, len(text) + 1
    cost = [[i + j if i == 0 or j == 0 else 0 for j in range(columns)] for i in range(rows)]
    for i in range(1, rows):
        for j in range(1, columns):
            same = cost[i - 1][j - 1] + (reference[i - 1] != text[j - 1])
            cost[i][j] = min(same, cost[i - 1][j] + 1, cost[i][j - 1] + 1)
    steps: list[Step] = []
    i, j = len(reference), len(text)
    while i or j:
        if i and j and cost[i][j] == cost[i - 1][j - 1] + (reference[i - 1] != text[j - 1]):
            i, j = i - 1, j - 1
            steps.append((i, j))
        elif i and cost[i][j] == cost[i - 1][j] + 1:
            i -= 1
            steps.append((i, None))
        else:
            j -= 1
            steps.append((None, j))
    return steps[::-1]


def _slots(reference: str, readings: Sequence[Reading]) -> list[Slot]:
    """Return, for each place of the reference and between places, the votes cast there."""
    filled: list[Slot] = [[] for _ in reference]
    between: list[dict[int, Slot]] = [{} for _ in range(len(reference) + 1)]
    total = sum(reading.weight for reading in readings)
    for reading in readings:
        place, extra = 0, 0
        for at, to in align(reference, reading.text):
            vote = (
                (GAP, 1.0, reading.weight)
                if to is None
                else (reading.text[to], reading.characters[to], reading.weight)
            )
            if at is None:
                between[place].setdefault(extra, []).append(vote)
                extra += 1
            else:
                filled[at].append(vote)
                place, extra = at + 1, 0
    slots: list[Slot] = []
    for place in range(len(reference) + 1):
        for _, added in sorted(between[place].items()):
            present = sum(weight for _, _, weight in added)
            slots.append([*added, (GAP, 1.0, total - present)])
        if place < len(reference):
            slots.append(filled[place])
    return slots
