"""Simulated cameras over loopback, pulled as real ones are."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import av
import pytest
from tests.films import coded_of, image_of, make_film, read_number
from tests.flows.centre import AMAAN, free_port

from amaan.city.address import parse_address
from amaan.city.sheet import read_sheet
from amaan.simulation.city import DemoCity
from amaan.simulation.library import Library
from amaan.simulation.loops import Loop, read_loop
from amaan.simulation.mjpeg import MjpegServer, PictureStream, pictures_of
from amaan.simulation.onvif import OnvifServer
from amaan.simulation.rtsp import RtspServer
from amaan.simulation.serving import Ports, cameras_of, turning_device
from amaan.simulation.streams import Fault, Stream
from amaan.video.errors import (
    NoSuchStreamError,
    SourceError,
    SourceUnauthorisedError,
)
from amaan.video.onvif.device import OnvifCamera
from amaan.video.onvif.errors import OnvifError
from amaan.video.onvif.reach import Reach
from amaan.video.packets import Coded
from amaan.video.settings import VideoSettings
from amaan.video.sources import open_source

SETTINGS = VideoSettings(open_timeout_s=3.0, read_timeout_s=1.5)
FPS = 20
FRAMES = 100


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "loop.mp4"
    return make_film(path, frames=FRAMES, fps=FPS, gop=10, options={"bf": "0", "crf": "18"})


@pytest.fixture(scope="module")
def loop(film: Path) -> Loop:
    return read_loop(film)


@asynccontextmanager
async def cameras(*streams: Stream, password: str = "") -> AsyncIterator[int]:
    server = RtspServer({s.name: s for s in streams}, user="viewer", password=password)
    port = await server.start("127.0.0.1", 0)
    try:
        yield port
    finally:
        await server.close()


def watch(address: str, frames: int) -> list[tuple[float, int, float]]:
    """Return (presentation time, number in the picture, arrival) of so many pictures."""
    seen: list[tuple[float, int, float]] = []
    with av.open(address, "r", options={"rtsp_transport": "tcp"}, timeout=5.0) as container:
        for frame in container.decode(video=0):
            seen.append((float(frame.time or 0), read_number(image_of(frame)), time.time()))
            if len(seen) >= frames:
                break
    return seen


def pull(address: str, enough: Callable[[list[Coded]], bool]) -> list[Coded]:
    source = open_source(parse_address(address), SETTINGS)
    got: list[Coded] = []
    try:
        for packet in coded_of(source):
            got.append(packet)
            if enough(got):
                break
    finally:
        source.close()
    return got


async def test_pictures_come_in_order_round_after_round_with_even_stamps(loop: Loop) -> None:
    async with cameras(Stream("A", loop)) as port:
        seen = await asyncio.to_thread(watch, f"rtsp://127.0.0.1:{port}/A", FRAMES + 20)
    assert all(b[1] == (a[1] + 1) % FRAMES for a, b in pairwise(seen))
    assert all(b[0] - a[0] == pytest.approx(1 / FPS, abs=0.002) for a, b in pairwise(seen))


async def test_every_client_sees_the_moment_of_the_wall_clock(loop: Loop) -> None:
    async with cameras(Stream("A", loop), Stream("B", loop, shift_s=2.0)) as port:
        names = ("A", "A", "B")
        seen = await asyncio.gather(
            *(asyncio.to_thread(watch, f"rtsp://127.0.0.1:{port}/{name}", 40) for name in names)
        )
    for name, pictures in zip(names, seen, strict=True):
        _, number, arrived = pictures[-1]
        due = int((arrived + (2.0 if name == "B" else 0.0)) * FPS)
        assert (due - number) % FRAMES <= 8 * FPS / 10  # decoders keep a few pictures back


async def test_password_is_asked_for(loop: Loop) -> None:
    async with cameras(Stream("A", loop), password="night-watch") as port:

        def first(userinfo: str) -> bool:
            address = f"rtsp://{userinfo}127.0.0.1:{port}/A"
            return pull(address, lambda got: len(got) > 2)[0].keyframe

        assert await asyncio.to_thread(first, "viewer:night-watch@")
        for wrong in ("", "viewer:day-watch@"):
            with pytest.raises(SourceUnauthorisedError):
                await asyncio.to_thread(first, wrong)


async def test_unknown_camera_is_named_so(loop: Loop) -> None:
    async with cameras(Stream("A", loop)) as port:
        with pytest.raises(NoSuchStreamError):
            await asyncio.to_thread(pull, f"rtsp://127.0.0.1:{port}/C", lambda got: bool(got))


@pytest.mark.parametrize("fault", [Fault.SILENT, Fault.BROKEN])
async def test_camera_that_fails_ends_after_its_good_pictures(loop: Loop, fault: Fault) -> None:
    got: list[Coded] = []

    def keep(packets: list[Coded]) -> bool:
        got[:] = packets
        return False

    async with cameras(Stream("A", loop, fault=fault, fault_after_s=1.0)) as port:
        with suppress(SourceError):  # a source may end as a film does: its feed comes back
            await asyncio.to_thread(pull, f"rtsp://127.0.0.1:{port}/A", keep)
    assert 10 <= len(got) <= 40


async def test_garbage_does_not_end_the_connection(loop: Loop) -> None:
    async with cameras(Stream("A", loop, fault=Fault.GARBAGE, fault_after_s=0.5)) as port:
        got = await asyncio.to_thread(
            pull, f"rtsp://127.0.0.1:{port}/A", lambda packets: len(packets) >= 60
        )
    assert len(got) >= 60


async def test_client_that_reads_nothing_is_dropped(loop: Loop) -> None:
    heavy = Loop(*(320, 240, 200.0, loop.sps, loop.pps), [(bytes([65]) * 200_000,)] * 10, [0])
    server = RtspServer({"A": Stream("A", heavy)})
    port = await server.start("127.0.0.1", 0)
    url = f"rtsp://127.0.0.1:{port}/A"
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    for number, line in enumerate(
        (
            f"SETUP {url}/track0 RTSP/1.0\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1",
            f"PLAY {url} RTSP/1.0",
        )
    ):
        writer.write(f"{line}\r\nCSeq: {number}\r\n\r\n".encode())
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"RTSP/1.0 200")
    async with asyncio.timeout(20):
        while not server.dropped:
            await asyncio.sleep(0.05)
    writer.close()
    await server.close()


async def test_pictures_over_http_are_pulled_as_from_a_camera(film: Path) -> None:
    pictures = list(pictures_of(film, every=2))
    server = MjpegServer(
        {
            "M": PictureStream("M", FPS / 2, pictures),
            "X": PictureStream("X", FPS / 2, pictures, Fault.BROKEN, 0.5),
        }
    )
    port = await server.start("127.0.0.1", 0)
    try:
        got = await asyncio.to_thread(
            pull, f"http://127.0.0.1:{port}/M", lambda packets: len(packets) >= 15
        )
        assert len(got) == 15
        with pytest.raises(SourceError):
            await asyncio.to_thread(pull, f"http://127.0.0.1:{port}/X", lambda _: False)
        with pytest.raises(NoSuchStreamError):
            await asyncio.to_thread(pull, f"http://127.0.0.1:{port}/none", lambda _: False)
    finally:
        await server.close()


async def test_one_camera_of_the_city_turns_for_those_who_have_its_password(
    tmp_path: Path,
) -> None:
    city, ports = DemoCity(), Ports("127.0.0.1", 8554, 8555, "night-watch")
    device = turning_device(city, ports)
    server = OnvifServer(device)
    ports = replace(ports, onvif=await server.start())
    (entered,) = [c for c in cameras_of(city, Library(tmp_path), ports) if c.onvif_address]

    def turned(address: str) -> list[str]:
        camera = OnvifCamera(Reach(parse_address(address), SETTINGS.networks))
        camera.greet()
        profile = camera.turnable()
        camera.move(profile, 0.5, 0.0, 0.0)
        return [one.name for one in camera.positions(profile)]

    try:
        assert entered.onvif_address is not None
        assert await asyncio.to_thread(turned, entered.onvif_address) == ["Gate", "Junction"]
        assert device.motors.speeds == (0.5, 0.0, 0.0)
        wrong = replace(ports, password="day-watch").onvif_address
        with pytest.raises(OnvifError):
            await asyncio.to_thread(turned, wrong)
        assert device.streams[0].uri == f"rtsp://127.0.0.1:8554/{entered.code}"
    finally:
        await server.close()


def test_command_serves_cameras_that_the_centre_can_import(tmp_path: Path) -> None:
    port, secret = free_port(), tmp_path / "password"
    secret.write_text("night-watch\n")
    folder = tmp_path / "city"
    command = [
        str(AMAAN),
        "simulate",
        "--cameras",
        "3",
        "--port",
        str(port),
        "--folder",
        str(folder),
    ]
    process = subprocess.Popen(
        [*command, "--password-file", str(secret)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        said = []
        for line in process.stdout:
            said.append(line)
            if "cameras serve" in line:
                break
        sheet = read_sheet((folder / "cameras.csv").read_text())
        assert len(sheet.lines) == 3, said
        assert not sheet.rejected
        got = pull(sheet.lines[0].camera.address, lambda packets: len(packets) >= 10)
        assert got[0].keyframe
        assert "night-watch" not in "".join(said)
        taken = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert taken.returncode == 12
        assert f"cannot listen on 127.0.0.1:{port}" in taken.stderr
    finally:
        process.terminate()
        process.communicate(timeout=10)
    assert process.returncode == 0
