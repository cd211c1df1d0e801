"""What a reader sees: boxes, texts, and the one read a passing vehicle leaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from amaan.video.model import Image


@dataclass(frozen=True, slots=True)
class Box:
    """Pixels of the frame it came from: left, top, width, height."""

    x: int
    y: int
    w: int
    h: int


@dataclass(frozen=True, slots=True)
class PlateBox:
    """Where a plate may be. ``quad`` are its corners (clockwise from top left) where known."""

    box: Box
    confidence: float
    quad: tuple[tuple[float, float], ...] | None = None


@dataclass(frozen=True, slots=True)
class PlateText:
    """One reading of one crop.

    ``text`` is normalised ([A-Z0-9]) without province words and years, ``raw_text`` is what the
    recogniser said, line by line with a space between. ``characters`` holds, for each character
    of ``text``, its posterior in 0..1; adapters that know only a line's confidence repeat it.
    """

    text: str
    raw_text: str
    confidence: float
    characters: tuple[float, ...]


class Direction(StrEnum):
    """Movement in the picture, from the growth and drift of the plate's box."""

    APPROACHING = "approaching"
    RECEDING = "receding"
    LEFT = "left"
    RIGHT = "right"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PlateRead:
    """One vehicle passing one camera: the consensus of its frames.

    ``observed_at`` is the time of the best frame; ``decided_at`` the time of the frame that
    completed the consensus. ``uncertain`` marks a read with fewer than two agreeing frames where
    there were two, or below the confidence floor: kept, never matched without "verify".
    """

    text: str
    raw_text: str
    confidence: float
    characters: tuple[float, ...]
    box: Box
    frame_width: int
    frame_height: int
    direction: Direction
    observed_at: datetime
    decided_at: datetime
    first_seen_at: datetime
    last_seen_at: datetime
    frames: int
    agreeing: int
    uncertain: bool
    picture: Image
    crop: Image
    track: int


@dataclass(frozen=True, slots=True)
class Sighting:
    """A plate found and read in one picture."""

    plate: PlateBox
    text: PlateText
