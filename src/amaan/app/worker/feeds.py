"""Has exactly the assigned cameras pulled, leaving alone those that did not change."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec
import structlog

from amaan.app.worker.centre import AssignedCamera, Assignment, RecordPlan
from amaan.app.worker.pullers import Pullers, starting
from amaan.app.worker.pulling import Recorded, StreamSpec
from amaan.app.worker.recordings import Recordings
from amaan.app.worker.seeing import CameraEye, FrameTaker
from amaan.city.address import parse_address
from amaan.engines.spool.files import sync_folder
from amaan.kernel.errors import AmaanError
from amaan.trust.sealing import Sealer, camera_purpose
from amaan.video.decoding import TappedFrames
from amaan.video.model import CameraHealth, CameraState
from amaan.video.settings import VideoSettings

_log = structlog.get_logger(__name__)

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_STOPPED_AT_ONCE = 16
_ENDED_WITHIN_S = 12.0  # before the ledger may look at its files
_STOPPED_WITHIN_S = 2.0  # when the whole worker stops


@dataclass(slots=True)
class _Running:
    """``refused`` says why an assigned camera cannot run, then it has no streams."""

    assigned: AssignedCamera
    streams: list[StreamSpec] = field(default_factory=list)
    eye: CameraEye | None = None
    refused: CameraHealth | None = None


class FeedKeeper:
    """Cameras by code. ``apply`` from one thread; the rest from any."""

    def __init__(
        self,
        settings: VideoSettings,
        sealer: Sealer,
        frames: FrameTaker,
        recordings: Recordings,
    ) -> None:
        data = recordings.data
        self.pullers = Pullers(data, settings, recordings.heed, recordings.lost)
        self._recordings = recordings
        self._data = data
        self._settings = settings
        self._sealer = sealer
        self._frames = frames
        self._lock = threading.Lock()
        self._running: dict[str, _Running] = {}
        self.revision = ""

    # -- assignment --------------------------------------------------------------------------

    def remembered(self) -> Assignment | None:
        """Return the assignment of the last run, so that cameras run while the centre is away."""
        try:
            return msgspec.json.decode(self._memory.read_bytes(), type=Assignment)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError) as error:
            _log.warning("worker.assignment_forgotten", reason=type(error).__name__)
            return None

    @property
    def _memory(self) -> Path:
        return self._data / "assignment.json"

    def _remember(self, assignment: Assignment) -> None:
        partial_path = self._memory.with_suffix(".part")
        try:
            descriptor = os.open(partial_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(msgspec.json.encode(assignment))
                file.flush()
                os.fsync(file.fileno())
            partial_path.replace(self._memory)
            sync_folder(self._data)
        except OSError as error:
            _log.warning("worker.assignment_not_remembered", reason=error.strerror)

    def apply(self, assignment: Assignment, *, remember: bool = True) -> None:
        """Start, stop and change feeds until they are what is assigned.

        Terms of recording change without a new connection.
        """
        wanted = {camera.code: camera for camera in assignment.cameras}
        with self._lock:
            gone = [
                running
                for code, running in self._running.items()
                if code not in wanted or _pulled(wanted[code]) != _pulled(running.assigned)
            ]
            for running in gone:
                del self._running[running.assigned.code]
            fresh = [camera for code, camera in wanted.items() if code not in self._running]
        self._stop(gone, _ENDED_WITHIN_S)
        self._recordings.apply(assignment.cameras)  # nothing of what is gone is written any more
        for camera in fresh:
            running = self._begin(camera)
            with self._lock:
                self._running[camera.code] = running
        self.revision = assignment.revision
        if remember:
            self._remember(assignment)
        if gone or fresh:
            _log.info("worker.assigned", cameras=len(wanted), begun=len(fresh), ended=len(gone))

    def _begin(self, camera: AssignedCamera) -> _Running:
        try:
            running = _Running(camera, self._streams(camera))
        except (AmaanError, ValueError) as error:
            reason = error.detail if isinstance(error, AmaanError) else str(error)
            _log.error("worker.camera_refused", camera=camera.code, reason=reason)
            down = replace(starting(camera.code), state=CameraState.DOWN, reason=reason)
            return _Running(camera, refused=down)
        for spec in running.streams:
            self.pullers.run(spec)
        if camera.read_plates:
            running.eye = self._eye(camera)
            running.eye.start()
        return running

    def _streams(self, camera: AssignedCamera) -> list[StreamSpec]:
        """Return what to pull of a camera. AmaanError or ValueError when nothing can be."""
        if _CODE.fullmatch(camera.code) is None:
            raise ValueError("a camera code that is no folder name")
        address = self._address(camera.code, camera.address_sealed)
        record = None if camera.recording.mode == "off" else Recorded(self._segment_s(camera))
        streams = [
            StreamSpec(camera=camera.code, address=address, audio=camera.audio, record=record)
        ]
        if camera.sub_address_sealed is not None:
            address = self._address(camera.code, camera.sub_address_sealed)
            streams.append(StreamSpec(camera=camera.code, stream="sub", address=address))
        return streams

    def _address(self, code: str, sealed: str) -> str:
        address = self._sealer.unseal(sealed, purpose=camera_purpose(code))
        parse_address(address)
        return address

    def _segment_s(self, camera: AssignedCamera) -> float:
        continuous = camera.recording.mode == "continuous"
        return self._settings.segment_s if continuous else self._settings.event_segment_s

    def _eye(self, camera: AssignedCamera) -> CameraEye:
        code = camera.code
        return CameraEye(
            code,
            self.pullers.open(code, "main", "all"),
            self._frames,
            TappedFrames(fps=camera.analysis_fps, max_pixels=self._settings.max_pixels),
            lambda: self.pullers.ended(code, "main"),
        )

    def _stop(self, gone: Iterable[_Running], within_s: float) -> None:
        running = list(gone)
        eyes = [one.eye for one in running if one.eye is not None]
        if eyes:
            with ThreadPoolExecutor(_STOPPED_AT_ONCE, thread_name_prefix="stop") as pool:
                list(pool.map(CameraEye.stop, eyes))
        endings = [
            self.pullers.end(spec.camera, spec.stream) for one in running for spec in one.streams
        ]
        until = time.monotonic() + within_s
        for ending in endings:
            ending.wait(max(0.0, until - time.monotonic()))

    def stop(self) -> None:
        """Stop all cameras."""
        with self._lock:
            gone = list(self._running.values())
            self._running.clear()
        closing = threading.Thread(target=self.pullers.stop)
        closing.start()
        self._stop(gone, _STOPPED_WITHIN_S)
        closing.join()

    # -- health ------------------------------------------------------------------------------

    def health(self) -> list[CameraHealth]:
        """Return how every assigned camera is."""
        with self._lock:
            running = list(self._running.values())
        return [self._health_of(one) for one in running]

    def assigned(self, camera: str) -> AssignedCamera | None:
        """Return what was said of a camera that runs here; None when it does not."""
        with self._lock:
            one = self._running.get(camera)
        return one.assigned if one else None

    def health_of(self, camera: str) -> CameraHealth | None:
        """Return how one camera is; None when it does not run here."""
        with self._lock:
            one = self._running.get(camera)
        return self._health_of(one) if one else None

    def _health_of(self, one: _Running) -> CameraHealth:
        if one.refused is not None:
            return one.refused
        code = one.assigned.code
        health = self.pullers.health(code, "main") or starting(code)
        sub = self.pullers.health(code, "sub")
        if sub is not None and sub.state is CameraState.DOWN and not health.reason:
            health = replace(health, reason=f"sub stream: {sub.reason}")
        if one.eye is None:
            return health
        skipped = health.skipped_frames + one.eye.skipped + self._frames.dropped(code)
        reason = health.reason or one.eye.problem or self._frames.failing(code)
        return replace(health, skipped_frames=skipped, reason=reason)


def _pulled(camera: AssignedCamera) -> AssignedCamera:
    """Return what of a camera's assignment needs another connection when it changes."""
    segments = RecordPlan(camera.recording.mode)
    return msgspec.structs.replace(camera, recording=segments, holds=())
