"""how each camera is reached and recorded"""

from __future__ import annotations

from alembic import op

revision = "0015_camera_settings"
down_revision = "0014_walls"


def upgrade() -> None:
    op.execute("""
ALTER TABLE city.cameras
    ADD COLUMN sub_address_sealed   text,
    ADD COLUMN sub_address_redacted text,
    ADD COLUMN onvif_sealed         text,
    ADD COLUMN onvif_redacted       text,
    ADD COLUMN vendor               text NOT NULL DEFAULT '',
    ADD COLUMN model                text NOT NULL DEFAULT '',
    ADD COLUMN audio                boolean NOT NULL DEFAULT false,
    ADD COLUMN record_mode          text NOT NULL DEFAULT 'continuous'
        CHECK (record_mode IN ('continuous', 'event', 'scheduled', 'off')),
    ADD COLUMN record_schedule      jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN record_before_s      double precision NOT NULL DEFAULT 10
        CHECK (record_before_s BETWEEN 0 AND 60),
    ADD COLUMN record_after_s       double precision NOT NULL DEFAULT 30
        CHECK (record_after_s BETWEEN 0 AND 600),
    ADD COLUMN record_days          integer CHECK (record_days BETWEEN 1 AND 3650),
    ADD COLUMN record_gigabytes     double precision CHECK (record_gigabytes > 0),
    ADD CHECK ((sub_address_sealed IS NULL) = (sub_address_redacted IS NULL)),
    ADD CHECK ((onvif_sealed IS NULL) = (onvif_redacted IS NULL));
COMMENT ON COLUMN city.cameras.sub_address_sealed IS
    'The smaller stream, sealed as address_sealed is. Null: the camera has one stream only.';
COMMENT ON COLUMN city.cameras.onvif_sealed IS
    'Where the camera is configured and steered, with user and password; sealed alike. Null: '
    'nowhere, it cannot be turned.';
COMMENT ON COLUMN city.cameras.audio IS 'Whether sound is recorded and heard live.';
COMMENT ON COLUMN city.cameras.record_schedule IS
    'Weekly times: [{"days": [0..6, Monday 0], "from": "HH:MM", "to": "HH:MM"}], local, "24:00" '
    'the end of the day. Recorded then where the mode is scheduled.';
COMMENT ON COLUMN city.cameras.record_before_s IS
    'Seconds kept from before an event, and record_after_s from after it; mode event only.';
COMMENT ON COLUMN city.cameras.record_days IS
    'Recordings older than that are removed at the worker. Null: when the worker''s disk is full.';
COMMENT ON COLUMN city.cameras.record_gigabytes IS
    'Most that the camera''s recordings take at the worker, 10^9 bytes. Null: no limit of its own.';
""")
