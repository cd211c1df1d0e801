from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.films import jpeg, numbered_image, read_number
from tests.shared import shared_data

from amaan.video.decoding import FrameDecoder
from amaan.video.errors import NoSuchStreamError, NotVideoError
from amaan.video.pictures import picture_size
from amaan.video.settings import VideoSettings
from amaan.video.stills import StillError, StillsSource, load_still

SETTINGS = VideoSettings(still_interval_s=0.5)


def numbers(source: StillsSource) -> list[tuple[float, int, str]]:
    decoder = FrameDecoder(fps=None, max_pixels=SETTINGS.max_pixels, live=False)
    return [
        (coded.pts_s, read_number(picture.image), coded.name)
        for coded in source.packets()
        for picture in decoder.decode(coded)
    ]


def test_stills_come_in_natural_order_at_their_interval(tmp_path: Path) -> None:
    for number in (10, 9, 1):
        (tmp_path / f"shot{number}.jpg").write_bytes(jpeg(number))
    assert numbers(StillsSource(tmp_path, SETTINGS)) == [
        (0.0, 1, "shot1.jpg"),
        (0.5, 9, "shot9.jpg"),
        (1.0, 10, "shot10.jpg"),
    ]


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".webp", ".JPEG"])
def test_other_kinds_of_picture_are_taken_too(tmp_path: Path, suffix: str) -> None:
    cv2.imwrite(str(tmp_path / f"a{suffix}"), numbered_image(77))
    assert [number for _, number, _ in numbers(StillsSource(tmp_path, SETTINGS))] == [77]


def test_damaged_stills_are_reported_and_skipped(tmp_path: Path) -> None:
    (tmp_path / "1.jpg").write_bytes(jpeg(1))
    (tmp_path / "2.jpg").write_bytes(b"")
    (tmp_path / "3.jpg").write_bytes(b"no picture at all")
    (tmp_path / "4.jpg").write_bytes(jpeg(4)[:1500])
    (tmp_path / "5.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\0\0\1\0" + bytes(50))
    (tmp_path / "6.jpg").write_bytes(jpeg(6))
    (tmp_path / "notes.txt").write_text("not a still")
    source = StillsSource(tmp_path, SETTINGS)
    assert [number for _, number, _ in numbers(source)] == [1, 6]
    assert [name for name, _ in source.problems] == ["2.jpg", "3.jpg", "4.jpg", "5.png"]
    assert all(reason and str(tmp_path) not in reason for _, reason in source.problems)


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_fifty_megapixel_still_is_read_reduced(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"large{suffix}"
    small = numbered_image(1234, 864, 576)
    cv2.imwrite(str(path), cv2.resize(small, (8640, 5760), interpolation=cv2.INTER_NEAREST))
    data = load_still(path, SETTINGS.max_pixels)
    size = picture_size(data)
    assert size is not None
    assert size == (4320, 2880)
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    reduced = np.asarray(cv2.resize(image, (864, 576), interpolation=cv2.INTER_AREA), np.uint8)
    assert read_number(reduced) == 1234


def test_still_that_claims_a_billion_pixels_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xff\xff\0\0\xff\xff" + bytes(50))
    with pytest.raises(StillError, match="too many"):
        load_still(path, SETTINGS.max_pixels)


def test_ordinary_jpeg_is_passed_on_byte_for_byte(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(jpeg(3))
    assert load_still(tmp_path / "a.jpg", SETTINGS.max_pixels) == jpeg(3)


def test_absent_and_empty_folders_are_named_so(tmp_path: Path) -> None:
    with pytest.raises(NoSuchStreamError):
        StillsSource(tmp_path / "none", SETTINGS)
    with pytest.raises(NotVideoError, match="holds no"):
        StillsSource(tmp_path, SETTINGS)
    (tmp_path / "a.jpg").write_bytes(b"broken")
    with pytest.raises(NotVideoError, match="can be read"):
        list(StillsSource(tmp_path, SETTINGS).packets())


def test_real_photographs_of_many_makes_are_all_read() -> None:
    folder = shared_data("video", "opendatacam", "frames")
    source = StillsSource(folder, SETTINGS)
    decoder = FrameDecoder(fps=None, max_pixels=SETTINGS.max_pixels, live=False)
    count = 0
    for coded in source.packets():
        count += len(decoder.decode(coded))
        if count == 20:
            break
    assert (count, source.problems, decoder.damaged) == (20, [], 0)
