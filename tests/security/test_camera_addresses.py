"""An address that an administrator enters is no way into what stands behind the centre."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import Literal

import httpx
import pytest
from tests.people import People

from amaan.app.settings import CentreSettings
from amaan.city.address import CameraAddressError, parse_address
from amaan.city.networks import OWN_SHELL, CameraNetworks, check_allowed, check_ip
from amaan.simulation.onvif import OnvifDevice, OnvifServer, SimulatedStream, Trick
from amaan.video import reaching
from amaan.video.errors import NotVideoError, SourceError
from amaan.video.onvif import reach
from amaan.video.onvif.device import OnvifCamera
from amaan.video.onvif.errors import (
    OnvifAnswerError,
    OnvifElsewhereError,
    OnvifUnreachableError,
)
from amaan.video.reaching import PlaceRefusedError, pinned
from amaan.video.settings import VideoSettings
from amaan.video.sources import open_source

STRICT = CameraNetworks(networks=("10.20.0.0/16", "fd12::/32"))


@pytest.mark.parametrize("text", ["rtsp://10.20.1.1/live", "http://[fd12::7]/mjpeg", "rtsps://h/1"])
def test_camera_in_the_cameras_networks_is_taken(text: str) -> None:
    check_allowed(parse_address(text), STRICT)


@pytest.mark.parametrize(
    "host",
    [
        *("10.21.0.1", "192.168.1.1", "8.8.8.8", "[2001:db8::1]"),
        *("127.0.0.1", "127.8.9.1", "localhost", "a.localhost", "[::1]"),
        *("[::ffff:127.0.0.1]", "[::ffff:10.21.0.1]", "[::127.0.0.1]"),
        *("[64:ff9b::127.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[2002:7f00:1::1]"),
        *("100.100.100.200", "168.63.129.16", "[fd00:ec2::254]"),
    ],
)
def test_address_elsewhere_is_refused(host: str) -> None:
    with pytest.raises(CameraAddressError):
        check_allowed(parse_address(f"rtsp://{host}/live"), STRICT)


@pytest.mark.parametrize(
    "address",
    [
        *("169.254.169.254", "169.254.170.2", "fe80::1", "::ffff:169.254.169.254"),
        *("100.100.100.200", "168.63.129.16", "fd00:ec2::254", "0.0.0.0", "::"),  # noqa: S104
        *("224.0.0.1", "ff02::1", "255.255.255.255", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1"),
    ],
)
def test_metadata_and_link_local_are_refused_whatever_is_allowed(address: str) -> None:
    for allowed in (OWN_SHELL, CameraNetworks(networks=("0.0.0.0/0", "::/0"), loopback=True)):
        with pytest.raises(CameraAddressError):
            check_ip(ip_address(address), allowed)


@pytest.mark.parametrize(
    "text",
    [
        *("http://2130706433/", "http://0x7f000001/", "http://017700000001/", "http://127.1/"),
        *("http://0x7f.0.0.1/", "http://2852039166/", "rtsp://169.254.43518/"),
        *("exec:/bin/sh", "expr:1", "echo:x", "ffmpeg:x", "concat:a|b", "tcp://h:1", "pipe:0"),
        *("rtsp://h/ -i /etc/passwd", "-protocol_whitelist", "rtsp://h/x\r\nHost: a"),
        *("file://server/share", "\\\\server\\share", "rtsp://a@b@169.254.169.254/"),
    ],
)
def test_other_ways_of_writing_and_other_kinds_are_refused(text: str) -> None:
    with pytest.raises(CameraAddressError):
        check_allowed(parse_address(text), CameraNetworks(loopback=False))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "rtsp://admin:admin@10.20.0.1/",
            "rtsp://admin:12345@10.20.0.1/",
            "rtsp://root@10.20.0.1/",
        ),
        *("rtsp://888888:888888@10.20.0.1/", "http://10.20.0.1/v?user=admin&pwd=Password"),
        *("rtsp://admin:%61dmin@10.20.0.1/", "http://10.20.0.1/v?loginuse=admin&loginpas=123456"),
    ],
)
def test_password_that_the_maker_shipped_is_refused(text: str) -> None:
    with pytest.raises(CameraAddressError, match="maker"):
        check_allowed(parse_address(text), STRICT)
    check_allowed(parse_address(text), STRICT.model_copy(update={"default_passwords": True}))


def test_password_of_ones_own_is_taken() -> None:
    check_allowed(parse_address("rtsp://admin:Wq7-uZ1pp@10.20.0.1/"), STRICT)


def test_files_only_under_the_folders_that_are_named(tmp_path: Path) -> None:
    inside, outside = tmp_path / "videos", tmp_path / "private"
    inside.mkdir()
    outside.mkdir()
    (outside / "a.mp4").write_bytes(b"x")
    (inside / "link.mp4").symlink_to(outside / "a.mp4")
    allowed = CameraNetworks(folders=(inside,))
    check_allowed(parse_address(f"file:{inside}/a.mp4"), allowed)
    for text in (
        *(f"file:{outside}/a.mp4", f"file:{inside}/../private/a.mp4", f"folder:{tmp_path}"),
        *("file:/etc/passwd", f"file:{inside}x/a.mp4"),
    ):
        with pytest.raises(CameraAddressError):
            check_allowed(parse_address(text), allowed)
    with pytest.raises(PlaceRefusedError):  # known only where it is opened
        pinned(parse_address(f"file:{inside}/link.mp4"), allowed)
    with pytest.raises(CameraAddressError):
        check_allowed(parse_address(f"file:{inside}/a.mp4"), CameraNetworks())


def test_name_that_leads_inward_is_refused_where_it_is_opened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address = parse_address("rtsp://camera.example/live")
    for inward in ("127.0.0.1", "169.254.169.254", "192.168.0.1", "::1"):
        monkeypatch.setattr(reaching, "resolve", lambda *_, found=inward: ["10.20.0.5", found])
        with pytest.raises(PlaceRefusedError):
            pinned(address, STRICT)


def test_name_is_asked_for_once_and_its_answer_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([["10.20.0.5"], ["127.0.0.1"]])
    monkeypatch.setattr(reaching, "resolve", lambda *_: next(answers))
    at = pinned(parse_address("rtsp://u:p%40ss@camera.example:8554/live?x=1"), STRICT)
    assert at.full == "rtsp://u:p%40ss@10.20.0.5:8554/live?x=1"
    assert "10.20.0.5" not in at.redacted


@contextmanager
def _camera(answer: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """An HTTP camera that gives one answer to everybody, and what it was asked."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        stop = threading.Event()

        def serve() -> None:
            while not stop.is_set():
                try:
                    line, _ = server.accept()
                except TimeoutError:
                    continue
                with line:
                    asked.append(line.recv(4096))
                    line.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1], asked
        finally:
            stop.set()
            thread.join()


@pytest.mark.parametrize(
    "to",
    ["http://169.254.169.254/latest", "http://[::1]:1/", "file:///etc/passwd", "http://10.0.0.1/"],
)
def test_redirect_to_another_place_is_not_followed(to: str) -> None:
    answer = f"HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode()
    with _camera(answer) as (port, asked):
        with pytest.raises(NotVideoError):
            open_source(parse_address(f"http://127.0.0.1:{port}/"), VideoSettings())
        assert len(asked) == 1


@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "305 Use Proxy"])
def test_rtsp_camera_that_sends_us_elsewhere_is_refused(status: str) -> None:
    with _camera(b"RTSP/1.0 404 Not Found\r\nCSeq: 1\r\n\r\n") as (elsewhere, heard):
        to = f"rtsp://127.0.0.1:{elsewhere}/stream"
        answer = f"RTSP/1.0 {status}\r\nCSeq: 1\r\nLocation: {to}\r\n\r\n".encode()
        with _camera(answer) as (port, asked):
            address = parse_address(f"rtsp://viewer:hush@127.0.0.1:{port}/stream")
            with pytest.raises(reaching.PlaceRefusedError) as refused:
                open_source(address, VideoSettings())
            assert len(asked) == 1
            assert b"hush" not in asked[0], "nobody is told the password before"
        assert heard == []
    assert "hush" not in str(refused.value)


def test_connection_goes_to_the_address_looked_at_and_names_the_host(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reaching, "resolve", lambda *_: ["127.0.0.1"])
    answer = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    with _camera(answer) as (port, asked), pytest.raises(SourceError):
        open_source(parse_address(f"http://camera.example:{port}/v"), VideoSettings())
    assert f"host: camera.example:{port}".encode() in asked[0].lower()


@pytest.fixture
def centre_settings(centre_settings: CentreSettings) -> CentreSettings:
    return centre_settings.model_copy(update={"cameras": STRICT})


@pytest.mark.parametrize(
    "address",
    [
        *("rtsp://127.0.0.1/x", "http://169.254.169.254/latest/meta-data", "exec:/bin/sh"),
        *("file:/etc/passwd", "rtsp://admin:12345@10.20.0.1/", "rtsp://192.168.1.1/"),
    ],
)
async def test_centre_refuses_by_every_way_in_and_never_repeats_the_address(
    people: People, address: str
) -> None:
    office: httpx.AsyncClient = await people.person("administrator")
    site = {"code": "S1", "name": "Site", "kind": "other", "lon": 67.0, "lat": 24.8}
    assert (await office.post("/api/city/sites", json=site)).status_code == 201
    camera = {"code": "A", "name": "Gate", "site": "S1", "address": "rtsp://10.20.0.9/1"}
    assert (await office.post("/api/city/cameras", json=camera)).status_code == 201
    hostile = {**camera, "code": "B", "address": address}
    answer = await office.post("/api/city/cameras", json=hostile)
    assert (answer.status_code, answer.json()["code"]) == (422, "camera-address")
    assert address not in answer.text
    changed = await office.patch("/api/city/cameras/A", json={"address": address})
    assert (changed.status_code, changed.json()["code"]) == (422, "camera-address")
    sheet = f"code,name,site,address\nC,Gate,S1,{address}\n"
    imported = await office.post(
        "/api/city/cameras/import", content=sheet, headers={"Content-Type": "text/csv"}
    )
    assert imported.json()["accepted"] == 0, imported.text


_TRICKS = {
    Trick.SERVICES_ELSEWHERE: OnvifElsewhereError,
    Trick.STREAM_ELSEWHERE: OnvifElsewhereError,
    Trick.STREAM_TO_METADATA: OnvifElsewhereError,
    Trick.PICTURE_ELSEWHERE: OnvifElsewhereError,
    Trick.REDIRECT: OnvifElsewhereError,
    Trick.BOMB: OnvifAnswerError,
    Trick.EXTERNAL: OnvifAnswerError,
    Trick.HUGE: OnvifAnswerError,
    Trick.PACKED: OnvifAnswerError,
    Trick.GARBAGE: OnvifAnswerError,
    Trick.SLOW: OnvifUnreachableError,
}


@pytest.mark.parametrize("profile", ["T", "S"])
@pytest.mark.parametrize("trick", [trick for trick in Trick if trick is not Trick.NONE])
async def test_onvif_answer_that_tricks_is_refused_and_nobody_else_is_asked(
    trick: Trick, profile: Literal["T", "S"], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "ANSWER_WITHIN_S", 1.0)
    with _camera(b"HTTP/1.1 200 OK\r\n\r\n") as (port, asked):
        elsewhere = f"127.0.0.2:{port}"
        device = OnvifDevice(
            [SimulatedStream("main", "rtsp://127.0.0.1/live")],
            profile=profile, trick=trick, elsewhere=elsewhere,
        )  # fmt: skip
        server = OnvifServer(device)
        await server.start()
        url = server.url.replace("//", f"//{device.user}:{device.password}@", 1)

        def use() -> None:
            camera = OnvifCamera(reach.Reach(parse_address(url), OWN_SHELL))
            camera.greet()
            camera.describe()
            camera.picture("Pmain")

        with pytest.raises(_TRICKS[trick]) as refused:
            await asyncio.to_thread(use)
        await server.close()
        assert asked == []
        assert device.password not in str(refused.value)


def test_onvif_service_where_no_camera_may_be_is_never_connected_to() -> None:
    for text in ("http://169.254.169.254/onvif", "http://127.0.0.1/onvif", "http://8.8.8.8/onvif"):
        with pytest.raises((PlaceRefusedError, CameraAddressError)):
            reach.Reach(parse_address(text), STRICT)
