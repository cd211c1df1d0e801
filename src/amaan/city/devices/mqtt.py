"""Telemetry by MQTT: TOPIC/site/device, the same JSON as over HTTP without the device's code."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime
from typing import Final

import aiomqtt
import structlog
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from amaan.city.devices.model import Delivered
from amaan.city.devices.service import DeviceService
from amaan.city.devices.settings import BrokerSettings
from amaan.kernel.errors import UnavailableError

_log = structlog.get_logger(__name__)

MESSAGE_BYTES: Final = 64 << 10
AGAIN_FIRST_S, AGAIN_MOST_S = 1.0, 60.0
KEEP_ALIVE_S: Final = 30
QUEUED: Final = 10_000
CLIENT: Final = "amaan-centre"


class _Message(BaseModel):
    model_config = ConfigDict(extra="ignore")

    at: AwareDatetime
    values: dict[str, bool | float | str] = Field(max_length=20)


_MESSAGES: Final = TypeAdapter(list[_Message])


def read_message(device: str, payload: bytes) -> list[Delivered]:
    """Return what a message tells: one reading or a list. Raises ValueError."""
    if len(payload) > MESSAGE_BYTES:
        raise ValueError("the message is too large")
    text = payload if payload.lstrip().startswith(b"[") else b"[" + payload + b"]"
    return [Delivered(device, one.at, one.values) for one in _MESSAGES.validate_json(text)]


class _Client(aiomqtt.Client):
    """A message is the broker's until it was ``acknowledge``d: a killed centre gets it again."""

    def acknowledging(self) -> None:
        """Acknowledge nothing by itself; before it is connected."""
        self._client.manual_ack_set(True)

    def acknowledge(self, message: aiomqtt.Message) -> None:
        """Let the broker forget a message."""
        self._client.ack(message.mid, message.qos)


class MqttIntake:
    """Listens for as long as the centre runs; a broker that is away is asked again."""

    def __init__(self, service: DeviceService, settings: BrokerSettings) -> None:
        self._service = service
        self._settings = settings
        self.connected_since: datetime | None = None
        self.problem = ""
        self.refused = 0

    async def run(self) -> None:
        """Take messages until cancelled."""
        wait_s = AGAIN_FIRST_S
        while True:
            try:
                await self._listen()
            except (aiomqtt.MqttError, OSError, ssl.SSLError) as error:
                if self.connected_since is not None:
                    wait_s = AGAIN_FIRST_S
                self.connected_since = None
                self.problem = type(error).__name__  # its text may repeat what was signed in with
                _log.warning("city.broker_away", error=self.problem, again_s=wait_s)
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, AGAIN_MOST_S)

    async def _listen(self) -> None:
        settings = self._settings
        client = _Client(
            settings.host,
            settings.port,
            username=settings.user or None,
            password=await asyncio.to_thread(self._password),
            identifier=CLIENT,
            clean_session=False,  # the broker keeps what comes while the centre is away
            keepalive=KEEP_ALIVE_S,
            max_queued_incoming_messages=QUEUED,
            tls_context=ssl.create_default_context(cafile=settings.ca_file)
            if settings.tls
            else None,
        )
        client.acknowledging()
        async with client:
            await client.subscribe(f"{settings.topic}/+/+", qos=1)
            self.connected_since, self.problem = datetime.now(UTC), ""
            _log.info("city.broker_joined")
            async for message in client.messages:
                payload = message.payload
                await self._take(
                    message.topic.value, payload if isinstance(payload, bytes) else b""
                )
                client.acknowledge(message)  # what it tells is committed, or never will be

    def _password(self) -> str | None:
        file = self._settings.password_file
        if file is None:
            return None
        lines = file.read_text().splitlines()
        return lines[0] if lines else None

    async def _take(self, topic: str, payload: bytes) -> None:
        """Take one message; a bad one is counted and passed over."""
        site, device = topic.split("/")[-2:]
        try:
            batch = read_message(device, payload)
        except (ValidationError, ValueError):
            self.refused += 1
            _log.warning("city.telemetry_unreadable", site=site[:40], device=device[:40])
            return
        while True:
            try:
                _, refused = await self._service.take(batch, site=site)
            except UnavailableError:  # the database is away: what came waits for it
                await asyncio.sleep(AGAIN_FIRST_S)
                continue
            break
        self.refused += len(refused)
        for one in refused[:1]:
            _log.warning("city.telemetry_refused", device=device[:40], reason=one.reason)
