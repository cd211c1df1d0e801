"""Watching live through a real server and a real channel: who may, for how long, beside whom."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from tests.flows.live_worker import LiveWorker
from tests.flows.served import served
from tests.people import People
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from amaan.app.centre import build_app
from amaan.app.opening import Engines
from amaan.app.settings import CentreSettings
from amaan.kernel.acting import acting_as, system
from amaan.video.live_views import fanout, views

TOKEN = "a-worker-token"  # noqa: S105
OPERATOR = ("video_operator",)


@dataclass
class Scene:
    app: FastAPI
    url: str
    people: People
    worker: LiveWorker
    dsn: str

    async def person(self, *roles: str, group: str | None = None) -> httpx.AsyncClient:
        """Return a client of the real server, signed in."""
        account = await self.people.account(*(roles or OPERATOR), group=group)
        client = httpx.AsyncClient(base_url=self.url, headers={"Origin": self.url})
        client.cookies.set("amaan_session", await self.people.session(account))
        self.people.accounts[client] = account
        return await self.people.closing.enter_async_context(client)

    async def opened(self, client: httpx.AsyncClient, camera: str = "CAM", **more: str) -> str:
        answer = await client.post("/api/video/live", json={"camera": camera, **more})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["socket"] or answer.json()["playlist"])

    @asynccontextmanager
    async def socket(
        self, client: httpx.AsyncClient | None, path: str, **headers: str
    ) -> AsyncIterator[ClientConnection]:
        cookies = "" if client is None else f"amaan_session={client.cookies['amaan_session']}"
        async with connect(
            self.url.replace("http", "ws") + path,
            additional_headers={"Cookie": cookies, **headers},
            origin=None if "Origin" in headers else Origin(self.url),
            max_size=None,
        ) as socket:
            yield socket

    def audit(self, action: str) -> list[dict[str, object]]:
        with psycopg.connect(self.dsn) as owner:
            rows = owner.execute(
                "SELECT convert_from(leaf, 'UTF8')::jsonb FROM trust.audit_entries "
                "ORDER BY position"
            ).fetchall()
        return [row[0] for row in rows if row[0]["action"] == action]


@pytest.fixture
async def scene(
    engines: Engines, centre_settings: CentreSettings, dsn: str
) -> AsyncIterator[Scene]:
    with psycopg.connect(dsn, autocommit=True) as owner:
        for site, codes in (("GATE", ("CAM", "PIC", "HEVC", "ONE")), ("PORT", ("FAR",))):
            owner.execute(
                "INSERT INTO city.sites (code, name, name_ur, kind, lon, lat, created_at, "
                "updated_at) VALUES (%s, %s, '', 'other', 67, 24, now(), now())",
                [site, site],
            )
            for code in codes:
                owner.execute(
                    "INSERT INTO city.cameras (code, name, site, address_sealed, "
                    "address_redacted, enabled, read_plates, analysis_fps, created_at, "
                    "updated_at, lon, lat) VALUES (%s, %s, %s, 'x', 'rtsp://x', true, false, 5, "
                    "now(), now(), 67, 24)",
                    [code, code, site],
                )
    app = build_app(engines, centre_settings)
    async with AsyncExitStack() as closing:
        url = await closing.enter_async_context(served(app))
        with acting_as(system("test")):
            await app.state.trust.admit_worker_token(TOKEN, "roadside")
        worker = LiveWorker(url, TOKEN)
        worker.play("CAM")
        worker.play("PIC", codec="mjpeg", sub=None)
        worker.play("ONE", sub=None)
        worker.play("FAR")
        async with asyncio.timeout(10):
            while not app.state.channels.connected():
                await asyncio.sleep(0.01)
        people = People(app, engines.database, engines.clock, closing)
        yield Scene(app, url, people, worker, dsn)
        await asyncio.to_thread(worker.close)


async def said(socket: ClientConnection) -> dict[str, object]:
    """Return the next text message, whatever comes between."""
    async with asyncio.timeout(10):
        while True:
            message = await socket.recv()
            if isinstance(message, str):
                found: dict[str, object] = json.loads(message)
                return found


async def piece(socket: ClientConnection) -> tuple[int, bytes]:
    async with asyncio.timeout(10):
        while True:
            message = await socket.recv()
            if isinstance(message, bytes):
                return int.from_bytes(message[:8], "big"), message[8:]


async def test_viewer_gets_format_then_fragments_from_a_keyframe_on(scene: Scene) -> None:
    client = await scene.person()
    async with scene.socket(client, await scene.opened(client)) as socket:
        form = await said(socket)
        assert form["type"] == "format"
        assert str(form["mime"]).startswith('video/mp4; codecs="avc1.')
        observed, init = await piece(socket)
        assert (observed, init[4:8]) == (0, b"ftyp")
        first, fragment = await piece(socket)
        assert fragment[4:8] == b"moof"
        then, _ = await piece(socket)
        assert then > first > 1_700_000_000_000


async def test_many_viewers_are_one_stream_of_the_worker(scene: Scene) -> None:
    client = await scene.person()
    async with AsyncExitStack() as stack:
        for _ in range(5):
            path = await scene.opened(client)
            socket = await stack.enter_async_context(scene.socket(client, path))
            await piece(socket)
        assert scene.worker.opened("CAM", "sub") == 1


async def test_viewer_who_reads_nothing_holds_nobody_up(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fanout, "QUEUE_BYTES", 50_000)
    client = await scene.person()
    stuck_path = await scene.opened(client, stream="main")
    async with scene.socket(client, stuck_path) as stuck:
        stuck.transport.pause_reading()
        async with scene.socket(client, await scene.opened(client, stream="main")) as other:
            await piece(other)
            for _ in range(20):
                await piece(other)
        held = max(view.viewer._bytes for view in scene.app.state.live_views.views)
        assert held < 200_000


async def test_ticket_opens_one_socket_of_its_own_session(scene: Scene) -> None:
    client, other = await scene.person(), await scene.person()
    path = await scene.opened(client)
    for who, headers in (
        (other, {}),
        (None, {}),
        (client, {"Origin": "http://evil.example"}),
    ):
        with pytest.raises(InvalidStatus) as caught:
            async with scene.socket(who, path, **headers):
                pass
        assert caught.value.response.status_code in (401, 403, 404)
    async with scene.socket(client, path) as socket:
        await piece(socket)
    with pytest.raises(InvalidStatus):
        async with scene.socket(client, path):
            pass
    path = await scene.opened(client)
    with pytest.raises(InvalidStatus):
        async with scene.socket(client, path[:-3] + "xxx"):
            pass
    with pytest.raises(InvalidStatus):  # a wrong guess uses it up
        async with scene.socket(client, path):
            pass


async def test_view_ends_as_soon_as_its_session_does(scene: Scene) -> None:
    client = await scene.person()
    async with scene.socket(client, await scene.opened(client)) as socket:
        await piece(socket)
        answer = await client.delete("/api/trust/sessions/current")
        assert answer.status_code == 204, answer.text
        assert await _ended(socket) == "the session is over"


async def test_view_ends_when_the_permission_goes(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "CHECK_EVERY_S", 0.2)
    client = await scene.person()
    account = scene.people.account_of(client)
    async with scene.socket(client, await scene.opened(client)) as socket:
        await piece(socket)
        with psycopg.connect(scene.dsn) as owner:
            owner.execute("DELETE FROM trust.grants WHERE account = %s", [account.id])
        assert await _ended(socket) == "the permission is gone"


async def test_view_ends_when_the_camera_is_out_of_reach(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "CHECK_EVERY_S", 0.2)
    group = await scene.people.group("gate", "GATE")
    client = await scene.person("video_operator", group=group)
    refused = await client.post("/api/video/live", json={"camera": "FAR"})
    assert refused.status_code == 404
    turning = "/api/video/cameras/FAR/ptz"  # as little is known of turning it
    assert (await client.get(turning)).status_code == 404
    assert (await client.post(turning, json={"action": "stop"})).status_code == 404
    async with scene.socket(client, await scene.opened(client)) as socket:
        await piece(socket)
        with psycopg.connect(scene.dsn) as owner:
            owner.execute("UPDATE trust.site_groups SET sites = '{PORT}'")
        assert await _ended(socket) == "the camera is out of reach"


async def test_view_ends_when_the_incident_it_is_for_does(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "CHECK_EVERY_S", 0.2)
    client = await scene.person(*OPERATOR, "dispatcher")
    case = {"title": "White Corolla", "kind": "vehicle", "camera": "CAM"}
    incident = (await client.post("/api/incidents", json=case)).json()["id"]
    path = await scene.opened(client, incident=incident)
    async with (
        scene.socket(client, path) as socket,
        scene.socket(client, await scene.opened(client)) as without,
    ):
        await piece(socket)
        over = {"state": "resolved", "reason": "stopped"}
        assert (await client.post(f"/api/incidents/{incident}/state", json=over)).status_code == 200
        assert await _ended(socket) == "the incident is not open"
        before, _ = await piece(without)
        assert (await piece(without))[0] > before


async def _ended(socket: ClientConnection) -> object:
    reason: object = None
    try:
        async with asyncio.timeout(6):
            while True:
                message = await said(socket)
                if message["type"] == "ended":
                    reason = message["reason"]
    except ConnectionClosed:
        return reason


async def test_opening_and_end_with_duration_are_in_the_audit_log(scene: Scene) -> None:
    client = await scene.person(*OPERATOR, "dispatcher")
    case = {"title": "White Corolla", "kind": "vehicle", "camera": "CAM"}
    incident = (await client.post("/api/incidents", json=case)).json()["id"]
    async with scene.socket(client, await scene.opened(client, incident=incident)) as socket:
        await piece(socket)
    async with asyncio.timeout(5):
        while not (ends := scene.audit("end_live_view")):
            await asyncio.sleep(0.05)
    details = ends[0]["details"]
    assert isinstance(details, dict)
    assert details["camera"] == "CAM"
    assert details["incident"] == incident
    assert details["duration_s"] >= 0
    begun = [entry["outcome"] for entry in scene.audit("open_live_view")]
    assert begun == ["begun", "allowed"]
    assert scene.audit("watch_live_view") == []  # the opening says it all


async def test_camera_without_sub_stream_shows_its_main_one(scene: Scene) -> None:
    client = await scene.person()
    async with scene.socket(client, await scene.opened(client, "ONE")) as socket:
        await piece(socket)
    assert scene.worker.opened("ONE", "main") == 1


async def test_camera_of_pictures_is_shown_as_pictures(scene: Scene) -> None:
    client = await scene.person()
    async with scene.socket(client, await scene.opened(client, "PIC")) as socket:
        assert (await said(socket))["mime"] == "image/jpeg"
        observed, picture = await piece(socket)
        assert picture[:2] == b"\xff\xd8"
        assert observed > 1_700_000_000_000


async def test_silence_of_the_camera_is_told_and_its_end_too(scene: Scene) -> None:
    client = await scene.person()
    async with scene.socket(client, await scene.opened(client)) as socket:
        await piece(socket)
        scene.worker.fall_silent("CAM")
        assert await said(socket) == {
            "type": "state",
            "reason": "no picture comes from the camera",
        }
        scene.worker.fall_silent("CAM", silent=False)
        assert await said(socket) == {"type": "state", "reason": ""}
        await piece(socket)


async def test_hls_gives_playlist_initialisation_and_segments(scene: Scene) -> None:
    client, other = await scene.person(), await scene.person()
    playlist = await scene.opened(client, kind="hls")
    text = (await client.get(playlist)).text
    assert text.startswith("#EXTM3U")
    base = playlist.rpartition("/")[0]
    init = next(line for line in text.splitlines() if "MAP" in line).split('"')[1]
    segment = next(line for line in text.splitlines() if line.endswith(".m4s"))
    assert (await client.get(f"{base}/{init}")).content[4:8] == b"ftyp"
    assert (await client.get(f"{base}/{segment}")).content[4:8] == b"moof"
    assert (await other.get(playlist)).status_code == 404
    assert (await client.delete(base)).status_code == 204
    async with asyncio.timeout(5):
        while (await client.get(playlist)).status_code != 404:
            await asyncio.sleep(0.05)
    assert scene.audit("get_live_segment") == []


async def test_stream_ends_when_nobody_watches(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fanout, "LINGER_S", 0.2)
    client = await scene.person()
    async with scene.socket(client, await scene.opened(client)) as socket:
        await piece(socket)
    fan = scene.worker._played["CAM", "sub"].fan
    async with asyncio.timeout(5):
        while not all(queue.ended for queue in fan._queues):
            await asyncio.sleep(0.05)


async def test_snapshot_is_a_picture_of_the_main_stream(scene: Scene) -> None:
    client = await scene.person()
    for camera in ("CAM", "PIC"):
        answer = await client.post("/api/video/snapshots", json={"camera": camera})
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.content[:2] == b"\xff\xd8"
    assert (await client.post("/api/video/snapshots", json={"camera": "NO"})).status_code == 404


async def test_camera_whose_worker_is_away_says_so(scene: Scene) -> None:
    client = await scene.person()
    await asyncio.to_thread(scene.worker.close)
    async with asyncio.timeout(5):
        while scene.app.state.channels.connected():
            await asyncio.sleep(0.05)
    async with scene.socket(client, await scene.opened(client)) as socket:
        assert await said(socket) == {"type": "state", "reason": "worker-1 is not connected"}
    answer = await client.post("/api/video/snapshots", json={"camera": "CAM"})
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


async def test_account_watches_no_more_than_a_person_can(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "VIEWS_MOST", 2)
    client = await scene.person()
    for _ in range(2):
        await scene.opened(client)
    answer = await client.post("/api/video/live", json={"camera": "CAM"})
    assert (answer.status_code, answer.json()["code"]) == (429, "too-many-views")


async def test_higher_role_takes_a_camera_over_and_an_equal_one_waits(scene: Scene) -> None:
    first, second = await scene.person("video_operator"), await scene.person("video_operator")
    chief = await scene.person("supervisor")
    path = "/api/video/cameras/CAM/ptz"
    state = (await first.get(path)).json()
    assert state["available"]
    assert [one["name"] for one in state["presets"]] == ["Gate", "Road"]
    assert state["lease"] is None
    move = {"action": "move", "pan": 0.5}
    answer = await first.post(path, json=move)
    assert answer.status_code == 200, answer.text
    assert answer.json()["mine"] is True
    refused = await second.post(path, json=move)
    assert (refused.status_code, refused.json()["code"]) == (409, "steered-by-another")
    assert refused.json()["held_by"] == scene.people.account_of(first).display_name
    taken = await chief.post(path, json={"action": "stop"})
    assert taken.json()["taken_from"] == scene.people.account_of(first).display_name
    assert (await first.post(path, json=move)).status_code == 409
    acts = [act["action"] for act in scene.worker.acts if act["action"] != "presets"]
    assert acts == ["move", "stop"]


async def test_move_that_is_not_repeated_is_stopped(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("amaan.video.steering.MOVE_LASTS_S", 0.2)
    client = await scene.person("video_operator")
    await client.post("/api/video/cameras/CAM/ptz", json={"action": "move", "zoom": -1})
    async with asyncio.timeout(5):
        while [act["action"] for act in scene.worker.acts] != ["move", "stop"]:
            await asyncio.sleep(0.05)


async def test_acts_that_make_no_sense_are_refused(scene: Scene) -> None:
    client = await scene.person("video_operator")
    path = "/api/video/cameras/CAM/ptz"
    for body in (
        {"action": "move", "pan": 2},
        {"action": "preset"},
        {"action": "stop", "preset": "1"},
        {"action": "jump"},
    ):
        assert (await client.post(path, json=body)).status_code == 422
    assert scene.worker.acts == []
