"""The same words for one case after another."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from amaan.trust.misuse.acts import Act, Kind
from amaan.trust.misuse.model import Detector, Suspicion
from amaan.trust.misuse.scene import Limits, Scene
from amaan.trust.misuse.vehicles import suspicion

_TOKEN: Final = re.compile(r"\w+")
_SHINGLE: Final = 3

Shingle = tuple[str, ...]


def shingles(reason: str, least: int = 0) -> frozenset[Shingle]:
    """Return every three words in a row, letter case, numbers and plates evened out.

    Empty for a reason of fewer than ``least`` words: too short to be anybody's own.
    """
    words = [
        "#" if any(letter.isdigit() for letter in word) else word
        for word in _TOKEN.findall(unicodedata.normalize("NFKC", reason).casefold())
    ]
    if len(words) < max(least, _SHINGLE):
        return frozenset()
    return frozenset(tuple(words[i : i + _SHINGLE]) for i in range(len(words) - _SHINGLE + 1))


def alike(a: frozenset[Shingle], b: frozenset[Shingle]) -> float:
    """Return the share of shingles that both have (Jaccard), 0 to 1."""
    return len(a & b) / len(a | b) if a and b else 0.0


@dataclass(frozen=True, slots=True)
class _Given:
    act: Act
    case: str
    shingles: frozenset[Shingle]


class CopiedReasons:
    """Nearly the same grounds given for different cases and vehicles by one person.

    Words in a row that many of the others' reasons have too are a form's, not a person's, and do
    not count.
    """

    def __init__(self) -> None:
        self._given: dict[str, deque[_Given]] = defaultdict(deque)
        self._had: Counter[Shingle] = Counter()
        self._had_by: dict[str, Counter[Shingle]] = defaultdict(Counter)
        self._reasons: Counter[str] = Counter()

    def judge(self, day: Sequence[Act], scene: Scene) -> Iterator[Suspicion]:
        """Yield each family of copies that grew today."""
        fresh: list[_Given] = []
        for act in day:
            if act.kind in (Kind.REQUEST, Kind.ENTRY) and act.reason:
                found = shingles(act.reason, scene.limits.reason_tokens)
                if found:
                    fresh.append(_Given(act, scene.case_of(act), found))
                    self._had.update(found)
                    self._had_by[act.actor].update(found)
                    self._reasons[act.actor] += 1
        for given in fresh:
            family = self._family(given, scene.limits)
            self._given[given.act.actor].append(given)
            if len({each.case for each in family}) >= scene.limits.reason_copies:
                yield suspicion(
                    Detector.COPIED_REASONS,
                    f"reason first given in entry {family[0].act.position}",
                    [each.act for each in family],
                    f"Nearly the same reason {len(family)} times, for "
                    f"{len({each.case for each in family})} different cases.",
                )

    def _family(self, given: _Given, limits: Limits) -> list[_Given]:
        earlier = self._given[given.act.actor]
        while earlier and given.act.at - earlier[0].act.at > limits.reasons_within:
            earlier.popleft()
        own = self._own(given, limits)
        if len(own) < _SHINGLE:
            return [given]
        family = [
            each
            for each in earlier
            if each.case != given.case
            and (not given.act.plates or each.act.plates != given.act.plates)
            and alike(self._own(each, limits), own) >= limits.reason_alike
        ]
        return [*family, given]

    def _own(self, given: _Given, limits: Limits) -> frozenset[Shingle]:
        by_me = self._had_by[given.act.actor]
        others = self._reasons.total() - self._reasons[given.act.actor]
        many = max(limits.form_least, limits.form_share * others)
        return frozenset(s for s in given.shingles if self._had[s] - by_me[s] < many)
