"""`amaan bench seeking`: from asking for a moment of a recording to having it.

A real worker records the demo city's cameras. A seek is what the console asks first: a piece from
the keyframe at or before the moment, through the centre, the worker's channel and its disk. The
browser's share (`scripts/seeking.py`) comes on top.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx

from amaan.app.bench import people
from amaan.app.bench.centre import BenchError, RunningCentre, folder
from amaan.app.bench.figures import Voice, summary_ms
from amaan.app.bench.viewing import town, up

SEED: Final = 20_261_122
PIECE_S: Final = 4
WARM: Final = 10
EDGE_MS: Final = 5_000  # so much of either end of a recording is left alone


@dataclass(frozen=True, slots=True)
class Recorded:
    """A centre whose worker goes on recording. ``spans``: Unix ms, by camera."""

    centre: RunningCentre
    client: httpx.Client
    spans: Mapping[str, tuple[int, int]]

    def moment(self, chance: random.Random) -> tuple[str, int]:
        """Return a camera and a moment that it recorded."""
        camera = chance.choice(sorted(self.spans))
        start, end = self.spans[camera]
        return camera, chance.randrange(start + EDGE_MS, end - EDGE_MS)


def run(
    cameras: int, seconds: int, queries: int, data: Path | None, voice: Voice
) -> dict[str, Any]:
    """Measure; returns the figures. Raises BenchError."""
    with folder(data) as root, recorded(root, cameras, seconds, voice) as there:
        voice.step(f"seeking {queries} times")
        first, whole, sizes = _seek(there, queries)
    return {
        "cameras": cameras,
        "recorded_s": seconds,
        "piece_s": PIECE_S,
        "first_byte": summary_ms(first),
        "whole_piece": summary_ms(whole),
        "mean_kb": round(sum(sizes) / len(sizes) / 1000),
    }


@contextmanager
def recorded(root: Path, cameras: int, seconds: int, voice: Voice) -> Iterator[Recorded]:
    """Have a worker record cameras for so long, and lend them while it goes on. BenchError."""
    people.allow(root)
    with town(root, voice) as (centre, client):
        codes = up(centre, client, cameras, voice)
        began_ms = round(time.time() * 1000)
        voice.step(f"recording {len(codes)} cameras for {seconds} s")
        time.sleep(seconds)
        asked = {
            "from": iso(began_ms),
            "to": iso(round(time.time() * 1000)),
            "cameras": ",".join(codes),
        }
        answer = client.get("/api/video/timeline", params=asked)
        answer.raise_for_status()
        spans = {}
        for one in answer.json()["cameras"]:
            longest = max(one["spans"], key=lambda span: span[1] - span[0], default=(0, 0))
            if longest[1] - longest[0] > 4 * EDGE_MS:
                spans[one["camera"]] = (longest[0], longest[1])
        if not spans:
            raise BenchError("nothing was recorded")
        yield Recorded(centre, client, spans)


def iso(at_ms: int) -> str:
    """Return a moment as the API takes it."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat()


def _seek(there: Recorded, queries: int) -> tuple[list[float], list[float], list[int]]:
    """Return when the first byte and the last of each piece were here, in seconds, and sizes."""
    chance = random.Random(SEED)  # noqa: S311  no secret
    grants: dict[str, str] = {}
    first, whole, sizes = [], [], []
    for turn in range(queries + WARM):
        camera, at_ms = there.moment(chance)
        if camera not in grants:
            start, end = there.spans[camera]
            body = {"cameras": [camera], "from": iso(start), "to": iso(end)}
            opened = there.client.post("/api/video/playback", json=body)
            opened.raise_for_status()
            grants[camera] = opened.json()["id"]
        asked = {"at": iso(at_ms), "grant": grants[camera], "most_s": str(PIECE_S)}
        began, heard, size = time.perf_counter(), 0.0, 0
        with there.client.stream("GET", f"/api/video/playback/{camera}/piece", params=asked) as got:
            for chunk in got.iter_raw():
                heard = heard or time.perf_counter()
                size += len(chunk)
        ended = time.perf_counter()
        if got.status_code != 200 or not size:
            raise BenchError(f"the centre answers {got.status_code}")
        if turn >= WARM:
            first.append(heard - began)
            whole.append(ended - began)
            sizes.append(size)
    return first, whole, sizes
