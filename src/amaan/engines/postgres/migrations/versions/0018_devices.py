"""what stands at a site besides cameras, and what it tells"""

from __future__ import annotations

from alembic import op

from amaan.engines.postgres.migrations.walling import (
    CONFIGURES,
    EVERYWHERE,
    admit,
    at_site,
    for_all,
    seen,
)

revision = "0018_devices"
down_revision = "0017_camera_conditions"


def upgrade() -> None:
    op.execute("""
CREATE TABLE city.devices (
    code              text PRIMARY KEY CHECK (code ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$'),
    site              text NOT NULL REFERENCES city.sites (code),
    kind              text NOT NULL CHECK (kind IN ('power', 'door', 'tamper', 'link', 'disk')),
    name              text NOT NULL,
    capacity_wh       double precision CHECK (capacity_wh > 0),
    windows           jsonb NOT NULL DEFAULT '[]',
    maintenance_until timestamptz,
    created_at        timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL
);
CREATE INDEX devices_site ON city.devices (site);
COMMENT ON COLUMN city.devices.capacity_wh IS
    'What the battery holds when new and full. Null: not known; the forecast says so.';
COMMENT ON COLUMN city.devices.windows IS
    'Weekly times at which the door may stand open: [{days: [0..6, Monday 0], from, to}], local.';
COMMENT ON COLUMN city.devices.maintenance_until IS 'A crew is there until then; door only.';

CREATE TABLE city.device_states (
    device        text PRIMARY KEY REFERENCES city.devices (code) ON DELETE CASCADE,
    site          text NOT NULL,
    state         text NOT NULL,
    since         timestamptz NOT NULL,
    detail        text NOT NULL,
    pending       text,
    pending_since timestamptz,
    announced     text,
    observed_at   timestamptz NOT NULL,
    received_at   timestamptz NOT NULL,
    told          jsonb NOT NULL
);
COMMENT ON TABLE city.device_states IS 'How each device stands by its newest reading.';
COMMENT ON COLUMN city.device_states.pending IS
    'A better state that has not held long enough to be believed.';
COMMENT ON COLUMN city.device_states.announced IS
    'The state that was announced last: what is told late moves the state and is no news.';
COMMENT ON COLUMN city.device_states.observed_at IS
    'Of the newest reading, by the device''s clock; received_at by the centre''s.';
COMMENT ON COLUMN city.device_states.told IS 'The newest reading''s values.';

CREATE TABLE city.device_readings (
    device      text NOT NULL,
    observed_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    site        text NOT NULL,
    kind        text NOT NULL,
    told        jsonb NOT NULL,
    PRIMARY KEY (device, observed_at)
);
CREATE INDEX device_readings_power ON city.device_readings (site, observed_at)
    WHERE kind = 'power';
CREATE INDEX device_readings_age ON city.device_readings (received_at);
COMMENT ON TABLE city.device_readings IS
    'What devices told, thinned: at most one a minute while nothing changes. Kept when the device '
    'is taken away: gaps in recordings are explained by it.';
COMMENT ON COLUMN city.device_readings.observed_at IS
    'By the device''s clock. A reading that comes late stands at its own time.';

INSERT INTO trust.retention_classes (name, days, least, most, about) VALUES
    ('telemetry', 90, 7, 365, 'What site devices told: power, doors, links, disks.');
""")
    admit("city.devices", seen(at_site("site"), CONFIGURES))
    admit("city.device_states", seen(at_site("site"), f"{EVERYWHERE} OR {CONFIGURES}"))
    admit("city.device_readings", for_all(at_site("site")), withheld="UPDATE")
