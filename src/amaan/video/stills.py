"""A folder of photographs, played like a film."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from amaan.video.errors import NoSuchStreamError, NotVideoError
from amaan.video.packets import Coded, StreamFormat, jpeg_packet
from amaan.video.pictures import is_whole_jpeg, picture_size, stands_upright
from amaan.video.settings import VideoSettings
from amaan.video.streams import probe_format

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp"})
MAX_FILE_BYTES = 256 * 1024 * 1024
MAX_SOURCE_PIXELS = 400_000_000  # decoded at an eighth of its size this is still a picture
QUALITY = 95
_REDUCED = ((1, cv2.IMREAD_COLOR), (2, cv2.IMREAD_REDUCED_COLOR_2), (4, cv2.IMREAD_REDUCED_COLOR_4))


class StillError(Exception):
    """Why one still was left out."""


def natural_order(path: Path) -> list[tuple[int, int, str]]:
    """Sort key by name in which 9.jpg comes before 10.jpg."""
    return [
        (0, int(part), "") if part.isdigit() else (1, 0, part)
        for part in re.split(r"([0-9]+)", path.name.lower())
        if part
    ]


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise StillError("the file is too large")
        data = path.read_bytes()
    except OSError as error:
        raise StillError(f"cannot be read ({error.strerror})") from error
    if not data:
        raise StillError("the file is empty")
    return data


def load_still(path: Path, max_pixels: int) -> bytes:
    """Return a still as a JPEG of at most about ``max_pixels``, upright.

    A JPEG that is already so comes back byte for byte. Raises StillError.
    """
    data = _read(path)
    size = picture_size(data)
    if size is None or 0 in size:
        raise StillError("not a JPEG, PNG, BMP or WebP picture, or its head is damaged")
    pixels = size[0] * size[1]
    if pixels > MAX_SOURCE_PIXELS:
        raise StillError(f"{pixels / 1e6:.0f} megapixels are too many")
    jpeg = data.startswith(b"\xff\xd8")
    if jpeg and not is_whole_jpeg(data):
        raise StillError("the picture breaks off before its end")
    if jpeg and pixels <= max_pixels and stands_upright(data):
        return data
    return _encode_again(data, pixels / max_pixels)


def _encode_again(data: bytes, excess: float) -> bytes:
    """Decode upright, reduced while reading where there are ``excess`` times too many pixels."""
    mode = cv2.IMREAD_REDUCED_COLOR_8
    for factor, reduced in reversed(_REDUCED):
        if excess <= factor * factor:
            mode = reduced
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), mode)
        if image is None:
            raise StillError("the picture is damaged")
        return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()
    except cv2.error as error:
        raise StillError("the picture is damaged") from error


class StillsSource:
    """One pass over the stills of a folder, in natural order of their names."""

    live = False
    notice = ""

    def __init__(self, folder: Path, settings: VideoSettings) -> None:
        if not folder.is_dir():
            raise NoSuchStreamError("there is no such folder")
        try:
            self._files = sorted(
                (file for file in folder.iterdir() if file.suffix.lower() in SUFFIXES),
                key=natural_order,
            )
        except PermissionError:
            raise NoSuchStreamError("the folder may not be read by this user") from None
        if not self._files:
            raise NotVideoError("the folder holds no JPEG, PNG, BMP or WebP picture")
        self._settings = settings
        self._formats: dict[tuple[int, int], StreamFormat] = {}
        self.problems: list[tuple[str, str]] = []
        """(file name, reason) of each still left out so far."""

    def packets(self) -> Iterator[Coded]:
        """Yield the stills as JPEG, ``still_interval_s`` apart."""
        interval_s = self._settings.still_interval_s
        index = 0
        for path in self._files:
            try:
                data = load_still(path, self._settings.max_pixels)
                form = self._format(data)
            except StillError as problem:
                self.problems.append((path.name, str(problem)))
                continue
            at_s = index * interval_s
            packet = jpeg_packet(data, at_s)
            yield Coded(packet, form, at_s, at_s, True, time.time(), path.name)
            index += 1
        if index == 0:
            raise NotVideoError("the folder holds no picture that can be read")

    def _format(self, data: bytes) -> StreamFormat:
        size = picture_size(data) or (0, 0)
        if size not in self._formats:
            form = probe_format("mjpeg", data)
            if form is None:
                raise StillError("the picture is damaged")
            self._formats[size] = form
        return self._formats[size]

    def interrupt(self) -> None:
        """Do nothing: a still does not keep anybody waiting."""

    def close(self) -> None:
        """Do nothing: no file is kept open."""
