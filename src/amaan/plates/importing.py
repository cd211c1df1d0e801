"""Taking a whole hot-list in, and giving it out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import IO, Final
from uuid import UUID

from amaan.kernel.clock import Clock
from amaan.kernel.engines import Database
from amaan.kernel.ids import new_id
from amaan.plates import sheet
from amaan.plates.entries import HotlistService
from amaan.plates.events import moment
from amaan.plates.model import Entry
from amaan.plates.settings import PlatesSettings
from amaan.plates.sheet import RejectedRow, Row
from amaan.plates.store import staging as store
from amaan.trust.authority.model import EntryCover
from amaan.trust.authority.service import AuthorityService

PORTION: Final = 500  # lines read at a stretch: a few milliseconds
_EXPORT_PORTION: Final = 1_000


@dataclass(slots=True)
class ImportReport:
    """What became of a file. accepted = added + changed + unchanged.

    ``rejected`` describes the first bad lines (``PlatesSettings.import_errors``);
    ``rejected_count`` counts them all.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected_count: int = 0
    rejected: list[RejectedRow] = field(default_factory=list)

    @property
    def accepted(self) -> int:
        """How many lines now stand on the hot-list."""
        return self.added + self.changed + self.unchanged

    def reject(self, row: RejectedRow, shown: int) -> None:
        """Count a bad line, and describe it while there is room."""
        self.rejected_count += 1
        if len(self.rejected) < shown:
            self.rejected.append(row)


class HotlistExchange:
    """Import and export. An entry is known by plate, category and case together."""

    def __init__(
        self,
        database: Database,
        hotlist: HotlistService,
        clock: Clock,
        authorities: AuthorityService,
        settings: PlatesSettings | None = None,
    ) -> None:
        self._database = database
        self._hotlist = hotlist
        self._clock = clock
        self._authorities = authorities
        self._settings = settings or PlatesSettings()

    async def take(
        self,
        file: IO[bytes],
        by: str,
        authority: UUID | None,
        progress: Callable[[int], None] = lambda _: None,
    ) -> ImportReport:
        """Take a CSV file: all its good lines in one transaction, or none.

        A line whose entry stands on the list already changes that entry where it says something
        else; ``progress`` hears how many lines were read. SheetError where it is no hot-list;
        AuthorityNeededError, AuthorityNotActiveError, NotCoveredError.
        """
        report = ImportReport()
        now = self._clock.now()
        async with self._database.transaction() as connection:
            await connection.execute("SET LOCAL statement_timeout = 0")
            cover = await self._authorities.entries_under(connection, authority)
            rows = sheet.read_sheet(file, cover.authority)
            await store.create(connection)
            read = 0
            async with store.writer(connection) as write:
                while portion := [_allowed(row, now, cover) for row in islice(rows, PORTION)]:
                    good = [row for row in portion if isinstance(row, Row)]
                    await write([(row.line, new_id(now), row.draft, row.dated) for row in good])
                    for row in portion:
                        if isinstance(row, RejectedRow):
                            report.reject(row, self._settings.import_errors)
                    read += len(portion)
                    progress(read)
                    await asyncio.sleep(0)
            for line, first, plate in await store.take_out_repeated(connection):
                reason = f"the same plate, category and case stand in line {first}"
                report.reject(
                    RejectedRow(line, "plate", reason, plate), self._settings.import_errors
                )
            counts = await store.merge(connection, by, now, cover)
            report.added, report.changed, report.unchanged = counts
        report.rejected.sort(key=lambda row: row.line)
        await self._hotlist.refresh()
        return report

    async def count(self, authority: UUID | None, state: str = "unended") -> int:
        """Return how many entries ``give`` would write. Raises as it does."""
        return await self._hotlist.count(state, authority)

    async def give(self, authority: UUID | None, state: str = "unended") -> AsyncIterator[str]:
        """Yield an authority's entries as CSV text that ``take`` reads back to the same.

        Raises AuthorityNeededError, AuthorityNotActiveError, NotCoveredError.
        """
        yield "\ufeff" + sheet.write_heading()
        portion: list[Entry] = []
        async for entry in self._hotlist.stream(state, authority):
            portion.append(entry)
            if len(portion) == _EXPORT_PORTION:
                yield sheet.write_rows(portion)
                portion.clear()
        yield sheet.write_rows(portion)


def _allowed(row: Row | RejectedRow, now: datetime, cover: EntryCover) -> Row | RejectedRow:
    """Turn away a line that the authority does not cover, or whose entry has ended.

    An ended one would match nothing, and come again each time.
    """
    if isinstance(row, RejectedRow):
        return row
    until, plate = row.draft.valid_until, row.draft.plate
    if not cover.covers(plate):
        return RejectedRow(row.line, "plate", "the authority does not cover it", plate)
    if until is not None and until > cover.expires_at:
        reason = f"the authority expires before, {moment(cover.expires_at)}"
        return RejectedRow(row.line, "valid_until", reason, plate)
    if until is None or until > now:
        return row
    return RejectedRow(row.line, "valid_until", f"ended already, {moment(until)}", row.draft.plate)
