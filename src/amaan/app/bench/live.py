"""From the frame in front of a camera to the operator's event stream, over the whole demo city."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from amaan.app.bench import people
from amaan.app.bench.centre import BenchError, RunningCentre, folder, running_centre
from amaan.app.bench.figures import Voice, summary_ms
from amaan.simulation.city import DemoCity

RENDER_LIMIT_S = 300.0
WARM_UP_S = 15.0


@dataclass
class Heard:
    """What the event stream brought; written by one thread, read when it has ended."""

    from_decision_s: list[float] = field(default_factory=list)
    from_best_frame_s: list[float] = field(default_factory=list)
    from_first_sight_s: list[float] = field(default_factory=list)


def run(seconds: int, data: Path | None, voice: Voice) -> dict[str, Any]:
    """Measure for so many seconds. Raises BenchError."""
    with folder(data) as root:
        authority = people.allow(root)
        return _run(seconds, root, authority, voice)


def _run(seconds: int, root: Path, authority: UUID, voice: Voice) -> dict[str, Any]:
    with (
        simulator(root / "simulation", voice) as files,
        running_centre(root, workers=1) as centre,
        httpx.Client(timeout=30) as client,
    ):
        client.headers["Cookie"] = centre.sign_in(client)
        _prepare(root, files, authority)
        voice.step(f"cameras and hot-list entered; warming up {WARM_UP_S:.0f} s")
        time.sleep(WARM_UP_S)
        heard = _listen(centre, client, seconds, voice)
        return _figures(centre, client, heard, seconds)


@contextmanager
def simulator(films: Path, voice: Voice) -> Iterator[Path]:
    """Serve the demo city's cameras; yield the folder with cameras.csv and sites.geojson."""
    films.mkdir(parents=True, exist_ok=True)
    (films / "cameras.csv").unlink(missing_ok=True)
    voice.step("rendering the demo city (the first time takes about a minute)")
    command = [sys.executable, "-m", "amaan.app", "simulate", "--port", "0"]
    with (films / "simulate.out").open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  our own program
            [*command, "--folder", str(films)], stdout=output, stderr=output
        )
    try:
        deadline = time.monotonic() + RENDER_LIMIT_S
        while not (films / "sites.geojson").exists() or not (films / "cameras.csv").exists():
            if process.poll() is not None or time.monotonic() > deadline:
                said = (films / "simulate.out").read_text(errors="replace")[-1000:]
                raise BenchError(f"the simulator does not serve:\n{said}")
            time.sleep(0.2)
        yield films
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _prepare(root: Path, files: Path, authority: UUID) -> None:
    """Enter sites, cameras, and every plate that drives in the city."""
    plates = {
        passing.vehicle.plate.expected
        for camera in DemoCity().cameras
        for passing in camera.plan.passings
        if passing.vehicle.plate is not None
    }
    rows = [f"{plate},bench,other,low" for plate in sorted(plates)]
    wanted = files / "hotlist.csv"
    wanted.write_text("\n".join(["plate,reason,category,severity", *rows]) + "\n")
    for arguments in (
        ["cameras", "sites", str(files / "sites.geojson")],
        ["cameras", "import", str(files / "cameras.csv")],
        ["hotlist", "import", str(wanted), "--authority", str(authority)],
    ):
        command = [sys.executable, "-m", "amaan.app", *arguments, "--data", str(root)]
        ran = subprocess.run(  # noqa: S603  our own program
            command,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "AMAAN_CAMERAS__LOOPBACK": "true"},
        )
        if ran.returncode not in (0, 3):
            raise BenchError(f"{' '.join(arguments[:2])}: {ran.stderr.strip()}")


def _listen(centre: RunningCentre, client: httpx.Client, seconds: int, voice: Voice) -> Heard:
    heard = Heard()
    deadline = time.monotonic() + seconds
    stop = threading.Event()

    def follow() -> None:
        with client.stream("GET", f"{centre.url}/api/console/events", timeout=None) as stream:
            name = ""
            for line in stream.iter_lines():
                if line.startswith("event: "):
                    name = line[7:]
                elif name == "alarm.raised" and line.startswith("data: "):
                    _note(json.loads(line[6:])["read"], heard)
                if stop.is_set():
                    return

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    while (left := deadline - time.monotonic()) > 0 and thread.is_alive():
        voice.progress(f"{len(heard.from_decision_s)} alarms, {left:.0f} s left")
        time.sleep(min(1.0, left))
    stop.set()
    if not heard.from_decision_s:
        raise BenchError("no alarm came")
    return heard


def _note(read: dict[str, Any], heard: Heard) -> None:
    now = datetime.now(UTC)
    for name, times in (
        ("decided_at", heard.from_decision_s),
        ("observed_at", heard.from_best_frame_s),
        ("first_seen_at", heard.from_first_sight_s),
    ):
        times.append((now - datetime.fromisoformat(read[name])).total_seconds())


def _figures(
    centre: RunningCentre, client: httpx.Client, heard: Heard, seconds: int
) -> dict[str, Any]:
    items = client.get(f"{centre.url}/api/video/cameras").json()["items"]
    return {
        "seconds": seconds,
        "cameras_up": sum(item["state"] == "up" for item in items),
        "cameras": len(items),
        "frames_skipped": sum(item["skipped_frames"] for item in items),
        "alarms": len(heard.from_decision_s),
        "alarm_after_deciding_frame": summary_ms(heard.from_decision_s),
        "alarm_after_best_frame": summary_ms(heard.from_best_frame_s),
        "alarm_after_first_sight": summary_ms(heard.from_first_sight_s),
    }
