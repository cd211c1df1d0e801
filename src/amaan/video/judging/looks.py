"""What is measured of one picture, on its luma alone. About 3 ms for 1920 x 1080."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Luma = NDArray[np.uint8]
"""Height x width, as coded: black is 16 or 0, white 235 or 255."""
Small = NDArray[np.float32]
"""SMALL high and wide, smoothed a little: a camera that trembles by a pixel is not another one."""

WIDE, HIGH = 160, 90
BLOCK = 10
_FINE_WIDE = 480
_SAMPLE_WIDE = 480
_SMOOTH = 0.8
_EDGES_LEAST = 0.005
FLAT_STD = 3.0  # below: sensor noise and coding, no structure (averaged to 160 x 90 both are < 1)
BLACK, WHITE = 26.0, 230.0  # a block beyond them shows nothing to compare: 16 and 235 with a margin
_CHANGED = 1  # levels by which a sample differs when it was coded anew


@dataclass(frozen=True, slots=True)
class Look:
    """``sample``: every nth pixel, never averaged: it keeps the sensor's noise.

    ``sharpness``: how much of the structure is fine: Laplacian to gradient, of the strongest
    edges. None where there are hardly any. ``detail``: how steep those edges are, levels a pixel.
    """

    at_s: float
    small: Small
    sample: Luma
    mean: float
    dark_end: float
    bright_end: float
    burnt: float
    sharpness: float | None
    detail: float


@dataclass(frozen=True, slots=True)
class Likeness:
    """A look against a reference. ``comparable``: blocks that could be compared.

    ``kept``: share of the reference's structure that is where it was. ``strange``: share of all
    blocks with a structure that the reference has not there. ``structured``: blocks with any.
    """

    comparable: int
    kept: float
    strange: float
    structured: int
    had_structure: int


@dataclass(frozen=True, slots=True)
class Displacement:
    """The shift that explains a look best: ``share`` of the width; scores are correlations."""

    share: float
    score: float
    unmoved: float


def look_at(luma: Luma, at_s: float) -> Look:
    """Measure a picture."""
    high, wide = luma.shape
    step = max(1, wide // _SAMPLE_WIDE)
    sample = np.ascontiguousarray(luma[::step, ::step])
    fine_high = max(2, round(high * _FINE_WIDE / wide))
    fine = np.asarray(
        cv2.resize(luma, (_FINE_WIDE, fine_high), interpolation=cv2.INTER_AREA), np.uint8
    )
    small = cv2.resize(fine, (WIDE, HIGH), interpolation=cv2.INTER_AREA).astype(np.float32)
    ends = np.searchsorted(_shares(sample), (0.02, 0.98))
    sharpness, detail = _edges_of(fine)
    return Look(
        at_s=at_s,
        small=np.asarray(cv2.GaussianBlur(small, (0, 0), _SMOOTH), np.float32),
        sample=sample,
        mean=float(small.mean()),
        dark_end=float(ends[0]),
        bright_end=float(ends[1]),
        burnt=float((sample >= 234).mean()),
        sharpness=sharpness,
        detail=detail,
    )


def _shares(sample: Luma) -> NDArray[np.float64]:
    """Return which share of the samples is at most as bright as each of the 256 levels."""
    return np.cumsum(np.bincount(sample.ravel(), minlength=256)) / sample.size


def _edges_of(fine: Luma) -> tuple[float | None, float]:
    """Return sharpness and detail.

    Of a step edge the ratio of bend to slope tells its width, whatever its contrast; a sensor's
    noise is below the cut.
    """
    plain = cv2.GaussianBlur(fine, (0, 0), 0.7)
    across = cv2.Sobel(plain, cv2.CV_32F, 1, 0, ksize=3, scale=0.125)
    down = cv2.Sobel(plain, cv2.CV_32F, 0, 1, ksize=3, scale=0.125)
    steep = cv2.magnitude(across, down)
    tenth = steep.size // 10
    detail = float(np.partition(steep[::2, ::2].ravel(), -tenth // 4)[-tenth // 4])
    edges = steep >= max(2.0, detail)
    if edges.mean() < _EDGES_LEAST:
        return None, detail
    bend = cv2.Laplacian(plain, cv2.CV_32F, ksize=1)
    return float(np.abs(bend[edges]).mean() / steep[edges].mean()), detail


def _blocks(small: Small) -> NDArray[np.float32]:
    tiles = small.reshape(HIGH // BLOCK, BLOCK, WIDE // BLOCK, BLOCK).swapaxes(1, 2)
    return tiles.reshape(-1, BLOCK * BLOCK)


def likeness(look: Look, reference: Small) -> Likeness:
    """Compare block by block; brightness and contrast of a block do not matter."""
    now, before = _blocks(look.small), _blocks(reference)
    level = now.mean(axis=1)
    legible = (level > BLACK) & (level < WHITE)
    spread_now, spread_before = now.std(axis=1), before.std(axis=1)
    a = now - now.mean(axis=1, keepdims=True)
    b = before - before.mean(axis=1, keepdims=True)
    alike = (a * b).mean(axis=1) / np.maximum(spread_now * spread_before, 1e-3)
    had = (spread_before > FLAT_STD) & legible
    has = (spread_now > FLAT_STD) & legible
    count = int(had.sum())
    return Likeness(
        comparable=int(legible.sum()),
        kept=float((alike[had] > 0.5).mean()) if count else 1.0,
        strange=float((has & (alike < 0.5)).mean()),
        structured=int(has.sum()),
        had_structure=count,
    )


def displacement(look: Look, reference: Small) -> Displacement:
    """Find the reference's middle in the look, up to a fifth of the picture away."""
    now, before = _edges(look.small), _edges(reference)
    top, side = HIGH // 5, WIDE // 5
    middle = before[top : HIGH - top, side : WIDE - side]
    scores = cv2.matchTemplate(now, middle, cv2.TM_CCOEFF_NORMED)
    _, best, _, (x, y) = cv2.minMaxLoc(scores)
    share = float(np.hypot(x - side, y - top)) / WIDE
    return Displacement(share, float(best), float(scores[top, side]))


def _edges(small: Small) -> Small:
    across = cv2.Sobel(small, cv2.CV_32F, 1, 0, ksize=3)
    down = cv2.Sobel(small, cv2.CV_32F, 0, 1, ksize=3)
    return np.asarray(np.minimum(np.hypot(across, down), 80.0), np.float32)


def unchanged(look: Look, before: Look) -> float:
    """Return which share of the picture was not coded anew, in blocks of 16 samples.

    1.0 is the same picture. A clock that the camera writes into a picture that stands still
    takes some blocks; a sensor's noise takes all, however dark and still the scene.
    """
    if look.sample.shape != before.sample.shape:
        return 0.0
    differs = cv2.absdiff(look.sample, before.sample) > _CHANGED
    high, wide = (side // 16 * 16 for side in differs.shape)
    tiles = differs[:high, :wide].reshape(high // 16, 16, wide // 16, 16).any(axis=(1, 3))
    return float(1.0 - tiles.mean())
