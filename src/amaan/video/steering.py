"""Turning cameras: one at a time, by whoever holds the lease, and never without end.

A move goes on until it is stopped; a console that is cut off says nothing more, so a move that
is not repeated soon is stopped by the centre.
"""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from typing import Literal

import structlog

from amaan.kernel.acting import acting_as, system
from amaan.kernel.clock import Clock
from amaan.kernel.engines import Database
from amaan.kernel.errors import AmaanError, UnavailableError
from amaan.kernel.events import JsonValue, Outbox
from amaan.kernel.tasks import cancel_all
from amaan.video import ptz
from amaan.video.channel import Channels
from amaan.video.events import camera_steered

MOVE_LASTS_S = 3.0  # a console says it again every 1.5 s
LEASES_MOST = 10_000
_KIND = "onvif.ptz"

Act = Literal["move", "stop", "preset", "home"]

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Action:
    """One act. ``pan``, ``tilt``, ``zoom`` are speeds, -1 to 1; ``preset`` is a camera's token."""

    action: Act
    pan: float = 0.0
    tilt: float = 0.0
    zoom: float = 0.0
    preset: str | None = None


@dataclass(frozen=True, slots=True)
class Preset:
    """A position that the camera knows."""

    token: str
    name: str


@dataclass(frozen=True, slots=True)
class SteeringState:
    """Whether a camera can be turned, to where at once, and who does. ``reason``: why not."""

    available: bool
    reason: str
    presets: tuple[Preset, ...]
    lease: ptz.Lease | None


class Steering:
    """Leases live in memory: whoever holds one when the centre ends moves again to have it."""

    def __init__(
        self, channels: Channels, database: Database, outbox: Outbox, clock: Clock
    ) -> None:
        self._channels = channels
        self._database = database
        self._outbox = outbox
        self._clock = clock
        self._leases: dict[str, ptz.Lease] = {}
        self._moving: dict[str, asyncio.Task[None]] = {}

    def lease(self, camera: str) -> ptz.Lease | None:
        """Return who holds a camera now."""
        lease = self._leases.get(camera)
        return lease if ptz.holds(lease, self._clock.now()) else None

    async def steer(self, camera: str, who: ptz.Claim, action: Action) -> ptz.Lease:
        """Do one act for whoever acts and holds, or may take, the lease.

        Raises NotFoundError, SteeredByAnotherError, UnavailableError, and what the camera says.
        """
        worker = await self._channels.worker_of(camera)
        before = self.lease(camera)
        lease = ptz.claim(before, who, self._clock.now())
        if len(self._leases) >= LEASES_MOST:
            self._leases = {code: one for code in self._leases if (one := self.lease(code))}
        self._leases[camera] = lease
        if before is None or before.holder.account != who.account:
            async with self._database.transaction() as connection:
                event = camera_steered(camera, lease, self._clock.now())
                await self._outbox.announce(connection, [event])
        self._stop_later(camera, worker if action.action == "move" else None)
        arguments: dict[str, JsonValue] = {"camera": camera, **asdict(action)}
        await self._channels.ask(worker, _KIND, arguments)
        return lease

    async def state(self, camera: str) -> SteeringState:
        """Return what can be done with a camera. Raises NotFoundError."""
        lease = self.lease(camera)
        try:
            worker = await self._channels.worker_of(camera)
        except UnavailableError as error:
            return SteeringState(False, error.detail, (), lease)
        try:
            answer = await self._channels.ask(
                worker, _KIND, {"camera": camera, "action": "presets"}
            )
        except AmaanError as error:
            return SteeringState(False, error.detail, (), lease)
        return SteeringState(True, "", _presets(answer.get("presets")), lease)

    async def close(self) -> None:
        """Forget all moves."""
        await cancel_all(self._moving.values())

    def _stop_later(self, camera: str, worker: str | None) -> None:
        """Have a move stopped unless the next act comes soon; None: nothing moves any more."""
        before = self._moving.pop(camera, None)
        if before is not None:
            before.cancel()
        if worker is not None:
            task = asyncio.create_task(self._stop(camera, worker), name=f"ptz {camera}")
            self._moving[camera] = task

    async def _stop(self, camera: str, worker: str) -> None:
        await asyncio.sleep(MOVE_LASTS_S)
        self._moving.pop(camera, None)
        try:
            with acting_as(system("steering")):
                stop: dict[str, JsonValue] = {"camera": camera, **asdict(Action("stop"))}
                await self._channels.ask(worker, _KIND, stop)
        except AmaanError as error:
            _log.warning("steering.not_stopped", camera=camera, reason=error.detail)


def _presets(found: JsonValue) -> tuple[Preset, ...]:
    """Take what a worker tells of presets, as far as it is that."""
    presets = []
    for one in found if isinstance(found, list) else []:
        if isinstance(one, dict) and isinstance(one.get("token"), str):
            name = one.get("name")
            token = str(one["token"])[:64]
            presets.append(Preset(token, name[:64] if isinstance(name, str) and name else token))
    return tuple(presets[:256])
