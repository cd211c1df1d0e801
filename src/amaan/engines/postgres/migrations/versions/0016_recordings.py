"""segments and gaps, as workers tell them; exports"""

from __future__ import annotations

from alembic import op

from amaan.engines.postgres.migrations.walling import (
    EVERYWHERE,
    admit,
    at_camera,
    for_all,
    seen,
)

revision = "0016_recordings"
down_revision = "0015_camera_settings"


def upgrade() -> None:
    for part in (_USE, _JOURNAL, _DAYS, _COPIES, _EXPORTS, _RETENTION, _HELD):
        op.execute(part)
    written_by_centre = seen(at_camera("camera"), EVERYWHERE)
    admit("video.journals", for_all(EVERYWHERE), withheld="DELETE")
    for table in ("segments", "gaps", "recorded_days", "dropped_segments", "wanted_copies"):
        admit(f"video.{table}", written_by_centre)
    admit("video.exports", for_all(_OF_ALL_CAMERAS), withheld="DELETE")
    admit("video.export_files", for_all(at_camera("camera")), withheld="DELETE")


_OF_ALL_CAMERAS = f"{EVERYWHERE} OR cameras <@ ARRAY(SELECT city.cameras_in_scope())"

# Recordings are taken out of named places and times only, whatever plates are named.
_USE = """
ALTER TABLE trust.authorities
    DROP CONSTRAINT authorities_uses_check,
    DROP CONSTRAINT authorities_scope_is_bounded,
    ADD CONSTRAINT authorities_uses_check CHECK (
        cardinality(uses) > 0 AND uses <@ ARRAY['search', 'entry', 'export']),
    ADD CONSTRAINT authorities_scope_is_bounded CHECK (
        (plates IS NOT NULL AND NOT 'export' = ANY (uses))
        OR ((plates IS NOT NULL OR NOT 'entry' = ANY (uses)) AND since IS NOT NULL
        AND until IS NOT NULL AND num_nonnulls(cameras, sites, bounds) > 0));
"""

_JOURNAL = """
CREATE TABLE video.journals (
    ledger   uuid PRIMARY KEY,
    worker   text NOT NULL,
    applied  bigint NOT NULL CHECK (applied >= 0),
    heard_at timestamptz NOT NULL
);
COMMENT ON TABLE video.journals IS
    'How far the journal of each worker''s ledger has been applied here.';
COMMENT ON COLUMN video.journals.ledger IS
    'A worker that lost its ledger begins another, under another id.';
COMMENT ON COLUMN video.journals.applied IS 'Entries up to this number are in the tables below.';

CREATE TABLE video.segments (
    id        uuid PRIMARY KEY,
    camera    text COLLATE "C" NOT NULL,
    stream    text NOT NULL CHECK (stream IN ('main', 'sub')),
    start_at  timestamptz NOT NULL,
    end_at    timestamptz CHECK (end_at >= start_at),
    bytes     bigint NOT NULL,
    sha256    bytea CHECK (length(sha256) = 32),
    codec     text NOT NULL,
    width     integer NOT NULL,
    height    integer NOT NULL,
    fps       real NOT NULL,
    has_audio boolean NOT NULL,
    worker    text NOT NULL,
    ledger    uuid NOT NULL REFERENCES video.journals (ledger),
    at_worker boolean NOT NULL DEFAULT true,
    copied_at timestamptz,
    CHECK ((end_at IS NULL) = (sha256 IS NULL))
);
CREATE INDEX segments_time ON video.segments (camera, stream, start_at);
CREATE INDEX segments_growing ON video.segments (worker) WHERE end_at IS NULL;
CREATE INDEX segments_copied ON video.segments (end_at) WHERE copied_at IS NOT NULL;
COMMENT ON TABLE video.segments IS
    'Files of recorded video, each at the worker that wrote it, at the centre, or both.';
COMMENT ON COLUMN video.segments.end_at IS 'Null: it is being written.';
COMMENT ON COLUMN video.segments.sha256 IS
    'Of the whole file, told when it was finished: what comes back later must hash to it.';
COMMENT ON COLUMN video.segments.copied_at IS
    'When a copy came to the centre''s blob store, under the same hash; null: there is none.';

CREATE TABLE video.gaps (
    id         uuid PRIMARY KEY,
    camera     text COLLATE "C" NOT NULL,
    stream     text NOT NULL CHECK (stream IN ('main', 'sub')),
    start_at   timestamptz NOT NULL,
    end_at     timestamptz CHECK (end_at >= start_at),
    cause      text NOT NULL
        CHECK (cause IN ('link', 'camera', 'power', 'disk', 'restart', 'plan')),
    told_cause text NOT NULL,
    detail     text NOT NULL,
    worker     text NOT NULL
);
CREATE INDEX gaps_time ON video.gaps (camera, stream, start_at);
CREATE INDEX gaps_open ON video.gaps (camera) WHERE end_at IS NULL;
COMMENT ON TABLE video.gaps IS 'Every time that was not recorded, and why.';
COMMENT ON COLUMN video.gaps.end_at IS 'Null: it lasts.';
COMMENT ON COLUMN video.gaps.cause IS
    'plan: not wanted, no fault. As the worker told it, but power where its site had none.';
COMMENT ON COLUMN video.gaps.told_cause IS 'As the worker told it.';
"""

_DAYS = """
CREATE TABLE video.recorded_days (
    camera text COLLATE "C" NOT NULL,
    stream text NOT NULL CHECK (stream IN ('main', 'sub')),
    day    date NOT NULL,
    spans  bytea NOT NULL CHECK (length(spans) % 16 = 0),
    gaps   bytea NOT NULL CHECK (length(gaps) % 24 = 0),
    PRIMARY KEY (camera, stream, day)
);
COMMENT ON TABLE video.recorded_days IS
    'Segments and gaps of a UTC day, joined and packed: a month of the whole city is read at '
    'once. Follows from the other tables; made anew by the check of the index.';
COMMENT ON COLUMN video.recorded_days.spans IS
    'from, to: 8 bytes each, little-endian, Unix milliseconds; ascending, apart, within the day.';
COMMENT ON COLUMN video.recorded_days.gaps IS
    'from, to, cause (place in the list of causes) of gaps that have ended, as spans; the one of '
    'the later day goes on where the earlier stops.';
"""

_COPIES = """
CREATE TABLE video.wanted_copies (
    id        uuid PRIMARY KEY,
    camera    text COLLATE "C" NOT NULL,
    since     timestamptz NOT NULL,
    until     timestamptz NOT NULL CHECK (until > since),
    cause     text NOT NULL CHECK (cause ~ '^(hold|incident|clip):.+'),
    wanted_at timestamptz NOT NULL,
    ended_at  timestamptz,
    UNIQUE (cause, camera, since, until)
);
CREATE INDEX wanted_copies_standing ON video.wanted_copies (camera) WHERE ended_at IS NULL;
COMMENT ON TABLE video.wanted_copies IS
    'Recordings of which the centre wants a copy: an incident or a hold needs them.';
COMMENT ON COLUMN video.wanted_copies.cause IS 'What needs it, and its id.';
COMMENT ON COLUMN video.wanted_copies.ended_at IS 'Needed no more: copies go when their days end.';

CREATE TABLE video.dropped_segments (
    id         uuid PRIMARY KEY,
    camera     text COLLATE "C" NOT NULL,
    start_at   timestamptz NOT NULL,
    end_at     timestamptz NOT NULL,
    bytes      bigint NOT NULL,
    reason     text NOT NULL,
    dropped_at timestamptz NOT NULL
);
COMMENT ON TABLE video.dropped_segments IS
    'Files that workers said they removed, until the nightly run signs a receipt for them.';
"""

_EXPORTS = """
CREATE TABLE video.exports (
    id         uuid PRIMARY KEY,
    made_by    uuid NOT NULL REFERENCES trust.accounts (id),
    made_as    text NOT NULL,
    cameras    text[] COLLATE "C" NOT NULL CHECK (cardinality(cameras) > 0),
    stream     text NOT NULL CHECK (stream IN ('main', 'sub')),
    since      timestamptz NOT NULL,
    until      timestamptz NOT NULL CHECK (until > since),
    authority  uuid NOT NULL REFERENCES trust.authorities (id),
    case_ref   text NOT NULL,
    reason     text NOT NULL CHECK (reason <> ''),
    state      text NOT NULL CHECK (state IN ('making', 'ready', 'partial', 'failed', 'expired')),
    wanted_at  timestamptz NOT NULL,
    settled_at timestamptz
);
CREATE INDEX exports_making ON video.exports (wanted_at) WHERE state = 'making';
COMMENT ON TABLE video.exports IS 'Recordings taken out, each under an authority.';
COMMENT ON COLUMN video.exports.made_as IS 'The account''s name at that time.';
COMMENT ON COLUMN video.exports.state IS 'partial: some cameras'' files are there, others failed.';

CREATE TABLE video.export_files (
    export     uuid NOT NULL REFERENCES video.exports (id),
    camera     text COLLATE "C" NOT NULL,
    state      text NOT NULL CHECK (state IN ('making', 'ready', 'failed', 'expired')),
    detail     text NOT NULL DEFAULT '',
    sha256     bytea CHECK (length(sha256) = 32),
    size_bytes bigint,
    PRIMARY KEY (export, camera),
    CHECK ((state = 'ready') = (sha256 IS NOT NULL AND size_bytes IS NOT NULL))
);
CREATE INDEX export_files_sha256 ON video.export_files (sha256) WHERE sha256 IS NOT NULL;
COMMENT ON TABLE video.export_files IS 'One MP4 for each camera of an export, never re-encoded.';
"""

_RETENTION = """
INSERT INTO trust.retention_classes (name, days, least, most, about) VALUES
    ('recordings', 30, 1, 365,
     'Recorded video, at the workers and copied to the centre. A camera may keep it shorter.'),
    ('exports', 30, 1, 365, 'Files taken out of recordings. That they were made stays.');

CREATE OR REPLACE FUNCTION trust.unreferred_blobs(digests bytea[]) RETURNS SETOF bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH asked AS (SELECT DISTINCT unnest(digests) AS digest)
    SELECT digest FROM asked WHERE trust.sees_everything()
    EXCEPT SELECT picture FROM plates.reads WHERE picture IS NOT NULL
    EXCEPT SELECT crop FROM plates.reads WHERE crop IS NOT NULL
    EXCEPT SELECT decode(digest, 'hex') FROM video.clips WHERE digest IS NOT NULL
    EXCEPT SELECT sha256 FROM video.export_files WHERE sha256 IS NOT NULL
    EXCEPT SELECT sha256 FROM video.segments WHERE copied_at IS NOT NULL
    EXCEPT (SELECT sha256 FROM trust.documents EXCEPT SELECT sha256 FROM trust.removed_documents)
$$;
"""

# A hold of plates keeps what was recorded while one of them passed.
_HELD = """
CREATE FUNCTION trust.held_footage(cameras text[], around interval)
RETURNS TABLE (hold uuid, camera text, since timestamptz, until timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT h.id, c.code, h.since, h.until
    FROM trust.holds h CROSS JOIN unnest(held_footage.cameras) AS c (code)
    WHERE h.released_at IS NULL AND h.plates IS NULL AND c.code = ANY (h.cameras)
    UNION ALL
    SELECT h.id, r.camera, r.observed_at - around, r.observed_at + around
    FROM trust.holds h
    JOIN plates.reads r ON r.plate = ANY (h.plates)
        AND r.observed_at >= h.since AND r.observed_at < h.until
    WHERE h.released_at IS NULL AND h.plates IS NOT NULL
        AND r.camera = ANY (held_footage.cameras)
        AND (h.cameras IS NULL OR r.camera = ANY (h.cameras))
$$;
COMMENT ON FUNCTION trust.held_footage IS
    'What holds keep of some cameras'' recordings. Asked of the tables themselves.';
GRANT EXECUTE ON FUNCTION trust.held_footage TO amaan_app;
REVOKE EXECUTE ON FUNCTION trust.held_footage FROM PUBLIC;

CREATE FUNCTION video.is_held(camera text, start_at timestamptz, end_at timestamptz)
RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT trust.clip_is_held(is_held.camera, is_held.start_at, is_held.end_at) OR EXISTS (
        SELECT FROM video.wanted_copies w WHERE w.ended_at IS NULL AND w.camera = is_held.camera
        AND w.since < is_held.end_at AND w.until > is_held.start_at)
$$;
COMMENT ON FUNCTION video.is_held IS 'Whether a hold or an incident keeps a recording.';
GRANT EXECUTE ON FUNCTION video.is_held TO amaan_app;
REVOKE EXECUTE ON FUNCTION video.is_held FROM PUBLIC;
"""
