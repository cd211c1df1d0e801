"""the road network"""

from __future__ import annotations

from alembic import op

revision = "0020_roads"
down_revision = "0019_alarm_sources"


def upgrade() -> None:
    op.execute("""
CREATE TABLE city.road_networks (
    id          uuid PRIMARY KEY,
    source      text NOT NULL,
    imported_at timestamptz NOT NULL,
    imported_by text NOT NULL,
    nodes       integer NOT NULL CHECK (nodes > 0),
    edges       integer NOT NULL CHECK (edges > 0),
    kilometres  double precision NOT NULL,
    packed      bytea NOT NULL
);
CREATE UNIQUE INDEX road_networks_one ON city.road_networks ((true));
ALTER TABLE city.road_networks ALTER packed SET STORAGE EXTERNAL;
COMMENT ON TABLE city.road_networks IS
    'The streets as imported last, one row: public knowledge, of no site.';
COMMENT ON COLUMN city.road_networks.source IS 'Name of the file they came from.';
COMMENT ON COLUMN city.road_networks.packed IS
    'The arrays of amaan.city.roads.model.Roads as a compressed npz; read whole, into memory.';
""")
    op.execute("GRANT SELECT, INSERT, DELETE ON city.road_networks TO amaan_app")
