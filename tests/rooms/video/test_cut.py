from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.films import make_film, numbers
from tests.recordings import book_of, record_all, recording

from amaan.video.cut import ClipWish, cut_clip
from amaan.video.errors import ClipNotYetError, ClipUnavailableError
from amaan.video.model import CameraHealth, CameraState
from amaan.video.settings import VideoSettings
from amaan.video.streams import open_file

SETTINGS = VideoSettings()
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CAMERA = "RZ-01-A"
LATER = START + timedelta(hours=1)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def record(folder: Path, film: Path, offset_s: float = 0.0, *, close: bool = True) -> None:
    recorder = recording(folder, CAMERA, segment_s=5.0)
    record_all(recorder, open_file(film, SETTINGS), START.timestamp() + offset_s)
    if close:
        recorder.close()
    else:
        recorder._open = None  # as when the process is killed, or is still at it


def wish(
    folder: Path, start_s: float, end_s: float, health: CameraHealth | None = None
) -> ClipWish:
    return ClipWish(book_of(folder), CAMERA, at(start_s), at(end_s), health)


def health(state: CameraState, reason: str = "", since_s: float = 0.0) -> CameraHealth:
    return CameraHealth("RZ-01-A", state, reason, at(since_s), 0.0, 0, 0, None, 0, 0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twenty seconds of H.264, picture n at n / 10 seconds, a keyframe each second."""
    film = make_film(tmp_path / "film.mp4", frames=200, fps=10, gop=10, options={"bf": "0"})
    record(tmp_path / "recent", film)
    return tmp_path / "recent"


def test_clip_begins_with_the_keyframe_before_its_start_and_ends_at_its_end(folder: Path) -> None:
    clip = cut_clip(wish(folder, 6.5, 11.25), SETTINGS, LATER)
    shown = numbers(clip.content)
    assert [number for _, number in shown] == list(range(60, 113))
    assert clip.start == at(6)
    assert clip.end == at(11.2)
    assert (clip.complete, clip.gaps, clip.recoded) == (True, 0, False)


def test_every_picture_of_the_clip_stands_at_its_true_time(folder: Path) -> None:
    clip = cut_clip(wish(folder, 2.0, 18.0), SETTINGS, LATER)
    for seconds, number in numbers(clip.content):
        assert (clip.start - START).total_seconds() + seconds == pytest.approx(
            number / 10, abs=0.002
        )


def test_clip_is_ready_to_play_before_it_is_whole(folder: Path) -> None:
    content = cut_clip(wish(folder, 1, 9), SETTINGS, LATER).content
    assert content.index(b"moov") < content.index(b"mdat")
    assert b"avc1" in content


def test_reordered_pictures_keep_their_times(tmp_path: Path) -> None:
    film = make_film(tmp_path / "a.mp4", frames=100, options={"bf": "2"})
    record(tmp_path / "recent", film)
    clip = cut_clip(wish(tmp_path / "recent", 2, 8), SETTINGS, LATER)
    shown = numbers(clip.content)
    assert not clip.recoded
    offset = (clip.start - START).total_seconds()
    for seconds, number in shown:
        assert offset + seconds == pytest.approx(number / 10, abs=0.01)
    assert [number for _, number in shown][:55] == list(range(20, 75))


@pytest.mark.parametrize(("name", "codec"), [("a.avi", "mjpeg"), ("a.mov", "mpeg4")])
def test_other_codings_become_h264(tmp_path: Path, name: str, codec: str) -> None:
    record(tmp_path / "recent", make_film(tmp_path / name, frames=100, codec=codec))
    clip = cut_clip(wish(tmp_path / "recent", 2, 8), SETTINGS, LATER)
    assert clip.recoded
    assert b"avc1" in clip.content
    offset = (clip.start - START).total_seconds()
    shown = numbers(clip.content)
    assert len(shown) >= 60
    for seconds, number in shown:
        assert offset + seconds == pytest.approx(number / 10, abs=0.01)


def test_change_of_size_within_the_clip_is_coded_into_one_film(tmp_path: Path) -> None:
    small = make_film(tmp_path / "small.mp4", frames=40, options={"bf": "0"})
    large = make_film(
        tmp_path / "large.mp4", frames=40, first=40, size=(640, 480), options={"bf": "0"}
    )
    record(tmp_path / "recent", small)
    record(tmp_path / "recent", large, 4.0)
    clip = cut_clip(wish(tmp_path / "recent", 1, 7), SETTINGS, LATER)
    assert clip.recoded
    assert len(numbers(clip.content)) == 61


def test_piece_still_being_written_is_cut_too(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.mp4", frames=100, options={"bf": "0"})
    record(tmp_path / "recent", film, close=False)
    clip = cut_clip(wish(tmp_path / "recent", 1.0, 8.7), SETTINGS, at(10))
    assert clip.complete
    assert [number for _, number in numbers(clip.content)][-1] >= 85


def test_end_not_yet_recorded_says_when_to_come_again(folder: Path) -> None:
    with pytest.raises(ClipNotYetError) as caught:
        cut_clip(wish(folder, 18, 24, health(CameraState.UP)), SETTINGS, at(20))
    assert 4.0 < caught.value.retry_after_s < 8.0


def test_camera_that_fell_silent_yields_what_there_is(folder: Path) -> None:
    down = health(CameraState.DOWN, "silent for 10 s", 20)
    clip = cut_clip(wish(folder, 18, 24, down), SETTINGS, at(24.1))
    assert not clip.complete
    assert clip.end == at(19.9)
    patient = cut_clip(wish(folder, 18, 24), SETTINGS, at(35))
    assert not patient.complete


def test_moment_before_the_recording_is_no_longer_kept(folder: Path) -> None:
    with pytest.raises(ClipUnavailableError, match="no longer kept"):
        cut_clip(wish(folder, -60, -50), SETTINGS, LATER)


def test_moment_without_recording_names_the_cameras_state(folder: Path, tmp_path: Path) -> None:
    down = health(CameraState.DOWN, "the connection was refused", 21)
    with pytest.raises(ClipUnavailableError, match=r"was down \(.*refused"):
        cut_clip(wish(folder, 30, 40, down), SETTINGS, LATER)
    with pytest.raises(ClipUnavailableError, match="no recording"):
        cut_clip(wish(tmp_path / "none", 0, 10), SETTINGS, LATER)


def test_hole_in_the_recording_is_counted(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.mp4", frames=40, options={"bf": "0"})
    record(tmp_path / "recent", film)
    record(tmp_path / "recent", film, 10.0)
    clip = cut_clip(wish(tmp_path / "recent", 1, 12), SETTINGS, LATER)
    assert clip.gaps == 1
    assert clip.complete
    assert numbers(clip.content)[-1][0] == pytest.approx(11.0, abs=0.01)


def test_clip_of_no_length_or_too_long_is_refused(folder: Path) -> None:
    for start_s, end_s in ((5, 5), (5, 4), (0, 1000)):
        with pytest.raises(ClipUnavailableError, match="longer than 0"):
            cut_clip(wish(folder, start_s, end_s), SETTINGS, LATER)


def test_damaged_piece_costs_itself_only(folder: Path) -> None:
    pieces = sorted(folder.glob("video/*/*/*/*.mp4"))
    pieces[1].write_bytes(b"\0" * 1000)
    clip = cut_clip(wish(folder, 1, 11), SETTINGS, LATER)
    assert clip.gaps == 1
    assert len(numbers(clip.content)) > 50
