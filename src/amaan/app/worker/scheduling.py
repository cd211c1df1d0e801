"""Shares the plate reader among cameras: the newest frame of each, in turn.

Reading costs far more than decoding. A camera offers frames as they come; the one not yet taken
is replaced by a newer one. Cameras with a frame waiting are served in the order in which they
began to wait, so a busy one gets one frame for each of the others', and no frame is older than
one round of all cameras.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from amaan.video.model import Frame
from amaan.vision.model import PlateRead

_log = structlog.get_logger(__name__)


class Reader(Protocol):
    """Reads one camera's frames; remembers the vehicles in sight (``vision.pipeline``)."""

    def process(self, frame: Frame) -> Sequence[PlateRead]:
        """Return the reads that this frame completes."""
        ...

    def finish(self) -> Sequence[PlateRead]:
        """Return the reads still open at the end."""
        ...


@dataclass(slots=True)
class _Seat:
    """One camera's place in the round."""

    camera: str
    reader: Reader | None = None
    waiting: Frame | None = None
    busy: bool = False
    queued: bool = False
    ending: bool = False
    dropped: int = 0
    faults: int = 0
    failing: str = field(default="")


class PlateScheduler:
    """``readers`` threads; frames of one camera are never read by two at once, nor out of order."""

    def __init__(
        self,
        make_reader: Callable[[], Reader],
        on_read: Callable[[str, PlateRead], None],
        readers: int = 1,
    ) -> None:
        self._make_reader = make_reader
        self._on_read = on_read
        self._condition = threading.Condition()
        self._seats: dict[str, _Seat] = {}
        self._turn: deque[_Seat] = deque()
        self._stopping = False
        self._threads = [
            threading.Thread(target=self._run, name=f"read-{number}", daemon=True)
            for number in range(readers)
        ]

    def start(self) -> None:
        """Begin to read."""
        for thread in self._threads:
            thread.start()

    def offer(self, camera: str, frame: Frame) -> None:
        """Give the newest frame of a camera; returns at once."""
        with self._condition:
            seat = self._seats.get(camera)
            if seat is None or seat.ending:
                seat = self._seats[camera] = _Seat(camera)
            if seat.waiting is not None:
                seat.dropped += 1
            seat.waiting = frame
            self._enqueue(seat)

    def end(self, camera: str) -> None:
        """Say that no frames follow: vehicles still in sight are decided with what was seen."""
        with self._condition:
            seat = self._seats.pop(camera, None)
            if seat is not None:
                seat.ending = True
                self._enqueue(seat)

    def dropped(self, camera: str) -> int:
        """Return how many frames of a camera gave way to newer ones."""
        with self._condition:
            seat = self._seats.get(camera)
            return seat.dropped if seat else 0

    def failing(self, camera: str) -> str:
        """Return why the last frame of a camera could not be read; "" when it could."""
        with self._condition:
            seat = self._seats.get(camera)
            return seat.failing if seat else ""

    def stop(self, timeout_s: float = 10.0) -> None:
        """Decide all that is in sight, then end."""
        with self._condition:
            for camera in list(self._seats):
                self.end(camera)
            self._stopping = True
            self._condition.notify_all()
        for thread in self._threads:
            thread.join(timeout_s)

    def _enqueue(self, seat: _Seat) -> None:
        if not seat.busy and not seat.queued:
            seat.queued = True
            self._turn.append(seat)
            self._condition.notify()

    def _run(self) -> None:
        while True:
            with self._condition:
                while not self._turn:
                    if self._stopping:
                        return
                    self._condition.wait()
                seat = self._turn.popleft()
                frame, seat.waiting = seat.waiting, None
                ending = seat.ending
                seat.queued, seat.busy = False, True
            self._serve(seat, frame, ending)
            with self._condition:
                seat.busy = False
                if seat.waiting is not None or (seat.ending and not ending):
                    self._enqueue(seat)

    def _serve(self, seat: _Seat, frame: Frame | None, ending: bool) -> None:
        try:
            if seat.reader is None:
                seat.reader = self._make_reader()
            reads = list(seat.reader.process(frame)) if frame is not None else []
            if ending:
                reads.extend(seat.reader.finish())
            for read in reads:
                self._on_read(seat.camera, read)
            seat.failing = ""
        except Exception as error:  # noqa: BLE001 (top of a task loop)
            seat.faults += 1
            seat.failing = f"plates cannot be read ({type(error).__name__})"
            if seat.faults in (1, 10, 100) or seat.faults % 1000 == 0:
                _log.exception("worker.reading_fault", camera=seat.camera, faults=seat.faults)
