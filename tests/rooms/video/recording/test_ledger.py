"""The edge's ledger: every moment is in a segment or in a gap, whatever happened."""

from __future__ import annotations

import errno
import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.films import coded_of, make_film

from amaan.video.index.routes import JournalBody
from amaan.video.recording.ledger import JOINED_MS, Ledger
from amaan.video.recording.model import Kept, Missed, Policy
from amaan.video.recording.parts import Layout
from amaan.video.recording.recorder import Recorder, RecorderSettings
from amaan.video.settings import VideoSettings
from amaan.video.streams import open_file

T0 = 1_700_000_000_000
CAMERA = "CAM-1"
NAME = (CAMERA, "main")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file of two seconds as a recorder writes it."""
    folder = tmp_path_factory.mktemp("made")
    film = make_film(folder / "film.mp4", frames=20, fps=10)
    recorder = Recorder(folder / "video", CAMERA, "main", lambda _: None, RecorderSettings())
    source = open_file(film, VideoSettings())
    for coded in coded_of(source):
        recorder.write(coded, T0 / 1000)
    recorder.close()
    (made,) = (folder / "video").rglob("*.mp4")
    return made


class Edge:
    """A worker's disk, ledger and one recorder's words, without the recorder."""

    def __init__(self, folder: Path, sample: Path) -> None:
        self.folder, self.sample = folder, sample
        folder.mkdir(exist_ok=True)
        (folder / "video").mkdir(exist_ok=True)
        self.ledger = self.open()
        self.growing: tuple[str, int] | None = None

    def open(self) -> Ledger:
        return Ledger(self.folder / "ledger.sqlite", self.folder / "video")

    def reopen(self, boot: str = "a") -> list[str]:
        """End without a word and begin again."""
        self.ledger.close()
        self.ledger = self.open()
        self.growing = None
        return self.ledger.recover(boot) + self.ledger.find_missing()

    def begin(self, at_ms: int) -> str:
        identifier = str(uuid4())
        path = self.folder / "video" / CAMERA / "main" / "20231114" / f"{at_ms}.mp4"
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self.sample, path)
        self.ledger.record(
            {
                "kind": "opened",
                "id": identifier,
                "camera": CAMERA,
                "stream": "main",
                "start_ms": at_ms,
                "path": str(path.relative_to(self.folder / "video")),
                "codec": "h264",
                "width": 320,
                "height": 240,
                "has_audio": False,
            }
        )
        self.growing = identifier, at_ms
        return identifier

    def finish(self, end_ms: int) -> None:
        assert self.growing is not None
        identifier, _ = self.growing
        found = self.ledger.segment(identifier)
        assert found is not None
        self.ledger.record(
            {
                "kind": "finished",
                "id": identifier,
                "camera": CAMERA,
                "stream": "main",
                "end_ms": end_ms,
                "bytes": found.path.stat().st_size,
                "sha256": hashlib.sha256(found.path.read_bytes()).hexdigest(),
                "fps": 10.0,
            }
        )
        self.growing = None

    def interrupt(self, cause: str, at_ms: int) -> None:
        self.growing = None
        self.ledger.record(
            {
                "kind": "interrupted",
                "camera": CAMERA,
                "stream": "main",
                "cause": cause,
                "detail": "as told",
                "at_ms": at_ms,
            }
        )

    def gaps(self) -> list[Missed]:
        return self.ledger.gaps(*NAME)


@pytest.fixture
def edge(tmp_path: Path, recorded: Path) -> Iterator[Edge]:
    made = Edge(tmp_path / "edge", recorded)
    made.ledger.recover("a")
    yield made
    made.ledger.close()


class Centre:
    """What a centre would know from the journal alone."""

    def __init__(self) -> None:
        self.segments: dict[str, dict[str, object]] = {}
        self.gaps: dict[str, dict[str, object]] = {}
        self.seq = 0

    def apply(self, ledger: Ledger) -> None:
        for entry in ledger.untold(10_000):
            assert entry["seq"] == self.seq + 1, "no number is left out"
            self.seq = int(str(entry["seq"]))
            if entry["kind"] in ("opened", "segment"):
                self.segments[str(entry["id"])] = entry
            elif entry["kind"] == "gap":
                self.gaps[str(entry["id"])] = entry
            else:
                self.segments.pop(str(entry["id"]), None)
        ledger.told(self.seq)


def covered(ledger: Ledger, until_ms: int) -> None:
    """Assert that from the first moment on all is told of, and nothing twice."""
    kept: list[Kept] = [one for one in ledger.finished() if one.told]
    spans = [(one.start_ms, one.end_ms or 0, "segment") for one in kept]
    spans += [
        (gap.start_ms, until_ms if gap.end_ms is None else gap.end_ms, gap.cause)
        for gap in ledger.gaps(*NAME)
    ]
    spans = sorted(span for span in spans if span[1] > span[0])
    at = spans[0][0] if spans else until_ms
    for start, end, what in spans:
        assert start <= at + JOINED_MS, f"nothing is known of {at}..{start} ({what})"
        assert start >= at - JOINED_MS, f"{start}..{at} is told twice ({what})"
        at = max(at, end)
    known = ledger.standing(*NAME).known_ms
    if known is not None and ledger.standing(*NAME).growing is None:
        assert at >= known - JOINED_MS


def test_segments_that_follow_each_other_leave_no_gap(edge: Edge) -> None:
    for second in (0, 60, 120):
        edge.begin(T0 + second * 1000)
        edge.finish(T0 + (second + 60) * 1000)
    assert edge.gaps() == []
    assert [one.start_ms for one in edge.ledger.finished()] == [T0, T0 + 60_000, T0 + 120_000]


def test_lost_link_is_a_gap_from_the_last_picture_to_the_next(edge: Edge) -> None:
    edge.begin(T0)
    edge.finish(T0 + 30_000)
    edge.interrupt("link", T0 + 33_000)
    edge.interrupt("link", T0 + 36_000)
    edge.begin(T0 + 90_000)
    (gap,) = edge.gaps()
    assert (gap.start_ms, gap.end_ms, gap.cause) == (T0 + 30_000, T0 + 90_000, "link")


def test_another_cause_is_another_gap(edge: Edge) -> None:
    edge.begin(T0)
    edge.finish(T0 + 30_000)
    edge.interrupt("link", T0 + 33_000)
    edge.interrupt("camera", T0 + 50_000)
    edge.begin(T0 + 90_000)
    found = [(gap.start_ms - T0, (gap.end_ms or 0) - T0, gap.cause) for gap in edge.gaps()]
    assert found == [(30_000, 50_000, "link"), (50_000, 90_000, "camera")]


def test_killed_worker_finishes_its_segment_at_what_is_on_disk(edge: Edge) -> None:
    identifier = edge.begin(T0)
    said = edge.reopen()
    assert len(said) == 1
    found = edge.ledger.segment(identifier)
    assert found is not None
    assert found.end_ms == T0 + 2000, "two seconds of pictures are in the file"
    assert found.sha256 == hashlib.sha256(found.path.read_bytes()).hexdigest()
    (gap,) = edge.gaps()
    assert (gap.start_ms, gap.end_ms, gap.cause) == (T0 + 2000, None, "restart")


def test_segment_that_cannot_be_read_now_is_kept_for_another_day(
    edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    edge.begin(T0)
    (growing,) = edge.ledger.growing()
    with monkeypatch.context() as patch:

        def refuse(path: Path) -> Layout:
            raise OSError(errno.EMFILE, "Too many open files")

        patch.setattr("amaan.video.recording.ledger.read_layout", refuse)
        edge.reopen()
        assert growing.path.is_file()
    edge.reopen()
    (kept,) = edge.ledger.finished()
    assert kept.id == growing.id
    assert [entry["kind"] for entry in edge.ledger.untold(10)].count("dropped") == 0


def test_whatever_a_camera_claims_the_centre_can_read_the_journal(edge: Edge) -> None:
    identifier = edge.begin(T0)
    said = {"camera": CAMERA, "stream": "main"}
    made = {"id": identifier, "end_ms": T0 + 1, "bytes": 9, "sha256": "a" * 64, "fps": 45_000.0}
    edge.ledger.record({**said, **made, "kind": "finished"})
    cause = {"cause": "camera", "detail": "no \0\ud800\n" * 500, "at_ms": T0 + 1}
    edge.ledger.record({**said, **cause, "kind": "interrupted"})
    entries = edge.ledger.untold(10)
    sent = orjson.dumps({"worker": "worker-1", "ledger": edge.ledger.id, "entries": entries})
    read = JournalBody.model_validate_json(sent)
    assert len(read.entries) == len(entries) == 3


def test_torn_end_of_a_file_is_cut_off(edge: Edge) -> None:
    identifier = edge.begin(T0)
    found = edge.ledger.segment(identifier)
    assert found is not None
    whole = found.path.read_bytes()
    found.path.write_bytes(whole[: len(whole) - 100])
    edge.reopen()
    mended = edge.ledger.segment(identifier)
    assert mended is not None
    assert mended.end_ms is not None
    assert T0 < mended.end_ms < T0 + 2000
    assert mended.bytes == mended.path.stat().st_size < len(whole) - 100


def test_machine_that_lost_its_power_says_so(edge: Edge) -> None:
    edge.begin(T0)
    edge.reopen(boot="another run of the machine")
    assert [gap.cause for gap in edge.gaps()] == ["power"]


def test_machine_that_was_stopped_properly_was_only_restarted(edge: Edge) -> None:
    edge.begin(T0)
    edge.finish(T0 + 2000)
    edge.ledger.stopped()
    edge.reopen(boot="another run of the machine")
    assert [gap.cause for gap in edge.gaps()] == ["restart"]


def test_file_that_nobody_lived_to_enter_is_adopted(edge: Edge) -> None:
    edge.begin(T0)
    edge.finish(T0 + 2000)
    stray = edge.folder / "video" / CAMERA / "main" / "20231114" / f"{T0 + 5000}.mp4"
    shutil.copyfile(edge.sample, stray)
    empty = stray.with_name(f"{T0 + 9000}.mp4")
    empty.write_bytes(b"")
    (edge.folder / "video" / CAMERA / "notes.txt").write_text("no recording, and none of ours")
    edge.reopen()
    assert not empty.exists()
    assert [one.start_ms for one in edge.ledger.finished()] == [T0, T0 + 5000]
    covered(edge.ledger, T0 + 60_000)


def test_file_that_is_gone_is_told_lost_and_its_time_a_gap(edge: Edge) -> None:
    identifier = edge.begin(T0)
    edge.finish(T0 + 2000)
    centre = Centre()
    centre.apply(edge.ledger)
    found = edge.ledger.segment(identifier)
    assert found is not None
    found.path.unlink()
    edge.reopen()
    centre.apply(edge.ledger)
    assert identifier not in centre.segments
    assert "disk" in {gap.cause for gap in edge.gaps()}
    covered(edge.ledger, T0 + 60_000)


def test_removal_that_was_cut_short_is_completed(edge: Edge) -> None:
    identifier = edge.begin(T0)
    edge.finish(T0 + 2000)
    found = edge.ledger.segment(identifier)
    assert found is not None
    with edge.ledger._writing():
        edge.ledger._db.execute("UPDATE segments SET going = 'age' WHERE id = ?", [identifier])
    assert edge.ledger.segment(identifier) is None, "nobody is shown what is going"
    edge.reopen()
    assert not found.path.exists()
    assert edge.ledger.untold(100)[-2:][0]["kind"] in ("dropped", "gap")
    assert {"kind": "dropped", "id": identifier, "reason": "age"}.items() <= next(
        entry for entry in edge.ledger.untold(100) if entry["kind"] == "dropped"
    ).items()


def test_of_a_camera_that_waits_for_events_only_what_is_around_one_is_told(edge: Edge) -> None:
    edge.ledger.set_policies({CAMERA: Policy(mode="event", before_s=15, after_s=5)})
    for second in range(0, 60, 10):
        edge.begin(T0 + second * 1000)
        edge.finish(T0 + (second + 10) * 1000)
        if second == 20:
            edge.ledger.event(CAMERA, T0 + 32_000)
    told = [(one.start_ms - T0) // 1000 for one in edge.ledger.finished() if one.told]
    assert told == [10, 20, 30]
    covered(edge.ledger, T0 + 60_000)
    assert {gap.cause for gap in edge.gaps()} == {"plan"}
    centre = Centre()
    centre.apply(edge.ledger)
    starts = sorted(str(one["start"]) for one in centre.segments.values())
    assert starts == [f"2023-11-14T22:13:{second}.000Z" for second in (30, 40, 50)]


def test_turned_off_recording_is_a_planned_gap(edge: Edge) -> None:
    edge.begin(T0)
    edge.finish(T0 + 2000)
    edge.ledger.unwanted(*NAME, T0 + 5000)
    edge.ledger.unwanted(*NAME, T0 + 6000)
    (gap,) = edge.gaps()
    assert (gap.cause, gap.start_ms, gap.end_ms) == ("plan", T0 + 2000, None)


def test_everything_told_anew_makes_the_same_picture(edge: Edge) -> None:
    edge.begin(T0)
    edge.finish(T0 + 2000)
    edge.interrupt("link", T0 + 3000)
    edge.begin(T0 + 9000)
    edge.finish(T0 + 11_000)
    first = Centre()
    first.apply(edge.ledger)
    was = edge.ledger.id
    edge.ledger.retell()
    assert edge.ledger.id != was
    second = Centre()
    second.apply(edge.ledger)
    assert second.segments.keys() == first.segments.keys()
    assert second.gaps.keys() == first.gaps.keys()


def test_entry_that_makes_no_sense_is_refused_and_changes_nothing(edge: Edge) -> None:
    with pytest.raises(ValueError, match="no such entry"):
        edge.ledger.record({"kind": "nonsense"})
    assert edge.ledger.waiting() == 0


STEP = st.tuples(
    st.sampled_from(
        ["begin", "finish", "link", "camera", "disk", "lost", "kill", "power", "event", "mode"]
    ),
    st.integers(0, 20_000),
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(STEP, max_size=25))
def test_whatever_happens_every_moment_is_in_a_segment_or_in_a_gap(
    tmp_path_factory: pytest.TempPathFactory, recorded: Path, steps: list[tuple[str, int]]
) -> None:
    edge = Edge(tmp_path_factory.mktemp("walk") / "edge", recorded)
    edge.ledger.recover("a")
    centre, at, boot = Centre(), T0, "a"
    for what, wait in steps:
        at += wait + 2500
        if what == "begin":
            edge.begin(at)
        elif what == "finish" and edge.growing is not None:
            edge.finish(max(at, edge.growing[1] + 1))
        elif what in ("link", "camera", "disk"):
            edge.interrupt(what, at)
        elif what == "lost":
            edge.growing = None
            edge.ledger.lost(*NAME, at)
        elif what in ("kill", "power"):
            boot = boot + "b" if what == "power" else boot
            edge.reopen(boot)
        elif what == "event":
            edge.ledger.event(CAMERA, at)
        elif what == "mode":
            mode = "event" if edge.ledger.policy(CAMERA).mode == "continuous" else "continuous"
            edge.ledger.set_policies({CAMERA: Policy(mode=mode, before_s=10, after_s=10)})
        if wait % 3 == 0:
            centre.apply(edge.ledger)
    edge.interrupt("link", at + 1)
    covered(edge.ledger, at + 100_000)
    centre.apply(edge.ledger)
    told = {one.id for one in edge.ledger.finished() if one.told}
    assert centre.segments.keys() == told
    assert {identifier: gap["end"] is None for identifier, gap in centre.gaps.items()} == {
        gap.id: gap.end_ms is None for gap in edge.gaps()
    }
    edge.ledger.close()
