"""A camera is asked what it is, set and turned, whatever its clock says; no password leaks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Literal
from urllib.parse import quote

import pytest

from amaan.city.address import parse_address
from amaan.city.networks import OWN_SHELL
from amaan.simulation.onvif import OnvifDevice, OnvifServer, SimulatedStream
from amaan.video.onvif.device import OnvifCamera
from amaan.video.onvif.errors import OnvifAnswerError, OnvifUnauthorisedError
from amaan.video.onvif.reach import Reach

CANARY = "Wq7-canary/@: pp"


@pytest.fixture(params=["T", "S"])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[OnvifServer]:
    profile: Literal["T", "S"] = request.param
    streams = [
        SimulatedStream("main", "rtsp://viewer:secret@127.0.0.1:8554/main?a=1&b=2"),
        SimulatedStream("sub", "rtsp://127.0.0.1:8554/sub", 640, 360, 12, 24, 400),
    ]
    device = OnvifDevice(streams, password=CANARY, profile=profile, picture=b"\xff\xd8picture")
    served = OnvifServer(device)
    await served.start()
    yield served
    await served.close()


def reached(server: OnvifServer, password: str = "") -> OnvifCamera:
    url = server.url.replace("//", f"//operator:{password or quote(CANARY, safe='')}@", 1)
    camera = OnvifCamera(Reach(parse_address(url), OWN_SHELL))
    camera.greet()
    return camera


@pytest.mark.parametrize("hours", [0, 5, -300])
async def test_camera_describes_itself_whatever_its_clock_says(
    server: OnvifServer, hours: int
) -> None:
    server.device.skew = timedelta(hours=hours)
    said = await asyncio.to_thread(lambda: reached(server).describe())
    assert (said.vendor, said.model, said.ptz) == ("Amaan", "Simulated PTZ", True)
    assert said.clock_offset_s == pytest.approx(hours * 3600, abs=3)
    assert said.media2 is (server.device.profile == "T")
    assert [one.stream_uri for one in said.profiles] == [
        "rtsp://127.0.0.1:8554/main?a=1&b=2",
        "rtsp://127.0.0.1:8554/sub",
    ]
    coded = said.profiles[1].encoder
    assert (coded.codec, coded.width, coded.height) == ("H264", 640, 360)
    assert (coded.fps, coded.gop, coded.kbps) == (12, 24, 400)


async def test_clock_is_read_before_anything_is_signed(server: OnvifServer) -> None:
    await asyncio.to_thread(reached, server)
    assert server.device.asked[0] == "GetSystemDateAndTime"


async def test_wrong_password_is_said_plainly_and_never_repeated(
    server: OnvifServer, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(OnvifUnauthorisedError) as refused:
        await asyncio.to_thread(reached, server, "wrong-canary")
    server.device.password = CANARY
    camera = await asyncio.to_thread(reached, server)
    await asyncio.to_thread(camera.describe)
    out = capfd.readouterr()
    told = caplog.text + out.out + out.err + repr(refused.value) + repr(camera.reach)
    assert "canary" not in told


async def test_encoder_is_set_and_told_as_it_is_now(server: OnvifServer) -> None:
    camera = await asyncio.to_thread(reached, server)
    now = await asyncio.to_thread(camera.set_encoder, "sub", 10, 20)
    assert (now.fps, now.gop) == (10, 20)
    stream = server.device.streams[1]
    assert (stream.fps, stream.gop, stream.kbps) == (10, 20, 400)
    with pytest.raises(OnvifAnswerError):
        await asyncio.to_thread(camera.set_encoder, "absent", 10, 20)


async def test_camera_turns_stops_and_goes_to_what_it_knows(server: OnvifServer) -> None:
    motors = server.device.motors
    camera = await asyncio.to_thread(reached, server)
    profile = await asyncio.to_thread(camera.turnable)
    await asyncio.to_thread(camera.move, profile, 0.5, -0.25, 1.0)
    assert list(motors.speeds) == [0.5, -0.25, 1.0]
    await asyncio.to_thread(camera.stop, profile)
    assert list(motors.speeds) == [0, 0, 0]
    names = [one.name for one in await asyncio.to_thread(camera.positions, profile)]
    assert names == ["Gate", "Junction"]
    await asyncio.to_thread(camera.go_to, profile, "2")
    assert motors.place == "Junction"
    await asyncio.to_thread(camera.go_home, profile)
    assert motors.place == "home"
    with pytest.raises(OnvifAnswerError):
        await asyncio.to_thread(camera.go_to, profile, "9")


async def test_camera_without_motors_says_so(server: OnvifServer) -> None:
    server.device.turns = False
    camera = await asyncio.to_thread(reached, server)
    with pytest.raises(OnvifAnswerError, match="cannot be turned"):
        await asyncio.to_thread(camera.turnable)


async def test_picture_comes_after_a_digest_sign_in(server: OnvifServer) -> None:
    camera = await asyncio.to_thread(reached, server)
    assert await asyncio.to_thread(camera.picture, "Pmain") == b"\xff\xd8picture"
    server.device.password = "another"  # noqa: S105
    with pytest.raises(OnvifUnauthorisedError):
        await asyncio.to_thread(camera.reach.exchange, "GET", server.url)
