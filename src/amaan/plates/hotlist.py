"""The hot-list in memory, as the matcher wants it. Pure: a million entries in about 250 MB.

Entries lie in arrays by their ``number``. One dict from skeleton to number finds exact and near
matches in a single look-up, as a plate and every plate one confusable character away share a
skeleton. Whether an entry is valid is asked at the moment of matching, so that an entry ends on
time without anyone telling the index.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from amaan.plates import rules
from amaan.plates.confusion import skeleton
from amaan.plates.model import Comparison, EntryKind, MatchKind
from amaan.plates.packing import EPOCH

_FOREVER: Final = 1 << 62
_US: Final = timedelta(microseconds=1)
_LITERAL_HEAD: Final = re.compile(r"[A-Z0-9]*")


class Listed(NamedTuple):
    """What the matcher must know of an entry; times are microseconds since EPOCH."""

    number: int
    id: bytes
    plate: str
    kind: str
    valid_from_us: int
    valid_until_us: int | None


def _us(moment: datetime) -> int:
    return (moment - EPOCH) // _US


class HotlistIndex:
    """Every entry that matches now or will; see the module. Not thread-safe."""

    def __init__(self) -> None:
        self.revision = 0
        self._by_skeleton: dict[str, int | tuple[int, ...]] = {}
        self._plates: list[str | None] = []
        self._ids = bytearray()
        self._from = array("q")
        self._until = array("q")
        self._patterns = _Patterns()
        self._count = 0

    def __len__(self) -> int:
        """Return how many entries it holds, ended ones not yet forgotten included."""
        return self._count

    def put(self, entry: Listed) -> None:
        """Take a new entry, or the new validity of a known one."""
        number = entry.number
        missing = number + 1 - len(self._plates)
        if missing > 0:
            self._plates.extend([None] * missing)
            self._ids.extend(bytes(16 * missing))
            self._from.extend([0] * missing)
            self._until.extend([0] * missing)
        self._from[number] = entry.valid_from_us
        until = entry.valid_until_us
        self._until[number] = _FOREVER if until is None else until
        if self._plates[number] is not None:
            return
        self._count += 1
        self._ids[number * 16 : number * 16 + 16] = entry.id
        if entry.kind == EntryKind.PATTERN:
            self._plates[number] = entry.plate
            self._patterns.add(entry.plate, number)
            return
        folded = skeleton(entry.plate)
        self._plates[number] = folded if folded == entry.plate else entry.plate
        others = self._by_skeleton.get(folded)
        if others is None:
            self._by_skeleton[folded] = number
        else:
            self._by_skeleton[folded] = (
                (others, number) if isinstance(others, int) else (*others, number)
            )

    def id_of(self, number: int) -> UUID:
        """Return the id of the entry with this number."""
        return UUID(bytes=bytes(self._ids[number * 16 : number * 16 + 16]))

    def match(
        self, plate: str, now: datetime, *, uncertain: bool = False
    ) -> list[tuple[UUID, Comparison]]:
        """Return the entries that a read meets at this moment, each with how, exact first."""
        found: list[tuple[UUID, Comparison]] = []
        at = None
        for number in self.candidates(plate):
            at = _us(now) if at is None else at
            if not self._from[number] <= at < self._until[number]:
                continue
            entry = self._plates[number]
            assert entry is not None
            comparison = (
                Comparison(MatchKind.PATTERN, 0.0, verify=uncertain)
                if "?" in entry or "*" in entry
                else rules.compare(entry, plate, uncertain=uncertain)
            )
            if comparison is not None:
                found.append((self.id_of(number), comparison))
        found.sort(key=lambda pair: (pair[1].kind is not MatchKind.EXACT, pair[1].cost))
        return found

    def candidates(self, plate: str) -> tuple[int, ...]:
        """Return the numbers worth a closer look; for nearly every read there is none."""
        same = self._by_skeleton.get(skeleton(plate))
        patterns = self._patterns.matching(plate) if self._patterns else ()
        if same is None:
            return tuple(patterns)
        return (*((same,) if isinstance(same, int) else same), *patterns)


class _Patterns:
    """Patterns by what they must begin with, so that a read meets only a few of them."""

    HEAD: Final = 3

    def __init__(self) -> None:
        self._by_head: dict[str, list[tuple[re.Pattern[str], int]]] = {}

    def __bool__(self) -> bool:
        return bool(self._by_head)

    def add(self, pattern: str, number: int) -> None:
        head = _LITERAL_HEAD.match(pattern)
        assert head is not None
        bucket = self._by_head.setdefault(head.group()[: self.HEAD], [])
        bucket.append((rules.pattern_expression(pattern), number))

    def matching(self, plate: str) -> Iterator[int]:
        for length in range(min(self.HEAD, len(plate)) + 1):
            for expression, number in self._by_head.get(plate[:length], ()):
                if expression.fullmatch(plate):
                    yield number
