"""what stands where: sites, cameras"""

from __future__ import annotations

from alembic import op

revision = "0003_city"
down_revision = "0002_trust"


def upgrade() -> None:
    op.execute("""
CREATE SCHEMA city;

CREATE TABLE city.sites (
    code       text PRIMARY KEY CHECK (code ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$'),
    name       text NOT NULL,
    name_ur    text NOT NULL,
    kind       text NOT NULL
               CHECK (kind IN ('red_zone', 'saddar', 'airport', 'hospital', 'corridor', 'other')),
    lon        double precision NOT NULL CHECK (lon BETWEEN -180 AND 180),
    lat        double precision NOT NULL CHECK (lat BETWEEN -90 AND 90),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
COMMENT ON COLUMN city.sites.name_ur IS 'In Urdu; empty where nobody gave one.';
COMMENT ON COLUMN city.sites.lon IS 'WGS 84 degrees.';

CREATE TABLE city.cameras (
    code             text PRIMARY KEY CHECK (code ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$'),
    name             text NOT NULL,
    site             text NOT NULL REFERENCES city.sites (code),
    lon              double precision CHECK (lon BETWEEN -180 AND 180),
    lat              double precision CHECK (lat BETWEEN -90 AND 90),
    bearing_deg      double precision CHECK (bearing_deg >= 0 AND bearing_deg < 360),
    address_sealed   text NOT NULL,
    address_redacted text NOT NULL,
    enabled          boolean NOT NULL,
    read_plates      boolean NOT NULL,
    analysis_fps     double precision NOT NULL CHECK (analysis_fps > 0 AND analysis_fps <= 60),
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    CHECK ((lon IS NULL) = (lat IS NULL))
);
COMMENT ON COLUMN city.cameras.lon IS 'Null: the camera stands where its site does.';
COMMENT ON COLUMN city.cameras.bearing_deg IS 'Where it looks, clockwise from north.';
COMMENT ON COLUMN city.cameras.address_sealed IS
    'The whole address with its password, AES-256-GCM under the key file outside the database.';
COMMENT ON COLUMN city.cameras.address_redacted IS 'The address with *** for the password.';
COMMENT ON COLUMN city.cameras.analysis_fps IS 'Frames a second that are read, at most.';
CREATE INDEX cameras_site ON city.cameras (site);
""")
