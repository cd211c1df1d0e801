"""Decisions about workers, cameras and clips. Pure: time is passed in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar

from amaan.kernel.errors import AmaanError, InvalidError
from amaan.video.model import (
    CameraHealth,
    CameraState,
    Clip,
    ClipState,
    Condition,
    ConditionKind,
    Heartbeat,
    SpoolReport,
    WatchedCamera,
    WorkerHealth,
    WorkerState,
)

SILENT_AFTER = timedelta(seconds=5)
# With 3 s until a feed is stalled, 5 s until a worker is silent and 2 s of beats and ticks: < 15 s.
OFFLINE_AFTER = timedelta(seconds=8)
CLOCK_OFFSET_SHOWN_MS = 2_000
CLIP_LONGEST = timedelta(seconds=120)
CLIP_GIVEN_UP_AFTER = timedelta(minutes=10)


def worker_health(
    heartbeat: Heartbeat, received_at: datetime, before: WorkerHealth | None
) -> WorkerHealth:
    """Judge a worker by its heartbeat. ``since`` is kept while state and reason stay."""
    offset_ms = round((received_at - heartbeat.sent_at) / timedelta(milliseconds=1))
    state, reason = WorkerState.UP, ""
    faults = []
    if abs(offset_ms) > CLOCK_OFFSET_SHOWN_MS:
        faults.append(f"clock off by {duration_words(abs(offset_ms))}")
    if heartbeat.spool.state != "ok":
        detail = f": {heartbeat.spool.reason}" if heartbeat.spool.reason else ""
        faults.append(f"spool {heartbeat.spool.state}{detail}")
    if faults:
        state, reason = WorkerState.DEGRADED, "; ".join(faults)
    since = received_at
    if before is not None and before.state is state and _kind(before.reason) == _kind(reason):
        since = before.since
    return WorkerHealth(
        worker=heartbeat.worker,
        state=state,
        reason=reason,
        since=since,
        boot=heartbeat.boot,
        clock_offset_ms=offset_ms,
        spool=heartbeat.spool,
        last_heartbeat_at=received_at,
    )


def duration_words(milliseconds: int) -> str:
    """Return a duration as people say it: 2.4 s, 3 min, 5 h, 1 day."""
    seconds = milliseconds / 1000
    if seconds < 120:
        return f"{seconds:.1f} s"
    for unit, size in (("min", 60), ("h", 3600)):
        if seconds < size * (120 if unit == "min" else 48):
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 86400:.0f} days"


def _kind(reason: str) -> str:
    """Strip the numbers, which change with every heartbeat."""
    return re.sub(r"[0-9]+([.:][0-9]+)*", "#", reason)


def worker_changed(before: WorkerHealth | None, after: WorkerHealth) -> bool:
    """Tell whether the change is worth an event: state, kind of fault, or a new start."""
    return (
        before is None
        or before.state is not after.state
        or before.boot != after.boot
        or _kind(before.reason) != _kind(after.reason)
    )


def silent_worker(worker: WorkerHealth, heard_at: datetime, now: datetime) -> WorkerHealth | None:
    """Return the worker as down if it has been silent for too long; None if not, or already."""
    if worker.state is WorkerState.DOWN or now - heard_at <= SILENT_AFTER:
        return None
    return replace(worker, state=WorkerState.DOWN, reason="no heartbeat", since=now)


def camera_changed(before: WatchedCamera | None, after: WatchedCamera) -> bool:
    """Tell whether the change is worth an event; figures that flow (fps, frames) are not."""
    if before is None or before.worker != after.worker:
        return True
    return _noteworthy(before.health) != _noteworthy(after.health)


def _noteworthy(health: CameraHealth) -> tuple[object, ...]:
    kinds = frozenset(condition.kind for condition in health.conditions)
    return health.state, _kind(health.reason), health.width, health.height, kinds


def gives_pictures(health: CameraHealth) -> bool:
    """Tell whether a camera gives pictures, or is not meant to: a film that is over."""
    return health.state in (CameraState.UP, CameraState.STOPPED)


def with_offline(camera: WatchedCamera, away_since: datetime, now: datetime) -> WatchedCamera:
    """Return the camera with the condition offline, once it gave no picture for long enough.

    ``away_since``: when it stopped, whatever states it went through since.
    """
    others = tuple(one for one in camera.health.conditions if one.kind is not ConditionKind.OFFLINE)
    if not gives_pictures(camera.health) and now - away_since >= OFFLINE_AFTER:
        offline = Condition(ConditionKind.OFFLINE, away_since, camera.health.reason)
        others = (offline,)  # what was seen of it before says nothing now
    return replace(camera, health=replace(camera.health, conditions=others))


def without_conditions(camera: WatchedCamera) -> WatchedCamera:
    """Return a camera of which nobody expects anything."""
    return replace(camera, health=replace(camera.health, conditions=()))


def abandoned_camera(camera: WatchedCamera, reason: str, now: datetime) -> WatchedCamera:
    """Return a camera that no worker speaks for any more."""
    offline = tuple(one for one in camera.health.conditions if one.kind is ConditionKind.OFFLINE)
    health = replace(
        camera.health,
        state=CameraState.UNKNOWN,
        reason=reason,
        since=now,
        fps=0.0,
        conditions=offline,
    )
    return replace(camera, health=health)


def unseen_camera(code: str, now: datetime) -> WatchedCamera:
    """Return a camera that no worker ever spoke of."""
    health = CameraHealth(
        camera=code,
        state=CameraState.UNKNOWN,
        reason="no worker has reported it yet",
        since=now,
        fps=0.0,
        width=0,
        height=0,
        last_frame_at=None,
        skipped_frames=0,
        reconnects=0,
    )
    return WatchedCamera(health, "")


def unheard_worker(name: str, since: datetime) -> WorkerHealth:
    """Return a worker that is expected and never spoke."""
    return WorkerHealth(
        worker=name,
        state=WorkerState.DOWN,
        reason="not heard yet",
        since=since,
        boot="",
        clock_offset_ms=0,
        spool=SpoolReport(0, "ok", ""),
        last_heartbeat_at=None,
    )


def in_our_time(health: CameraHealth, clock_offset_ms: int) -> CameraHealth:
    """Return a camera's health with the times of a clock that is visibly off moved to ours."""
    if abs(clock_offset_ms) <= CLOCK_OFFSET_SHOWN_MS:
        return health
    offset = timedelta(milliseconds=clock_offset_ms)
    frame_at = health.last_frame_at
    try:
        return replace(
            health,
            since=health.since + offset,
            last_frame_at=frame_at + offset if frame_at is not None else None,
            conditions=tuple(replace(one, since=one.since + offset) for one in health.conditions),
        )
    except OverflowError:  # a clock at the end of time
        return health


def check_clip(start: datetime, end: datetime) -> None:
    """Raise InvalidError for a clip that runs backwards or too long."""
    if end <= start:
        raise InvalidError("a clip ends after it starts")
    if end - start > CLIP_LONGEST:
        raise InvalidError(f"a clip is at most {CLIP_LONGEST.total_seconds():.0f} s long")


class RangeNotSatisfiableError(AmaanError):
    """A byte range outside the content (RFC 9110, section 15.5.17)."""

    code: ClassVar[str] = "range-not-satisfiable"
    status: ClassVar[int] = 416


@dataclass(frozen=True, slots=True)
class ByteRange:
    """First and last byte, both included."""

    first: int
    last: int


_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def byte_range(header: str | None, size: int) -> ByteRange | None:
    """Return the one range asked for; None (send everything) without one, or for several.

    Raises RangeNotSatisfiableError when it lies outside.
    """
    matched = _RANGE.fullmatch(header.replace(" ", "")) if header else None
    if matched is None or matched.groups() == ("", ""):
        return None
    first_text, last_text = matched.groups()
    if not first_text:
        first, last = max(0, size - int(last_text)), size - 1
    else:
        first, last = int(first_text), min(int(last_text) if last_text else size - 1, size - 1)
    if first_text and last_text and int(last_text) < first:
        return None
    if first >= size or first > last:
        raise RangeNotSatisfiableError(f"the content has {size} bytes")
    return ByteRange(first, last)


def missing_cameras(
    known: Sequence[WatchedCamera], worker: str, reported: Iterable[str]
) -> list[WatchedCamera]:
    """Return the cameras that ``worker`` spoke for and has now left out."""
    told = set(reported)
    return [
        camera
        for camera in known
        if camera.worker == worker
        and camera.health.camera not in told
        and camera.health.state is not CameraState.UNKNOWN
    ]


def expired_clip(clip: Clip, days: int) -> Clip:
    """Return a clip without its bytes; ``reason`` tells people where it went."""
    return replace(
        clip,
        state=ClipState.EXPIRED,
        reason=f"deleted: recordings are kept {days} days",
        digest=None,
        size_bytes=None,
    )
