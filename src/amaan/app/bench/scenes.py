"""Scenes that judging was not tuned on: real photographs that live, drawn streets, test pictures.

No threshold was or may be set by them (``amaan.video.judging.rules``): what the judge makes of
them says how it fares with cameras that nobody has seen yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import av
import cv2
import numpy as np

from amaan.simulation.street.light import Light
from amaan.simulation.street.render import LoopPlan, draw_frame
from amaan.simulation.street.scenes import draw_scene
from amaan.simulation.street.traffic import plan
from amaan.video.judging.looks import Luma

WIDE = 640
PICTURES, STEP_S = 17, 2.0
LOOP_S = 32
PHOTOGRAPHS: Final = "dlstreamer-test-images"
# car_detection.png there, and opendatacam/webcam.jpg, show scenes that were tuned on.
OF_THEM: Final = (
    "car_1.png",
    "car_2.jpg",
    "dog_bike_car.jpg",
    "pedestrians.jpg",
    "people_detection.png",
)
TEST_PICTURES: Final = {
    "test chart": "testsrc2=size=640x360:rate=1/2",
    "fractal": "mandelbrot=size=640x360:rate=1:start_scale=0.6",
}


def held_out(folder: Path) -> Iterator[tuple[str, list[Luma]]]:
    """Yield scenes by name; the photographs as far as they are there."""
    for name in OF_THEM:
        path = folder / PHOTOGRAPHS / name
        if path.exists():
            photograph = np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), np.uint8)
            yield path.stem, living(_sized(photograph), len(name))
    for light in Light:
        yield f"street by {light}", street(light)
    chart, fractal = TEST_PICTURES.values()
    yield "test chart", [grainy(one, seed) for seed, one in enumerate(generated(chart, PICTURES))]
    yield "fractal", living(generated(fractal, 1)[0], 7)


def living(still: Luma, seed: int) -> list[Luma]:
    """Return a film of one picture: a sensor's noise, light that sways, and somebody passing."""
    chance = np.random.default_rng(seed)
    high, wide = still.shape
    across, tall = wide // 9, high // 3
    film = []
    for number in range(PICTURES):
        gain = 1.0 + 0.06 * np.sin(number / 3)
        picture = np.asarray(still, np.float32) * np.float32(gain)
        left = int((number / PICTURES) * 1.3 * wide) - across
        clothes = picture[high - tall :, max(0, left) : max(0, left + across)]
        clothes *= 0.3
        clothes += chance.uniform(20, 90)
        picture += chance.normal(0, 2.0, picture.shape).astype(np.float32)
        film.append(np.clip(picture, 0, 255).astype(np.uint8))
    return film


def grainy(picture: Luma, seed: int) -> Luma:
    """Return a picture with a sensor's noise."""
    noise = np.random.default_rng(seed).normal(0, 1.5, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def street(light: Light) -> list[Luma]:
    """Return a drawn street with its traffic; none that the demo shows."""
    loop = LoopPlan(f"held out {light}", light, LOOP_S, plan(f"held out {light}", LOOP_S, 5))
    scene = draw_scene(loop.seed, light)
    film = []
    for number in range(PICTURES):
        picture = cv2.cvtColor(
            draw_frame(scene, loop, number * STEP_S % LOOP_S), cv2.COLOR_BGR2GRAY
        )
        film.append(grainy(_sized(np.asarray(picture, np.uint8)), number))
    return film


def generated(source: str, count: int) -> list[Luma]:
    """Return the first pictures of one of libav's sources."""
    with av.open(source, format="lavfi") as container:
        found = []
        for frame in container.decode(video=0):
            found.append(np.asarray(frame.to_ndarray(format="gray"), np.uint8))
            if len(found) == count:
                break
    return found


def _sized(picture: Luma) -> Luma:
    high, wide = picture.shape
    size = (WIDE, round(high * WIDE / wide / 2) * 2)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
