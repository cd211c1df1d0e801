"""A simulated RTSP camera, a real worker, a real centre: what a viewer's socket gets of it."""

from __future__ import annotations

import io
import json
import time
from contextlib import closing
from pathlib import Path

import av
import httpx
import pytest
from tests.flows.centre import officer, running_centre, signed_in
from tests.flows.live_worker import film_of
from tests.flows.test_live_path import served
from websockets.sync.client import ClientConnection, connect

LIMIT_S = 40.0

pytestmark = pytest.mark.timeout(240)


def opened(url: str, client: httpx.Client, **more: str) -> ClientConnection:
    answer = client.post("/api/video/live", json={"camera": "CAM", **more})
    assert answer.status_code == 201, answer.text
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    return connect(
        url.replace("http", "ws") + answer.json()["socket"],
        additional_headers={"Cookie": cookie},
        max_size=None,
    )


def fragments(socket: ClientConnection, count: int) -> tuple[str, list[tuple[int, bytes]]]:
    """Return the MIME type and so many pieces, the initialisation first."""
    mime, found = "", list[tuple[int, bytes]]()
    deadline = time.monotonic() + LIMIT_S
    while len(found) < count:
        message = socket.recv(timeout=deadline - time.monotonic())
        if isinstance(message, bytes):
            found.append((int.from_bytes(message[:8], "big"), message[8:]))
        elif json.loads(message)["type"] == "format":
            mime, found = json.loads(message)["mime"], []
    return mime, found


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "street.mp4"
    path.write_bytes(film_of("CAM", "sub"))
    return path


def test_film_of_a_camera_reaches_viewers_and_decodes(film: Path, tmp_path: Path) -> None:
    with served(film) as address, running_centre(tmp_path, "--workers", "1") as url:
        with closing(signed_in(url, tmp_path)) as office:
            site = {"code": "GATE", "name": "Gate", "name_ur": "", "kind": "other"}
            place = {"lon": 67.0, "lat": 24.8}
            assert office.post("/api/city/sites", json={**site, **place}).status_code == 201
            camera = {"code": "CAM", "name": "Cam", "site": "GATE", "address": address, **place}
            answer = office.post("/api/city/cameras", json={**camera, "read_plates": False})
            assert answer.status_code == 201, answer.text
        with closing(officer(url, tmp_path)) as client:
            with opened(url, client) as first, opened(url, client, stream="main") as second:
                for socket in (first, second):
                    mime, found = fragments(socket, 10)
                    assert mime.startswith('video/mp4; codecs="avc1.')
                    with av.open(io.BytesIO(b"".join(data for _, data in found)), "r") as film_seen:
                        frames = len(list(film_seen.decode(video=0)))
                    assert frames >= 10
                    seen = [at_ms for at_ms, _ in found[1:]]
                    assert seen == sorted(seen)
            picture = client.post("/api/video/snapshots", json={"camera": "CAM"})
            assert (picture.status_code, picture.content[:2]) == (200, b"\xff\xd8")
