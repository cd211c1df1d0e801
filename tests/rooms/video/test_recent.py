from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import av
import pytest
from tests.films import coded_of, make_film, read_number

from amaan.video.decoding import FrameDecoder
from amaan.video.recent import RecentRecording, list_segments
from amaan.video.settings import VideoSettings
from amaan.video.streams import open_file

SETTINGS = VideoSettings()
START = 1_800_000_000.0


def record(recording: RecentRecording, film: Path, offset_s: float) -> None:
    source = open_file(film, SETTINGS)
    for coded in coded_of(source):
        recording.write(coded, offset_s)
    source.close()


def pictures(path: Path) -> int:
    with av.open(str(path)) as film:
        return sum(1 for _ in film.decode(video=0))


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Ten seconds at 10 frames a second, a keyframe each second."""
    return make_film(tmp_path / "film.mp4", frames=100, fps=10, gop=10, options={"bf": "0"})


def test_pieces_begin_with_keyframes_and_carry_their_times(tmp_path: Path, film: Path) -> None:
    recording = RecentRecording(tmp_path / "recent", SETTINGS)
    record(recording, film, START)
    recording.close()
    segments = list_segments(tmp_path / "recent")
    assert [segment.start_s - START for segment in segments] == pytest.approx([0, 4, 8])
    assert [(segment.end_s or 0) - START for segment in segments] == pytest.approx([4, 8, 10])
    assert [pictures(segment.path) for segment in segments] == [40, 40, 20]


def test_oldest_pieces_go_when_they_are_too_old(tmp_path: Path, film: Path) -> None:
    recording = RecentRecording(tmp_path / "recent", VideoSettings(recent_s=10))
    for turn in range(4):
        record(recording, film, START + 10 * turn)
        recording.close()
    segments = list_segments(tmp_path / "recent")
    assert segments[-1].end_s == pytest.approx(START + 40)
    assert START + 20 <= segments[0].start_s <= START + 30


def test_oldest_pieces_go_when_they_take_too_much_disk(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.avi", codec="mjpeg", frames=60)
    limit = 1 << 20
    recording = RecentRecording(tmp_path / "recent", VideoSettings(recent_bytes=limit))
    for turn in range(30):
        record(recording, film, START + 6 * turn)
        recording.close()
    segments = list_segments(tmp_path / "recent")
    assert sum(segment.path.stat().st_size for segment in segments) < limit * 1.2
    assert segments[0].start_s > START
    assert segments[-1].end_s == pytest.approx(START + 180, abs=0.1)


def test_times_learnt_later_correct_the_name_of_the_piece(tmp_path: Path, film: Path) -> None:
    recording = RecentRecording(tmp_path / "recent", SETTINGS)
    source = open_file(film, SETTINGS)
    for index, coded in enumerate(coded_of(source)):
        recording.write(coded, START + (2.0 if index < 5 else 0.0))
    source.close()
    recording.close()
    assert list_segments(tmp_path / "recent")[0].start_s == pytest.approx(START)


def test_piece_of_a_killed_process_plays_and_is_adopted(tmp_path: Path, film: Path) -> None:
    folder = tmp_path / "recent"
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from amaan.video.recent import RecentRecording\n"
        "from amaan.video.settings import VideoSettings\n"
        "from amaan.video.streams import open_file\n"
        "settings = VideoSettings(segment_s=60)\n"
        "recording = RecentRecording(Path(sys.argv[2]), settings)\n"
        "for coded in open_file(Path(sys.argv[1]), settings).packets():\n"
        "    recording.write(coded, 1_800_000_000.0)\n"
        "print('written', flush=True)\n"
        "time.sleep(60)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(film), str(folder)], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"written\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    (part,) = folder.iterdir()
    assert part.name == "1800000000000.part.mp4"
    assert pictures(part) >= 88  # at most the last fragment, about a second, is gone
    RecentRecording(folder, SETTINGS)
    (segment,) = list_segments(folder)
    assert segment.end_s is not None
    assert segment.end_s - segment.start_s > 8.5


def test_part_with_nothing_in_it_is_swept_away(tmp_path: Path) -> None:
    (tmp_path / "1800000000000.part.mp4").write_bytes(b"")
    (tmp_path / "notes.txt").write_text("left alone")
    RecentRecording(tmp_path, SETTINGS)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_folder_that_cannot_be_made_is_a_visible_state_not_a_crash(
    tmp_path: Path, film: Path
) -> None:
    (tmp_path / "recent").write_text("a file in the way")
    recording = RecentRecording(tmp_path / "recent", SETTINGS)
    record(recording, film, START)
    recording.close()
    assert recording.problem.startswith("not recording")


def test_old_piece_that_cannot_be_adopted_is_a_visible_state_not_a_crash(
    tmp_path: Path, film: Path
) -> None:
    (tmp_path / "recent" / "1000.part.mp4").mkdir(parents=True)  # cannot be unlinked as a file
    recording = RecentRecording(tmp_path / "recent", SETTINGS)
    assert recording.problem.startswith("not recording")
    record(recording, film, START)
    recording.close()
    finished = [s for s in list_segments(tmp_path / "recent") if s.end_s is not None]
    assert len(finished) == 3


def test_full_disk_is_a_visible_state_and_recording_comes_back(film: Path) -> None:
    folder = Path("/dev/full")  # every write to it fails as on a full disk
    recording = RecentRecording(folder.parent / "shm" / f"amaan-test-{os.getpid()}", SETTINGS)
    try:
        recording.directory.joinpath("1800000000000.part.mp4").symlink_to(folder)
        record(recording, film, START)
        recording.close()
        assert recording.problem.startswith("not recording")
        assert not list_segments(recording.directory)
        source = open_file(film, SETTINGS)
        recording._quiet_until = 0.0
        for coded in coded_of(source):
            recording.write(coded, START + 60)
        source.close()
        recording.close()
        assert recording.problem == ""
        assert len(list_segments(recording.directory)) == 3
    finally:
        for path in recording.directory.iterdir():
            path.unlink()
        recording.directory.rmdir()


def test_piece_that_cannot_be_finished_leaves_no_part_behind(tmp_path: Path, film: Path) -> None:
    recording = RecentRecording(tmp_path / "recent", VideoSettings(segment_s=60))
    record(recording, film, START)
    in_the_way = tmp_path / "recent" / "1800000000000-1800000010000.mp4"
    in_the_way.mkdir()
    recording.close()
    assert recording.problem.startswith("not recording")
    assert list((tmp_path / "recent").iterdir()) == [in_the_way]


def test_change_of_size_begins_a_new_piece(tmp_path: Path) -> None:
    recording = RecentRecording(tmp_path / "recent", SETTINGS)
    small = make_film(tmp_path / "small.mp4", frames=20, options={"bf": "0"})
    large = make_film(tmp_path / "large.mp4", frames=20, size=(640, 480), options={"bf": "0"})
    record(recording, small, START)
    record(recording, large, START + 2)
    recording.close()
    sizes = []
    for segment in list_segments(tmp_path / "recent"):
        with av.open(str(segment.path)) as film:
            sizes.append(film.streams.video[0].width)
    assert sizes == [320, 640]


def test_codec_that_fits_no_mp4_is_a_visible_state(tmp_path: Path) -> None:
    film = make_film(tmp_path / "a.avi", codec="ffv1", frames=3)
    recording = RecentRecording(tmp_path / "recent", SETTINGS)
    record(recording, film, START)
    assert "ffv1 cannot be recorded" in recording.problem


def test_size_that_changes_in_mid_stream_begins_a_new_piece_with_its_own_parameters(
    tmp_path: Path,
) -> None:
    small = make_film(tmp_path / "small.h264", frames=20, options={"bf": "0"})
    large = make_film(
        tmp_path / "large.h264", frames=20, first=20, size=(640, 480), options={"bf": "0"}
    )
    both = tmp_path / "both.h264"
    both.write_bytes(small.read_bytes() + large.read_bytes())
    recording = RecentRecording(tmp_path / "recent", SETTINGS)
    source = open_file(both, SETTINGS)
    decoder = FrameDecoder(fps=None, max_pixels=10**7, live=False)
    shown = []
    for coded in coded_of(source):
        shown += [read_number(picture.image) for picture in decoder.decode(coded)]
        recording.write(coded, START)
    shown += [read_number(picture.image) for picture in decoder.flush()]
    recording.close()
    source.close()
    assert shown == list(range(40))
    kept = []
    for segment in list_segments(tmp_path / "recent"):
        with av.open(str(segment.path)) as film:
            stream = film.streams.video[0]
            kept.append((stream.width, sum(1 for _ in film.decode(stream))))
    assert kept == [(320, 20), (640, 20)]
