"""Where a report's entries come from: the database, or an export of it; either gives the same."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path
from typing import Protocol

import orjson

from amaan.kernel.engines import Database
from amaan.kernel.errors import InvalidError
from amaan.trust.audit import store as audit_store
from amaan.trust.audit.archive import Part
from amaan.trust.audit.merkle import EMPTY_ROOT, Frontier, Span
from amaan.trust.audit.model import Asked, Entry
from amaan.trust.audit.rules import entry_of
from amaan.trust.audit.service import AuditLog
from amaan.trust.public import store
from amaan.trust.public.figures import Tally
from amaan.trust.public.report import Basis, Period, report_bytes


class Source(Protocol):
    """A whole log, from its first entry on."""

    async def size_for(self, until: datetime) -> int:
        """Return how many entries there were with the last one before a moment."""
        ...

    async def root(self, size: int) -> bytes:
        """Return the Merkle root (RFC 6962) over the first entries. Raises InvalidError."""
        ...

    def entries(self, since: datetime, until: datetime, size: int) -> AsyncIterator[Entry]:
        """Yield those of the first ``size`` entries that fall into a time."""
        ...


async def compile_report(source: Source, period: Period, size: int | None = None) -> bytes:
    """Return the report's bytes; ``size`` None counts the log up to its last entry of that time.

    The same log of the same size gives the same bytes, wherever and whenever.
    """
    if size is None:
        size = await source.size_for(period.end)
    tally = Tally()
    async for entry in source.entries(period.begin, period.end, size):
        tally.hear(entry)
    return report_bytes(period, Basis(size, await source.root(size)), tally.atoms)


class DatabaseLog:
    """The log of a centre."""

    def __init__(self, database: Database, log: AuditLog) -> None:
        self._database = database
        self._log = log

    async def size_for(self, until: datetime) -> int:
        """Return how many entries there were with the last one before a moment."""
        async with self._database.transaction() as connection:
            return await store.size_before(connection, until)

    async def root(self, size: int) -> bytes:
        """Return the root, from the stored hashes. Raises InvalidError for too great a size."""
        if size == 0:
            return EMPTY_ROOT
        async with self._database.transaction() as connection:
            try:
                return (await audit_store.span_hashes(connection, [Span(0, size)]))[0]
            except KeyError:
                raise InvalidError("the log has not so many entries") from None

    def entries(self, since: datetime, until: datetime, size: int) -> AsyncIterator[Entry]:
        """Yield those of the first ``size`` entries that fall into a time."""
        return self._log.entries(Asked(since=since, until=until, before=size))


class ExportedLog:
    """An export that begins with the log's first entry; check it with ``amaan audit verify``."""

    def __init__(self, file: Path) -> None:
        self._file = file

    async def size_for(self, until: datetime) -> int:
        """Return how many entries there were with the last one before a moment."""
        size = 0
        for entry in self._read():
            assert entry.record.at is not None
            if entry.record.at < until:
                size = entry.position + 1
        return size

    async def root(self, size: int) -> bytes:
        """Return the root, over the leaves. Raises InvalidError for too great a size."""
        tree = Frontier()
        for entry in self._read():
            if tree.size == size:
                break
            tree.append(entry.leaf_hash)
        if tree.size < size:
            raise InvalidError("the export has not so many entries")
        return tree.root()

    async def entries(self, since: datetime, until: datetime, size: int) -> AsyncIterator[Entry]:
        """Yield those of the first ``size`` entries that fall into a time."""
        for entry in self._read():
            if entry.position >= size:
                return
            assert entry.record.at is not None
            if since <= entry.record.at < until:
                yield entry

    def _read(self) -> Iterator[Entry]:
        with self._file.open("rb") as lines:
            if Part.parse(next(lines, b"")).begin != 0:
                raise InvalidError("the export does not begin with the log's first entry")
            for expected, line in enumerate(lines):
                try:
                    members = orjson.loads(line)
                    entry = entry_of(members["position"], members["leaf"].encode())
                except (ValueError, KeyError, TypeError, AttributeError):
                    raise InvalidError(f"line {expected + 2} of the export is no entry") from None
                if entry.position != expected:
                    raise InvalidError(f"an entry is missing before line {expected + 2}")
                yield entry
