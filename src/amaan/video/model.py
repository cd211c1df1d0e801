"""Frames, camera states, clips."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]
    """Height x width x 3, BGR, 0-255, C-contiguous."""
else:
    Image = object  # a process that only pulls does without numpy and its 12 MB


@dataclass(frozen=True, slots=True)
class Frame:
    """One decoded picture.

    ``observed_at`` is UTC at the camera as well as the worker can tell: for a live source the
    arrival time of the frame's first packet, for a file the start time given plus the frame's own
    time. ``position_s`` counts seconds from the first frame of this connection.
    """

    image: Image
    observed_at: datetime
    position_s: float
    index: int


class CameraState(StrEnum):
    """What a worker says of a camera, and what the centre says when no worker does."""

    STARTING = "starting"
    UP = "up"
    STALLED = "stalled"  # connected, but no frame for a while
    DOWN = "down"  # cannot be reached or cannot be decoded; ``reason`` says which
    STOPPED = "stopped"  # a file or folder played to its end, or a person turned it off
    UNKNOWN = "unknown"  # no heartbeat from its worker


class ConditionKind(StrEnum):
    """What can be wrong with a camera. All but the first its worker judges; see docs/health.md."""

    OFFLINE = "offline"  # no picture has come for some seconds, whoever is to blame
    FROZEN = "frozen"
    COVERED = "covered"
    BLURRED = "blurred"
    MOVED = "moved"
    DARK = "dark"
    BRIGHT = "bright"
    GOP = "gop"  # key frames too far apart
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Condition:
    """Something wrong with a camera, and since when. ``detail`` is for people, "" for none."""

    kind: ConditionKind
    since: datetime
    detail: str


@dataclass(frozen=True, slots=True)
class CameraHealth:
    """One camera as its worker last saw it."""

    camera: str
    state: CameraState
    reason: str
    since: datetime
    fps: float
    width: int
    height: int
    last_frame_at: datetime | None
    skipped_frames: int
    reconnects: int
    conditions: tuple[Condition, ...] = ()


class ClipState(StrEnum):
    """A clip is wanted until its worker delivers it or nobody can."""

    WANTED = "wanted"
    READY = "ready"
    UNAVAILABLE = "unavailable"  # ``reason`` says why; late content may still make it ready
    EXPIRED = "expired"  # its days are over: the bytes are gone, and never come again


@dataclass(frozen=True, slots=True)
class Clip:
    """A piece of one camera's recording, cut at its worker and kept at the centre.

    ``digest`` (SHA-256 of the MP4) and ``size_bytes`` are set exactly when it is ready.
    """

    id: UUID
    camera: str
    start: datetime
    end: datetime
    state: ClipState
    reason: str
    digest: str | None = None
    size_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class WantedClip:
    """What a worker is asked to cut."""

    id: UUID
    camera: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class SpoolReport:
    """A worker's queue: ``pending`` reads and pictures; ``state`` is ok, full or failing."""

    pending: int
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What a worker says of itself every second. ``sent_at`` is by its own clock."""

    worker: str
    boot: str
    sent_at: datetime
    spool: SpoolReport
    cameras: tuple[CameraHealth, ...]


class WorkerState(StrEnum):
    """How a worker stands. ``degraded`` works, with a fault that ``reason`` names."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class WorkerHealth:
    """One worker as the centre sees it. ``clock_offset_ms`` > 0: its clock is behind ours.

    ``last_heartbeat_at`` is by our clock; None when it was never heard.
    """

    worker: str
    state: WorkerState
    reason: str
    since: datetime
    boot: str
    clock_offset_ms: int
    spool: SpoolReport
    last_heartbeat_at: datetime | None


@dataclass(frozen=True, slots=True)
class WatchedCamera:
    """A camera's health and the worker that told it ("" when none ever did)."""

    health: CameraHealth
    worker: str
