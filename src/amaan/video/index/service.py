"""The index: workers' journals go in, timelines come out."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import numpy as np
import structlog

from amaan.kernel.acting import acting_as, system
from amaan.kernel.clock import Clock
from amaan.kernel.engines import Database
from amaan.kernel.errors import AmaanError, ConflictError, InvalidError
from amaan.kernel.ids import new_id
from amaan.video.index import rules, store
from amaan.video.index.drawing import EMPTY, Rows, cut, draw, within
from amaan.video.index.model import (
    CAUSES,
    CameraTimeline,
    Cause,
    Dropped,
    Entry,
    Gap,
    JournalHoleError,
    Outage,
    Place,
    Segment,
    Span,
    Stream,
    TimelineTooLongError,
)
from amaan.video.index.ports import Assigned, CameraDirectory, NoPowerBook, PowerBook
from amaan.video.index.shelf import Kept, Shelf
from amaan.video.index.store import Key, Window

LONGEST_SEGMENT: Final = timedelta(hours=1)
AROUND_READ_S: Final = 60.0  # a hold of a plate keeps so much of either side of its reads
MANY: Final = 64  # so many cameras at once are kept drawn, where a pixel is so long
COARSE_MS: Final = 600_000
READY_EVERY_S: Final = 10.0
_log = structlog.get_logger(__name__)


class IndexService:
    """Use cases of the index; one transaction each."""

    def __init__(
        self,
        database: Database,
        assigned: Assigned,
        directory: CameraDirectory,
        clock: Clock,
        power: PowerBook | None = None,
    ) -> None:
        self._database = database
        self._assigned = assigned
        self._directory = directory
        self._clock = clock
        self._shelves: dict[Stream, Shelf] = {"main": Shelf(), "sub": Shelf()}
        self.power: PowerBook = power or NoPowerBook()

    # -- the journal -------------------------------------------------------------------------

    async def apply(self, worker: str, ledger: UUID, entries: Sequence[Entry]) -> int:
        """Apply what is new of a journal, in order; return up to where all is applied.

        What speaks of another worker's cameras is passed over. Raises JournalHoleError where
        entries before those sent are missing, ConflictError for another worker's ledger.
        """
        now = self._clock.now()
        whose = await self._whose(worker, entries)
        outages = await self._outages_of(
            [one.said for one in entries if isinstance(one.said, Gap)], now
        )
        async with self._database.transaction() as connection:
            owner, applied = await store.open_journal(connection, ledger, worker, now)
            if owner != worker:
                raise ConflictError("that ledger is another worker's")
            if applied == 0:
                await store.forget_older_growing(connection, worker, ledger)
            new = [one for one in entries if one.seq > applied]
            for expected, entry in enumerate(new, applied + 1):
                if entry.seq != expected:
                    raise JournalHoleError(f"entry {expected} is missing", applied=str(applied))
            if not new:
                return applied
            said = [one.said for one in new if not self._is_foreign(one.said, whose)]
            if len(said) < len(new):
                _log.warning("index.foreign", worker=worker, passed_over=len(new) - len(said))
            await self._apply(connection, worker, ledger, said, outages)
            await store.note_applied(connection, ledger, new[-1].seq, now)
        return new[-1].seq

    async def _whose(self, worker: str, entries: Sequence[Entry]) -> frozenset[str]:
        """Return the cameras that a worker may speak of: run by it now, or recorded before."""
        named = {one.said.camera for one in entries if not isinstance(one.said, Dropped)}
        mine = {one.code for one in (await self._assigned.assignment(worker, fresh=False)).cameras}
        others = named - mine
        if others:
            mine |= {one.code for one in (await self._assigned.assignment(worker)).cameras}
            async with self._database.transaction() as connection:
                mine |= await store.spoken_of(connection, worker, others - mine)
        return frozenset(mine)

    @staticmethod
    def _is_foreign(said: Segment | Gap | Dropped, whose: frozenset[str]) -> bool:
        return not isinstance(said, Dropped) and said.camera not in whose

    async def _apply(
        self,
        connection: store.Connection,
        worker: str,
        ledger: UUID,
        said: Sequence[Segment | Gap | Dropped],
        outages: Mapping[str, Sequence[Outage]],
    ) -> None:
        now = self._clock.now()
        segments = [one for one in said if isinstance(one, Segment)]
        told = [one for one in said if isinstance(one, Gap)]
        gaps = [(gap, rules.cause_of(gap, outages.get(gap.camera, ()), now)) for gap in told]
        await store.save_segments(connection, worker, ledger, segments)
        await store.save_gaps(connection, worker, gaps)
        dropped = [one for one in said if isinstance(one, Dropped)]
        gone = await store.take_dropped(connection, worker, dropped, now) if dropped else []
        changes = Changes()
        for one in segments:
            if one.end is not None:
                changes.recorded(one.camera, one.stream, one.start, one.end)
        for gap, cause in gaps:
            changes.missed(gap, cause)
        for camera, stream, start, end in gone:
            changes.removed(camera, stream, start, end)
        await changes.write(connection)

    async def _outages_of(self, gaps: Sequence[Gap], now: datetime) -> dict[str, Sequence[Outage]]:
        spans: dict[str, Span] = {}
        for gap in gaps:
            if gap.cause not in rules.RELABELLED:
                continue
            known, end = spans.get(gap.camera), gap.end or max(now, gap.start)
            spans[gap.camera] = Span(
                gap.start if known is None else min(known.since, gap.start),
                end if known is None else max(known.until, end),
            )
        if not spans:
            return {}
        places, found = await self._directory.places(), {}
        for camera, span in spans.items():
            if camera in places:
                found[camera] = await self.power.outages(
                    places[camera].site,
                    span.since - rules.POWER_SLACK,
                    span.until + rules.POWER_SLACK,
                )
        return found

    async def judge_gaps(self, site: str, since: datetime, until: datetime) -> int:
        """Judge the gaps of a site anew, now that its power is known; return how many change."""
        places = await self._directory.places()
        cameras = [code for code, place in places.items() if place.site == site]
        outages = await self.power.outages(
            site, since - rules.POWER_SLACK, until + rules.POWER_SLACK
        )
        async with self._database.transaction() as connection:
            changes, causes = Changes(), []
            for gap, was in await store.told_gaps(connection, cameras, since, until):
                cause = rules.cause_of(gap, outages, self._clock.now())
                if cause is not was:
                    causes.append((gap.id, cause))
                    changes.missed(gap, cause)
            await store.set_causes(connection, causes)
            await changes.write(connection)
        return len(causes)

    # -- the timeline ------------------------------------------------------------------------

    async def timeline(self, window: Window, width: int) -> list[CameraTimeline]:
        """Return what there is of cameras that whoever asks may see, as fine as ``width`` shows.

        Cameras named and not found are there with nothing. TimelineTooLongError, InvalidError.
        """
        start, end = rules.to_ms(window.since), rules.to_ms(window.until)
        if end <= start:
            raise InvalidError("a timeline ends after it starts", field="to")
        if window.until - window.since > timedelta(days=rules.TIMELINE_DAYS):
            raise TimelineTooLongError(f"at most {rules.TIMELINE_DAYS} days", field="to")
        async with self._database.transaction() as connection:
            found = await self._standing(connection, window)
            growing, lasting = await store.unfinished(connection, window)
        edge = _Edge(growing, lasting, rules.to_ms(self._clock.now()))
        named = window.cameras
        shown = sorted(found.keys() | edge.cameras) if named is None else list(named)
        pixel_ms = max(1, (end - start) // width)
        kept_drawn = len(found) >= MANY and pixel_ms >= COARSE_MS
        if kept_drawn:
            whole = self._shelves[window.stream].drawn(found, pixel_ms)
            rows = dict(zip(found, whole, strict=True))
        else:
            rows = {camera: within(kept.rows, start, end) for camera, kept in found.items()}
        edged = [edge.after(camera, rows.get(camera, EMPTY)) for camera in shown]
        drawn = (cut if kept_drawn else draw)(edged, start, end, pixel_ms)
        return [
            CameraTimeline(camera, one.spans, one.gaps, _oldest(found.get(camera)))
            for camera, one in zip(shown, drawn, strict=True)
        ]

    async def _standing(self, connection: store.Connection, window: Window) -> dict[str, Kept]:
        """Return what is kept of cameras that whoever asks may see: the database says which."""
        shelf = self._shelves[window.stream]
        look = shelf.look(await store.standing(connection, window))
        days = await store.days_changed(connection, window.stream, look.since) if look.old else ()
        return shelf.mend(look, days)

    async def keep_ready(self) -> None:
        """Read what changed, again and again, so that nobody who asks waits for all of it."""
        while True:
            try:
                with acting_as(system("timelines")):
                    await self._make_ready()
            except AmaanError as error:
                _log.warning("index.not_ready", reason=error.detail)
            await asyncio.sleep(READY_EVERY_S)

    async def _make_ready(self) -> None:
        now = self._clock.now()
        for stream, shelf in self._shelves.items():
            async with self._database.transaction() as connection:
                found = await self._standing(connection, Window(None, stream, now, now))
            for pixel_ms in shelf.scales:
                await asyncio.sleep(0)
                shelf.drawn(found, pixel_ms)

    async def place(self, camera: str, stream: Stream, at: datetime) -> Place | None:
        """Return where the recording of a moment lies, or the next one; None: there is none."""
        async with self._database.transaction() as connection:
            return await store.place_of(connection, camera, stream, at, at - LONGEST_SEGMENT)

    # -- holds -------------------------------------------------------------------------------

    async def holds_for(self, cameras: Sequence[str]) -> dict[str, list[Span]]:
        """Return what holds keep of each camera's recording: never removed at its worker."""
        with acting_as(system("holds")):
            async with self._database.transaction() as connection:
                held = await store.held(connection, cameras, AROUND_READ_S)
                wanted = await store.standing_copies(connection, cameras)
        spans: dict[str, list[Span]] = defaultdict(list)
        for camera, span in sorted(
            [(camera, span) for _, camera, span in held] + wanted,
            key=lambda one: (one[0], one[1].since, one[1].until),
        ):
            mine = spans[camera]
            if mine and span.since <= mine[-1].until:
                mine[-1] = Span(mine[-1].since, max(mine[-1].until, span.until))
            else:
                mine.append(span)
        return dict(spans)

    async def want_copy(self, cause: str, camera: str, span: Span) -> None:
        """Ask for a copy at the centre. ``cause``: hold, incident or clip, a colon and its id."""
        now = self._clock.now()
        async with self._database.transaction() as connection:
            await store.want_copies(connection, [(new_id(now), camera, span, cause)], now)

    async def end_copies(self, cause: str) -> None:
        """Need copies for a cause no more."""
        async with self._database.transaction() as connection:
            await store.end_cause(connection, cause, self._clock.now())


class Changes:
    """What a batch does to days, gathered before they are read and written once."""

    def __init__(self) -> None:
        self._added: dict[Key, list[rules.Pair]] = defaultdict(list)
        self._gone: dict[Key, list[rules.Pair]] = defaultdict(list)
        self._missed: dict[Key, list[rules.Triple]] = defaultdict(list)

    def recorded(self, camera: str, stream: str, start: datetime, end: datetime) -> None:
        """Note that a time was recorded."""
        for day, pair in rules.by_day(rules.to_ms(start), rules.to_ms(end)):
            self._added[camera, stream, day].append(pair)

    def removed(self, camera: str, stream: str, start: datetime, end: datetime) -> None:
        """Note that the recording of a time is gone."""
        for day, pair in rules.by_day(rules.to_ms(start), rules.to_ms(end)):
            self._gone[camera, stream, day].append(pair)

    def missed(self, gap: Gap, cause: Cause) -> None:
        """Note a gap that has ended."""
        if gap.end is None:
            return
        for day, (start, end) in rules.by_day(rules.to_ms(gap.start), rules.to_ms(gap.end)):
            row = rules.gap_row(start, end, cause)
            self._missed[gap.camera, gap.stream, day].append(row)

    async def write(self, connection: store.Connection) -> None:
        """Change the days."""
        keys = {*self._added, *self._gone, *self._missed}
        days = await store.days(connection, keys)
        for key, day in days.items():
            day.spans = rules.take(rules.add(day.spans, self._added[key]), self._gone[key])
            news = {row[:2]: row for row in self._missed[key]}
            kept = [row for row in day.gaps if row[:2] not in news]
            day.gaps = sorted([*kept, *news.values()])
        await store.save_days(connection, days)


class _Edge:
    """What is not finished: segments that grow, gaps that last."""

    def __init__(
        self,
        growing: Iterable[tuple[str, datetime]],
        lasting: Iterable[tuple[str, datetime, Cause]],
        now: int,
    ) -> None:
        self._spans: dict[str, list[rules.Pair]] = defaultdict(list)
        self._gaps: dict[str, list[rules.Triple]] = defaultdict(list)
        for camera, at in growing:
            start = rules.to_ms(at)
            self._spans[camera].append((start, max(start, min(now, start + rules.GROWING_MS))))
        for camera, at, cause in lasting:
            start = rules.to_ms(at)
            self._gaps[camera].append((start, max(start, now), CAUSES.index(cause)))

    @property
    def cameras(self) -> set[str]:
        return {*self._spans, *self._gaps}

    def after(self, camera: str, rows: Rows) -> Rows:
        """Return what is kept of a camera, and what goes on after it."""
        growing, lasting = self._spans.get(camera), self._gaps.get(camera)
        spans = np.concatenate((rows.spans, growing)) if growing else rows.spans
        return Rows(spans, np.concatenate((rows.gaps, lasting)) if lasting else rows.gaps)


def _oldest(kept: Kept | None) -> int | None:
    """Return when the first day begins of which a recording is kept, Unix ms."""
    if kept is None or not len(kept.rows.spans):
        return None
    first = int(kept.rows.spans[0, 0])
    return first - first % rules.DAY_MS
