"""Is the log what was signed? Pure: rows go in one by one, a verdict comes out.

VALID: every entry is, byte for byte, what signed checkpoints cover. INVALID: something
contradicts a signature, or itself. INCOMPLETE: nothing contradicts, but what is there does not
suffice. The verdict never rests on a size or a root that was not signed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from amaan.trust.audit import rules
from amaan.trust.audit.checkpoint import Checkpoint
from amaan.trust.audit.merkle import Frontier, Node, Span, leaf_hash, parts

NODE_LEVELS: Final = 4  # nodes are stored of every so manieth level


class Verdict(IntEnum):
    """Also the exit code of `amaan audit verify`."""

    VALID = 0
    INVALID = 1
    INCOMPLETE = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, and from which position on (None: no entry by itself)."""

    reason: str
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """A verdict with what was looked at.

    ``entries`` were there, ``size`` is how many the log had with the last of them; up to
    ``covered`` a signed checkpoint fits, up to ``witnessed`` one that a witness keeps.
    """

    verdict: Verdict
    entries: int
    size: int
    covered: int
    witnessed: int
    checkpoints: int
    finding: Finding | None


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as it is stored. ``columns`` and ``leaf_hash`` None: an export lacks them."""

    position: int
    leaf: bytes
    leaf_hash: bytes | None = None
    columns: rules.Columns | None = None


class Verifier:
    """Takes the rows in order, and says what is wrong first.

    ``signed`` are checkpoints that the log's key signed, ``kept`` those among them that a witness
    has; every signature was checked. ``begun`` is the tree before the first row: empty for a
    whole log; for a part what the export claims, which the signed root at the end bears out or
    not. ``nodes``, where not None, holds the stored hashes of the tree; the caller adds to it.
    """

    def __init__(
        self,
        signed: Iterable[Checkpoint],
        kept: Iterable[Checkpoint] = (),
        begun: Frontier | None = None,
    ) -> None:
        self.tree = begun or Frontier()
        self.nodes: dict[Node, bytes] | None = None
        self.finding: Finding | None = None
        self._first = self.tree.size
        self._last: int | None = None
        self._covered = self._witnessed = self._checked = 0
        self._roots: dict[int, bytes] = {}
        self._kept: set[int] = set()
        for checkpoint in signed:
            self._expect(checkpoint)
        for checkpoint in kept:
            self._expect(checkpoint)
            self._kept.add(checkpoint.size)
        self._check_root()

    def _expect(self, checkpoint: Checkpoint) -> None:
        if self._roots.setdefault(checkpoint.size, checkpoint.root) != checkpoint.root:
            self.refuse(
                f"two signed checkpoints of {checkpoint.size} entries differ: "
                "the log's key signed two histories"
            )

    @property
    def greatest_signed(self) -> int:
        """The most entries that any signed checkpoint says there were."""
        return max(self._roots, default=0)

    def take(self, row: Row) -> bool:
        """Look at the next row; False when something is wrong and the rest tells nothing."""
        if self.finding is not None:
            return False
        if row.position != self.tree.size:
            self.refuse("an entry is missing, or entries are out of order", self.tree.size)
            return False
        hashed = leaf_hash(row.leaf)
        if row.leaf_hash is not None and row.leaf_hash != hashed:
            self.refuse("the entry does not hash to its leaf hash", row.position)
            return False
        if row.columns is not None and not _agree(row.leaf, row.columns):
            self.refuse("the entry's columns do not say what its leaf says", row.position)
            return False
        made: list[tuple[int, int, bytes]] = []
        self.tree.append(hashed, made)
        self._check_nodes(made)
        self._check_root()
        return self.finding is None

    def _check_nodes(self, made: Sequence[tuple[int, int, bytes]]) -> None:
        if self.nodes is None:
            return
        for level, index, hashed in made:
            if level % NODE_LEVELS == 0 and self.nodes.pop((level, index), None) != hashed:
                self.refuse("entries and the stored hashes of the tree differ", index << level)

    def _check_root(self) -> None:
        expected = self._roots.get(self.tree.size)
        if expected is None or self.finding is not None:
            return
        if self.tree.root() != expected:
            since = max(self._covered, self._first)
            self.refuse(
                f"the first {self.tree.size} entries are not those that were signed: "
                f"something was changed, removed, added or moved from position {since} on",
                since,
            )
            return
        self._covered = self.tree.size
        if self.tree.size in self._kept:
            self._witnessed = self.tree.size
        self._checked += 1

    def take_rest(self, end: int, hashes: Sequence[bytes]) -> None:
        """Add what a part's proof says of the entries after it, up to a signed size."""
        self._last = self.tree.size
        rest = list(parts(Span(self.tree.size, end)))
        if len(rest) != len(hashes):
            self.refuse("the proof of what follows does not fit", self._last)
            return
        for (level, _), hashed in zip(rest, hashes, strict=True):
            self.tree.append_node(level, hashed)
        if rest:
            self._check_root()

    def check_tree(self, stored: Frontier) -> None:
        """Compare the stored tree row with what followed from the entries."""
        if stored.size != self.tree.size or stored.hashes != self.tree.hashes:
            self.refuse(
                f"the tree row tells of {stored.size} entries and {self.tree.size} are there, "
                "or other ones",
                min(stored.size, self.tree.size),
            )

    def finish(self, *, whole: bool) -> Result:
        """Return the verdict. ``whole``: these are all the entries that there are."""
        size = self.tree.size
        if whole and self.greatest_signed > size:
            self.refuse(
                f"{self.greatest_signed} entries were signed and {size} are there: "
                "the log was cut or put back",
                size,
            )
        if self.finding is not None:
            return self._result(Verdict.INVALID)
        if (self._covered < size and not whole) or not self._checked:
            self.refuse("no signed checkpoint reaches these entries: nothing proves them")
            return self._result(Verdict.INCOMPLETE)
        if self.greatest_signed > size and size not in self._kept:
            self.refuse(
                f"a witness knows {self.greatest_signed} entries, and none that it keeps is the "
                f"checkpoint of {size} by which these are proven: it may be of another history"
            )
            return self._result(Verdict.INCOMPLETE)
        return self._result(Verdict.VALID)

    def refuse(self, reason: str, position: int | None = None) -> None:
        """Note what is wrong; the first thing stays."""
        if self.finding is None:
            self.finding = Finding(reason, position)

    def _result(self, verdict: Verdict) -> Result:
        last = self.tree.size if self._last is None else self._last
        return Result(
            verdict=verdict,
            entries=last - self._first,
            size=last,
            covered=self._covered,
            witnessed=self._witnessed,
            checkpoints=self._checked,
            finding=self.finding,
        )


def _agree(leaf: bytes, columns: rules.Columns) -> bool:
    try:
        return rules.columns_of(rules.record_of(leaf)) == columns
    except ValueError:
        return False
