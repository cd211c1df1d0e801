"""Recording because something happens: what is wanted kept of cameras that do not record always.

Whoever wants it waits for nobody (``wish``); a worker that is away is asked again for as long as
it still has the pictures. A person is told at once whether it worked (``keep``).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Protocol

import structlog

from amaan.city.model import Camera, RecordMode
from amaan.kernel.clock import Clock
from amaan.kernel.errors import AmaanError, ConflictError, NotFoundError
from amaan.video.channel import Channels
from amaan.video.events import wire_time

LONGEST = timedelta(hours=1)
RECENT = timedelta(minutes=3)  # so long a worker has everything (docs/recording.md)
AGAIN_S = 3.0
ASKED_AT_ONCE = 16
ANSWER_WITHIN_S = 5.0
WISHES_MOST = 10_000
ON_DEMAND = frozenset({RecordMode.EVENT, RecordMode.SCHEDULED})

_log = structlog.get_logger(__name__)


class RecordingOffError(ConflictError):
    """Nothing of this camera is recorded, whoever asks."""

    code: ClassVar[str] = "recording-off"


class CameraBook(Protocol):
    """How cameras are recorded (``city.service.CityService``)."""

    async def camera(self, code: str) -> Camera:
        """Return a camera that whoever acts may see. UnknownCameraError."""
        ...


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be kept of a camera: around ``at``, and until ``until`` at least."""

    at: datetime
    until: datetime

    def with_(self, other: Wish) -> Wish:
        """Return both as one."""
        return Wish(min(self.at, other.at), max(self.until, other.until))


class Keeping:
    """Asks workers to keep. ``run`` for as long as the centre."""

    def __init__(self, channels: Channels, cameras: CameraBook, clock: Clock) -> None:
        self._channels = channels
        self._cameras = cameras
        self._clock = clock
        self._wishes: dict[str, Wish] = {}
        self._wished = asyncio.Event()

    async def keep(self, camera: str, lasts: timedelta) -> datetime:
        """Have a camera's recording kept from now on; return until when.

        Raises NotFoundError, RecordingOffError, UnavailableError.
        """
        mode = (await self._cameras.camera(camera)).record.mode
        if mode is RecordMode.OFF:
            raise RecordingOffError("this camera's recording is turned off")
        now = self._clock.now()
        until = now + min(lasts, LONGEST)
        if mode in ON_DEMAND:
            await self._ask(camera, Wish(now, until))
        return until

    def wish(self, camera: str, at: datetime, until: datetime) -> None:
        """Have a camera's recording kept around a moment, as soon as its worker can be asked.

        Returns at once; for cameras that record always, and for those that never do, too.
        """
        wish = Wish(at, until)
        known = self._wishes.pop(camera, None)
        self._wishes[camera] = wish if known is None else wish.with_(known)
        if len(self._wishes) > WISHES_MOST:
            self._wishes.pop(next(iter(self._wishes)))
        self._wished.set()

    async def run(self) -> None:
        """Ask what is wished; again, where a worker does not answer."""
        while True:
            await self._wished.wait()
            self._wished.clear()
            await self.ask_waiting()
            if self._wishes:
                await asyncio.sleep(AGAIN_S)
                self._wished.set()

    async def ask_waiting(self) -> None:
        """Ask everything that is wished now, once."""
        room = asyncio.Semaphore(ASKED_AT_ONCE)

        async def ask(camera: str, wish: Wish) -> None:
            async with room:
                if await self._settled(camera, wish) and self._wishes.get(camera) == wish:
                    del self._wishes[camera]

        await asyncio.gather(*(ask(*one) for one in list(self._wishes.items())))

    async def _settled(self, camera: str, wish: Wish) -> bool:
        """Ask a worker; return whether it needs no asking any more."""
        try:
            if (await self._cameras.camera(camera)).record.mode in ON_DEMAND:
                await self._ask(camera, wish)
        except NotFoundError:
            return True
        except AmaanError as error:
            late = self._clock.now() > max(wish.at + RECENT, wish.until)
            if late:
                _log.warning("keeping.given_up", camera=camera, reason=error.detail)
            return late
        return True

    async def _ask(self, camera: str, wish: Wish) -> None:
        worker = await self._channels.worker_of(camera)
        arguments = {"camera": camera, "at": wire_time(wish.at), "until": wire_time(wish.until)}
        await self._channels.ask(worker, "record", arguments, ANSWER_WITHIN_S)
