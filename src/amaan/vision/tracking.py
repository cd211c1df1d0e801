"""Which sightings are the same vehicle: nearness to where it was heading, size, and its text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from amaan.video.model import Image
from amaan.vision.consensus import Consensus, Reading, agree, edit_distance
from amaan.vision.model import Box, Direction, Sighting
from amaan.vision.plates.grammar import confusable

NEAR = 2.0  # plate widths between expected and seen centre
NEAR_SAME_TEXT = 6.0  # the same, where the text agrees: slow cameras, fast vehicles
LARGEST_GROWTH = 2.5
MOST_READINGS = 40
NEARING = 0.18  # logarithm of growth that alone tells an approaching vehicle
DRIFTED = 0.6  # plate widths sideways


@dataclass(slots=True)
class Track:
    """One vehicle in sight. Times are the frames' own."""

    number: int
    first_seen_at: datetime
    last_seen_at: datetime
    box: Box
    first_box: Box
    velocity: tuple[float, float] = (0.0, 0.0)  # pixels a second of the plate's centre
    readings: list[Reading] = field(default_factory=list)
    best_quality: float = -1.0
    best_box: Box | None = None
    best_raw: str = ""
    best_at: datetime | None = None
    best_image: Image | None = None
    decided: str = ""  # the text already announced; the track is mute from then on
    confidence: float = 0.0  # of that text

    def expected(self, at: datetime) -> tuple[float, float]:
        """Where its centre should be by now; looks ahead one second at most."""
        x, y = centre(self.box)
        ahead = min(1.0, (at - self.last_seen_at).total_seconds())
        return x + self.velocity[0] * ahead, y + self.velocity[1] * ahead

    def see(self, sighting: Sighting, at: datetime, image: Image, quality: float) -> None:
        """Add a sighting; keeps the best picture until the track is decided."""
        elapsed = (at - self.last_seen_at).total_seconds()
        if elapsed > 0:
            (x0, y0), (x1, y1) = centre(self.box), centre(sighting.plate.box)
            seen = ((x1 - x0) / elapsed, (y1 - y0) / elapsed)
            old = 0.3 if self.readings else 0.0
            self.velocity = (
                old * self.velocity[0] + (1 - old) * seen[0],
                old * self.velocity[1] + (1 - old) * seen[1],
            )
        self.box, self.last_seen_at = sighting.plate.box, at
        if self.decided:
            return
        text = sighting.text
        self.readings.append(Reading(text.text, text.characters, max(quality, 1e-3)))
        if len(self.readings) > MOST_READINGS:
            self.readings.remove(min(self.readings, key=lambda reading: reading.weight))
        if quality > self.best_quality:
            self.best_quality, self.best_box, self.best_at = quality, sighting.plate.box, at
            self.best_image, self.best_raw = image, text.raw_text

    def consensus(self) -> Consensus:
        """The vote so far."""
        return agree(self.readings)

    def direction(self) -> Direction:
        """How the plate moved in the picture: growing and sinking is approaching."""
        (x0, y0), (x1, y1) = centre(self.first_box), centre(self.box)
        growth = math.log(max(1, self.box.h) / max(1, self.first_box.h))
        nearing = growth / NEARING + 0.5 * (y1 - y0) / max(1, self.first_box.h)
        drift = (x1 - x0) / max(1, self.first_box.w)
        if abs(nearing) >= max(1.0, abs(drift)):
            return Direction.APPROACHING if nearing > 0 else Direction.RECEDING
        if abs(drift) > DRIFTED:
            return Direction.RIGHT if drift > 0 else Direction.LEFT
        return Direction.UNKNOWN

    def forget_picture(self) -> None:
        """Free the frame once the read is out."""
        self.best_image = None


def centre(box: Box) -> tuple[float, float]:
    """Return the middle of a box, in pixels."""
    return box.x + box.w / 2, box.y + box.h / 2


def same_text(a: str, b: str) -> bool:
    """Tell whether two readings may be one plate: a quarter of the characters may differ."""
    return edit_distance(a, b, 2) <= max(1, max(len(a), len(b)) // 4)


def misread_of(a: str, b: str) -> bool:
    """Tell whether two texts may be readings of one plate, as apart from two plates alike.

    Same length: only characters that readers confuse differ, a quarter at most. Else one character
    was lost. GP-1234 and GP-1235, one behind the other, are two vehicles.
    """
    if len(a) != len(b):
        return edit_distance(a, b, 1) <= 1
    different = [(x, y) for x, y in zip(a, b, strict=True) if x != y]
    return len(different) <= max(1, len(a) // 4) and all(confusable(x, y) for x, y in different)


def fragment_of(part: str, whole: str) -> bool:
    """Tell whether a shorter reading is a piece of a plate: one of its lines, perhaps with a year.

    One character of a piece of four or more may differ.
    """
    if not 3 <= len(part) < len(whole):
        return False
    if part[:3] == whole[:3] and part[:3].isalpha():
        return True
    most = 1 if len(part) > 3 else 0
    pieces = (whole[at : at + len(part)] for at in range(len(whole) - len(part) + 1))
    return any(edit_distance(part, piece, most) <= most for piece in pieces)


class Tracker:
    """One camera's vehicles in sight."""

    def __init__(self) -> None:
        self.tracks: list[Track] = []
        self._next = 1

    def associate(
        self, sightings: Sequence[Sighting], at: datetime
    ) -> list[tuple[Track, Sighting]]:
        """Give each sighting its track, a new one where none fits; each track takes one at most."""
        pairs = sorted(
            (
                (cost, track_place, sighting_place)
                for track_place, track in enumerate(self.tracks)
                for sighting_place, sighting in enumerate(sightings)
                if (cost := _cost(track, sighting, at)) is not None
            ),
        )
        taken_tracks: set[int] = set()
        placed: dict[int, Track] = {}
        for _, track_place, sighting_place in pairs:
            if track_place not in taken_tracks and sighting_place not in placed:
                taken_tracks.add(track_place)
                placed[sighting_place] = self.tracks[track_place]
        return [
            (placed.get(place) or self._begin(sighting, at), sighting)
            for place, sighting in enumerate(sightings)
        ]

    def _begin(self, sighting: Sighting, at: datetime) -> Track:
        box = sighting.plate.box
        track = Track(self._next, at, at, box, box)
        self._next += 1
        self.tracks.append(track)
        return track

    def end_lost(self, at: datetime, lost_s: float) -> list[Track]:
        """Take out and return the tracks not seen for ``lost_s`` (all when it is negative)."""
        lost = [t for t in self.tracks if (at - t.last_seen_at).total_seconds() > lost_s]
        self.tracks = [track for track in self.tracks if not any(track is gone for gone in lost)]
        return lost


def _known_text(track: Track) -> str:
    return track.decided or (track.readings[-1].text if track.readings else "")


def _cost(track: Track, sighting: Sighting, at: datetime) -> float | None:
    box = sighting.plate.box
    growth = box.h / max(1, track.box.h)
    if not 1 / LARGEST_GROWTH <= growth <= LARGEST_GROWTH:
        return None
    x, y = track.expected(at)
    cx, cy = centre(box)
    widths = math.hypot(cx - x, cy - y) / max(track.box.w, box.w, 1)
    known = _known_text(track)
    alike = bool(known) and same_text(known, sighting.text.text)
    if track.decided and alike and not misread_of(known, sighting.text.text):
        return None  # a plate alike, behind the one already told
    if widths > (NEAR_SAME_TEXT if alike else NEAR):
        return None
    if not alike and edit_distance(known, sighting.text.text) >= max(3, len(known) - 2):
        return None  # another plate altogether, however near
    return widths + (0.0 if alike else 3.0) + abs(math.log(growth))
