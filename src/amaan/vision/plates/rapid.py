"""RapidOCR's networks (PP-OCRv6, Apache-2.0, from the weights in its wheel) as a plate reader.

Its own pipeline enlarges every crop to 736 pixels a side, 1.1 s a plate on one core here. This one
searches at the size of the picture, decodes over a plate's alphabet only, and reads a tight
one-line crop without searching at all.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import onnxruntime
from rapidocr.ch_ppocr_det.utils import DBPostProcess

from amaan.video.model import Image
from amaan.vision.model import PlateBox, PlateText, Sighting
from amaan.vision.plates.ctc import Glyph, PlateAlphabet, Scores, decode
from amaan.vision.plates.layout import Line, Quad, read_rows, sightings
from amaan.vision.settings import ReaderSettings

LINE_HEIGHT = 48  # the recogniser's input
MAX_LINE_WIDTH = 480
LIVE_SIDE = 320  # of a moving region: plates that can be read are still wide enough to find
LEAST_SIDE = 160  # smaller pictures are enlarged to it before the search; stills to more
LEAST_SCORE = 0.25  # below, a sighting is not worth a vote
TILE = 960
ENOUGH = 0.75  # a sighting as sure as this ends the search of a still
COARSE = 0.75  # of a still's size, searched first: half the time
ABOUT = 1.15  # a finer search must be finer by more than this to be worth it
WIDE = 2.3  # a crop as wide as this may be one line


class Networks:
    """The two networks, shared by all readers of a process. Thread-safe, as ONNX Runtime is."""

    def __init__(self, threads: int) -> None:
        found = importlib.util.find_spec("rapidocr")
        assert found is not None
        assert found.origin is not None
        models = Path(found.origin).parent / "models"
        self._detection = _session(models / "PP-OCRv6_det_small.onnx", threads)
        self._recognition = _session(models / "PP-OCRv6_rec_small.onnx", threads)
        listed = self._recognition.get_modelmeta().custom_metadata_map["character"].splitlines()
        self._alphabet = PlateAlphabet([*listed, " "])

    def search(self, image: Image, side: int, least: int = LEAST_SIDE) -> list[tuple[Quad, float]]:
        """Find lines of text with the longer side scaled to at most ``side``.

        Pictures smaller than ``least`` are enlarged towards it, at most to double their size.
        """
        height, width = image.shape[:2]
        scale = min(1.0, side / max(height, width))
        if max(height, width) < least:
            scale = min(2.0, least / max(height, width))
        wide = max(32, round(width * scale / 32) * 32)
        high = max(32, round(height * scale / 32) * 32)
        resized = cv2.resize(image, (wide, high), interpolation=cv2.INTER_LINEAR)
        planes = (resized.astype(np.float32) / 127.5 - 1.0).transpose(2, 0, 1)[None]
        output = self._detection.run(None, {"x": np.ascontiguousarray(planes)})[0]
        quads, scores = _post_process()(np.asarray(output), (height, width))
        return [
            (np.asarray(quad, np.float32), float(score))
            for quad, score in zip(quads, scores, strict=True)
        ]

    def recognise(self, strips: Sequence[Image]) -> list[list[Glyph]]:
        """Read upright strips, one line each."""
        glyphs: list[list[Glyph]] = []
        for strip in strips:
            height, width = strip.shape[:2]
            wide = int(np.clip(round(width * LINE_HEIGHT / max(height, 1)), 24, MAX_LINE_WIDTH))
            resized = cv2.resize(strip, (wide, LINE_HEIGHT), interpolation=cv2.INTER_LINEAR)
            padded = -(-max(wide, 64) // 32) * 32
            planes = np.zeros((1, 3, LINE_HEIGHT, padded), np.float32)
            planes[0, :, :, :wide] = (resized.astype(np.float32) / 127.5 - 1.0).transpose(2, 0, 1)
            output: Scores = self._recognition.run(None, {"x": planes})[0]
            glyphs.append(decode(self._alphabet.fold(output[0]), wide / padded))
        return glyphs


def _session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


@lru_cache(maxsize=1)
def _post_process() -> DBPostProcess:
    return DBPostProcess(
        thresh=0.3, box_thresh=0.5, max_candidates=200, unclip_ratio=1.6, use_dilation=True
    )


@lru_cache(maxsize=4)
def load_networks(threads: int) -> Networks:
    """Load the weights once a process (about 0.15 s)."""
    return Networks(threads)


def _strip(image: Image, quad: Quad) -> Image:
    """Cut a line out and set it upright."""
    width = max(np.linalg.norm(quad[1] - quad[0]), np.linalg.norm(quad[2] - quad[3]))
    height = max(np.linalg.norm(quad[3] - quad[0]), np.linalg.norm(quad[2] - quad[1]))
    wide, high = max(2, round(float(width))), max(2, round(float(height)))
    target = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    move = cv2.getPerspectiveTransform(quad, target)
    return cast(
        "Image",
        cv2.warpPerspective(image, move, (wide, high), borderMode=cv2.BORDER_REPLICATE),
    )


class RapidPlateReader:
    """Finds and reads plates by PP-OCRv6's text networks. Thread-safe."""

    def __init__(self, settings: ReaderSettings | None = None) -> None:
        self._settings = settings or ReaderSettings()
        self._networks = load_networks(self._settings.threads)

    def detect(self, image: Image) -> Sequence[PlateBox]:
        """See PlateDetector: text that cannot be a plate is left out."""
        return [sighting.plate for sighting in self.find_in_still(image)]

    def find(self, image: Image) -> Sequence[Sighting]:
        """See PlateReader: searched at two thirds where that leaves enough; read at full size."""
        reduced = max(image.shape[:2]) * 2 // 3
        return self._find(image, min(self._settings.still_side // 2, max(LIVE_SIDE, reduced)))

    def find_in_still(self, image: Image) -> Sequence[Sighting]:
        """See PlateReader: coarsely, then finer, then in tiles, until something is certain."""
        side, longest = self._settings.still_side, max(image.shape[:2])
        found = self._find(image, round(side * COARSE), side // 2)
        if _certain(found) or longest <= side * COARSE * ABOUT:
            return found
        for sighting in self._find(image, side):
            _add(found, sighting)
        if not _certain(found) and longest > side * ABOUT:
            for tile, x, y in _tiles(image):
                for sighting in self._find(tile, TILE):
                    _add(found, _moved(sighting, x, y))
        return sorted(found, key=lambda sighting: -sighting.plate.confidence)

    def read(self, crops: Sequence[Image]) -> Sequence[PlateText | None]:
        """See PlateOcr."""
        return [self._read_crop(crop) for crop in crops]

    def _find(self, image: Image, side: int, least: int = LEAST_SIDE) -> list[Sighting]:
        lines = self._lines(image, side, least)
        height, width = image.shape[:2]
        found = sightings(lines, (height, width), self._settings.profile)
        return [sighting for sighting in found if sighting.plate.confidence >= LEAST_SCORE]

    def _lines(self, image: Image, side: int, least: int = LEAST_SIDE) -> list[Line]:
        quads = self._networks.search(image, side, least)
        glyphs = self._networks.recognise([_strip(image, quad) for quad, _ in quads])
        return [
            Line(quad, score, tuple(seen))
            for (quad, score), seen in zip(quads, glyphs, strict=True)
        ]

    def _read_crop(self, crop: Image) -> PlateText | None:
        if min(crop.shape[:2]) < 4:
            return None
        profile = self._settings.profile
        edge = max(4, crop.shape[0] // 8)
        framed = cv2.copyMakeBorder(crop, edge, edge, edge, edge, cv2.BORDER_REPLICATE)
        lines = self._lines(cast("Image", framed), self._settings.crop_side)
        found = read_rows([line for line in lines if line.glyphs], profile)
        if crop.shape[1] < WIDE * crop.shape[0] and found is not None:
            return found
        (glyphs,) = self._networks.recognise([crop])
        whole = read_rows([Line(_whole(crop), 1.0, tuple(glyphs))], profile)
        options = [text for text in (found, whole) if text is not None]
        return max(options, key=lambda text: text.confidence, default=None)


def _certain(found: Sequence[Sighting]) -> bool:
    return any(sighting.plate.confidence >= ENOUGH for sighting in found)


def _whole(image: Image) -> Quad:
    height, width = image.shape[:2]
    return np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)


def _tiles(image: Image) -> list[tuple[Image, int, int]]:
    """Cut into overlapping tiles of TILE pixels, at most twelve (larger pictures are reduced)."""
    height, width = image.shape[:2]
    step = TILE - 160
    across = max(1, -(-(width - 160) // step))
    down = max(1, -(-(height - 160) // step))
    if across * down > 12:
        return []
    return [
        (image[y : y + TILE, x : x + TILE], x, y)
        for x in (min(column * step, max(0, width - TILE)) for column in range(across))
        for y in (min(row * step, max(0, height - TILE)) for row in range(down))
    ]


def _moved(sighting: Sighting, x: int, y: int) -> Sighting:
    box = sighting.plate.box
    moved = type(box)(box.x + x, box.y + y, box.w, box.h)
    return Sighting(PlateBox(moved, sighting.plate.confidence), sighting.text)


def _add(found: list[Sighting], new: Sighting) -> None:
    """Keep the surer of two sightings of one place."""
    for place, old in enumerate(found):
        a, b = old.plate.box, new.plate.box
        wide = min(a.x + a.w, b.x + b.w) - max(a.x, b.x)
        high = min(a.y + a.h, b.y + b.h) - max(a.y, b.y)
        if wide > 0 and high > 0 and wide * high > 0.3 * min(a.w * a.h, b.w * b.h):
            if new.plate.confidence > old.plate.confidence:
                found[place] = new
            return
    found.append(new)
