"""Proves that the centre's index agrees with a worker's ledger, and with itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from amaan.kernel.engines import Database
from amaan.video.index import rules
from amaan.video.index import store_checks as store
from amaan.video.index.model import LedgerGap, LedgerSegment


async def compare(
    database: Database,
    ledger: UUID,
    segments: Mapping[UUID, LedgerSegment],
    gaps: Mapping[UUID, LedgerGap],
    waiting: frozenset[UUID],
) -> list[str]:
    """Return in words where the index says otherwise than a ledger.

    ``waiting``: what the journal still speaks of, which the centre may have or not.
    """
    async with database.transaction() as connection:
        known = await store.segments_of(connection, ledger)
        missed = await store.gaps_of(connection, list(gaps))
    said = []
    for identifier, one in segments.items():
        if identifier in waiting:
            continue
        found = known.get(identifier)
        if found is None:
            said.append(f"{one.camera}: the index lacks segment {identifier}")
        elif found != one:
            said.append(f"{one.camera}: the index has segment {identifier} otherwise")
    for identifier, indexed in known.items():
        if identifier not in segments and identifier not in waiting:
            said.append(f"{indexed.camera}: the index has {identifier}, and the worker has not")
    for identifier, gap in gaps.items():
        if identifier not in waiting and missed.get(identifier) != gap:
            said.append(f"{gap.camera}: the index has gap {identifier} otherwise, or not at all")
    return said


async def check_days(database: Database) -> list[str]:
    """Return in words which packed days do not follow from segments and gaps."""
    said = []
    async with database.transaction() as connection:
        for camera, stream in await store.recorded_streams(connection):
            said += await _check_stream(connection, camera, stream)
    return said


async def _check_stream(
    connection: AsyncConnection[TupleRow], camera: str, stream: str
) -> list[str]:
    spans, gaps, packed = await store.whole_stream(connection, camera, stream)
    days: dict[str, list[rules.Pair]] = {}
    for start, end in spans:
        for date, part in rules.by_day(start, end):
            days.setdefault(date.isoformat(), []).append(part)
    said = []
    for day, (drawn, drawn_gaps) in packed.items():
        wanted = rules.add([], days.pop(day, []))
        if not _alike(drawn, wanted):
            said.append(f"{camera} {stream} {day}: the timeline draws {drawn}, there is {wanted}")
        said += [
            f"{camera} {stream} {day}: a gap is drawn that nobody told"
            for start, end, _ in drawn_gaps
            if not any(a <= end and start <= b for a, b, _ in gaps)
        ]
    said += [f"{camera} {stream} {day}: recorded, and not drawn" for day in days]
    return said


def _alike(one: Sequence[rules.Pair], other: Sequence[rules.Pair]) -> bool:
    """Tell whether two lists of spans are the same to within what is joined."""
    if len(one) != len(other):
        return False
    return all(
        abs(a - c) <= rules.JOINED_MS and abs(b - d) <= rules.JOINED_MS
        for (a, b), (c, d) in zip(one, other, strict=True)
    )
