"""what is wrong with a camera, and since when"""

from __future__ import annotations

from alembic import op

from amaan.engines.postgres.migrations.walling import (
    CONFIGURES,
    EVERYWHERE,
    admit,
    at_camera,
    for_all,
    seen,
)

revision = "0017_camera_conditions"
down_revision = "0016_recordings"


def upgrade() -> None:
    op.execute("""
ALTER TABLE video.camera_states ADD COLUMN conditions jsonb NOT NULL DEFAULT '[]';
COMMENT ON COLUMN video.camera_states.conditions IS
    'What is wrong with it: [{kind, since, detail}], none twice.';

CREATE TABLE video.camera_log (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    camera   text COLLATE "C" NOT NULL CHECK (length(camera) BETWEEN 1 AND 64),
    kind     text NOT NULL CHECK (kind IN
        ('starting', 'up', 'stalled', 'down', 'unknown',
         'offline', 'frozen', 'covered', 'blurred', 'moved', 'dark', 'bright', 'gop', 'clock')),
    since    timestamptz NOT NULL,
    until    timestamptz CHECK (until >= since),
    detail   text NOT NULL
);
CREATE UNIQUE INDEX camera_log_open ON video.camera_log (camera, kind) WHERE until IS NULL;
CREATE INDEX camera_log_time ON video.camera_log (camera, since);
COMMENT ON TABLE video.camera_log IS
    'How each camera stood and what was wrong with it, from its first picture on. A time without '
    'a state: it was turned off, or the centre itself did not run. Never rewritten, only ended.';
COMMENT ON COLUMN video.camera_log.kind IS 'A state (the first five) or a condition.';
COMMENT ON COLUMN video.camera_log.until IS 'Null: it lasts.';

CREATE TABLE video.listening (
    one   boolean PRIMARY KEY DEFAULT true CHECK (one),
    until timestamptz NOT NULL
);
COMMENT ON TABLE video.listening IS
    'When the centre last listened to its workers: what it missed, it cannot tell of cameras.';
""")
    admit(
        "video.camera_log",
        seen(f"{CONFIGURES} OR {at_camera('camera')}", EVERYWHERE),
        withheld="DELETE",
    )
    admit("video.listening", for_all(EVERYWHERE), withheld="DELETE")
