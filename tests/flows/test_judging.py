"""What cameras see is judged at a worker and becomes alarms at the centre; what happens is kept.

A real centre, a real worker, a real RTSP server and real clips; an ONVIF device of its own clock.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.flows.centre import officer, person, running_centre, signed_in
from tests.flows.real_streams import Streams, real_streams
from tests.shared import shared_data

from amaan.app.worker import main as worker_main
from amaan.app.worker.clocks import Clocks, Pace
from amaan.app.worker.main import Worker
from amaan.app.worker.settings import WorkerSettings
from amaan.simulation.onvif import OnvifDevice, OnvifServer, SimulatedStream
from amaan.video.events import wire_time

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

WORKER = "roadside-1"
LIMIT_S = 60.0
SITES = {"STREET": "S1", "CORNER": "S1", "LIGHT": "S2", "YARD": "S3", "DOOR": "S4"}
ON_DEMAND = ("CORNER", "YARD", "DOOR")  # recorded around events
CODED = ("-an", "-c:v", "libx264", "-preset", "ultrafast", "-g", "10", "-bf", "0", "-r", "10")
# A card close before the lens, a little light and grain on it; the scene shows above it.
CARD = (
    "color=0x6a5848:s=640x320:r=10,noise=alls=10:allf=t,gblur=sigma=2[card];"
    "[0:v]scale=640:360,setsar=1[scene];[scene][card]overlay=0:40:shortest=1"
)


def coded(clip: Path, film: Path, *filters: str) -> Path:
    """Code a real clip for the RTSP server, a key frame each second."""
    command = ["ffmpeg", "-v", "error", "-t", "12", "-i", str(clip), *filters, *CODED, str(film)]
    subprocess.run(command, check=True)
    return film


@dataclass
class Scene:
    """The centre, its people, and what the cameras see."""

    url: str
    data: Path
    streams: Streams
    covered: Path
    street: Path
    device: OnvifDevice
    officer: httpx.Client
    auditor: httpx.Client
    worker: Worker

    def conditions(self, camera: str) -> dict[str, str]:
        items = self.officer.get("/api/video/cameras").json()["items"]
        held = [each for one in items if one["camera"] == camera for each in one["conditions"]]
        return {one["kind"]: one["detail"] for one in held}

    def alarms(self, title: str) -> list[dict[str, Any]]:
        items = self.officer.get("/api/alarms", params={"limit": 100}).json()["items"]
        return [one for one in items if one["title"].endswith(title)]

    def kept(self, camera: str) -> list[list[int]]:
        now = datetime.now(UTC)
        span = {
            "from": wire_time(now - timedelta(hours=1)),
            "to": wire_time(now + timedelta(minutes=1)),
        }
        answer = self.officer.get("/api/video/timeline", params={"cameras": camera, **span})
        assert answer.status_code == 200, answer.text
        spans: list[list[int]] = answer.json()["cameras"][0]["spans"]
        return spans

    def learnt(self, camera: str) -> bool:
        """Tell whether the worker knows how a camera looks."""
        watched = self.worker._judging._watched.get(camera)
        return watched is not None and watched.judge.remembered() is not None


def wait_for(true: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not true():
        assert time.monotonic() < deadline, f"in vain for {LIMIT_S:g} s: {what}"
        time.sleep(0.2)


@contextmanager
def onvif_device() -> Iterator[tuple[OnvifDevice, str]]:
    """Run an ONVIF device whose clock is 95 s behind; its address holds its user and password."""
    device = OnvifDevice([SimulatedStream("main", "rtsp://127.0.0.1/x")], password="Wq7-uZ1pp")
    device.skew = timedelta(seconds=-95)
    server, loop = OnvifServer(device), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(server.start(), loop).result(10)
    try:
        yield device, server.url.replace("//", "//operator:Wq7-uZ1pp@", 1)
    finally:
        asyncio.run_coroutine_threadsafe(server.close(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@contextmanager
def running_worker(url: str, data: Path, folder: Path) -> Iterator[Worker]:
    """Run a worker in this process that reads clocks in a hurry."""
    settings = WorkerSettings(
        name=WORKER,
        centre=url,
        data=folder,
        token_file=data / "worker-token",
        key_file=data / "secret.key",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker_main, "Clocks", partial(Clocks, pace=Pace(2.0, 2.0, 0.2)))
        worker = Worker(settings)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield worker
    finally:
        worker.stopping.set()
        thread.join(30)
        assert not thread.is_alive()


def set_up(url: str, data: Path, streams: Streams, onvif: str) -> None:
    """Enter sites and cameras."""
    with closing(signed_in(url, data)) as office:
        for site in sorted(set(SITES.values())):
            body = {"code": site, "name": site, "kind": "corridor", "lon": 67.03, "lat": 24.86}
            assert office.post("/api/city/sites", json=body).status_code == 201
        for code, site in SITES.items():
            camera: dict[str, object] = {"code": code, "name": code, "site": site}
            path = "/light" if code == "LIGHT" else "/street" if code == "STREET" else "/other"
            camera |= {"address": streams.url(path), "read_plates": False}
            if code == "YARD":
                camera["onvif_address"] = onvif
            if code in ON_DEMAND:
                camera["recording"] = {"mode": "event", "before_s": 5, "after_s": 5}
            answer = office.post("/api/city/cameras", json=camera)
            assert answer.status_code == 201, answer.text


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    traffic = shared_data("video", "dvr-scan", "traffic_camera.mp4")
    brightness = shared_data("video", "dvr-scan", "issue53_brightness_change.avi")
    folder = tmp_path_factory.mktemp("judging")
    street = coded(traffic, folder / "street.mp4", "-vf", "scale=640:360,setsar=1")
    covered = coded(traffic, folder / "covered.mp4", "-filter_complex", CARD)
    light = coded(brightness, folder / "light.mp4", "-vf", "scale=480:-2")
    data, edge = folder / "centre", folder / "edge"
    edge.mkdir()
    plans: list[dict[str, object]] = [
        {"path": path, "file": str(film)}
        for path, film in (("/street", street), ("/other", street), ("/light", light))
    ]
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "AMAAN_REMOTE_WORKERS", f'["{WORKER}"]')
        streams = stack.enter_context(real_streams(*plans))
        device, onvif = stack.enter_context(onvif_device())
        url = stack.enter_context(running_centre(data, "--workers", "0"))
        set_up(url, data, streams, onvif)
        watching = stack.enter_context(closing(officer(url, data)))
        auditor = stack.enter_context(closing(person(url, data, "auditor", "auditor")))
        worker = stack.enter_context(running_worker(url, data, edge))
        yield Scene(url, data, streams, covered, street, device, watching, auditor, worker)


def test_covered_lens_is_one_alarm_that_ends_with_its_cause(scene: Scene) -> None:
    wait_for(lambda: scene.learnt("STREET") and scene.learnt("LIGHT"), "the scenes are learnt")
    assert scene.conditions("STREET") == {}
    scene.streams.ask("change", path="/street", file=str(scene.covered))
    wait_for(lambda: "covered" in scene.conditions("STREET"), "the camera is covered")
    wait_for(lambda: scene.alarms("STREET: covered"), "an alarm is raised")
    wait_for(lambda: scene.kept("CORNER"), "the site's other camera is recorded")
    scene.streams.ask("change", path="/street", file=str(scene.street))
    wait_for(lambda: "covered" not in scene.conditions("STREET"), "the lens is free")
    wait_for(lambda: scene.alarms("STREET: covered")[0]["ended_at"], "the alarm is over")
    [alarm] = scene.alarms("STREET: covered")
    assert (alarm["kind"], alarm["site"]) == ("camera", "S1")
    assert [(one["code"], one["kind"]) for one in alarm["cameras"]] == [("STREET", "covered")]
    changes = scene.officer.get("/api/video/cameras/LIGHT/history").json()["items"]
    assert {one["kind"] for one in changes} <= {"starting", "up", "stalled", "gop"}
    assert scene.kept("DOOR") == []  # nothing happened there


def test_clock_of_a_camera_is_said_with_how_far_it_is_off_until_it_is_mended(
    scene: Scene,
) -> None:
    wait_for(lambda: "clock" in scene.conditions("YARD"), "the clock is off")
    assert scene.conditions("YARD")["clock"] in {f"its clock is {s} s behind" for s in (94, 95, 96)}
    wait_for(lambda: scene.alarms("YARD: clock"), "an alarm is raised")
    assert "clock" not in scene.conditions("STREET")  # no ONVIF: nobody knows
    scene.device.skew = timedelta(0)
    wait_for(lambda: "clock" not in scene.conditions("YARD"), "the clock is right again")
    wait_for(lambda: scene.alarms("YARD: clock")[0]["ended_at"], "the alarm is over")
    assert scene.kept("YARD") == []  # a wrong clock is nothing to look at


def test_operator_has_a_camera_recorded_and_it_is_written_down(scene: Scene) -> None:
    assert scene.kept("DOOR") == []
    with closing(person(scene.url, scene.data, "taker", "call_taker")) as stranger:
        assert stranger.post("/api/video/cameras/DOOR/record", json={}).status_code == 403
    answer = scene.officer.post("/api/video/cameras/DOOR/record", json={"lasts_s": 30})
    assert answer.status_code == 200, answer.text
    wait_for(lambda: scene.kept("DOOR"), "the camera is recorded")
    told = scene.auditor.get("/api/trust/audit/entries", params={"action": "record_camera"})
    said = [(one["username"], one["outcome"]) for one in told.json()["items"]]
    assert said[:3] == [("officer", "allowed"), ("officer", "begun"), ("taker", "denied")]
    assert told.json()["items"][0]["details"]["camera"] == "DOOR"
    unknown = scene.officer.post("/api/video/cameras/NONE/record", json={})
    assert unknown.status_code == 404


def test_incident_opened_at_a_camera_has_it_recorded(scene: Scene) -> None:
    assert scene.kept("YARD") == []
    body = {"title": "A crowd", "camera": "YARD"}
    assert scene.officer.post("/api/incidents", json=body).status_code == 201
    wait_for(lambda: scene.kept("YARD"), "the camera is recorded")
