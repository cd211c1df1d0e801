"""From a camera's frames to reads: one vehicle passing is one read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import cv2
import numpy as np

from amaan.video.model import Frame, Image
from amaan.vision.attention import Attention
from amaan.vision.consensus import Consensus
from amaan.vision.model import Box, PlateRead, Sighting
from amaan.vision.motion import MARGIN, MotionGate, overlap, union
from amaan.vision.plates.factory import build_reader
from amaan.vision.ports import PlateReader
from amaan.vision.settings import PipelineSettings
from amaan.vision.tracking import Track, Tracker, centre, fragment_of, misread_of

CROP_MARGIN = 0.15
SHARP = 150.0  # variance of the Laplacian at which a plate of 32 pixels counts as half sharp
FRAGMENT_S = 3.0  # one line of a two-line plate, read apart as the vehicle comes near
SURER = 0.04  # confidence by which a second answer must beat the first to be told as well
SHORT = 5  # characters; shorter plates exist, but so do house numbers
LEAST_PLATE = 40  # pixels of width; below, seven characters have less than six pixels each
FULL_HEIGHT = 24.0  # pixels of plate height beyond which size adds nothing


@dataclass(slots=True)
class _Passed:
    """A plate already announced at this camera."""

    text: str
    confidence: float
    box: Box
    last_seen_at: datetime


class PlatePipeline:
    """One camera's pipeline. Not thread-safe; the reader behind it may be shared."""

    def __init__(
        self, reader: PlateReader | None = None, settings: PipelineSettings | None = None
    ) -> None:
        self._reader = reader or build_reader()
        self._settings = settings or PipelineSettings()
        self._frame_number = 0
        self._last_at: datetime | None = None
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._gate = MotionGate()
        self._tracker = Tracker()
        self._passed: list[_Passed] = []
        self._attention = Attention()

    def process(self, frame: Frame) -> list[PlateRead]:
        """Look at one frame; return the reads it completes.

        A frame older than the last one means that the clock was set back: what was in sight is
        decided, and the camera is looked at as if for the first time.
        """
        at = frame.observed_at
        decided: list[PlateRead] = []
        if self._last_at is not None and at < self._last_at:
            decided = self.finish()
            self._begin_anew()
        self._last_at = at
        self._frame_number += 1
        found = self._look(frame)
        for track, sighting in self._tracker.associate(found, at):
            quality = _quality(frame.image, sighting)
            track.see(sighting, at, frame.image, quality)
            if track.decided:
                self._remember(track)
                self._attention.read(track.box, at)
            elif self._is_firm(track, at) and (read := self._decide(track, at)):
                decided.append(read)
        for track in self._tracker.end_lost(at, self._settings.lost_s):
            if not track.decided and (read := self._decide(track, at)):
                decided.append(read)
        self._forget(at)
        return decided

    def finish(self) -> list[PlateRead]:
        """Decide all that is in sight; no frame follows."""
        if self._last_at is None:
            return []
        ended = self._tracker.end_lost(self._last_at, -1.0)
        reads = [self._decide(track, self._last_at) for track in ended if not track.decided]
        return [read for read in reads if read is not None]

    def _look(self, frame: Frame) -> list[Sighting]:
        """Search where known plates should be, and what else moves and is due."""
        at = frame.observed_at
        height, width = frame.image.shape[:2]
        regions = self._gate.regions(frame.image)
        moving = [region for region in regions if _could_show_plate(region, width)]
        windows = [
            _window(track, at, width, height) for track in self._tracker.tracks if not track.decided
        ]
        fresh = [region for region in moving if not _mostly_covered(region, windows)]
        fresh = self._attention.due(fresh, at)
        found: list[Sighting] = []
        for region in _separate([*windows, *fresh]):
            part = frame.image[region.y : region.y + region.h, region.x : region.x + region.w]
            seen = self._reader.find(np.ascontiguousarray(part))
            legible = [sighting for sighting in seen if sighting.plate.box.w >= LEAST_PLATE]
            if not legible:
                self._attention.empty(region, at)
            found.extend(_shifted(sighting, region) for sighting in legible)
        return found

    def _is_firm(self, track: Track, at: datetime) -> bool:
        """Enough frames say exactly the same, or most do and patience is over."""
        if len(track.readings) < 2:
            return False
        vote = track.consensus()
        settings = self._settings
        if vote.confidence < settings.firm_confidence:
            return False
        exact = sum(reading.text == vote.text for reading in track.readings)
        if exact >= settings.firm_frames:
            return True
        waited = at - track.first_seen_at >= timedelta(seconds=settings.patience_s)
        return waited and exact >= max(2, (vote.frames + 1) // 2)

    def _decide(self, track: Track, at: datetime) -> PlateRead | None:
        """Announce the track's consensus, unless it is a passing already announced."""
        vote = track.consensus()
        if not vote.text or track.best_image is None or track.best_box is None:
            return None
        if vote.agreeing < 2 and vote.confidence < self._settings.least_alone:
            return None
        track.decided, track.confidence = vote.text, vote.confidence
        self._attention.read(track.box, at)
        if self._already_passed(track, vote.confidence):
            self._remember(track)
            track.forget_picture()
            return None
        uncertain = _is_uncertain(vote, self._settings)
        image, best_at = track.best_image, track.best_at or at
        read = PlateRead(
            text=vote.text,
            raw_text=track.best_raw,
            confidence=round(vote.confidence, 4),
            characters=tuple(round(value, 4) for value in vote.characters),
            box=track.best_box,
            frame_width=image.shape[1],
            frame_height=image.shape[0],
            direction=track.direction(),
            observed_at=best_at,
            decided_at=at,
            first_seen_at=track.first_seen_at,
            last_seen_at=track.last_seen_at,
            frames=vote.frames,
            agreeing=vote.agreeing,
            uncertain=uncertain,
            picture=image,
            crop=_crop(image, track.best_box),
            track=track.number,
        )
        self._remember(track)
        track.forget_picture()
        return read

    def _already_passed(self, track: Track, confidence: float) -> bool:
        """Tell whether this is a vehicle announced before; a surer, other text is told again."""
        for passed in self._passed:
            gone_s = (track.first_seen_at - passed.last_seen_at).total_seconds()
            if gone_s <= FRAGMENT_S and fragment_of(track.decided, passed.text):
                return True
            if not misread_of(passed.text, track.decided):
                continue
            if passed.text != track.decided and confidence > passed.confidence + SURER:
                continue
            if gone_s <= self._settings.same_passing_s:
                return True
            a, b = passed.box, track.first_box
            here = overlap(a, b) > 0.3 * min(a.w * a.h, b.w * b.h)
            if here and gone_s <= self._settings.parked_s:
                return True
        return False

    def _remember(self, track: Track) -> None:
        for passed in self._passed:
            if passed.text == track.decided:
                passed.box, passed.last_seen_at = track.box, track.last_seen_at
                return
        self._passed.append(_Passed(track.decided, track.confidence, track.box, track.last_seen_at))

    def _forget(self, at: datetime) -> None:
        if len(self._passed) > 64 or self._frame_number % 100 == 0:
            oldest = at - timedelta(seconds=self._settings.parked_s)
            self._passed = [p for p in self._passed if p.last_seen_at > oldest][-64:]


def _is_uncertain(vote: Consensus, settings: PipelineSettings) -> bool:
    """Two frames must agree where there are two; one alone must be sure and of a plate's length."""
    if vote.frames < 2:
        return vote.confidence < settings.sure_alone or len(vote.text) < SHORT
    return vote.agreeing < 2 or vote.confidence < settings.floor


def _window(track: Track, at: datetime, width: int, height: int) -> Box:
    """Where to look for a known plate: two widths around where it should be, more if it is fast."""
    x, y = track.expected(at)
    px, py = centre(track.box)
    reach_x = 1.6 * track.box.w + 0.5 * abs(x - px)
    reach_y = max(1.2 * track.box.w, 2.0 * track.box.h) + 0.5 * abs(y - py)
    left, top = max(0, round(x - reach_x)), max(0, round(y - reach_y))
    right, bottom = min(width, round(x + reach_x)), min(height, round(y + reach_y))
    if right - left < 16 or bottom - top < 16:  # it is leaving the picture
        return Box(max(0, min(left, width - 16)), max(0, min(top, height - 16)), 16, 16)
    return Box(left, top, right - left, bottom - top)


def _could_show_plate(region: Box, width: int) -> bool:
    """Tell whether what moves is as wide as two of the smallest legible plates: a bike is."""
    net = region.w - 2 * round(MARGIN * width)
    at_edge = region.x == 0 or region.x + region.w == width
    return net >= 2 * LEAST_PLATE or (at_edge and region.w >= 2 * LEAST_PLATE)


def _mostly_covered(region: Box, covers: list[Box]) -> bool:
    """Tell whether a moving region is the vehicle of a plate that is looked for already."""
    for cover in covers:
        x, y = centre(cover)
        inside = region.x <= x <= region.x + region.w and region.y <= y <= region.y + region.h
        if inside and region.w <= 9 * cover.w:
            return True
        if overlap(region, cover) > 0.5 * region.w * region.h:
            return True
    return False


def _separate(regions: list[Box]) -> list[Box]:
    """Merge regions that share half of the smaller one, so that no plate is seen twice."""
    merged: list[Box] = []
    for region in regions:
        for place, other in enumerate(merged):
            if overlap(region, other) * 2 > min(region.w * region.h, other.w * other.h):
                merged[place] = union(region, other)
                break
        else:
            merged.append(region)
    return merged


def _shifted(sighting: Sighting, region: Box) -> Sighting:
    plate = sighting.plate
    box = Box(plate.box.x + region.x, plate.box.y + region.y, plate.box.w, plate.box.h)
    return Sighting(type(plate)(box, plate.confidence), sighting.text)


def _crop(image: Image, box: Box) -> Image:
    margin = round(CROP_MARGIN * box.h)
    top, left = max(0, box.y - margin), max(0, box.x - margin)
    return np.ascontiguousarray(image[top : box.y + box.h + margin, left : box.x + box.w + margin])


def _quality(image: Image, sighting: Sighting) -> float:
    """How much a frame's reading is worth, 0..1: sure, sharp and large."""
    box = sighting.plate.box
    crop = image[box.y : box.y + box.h, box.x : box.x + box.w]
    if crop.size == 0:
        return 0.0
    wide = max(8, round(crop.shape[1] * 32 / crop.shape[0]))
    grey = cv2.cvtColor(cv2.resize(crop, (wide, 32)), cv2.COLOR_BGR2GRAY)
    sharp = float(cv2.Laplacian(grey, cv2.CV_64F).var())
    size = min(1.0, box.h / FULL_HEIGHT)
    return sighting.text.confidence * size * sharp / (sharp + SHARP)
