"""A live camera over RTSP: from the frame in front of the lens to the operator's event stream."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.flows.centre import active_authority, officer, running_centre, signed_in
from tests.flows.photographs import labelled, write_video
from tests.shared import shared_data

from amaan.simulation.loops import read_loop
from amaan.simulation.rtsp import RtspServer
from amaan.simulation.streams import Stream

NAMES = ["images/eu1.jpg", "images/eu5.jpg", "images/eu9.jpg"]
LIMIT_S = 90.0


@contextmanager
def served(film: Path) -> Iterator[str]:
    """Show the film for ever as an RTSP camera; yield its address."""
    ready: list[str] = []
    started = threading.Event()
    loop = asyncio.new_event_loop()
    stopping = asyncio.Event()

    async def serve() -> None:
        server = RtspServer({"street": Stream("street", read_loop(film))})
        port = await server.start("127.0.0.1", 0)
        ready.append(f"rtsp://127.0.0.1:{port}/street")
        started.set()
        await stopping.wait()
        await server.close()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert started.wait(10)
    try:
        yield ready[0]
    finally:
        loop.call_soon_threadsafe(stopping.set)
        thread.join(10)
        loop.close()


def first_alarm(client: httpx.Client) -> tuple[dict[str, Any], datetime]:
    """Return the first raised alarm of the event stream and when it arrived."""
    deadline = time.monotonic() + LIMIT_S
    with client.stream("GET", "/api/console/events", timeout=LIMIT_S) as stream:
        name = ""
        for line in stream.iter_lines():
            assert time.monotonic() < deadline, "no alarm came"
            if line.startswith("event:"):
                name = line.partition(":")[2].strip()
            elif line.startswith("data:") and name == "alarm.raised":
                alarm: dict[str, Any] = json.loads(line.partition(":")[2])
                return alarm, datetime.now(UTC)
    raise AssertionError("the event stream ended")


def soon_state(client: httpx.Client, wanted: str) -> list[tuple[str, str]]:
    """Return the cameras' states once all are as wanted; a heartbeat may lag behind an alarm."""
    deadline = time.monotonic() + LIMIT_S
    while True:
        items = client.get("/api/video/cameras").json()["items"]
        states = [(item["camera"], item["state"]) for item in items]
        if all(state == wanted for _, state in states) or time.monotonic() > deadline:
            return states
        time.sleep(0.2)


@pytest.mark.slow
def test_a_wanted_vehicle_before_a_live_camera_comes_up_by_itself(tmp_path: Path) -> None:
    photographs = labelled(shared_data("plates", "openalpr-eu"), NAMES)
    write_video(photographs, tmp_path / "street.mp4")
    with (
        served(tmp_path / "street.mp4") as address,
        running_centre(tmp_path / "data", "--workers", "1") as url,
        closing(signed_in(url, tmp_path / "data")) as office,
        closing(officer(url, tmp_path / "data")) as client,
    ):
        plates = [photograph.text for photograph in photographs]
        authority = active_authority(url, tmp_path / "data", client, plates=plates)
        for photograph in photographs:
            entry = {"plate": photograph.text, "reason": "live", "category": "stolen"}
            entry |= {"severity": "high", "authority": authority}
            answer = client.post("/api/plates/entries", json=entry)
            assert answer.status_code == 201, answer.text
        site = {"code": "L", "name": "Live", "kind": "other", "lon": 67.03, "lat": 24.85}
        assert office.post("/api/city/sites", json=site).status_code == 201
        camera = {"code": "L-1", "name": "Live", "site": "L", "address": address}
        assert office.post("/api/city/cameras", json=camera).status_code == 201
        alarm, arrived = first_alarm(client)
        seen = datetime.fromisoformat(alarm["read"]["last_seen_at"])
        sys.stdout.write(f"{(arrived - seen).total_seconds():.3f} s from frame to console\n")
        assert alarm["read"]["camera"] == "L-1"
        assert alarm["entry"]["plate"] in {photograph.text for photograph in photographs}
        assert arrived >= seen
        assert soon_state(client, "up") == [("L-1", "up")]
