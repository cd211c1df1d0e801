"""incidents, their timeline, pursuits"""

from __future__ import annotations

from alembic import op

from amaan.engines.postgres.migrations.walling import EVERYWHERE, admit, for_all

revision = "0021_incidents"
down_revision = "0020_roads"

_MINE = f"{EVERYWHERE} OR sites && (SELECT kernel.sites_in_scope())"
# What is told of a camera is seen by who works at its site; what is told of none, with the
# incident.
_OF_MINE = (
    "incident IN (SELECT id FROM incidents.incidents) AND "  # noqa: S608 (constant)
    f"({EVERYWHERE} OR camera IS NULL OR camera IN (SELECT city.cameras_in_scope()))"
)


_TABLES = """
CREATE SCHEMA IF NOT EXISTS incidents;
GRANT USAGE ON SCHEMA incidents TO amaan_app;

CREATE TABLE incidents.incidents (
    id        uuid PRIMARY KEY,
    number    bigint GENERATED ALWAYS AS IDENTITY (START 1001) UNIQUE,
    title     text NOT NULL CHECK (title <> ''),
    kind      text NOT NULL,
    state     text NOT NULL
        CHECK (state IN ('new', 'in_progress', 'on_scene', 'resolved', 'closed')),
    sites     text[] NOT NULL CHECK (cardinality(sites) > 0),
    camera    text,
    lon       double precision NOT NULL,
    lat       double precision NOT NULL,
    alarm     uuid,
    opened_at timestamptz NOT NULL,
    opened_by text NOT NULL,
    state_at  timestamptz NOT NULL
);
CREATE INDEX incidents_open ON incidents.incidents (opened_at DESC)
    WHERE state IN ('new', 'in_progress', 'on_scene');
CREATE INDEX incidents_closed ON incidents.incidents (state_at) WHERE state = 'closed';
COMMENT ON COLUMN incidents.incidents.number IS 'What people say: "incident 1042". Has gaps.';
COMMENT ON COLUMN incidents.incidents.sites IS
    'Where it began, and where its pursuit was seen since: who works there sees it.';
COMMENT ON COLUMN incidents.incidents.alarm IS
    'The alarm it was opened from. No foreign key: the alarm''s days end sooner.';
COMMENT ON COLUMN incidents.incidents.state_at IS 'Since when its state stands.';

CREATE TABLE incidents.entries (
    id       uuid PRIMARY KEY,
    incident uuid NOT NULL REFERENCES incidents.incidents (id),
    at       timestamptz NOT NULL,
    by       text NOT NULL,
    kind     text NOT NULL CHECK (kind IN ('opened', 'note', 'state', 'pursuit')),
    what     text NOT NULL,
    text     text NOT NULL,
    camera   text,
    moment   timestamptz,
    position bigint GENERATED ALWAYS AS IDENTITY
);
CREATE INDEX entries_incident ON incidents.entries (incident, position);
COMMENT ON TABLE incidents.entries IS 'The timeline: rows are added, and go with the incident.';
COMMENT ON COLUMN incidents.entries.position IS 'Order in which they were written.';
COMMENT ON COLUMN incidents.entries.what IS 'The new state, or the step of the pursuit.';
COMMENT ON COLUMN incidents.entries.moment IS 'Time of the picture that a step is about.';

CREATE TABLE incidents.pursuits (
    id         uuid PRIMARY KEY,
    incident   uuid NOT NULL REFERENCES incidents.incidents (id),
    started_at timestamptz NOT NULL,
    started_by text NOT NULL,
    ended_at   timestamptz,
    ended_by   text
);
CREATE UNIQUE INDEX pursuits_going_on ON incidents.pursuits (incident) WHERE ended_at IS NULL;

CREATE TABLE incidents.steps (
    id       uuid PRIMARY KEY,
    pursuit  uuid NOT NULL REFERENCES incidents.pursuits (id),
    incident uuid NOT NULL,
    what     text NOT NULL CHECK (
        what IN ('started', 'seen', 'not_seen', 'lost', 'opened', 'undone', 'ended')),
    camera   text NOT NULL,
    at       timestamptz NOT NULL,
    made_at  timestamptz NOT NULL,
    by       text NOT NULL,
    note     text NOT NULL,
    undoes   uuid UNIQUE REFERENCES incidents.steps (id),
    position bigint GENERATED ALWAYS AS IDENTITY,
    CHECK ((what = 'undone') = (undoes IS NOT NULL))
);
CREATE INDEX steps_pursuit ON incidents.steps (pursuit, position);
CREATE INDEX steps_incident ON incidents.steps (incident);
COMMENT ON TABLE incidents.steps IS 'What people said they saw; added to, never changed.';
COMMENT ON COLUMN incidents.steps.at IS 'Time of the picture; made_at: when it was said.';
COMMENT ON COLUMN incidents.steps.undoes IS 'A step is undone by a further one, once.';

INSERT INTO trust.retention_classes (name, days, least, most, about) VALUES
    ('incidents', 1095, 90, 3650,
     'Incidents with timeline, pursuits and trails, from the day they were closed.');
"""


def upgrade() -> None:
    op.execute(_TABLES)
    admit("incidents.incidents", for_all(_MINE))
    admit("incidents.entries", for_all(_OF_MINE), withheld="UPDATE")
    admit("incidents.pursuits", for_all("incident IN (SELECT id FROM incidents.incidents)"))
    admit("incidents.steps", for_all(_OF_MINE), withheld="UPDATE")
