"""video: cameras and workers as last heard, clips"""

from __future__ import annotations

from alembic import op

revision = "0004_video"
down_revision = "0003_city"


def upgrade() -> None:
    op.execute("CREATE SCHEMA video")
    op.execute(_WORKERS)
    op.execute(_CAMERAS)
    op.execute(_CLIPS)


_WORKERS = """
CREATE TABLE video.workers (
    worker            text PRIMARY KEY CHECK (length(worker) BETWEEN 1 AND 64),
    state             text NOT NULL CHECK (state IN ('up', 'degraded', 'down')),
    reason            text NOT NULL,
    since             timestamptz NOT NULL,
    boot              text NOT NULL,
    clock_offset_ms   bigint NOT NULL,
    spool_pending     bigint NOT NULL,
    spool_state       text NOT NULL,
    spool_reason      text NOT NULL,
    last_heartbeat_at timestamptz NOT NULL
);

COMMENT ON TABLE video.workers IS
    'Workers as last heard; written on a change, not on every heartbeat';
COMMENT ON COLUMN video.workers.clock_offset_ms IS
    'Our clock minus the worker''s at that heartbeat; positive: the worker is behind';
COMMENT ON COLUMN video.workers.boot IS 'UUID of the worker''s present start';
"""

_CAMERAS = """
CREATE TABLE video.camera_states (
    camera         text PRIMARY KEY CHECK (length(camera) BETWEEN 1 AND 64),
    worker         text NOT NULL,
    state          text NOT NULL CHECK
        (state IN ('starting', 'up', 'stalled', 'down', 'stopped', 'unknown')),
    reason         text NOT NULL,
    since          timestamptz NOT NULL,
    fps            double precision NOT NULL,
    width          integer NOT NULL,
    height         integer NOT NULL,
    last_frame_at  timestamptz,
    skipped_frames bigint NOT NULL,
    reconnects     bigint NOT NULL
);

COMMENT ON TABLE video.camera_states IS
    'Cameras as last heard; written when state, reason, size or worker changes';
COMMENT ON COLUMN video.camera_states.since IS 'When this state began';
COMMENT ON COLUMN video.camera_states.skipped_frames IS
    'Decoded but not analysed, since the worker''s start: newer frames win';
"""

_CLIPS = """
CREATE TABLE video.clips (
    id         uuid PRIMARY KEY,
    camera     text NOT NULL,
    start_at   timestamptz NOT NULL,
    end_at     timestamptz NOT NULL CHECK (end_at > start_at),
    state      text NOT NULL CHECK (state IN ('wanted', 'ready', 'unavailable')),
    reason     text NOT NULL,
    digest     text,
    size_bytes bigint,
    wanted_at  timestamptz NOT NULL,
    settled_at timestamptz,
    CHECK ((state = 'ready') = (digest IS NOT NULL AND size_bytes IS NOT NULL))
);

CREATE INDEX clips_wanted ON video.clips (camera, wanted_at) WHERE state = 'wanted';
COMMENT ON TABLE video.clips IS 'Pieces of recording asked of the workers';
COMMENT ON COLUMN video.clips.digest IS
    'SHA-256 of the MP4 in the blob store, as it was cut: never re-encoded';
COMMENT ON COLUMN video.clips.reason IS 'Why there is no clip; empty unless unavailable';
"""
