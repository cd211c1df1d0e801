"""The seam: any detector and any reader that keep these promises can stand behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from amaan.video.model import Image
from amaan.vision.model import PlateBox, PlateText, Sighting


class PlateDetector(Protocol):
    """Finds plates in a whole frame or a part of one."""

    def detect(self, image: Image) -> Sequence[PlateBox]:
        """Return boxes in the pixels of ``image``, best first; empty when there is none."""
        ...


class PlateOcr(Protocol):
    """Reads crops."""

    def read(self, crops: Sequence[Image]) -> Sequence[PlateText | None]:
        """Return one answer a crop, in order; None where the crop is not a plate."""
        ...


class PlateReader(PlateDetector, PlateOcr, Protocol):
    """Both in one, for adapters that find and read in a single pass.

    ``vision.plates.composed.ComposedReader`` makes one from any detector and any OCR.
    """

    def find(self, image: Image) -> Sequence[Sighting]:
        """Return the plates of a frame or a part of one, in its pixels, best first."""
        ...

    def find_in_still(self, image: Image) -> Sequence[Sighting]:
        """The same for a whole photograph: slower, down to small and distant plates."""
        ...
