"""Decodes one camera's tapped packets for the plate reader, in a thread that yields to pulling."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

import structlog

from amaan.video.decoding import TappedFrames
from amaan.video.model import Frame
from amaan.video.taps import Tap

_log = structlog.get_logger(__name__)

LOOK_EVERY_S = 0.5
UNDECODABLE_IN_A_ROW = 250  # ten seconds at 25 frames a second
STOP_WITHIN_S = 1.0


class FrameTaker(Protocol):
    """Takes the frames of cameras that read plates."""

    def offer(self, camera: str, frame: Frame) -> None:
        """Take the newest frame of a camera; return at once."""
        ...

    def end(self, camera: str) -> None:
        """Note that no more follow."""
        ...

    def dropped(self, camera: str) -> int:
        """Return how many frames gave way to newer ones."""
        ...

    def failing(self, camera: str) -> str:
        """Return why frames cannot be read, "" when they can."""
        ...


class CameraEye:
    """``start`` once, ``stop`` once. Ends by itself when the camera's file has been played."""

    def __init__(
        self,
        camera: str,
        tap: Tap,
        frames: FrameTaker,
        decoder: TappedFrames,
        played: Callable[[], bool],
    ) -> None:
        self._camera = camera
        self._tap = tap
        self._frames = frames
        self._decoder = decoder
        self._played = played
        self._problem = ""
        self._thread = threading.Thread(target=self._run, name=f"eye {camera}", daemon=True)

    def start(self) -> None:
        """Begin to decode."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more; what is in sight is decided by what was seen."""
        self._tap.close()
        self._thread.join(STOP_WITHIN_S)
        self._frames.end(self._camera)

    @property
    def skipped(self) -> int:
        """Pictures that could not be decoded, and packets that came faster than they were."""
        return self._decoder.damaged + self._tap.missed

    @property
    def problem(self) -> str:
        """Why nothing is seen, "" when something is."""
        return self._problem

    def _run(self) -> None:
        while not self._tap.ended:
            try:
                item = self._tap.take(LOOK_EVERY_S)
                if item is not None:
                    frames = self._decoder.take(item)
                elif self._played():
                    frames = self._decoder.flush()
                else:
                    continue
                for frame in frames:
                    self._frames.offer(self._camera, frame)
                if item is None:
                    self._tap.close()
                    self._frames.end(self._camera)
                blind = self._decoder.damaged_in_a_row > UNDECODABLE_IN_A_ROW
                self._problem = "pictures arrive, but none can be decoded" if blind else ""
            except Exception as error:  # noqa: BLE001 (top of a task loop)
                self._problem = f"pictures cannot be decoded ({type(error).__name__})"
                _log.error("worker.eye_fault", camera=self._camera, kind=type(error).__name__)
