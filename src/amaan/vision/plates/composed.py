"""One reader from two parts: any detector and any OCR."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from amaan.video.model import Image
from amaan.vision.model import PlateBox, PlateText, Sighting
from amaan.vision.ports import PlateDetector, PlateOcr


class ComposedReader:
    """Reads what the detector finds. As thread-safe as its parts."""

    def __init__(
        self, detector: PlateDetector, ocr: PlateOcr, still_detector: PlateDetector | None = None
    ) -> None:
        """``still_detector`` may be slower and finer; without it photographs get the usual one."""
        self._detector = detector
        self._still_detector = still_detector or detector
        self._ocr = ocr

    def detect(self, image: Image) -> Sequence[PlateBox]:
        """See PlateDetector."""
        return self._detector.detect(image)

    def read(self, crops: Sequence[Image]) -> Sequence[PlateText | None]:
        """See PlateOcr."""
        return self._ocr.read(crops)

    def find(self, image: Image) -> Sequence[Sighting]:
        """See PlateReader: boxes that the OCR calls no plate are left out."""
        return self._read_all(image, self._detector.detect(image))

    def find_in_still(self, image: Image) -> Sequence[Sighting]:
        """See PlateReader."""
        return self._read_all(image, self._still_detector.detect(image))

    def _read_all(self, image: Image, found: Sequence[PlateBox]) -> list[Sighting]:
        texts = self._ocr.read([_cut(image, plate) for plate in found])
        return [
            Sighting(plate, text)
            for plate, text in zip(found, texts, strict=True)
            if text is not None
        ]


def _cut(image: Image, plate: PlateBox) -> Image:
    box = plate.box
    top, left = max(0, box.y), max(0, box.x)
    return np.ascontiguousarray(image[top : max(0, box.y + box.h), left : max(0, box.x + box.w)])
