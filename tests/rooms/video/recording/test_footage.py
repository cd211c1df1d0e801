"""Footage out of what the real recorder wrote: pieces, pictures, files, cuts; bad files too."""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
from collections.abc import Callable, Generator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import av
import msgspec
import pytest
from tests.films import image_of, make_film, numbers, read_number
from tests.recordings import book_of, record_all, recording
from tests.shared import shared_data

from amaan.app.worker.channel import Answerer, Arguments, Streamed
from amaan.app.worker.footage import FootageAnswers
from amaan.kernel.errors import InvalidError, UnavailableError
from amaan.video.recording.cutting import CodingChangedError, Cutter, Span
from amaan.video.recording.excerpts import mime_of
from amaan.video.recording.footage import (
    Footage,
    NotRecordedError,
    Piece,
    PieceWish,
    StillRecordingError,
)
from amaan.video.recording.model import Policy
from amaan.video.recording.parts import read_layout
from amaan.video.settings import VideoSettings
from amaan.video.streams import open_file

T0 = 1_700_000_000_000
CAMERA = "CAM-1"
CLOSED = {"x265-params": "open-gop=0:log-level=none"}


def record(
    folder: Path, film: Path, at_s: float = 0.0, *, close: bool = True, segment_s: float = 6.0
) -> None:
    recorder = recording(folder, CAMERA, segment_s)
    source = open_file(film, VideoSettings(), audio=True)
    record_all(recorder, source, T0 / 1000 + at_s)
    if close:
        recorder.close()


def piece(
    folder: Path, at_s: float, most_s: float = 4.0, *, keyframes: bool = False, stream: str = "main"
) -> Piece:
    wish = PieceWish(CAMERA, stream, T0 + round(at_s * 1000), most_s, keyframes)
    return Footage(book_of(folder)).piece(wish)


def shown(made: Piece) -> list[tuple[float, int]]:
    """Return (seconds since T0, number) of its pictures."""
    base = (made.start_ms - T0) / 1000
    seen = numbers(made.content)
    return [(round(base + at - seen[0][0], 3), number) for at, number in seen]


def cut(folder: Path, since_s: float, until_s: float) -> tuple[float, bytes]:
    """Return where a cut begins, in seconds since T0, and the file."""
    cutter = Cutter(book_of(folder), folder / "cuts", 0)
    span = Span(CAMERA, "main", T0 + round(since_s * 1000), T0 + round(until_s * 1000))
    made = cutter.cut(span)
    content = b"".join(made.chunks)
    assert list((folder / "cuts").iterdir()) == []
    return (made.start_ms - T0) / 1000, content


def sounding(path: Path, seconds: int = 14, codec: str = "aac") -> Path:
    subprocess.run(
        [
            *("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=320x240:rate=10"),
            *("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=16000", "-t", str(seconds)),
            *("-c:v", "libx264", "-bf", "2", "-g", "10", "-pix_fmt", "yuv420p"),
            *("-c:a", codec, str(path)),
        ],
        check=True,
    )
    return path


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty seconds, picture n at n / 10 s, a keyframe each second, several segments."""
    folder = tmp_path_factory.mktemp("plain")
    record(folder, make_film(folder / "film.mp4", frames=200, options={"bf": "0"}))
    return folder


# -- pieces ----------------------------------------------------------------------------------


@pytest.mark.parametrize("codec", ["libx264", "libx265", "mjpeg", "mpeg4"])
def test_pieces_one_after_the_other_show_every_picture_at_its_time(
    tmp_path: Path, codec: str
) -> None:
    options = CLOSED if codec == "libx265" else {}
    record(tmp_path, make_film(tmp_path / "a.mp4", frames=150, codec=codec, options=options))
    at, seen, asked = 0.0, {}, 0
    while True:
        made = piece(tmp_path, at)
        asked += 1
        assert made.start_ms <= T0 + round(at * 1000) or asked == 1
        assert mime_of(made.content) == made.mime
        assert ("coded again" in made.note) == (codec in ("mjpeg", "mpeg4"))
        for moment, number in shown(made):
            assert moment == pytest.approx(number / 10, abs=0.003)
            seen[number] = moment
        if made.next_ms is None:
            break
        assert made.next_ms == made.end_ms
        assert made.next_ms > T0 + at * 1000
        at = (made.next_ms - T0) / 1000
    assert sorted(seen) == list(range(150))
    assert 4 <= asked <= 8


def test_media_time_of_a_piece_begins_at_nought(plain: Path) -> None:
    made = piece(plain, 8.5)
    assert made.start_ms == T0 + 8000
    with av.open(io.BytesIO(made.content), "r") as container:
        packet = next(iter(container.demux(video=0)))
        assert (packet.dts, packet.is_keyframe) == (0, True)


@pytest.mark.parametrize("codec", ["libx264", "mjpeg"])
def test_keyframes_alone_last_until_the_next(tmp_path: Path, codec: str) -> None:
    record(tmp_path, make_film(tmp_path / "a.mp4", frames=200, codec=codec), segment_s=60.0)
    made = piece(tmp_path, 0.0, 60.0, keyframes=True)
    seen = shown(made)
    assert all(moment == pytest.approx(number / 10, abs=0.003) for moment, number in seen)
    apart = [b - a for (a, _), (b, _) in pairwise(seen)]
    assert 0.3 < min(apart) <= max(apart) < 2.5
    with av.open(io.BytesIO(made.content), "r") as container:
        assert container.duration is not None
        until_ms = made.start_ms + container.duration / 1000
    if codec == "libx264":
        assert len(seen) == len({number // 10 for _, number in seen})
        assert until_ms == pytest.approx(made.end_ms, abs=300)


def test_moment_in_a_gap_gives_what_comes_after_it(tmp_path: Path) -> None:
    film = make_film(tmp_path / "a.mp4", frames=40, options={"bf": "0"})
    record(tmp_path, film)
    record(tmp_path, film, 60.0)
    made = piece(tmp_path, 30.0)
    assert made.start_ms == T0 + 60_000
    before = piece(tmp_path, 3.5)
    assert (before.end_ms - T0, before.next_ms) == (4000, T0 + 60_000)
    with pytest.raises(NotRecordedError):
        piece(tmp_path, 64.5)
    with pytest.raises(NotRecordedError):
        piece(tmp_path, 1.0, stream="sub")


def test_sound_comes_with_the_pictures_in_step(tmp_path: Path) -> None:
    record(tmp_path, sounding(tmp_path / "a.mp4"))
    made = piece(tmp_path, 9.5)
    assert made.mime.startswith('video/mp4; codecs="avc1.')
    assert made.mime.endswith(', mp4a.40.2"')
    with av.open(io.BytesIO(made.content), "r") as container:
        heard = [float(frame.time or 0) for frame in container.decode(audio=0)]
    length_s = (made.end_ms - made.start_ms) / 1000
    assert length_s == 4.0
    following = piece(tmp_path, (made.end_ms - T0) / 1000)
    with av.open(io.BytesIO(following.content), "r") as container:
        frames = [float(frame.time or 0) for frame in container.decode(audio=0)]
        assert frames[0] == 0.0
    # What the muxer held back of the sound comes with the next piece: no hole between them.
    with av.open(io.BytesIO(following.content), "r") as container:
        first = next(container.decode(video=0))
        before_s = float(first.time or 0)
    shown_at = next(iter(av.open(io.BytesIO(made.content), "r").decode(video=0)))
    heard_until = heard[-1] + 1024 / 16000 - float(shown_at.time or 0)
    assert length_s - before_s == pytest.approx(heard_until, abs=0.07)
    assert before_s < 0.6
    assert max(b - a for a, b in pairwise(heard)) < 0.1


def test_growing_file_is_played_as_far_as_it_is_written(tmp_path: Path) -> None:
    film = make_film(tmp_path / "a.mp4", frames=100, options={"bf": "0"})
    record(tmp_path, film, close=False, segment_s=60.0)
    made = piece(tmp_path, 5.0, 60.0)
    assert made.next_ms is None
    seen = [number for _, number in shown(made)]
    assert seen == list(range(50, seen[-1] + 1))
    assert seen[-1] >= 85


def test_real_clips_make_pieces_and_pictures(tmp_path: Path) -> None:
    for number, name in enumerate(["imageai/traffic-mini.mp4", "dvr-scan/traffic_camera.mp4"]):
        folder = tmp_path / str(number)
        record(folder, shared_data("video", *name.split("/")))
        made = piece(folder, 2.0)
        with av.open(io.BytesIO(made.content), "r") as container:
            assert len([*container.decode(video=0)]) > 20
        assert made.mime.startswith('video/mp4; codecs="avc1.')
        _, jpeg = Footage(book_of(folder)).thumbnail(CAMERA, T0 + 2000, 320)
        with av.open(io.BytesIO(jpeg), "r", format="jpeg_pipe") as picture:
            assert next(picture.decode(video=0)).width == 320


def test_what_is_there_for_a_while_only_is_not_shown(tmp_path: Path) -> None:
    book_of(tmp_path).set_policies({CAMERA: Policy(mode="event", before_s=1.0, after_s=1.0)})
    record(tmp_path, make_film(tmp_path / "a.mp4", frames=200, options={"bf": "0"}))
    with pytest.raises(NotRecordedError):
        piece(tmp_path, 7.0)
    book = book_of(tmp_path)
    book.event(CAMERA, T0 + 9000)
    wanted = piece(tmp_path, 0.0)
    assert wanted.start_ms > T0
    (hidden, *_) = [one for one in book.finished() if not one.told]
    with pytest.raises(NotRecordedError):
        Footage(book).file(hidden.id)


# -- bad files -------------------------------------------------------------------------------


def _shorten(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2 + 3)


def _zero(path: Path) -> None:
    path.write_bytes(b"\0" * path.stat().st_size)


def _garble(path: Path) -> None:
    layout = read_layout(path)
    with path.open("r+b") as file:
        for part in layout.parts:
            file.seek(part.offset + 16)
            file.write(b"\xff" * 60)


@pytest.mark.parametrize("spoil", [_shorten, _zero, _garble, Path.unlink])
def test_spoilt_file_costs_itself_only(
    plain: Path, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(plain, folder)
    bad = book_of(folder).finished()[1]
    spoil(bad.path)
    at_s = (bad.end_ms or 0) / 1000 - T0 / 1000 - 0.2
    made = piece(folder, at_s)
    assert [number for _, number in shown(made)]
    assert (made.next_ms or 0) > bad.start_ms
    Footage(book_of(folder)).thumbnail(CAMERA, bad.start_ms + 100, 200)
    begins, content = cut(folder, 0.0, 20.0)
    seen = numbers(content)
    assert {0, 199} <= {number for _, number in seen}
    assert all(begins + at == pytest.approx(n / 10, abs=0.003) for at, n in seen if n in (0, 199))


def test_file_shortened_after_its_layout_is_known_is_passed_over(
    plain: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(plain, folder)
    footage = Footage(book_of(folder))
    first = book_of(folder).finished()[0]
    footage.piece(PieceWish(CAMERA, "main", T0, 4.0))
    first.path.write_bytes(b"")
    made = footage.piece(PieceWish(CAMERA, "main", T0, 4.0))
    assert made.start_ms == first.end_ms


def test_file_removed_while_it_is_sent_arrives_whole(plain: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(plain, folder)
    one = book_of(folder).finished()[0]
    chunks = Footage(book_of(folder)).file(one.id)
    one.path.unlink()
    content = b"".join(chunks)
    assert (len(content), hashlib.sha256(content).hexdigest()) == (one.bytes, one.sha256)
    with pytest.raises(NotRecordedError):
        Footage(book_of(folder)).file(one.id)
    with pytest.raises(NotRecordedError):
        Footage(book_of(folder)).file("no such")


def test_file_that_grows_is_not_sent(tmp_path: Path) -> None:
    record(tmp_path, make_film(tmp_path / "a.mp4", frames=30), close=False)
    (one,) = book_of(tmp_path).growing()
    with pytest.raises(StillRecordingError):
        Footage(book_of(tmp_path)).file(one.id)


# -- pictures --------------------------------------------------------------------------------


@pytest.mark.parametrize(("at_s", "number"), [(5.4, 50), (5.6, 60), (-3.0, 0), (40.0, 190)])
def test_thumbnail_is_the_nearest_keyframe(plain: Path, at_s: float, number: int) -> None:
    at_ms, jpeg = Footage(book_of(plain)).thumbnail(CAMERA, T0 + round(at_s * 1000), 320)
    with av.open(io.BytesIO(jpeg), "r", format="jpeg_pipe") as picture:
        frame = next(picture.decode(video=0))
    assert read_number(image_of(frame)) == number
    assert at_ms == T0 + number * 100
    assert (frame.width, frame.height) == (320, 240)


# -- cuts ------------------------------------------------------------------------------------


@pytest.mark.parametrize("codec", ["libx264", "libx265", "mjpeg"])
def test_cut_over_segments_has_every_picture_once_at_its_time(tmp_path: Path, codec: str) -> None:
    options = CLOSED if codec == "libx265" else {}
    record(tmp_path, make_film(tmp_path / "a.mp4", frames=200, codec=codec, options=options))
    begins, content = cut(tmp_path, 2.5, 17.0)
    seen = numbers(content)
    assert all(begins + at == pytest.approx(n / 10, abs=0.003) for at, n in seen)
    found = [number for _, number in seen]
    assert len(set(found)) == len(found)
    assert set(range(25, 168)) <= set(found) <= set(range(10, 174))
    with av.open(io.BytesIO(content), "r") as made, av.open(str(tmp_path / "a.mp4"), "r") as film:
        assert made.streams.video[0].codec_context.name == film.streams.video[0].codec_context.name
        camera, stamp = made.metadata["title"].split()
        second = made.metadata["creation_time"]
    start = datetime.fromtimestamp(T0 / 1000 + begins, UTC)
    assert (camera, datetime.fromisoformat(stamp.replace("Z", "+00:00"))) == (CAMERA, start)
    assert second.startswith(stamp[:19])


def test_hole_stays_a_hole_and_sound_keeps_its_place(tmp_path: Path) -> None:
    film = sounding(tmp_path / "a.mp4", 4)
    record(tmp_path, film)
    record(tmp_path, film, 30.0)
    _, content = cut(tmp_path, 0.0, 40.0)
    with av.open(io.BytesIO(content), "r") as made:
        pictures = [float(frame.time or 0) for frame in made.decode(video=0)]
    with av.open(io.BytesIO(content), "r") as made:
        heard = [float(frame.time or 0) for frame in made.decode(audio=0)]
    assert len(pictures) == 80
    for times in (pictures, heard):
        ((before, after),) = [(a, b) for a, b in pairwise(times) if b - a > 1]
        assert after - before == pytest.approx(26, abs=0.3)
    assert pictures[-1] == pytest.approx(heard[-1], abs=0.5)


def test_segment_without_sound_between_others_is_joined_too(tmp_path: Path) -> None:
    film = sounding(tmp_path / "a.mp4", 4)
    silent = tmp_path / "silent.mp4"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(film), "-c", "copy", "-an", str(silent)], check=True
    )
    for at_s, one in ((0.0, silent), (4.0, film), (8.0, silent)):
        record(tmp_path, one, at_s)
    _, content = cut(tmp_path, 0.0, 20.0)
    with av.open(io.BytesIO(content), "r") as made:
        heard = [float(frame.time or 0) for frame in made.decode(audio=0)]
        assert made.streams.video[0].frames >= 119
    assert heard[0] == pytest.approx(4.2, abs=0.4)
    assert heard[-1] < 9.0


def test_change_of_coding_is_refused_and_its_moment_is_named(tmp_path: Path) -> None:
    record(tmp_path, make_film(tmp_path / "a.mp4", frames=40, options={"bf": "0"}))
    large = make_film(tmp_path / "b.mp4", frames=40, size=(640, 480), options={"bf": "0"})
    record(tmp_path, large, 4.0)
    with pytest.raises(CodingChangedError, match=r"2023-11-14T22:13:24\.000Z") as caught:
        cut(tmp_path, 0.0, 8.0)
    assert caught.value.status == 409
    _, content = cut(tmp_path, 4.0, 8.0)
    assert len(numbers(content)) == 40


def test_segments_of_a_clock_set_back_do_not_run_backwards(tmp_path: Path) -> None:
    film = make_film(tmp_path / "a.mp4", frames=60, options={"bf": "0"})
    record(tmp_path, film)
    record(tmp_path, film, 3.0)
    begins, content = cut(tmp_path, 0.0, 20.0)
    seen = [begins + at for at, _ in numbers(content)]
    assert seen == sorted(set(seen))
    assert seen[-1] == pytest.approx(8.9, abs=0.01)


def test_cut_that_nobody_reads_on_leaves_nothing_behind(plain: Path, tmp_path: Path) -> None:
    span = Span(CAMERA, "main", T0, T0 + 20_000)
    folder = tmp_path / "cuts"
    steps = len(list(Cutter(book_of(plain), folder, 0).cut(span).chunks))
    for taken in range(1, steps):
        chunks = Cutter(book_of(plain), folder, 0).cut(span).chunks
        assert isinstance(chunks, Generator)
        for _ in range(taken):
            next(chunks)
        chunks.close()
        assert list(folder.iterdir()) == []
    (folder / "left.mp4").write_bytes(b"of a worker that was killed")
    Cutter(book_of(plain), folder, 0)
    assert not folder.exists()


def test_cut_waits_for_room_on_the_disk(plain: Path, tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    cutter = Cutter(book_of(plain), tmp_path / "cuts", 2 * free)
    with pytest.raises(UnavailableError, match="no room"):
        cutter.cut(Span(CAMERA, "main", T0, T0 + 20_000))


def test_span_without_recording_cannot_be_cut(plain: Path) -> None:
    for since_s, until_s in ((-9.0, -1.0), (21.0, 30.0)):
        with pytest.raises(NotRecordedError):
            cut(plain, since_s, until_s)


# -- what the centre may ask -----------------------------------------------------------------


@pytest.fixture
def answers(plain: Path, tmp_path: Path) -> FootageAnswers:
    return FootageAnswers(book_of(plain), tmp_path / "cuts", 0, lambda *_: None)


AT = "2023-11-14T22:13:25Z"


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("recordings.piece", {}),
        ("recordings.piece", {"camera": CAMERA, "at": "2023-11-14T22:13:25"}),
        ("recordings.piece", {"camera": CAMERA, "at": "yesterday"}),
        ("recordings.piece", {"camera": CAMERA, "at": AT, "stream": "../../etc"}),
        ("recordings.piece", {"camera": CAMERA, "at": AT, "most_s": 1e300}),
        ("recordings.piece", {"camera": CAMERA, "at": AT, "most_s": -1}),
        ("recordings.piece", {"camera": CAMERA, "at": AT, "keyframes_only": "yes"}),
        ("recordings.piece", {"camera": "x" * 10_000, "at": AT}),
        ("recordings.thumbnail", {"camera": CAMERA, "at": AT, "width": 10_000_000}),
        ("recordings.thumbnail", {"camera": CAMERA, "at": AT, "width": 0}),
        ("recordings.cut", {"camera": CAMERA, "from": AT}),
        ("recordings.cut", {"camera": CAMERA, "from": AT, "to": AT}),
        ("recordings.segment", {"id": 7}),
        ("record", {"camera": CAMERA, "until": "soon"}),
    ],
)
def test_nonsense_is_refused(answers: FootageAnswers, kind: str, arguments: Arguments) -> None:
    answerer = Answerer()
    answers.register(answerer)
    with pytest.raises((msgspec.ValidationError, InvalidError)):
        answerer.find(kind).handler(arguments)


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_far_moments_and_odd_names_find_nothing_or_the_first(
    answers: FootageAnswers, at: str
) -> None:
    for camera in ("'; DROP TABLE segments; --", "../../../etc/passwd", "\0"):
        with pytest.raises(NotRecordedError):
            answers.piece({"camera": camera, "at": at})
        with pytest.raises(NotRecordedError):
            answers.thumbnail({"camera": camera, "at": at})
    if at.startswith("0"):
        answer = answers.piece({"camera": CAMERA, "at": at})
        assert answer.head["start"] == "2023-11-14T22:13:20.000Z"
    else:
        with pytest.raises(NotRecordedError):
            answers.piece({"camera": CAMERA, "at": at})


def test_head_of_a_piece_is_what_the_centre_reads(answers: FootageAnswers) -> None:
    answer = answers.piece({"camera": CAMERA, "at": AT, "stream": "main", "most_s": 2})
    assert isinstance(answer, Streamed)
    assert str(answer.head["mime"]).startswith('video/mp4; codecs="avc1.64')
    assert answer.head == {
        "start": "2023-11-14T22:13:25.000Z",
        "end": answer.head["end"],
        "mime": answer.head["mime"],
        "next": answer.head["end"],
        "note": "",
    }


def test_record_keeps_a_camera_until_then_and_an_hour_at_most(plain: Path, tmp_path: Path) -> None:
    kept: list[tuple[str, float, float]] = []
    answers = FootageAnswers(book_of(plain), tmp_path, 0, lambda *asked: kept.append(asked))
    answers.record({"camera": CAMERA, "until": "2099-01-01T00:00:00Z"})
    ((camera, since_s, until_s),) = kept
    assert camera == CAMERA
    assert until_s - since_s == pytest.approx(3600)
