"""alarms that are not of plates"""

from __future__ import annotations

from alembic import op

from amaan.engines.postgres.migrations.walling import EVERYWHERE, admit, for_all

revision = "0019_alarm_sources"
down_revision = "0018_devices"


def upgrade() -> None:
    op.execute("""
ALTER TABLE alarms.alarms
    DROP CONSTRAINT alarms_kind_check,
    ADD CONSTRAINT alarms_kind_check CHECK (
        kind IN ('plate_match', 'integrity', 'camera', 'site', 'device')),
    ADD COLUMN site text,
    ADD COLUMN detail text NOT NULL DEFAULT '',
    ADD COLUMN ended_at timestamptz,
    ADD CONSTRAINT alarms_site_check CHECK (
        kind NOT IN ('camera', 'site', 'device') OR site IS NOT NULL);
CREATE UNIQUE INDEX alarms_one_open ON alarms.alarms (subject)
    WHERE kind IN ('camera', 'site', 'device') AND state IN ('raised', 'acknowledged');
COMMENT ON COLUMN alarms.alarms.site IS 'Of kinds camera, site and device: who may see it.';
COMMENT ON COLUMN alarms.alarms.ended_at IS
    'Of the same kinds: since when its cause is over. Null: it lasts.';

CREATE TABLE alarms.troubles (
    id       uuid PRIMARY KEY,
    site     text NOT NULL,
    source   text NOT NULL CHECK (source IN ('camera', 'device')),
    code     text NOT NULL,
    kind     text NOT NULL,
    since    timestamptz NOT NULL,
    until    timestamptz CHECK (until >= since),
    detail   text NOT NULL,
    alarm_id uuid REFERENCES alarms.alarms (id) ON DELETE SET NULL
);
CREATE UNIQUE INDEX troubles_open ON alarms.troubles (source, code, kind) WHERE until IS NULL;
CREATE INDEX troubles_alarm ON alarms.troubles (alarm_id) WHERE alarm_id IS NOT NULL;
CREATE INDEX troubles_unanswered ON alarms.troubles (site) WHERE until IS NULL;
COMMENT ON TABLE alarms.troubles IS
    'What is wrong with cameras and devices. One alarm may stand for several: a dark site.';
COMMENT ON COLUMN alarms.troubles.code IS 'Of the camera or the device.';
COMMENT ON COLUMN alarms.troubles.alarm_id IS 'Null: it waits to see what else goes with it.';

DROP POLICY all_in_scope ON alarms.alarms;
""")
    condition = (
        f"(site IS NULL AND ({EVERYWHERE} OR place IN (SELECT city.cameras_in_scope())))"
        f" OR (site IS NOT NULL AND ({EVERYWHERE}"
        " OR site IN (SELECT unnest(kernel.sites_in_scope()))))"
    )
    op.execute(
        f"CREATE POLICY all_in_scope ON alarms.alarms FOR ALL"
        f" USING ({condition}) WITH CHECK ({condition})"
    )
    of_site = f"{EVERYWHERE} OR site IN (SELECT unnest(kernel.sites_in_scope()))"
    admit("alarms.troubles", for_all(of_site))
