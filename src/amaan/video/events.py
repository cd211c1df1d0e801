"""What video announces. Payloads are what the console shows, so that no one has to ask back."""

from __future__ import annotations

from datetime import UTC, datetime

from amaan.kernel.events import JsonValue, NewEvent
from amaan.video.model import Clip, Condition, WatchedCamera, WorkerHealth
from amaan.video.ptz import Lease

CAMERA_CHANGED = "video.camera_changed"
WORKER_CHANGED = "video.worker_changed"
CLIP_CHANGED = "video.clip_changed"
CAMERA_STEERED = "video.camera_steered"


def wire_time(at: datetime | None) -> str | None:
    """Return RFC 3339 in UTC with microseconds and Z."""
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def condition_payload(condition: Condition) -> dict[str, JsonValue]:
    """Return a condition as the API shows it."""
    since = wire_time(condition.since)
    return {"kind": condition.kind.value, "since": since, "detail": condition.detail}


def camera_payload(camera: WatchedCamera) -> dict[str, JsonValue]:
    """Return a camera as the API shows it."""
    health = camera.health
    return {
        "camera": health.camera,
        "state": health.state.value,
        "reason": health.reason,
        "since": wire_time(health.since),
        "fps": round(health.fps, 2),
        "width": health.width,
        "height": health.height,
        "last_frame_at": wire_time(health.last_frame_at),
        "skipped_frames": health.skipped_frames,
        "reconnects": health.reconnects,
        "worker": camera.worker,
        "conditions": [condition_payload(one) for one in health.conditions],
    }


def worker_payload(worker: WorkerHealth) -> dict[str, JsonValue]:
    """Return a worker as the API shows it."""
    return {
        "worker": worker.worker,
        "state": worker.state.value,
        "reason": worker.reason,
        "since": wire_time(worker.since),
        "boot": worker.boot,
        "clock_offset_ms": worker.clock_offset_ms,
        "spool": {
            "pending": worker.spool.pending,
            "state": worker.spool.state,
            "reason": worker.spool.reason,
        },
        "last_heartbeat_at": wire_time(worker.last_heartbeat_at),
    }


def camera_changed(camera: WatchedCamera, at: datetime) -> NewEvent:
    """Announce that a camera's state, reason or size changed."""
    return NewEvent(CAMERA_CHANGED, camera.health.camera, at, camera_payload(camera))


def worker_changed(worker: WorkerHealth, at: datetime) -> NewEvent:
    """Announce that a worker came, went, failed or recovered."""
    return NewEvent(WORKER_CHANGED, worker.worker, at, worker_payload(worker))


def clip_changed(clip: Clip, at: datetime) -> NewEvent:
    """Announce that a clip is ready, or that there will be none."""
    return NewEvent(
        CLIP_CHANGED,
        str(clip.id),
        at,
        {
            "id": str(clip.id),
            "camera": clip.camera,
            "state": clip.state.value,
            "reason": clip.reason,
        },
    )


def camera_steered(camera: str, lease: Lease, at: datetime) -> NewEvent:
    """Announce that somebody has begun to turn a camera, or has taken it from another."""
    return NewEvent(
        CAMERA_STEERED,
        camera,
        at,
        {
            "camera": camera,
            "held_by": lease.holder.name,
            "until": wire_time(lease.until),
            "taken_from": None if lease.taken_from is None else lease.taken_from.name,
        },
    )
