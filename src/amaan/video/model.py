"""Frames, camera states, clips."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""Height x width x 3, BGR, 0-255, C-contiguous."""


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
