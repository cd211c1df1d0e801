"""Renders loops of traffic as H.264, once: what is in the cache is not drawn again."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from amaan.simulation.street.light import FOCAL, HEIGHT, WIDTH, Light
from amaan.simulation.street.scenes import Scene, brighten_plate, draw_scene, lay_vehicle
from amaan.simulation.street.traffic import Passing
from amaan.video.model import Image

FPS = 8
PARENT_WATCH_S = 1.0
NOISE = 1.2  # standard deviation, of 255: what is left of a sensor's by day
DRAWING = 5  # counts up with every change of how things look, so that caches go stale


@dataclass(frozen=True, slots=True)
class LoopPlan:
    """Everything a loop is made from."""

    seed: str
    light: Light
    seconds: int
    passings: tuple[Passing, ...]

    @property
    def file_name(self) -> str:
        """Return a name that changes whenever the film would."""
        digest = hashlib.sha256(f"{DRAWING} {FPS} {self!r}".encode()).hexdigest()
        return f"{digest[:24]}.mp4"


def draw_frames(plan: LoopPlan) -> Iterator[Image]:
    """Yield the loop's BGR pictures; a street without traffic is the same object each time."""
    scene = draw_scene(plan.seed, plan.light)
    for number in range(plan.seconds * FPS):
        yield draw_frame(scene, plan, number / FPS)


def draw_frame(scene: Scene, plan: LoopPlan, at_s: float) -> Image:
    """Return the picture at a time in the loop."""
    there = []
    for passing in plan.passings:
        for shifted in (at_s - plan.seconds, at_s, at_s + plan.seconds):
            place = passing.place(shifted)
            if place is not None:
                there.append((place[1], place[0], passing.vehicle))
    if not there:
        return scene.image
    image = scene.image.copy()
    for distance, x, vehicle in sorted(there, key=lambda item: -item[0]):
        where = (x, FOCAL / distance)
        lay_vehicle(image, scene, vehicle, where)
        brighten_plate(image, scene, vehicle, where)
    return image


def _noise(seed: str) -> NDArray[np.int16]:
    """Return a sensor's noise: rolled on with each group of pictures, no two key frames are alike.

    Without it an empty street would be what it is in no camera: the same picture for a minute.
    """
    chance = np.random.default_rng(int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8]))
    return chance.normal(0.0, NOISE, (HEIGHT, WIDTH)).round().astype(np.int16)


def render_loop(plan: LoopPlan, path: Path) -> None:
    """Write the loop as MP4: whole or not at all."""
    fresh = path.with_name(f".{path.name}.new")
    options = {"preset": "veryfast", "crf": "26", "bf": "0", "threads": "1", "profile": "high"}
    options["x264-params"] = f"keyint={FPS}:min-keyint={FPS}:scenecut=0:repeat-headers=0"
    with av.open(str(fresh), "w", format="mp4") as film:
        stream = film.add_stream("libx264", rate=FPS, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        last: Image | None = None
        planes = np.zeros((HEIGHT * 3 // 2, WIDTH), np.uint8)
        noise = _noise(plan.seed)
        for number, image in enumerate(draw_frames(plan)):
            if image is not last or number % FPS == 0:
                planes = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2YUV_I420), np.uint8)
                luma = planes[:HEIGHT]
                luma[:] = cv2.add(luma, np.roll(noise, 37 * (number // FPS), 0), dtype=cv2.CV_8U)
                last = image
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            film.mux(stream.encode(frame))
        film.mux(stream.encode(None))
    fresh.replace(path)


def _begin_process(parent: int) -> None:
    """Leave Ctrl-C to the parent, and end when it is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(PARENT_WATCH_S)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def missing(plans: Sequence[LoopPlan], folder: Path) -> list[LoopPlan]:
    """Return the plans whose films are not there yet, each once."""
    wanted = {plan.file_name: plan for plan in plans}
    return [plan for name, plan in wanted.items() if not (folder / name).is_file()]


def render_all(
    plans: Sequence[LoopPlan], folder: Path, processes: int = 2
) -> Iterator[tuple[int, int]]:
    """Render what is missing; yields (done, wanted) after each film, and first of all."""
    folder.mkdir(parents=True, exist_ok=True)
    todo = missing(plans, folder)
    yield 0, len(todo)
    if not todo:
        return
    todo.sort(key=lambda plan: -len(plan.passings))
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        min(processes, len(todo)), context, _begin_process, (os.getpid(),)
    ) as pool:
        waiting = [pool.submit(render_loop, p, folder / p.file_name) for p in todo]
        try:
            for done, future in enumerate(as_completed(waiting), start=1):
                future.result()
                yield done, len(todo)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
