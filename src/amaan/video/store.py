"""The room's only SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb

from amaan.video.events import condition_payload
from amaan.video.model import (
    CameraHealth,
    CameraState,
    Clip,
    ClipState,
    Condition,
    ConditionKind,
    SpoolReport,
    WantedClip,
    WatchedCamera,
    WorkerHealth,
    WorkerState,
)

Connection = AsyncConnection[TupleRow]

_CLIP = "id, camera, start_at, end_at, state, reason, digest, size_bytes"


async def save_workers(connection: Connection, workers: Sequence[WorkerHealth]) -> None:
    """Insert or replace."""
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "INSERT INTO video.workers (worker, state, reason, since, boot, clock_offset_ms,"
            " spool_pending, spool_state, spool_reason, last_heartbeat_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
            " ON CONFLICT (worker) DO UPDATE SET state = excluded.state,"
            " reason = excluded.reason, since = excluded.since, boot = excluded.boot,"
            " clock_offset_ms = excluded.clock_offset_ms, spool_pending = excluded.spool_pending,"
            " spool_state = excluded.spool_state, spool_reason = excluded.spool_reason,"
            " last_heartbeat_at = excluded.last_heartbeat_at",
            [
                (
                    worker.worker,
                    worker.state.value,
                    worker.reason,
                    worker.since,
                    worker.boot,
                    worker.clock_offset_ms,
                    worker.spool.pending,
                    worker.spool.state,
                    worker.spool.reason,
                    worker.last_heartbeat_at,
                )
                for worker in workers
            ],
        )


async def load_workers(connection: Connection) -> list[WorkerHealth]:
    """Return all workers ever heard."""
    cursor = await connection.execute(
        "SELECT worker, state, reason, since, boot, clock_offset_ms, spool_pending, spool_state,"
        " spool_reason, last_heartbeat_at FROM video.workers ORDER BY worker"
    )
    return [
        WorkerHealth(
            worker=row[0],
            state=WorkerState(row[1]),
            reason=row[2],
            since=row[3],
            boot=row[4],
            clock_offset_ms=row[5],
            spool=SpoolReport(row[6], row[7], row[8]),
            last_heartbeat_at=row[9],
        )
        for row in await cursor.fetchall()
    ]


async def save_cameras(connection: Connection, cameras: Sequence[WatchedCamera]) -> None:
    """Insert or replace."""
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "INSERT INTO video.camera_states (camera, worker, state, reason, since, fps, width,"
            " height, last_frame_at, skipped_frames, reconnects, conditions)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
            " ON CONFLICT (camera) DO UPDATE SET worker = excluded.worker,"
            " state = excluded.state, reason = excluded.reason, since = excluded.since,"
            " fps = excluded.fps, width = excluded.width, height = excluded.height,"
            " last_frame_at = excluded.last_frame_at, skipped_frames = excluded.skipped_frames,"
            " reconnects = excluded.reconnects, conditions = excluded.conditions",
            [
                (
                    camera.health.camera,
                    camera.worker,
                    camera.health.state.value,
                    camera.health.reason,
                    camera.health.since,
                    camera.health.fps,
                    camera.health.width,
                    camera.health.height,
                    camera.health.last_frame_at,
                    camera.health.skipped_frames,
                    camera.health.reconnects,
                    Jsonb([condition_payload(one) for one in camera.health.conditions]),
                )
                for camera in cameras
            ],
        )


async def load_cameras(connection: Connection) -> list[WatchedCamera]:
    """Return all cameras ever heard of."""
    cursor = await connection.execute(
        "SELECT camera, worker, state, reason, since, fps, width, height, last_frame_at,"
        " skipped_frames, reconnects, conditions FROM video.camera_states ORDER BY camera"
    )
    return [
        WatchedCamera(
            CameraHealth(
                camera=row[0],
                state=CameraState(row[2]),
                reason=row[3],
                since=row[4],
                fps=row[5],
                width=row[6],
                height=row[7],
                last_frame_at=row[8],
                skipped_frames=row[9],
                reconnects=row[10],
                conditions=tuple(_condition(one) for one in row[11]),
            ),
            row[1],
        )
        for row in await cursor.fetchall()
    ]


def _condition(kept: Mapping[str, str]) -> Condition:
    since = datetime.fromisoformat(kept["since"])
    return Condition(ConditionKind(kept["kind"]), since, kept["detail"])


async def add_clip(
    connection: Connection, wanted: WantedClip, wanted_at: datetime, authority: UUID | None
) -> None:
    """Insert a wanted clip; it is sealed with the authority that it was asked under."""
    await connection.execute(
        "INSERT INTO video.clips (id, camera, start_at, end_at, state, reason, wanted_at,"
        " authority) VALUES (%s, %s, %s, %s, 'wanted', '', %s, %s)",
        [wanted.id, wanted.camera, wanted.start, wanted.end, wanted_at, authority],
    )


async def wanted_clips(
    connection: Connection, cameras: Sequence[str], limit: int
) -> list[WantedClip]:
    """Return the longest-wanted clips of some cameras."""
    cursor = await connection.execute(
        "SELECT id, camera, start_at, end_at FROM video.clips"
        " WHERE state = 'wanted' AND camera = ANY(%s) ORDER BY wanted_at, id LIMIT %s",
        [list(cameras), limit],
    )
    return [WantedClip(*row) for row in await cursor.fetchall()]


async def clip(connection: Connection, identifier: UUID, *, lock: bool = False) -> Clip | None:
    """Return a clip; ``lock`` keeps others from settling it until the transaction ends."""
    cursor = await connection.execute(
        f"SELECT {_CLIP} FROM video.clips WHERE id = %s" + (" FOR UPDATE" if lock else ""),  # noqa: S608 (constant)
        [identifier],
    )
    row = await cursor.fetchone()
    return _clip(row) if row else None


async def clips(connection: Connection, identifiers: Sequence[UUID], now: datetime) -> list[Clip]:
    """Return those of the clips that exist and that are not sealed."""
    cursor = await connection.execute(
        f"SELECT {_CLIP} FROM video.clips WHERE id = ANY(%s)"  # noqa: S608 (constant)
        " AND NOT trust.is_sealed(authority, %s)",
        [list(identifiers), now],
    )
    return [_clip(row) for row in await cursor.fetchall()]


def _clip(row: TupleRow) -> Clip:
    return Clip(row[0], row[1], row[2], row[3], ClipState(row[4]), row[5], row[6], row[7])


async def settle_clip(connection: Connection, settled: Clip, at: datetime) -> None:
    """Write the outcome."""
    await connection.execute(
        "UPDATE video.clips SET state = %s, reason = %s, digest = %s, size_bytes = %s,"
        " settled_at = %s WHERE id = %s",
        [
            settled.state.value,
            settled.reason,
            settled.digest,
            settled.size_bytes,
            at,
            settled.id,
        ],
    )


async def overdue_clips(connection: Connection, before: datetime, limit: int) -> list[Clip]:
    """Return and lock clips still wanted though asked for, and over, before a moment."""
    cursor = await connection.execute(
        f"SELECT {_CLIP} FROM video.clips WHERE state = 'wanted'"  # noqa: S608 (constant)
        " AND greatest(end_at, wanted_at) < %s ORDER BY wanted_at LIMIT %s FOR UPDATE SKIP LOCKED",
        [before, limit],
    )
    return [_clip(row) for row in await cursor.fetchall()]


_OVER = "state = 'ready' AND end_at < %s AND NOT trust.clip_is_held(camera, start_at, end_at)"


async def count_over(connection: Connection, before: datetime) -> int:
    """Count clips whose days are over and that no hold keeps."""
    cursor = await connection.execute(
        f"SELECT count(*) FROM video.clips WHERE {_OVER}",  # noqa: S608 (constant)
        [before],
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def over_clips(connection: Connection, before: datetime, limit: int) -> list[Clip]:
    """Return and lock such clips."""
    cursor = await connection.execute(
        f"SELECT {_CLIP} FROM video.clips WHERE {_OVER}"  # noqa: S608 (constant)
        " ORDER BY end_at LIMIT %s FOR UPDATE SKIP LOCKED",
        [before, limit],
    )
    return [_clip(row) for row in await cursor.fetchall()]
