"""The only SQL about the audit log."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from typing import LiteralString

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from amaan.trust.audit import rules
from amaan.trust.audit.merkle import Frontier, Node, Span, joined, parts
from amaan.trust.audit.model import Asked, Entry
from amaan.trust.audit.verifying import Row

Connection = AsyncConnection[TupleRow]
LEVEL_STEP = 4  # nodes are stored of every fourth level

_APPEND = """
WITH moved AS (
    UPDATE trust.audit_tree SET size = %(size)s, frontier = %(frontier)s
    WHERE size = %(old_size)s AND frontier = %(old_frontier)s RETURNING 1
), nodes AS (
    INSERT INTO trust.audit_nodes (level, index, hash)
    SELECT * FROM unnest(%(levels)s::smallint[], %(indexes)s::bigint[], %(hashes)s::bytea[])
    WHERE EXISTS (SELECT 1 FROM moved)
)
INSERT INTO trust.audit_entries (position, at, actor, username, action, permission, outcome,
    authority, plates, late, leaf, leaf_hash)
SELECT position, at, actor, username, action, permission, outcome, authority, plates::text[],
    late, leaf, leaf_hash
FROM unnest(%(position)s::bigint[], %(at)s::timestamptz[], %(actor)s::text[],
    %(username)s::text[], %(action)s::text[], %(permission)s::text[], %(outcome)s::text[],
    %(authority)s::uuid[], %(plates)s::text[], %(late)s::boolean[], %(leaf)s::bytea[],
    %(leaf_hash)s::bytea[])
    AS given (position, at, actor, username, action, permission, outcome, authority, plates,
        late, leaf, leaf_hash)
WHERE EXISTS (SELECT 1 FROM moved)
"""


async def frontier(connection: Connection) -> Frontier:
    """Return how far the tree has grown."""
    return await _frontier(connection, "SELECT size, frontier FROM trust.audit_tree")


async def lock_frontier(connection: Connection) -> Frontier:
    """Return how far the tree has grown, and keep other writers waiting until the end."""
    return await _frontier(connection, "SELECT size, frontier FROM trust.audit_tree FOR UPDATE")


async def _frontier(connection: Connection, query: LiteralString) -> Frontier:
    row = await (await connection.execute(query)).fetchone()
    assert row is not None
    return Frontier(row[0], list(row[1]))


async def append(
    connection: Connection,
    old: Frontier,
    new: Frontier,
    entries: Sequence[Entry],
    made: Iterable[tuple[int, int, bytes]],
) -> bool:
    """Add entries that lead from the old frontier to the new; False: the tree stood elsewhere."""
    nodes = [node for node in made if node[0] % LEVEL_STEP == 0]
    columns = [rules.columns_of(entry.record) for entry in entries]
    cursor = await connection.execute(
        _APPEND,
        {
            "size": new.size,
            "frontier": new.hashes,
            "old_size": old.size,
            "old_frontier": old.hashes,
            "levels": [node[0] for node in nodes],
            "indexes": [node[1] for node in nodes],
            "hashes": [node[2] for node in nodes],
            "position": [entry.position for entry in entries],
            "at": [c.at for c in columns],
            "actor": [c.actor for c in columns],
            "username": [c.username for c in columns],
            "action": [c.action for c in columns],
            "permission": [c.permission for c in columns],
            "outcome": [c.outcome for c in columns],
            "authority": [c.authority for c in columns],
            "plates": [_array(c.plates) for c in columns],
            "late": [c.late for c in columns],
            "leaf": [entry.leaf for entry in entries],
            "leaf_hash": [entry.leaf_hash for entry in entries],
        },
    )
    return cursor.rowcount == len(entries)


def _array(texts: Sequence[str]) -> str:
    """Return a PostgreSQL array's text. Plates hold letters, digits, ``?`` and ``*`` only."""
    return "{" + ",".join(f'"{text}"' for text in texts) + "}"


async def late_known(connection: Connection, hashes: Sequence[bytes]) -> set[bytes]:
    """Return which of these late entries are in the log already."""
    cursor = await connection.execute(
        "SELECT leaf_hash FROM trust.audit_entries WHERE late AND leaf_hash = ANY(%s)",
        [list(hashes)],
    )
    return {row[0] for row in await cursor.fetchall()}


_WANTED = """
SELECT position, leaf FROM trust.audit_entries
WHERE (%(actor)s::text IS NULL OR actor = %(actor)s OR username = %(actor)s)
  AND (%(action)s::text IS NULL OR action = %(action)s)
  AND (%(permission)s::text IS NULL OR permission = %(permission)s)
  AND (%(outcome)s::text IS NULL OR outcome = %(outcome)s)
  AND (%(plate)s::text IS NULL OR (plates <> '{{}}' AND plates @> ARRAY[%(plate)s::text]))
  AND (%(authority)s::uuid IS NULL OR authority = %(authority)s)
  AND (%(since)s::timestamptz IS NULL OR at >= %(since)s)
  AND (%(until)s::timestamptz IS NULL OR at < %(until)s)
  AND (%(before)s::bigint IS NULL OR position < %(before)s)
  AND (%(after)s::bigint IS NULL OR position > %(after)s)
ORDER BY position {order} LIMIT %(limit)s
"""
_NEWEST_FIRST = _WANTED.format(order="DESC")
_OLDEST_FIRST = _WANTED.format(order="ASC")


async def find_entries(
    connection: Connection, asked: Asked, limit: int, *, newest_first: bool
) -> list[Entry]:
    """Return the first entries that fit, in order of position."""
    cursor = await connection.execute(
        _NEWEST_FIRST if newest_first else _OLDEST_FIRST,
        {
            "actor": asked.actor,
            "action": asked.action,
            "permission": asked.permission,
            "outcome": None if asked.outcome is None else asked.outcome.value,
            "plate": asked.plate,
            "authority": asked.authority,
            "since": asked.since,
            "until": asked.until,
            "before": asked.before,
            "after": asked.after,
            "limit": limit,
        },
        prepare=False,  # planned for what is asked, not for every question at once
    )
    return [rules.entry_of(position, leaf) for position, leaf in await cursor.fetchall()]


async def find_entry(connection: Connection, position: int) -> Entry | None:
    """Return one entry."""
    cursor = await connection.execute(
        "SELECT leaf FROM trust.audit_entries WHERE position = %s", [position]
    )
    row = await cursor.fetchone()
    return None if row is None else rules.entry_of(position, row[0])


async def positions_between(
    connection: Connection, since: datetime | None, until: datetime | None
) -> Span:
    """Return the span of positions that holds every entry of a time; empty when there is none."""
    cursor = await connection.execute(
        "SELECT min(position), max(position) FROM trust.audit_entries "
        "WHERE (%(since)s::timestamptz IS NULL OR at >= %(since)s) "
        "AND (%(until)s::timestamptz IS NULL OR at < %(until)s)",
        {"since": since, "until": until},
        prepare=False,
    )
    row = await cursor.fetchone()
    assert row is not None
    return Span(0, 0) if row[0] is None else Span(row[0], row[1] + 1)


async def leaves(connection: Connection, span: Span) -> list[tuple[int, bytes]]:
    """Return (position, leaf) of a span that is short enough to hold."""
    cursor = await connection.execute(
        "SELECT position, leaf FROM trust.audit_entries "
        "WHERE position >= %s AND position < %s ORDER BY position",
        [span.begin, span.end],
    )
    return [(row[0], row[1]) for row in await cursor.fetchall()]


async def hashes_of(connection: Connection, nodes: Iterable[Node]) -> dict[Node, bytes]:
    """Return the hashes of complete subtrees. KeyError when the database lacks one."""
    wanted = set(nodes)
    stored: set[Node] = set()
    for level, index in wanted:
        lower = level % LEVEL_STEP
        stored.update((level - lower, (index << lower) + part) for part in range(1 << lower))
    known = await _stored(connection, stored)
    found: dict[Node, bytes] = {}
    for level, index in wanted:
        lower = level % LEVEL_STEP
        first = index << lower
        found[level, index] = _whole([known[level - lower, first + n] for n in range(1 << lower)])
    return found


def _whole(hashes: list[bytes]) -> bytes:
    tree = Frontier()
    for hashed in hashes:
        tree.append(hashed)
    return joined(tree.hashes)


async def _stored(connection: Connection, nodes: set[Node]) -> dict[Node, bytes]:
    known: dict[Node, bytes] = {}
    bottom = [index for level, index in nodes if level == 0]
    if bottom:
        cursor = await connection.execute(
            "SELECT position, leaf_hash FROM trust.audit_entries WHERE position = ANY(%s)",
            [bottom],
        )
        known.update({(0, row[0]): row[1] for row in await cursor.fetchall()})
    higher = [node for node in nodes if node[0]]
    if higher:
        cursor = await connection.execute(
            "SELECT level, index, hash FROM trust.audit_nodes WHERE (level, index) IN "
            "(SELECT * FROM unnest(%s::smallint[], %s::bigint[]))",
            [[level for level, _ in higher], [index for _, index in higher]],
        )
        known.update({(row[0], row[1]): row[2] for row in await cursor.fetchall()})
    return known


async def span_hashes(connection: Connection, spans: Sequence[Span]) -> list[bytes]:
    """Return the hashes of a proof's spans. KeyError when the database lacks one."""
    named = [list(parts(span)) for span in spans]
    known = await hashes_of(connection, {node for nodes in named for node in nodes})
    return [joined([known[node] for node in nodes]) for nodes in named]


async def insert_checkpoint(connection: Connection, at: datetime, size: int, note: str) -> None:
    """Add a signed checkpoint."""
    await connection.execute(
        "INSERT INTO trust.audit_checkpoints (at, size, note) VALUES (%s, %s, %s)",
        [at, size, note],
    )


async def newest_checkpoint(
    connection: Connection, covering: int = 0
) -> tuple[str, datetime] | None:
    """Return the note of the newest checkpoint, of at least so many leaves, and when it was."""
    cursor = await connection.execute(
        "SELECT note, at FROM trust.audit_checkpoints WHERE size >= %s "
        "ORDER BY number DESC LIMIT 1",
        [covering],
    )
    row = await cursor.fetchone()
    return None if row is None else (row[0], row[1])


async def insert_cosignature(
    connection: Connection, witness: str, size: int, at: datetime, note: str
) -> None:
    """Add what a witness sent back."""
    await connection.execute(
        "INSERT INTO trust.audit_cosignatures (witness, size, at, note) VALUES (%s, %s, %s, %s)",
        [witness, size, at, note],
    )


async def newest_cosignatures(connection: Connection) -> list[tuple[str, int, datetime, str]]:
    """Return (witness, size, at, note) of what each witness signed last."""
    cursor = await connection.execute(
        "SELECT DISTINCT ON (witness) witness, size, at, note FROM trust.audit_cosignatures "
        "ORDER BY witness, number DESC"
    )
    return [(row[0], row[1], row[2], row[3]) for row in await cursor.fetchall()]


async def begin_reading(connection: Connection) -> None:
    """Make a transaction of a connection of one's own see one moment, however long it takes."""
    await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    await connection.execute("SET LOCAL statement_timeout = 0")
    await connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")


async def checkpoint_notes(connection: Connection) -> list[str]:
    """Return every stored checkpoint, oldest first."""
    cursor = await connection.execute(
        "SELECT note FROM trust.audit_checkpoints ORDER BY size, number"
    )
    return [row[0] for row in await cursor.fetchall()]


async def count_entries(connection: Connection) -> int:
    """Return how many entries there are."""
    cursor = await connection.execute("SELECT count(*) FROM trust.audit_entries")
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def rows(connection: Connection, batch: int) -> AsyncIterator[list[Row]]:
    """Yield all entries as they are stored, by position, many at a time."""
    async with connection.cursor(name="amaan_audit", binary=True) as cursor:
        await cursor.execute(
            "SELECT position, leaf, leaf_hash, at, actor, username, action, permission, outcome, "
            "authority, plates, late FROM trust.audit_entries ORDER BY position"
        )
        while found := await cursor.fetchmany(batch):
            yield [_row(row) for row in found]


def _row(found: TupleRow) -> Row:
    position, leaf, hashed, at, actor, username, action, permission, *rest = found
    outcome, authority, plates, late = rest
    columns = rules.Columns(
        at, actor, username, action, permission, outcome, authority, tuple(plates), late
    )
    return Row(position, leaf, hashed, columns)


async def nodes_within(connection: Connection, span: Span) -> dict[Node, bytes]:
    """Return the stored hashes that entries of a span complete."""
    levels = range(LEVEL_STEP, 63, LEVEL_STEP)
    cursor = await connection.execute(
        "SELECT n.level, n.index, n.hash FROM "
        "unnest(%s::smallint[], %s::bigint[], %s::bigint[]) AS wanted (level, first, past) "
        "JOIN trust.audit_nodes n ON n.level = wanted.level "
        "AND n.index >= wanted.first AND n.index < wanted.past",
        [
            list(levels),
            [span.begin >> level for level in levels],
            [span.end >> level for level in levels],
        ],
    )
    return {(row[0], row[1]): row[2] for row in await cursor.fetchall()}
