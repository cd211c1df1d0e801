"""A real centre and the worker that it starts: cameras, clips, restarts, passwords kept."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from uuid import UUID

import av
import httpx
import numpy as np
import psutil
import psycopg
import pytest
from tests.flows.centre import officer, running_centre, signed_in

from amaan.engines.postgres.embedded import EmbeddedPostgres

CANARY = "Canary-9f3e7a"
SECONDS = 40


def write_video(path: Path) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(10))
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        stream.options = {"preset": "ultrafast", "g": "10", "bf": "0"}
        for number in range(SECONDS * 10):
            image = np.full((240, 320, 3), number * 5 % 200, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(stream.encode(None))


def wait_for(true: Callable[[], bool], what: str, limit_s: float = 30) -> None:
    deadline = time.monotonic() + limit_s
    while not true():
        assert time.monotonic() < deadline, f"in vain for {limit_s:g} s: {what}"
        time.sleep(0.1)


class City:
    def __init__(self, url: str, data: Path) -> None:
        self.data = data
        self.console = signed_in(url, data)
        self.officer = officer(url, data)
        self.post(
            "/api/city/sites",
            {"code": "S1", "name": "S", "name_ur": "", "kind": "other", "lon": 67.0, "lat": 24.9},
        )

    def post(self, path: str, body: dict[str, object]) -> None:
        answer = self.console.post(path, json=body)
        assert answer.status_code == 201, answer.text

    def add_camera(self, code: str, address: str) -> None:
        body: dict[str, object] = {"code": code, "name": code, "site": "S1", "address": address}
        self.post("/api/city/cameras", {**body, "read_plates": False})

    def camera(self, code: str) -> dict[str, object]:
        items = self.console.get("/api/video/cameras").json()["items"]
        found: dict[str, object] = next(item for item in items if item["camera"] == code)
        return found

    def is_in(self, code: str, state: str) -> Callable[[], bool]:
        return lambda: self.camera(code)["state"] == state

    def worker(self) -> psutil.Process:
        return psutil.Process(int((self.data / "workers/worker-1/worker.lock").read_text()))

    def want_clip(self, camera: str, start: datetime, end: datetime) -> UUID:
        """Ask as alarms do, but by SQL: no alarm is needed for this story."""
        identifier = UUID(bytes=os.urandom(16), version=4)
        with psycopg.connect(EmbeddedPostgres(self.data / "postgres").dsn()) as connection:
            connection.execute(
                "INSERT INTO video.clips (id, camera, start_at, end_at, state, reason, wanted_at)"
                " VALUES (%s, %s, %s, %s, 'wanted', '', now())",
                [identifier, camera, start, end],
            )
        return identifier

    def clip(self, identifier: UUID) -> dict[str, str]:
        told: dict[str, str] = self.officer.get(f"/api/video/clips/{identifier}").json()
        return told


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    folder = tmp_path_factory.mktemp("city")
    write_video(folder / "traffic.mp4")
    with running_centre(folder / "data", "--workers", "1") as url:
        city = City(url, folder / "data")
        city.add_camera("GOOD-1", f"file:{folder}/traffic.mp4")
        city.add_camera("DEAD-1", f"rtsp://viewer:{CANARY}@127.0.0.1:9/live")
        with contextlib.closing(city.console), contextlib.closing(city.officer):
            yield city


@pytest.mark.slow
def test_cameras_run_and_one_that_is_out_of_reach_says_why(city: City) -> None:
    wait_for(city.is_in("GOOD-1", "up"), "the camera is up")
    wait_for(city.is_in("DEAD-1", "down"), "the dead camera is down")
    assert city.camera("GOOD-1")["worker"] == "worker-1"
    assert (city.camera("GOOD-1")["width"], city.camera("GOOD-1")["height"]) == (320, 240)
    assert "refused" in str(city.camera("DEAD-1")["reason"])


@pytest.mark.slow
def test_a_wanted_clip_is_cut_and_plays_by_ranges(city: City) -> None:
    wait_for(city.is_in("GOOD-1", "up"), "the camera is up")
    now = datetime.now(UTC)
    identifier = city.want_clip("GOOD-1", now - timedelta(seconds=1), now + timedelta(seconds=2))
    wait_for(lambda: city.clip(identifier)["state"] != "wanted", "the clip is settled")
    assert city.clip(identifier)["state"] == "ready", city.clip(identifier)
    path = f"/api/video/clips/{identifier}/content"
    whole = city.officer.get(path)
    assert whole.headers["content-type"] == "video/mp4"
    part = city.officer.get(path, headers={"range": "bytes=4-7"})
    assert (part.status_code, part.content) == (206, b"ftyp")
    assert part.headers["content-range"] == f"bytes 4-7/{len(whole.content)}"
    with av.open(BytesIO(whole.content), "r") as container:
        frames = sum(1 for _ in container.decode(video=0))
    assert frames >= 25
    with httpx.Client(base_url=city.console.base_url) as stranger:
        assert stranger.get(path).status_code == 401


@pytest.mark.slow
def test_a_clip_of_a_moment_never_recorded_is_unavailable_with_the_reason(city: City) -> None:
    then = datetime.now(UTC) - timedelta(hours=5)
    identifier = city.want_clip("GOOD-1", then, then + timedelta(seconds=5))
    wait_for(lambda: city.clip(identifier)["state"] == "unavailable", "the clip is given up")
    assert city.clip(identifier)["reason"].startswith(("no longer kept", "not recorded"))


@pytest.mark.slow
def test_the_password_of_a_camera_stands_nowhere(city: City) -> None:
    wait_for(city.is_in("DEAD-1", "down"), "the dead camera is down")
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            assert CANARY not in " ".join(process.cmdline())
    told = [
        city.officer.get(path).text
        for path in ("/api/city/cameras", "/api/video/cameras", "/api/video/workers")
    ]
    token = (city.data / "worker-token").read_text().strip()
    assignment = httpx.get(
        f"{city.console.base_url}/api/video/assignments",
        params={"worker": "worker-1"},
        headers={"authorization": f"Bearer {token}"},
    )
    assert len(assignment.json()["cameras"]) == 2
    assert not [text for text in [*told, assignment.text] if CANARY in text]
    files = [
        path for path in city.data.rglob("*") if path.is_file() and "postgres" not in str(path)
    ]
    assert {"centre.log", "worker.log", "assignment.json"} <= {path.name for path in files}
    assert [path for path in files if CANARY.encode() in path.read_bytes()] == []


@pytest.mark.slow
def test_a_removed_camera_stops_and_the_others_go_on_undisturbed(city: City) -> None:
    city.add_camera("SHORT-1", "rtsp://127.0.0.1:9/other")
    wait_for(city.is_in("SHORT-1", "down"), "the third camera is tried")
    since = city.camera("GOOD-1")["since"]
    assert city.console.delete("/api/city/cameras/SHORT-1").status_code == 204
    log = city.data / "workers/worker-1/worker.log"
    wait_for(lambda: '"ended": 1' in log.read_text(), "the worker lets go of it")
    assert city.camera("GOOD-1")["since"] == since


@pytest.mark.slow
def test_a_killed_worker_is_started_again_and_takes_its_cameras_up(city: City) -> None:
    wait_for(city.is_in("GOOD-1", "up"), "the camera is up")
    boot = city.console.get("/api/video/workers").json()["items"][0]["boot"]
    city.worker().send_signal(signal.SIGKILL)

    def restarted() -> bool:
        told = city.console.get("/api/video/workers").json()["items"][0]
        return told["boot"] != boot and city.camera("GOOD-1")["state"] == "up"

    wait_for(restarted, "the new worker's heartbeat")


@pytest.mark.slow
def test_a_stopped_worker_makes_its_cameras_unknown_until_it_goes_on(city: City) -> None:
    wait_for(city.is_in("GOOD-1", "up"), "the camera is up")
    worker = city.worker()
    worker.suspend()
    try:
        wait_for(city.is_in("GOOD-1", "unknown"), "silence is noticed")
        told = city.console.get("/api/video/workers").json()["items"][0]
        assert (told["state"], told["reason"]) == ("down", "no heartbeat")
    finally:
        worker.resume()
    wait_for(lambda: city.camera("GOOD-1")["state"] != "unknown", "the worker speaks again")
