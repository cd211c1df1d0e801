"""A database superuser changes the log in every way we can think of, and is found out."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

import psycopg
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.rooms.trust.audit.conftest import superuser

from amaan.kernel.clock import ManualClock
from amaan.trust.audit import checking, rules
from amaan.trust.audit.checkpoint import Checkpoint
from amaan.trust.audit.merkle import Frontier, Node, leaf_hash
from amaan.trust.audit.model import Outcome, Record
from amaan.trust.audit.service import AuditLog
from amaan.trust.audit.signing import Held, Signer
from amaan.trust.audit.verifying import Result, Row, Verdict, Verifier

ENTRIES, SIGNED = 100, (60, 90)


@dataclass
class Town:
    """A log of 100 entries, signed at 60 and 90; a witness has seen both."""

    dsn: str
    log: AuditLog
    signer: Signer
    kept: list[Checkpoint]

    async def verdict(self, *, witness: bool = True) -> Result:
        async with await psycopg.AsyncConnection.connect(self.dsn) as connection:
            kept = self.kept if witness else []
            return await checking.check_database(connection, self.signer.verifier, kept)

    async def tamper(self, *statements: str) -> None:
        async with superuser(self.dsn) as root:
            for statement in statements:
                await root.execute(statement)


def record(number: int) -> Record:
    return Record(
        f"action {number}",
        "account:1",
        Outcome.ALLOWED,
        username="amina",
        permission="plates.search",
        details={"plate": f"ABC{number}"},
    )


@pytest.fixture
async def town(log: AuditLog, signer: Signer, dsn: str, clock: ManualClock) -> Town:
    kept: list[Checkpoint] = []
    leaves = [rules.leaf_of(record(number), clock.now()) for number in range(ENTRIES)]
    for begin, end in zip((0, *SIGNED), (*SIGNED, ENTRIES), strict=True):
        await log.append(leaves[begin:end])
        if end in SIGNED:
            held = await signer.sign()
            assert isinstance(held, Held)
            kept.append(held.checkpoint)
    return Town(dsn, log, signer, kept)


async def rewrite(root: psycopg.AsyncConnection, leaves: Sequence[bytes]) -> None:
    """Put another log in place of this one, right in itself."""
    await root.execute("TRUNCATE trust.audit_entries, trust.audit_nodes")
    tree = Frontier()
    for position, leaf in enumerate(leaves):
        made: list[tuple[int, int, bytes]] = []
        c = rules.columns_of(rules.record_of(leaf))
        await root.execute(
            "INSERT INTO trust.audit_entries (position, at, actor, username, action, permission, "
            "outcome, authority, plates, late, leaf, leaf_hash) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                *(position, c.at, c.actor, c.username, c.action, c.permission, c.outcome),
                *(c.authority, list(c.plates), c.late, leaf, leaf_hash(leaf)),
            ],
        )
        tree.append(leaf_hash(leaf), made)
        for level, index, hashed in made:
            if level % 4 == 0:
                await root.execute(
                    "INSERT INTO trust.audit_nodes VALUES (%s, %s, %s)", [level, index, hashed]
                )
    await root.execute(
        "UPDATE trust.audit_tree SET size = %s, frontier = %s", [tree.size, tree.hashes]
    )


async def test_log_as_it_was_written_is_valid(town: Town) -> None:
    result = await town.verdict()
    assert (result.verdict, result.finding) == (Verdict.VALID, None)
    assert (result.size, result.covered, result.witnessed) == (ENTRIES, 90, 90)
    assert (await town.verdict(witness=False)).verdict is Verdict.VALID


@pytest.mark.parametrize(
    ("statement", "position"),
    [
        ("UPDATE trust.audit_entries SET actor = 'account:2' WHERE position = 40", 40),
        ("UPDATE trust.audit_entries SET username = 'nadia' WHERE position = 41", 41),
        ("UPDATE trust.audit_entries SET action = 'x' WHERE position = 42", 42),
        ("UPDATE trust.audit_entries SET at = at + interval '1 us' WHERE position = 43", 43),
        ("UPDATE trust.audit_entries SET plates = '{}' WHERE position = 44", 44),
        ("UPDATE trust.audit_entries SET outcome = 'denied' WHERE position = 45", 45),
        ("UPDATE trust.audit_entries SET late = true WHERE position = 46", 46),
        ("UPDATE trust.audit_entries SET permission = NULL WHERE position = 99", 99),
        ("UPDATE trust.audit_entries SET authority = gen_random_uuid() WHERE position = 0", 0),
        ("UPDATE trust.audit_entries SET leaf = leaf || ' ' WHERE position = 47", 47),
        ("UPDATE trust.audit_entries SET leaf_hash = sha256('x') WHERE position = 48", 48),
        ("DELETE FROM trust.audit_entries WHERE position = 0", 0),
        ("DELETE FROM trust.audit_entries WHERE position = 49", 49),
        ("DELETE FROM trust.audit_entries WHERE position = 99", 99),
        ("DELETE FROM trust.audit_entries WHERE position >= 70", 70),
        ("DELETE FROM trust.audit_entries", 0),
        ("UPDATE trust.audit_tree SET size = 101", 100),
        ("UPDATE trust.audit_tree SET frontier = ARRAY[sha256('x'), sha256('y')]", 100),
        ("UPDATE trust.audit_nodes SET hash = sha256('x') WHERE (level, index) = (4, 2)", 32),
        ("DELETE FROM trust.audit_nodes WHERE (level, index) = (4, 3)", 48),
    ],
)
async def test_change_is_found_where_it_is(town: Town, statement: str, position: int) -> None:
    await town.tamper(statement)
    result = await town.verdict(witness=False)
    assert result.verdict is Verdict.INVALID
    assert result.finding is not None
    assert result.finding.position == position


async def test_changed_entry_with_its_hash_made_right_is_found(town: Town) -> None:
    await town.tamper(
        "UPDATE trust.audit_entries SET username = 'nadia', leaf = convert_to("
        "replace(convert_from(leaf, 'UTF8'), 'amina', 'nadia'), 'UTF8') WHERE position = 37",
        "UPDATE trust.audit_entries SET leaf_hash = sha256('\\x00'::bytea || leaf) "
        "WHERE position = 37",
    )
    result = await town.verdict(witness=False)
    assert result.verdict is Verdict.INVALID
    assert result.finding is not None
    assert result.finding.position in range(32, 38)


async def test_entries_that_changed_places_are_found(town: Town) -> None:
    await town.tamper(
        "UPDATE trust.audit_entries SET position = position + 1000 WHERE position IN (20, 21)",
        "UPDATE trust.audit_entries SET position = 1041 - position WHERE position >= 1000",
    )
    result = await town.verdict(witness=False)
    assert result.verdict is Verdict.INVALID
    assert result.finding is not None
    assert result.finding.position in range(16, 21)


async def test_log_put_back_to_an_earlier_checkpoint_is_found_by_the_witness(town: Town) -> None:
    leaves = [(await town.log.entry(number)).leaf for number in range(60)]
    async with superuser(town.dsn) as root:
        await rewrite(root, leaves)
        await root.execute("DELETE FROM trust.audit_checkpoints WHERE size > 60")
    result = await town.verdict()
    assert result.verdict is Verdict.INVALID
    assert result.finding is not None
    assert (result.finding.position, "put back" in result.finding.reason) == (60, True)


@pytest.mark.parametrize("left", [0, 60])
async def test_whole_log_written_anew_is_found(town: Town, clock: ManualClock, left: int) -> None:
    leaves = [rules.leaf_of(replace(record(n), username="nadia"), clock.now()) for n in range(200)]
    async with superuser(town.dsn) as root:
        await rewrite(root, leaves)
        await root.execute("DELETE FROM trust.audit_checkpoints WHERE size > %s", [left])
    assert (await town.verdict()).verdict is Verdict.INVALID
    alone = (await town.verdict(witness=False)).verdict
    assert alone is (Verdict.INVALID if left else Verdict.INCOMPLETE)


async def test_end_written_anew_after_the_last_checkpoint_that_is_left_is_found(
    town: Town, clock: ManualClock
) -> None:
    leaves = [(await town.log.entry(number)).leaf for number in range(60)]
    other = rules.leaf_of(replace(record(0), username="nadia"), clock.now())
    async with superuser(town.dsn) as root:
        await rewrite(root, [*leaves, *([other] * 40)])
        await root.execute("DELETE FROM trust.audit_checkpoints WHERE size > 60")
    result = await town.verdict()
    assert result.verdict is Verdict.INVALID
    assert result.finding is not None
    assert result.finding.position == 60


async def test_checkpoint_of_another_key_is_found(town: Town) -> None:
    await town.tamper("UPDATE trust.audit_checkpoints SET note = replace(note, '90', '91')")
    assert (await town.verdict(witness=False)).verdict is Verdict.INVALID


async def test_log_that_nobody_signed_is_incomplete(
    log: AuditLog, signer: Signer, dsn: str
) -> None:
    await log.write(record(0))
    result = await Town(dsn, log, signer, []).verdict()
    assert result.verdict is Verdict.INCOMPLETE


async def test_two_histories_signed_by_one_key_are_found(town: Town) -> None:
    forked = replace(town.kept[0], root=hashlib.sha256(b"other").digest())
    town.kept.append(forked)
    result = await town.verdict()
    assert result.verdict is Verdict.INVALID
    assert result.finding is not None
    assert "two histories" in result.finding.reason


async def test_centre_s_own_last_checkpoint_counts_too(town: Town) -> None:
    leaves = [(await town.log.entry(number)).leaf for number in range(60)]
    async with superuser(town.dsn) as root:
        await rewrite(root, leaves)
        await root.execute("DELETE FROM trust.audit_checkpoints WHERE size > 60")
    async with await psycopg.AsyncConnection.connect(town.dsn) as connection:
        result = await checking.check_database(connection, town.signer.verifier, last=town.kept[-1])
    assert result.verdict is Verdict.INVALID


# A model of the tables, to tamper with some thousand times at random.


def rows_of(count: int) -> tuple[list[Row], list[Frontier], dict[Node, bytes]]:
    rows, trees, nodes, tree = [], [Frontier()], {}, Frontier()
    for number in range(count):
        leaf = b'{"action":"%d","actor":"a","at":"2026-03-04T05:06:07Z","outcome":"begun"}' % number
        made: list[tuple[int, int, bytes]] = []
        rows.append(Row(number, leaf, leaf_hash(leaf), rules.columns_of(rules.record_of(leaf))))
        tree.append(leaf_hash(leaf), made)
        nodes.update({(level, index): each for level, index, each in made if level % 4 == 0})
        trees.append(tree.copy())
    return rows, trees, nodes


ROWS, TREES, NODES = rows_of(80)


def tampered(chance: random.Random, rows: list[Row], signed: int) -> list[Row]:
    """Change what was signed; hashes and columns are made right again, as a superuser would."""
    rows = list(rows)
    place = chance.randrange(signed)
    way = chance.choice(["change", "remove", "swap", "insert", "cut", "repeat", "rewrite"])
    if way in ("change", "rewrite"):
        for number in [place] if way == "change" else range(place, len(rows)):
            leaf = rows[number].leaf.replace(b'"a"', b'"b%d"' % chance.randrange(10**6))
            rows[number] = Row(number, leaf)
    elif way == "remove":
        del rows[place]
    elif way == "swap":
        other = chance.randrange(len(rows))
        rows[place], rows[other] = rows[other], rows[place]
    elif way in ("insert", "repeat"):
        rows.insert(place, rows[chance.randrange(len(rows))])
        if way == "insert":
            leaf = b'{"action":"x","actor":"a","at":"2026-03-04T05:06:07Z","outcome":"begun"}'
            rows[place] = Row(place, leaf)
    else:
        del rows[place:]
    return [
        Row(number, row.leaf, leaf_hash(row.leaf), rules.columns_of(rules.record_of(row.leaf)))
        for number, row in enumerate(rows)
    ]


@settings(max_examples=4_000, deadline=None)
@given(st.randoms(use_true_random=False), st.data())
def test_no_tampering_is_ever_accepted(chance: random.Random, data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 80), "size")
    sizes = data.draw(st.sets(st.integers(1, size), min_size=1, max_size=4), "signed at")
    kept = [Checkpoint("amaan/test", each, TREES[each].root()) for each in sorted(sizes)]
    rows = tampered(chance, ROWS[:size], max(sizes))
    signed = [row.leaf for row in ROWS[: max(sizes)]]
    assume([row.leaf for row in rows[: max(sizes)]] != signed)
    verifier = Verifier([], kept)
    for row in rows:
        verifier.take(row)
    assert verifier.finish(whole=True).verdict is Verdict.INVALID


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 80), st.data())
def test_what_was_not_tampered_with_is_accepted(size: int, data: st.DataObject) -> None:
    sizes = data.draw(st.sets(st.integers(1, size), min_size=1, max_size=4))
    kept = [Checkpoint("amaan/test", each, TREES[each].root()) for each in sizes]
    verifier = Verifier([], kept)
    verifier.nodes = dict(NODES)
    assert all(verifier.take(row) for row in ROWS[:size])
    verifier.check_tree(TREES[size])
    assert verifier.finish(whole=True).verdict is Verdict.VALID
