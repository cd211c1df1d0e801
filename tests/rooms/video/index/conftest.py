"""An index over a fresh database, and a worker that tells of its cameras."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from amaan.city.model import Assignment, Assignments
from amaan.engines.postgres.database import PostgresDatabase
from amaan.kernel.clock import ManualClock
from amaan.trust.authority.ports import Places
from amaan.video.index.model import (
    CameraTimeline,
    Cause,
    Dropped,
    Entry,
    Gap,
    Outage,
    Removed,
    Segment,
)
from amaan.video.index.service import IndexService
from amaan.video.index.store import Window

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Spot:
    site: str
    lon: float = 67.0
    lat: float = 24.0


@dataclass
class City:
    """Cameras A and B at GATE, run by worker-1; C at PORT, by worker-2; and who had power."""

    runs: dict[str, list[str]] = field(
        default_factory=lambda: {"worker-1": ["A", "B"], "worker-2": ["C"]}
    )
    dark: list[Outage] = field(default_factory=list)

    async def assignment(self, worker: str, *, fresh: bool = True) -> Assignments:
        codes = self.runs.get(worker, [])
        return Assignments("1", tuple(Assignment(code, "", 5.0, True) for code in codes))

    async def places(self) -> Places:
        return {"A": Spot("GATE"), "B": Spot("GATE"), "C": Spot("PORT")}

    async def outages(self, site: str, since: datetime, until: datetime) -> Sequence[Outage]:
        return self.dark if site == "GATE" else []


@dataclass
class Ledger:
    """A worker's journal as its ledger sends it."""

    index: IndexService
    worker: str = "worker-1"
    id: UUID = field(default_factory=uuid4)
    entries: list[Entry] = field(default_factory=list)

    def say(self, said: Segment | Gap | Dropped) -> Entry:
        self.entries.append(Entry(len(self.entries) + 1, said))
        return self.entries[-1]

    def segment(self, camera: str, start_s: float, length_s: float = 60) -> Segment:
        """Write down a finished segment, by seconds from NOW."""
        said = segment(camera, start_s, length_s)
        self.say(said)
        return said

    def gap(self, camera: str, start_s: float, end_s: float | None, cause: Cause) -> Gap:
        end = None if end_s is None else NOW + timedelta(seconds=end_s)
        said = Gap(uuid4(), camera, "main", NOW + timedelta(seconds=start_s), end, cause, "")
        self.say(said)
        return said

    def drop(self, gone: Segment, reason: Removed = Removed.AGE) -> None:
        self.say(Dropped(gone.id, reason))

    async def send(self, entries: Sequence[Entry] | None = None) -> int:
        return await self.index.apply(
            self.worker, self.id, self.entries if entries is None else entries
        )


def segment(camera: str, start_s: float, length_s: float | None = 60) -> Segment:
    start = NOW + timedelta(seconds=start_s)
    finished = length_s is not None
    return Segment(
        id=uuid4(),
        camera=camera,
        stream="main",
        start=start,
        end=start + timedelta(seconds=length_s) if length_s is not None else None,
        bytes=1000 if finished else 0,
        sha256=hashlib.sha256(str((camera, start_s)).encode()).hexdigest() if finished else None,
        codec="h264",
        width=1920,
        height=1080,
        fps=25.0,
        has_audio=False,
    )


def window(*cameras: str, start_s: float = -86_400, end_s: float = 86_400) -> Window:
    start, end = NOW + timedelta(seconds=start_s), NOW + timedelta(seconds=end_s)
    return Window(cameras or None, "main", start, end)


def seconds(found: CameraTimeline) -> list[tuple[float, float]]:
    """Return spans as seconds from NOW."""
    now = NOW.timestamp()
    return [(start / 1000 - now, end / 1000 - now) for start, end in found.spans.tolist()]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def city() -> City:
    return City()


@pytest.fixture
def index(database: PostgresDatabase, city: City, clock: ManualClock) -> IndexService:
    return IndexService(database, city, city, clock, city)


@pytest.fixture
def ledger(index: IndexService) -> Ledger:
    return Ledger(index)
