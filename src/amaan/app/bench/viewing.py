"""From a frame in front of a camera to a viewer's socket: one tile, a wall, and a wall beside
somebody who reads nothing."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from amaan.app.bench import people
from amaan.app.bench.centre import BenchError, RunningCentre, Watcher, folder, running_centre
from amaan.app.bench.figures import Voice, summary_ms
from amaan.app.bench.live import simulator

WARM_UP_S = 6.0
FIRST_WITHIN_S = 20.0
UP_WITHIN_S = 60.0


def run(seconds: int, tiles: int, data: Path | None, voice: Voice) -> dict[str, Any]:
    """Measure each of the three for so many seconds. Raises BenchError."""
    with folder(data) as root:
        people.allow(root)
        with town(root, voice) as (centre, client):
            cameras = up(centre, client, tiles, voice)
            figures: dict[str, Any] = {"seconds": seconds, "tiles": tiles, "cameras": len(cameras)}
            wall = [cameras[index % len(cameras)] for index in range(tiles)]
            for name, watched, stuck in (
                ("one_tile", wall[:1], 0),
                ("wall", wall, 0),
                ("wall_beside_one_who_reads_nothing", wall, 1),
            ):
                voice.step(f"{name}: {len(watched)} tiles for {seconds} s")
                with Watcher(centre) as cost:
                    late = asyncio.run(_watch(centre, client, watched, stuck, seconds))
                summary = summary_ms(late)
                figures[name] = {
                    **summary,
                    "centre_cpu_share": round(cost.cpu_s / seconds, 3),
                    "within_1_s": bool(summary["p95_ms"] is not None and summary["p95_ms"] <= 1000),
                }
            return figures


@contextmanager
def town(root: Path, voice: Voice) -> Iterator[tuple[RunningCentre, httpx.Client]]:
    """Run a centre with a worker and the demo city's cameras; lend it and an officer's client."""
    with (
        simulator(root / "simulation", voice) as files,
        running_centre(root, workers=1) as centre,
        httpx.Client(timeout=30, base_url=centre.url) as client,
    ):
        client.headers["Cookie"] = centre.sign_in(client)
        client.headers["Origin"] = centre.url
        cameras = files / "watched.csv"
        _without_reading(files / "cameras.csv", cameras)
        for arguments in (
            ["cameras", "sites", str(files / "sites.geojson")],
            ["cameras", "import", str(cameras)],
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
        yield centre, client


def _without_reading(given: Path, made: Path) -> None:
    """Copy a list of cameras; none reads plates, which other figures measure."""
    with given.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    with made.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys([*rows[0], "read_plates"])))
        writer.writeheader()
        writer.writerows({**row, "read_plates": "false"} for row in rows)


def up(centre: RunningCentre, client: httpx.Client, tiles: int, voice: Voice) -> Sequence[str]:
    """Return the cameras of film that are up, as many as are wanted. Raises BenchError."""
    deadline = time.monotonic() + UP_WITHIN_S
    while True:
        items = client.get("/api/video/cameras").json()["items"]
        up = [item["camera"] for item in items if item["state"] == "up"]
        if len(up) >= min(tiles, len(items)) and items:
            voice.step(f"{len(up)} of {len(items)} cameras are up")
            return up[:tiles]
        if time.monotonic() > deadline:
            raise BenchError(f"only {len(up)} of {len(items)} cameras are up")
        time.sleep(0.5)


async def _watch(
    centre: RunningCentre, client: httpx.Client, cameras: Sequence[str], stuck: int, seconds: int
) -> list[float]:
    """Return by how much each piece was late, the first frame of it, in seconds."""
    late: list[float] = []
    async with AsyncExitStack() as stack:
        sockets = []
        for index, camera in enumerate([*cameras, *cameras[:stuck]]):
            answer = await asyncio.to_thread(
                client.post, "/api/video/live", json={"camera": camera, "stream": "main"}
            )
            if answer.status_code != 201:
                raise BenchError(f"no view of {camera}: {answer.text}")
            reads = index < len(cameras)
            socket = await stack.enter_async_context(
                connect(
                    centre.url.replace("http", "ws") + answer.json()["socket"],
                    additional_headers={"Cookie": client.headers["Cookie"]},
                    max_size=None,
                    max_queue=64 if reads else 1,
                    compression=None,
                    close_timeout=0.2,
                )
            )
            if reads:
                sockets.append(socket)
        from_s = time.monotonic() + WARM_UP_S
        reading = [asyncio.create_task(_read(socket, from_s, late)) for socket in sockets]
        await asyncio.sleep(WARM_UP_S + seconds)
        for task in reading:
            if task.done():
                task.result()
                raise BenchError("a view ended")
            task.cancel()
        await asyncio.wait(reading)
    if not late:
        raise BenchError("no picture came")
    return late


async def _read(socket: ClientConnection, from_s: float, late: list[float]) -> None:
    async for message in socket:
        if isinstance(message, str):
            said = json.loads(message)
            if said["type"] == "ended":
                raise BenchError(f"a view ended: {said['reason']}")
            continue
        observed_ms = int.from_bytes(message[:8], "big")
        if observed_ms and time.monotonic() >= from_s:
            late.append(time.time() - observed_ms / 1000)
