"""The Merkle tree of RFC 6962 (hashes, proofs) with RFC 9162's way of checking proofs. Pure.

A tree is its leaves in order; what is stored of it are hashes of *complete* subtrees, named by
(level, index): level 0 are leaves, (l, i) covers leaves i * 2**l up to (i + 1) * 2**l.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

Node = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Span:
    """Leaves from ``begin`` up to, not with, ``end``; its hash is that of the tree over them."""

    begin: int
    end: int


def leaf_hash(leaf: bytes) -> bytes:
    """SHA-256(0x00 || leaf)."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(slots=True)
class Frontier:
    """The complete subtrees of a tree, widest first: all that is needed to grow it.

    ``hashes`` has one hash for each bit that is set in ``size``.
    """

    size: int = 0
    hashes: list[bytes] = field(default_factory=list)

    def copy(self) -> Frontier:
        """Return one that grows by itself."""
        return Frontier(self.size, list(self.hashes))

    def append(self, hashed: bytes, made: list[tuple[int, int, bytes]] | None = None) -> None:
        """Add a leaf by its hash; ``made`` is told the (level, index, hash) that it completes."""
        level, index = 0, self.size
        while index & 1:
            hashed = node_hash(self.hashes.pop(), hashed)
            level, index = level + 1, index >> 1
            if made is not None:
                made.append((level, index, hashed))
        self.hashes.append(hashed)
        self.size += 1

    def append_node(self, level: int, hashed: bytes) -> None:
        """Add a complete subtree. The size must be a multiple of its width."""
        assert self.size % (1 << level) == 0
        index = self.size >> level
        while index & 1:
            hashed = node_hash(self.hashes.pop(), hashed)
            index >>= 1
        self.hashes.append(hashed)
        self.size += 1 << level

    def root(self) -> bytes:
        """Return the hash of the whole tree."""
        return joined(self.hashes) if self.hashes else EMPTY_ROOT


def joined(hashes: Sequence[bytes]) -> bytes:
    """Return the hash over neighbouring complete subtrees, widest first."""
    result = hashes[-1]
    for left in reversed(hashes[:-1]):
        result = node_hash(left, result)
    return result


def parts(span: Span) -> Iterator[Node]:
    """Yield the complete subtrees that a span is made of, left to right."""
    begin = span.begin
    while begin < span.end:
        level = (span.end - begin).bit_length() - 1
        if begin:
            level = min(level, (begin & -begin).bit_length() - 1)
        yield level, begin >> level
        begin += 1 << level


def span_hash(span: Span, known: Mapping[Node, bytes]) -> bytes:
    """Return a span's hash, by the hashes of its parts. KeyError when one is unknown.

    The span must be one of a proof: its begin is a multiple of the width that covers it.
    """
    return joined([known[part] for part in parts(span)])


def _split(width: int) -> int:
    """Return the largest power of two below ``width`` (at least 2)."""
    return 1 << ((width - 1).bit_length() - 1)


def inclusion_spans(index: int, size: int) -> list[Span]:
    """Return whose hashes prove that a leaf is in the tree, from the leaf upwards."""
    assert 0 <= index < size
    begin, end, found = 0, size, []
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            found.append(Span(middle, end))
            end = middle
        else:
            found.append(Span(begin, middle))
            begin = middle
    return found[::-1]


def consistency_spans(old: int, new: int) -> list[Span]:
    """Return whose hashes prove that the tree of ``old`` leaves is how that of ``new`` began."""
    assert 0 <= old <= new
    if old in (0, new):
        return []
    begin, end, whole, found = 0, new, True, []
    while end != old:
        middle = begin + _split(end - begin)
        if old <= middle:
            found.append(Span(middle, end))
            end = middle
        else:
            found.append(Span(begin, middle))
            begin, whole = middle, False
    if not whole:
        found.append(Span(begin, end))
    return found[::-1]


def includes(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """Tell whether a leaf (its hash) stands at an index of the tree (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, result = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            result = node_hash(sibling, result)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            result = node_hash(result, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and result == root


def consistent(
    old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Tell whether the new tree begins with the whole old one (RFC 9162, 2.1.4.2)."""
    if not 0 <= old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    if old == 0:
        return not proof and old_root == EMPTY_ROOT
    hashes = list(proof)
    if old & (old - 1) == 0:
        hashes.insert(0, old_root)
    if not hashes:
        return False
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    first = second = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            second = node_hash(second, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root
