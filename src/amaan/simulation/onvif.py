"""An ONVIF camera that does not exist: SOAP, WS-Discovery, motors, a clock of its own, and tricks.

It checks what it is told as cameras do: the digest of WS-Security, made at its own time and never
used twice, and HTTP digest for its picture. Profile T answers by Media2, Profile S by Media.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Literal, cast
from xml.sax.saxutils import escape

import structlog
from lxml import etree

from amaan.simulation import onvif_answers as answers
from amaan.simulation.onvif_answers import ENVELOPE

_log = structlog.get_logger(__name__)

SKEW_MOST = timedelta(seconds=5)
BODY_BYTES = 256 * 1024
WAIT_S = 10.0
REALM = "simulated camera"
GROUP = "239.255.255.250"


class Trick(StrEnum):
    """What a device does that no camera should."""

    NONE = ""
    SERVICES_ELSEWHERE = "services-elsewhere"
    STREAM_TO_METADATA = "stream-to-metadata"
    STREAM_ELSEWHERE = "stream-elsewhere"
    PICTURE_ELSEWHERE = "picture-elsewhere"
    REDIRECT = "redirect"
    BOMB = "bomb"
    EXTERNAL = "external"
    HUGE = "huge"
    SLOW = "slow"
    GARBAGE = "garbage"
    PACKED = "packed"


@dataclass
class SimulatedStream:
    """One stream of a device, and how it is coded."""

    token: str
    uri: str
    width: int = 1920
    height: int = 1080
    fps: int = 25
    gop: int = 50
    kbps: int = 3000
    codec: str = "H264"


@dataclass
class Motors:
    """Where a device looks. ``speeds`` are those of the last move, zero when it stands."""

    place: str = ""
    speeds: tuple[float, float, float] = (0.0, 0.0, 0.0)
    presets: dict[str, str] = field(default_factory=lambda: {"1": "Gate", "2": "Junction"})
    acts: list[str] = field(default_factory=list)


@dataclass
class OnvifDevice:
    """What a simulated device is. ``elsewhere`` is the host that its tricks point to.

    ``password`` empty: no sign-in.
    """

    streams: list[SimulatedStream]
    user: str = "operator"
    password: str = "Wq7-uZ1pp"  # noqa: S105  of a camera that does not exist
    profile: Literal["T", "S"] = "T"
    skew: timedelta = timedelta(0)
    turns: bool = True
    picture: bytes = b""
    trick: Trick = Trick.NONE
    elsewhere: str = "127.0.0.9"
    motors: Motors = field(default_factory=Motors)
    asked: list[str] = field(default_factory=list)


class OnvifServer:
    """Serves one device; ``url`` is where, once it has started."""

    def __init__(self, device: OnvifDevice) -> None:
        self.device = device
        self.url = ""
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._nonces: set[str] = set()
        self._web_nonce = secrets.token_hex(8)
        self._finder: asyncio.DatagramTransport | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Listen and return the port. Raises OSError."""
        self._server = await asyncio.start_server(self._connected, host, port, limit=BODY_BYTES)
        bound: int = self._server.sockets[0].getsockname()[1]
        self.url = f"http://{host}:{bound}/onvif/device_service"
        return bound

    async def answer_searches(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Answer WS-Discovery as well; return the UDP port. Raises OSError."""
        loop = asyncio.get_running_loop()
        self._finder, _ = await loop.create_datagram_endpoint(
            lambda: _Finder(self), local_addr=(host, port)
        )
        bound: int = self._finder.get_extra_info("sockname")[1]
        return bound

    async def close(self) -> None:
        """Stop listening and end every client."""
        if self._finder is not None:
            self._finder.close()
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def now(self) -> datetime:
        """Return the time by the device's own clock."""
        return datetime.now(UTC) + self.device.skew

    # -- HTTP --------------------------------------------------------------------------------

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            async with asyncio.timeout(WAIT_S):
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                found = re.search(r"(?im)^content-length:\s*(\d+)", head)
                body = await reader.readexactly(
                    min(int(found.group(1)), BODY_BYTES) if found else 0
                )
            method, target, _ = head.split("\r\n")[0].split(" ")
            await self._serve(method, target, head, body, writer)
        except (OSError, ValueError, EOFError, TimeoutError, asyncio.LimitOverrunError) as error:
            _log.debug("onvif.client_gone", error=type(error).__name__)
        except asyncio.CancelledError:
            pass  # the server closes
        finally:
            writer.close()

    async def _serve(
        self, method: str, target: str, head: str, body: bytes, writer: asyncio.StreamWriter
    ) -> None:
        if method == "GET":
            await self._serve_picture(target, head, writer)
            return
        if await self._play_trick(writer):
            return
        status, text = self._answer(body)
        await _reply(writer, status, text.encode())

    async def _serve_picture(self, target: str, head: str, writer: asyncio.StreamWriter) -> None:
        if not self._signed_in(target, head):
            challenge = f'Digest realm="{REALM}", nonce="{self._web_nonce}", qop="auth"'
            await _reply(writer, 401, b"", f"WWW-Authenticate: {challenge}\r\n")
            return
        await _reply(writer, 200, self.device.picture, kind="image/jpeg")

    def _signed_in(self, target: str, head: str) -> bool:
        """Check HTTP digest (RFC 2617, MD5)."""
        found = re.search(r"(?im)^authorization: digest (.*)$", head)
        if found is None:
            return False
        said = dict(re.findall(r'(\w+)="?([^",]+)"?', found.group(1)))
        own = _md5(f"{self.device.user}:{REALM}:{self.device.password}")
        asked = _md5(f"GET:{target}")
        parts = (own, self._web_nonce, said.get("nc", ""), said.get("cnonce", ""), "auth", asked)
        return secrets.compare_digest(said.get("response", ""), _md5(":".join(parts)))

    async def _play_trick(self, writer: asyncio.StreamWriter) -> bool:
        trick, elsewhere = self.device.trick, self.device.elsewhere
        if trick is Trick.REDIRECT:
            await _reply(writer, 307, b"", f"Location: http://{elsewhere}/onvif/device_service\r\n")
        elif trick is Trick.BOMB:
            await _reply(writer, 200, answers.BOMB.encode())
        elif trick is Trick.EXTERNAL:
            await _reply(writer, 200, answers.EXTERNAL.format(host=elsewhere).encode())
        elif trick is Trick.GARBAGE:
            await _reply(writer, 200, b"<html><body>camera</body></html>")
        elif trick is Trick.PACKED:
            await _reply(writer, 200, b"\x1f\x8b", "Content-Encoding: gzip\r\n")
        elif trick is Trick.HUGE:
            await _reply(writer, 200, b" " * (4 << 20))
        elif trick is Trick.SLOW:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            for _ in range(100_000):
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.05)
        else:
            return False
        return True

    # -- SOAP --------------------------------------------------------------------------------

    def _answer(self, body: bytes) -> tuple[int, str]:
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        try:
            root = etree.fromstring(body, parser)
            inner = root.find(f"{{{ENVELOPE}}}Body")
            asked = inner[0] if inner is not None else root
        except (etree.LxmlError, IndexError):
            return 400, answers.fault("MalformedRequest")
        name = etree.QName(asked)
        operation = name.localname
        self.device.asked.append(operation)
        if operation != "GetSystemDateAndTime" and not self._authorised(root):
            return 400, answers.fault("NotAuthorized")
        said = _Operations(self).answer(name.namespace or "", operation, asked)
        return (400, answers.fault("ActionNotSupported")) if said is None else (200, said)

    def _authorised(self, root: etree._Element) -> bool:
        """Check WS-Security's digest, its time by our clock, and that it is used once."""
        if not self.device.password:
            return True
        token = root.find(".//{*}UsernameToken")
        if token is None:
            return False
        try:
            nonce = token.findtext("{*}Nonce", "")
            created = token.findtext("{*}Created", "")
            at = datetime.fromisoformat(created)
            raw = base64.b64decode(nonce) + created.encode() + self.device.password.encode()
        except ValueError:
            return False
        digest = base64.b64encode(hashlib.sha1(raw).digest()).decode()  # noqa: S324  of the standard
        if abs(at - self.now()) > SKEW_MOST or nonce in self._nonces:
            return False
        self._nonces.add(nonce)
        return token.findtext("{*}Username", "") == self.device.user and secrets.compare_digest(
            token.findtext("{*}Password", ""), digest
        )


class _Operations:
    """What a device does when it is asked, by name."""

    def __init__(self, server: OnvifServer) -> None:
        self._server = server
        self._device = server.device

    def answer(self, namespace: str, operation: str, asked: etree._Element) -> str | None:
        """Return an envelope; None for what this device does not know."""
        device = self._device
        base = self._server.url.rpartition("/")[0]
        if device.trick is Trick.SERVICES_ELSEWHERE:
            base = f"http://{device.elsewhere}/onvif"
        if operation == "GetSystemDateAndTime":
            return answers.clock(self._server.now())
        if operation == "GetDeviceInformation":
            return answers.INFORMATION
        if operation == "GetServices":
            return answers.services(base, t=device.profile == "T", turns=device.turns)
        if namespace == answers.PTZ and device.turns:
            return self._turn(operation, asked)
        if namespace == (answers.MEDIA2 if device.profile == "T" else answers.MEDIA):
            return self._media(operation, asked)
        return None

    def _media(self, operation: str, asked: etree._Element) -> str | None:
        device = self._device
        t = device.profile == "T"
        if operation == "GetProfiles":
            return answers.profiles(device.streams, t=t, turns=device.turns)
        if operation == "GetStreamUri":
            token = asked.findtext("{*}ProfileToken", "")
            uris = {f"P{one.token}": one.uri for one in device.streams}
            return answers.uri("GetStreamUri", self._tricked(uris.get(token, "")), t=t)
        if operation == "GetSnapshotUri":
            host = self._server.url.split("/")[2]
            if device.trick is Trick.PICTURE_ELSEWHERE:
                host = device.elsewhere
            return answers.uri("GetSnapshotUri", f"http://{host}/picture.jpg", t=t)
        if operation in ("GetVideoEncoderConfigurations", "GetVideoEncoderConfiguration"):
            found = [
                one
                for one in device.streams
                if one.token == asked.findtext("{*}ConfigurationToken", "")
            ]
            return answers.encoder(found[0], t=t) if found else None
        if operation == "SetVideoEncoderConfiguration":
            return self._set_encoder(asked.find("{*}Configuration"))
        return None

    def _tricked(self, uri: str) -> str:
        trick = self._device.trick
        if trick is Trick.STREAM_TO_METADATA:
            return "http://169.254.169.254/latest/meta-data"
        if trick is Trick.STREAM_ELSEWHERE:
            return f"rtsp://{self._device.elsewhere}/live"
        return escape(uri)

    def _set_encoder(self, said: etree._Element | None) -> str | None:
        for stream in self._device.streams:
            if said is not None and said.get("token") == stream.token:
                stream.fps = int(float(said.findtext("{*}RateControl/{*}FrameRateLimit", "0")))
                gop = said.get("GovLength", "") or said.findtext("{*}H264/{*}GovLength", "0")
                stream.gop = int(gop)
                return answers.done("SetVideoEncoderConfiguration", t=self._device.profile == "T")
        return None

    def _turn(self, operation: str, asked: etree._Element) -> str | None:
        motors = self._device.motors
        motors.acts.append(operation)
        if operation == "GetPresets":
            return answers.presets(motors.presets)
        if operation == "ContinuousMove":
            pan_tilt, zoom = asked.find(".//{*}PanTilt"), asked.find(".//{*}Zoom")
            motors.place = ""
            motors.speeds = (
                float(pan_tilt.get("x", "0")) if pan_tilt is not None else 0.0,
                float(pan_tilt.get("y", "0")) if pan_tilt is not None else 0.0,
                float(zoom.get("x", "0")) if zoom is not None else 0.0,
            )
        elif operation == "Stop":
            motors.speeds = (0.0, 0.0, 0.0)
        elif operation == "GotoPreset":
            token = asked.findtext("{*}PresetToken", "")
            if token not in motors.presets:
                return None
            motors.place = motors.presets[token]
        elif operation == "GotoHomePosition":
            motors.place = "home"
        else:
            return None
        return answers.turned(operation)


class _Finder(asyncio.DatagramProtocol):
    """Answers searches."""

    def __init__(self, server: OnvifServer) -> None:
        self._server = server
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        found = re.search(rb"MessageID[^>]*>\s*([^<]+?)\s*<", data)
        if found is None or b"Probe" not in data or self._transport is None:
            return
        url = self._server.url
        if self._server.device.trick is Trick.SERVICES_ELSEWHERE:
            url = f"http://{self._server.device.elsewhere}/onvif/device_service"
        self._transport.sendto(answers.match(found.group(1).decode("latin-1"), url).encode(), addr)


async def _reply(
    writer: asyncio.StreamWriter,
    status: int,
    body: bytes,
    more: str = "",
    kind: str = "application/soap+xml; charset=utf-8",
) -> None:
    head = (
        f"HTTP/1.1 {status} Simulated\r\nContent-Type: {kind}\r\n{more}"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    writer.write(head.encode() + body)
    await writer.drain()


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324  of the standard
