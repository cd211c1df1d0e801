"""RFC 6962 against published roots, and against a tree computed the slow way."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amaan.trust.audit import merkle
from amaan.trust.audit.merkle import Frontier, Node, Span

# Certificate Transparency's own reference data (certificate-transparency, merkletree tests).
LEAVES = [
    bytes.fromhex(text)
    for text in (
        *("", "00", "10", "2021", "3031", "40414243", "5051525354555657"),
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def naive(leaves: list[bytes]) -> bytes:
    """The definition of RFC 6962, 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + naive(leaves[:k]) + naive(leaves[k:])).digest()


def naive_path(m: int, leaves: list[bytes]) -> list[bytes]:
    """RFC 6962, 2.1.1."""
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m < k:
        return [*naive_path(m, leaves[:k]), naive(leaves[k:])]
    return [*naive_path(m - k, leaves[k:]), naive(leaves[:k])]


def naive_consistency(m: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    """RFC 6962, 2.1.2."""
    n = len(leaves)
    if m == n:
        return [] if whole else [naive(leaves)]
    k = 1
    while k * 2 < n:
        k *= 2
    if m <= k:
        return [*naive_consistency(m, leaves[:k], whole), naive(leaves[k:])]
    return [*naive_consistency(m - k, leaves[k:], False), naive(leaves[:k])]


def grown(leaves: list[bytes]) -> tuple[Frontier, dict[Node, bytes]]:
    tree, known = Frontier(), {}
    for leaf in leaves:
        made: list[tuple[int, int, bytes]] = []
        hashed = merkle.leaf_hash(leaf)
        known[0, tree.size] = hashed
        tree.append(hashed, made)
        known.update({(level, index): each for level, index, each in made})
    return tree, known


def some_leaves(count: int) -> list[bytes]:
    return [b"leaf %d" % number for number in range(count)]


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_that_others_publish(size: int) -> None:
    tree, _ = grown(LEAVES[:size])
    assert tree.root().hex() == ROOTS[size - 1]


def test_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert Frontier().root() == hashlib.sha256(b"").digest()


@given(st.integers(0, 300))
def test_frontier_gives_the_root_by_definition(size: int) -> None:
    leaves = some_leaves(size)
    tree, _ = grown(leaves)
    assert tree.root() == naive(leaves)
    assert len(tree.hashes) == size.bit_count()


@given(st.data())
def test_inclusion_proof_is_the_one_by_definition_and_holds(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 200))
    index = data.draw(st.integers(0, size - 1))
    leaves = some_leaves(size)
    tree, known = grown(leaves)
    proof = [merkle.span_hash(span, known) for span in merkle.inclusion_spans(index, size)]
    assert proof == naive_path(index, leaves)
    assert merkle.includes(index, size, merkle.leaf_hash(leaves[index]), proof, tree.root())


@given(st.data())
def test_consistency_proof_is_the_one_by_definition_and_holds(data: st.DataObject) -> None:
    new = data.draw(st.integers(1, 200))
    old = data.draw(st.integers(1, new))
    leaves = some_leaves(new)
    tree, known = grown(leaves)
    proof = [merkle.span_hash(span, known) for span in merkle.consistency_spans(old, new)]
    assert proof == naive_consistency(old, leaves)
    assert merkle.consistent(old, naive(leaves[:old]), new, tree.root(), proof)


@given(st.data())
def test_altered_proof_is_refused(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 100))
    index = data.draw(st.integers(0, size - 1))
    leaves = some_leaves(size)
    tree, known = grown(leaves)
    leaf, root = merkle.leaf_hash(leaves[index]), tree.root()
    proof = [merkle.span_hash(span, known) for span in merkle.inclusion_spans(index, size)]
    place = data.draw(st.integers(0, len(proof) - 1))
    wrong = list(proof)
    wrong[place] = bytes([wrong[place][0] ^ 1]) + wrong[place][1:]
    assert not merkle.includes(index, size, leaf, wrong, root)
    assert not merkle.includes(index, size, leaf, proof[:-1], root)
    assert not merkle.includes(index, size, leaf, [*proof, root], root)
    assert not merkle.includes(index, size, merkle.leaf_hash(b"other"), proof, root)
    other = data.draw(st.integers(0, size - 1).filter(lambda n: n != index))
    assert not merkle.includes(other, size, leaf, proof, root)


@given(st.data())
def test_rewritten_past_has_no_consistency_proof(data: st.DataObject) -> None:
    new = data.draw(st.integers(2, 100))
    old = data.draw(st.integers(1, new - 1))
    leaves = some_leaves(new)
    old_root = naive(leaves[:old])
    leaves[data.draw(st.integers(0, old - 1))] = b"another"
    tree, known = grown(leaves)
    proof = [merkle.span_hash(span, known) for span in merkle.consistency_spans(old, new)]
    assert not merkle.consistent(old, old_root, new, tree.root(), proof)


def test_consistency_with_nothing_and_with_itself_needs_no_proof() -> None:
    tree, _ = grown(some_leaves(5))
    root = tree.root()
    assert merkle.consistent(0, merkle.EMPTY_ROOT, 5, root, [])
    assert merkle.consistent(5, root, 5, root, [])
    assert not merkle.consistent(5, root, 5, merkle.EMPTY_ROOT, [])
    assert not merkle.consistent(0, root, 5, root, [])
    assert not merkle.consistent(5, root, 5, root, [root])
    assert not merkle.consistent(6, root, 5, root, [])
    assert not merkle.consistent(3, root, 5, root, [])


@given(st.data())
def test_part_with_its_surroundings_gives_the_same_root(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 150))
    begin = data.draw(st.integers(0, size))
    end = data.draw(st.integers(begin, size))
    tree, known = grown(some_leaves(size))
    part = Frontier(begin, [known[node] for node in merkle.parts(Span(0, begin))])
    for number in range(begin, end):
        part.append(known[0, number])
    for level, index in merkle.parts(Span(end, size)):
        part.append_node(level, known[level, index])
    assert (part.size, part.root()) == (size, tree.root())
