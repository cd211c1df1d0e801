"""A day at a roadside site whose link is away: recorded, killed, told afterwards; nothing lost.

The clock is passed in: 24 hours of pictures, one a second, are recorded in some seconds.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import av
import pytest
from pydantic import TypeAdapter
from tests.films import make_film
from tests.rooms.video.index.conftest import NOW, City, window

from amaan.engines.postgres.database import PostgresDatabase
from amaan.kernel.clock import ManualClock
from amaan.video.index.checking import check_days, compare
from amaan.video.index.model import CAUSES, Entry, LedgerGap, LedgerSegment
from amaan.video.index.routes import EntryBody
from amaan.video.index.service import IndexService
from amaan.video.packets import Coded
from amaan.video.recording.checking import check_ledger
from amaan.video.recording.ledger import Ledger
from amaan.video.recording.recorder import Recorder, RecorderSettings
from amaan.video.settings import VideoSettings
from amaan.video.streams import open_file

SEED = 24
HOURS = 24
START_S = (NOW - timedelta(hours=HOURS + 1)).timestamp()
FILM_S = 120
BODY: TypeAdapter[EntryBody] = TypeAdapter(EntryBody)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two minutes, one picture a second, a keyframe every ten."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    return make_film(path, frames=FILM_S, fps=1, gop=10, size=(320, 64), options={"bf": "0"})


class Site:
    """A worker's folder at the roadside."""

    def __init__(self, folder: Path, film: Path) -> None:
        self.folder, self.film = folder, film
        (folder / "video").mkdir(parents=True)
        self.ledger = self._opened()
        self.recorder = self._recorder()
        self.asked = 0

    def _opened(self) -> Ledger:
        return Ledger(self.folder / "ledger.sqlite", self.folder / "video")

    def _recorder(self) -> Recorder:
        settings = RecorderSettings(segment_s=60.0)
        return Recorder(self.folder / "video", "A", "main", self.ledger.record, settings)

    def kill(self) -> None:
        """End without a word; begin again."""
        self.ledger.close()
        self.ledger = self._opened()
        self.ledger.recover("boot")
        self.recorder = self._recorder()

    def show(self, at_s: float) -> None:
        """Record the film once."""
        for item in open_file(self.film, VideoSettings()).packets():
            assert isinstance(item, Coded)
            self.recorder.write(item, at_s)
            self.asked += 1

    def entries(self, most: int) -> Iterator[Entry]:
        for entry in self.ledger.untold(most):
            yield Entry(int(str(entry["seq"])), BODY.validate_python(entry).said())


def _a_day(site: Site) -> None:
    chance = random.Random(SEED)
    at_s = START_S
    while at_s < START_S + HOURS * 3600:
        site.show(at_s)
        at_s += FILM_S
        fate = chance.random()
        if fate < 0.04:
            site.recorder.interrupted("camera", "it sent nothing", at_s)
            at_s += chance.randrange(20, 400)
        elif fate < 0.07:
            site.kill()
            at_s += chance.randrange(5, 60)
    site.recorder.close()


@pytest.mark.slow
async def test_a_day_without_link_is_told_whole_when_it_returns(
    tmp_path: Path,
    film: Path,
    database: PostgresDatabase,
    index: IndexService,
    clock: ManualClock,
    city: City,
) -> None:
    site = Site(tmp_path / "edge", film)
    _a_day(site)
    assert site.ledger.waiting() > 1000, "nobody was told meanwhile"
    ledger = UUID(site.ledger.id)
    chance = random.Random(SEED + 1)
    while site.ledger.waiting():
        entries = list(site.entries(300))
        applied = await index.apply("worker-1", ledger, entries)
        if chance.random() < 0.3:
            continue  # the answer was lost on the way: the same is sent again
        site.ledger.told(applied)
    report = check_ledger(site.folder, deep=False, now_s=NOW.timestamp())
    assert report.problems == []
    said = await compare(
        database,
        ledger,
        {
            UUID(one.id): LedgerSegment(one.camera, one.start_ms, one.end_ms, one.bytes, one.sha256)
            for one in report.segments
        },
        {UUID(one.id): LedgerGap(one.camera, one.start_ms, one.end_ms) for one in report.gaps},
        frozenset(),
    )
    assert said == []
    assert await check_days(database) == []
    (found,) = await index.timeline(window("A", start_s=-(HOURS + 2) * 3600, end_s=0), 1_000_000)
    recorded_s = sum(end - start for start, end in found.spans.tolist()) / 1000
    missed_s = sum(end - start for start, end, _ in found.gaps.tolist()) / 1000
    first, last = found.spans[0, 0] / 1000, found.spans[-1, 1] / 1000
    assert last - first >= HOURS * 3600 - FILM_S - 400
    assert recorded_s + missed_s == pytest.approx(last - first, abs=2.0 * len(found.gaps))
    assert {CAUSES[cause] for *_, cause in found.gaps.tolist()} == {"camera", "restart"}


@pytest.mark.slow
async def test_every_picture_of_the_day_is_there_and_comes_home_as_it_was_written(
    tmp_path: Path, film: Path
) -> None:
    site = Site(tmp_path / "edge", film)
    chance = random.Random(SEED)
    at_s = START_S
    for _ in range(60):
        site.show(at_s)
        at_s += FILM_S
        if chance.random() < 0.1:
            site.recorder.interrupted("link", "away", at_s)
            at_s += 300
    site.recorder.close()
    kept = 0
    for one in site.ledger.finished():
        content = one.path.read_bytes()
        assert hashlib.sha256(content).hexdigest() == one.sha256
        with av.open(str(one.path)) as container:
            kept += sum(1 for packet in container.demux(video=0) if packet.size)
    assert kept == site.asked
