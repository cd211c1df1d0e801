"""How well cameras are judged: scenes as they are, and made worse by seed.

The figures in ``video.judging.rules`` were set on the first set, real clips; the second
(``scenes``) only measures. ``python -m amaan.app.bench.judging FOLDER`` prints the tables of
docs/health.md.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from amaan.app.bench.centre import BenchError
from amaan.app.bench.degrading import BAD, GOOD, Change, degraded
from amaan.app.bench.figures import Voice
from amaan.app.bench.scenes import held_out
from amaan.video.judging.judge import CameraJudge
from amaan.video.judging.looks import Luma, look_at
from amaan.video.model import ConditionKind

STEP_S = 2.0
LEARNT, LOOKS, SEEDS = 8, 34, 5
CLIPS = {
    "dvr-scan/issue53_brightness_change.avi": 0.4,  # 5 s long: looked at more often
    "dvr-scan/traffic_camera.mp4": 2.0,
    "imageai/traffic-mini.mp4": 0.4,
    "intel-sample-videos/car-detection.mp4": 2.0,
    "intel-sample-videos/one-by-one-person-detection.mp4": 2.0,
}
STILLS = "opendatacam/frames"


def film(path: Path, step_s: float) -> list[Luma]:
    """Return a clip's luma every ``step_s``."""
    pictures: list[Luma] = []
    due_s = 0.0
    with av.open(str(path)) as source:
        stream = source.streams.video[0]
        for frame in source.decode(stream):
            if frame.time is not None and frame.time >= due_s - 0.001:
                pictures.append(np.asarray(frame.to_ndarray(format="gray"), np.uint8))
                due_s += step_s
    return pictures


def stills(folder: Path, every: int = 4) -> list[Luma]:
    """Return each n-th still of a folder, in order."""
    paths = sorted(folder.glob("*.jpg"))[::every]
    return [np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), np.uint8) for path in paths]


def scenes(folder: Path) -> Iterator[tuple[str, list[Luma]]]:
    """Yield each scene that is there, by name."""
    for name, step_s in CLIPS.items():
        if (folder / name).exists():
            yield Path(name).stem, film(folder / name, step_s)
    if (folder / STILLS).exists():
        yield "opendatacam", stills(folder / STILLS)


def raised(pictures: Iterable[Luma]) -> list[frozenset[ConditionKind]]:
    """Return what a fresh judge raises at each picture, STEP_S apart."""
    judge = CameraJudge()
    found = []
    for number, luma in enumerate(pictures):
        judge.see(look_at(luma, 1e9 + number * STEP_S))
        found.append(frozenset(one.kind for one in judge.conditions()))
    return found


@dataclass(slots=True)
class Tally:
    """One kind of change over all scenes and seeds. ``missed``: where, and what was said there."""

    runs: int = 0
    right: int = 0
    any_raised: int = 0
    waits_s: list[float] = field(default_factory=list)
    missed: set[str] = field(default_factory=set)


def measure(name_and_film: tuple[str, list[Luma]], change: Change, tally: Tally) -> None:
    """Judge one scene under one change, for all seeds."""
    pictures = list(islice(cycle(name_and_film[1]), LOOKS))
    wanted = BAD.get(change)
    for seed in range(SEEDS):
        found = raised(degraded(pictures, change, seed, LEARNT))
        tally.runs += 1
        after = [kinds for kinds in found if kinds]
        tally.any_raised += bool(after)
        right = bool(after) and wanted in after[-1] if wanted else not after
        tally.right += right
        if not right:
            said = "+".join(sorted(set().union(*found))) or "nothing"
            tally.missed.add(f"{name_and_film[0]} ({said})")
        first = next((at for at, kinds in enumerate(found) if kinds), None)
        if wanted and first is not None:
            tally.waits_s.append((first - LEARNT) * STEP_S)


def tallies(films: Sequence[tuple[str, list[Luma]]]) -> Iterator[tuple[Change, Tally]]:
    """Yield each kind of change, the harmless ones first, with what came of it."""
    for change in (*GOOD, *BAD):
        tally = Tally()
        for one in films:
            measure(one, change, tally)
        yield change, tally


def look_ms(luma: Luma) -> float:
    """Return what one look at 1920x1080 costs, milliseconds of a core."""
    large = np.asarray(cv2.resize(luma, (1920, 1080)), np.uint8)
    begun = time.process_time()
    judge = CameraJudge()
    for number in range(50):
        judge.see(look_at(large, 1e9 + number))
    return (time.process_time() - begun) * 20


def run(folder: Path, voice: Voice) -> dict[str, Any]:
    """Measure over a folder of clips. Raises BenchError."""
    films = list(scenes(folder))
    if not films:
        raise BenchError("there are no clips in that folder")
    return {
        "look_1080p_ms": round(look_ms(films[0][1][0]), 1),
        "tuned_on": _figures(films, voice),
        "held_out": _figures(list(held_out(folder)), voice),
    }


def _figures(films: Sequence[tuple[str, list[Luma]]], voice: Voice) -> dict[str, Any]:
    figures: dict[str, Any] = {"scenes": len(films)}
    for change, tally in tallies(films):
        voice.step(f"{change.__name__}: {tally.right} of {tally.runs}")
        row: dict[str, Any] = {"runs": tally.runs, "raised": tally.any_raised}
        if change in BAD:
            row |= {"as_it_is": tally.right, "within_s": max(tally.waits_s, default=None)}
        figures[change.__name__.replace("_", " ")] = row
    return figures


def main(folder: Path) -> None:
    """Print a table for each set, and the cost of a look."""
    out = sys.stdout.write
    films = list(scenes(folder))
    for title, each in (("tuned on", films), ("held out", list(held_out(folder)))):
        out(f"{title}: {', '.join(name for name, _ in each)}\n\n")
        out("| what was done | runs | raised | as what it is | within |\n|---|---|---|---|---|\n")
        for change, tally in tallies(each):
            wait = f"{max(tally.waits_s):.0f} s" if tally.waits_s else "-"
            about = (change.__doc__ or "").rstrip(".")
            right = f"{tally.right}" if change in BAD else "-"
            out(f"| {about} | {tally.runs} | {tally.any_raised} | {right} | {wait} |\n")
            if tally.missed:
                sys.stderr.write(f"{change.__name__}: {', '.join(sorted(tally.missed))}\n")
        out("\n")
    out(f"one look at 1920x1080: {look_ms(films[0][1][0]):.1f} ms of a core\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
