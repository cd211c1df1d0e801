"""Pictures of a camera made worse, by seed: what judging is measured on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from amaan.video.judging.looks import Luma
from amaan.video.model import ConditionKind

Plane = NDArray[np.float32]
Chance = np.random.Generator
Memory = dict[str, Plane]
Change = Callable[[Plane, Chance, Memory], Plane]


def degraded(films: Sequence[Luma], change: Change, seed: int, after: int) -> list[Luma]:
    """Return a film whose pictures are changed from one on."""
    chance, memory = np.random.default_rng(seed), Memory()
    changed = [
        np.clip(change(np.asarray(one, np.float32), chance, memory), 0, 255).astype(np.uint8)
        for one in films[after:]
    ]
    return [*films[:after], *changed]


def _noisy(image: Plane, chance: Chance, strength: float = 2.0) -> Plane:
    return np.asarray(image + chance.normal(0, strength, image.shape), np.float32)


def _blurred(image: Plane, sigma: float) -> Plane:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.float32)


def _grain(shape: tuple[int, ...], size: tuple[int, int], chance: Chance) -> Plane:
    coarse = chance.random(size, dtype=np.float32)
    big = cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    return np.asarray(big, np.float32)


def _number(memory: Memory, name: str, value: float) -> float:
    return float(memory.setdefault(name, np.array([value], np.float32))[0])


def freeze(image: Plane, chance: Chance, memory: Memory) -> Plane:
    """The same picture again and again."""
    return memory.setdefault("first", image)


def cloth(image: Plane, chance: Chance, memory: Memory) -> Plane:
    """A woven cloth before the lens, out of focus."""
    if "cloth" not in memory:
        high, wide = image.shape
        folds = _blurred(_grain(image.shape, (high // 3, wide // 3), chance), 6.0)
        folds = (folds - folds.mean()) / folds.std()
        down, across = np.mgrid[:high, :wide]
        weave = np.sin(across / chance.uniform(4, 9)) + np.sin(down / chance.uniform(4, 9))
        shade = chance.uniform(70, 160) + folds * chance.uniform(6, 18)
        memory["cloth"] = np.asarray(shade + weave * chance.uniform(2, 8), np.float32)
    return _noisy(memory["cloth"], chance)


def hand(image: Plane, chance: Chance, memory: Memory) -> Plane:
    """A hand over most of the lens, dark in the middle and soft at the edge."""
    if "mask" not in memory:
        high, wide = image.shape
        down, across = np.mgrid[:high, :wide]
        x, y = chance.uniform(0.4, 0.6) * wide, chance.uniform(0.4, 0.6) * high
        far = ((across - x) / (wide * 0.62)) ** 2 + ((down - y) / (high * 0.62)) ** 2
        memory["mask"] = np.asarray(np.clip((1 - far) * 4, 0, 1), np.float32)
        memory["skin"] = 60 + 60 * _grain(image.shape, (9, 16), chance)
    mask = memory["mask"]
    return _noisy(image * (1 - mask) + memory["skin"] * mask, chance)


def paint(image: Plane, chance: Chance, memory: Memory) -> Plane:
    """Paint sprayed over six sevenths of the lens."""
    if "mask" not in memory:
        wide = image.shape[1]
        spray = _blurred(chance.random(image.shape, dtype=np.float32), wide / 18)
        wet = (spray > np.quantile(spray, 0.15)).astype(np.float32)
        memory["mask"] = _blurred(wet, wide / 60)
    mask, shade = memory["mask"], _number(memory, "shade", chance.uniform(40, 200))
    return _noisy(np.asarray(image * (1 - mask) + shade * mask, np.float32), chance)


def blur(image: Plane, chance: Chance, memory: Memory) -> Plane:
    """Out of focus."""
    sigma = _number(memory, "sigma", chance.uniform(0.005, 0.012))
    return _noisy(_blurred(image, sigma * image.shape[1]), chance, 1.0)


def _moved(image: Plane, matrix: NDArray[np.float64]) -> Plane:
    high, wide = image.shape
    edge = cv2.BORDER_REFLECT
    return np.asarray(cv2.warpAffine(image, matrix, (wide, high), borderMode=edge), np.float32)


def shift(image: Plane, chance: Chance, memory: Memory) -> Plane:
    """Turned aside by 6 to 25% of the width."""
    angle = _number(memory, "angle", chance.uniform(0, 2 * np.pi))
    far = _number(memory, "far", chance.uniform(0.06, 0.25)) * image.shape[1]
    x, y = far * np.cos(angle), 0.6 * far * np.sin(angle)
    return _moved(image, np.array([[1, 0, x], [0, 1, y]], np.float64))


def rotate(image: Plane, chance: Chance, memory: Memory) -> Plane:
    """Tilted by 6 to 20 degrees."""
    high, wide = image.shape
    angle = _number(memory, "angle", float(chance.choice((-1, 1))) * chance.uniform(6, 20))
    turned = cv2.getRotationMatrix2D((wide / 2, high / 2), angle, 1.1)
    return _moved(image, np.asarray(turned, np.float64))


def darken(image: Plane, chance: Chance, memory: Memory) -> Plane:
    """No lamp anywhere, or the lens closed."""
    gain = _number(memory, "gain", chance.uniform(0.02, 0.08))
    return _noisy(np.asarray(16 + (image - 16) * gain, np.float32), chance, 1.5)


def dazzle(image: Plane, chance: Chance, memory: Memory) -> Plane:
    """Overexposed."""
    gain = _number(memory, "gain", chance.uniform(4, 8))
    return _noisy(np.minimum(235, 120 + image * gain), chance, 1.0)


def night(image: Plane, chance: Chance, memory: Memory) -> Plane:
    """A night with street lamps; headlights come and go."""
    gain = _number(memory, "gain", chance.uniform(0.22, 0.35))
    seen = _noisy(np.asarray(16 + (image - 16) * gain, np.float32), chance, 3.0)
    high, wide = image.shape
    lights = np.zeros_like(seen)
    for _ in range(int(chance.integers(2, 7))):
        x = int(chance.integers(wide // 8, 7 * wide // 8))
        y = int(chance.integers(high // 3, high - 10))
        cv2.circle(lights, (x, y), int(wide * 0.012), (255.0,), -1)
    return seen + 1.2 * _blurred(lights, wide * 0.015)


def rain(image: Plane, chance: Chance, memory: Memory) -> Plane:
    """Streaks and haze."""
    high, wide = image.shape
    seen = image * 0.85 + 20
    for _ in range(int(chance.integers(150, 300))):
        x, y = int(chance.integers(0, wide)), int(chance.integers(0, high))
        light = float(min(255, seen[y, x] + 40))
        cv2.line(seen, (x, y), (x + 3, y + int(high * 0.05)), (light,), 1)
    return _noisy(seen, chance, 3.0)


def clouds(image: Plane, chance: Chance, memory: Memory) -> Plane:
    """Sun and clouds by turns."""
    count = memory.setdefault("count", np.zeros(1, np.float32))
    count += 1
    return np.asarray(image * (0.75 + 0.35 * np.sin(float(count[0]) / 2)), np.float32)


def still(image: Plane, chance: Chance, memory: Memory) -> Plane:
    """A night in which nothing moves: only the sensor's noise differs."""
    return _noisy(16 + (memory.setdefault("first", image) - 16) * 0.3, chance, 1.2)


def lorry(image: Plane, chance: Chance, memory: Memory) -> Plane:
    """A lorry that stands before a quarter of the picture."""
    high, wide = image.shape
    seen = image.copy()
    third = wide // 3
    seen[high // 4 :, third : 2 * third] = 90 + 20 * np.sin(np.arange(third) / 9)
    return _noisy(seen, chance)


def plain(image: Plane, chance: Chance, memory: Memory) -> Plane:
    """The clip as it is."""
    return image


BAD: Final[Mapping[Change, ConditionKind]] = {
    freeze: ConditionKind.FROZEN,
    cloth: ConditionKind.COVERED,
    hand: ConditionKind.COVERED,
    paint: ConditionKind.COVERED,
    blur: ConditionKind.BLURRED,
    shift: ConditionKind.MOVED,
    rotate: ConditionKind.MOVED,
    darken: ConditionKind.DARK,
    dazzle: ConditionKind.BRIGHT,
}
GOOD: Final[Sequence[Change]] = (plain, night, rain, clouds, still, lorry)
