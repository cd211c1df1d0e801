"""Verifies a log where it lies: reads all of it once, in one moment's view."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from amaan.trust.audit import store
from amaan.trust.audit.checkpoint import Checkpoint, open_checkpoint
from amaan.trust.audit.merkle import Span
from amaan.trust.audit.model import NoteError
from amaan.trust.audit.notes import VerifyKey
from amaan.trust.audit.verifying import Result, Verifier

BATCH = 4_096

Progress = Callable[[int, int], None]


def _silent(done: int, total: int) -> None:
    """Hear progress and say nothing."""


async def check_database(
    connection: store.Connection,
    key: VerifyKey,
    kept: Sequence[Checkpoint] = (),
    last: Checkpoint | None = None,
    progress: Progress = _silent,
) -> Result:
    """Return the verdict on a database's log.

    ``connection`` is one's own, inside a transaction that has done nothing yet. ``kept`` are a
    witness's checkpoints, ``last`` is what the centre itself signed last by its own file; the
    signatures of both were checked. ``progress`` hears entries done, of how many.
    """
    await store.begin_reading(connection)
    signed, bad = [], None
    for raw in await store.checkpoint_notes(connection):
        try:
            signed.append(open_checkpoint(raw, key)[0])
        except NoteError as error:
            bad = bad or f"a stored checkpoint is not the log's own: {error.detail}"
    verifier = Verifier([*signed, last] if last else signed, kept)
    verifier.nodes = {}
    total = await store.count_entries(connection)
    async for rows in store.rows(connection, BATCH):
        size = verifier.tree.size
        verifier.nodes.update(await store.nodes_within(connection, Span(size, size + len(rows))))
        if not all(verifier.take(row) for row in rows):
            break
        progress(verifier.tree.size, total)
    if verifier.finding is None:
        verifier.check_tree(await store.frontier(connection))
    if bad is not None:
        verifier.refuse(bad)
    return verifier.finish(whole=True)
