"""Setting cameras up from the centre: everything is done by a worker, at its site.

An address is looked at here, sealed, and looked at again where it is connected to.
"""

from __future__ import annotations

from collections.abc import Sequence

from amaan.city.address import CameraAddress, CameraAddressError, parse_address
from amaan.city.networks import CameraNetworks, check_allowed
from amaan.kernel.errors import UnavailableError
from amaan.kernel.events import JsonValue
from amaan.trust.sealing import Sealer
from amaan.video.channel import Channels
from amaan.video.onvif.model import PROBE_PURPOSE
from amaan.video.ports import WorkerBook

SEARCH_WITHIN_S = 15.0
PROBE_WITHIN_S = 30.0
PICTURE_WITHIN_S = 25.0
PICTURE_BYTES = 16 << 20

Told = dict[str, JsonValue]


class CameraSetup:
    """Finds, probes and tries cameras. Raises what workers and cameras say."""

    def __init__(
        self, channels: Channels, book: WorkerBook, sealer: Sealer, allowed: CameraNetworks
    ) -> None:
        self._channels = channels
        self._book = book
        self._sealer = sealer
        self._allowed = allowed

    def workers(self) -> list[str]:
        """Return the workers that can be asked now."""
        return sorted(self._channels.connected())

    def _worker(self, name: str | None) -> str:
        """Return who is asked; UnavailableError where nobody named or any is connected."""
        connected = self.workers()
        if name is None and connected:
            return connected[0]
        if name not in connected:
            raise UnavailableError(
                "that worker is not connected" if name else "no worker is connected"
            )
        return name

    async def discover(self, worker: str | None, networks: Sequence[str]) -> Told:
        """Return the devices that answer at a worker's site."""
        arguments: Told = {"networks": list(networks)}
        who = self._worker(worker)
        told = await self._channels.ask(who, "onvif.discover", arguments, SEARCH_WITHIN_S)
        return {**told, "worker": who}

    async def probe(self, worker: str | None, address: str) -> Told:
        """Return what is at an ONVIF address. CameraAddressError for one that is not allowed."""
        arguments: Told = {"address_sealed": self._sealed(checked_onvif(address))}
        who = self._worker(worker)
        return await self._channels.ask(who, "onvif.probe", arguments, PROBE_WITHIN_S)

    async def probe_camera(self, camera: str) -> Told:
        """Return what a camera says of itself, by the ONVIF address that is entered for it."""
        worker = await self._channels.worker_of(camera)
        return await self._channels.ask(worker, "onvif.probe", {"camera": camera}, PROBE_WITHIN_S)

    async def set_encoder(self, camera: str, token: str, fps: int, gop: int) -> Told:
        """Set how a camera codes a stream; return how it does now."""
        worker = await self._channels.worker_of(camera)
        arguments: Told = {"camera": camera, "token": token, "fps": fps, "gop": gop}
        return await self._channels.ask(worker, "onvif.encoder", arguments, PROBE_WITHIN_S)

    async def picture(self, worker: str | None, address: str) -> bytes:
        """Return one picture of an address as JPEG."""
        arguments: Told = {"address_sealed": self._sealed(parse_address(address))}
        return await self._fetched(self._worker(worker), arguments)

    async def picture_of(self, camera: str, stream: str) -> bytes:
        """Return one picture of a camera's stream as JPEG."""
        worker = await self._channels.worker_of(camera)
        return await self._fetched(worker, {"camera": camera, "stream": stream})

    async def _fetched(self, worker: str, arguments: Told) -> bytes:
        _, content = await self._channels.fetch(
            worker, "camera.test", arguments, PICTURE_BYTES, PICTURE_WITHIN_S
        )
        return content

    def _sealed(self, address: CameraAddress) -> str:
        check_allowed(address, self._allowed)
        text = address.full if address.is_network else f"{address.scheme}:{address.full}"
        return self._sealer.seal(text, purpose=PROBE_PURPOSE)


def checked_onvif(text: str) -> CameraAddress:
    """Take an ONVIF service's address apart. Raises CameraAddressError."""
    address = parse_address(text)
    if address.scheme not in ("http", "https"):
        raise CameraAddressError("an ONVIF service has an http:// or https:// address")
    return address
