"""Telemetry over a real mosquitto."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import aiomqtt
import pytest
from pydantic import ValidationError

from amaan.app.health import broker_check
from amaan.city.devices.model import Delivered, Device, DeviceKind, Refused
from amaan.city.devices.mqtt import MqttIntake, read_message
from amaan.city.devices.service import DeviceService
from amaan.city.devices.settings import BrokerSettings, DeviceSettings
from amaan.city.model import Site, SiteKind
from amaan.city.service import CityService
from amaan.engines.postgres.database import PostgresDatabase
from amaan.engines.postgres.outbox import PostgresOutbox
from amaan.kernel.acting import acting_as, system
from amaan.kernel.clock import ManualClock
from amaan.kernel.errors import UnavailableError
from amaan.kernel.geography import Point
from amaan.kernel.tasks import cancel_all
from amaan.trust.sealing import Sealer

SECRET = "canary-1947"  # noqa: S105  of a broker that lives for one test
MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin")


@dataclass
class Broker:
    """A mosquitto with TLS and a password on loopback; it may be stopped and started."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it listens."""
        assert MOSQUITTO is not None
        self.process = subprocess.Popen(
            [MOSQUITTO, "-c", str(self.folder / "mosquitto.conf")], stderr=subprocess.DEVNULL
        )
        while self.process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return
        raise AssertionError("mosquitto did not start")

    def stop(self) -> None:
        """End it, as when its machine fails."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    @property
    def settings(self) -> BrokerSettings:
        """What the centre is told of it."""
        return BrokerSettings(
            host="localhost",
            port=self.port,
            ca_file=self.folder / "cert.pem",
            user="centre",
            password_file=self.folder / "password",
        )

    @contextlib.asynccontextmanager
    async def gateway(self) -> AsyncIterator[aiomqtt.Client]:
        """Yield a client as a site's gateway has one."""
        tls = aiomqtt.TLSParameters(ca_certs=str(self.folder / "cert.pem"))
        async with aiomqtt.Client(
            "localhost", self.port, username="centre", password=SECRET, tls_params=tls
        ) as client:
            yield client


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    if MOSQUITTO is None:
        pytest.skip("mosquitto is absent: scripts/system.sh test installs it")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    key = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    key += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    key += ["-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "cert.pem")]
    subprocess.run(key, check=True, capture_output=True)
    passwords = tmp_path / "passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", passwords, "centre", SECRET], check=True)
    (tmp_path / "password").write_text(f"{SECRET}\n")
    for path in (tmp_path, *tmp_path.iterdir()):
        path.chmod(0o755)
    for parent in list(tmp_path.parents)[:3]:
        with contextlib.suppress(OSError):
            parent.chmod(0o755)
    (tmp_path / "mosquitto.conf").write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous false\npassword_file {passwords}\n"
        f"cafile {tmp_path}/cert.pem\ncertfile {tmp_path}/cert.pem\nkeyfile {tmp_path}/key.pem\n"
        "user root\n"
    )
    running = Broker(tmp_path, port)
    running.start()
    yield running
    running.stop()


@pytest.fixture
async def devices(database: PostgresDatabase, clock: ManualClock) -> DeviceService:
    city = CityService(database, clock, Sealer(bytes(32)))
    await city.add_site(Site("GATE", "Gate", "", SiteKind.OTHER, Point(67, 24.8)))
    service = DeviceService(database, PostgresOutbox(), clock, DeviceSettings())
    await service.add_device(Device("GATE-D", "GATE", DeviceKind.DOOR, "Cabinet"))
    return service


@contextlib.asynccontextmanager
async def listening(intake: MqttIntake) -> AsyncIterator[None]:
    with acting_as(system("mqtt")):
        task = asyncio.create_task(intake.run())
    try:
        yield
    finally:
        await cancel_all([task])


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(30):
        while not await condition():
            await asyncio.sleep(0.02)


def joined(intake: MqttIntake) -> Callable[[], Awaitable[bool]]:
    async def check() -> bool:
        return intake.connected_since is not None

    return check


def door_is(devices: DeviceService, state: str) -> Callable[[], Awaitable[bool]]:
    async def check() -> bool:
        return any(s is not None and s.state == state for _, s in await devices.devices())

    return check


def message(at: datetime, **values: object) -> str:
    return json.dumps({"at": at.isoformat(), "values": values})


async def test_message_of_a_device_is_taken_and_the_bad_ones_passed_over(
    broker: Broker, devices: DeviceService, clock: ManualClock
) -> None:
    intake = MqttIntake(devices, broker.settings)
    async with listening(intake), broker.gateway() as gateway:
        await until(joined(intake))
        for topic, payload in (
            ("amaan/GATE/GATE-D", "not JSON"),
            ("amaan/GATE/GATE-D", b"\xff\xfe"),
            ("amaan/GATE/GATE-D", b""),  # takes a kept message back, and tells nothing
            ("amaan/GATE/OTHER", message(clock.now(), open=True)),
            ("amaan/ELSEWHERE/GATE-D", message(clock.now(), open=True)),
            ("amaan/GATE/GATE-D", message(clock.now(), open=False)),
        ):
            await gateway.publish(topic, payload, qos=1)
        await until(door_is(devices, "closed"))
        assert intake.refused == 4


async def test_what_came_while_the_centre_was_away_comes_when_it_is_back(
    broker: Broker, devices: DeviceService, clock: ManualClock
) -> None:
    async with listening(first := MqttIntake(devices, broker.settings)):
        await until(joined(first))
    async with broker.gateway() as gateway:
        await gateway.publish("amaan/GATE/GATE-D", message(clock.now(), open=True), qos=1)
    async with listening(MqttIntake(devices, broker.settings)):
        await until(door_is(devices, "open"))


class AwayService(DeviceService):
    """Its database is away; ``asked`` when it was to take something."""

    asked = False

    async def take(
        self, batch: Sequence[Delivered], *, site: str | None = None
    ) -> tuple[int, list[Refused]]:
        """Commit nothing."""
        self.asked = True
        raise UnavailableError("the database is away")


async def test_message_that_was_not_committed_comes_again_to_the_next_centre(
    broker: Broker, database: PostgresDatabase, devices: DeviceService, clock: ManualClock
) -> None:
    away = AwayService(database, PostgresOutbox(), clock, DeviceSettings())

    async def was_asked() -> bool:
        return away.asked

    async with listening(first := MqttIntake(away, broker.settings)):
        await until(joined(first))
        async with broker.gateway() as gateway:
            await gateway.publish("amaan/GATE/GATE-D", message(clock.now(), open=True), qos=1)
        await until(was_asked)
    async with listening(MqttIntake(devices, broker.settings)):
        await until(door_is(devices, "open"))


async def test_broker_that_was_away_is_joined_again(
    broker: Broker, devices: DeviceService, clock: ManualClock
) -> None:
    intake = MqttIntake(devices, broker.settings)
    async with listening(intake):
        await until(joined(intake))
        assert (await broker_check(intake)()).status == "ok"
        broker.stop()

        async def lost() -> bool:
            return intake.connected_since is None

        await until(lost)
        assert (await broker_check(intake)()).status == "degraded"
        broker.start()
        await until(joined(intake))
        async with broker.gateway() as gateway:
            await gateway.publish("amaan/GATE/GATE-D", message(clock.now(), open=True), qos=1)
        await until(door_is(devices, "open"))


async def test_wrong_password_is_told_without_being_repeated(
    broker: Broker, devices: DeviceService, caplog: pytest.LogCaptureFixture
) -> None:
    (broker.folder / "password").write_text("wrong-canary\n")
    intake = MqttIntake(devices, broker.settings)
    async with listening(intake):

        async def told() -> bool:
            return bool(intake.problem)

        await until(told)
    assert intake.connected_since is None
    assert "canary" not in intake.problem + caplog.text


# paho leaves the socket of a failed handshake to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_broker_with_another_certificate_is_not_spoken_to(
    broker: Broker, devices: DeviceService
) -> None:
    settings = broker.settings.model_copy(update={"ca_file": None})
    intake = MqttIntake(devices, settings)
    async with listening(intake):

        async def told() -> bool:
            return bool(intake.problem)

        await until(told)
    assert intake.connected_since is None


def test_broker_elsewhere_is_spoken_to_by_tls_alone() -> None:
    with pytest.raises(ValidationError):
        BrokerSettings(host="10.0.0.5", tls=False)
    assert BrokerSettings(host="localhost", tls=False).host


def test_message_that_is_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(ValueError, match="too large"):
        read_message("D", b" " * 65_537)
