from __future__ import annotations

import struct

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.films import jpeg, numbered_image

from amaan.video.pictures import JpegSplitter, is_whole_jpeg, picture_size, stands_upright

A, B = jpeg(1), jpeg(2)
LIMIT = 1 << 20


def feed_all(stream: bytes, step: int, limit: int = LIMIT) -> list[bytes]:
    splitter = JpegSplitter(limit)
    return [
        picture
        for at in range(0, len(stream), step)
        for picture in splitter.feed(stream[at : at + step])
    ]


def part(data: bytes, length: str | None) -> bytes:
    head = b"--edge\r\nContent-Type: image/jpeg\r\n"
    if length is not None:
        head += f"Content-Length: {length}\r\n".encode()
    return head + b"\r\n" + data + b"\r\n"


@pytest.mark.parametrize("length", [None, "right", "7", "99999999999999999999", "-1", "many"])
@pytest.mark.parametrize("step", [1, 1460, 1 << 20])
def test_pictures_are_found_whatever_length_the_camera_claims(
    length: str | None, step: int
) -> None:
    stream = b"".join(
        part(data, str(len(data)) if length == "right" else length) for data in (A, B, A)
    )
    assert feed_all(stream, step) == [A, B, A]


def test_garbage_between_pictures_is_passed_over() -> None:
    noise = bytes(range(256)) * 20
    assert feed_all(noise + A + noise + B + noise, 333) == [A, B]


def test_picture_cut_in_its_midst_is_dropped_and_the_next_found() -> None:
    splitter = JpegSplitter(LIMIT)
    assert splitter.feed(part(A[: len(A) // 2], None) + part(B, None)) == [B]
    assert splitter.dropped == 1


def test_picture_beyond_the_limit_is_dropped() -> None:
    endless = A[:-2] + b"\x11" * 200_000
    splitter = JpegSplitter(65_536)
    assert splitter.feed(endless) == []
    assert splitter.feed(B) == [B]
    assert splitter.dropped >= 1


@given(st.binary(max_size=400), st.integers(1, 50))
def test_no_bytes_break_the_splitter(noise: bytes, step: int) -> None:
    found = feed_all(b"\xff\xd8\xff" + noise + b"\xff\xd9" + A, step)
    assert all(picture.startswith(b"\xff\xd8\xff") for picture in found)


def test_memory_stays_within_the_limit_under_endless_garbage() -> None:
    splitter = JpegSplitter(65_536)
    for _ in range(100):
        splitter.feed(b"\xff\xd8\xff\xe0\xff\xff" + b"z" * 65_536)
    assert len(splitter._buffer) < 4 * 65_536


def test_whole_and_cut_jpeg_are_told_apart() -> None:
    assert is_whole_jpeg(A)
    assert not is_whole_jpeg(A[:-2])
    assert not is_whole_jpeg(A[:100])


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp", ".webp"])
def test_size_is_read_from_the_head(suffix: str) -> None:
    data = cv2.imencode(suffix, numbered_image(1, 326, 214))[1].tobytes()
    assert picture_size(data) == (326, 214)


def test_lossless_webp_has_a_size_too() -> None:
    image = np.zeros((50, 70, 3), np.uint8)
    data = cv2.imencode(".webp", image, [cv2.IMWRITE_WEBP_QUALITY, 101])[1].tobytes()
    assert picture_size(data) == (70, 50)


@given(
    st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"BM", b"RIFF0000WEBPVP8 "]),
    st.binary(max_size=60),
)
def test_damaged_head_gives_a_size_or_none_never_an_error(head: bytes, rest: bytes) -> None:
    size = picture_size(head + rest)
    assert size is None or len(size) == 2
    stands_upright(head + rest)


def exif(orientation: int, order: str = "<") -> bytes:
    tiff = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8)
    tiff += struct.pack(order + "H", 1) + struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
    body = b"Exif\0\0" + tiff
    return A[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + A[2:]


@pytest.mark.parametrize("order", ["<", ">"])
def test_turned_photograph_is_noticed(order: str) -> None:
    assert stands_upright(A)
    assert stands_upright(exif(1, order))
    assert not stands_upright(exif(6, order))
