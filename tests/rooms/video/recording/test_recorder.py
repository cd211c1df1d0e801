"""The recorder: what it writes plays, what is killed loses under a second, a full disk is told."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import av
import pytest
from tests.films import coded_of, make_film, read_number
from tests.films import image_of as image
from tests.rooms.video.recording import nursery
from tests.shared import shared_data

from amaan.video.packets import Coded, Sound
from amaan.video.recording.ledger import Ledger
from amaan.video.recording.parts import NotRecordingError, read_layout
from amaan.video.recording.recorder import Recorder, RecorderSettings
from amaan.video.settings import VideoSettings
from amaan.video.streams import open_file

T0_S = 1_700_000_000.0
KILLS = 100
SEED = 20_261_122


@dataclass
class Told:
    """A recorder in a folder and what it told."""

    folder: Path
    settings: RecorderSettings = field(default_factory=RecorderSettings)
    entries: list[dict[str, object]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.recorder = Recorder(self.folder, "CAM-1", "main", self.entries.append, self.settings)

    def of(self, kind: str) -> list[dict[str, object]]:
        return [entry for entry in self.entries if entry["kind"] == kind]

    def record(self, film: Path, at_s: float = T0_S) -> None:
        source = open_file(film, VideoSettings())
        for coded in coded_of(source):
            self.recorder.write(coded, at_s)

    def numbers(self) -> list[tuple[float, int]]:
        """Return (Unix seconds, number) of every picture on disk."""
        found = []
        for opened in self.of("opened"):
            with av.open(str(self.folder / str(opened["path"]))) as container:
                for frame in container.decode(video=0):
                    at_s = int(str(opened["start_ms"])) / 1000 + float(frame.time or 0)
                    found.append((round(at_s, 3), read_number(image(frame))))
        return found


@pytest.mark.parametrize("codec", ["libx264", "libx265", "mjpeg", "mpeg4"])
def test_every_picture_is_on_disk_at_its_moment(tmp_path: Path, codec: str) -> None:
    # With open groups a picture before a keyframe needs the group before: no cut is without loss.
    closed = {"x265-params": "open-gop=0:log-level=none"} if codec == "libx265" else {}
    film = make_film(tmp_path / "film.mp4", frames=100, fps=10, gop=10, codec=codec, options=closed)
    told = Told(tmp_path / "video", RecorderSettings(segment_s=3.0))
    told.record(film)
    told.recorder.close()
    seen = told.numbers()
    assert [number for _, number in seen] == list(range(100))
    first = seen[0][0]
    assert [round(at - first, 2) for at, _ in seen] == [number / 10 for number in range(100)]
    assert len(told.of("opened")) == len(told.of("finished")) >= 3
    for opened, finished in zip(told.of("opened"), told.of("finished"), strict=True):
        path = told.folder / str(opened["path"])
        assert path.stat().st_size == finished["bytes"]
        assert read_layout(path).parts[0].keyframe


def test_real_clips_are_recorded_picture_for_picture(tmp_path: Path) -> None:
    for number, name in enumerate(
        [
            "dvr-scan/traffic_camera.mp4",
            "imageai/traffic-mini.mp4",
            "dvr-scan/traffic_camera_vfr.mp4",
        ]
    ):
        film = shared_data("video", *name.split("/"))
        told = Told(tmp_path / str(number), RecorderSettings(segment_s=5.0))
        told.record(film)
        told.recorder.close()
        with av.open(str(film)) as container:
            sent = sum(1 for packet in container.demux(video=0) if packet.size)
        kept = 0
        for opened in told.of("opened"):
            with av.open(str(told.folder / str(opened["path"]))) as container:
                kept += sum(1 for _ in container.decode(video=0))
        assert kept == sent, name


def test_growing_file_plays_up_to_its_last_part(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.mp4", frames=100, fps=10)
    told = Told(tmp_path / "video")
    told.record(film)
    (opened,) = told.of("opened")
    layout = read_layout(told.folder / str(opened["path"]))
    assert 9.0 <= layout.parts[-1].end_s <= 10.0
    assert told.of("finished") == []


def test_pictures_far_apart_are_two_segments_with_the_hole_told(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.mp4", frames=20, fps=10)
    told = Told(tmp_path / "video")
    told.record(film)
    later = make_film(tmp_path / "later.mp4", frames=20, fps=10, first=20)
    source = open_file(later, VideoSettings())
    for coded in coded_of(source):
        assert coded.packet.dts is not None
        assert coded.packet.pts is not None
        coded.packet.dts, coded.packet.pts = coded.packet.dts + 900_000, coded.packet.pts + 900_000
        told.recorder.write(coded, T0_S)
    told.recorder.close()
    (hole,) = told.of("interrupted")
    assert hole["cause"] == "link"
    assert len(told.of("opened")) == 2


def test_sound_is_recorded_beside_the_pictures(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    subprocess.run(
        [
            *("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=320x240:rate=10"),
            *("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=16000", "-t", "6"),
            *("-c:v", "libx264", "-g", "10", "-pix_fmt", "yuv420p", "-c:a", "aac", str(film)),
        ],
        check=True,
    )
    told = Told(tmp_path / "video")
    source = open_file(film, VideoSettings(), audio=True)
    for item in source.packets():
        told.recorder.write(item, T0_S)
    told.recorder.close()
    (opened,) = told.of("opened")
    assert opened["has_audio"] is True
    path = told.folder / str(opened["path"])
    with av.open(str(path)) as container:
        length_s = sum(frame.samples for frame in container.decode(audio=0)) / 16000
    assert 5.5 < length_s < 6.5
    assert {type(item) for item in open_file(film, VideoSettings(), audio=True).packets()} == {
        Coded,
        Sound,
    }


def test_sound_that_stops_does_not_hold_back_pictures(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.mp4", frames=100, fps=10)
    sounding = tmp_path / "sounding.mkv"
    subprocess.run(
        [
            *("ffmpeg", "-v", "error", "-i", str(film), "-f", "lavfi", "-t", "1"),
            *("-i", "sine=sample_rate=16000", "-c:v", "copy", "-c:a", "aac", str(sounding)),
        ],
        check=True,
    )
    told = Told(tmp_path / "video")
    for item in open_file(sounding, VideoSettings(), audio=True).packets():
        told.recorder.write(item, T0_S)
    (opened,) = told.of("opened")
    assert read_layout(told.folder / str(opened["path"])).parts[-1].end_s >= 9.0 - 0.4


def test_full_disk_is_told_and_recording_comes_back(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.mp4", frames=100, fps=10)
    told = Told(tmp_path / "video")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal_before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3_000, before[1]))  # the disk refuses: EFBIG
    try:
        told.record(film)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, signal_before)
    assert told.recorder.problem.startswith("not recording")
    assert [entry["cause"] for entry in told.of("interrupted")][:1] == ["disk"]
    assert told.of("broken")
    time.sleep(0.01)
    told.recorder._quiet_until = 0.0
    told.record(film, T0_S + 60)
    assert told.recorder.problem == ""
    assert len(told.of("opened")) >= 2


def test_clock_set_back_while_the_disk_refuses_does_not_keep_the_recorder_quiet(
    tmp_path: Path,
) -> None:
    film = make_film(tmp_path / "film.mp4", frames=30, fps=10)
    (tmp_path / "video").write_bytes(b"")  # no folder can be made there
    told = Told(tmp_path / "video")
    told.record(film)
    assert told.recorder.problem.startswith("not recording")
    (tmp_path / "video").unlink()
    (tmp_path / "video").mkdir()
    for coded in coded_of(open_file(film, VideoSettings())):
        told.recorder.write(replace(coded, arrived=coded.arrived - 3600), T0_S - 3600)
    assert told.recorder.problem == ""
    assert told.of("opened")


def test_file_that_is_no_recording_is_called_so(tmp_path: Path) -> None:
    path = tmp_path / "x.mp4"
    for content in (b"", b"\0" * 64, os.urandom(4096)):
        path.write_bytes(content)
        with pytest.raises(NotRecordingError):
            read_layout(path)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_hundred_kills_lose_under_a_second_each_and_leave_no_file_that_does_not_play(
    tmp_path: Path,
) -> None:
    film = shared_data("video", "imageai", "traffic-mini.mp4")
    chance = random.Random(SEED)
    folder = tmp_path / "edge"
    folder.mkdir()
    nurse = subprocess.Popen(
        [sys.executable, nursery.__file__, str(film)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert nurse.stdin is not None
    assert nurse.stdout is not None
    worst_s = 0.0
    try:
        for _ in range(KILLS):
            (folder / "pulled").unlink(missing_ok=True)
            nurse.stdin.write(f"{folder}\n")
            nurse.stdin.flush()
            child = int(nurse.stdout.readline())
            while not (folder / "pulled").exists():
                time.sleep(0.005)
            time.sleep(chance.uniform(0.0, 0.35))
            os.kill(child, signal.SIGKILL)
            assert nurse.stdout.readline() == "gone\n"
            worst_s = max(worst_s, _lost_s(folder))
    finally:
        nurse.stdin.close()
        nurse.stdout.close()
        nurse.wait(10)
    assert worst_s <= 1.0
    for path in (folder / "video").rglob("*.mp4"):
        with av.open(str(path)) as container:
            assert sum(1 for _ in container.decode(video=0)) > 0, path.name


def _lost_s(folder: Path) -> float:
    """Return how much of what was pulled is not on disk, once the ledger is mended."""
    lines = (folder / "pulled").read_text().split("\n")
    if len(lines) < 2:
        return 0.0
    pulled_s = float(lines[-2])  # the last line may be cut off
    ledger = Ledger(folder / "ledger.sqlite", folder / "video")
    ledger.recover("boot")
    known_ms = ledger.standing("CAM-1", "main").known_ms
    assert ledger.growing() == []
    for one in ledger.finished():
        assert one.path.stat().st_size == one.bytes
    ledger.close()
    return pulled_s - (known_ms or 0) / 1000
