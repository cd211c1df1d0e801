"""alarms and the matches that they stand for"""

from __future__ import annotations

from alembic import op

revision = "0006_alarms"
down_revision = "0005_plates"


def upgrade() -> None:
    op.execute("""
CREATE SCHEMA alarms;

CREATE TABLE alarms.alarms (
    id               uuid PRIMARY KEY,
    kind             text NOT NULL CHECK (kind IN ('plate_match', 'integrity')),
    state            text NOT NULL DEFAULT 'raised' CHECK (
        state IN ('raised', 'acknowledged', 'confirmed', 'rejected', 'cleared')),
    severity         text NOT NULL CHECK (severity IN ('critical', 'high', 'medium', 'low')),
    title            text NOT NULL,
    raised_at        timestamptz NOT NULL,
    observed_at      timestamptz NOT NULL,
    last_observed_at timestamptz NOT NULL,
    subject          text NOT NULL,
    place            text NOT NULL,
    match_id         uuid,
    clip_id          uuid,
    repeat_count     integer NOT NULL DEFAULT 0,
    acknowledged_at  timestamptz,
    acknowledged_by  text,
    decided_at       timestamptz,
    decided_by       text,
    decision_reason  text,
    CHECK ((decided_at IS NULL) = (decided_by IS NULL)),
    CHECK (state NOT IN ('confirmed', 'rejected') OR decision_reason <> '')
);
CREATE INDEX alarms_repeats ON alarms.alarms (subject, place, observed_at);
CREATE INDEX alarms_open ON alarms.alarms (id) WHERE state IN ('raised', 'acknowledged');
COMMENT ON COLUMN alarms.alarms.id IS 'UUIDv7 of raised_at: order by id is order of raising.';
CREATE INDEX alarms_clip ON alarms.alarms (clip_id) WHERE clip_id IS NOT NULL;
COMMENT ON COLUMN alarms.alarms.subject IS
    'What it is about: the id of the hot-list entry, or the sender of a conflicting payload.';
COMMENT ON COLUMN alarms.alarms.place IS 'Code of the camera; empty where there is none.';
COMMENT ON COLUMN alarms.alarms.observed_at IS 'Of the first thing seen; last_observed_at: latest.';
COMMENT ON COLUMN alarms.alarms.match_id IS 'The match that raised it (plates.matches).';
COMMENT ON COLUMN alarms.alarms.repeat_count IS 'Further matches that joined it, shown as one.';

CREATE TABLE alarms.causes (
    cause_id uuid PRIMARY KEY,
    alarm_id uuid NOT NULL REFERENCES alarms.alarms
);
CREATE INDEX causes_alarm ON alarms.causes (alarm_id);
COMMENT ON TABLE alarms.causes IS
    'Every match (or refused observation) behind an alarm; one cause raises once, however often '
    'it is announced.';
""")
