"""Setting a camera up: searched, asked, tried and turned through a real server and channel."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from urllib.parse import quote

import cv2
import httpx
import numpy as np
import psycopg
import pytest
from tests.flows.served import served
from tests.people import People

from amaan.app.centre import build_app
from amaan.app.opening import Engines
from amaan.app.settings import CentreSettings
from amaan.app.worker.centre import AssignedCamera
from amaan.app.worker.channel import Answerer, WorkerChannel
from amaan.app.worker.onvif import CameraAnswers
from amaan.city.networks import OWN_SHELL
from amaan.kernel.acting import acting_as, system
from amaan.simulation.mjpeg import MjpegServer, PictureStream
from amaan.simulation.onvif import OnvifDevice, OnvifServer, SimulatedStream, Trick
from amaan.video.settings import VideoSettings

TOKEN = "a-worker-token"  # noqa: S105
CANARY = "Wq7-canary/@: pp"


@dataclass
class Scene:
    url: str
    people: People
    device: OnvifDevice
    onvif: OnvifServer
    stream: str
    dsn: str
    running: dict[str, AssignedCamera]

    async def person(self, *roles: str) -> httpx.AsyncClient:
        account = await self.people.account(*roles)
        client = httpx.AsyncClient(base_url=self.url, headers={"Origin": self.url}, timeout=40)
        client.cookies.set("amaan_session", await self.people.session(account))
        return await self.people.closing.enter_async_context(client)

    def probe(self, **more: object) -> dict[str, object]:
        port = int(self.onvif.url.split(":")[2].partition("/")[0])
        login = {"username": "operator", "password": CANARY}
        return {"host": "127.0.0.1", "port": port, **login, **more}


@pytest.fixture
async def scene(
    engines: Engines, centre_settings: CentreSettings, dsn: str
) -> AsyncIterator[Scene]:
    app = build_app(engines, centre_settings.model_copy(update={"cameras": OWN_SHELL}))
    picture = cv2.imencode(".jpg", np.full((180, 320, 3), 90, np.uint8))[1].tobytes()
    async with AsyncExitStack() as closing:
        pictures = MjpegServer({"cam": PictureStream("cam", 5, [picture])})
        stream = f"http://127.0.0.1:{await pictures.start('127.0.0.1', 0)}/cam"
        closing.push_async_callback(pictures.close)
        device = OnvifDevice([SimulatedStream("main", stream)], password=CANARY)
        onvif = OnvifServer(device)
        await onvif.start()
        closing.push_async_callback(onvif.close)
        url = await closing.enter_async_context(served(app))
        with acting_as(system("test")):
            await app.state.trust.admit_worker_token(TOKEN, "roadside")
        answerer = Answerer()
        running: dict[str, AssignedCamera] = {}
        CameraAnswers(running.get, engines.sealer, VideoSettings()).register(answerer)
        channel = WorkerChannel(url, TOKEN, centre_settings.expected_workers[0], answerer)
        channel.start()
        async with asyncio.timeout(10):
            while not app.state.channels.connected():
                await asyncio.sleep(0.01)
        people = People(app, engines.database, engines.clock, closing)
        yield Scene(url, people, device, onvif, stream, dsn, running)
        await asyncio.to_thread(channel.stop, 2.0)


async def test_camera_is_asked_and_tried_before_it_is_entered(scene: Scene) -> None:
    office = await scene.person("administrator")
    workers = (await office.get("/api/video/set-up")).json()["workers"]
    assert len(workers) == 1
    said = await office.post("/api/video/probes", json=scene.probe())
    assert said.status_code == 200, said.text
    assert (said.json()["vendor"], said.json()["ptz"]) == ("Amaan", True)
    assert said.json()["profiles"][0]["stream_uri"] == scene.stream
    login = f"//operator:{quote(CANARY, safe='')}@"
    address = scene.stream.replace("//", login, 1)
    picture = await office.post("/api/video/test-pictures", json={"address": address})
    assert picture.status_code == 200, picture.text
    shown = cv2.imdecode(np.frombuffer(picture.content, np.uint8), cv2.IMREAD_COLOR)
    assert shown is not None
    assert shown.shape == (180, 320, 3)


async def test_password_is_in_no_answer_no_log_and_no_entry(
    scene: Scene, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG, "amaan")
    office = await scene.person("administrator")
    secret = quote(CANARY, safe="")
    answers = [
        await office.post("/api/video/probes", json=scene.probe()),
        await office.post("/api/video/probes", json=scene.probe(password=f"{CANARY}!")),
        await office.post("/api/video/probes", json=scene.probe(port=1)),
        await office.post("/api/video/probes", json=scene.probe(host=f"x:{CANARY}")),
        await office.post("/api/video/probes", json=scene.probe(port=CANARY)),
        await office.post(
            "/api/video/test-pictures", json={"address": f"http://a:{secret}@127.0.0.1:1/x"}
        ),
        await office.post("/api/video/test-pictures", json={"address": f"ftp://a:{secret}@h/x"}),
    ]
    assert [one.status_code for one in answers][:2] == [200, 422]
    assert answers[1].json()["code"] == "onvif-unauthorised"
    with psycopg.connect(scene.dsn) as owner:
        leaves = owner.execute(
            "SELECT string_agg(convert_from(leaf, 'UTF8'), '') FROM trust.audit_entries"
        ).fetchone()
    out = capfd.readouterr()
    told = "".join(one.text for one in answers) + str(leaves) + caplog.text + out.out + out.err
    assert "canary" not in told
    assert "127.0.0.1" in str(leaves)


async def test_camera_that_points_elsewhere_is_refused_by_name(scene: Scene) -> None:
    office = await scene.person("administrator")
    scene.device.trick = Trick.SERVICES_ELSEWHERE
    answer = await office.post("/api/video/probes", json=scene.probe())
    assert (answer.status_code, answer.json()["code"]) == (422, "onvif-elsewhere")
    scene.device.trick = Trick.STREAM_TO_METADATA
    answer = await office.post("/api/video/probes", json=scene.probe())
    assert (answer.status_code, answer.json()["code"]) == (422, "onvif-elsewhere")


async def test_nobody_but_who_sets_up_may_search_ask_or_try(scene: Scene) -> None:
    for role in ("video_operator", "supervisor", "investigator", "auditor"):
        client = await scene.person(role)
        for path in ("discovery", "probes", "test-pictures", "cameras/X/encoder"):
            answer = await client.post(
                f"/api/video/{path}", json={"token": "a", "fps": 1, "gop": 1}
            )
            assert answer.status_code == 403, (role, path)


async def test_entered_camera_is_asked_set_and_turned(scene: Scene) -> None:
    office = await scene.person("administrator")
    site = {"code": "GATE", "name": "Gate", "kind": "other", "lon": 67, "lat": 24}
    assert (await office.post("/api/city/sites", json=site)).status_code == 201
    onvif = scene.onvif.url.replace("//", f"//operator:{quote(CANARY, safe='')}@", 1)
    camera = {
        "code": "CAM", "name": "Gate", "site": "GATE", "address": scene.stream,
        "onvif_address": onvif,
    }  # fmt: skip
    entered = await office.post("/api/city/cameras", json=camera)
    assert entered.status_code == 201, entered.text
    assert "canary" not in entered.text
    with psycopg.connect(scene.dsn) as owner:
        row = owner.execute("SELECT address_sealed, onvif_sealed FROM city.cameras").fetchone()
    assert row is not None
    scene.running["CAM"] = AssignedCamera("CAM", row[0], 5.0, False, onvif_sealed=row[1])
    async with asyncio.timeout(10):  # who runs a camera may be a second old
        while True:
            said = await office.post("/api/video/probes", json={"camera": "CAM"})
            if said.status_code == 200:
                break
            await asyncio.sleep(0.1)
    assert said.json()["model"] == "Simulated PTZ"
    change = {"token": "main", "fps": 20, "gop": 40}
    now = await office.post("/api/video/cameras/CAM/encoder", json=change)
    assert (now.json()["fps"], now.json()["gop"]) == (20, 40)
    picture = await office.post("/api/video/test-pictures", json={"camera": "CAM"})
    assert picture.headers["content-type"] == "image/jpeg"
    operator = await scene.person("video_operator")
    state = await operator.get("/api/video/cameras/CAM/ptz")
    assert [one["name"] for one in state.json()["presets"]] == ["Gate", "Junction"]
    turned = await operator.post(
        "/api/video/cameras/CAM/ptz", json={"action": "move", "pan": 0.5, "tilt": 0, "zoom": 0}
    )
    assert turned.status_code == 200, turned.text
    assert list(scene.device.motors.speeds) == [0.5, 0, 0]
    await operator.post("/api/video/cameras/CAM/ptz", json={"action": "home"})
    assert scene.device.motors.place == "home"
