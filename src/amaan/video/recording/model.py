"""Segments and gaps as the edge keeps them. Moments are Unix milliseconds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Kept:
    """A segment on this machine's disk.

    ``end_ms`` None: it grows. ``bytes`` and ``sha256`` are set when it is finished. ``told``:
    whether the centre knows of it; the others are there for a while only (see ``Policy``).
    """

    id: str
    camera: str
    stream: str
    path: Path
    start_ms: int
    end_ms: int | None
    bytes: int | None
    sha256: str | None
    codec: str
    has_audio: bool
    told: bool = True


@dataclass(frozen=True, slots=True)
class Missed:
    """A time that was not recorded. ``end_ms`` None: it lasts."""

    id: str
    camera: str
    stream: str
    start_ms: int
    end_ms: int | None
    cause: str
    detail: str


@dataclass(frozen=True, slots=True)
class Hours:
    """A stretch of the week in the machine's local time. ``days``: 0 is Monday.

    Minutes of the day; ``until`` at or before ``since``: into the next day.
    """

    days: frozenset[int]
    since: int
    until: int


@dataclass(frozen=True, slots=True)
class Policy:
    """What of a camera is to be kept, and for how long.

    ``mode``: continuous, event, scheduled or off. ``days`` and ``gigabytes`` None: no limit but
    the disk's. ``holds``: spans in Unix milliseconds that nothing may remove.
    """

    mode: str = "continuous"
    hours: tuple[Hours, ...] = ()
    before_s: float = 10.0
    after_s: float = 30.0
    days: float | None = None
    gigabytes: float | None = None
    holds: tuple[tuple[int, int], ...] = ()
