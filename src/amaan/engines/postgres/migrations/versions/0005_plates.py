"""reads in daily partitions, what was received, the hot-list, matches"""

from __future__ import annotations

from alembic import op

revision = "0005_plates"
down_revision = "0004_video"


def upgrade() -> None:
    op.execute(_RECEIVED)
    op.execute(_READS)
    op.execute(_HOTLIST)


_RECEIVED = """
CREATE SCHEMA plates;

CREATE TABLE plates.ledgers (
    ledger_id   integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source      text NOT NULL,
    boot        uuid NOT NULL,
    high_seq    bigint NOT NULL DEFAULT 0,
    received    bigint NOT NULL DEFAULT 0,
    UNIQUE (source, boot)
);
COMMENT ON TABLE plates.ledgers IS
    'One row per sequence of a worker; its lock orders deliveries of that sequence.';
COMMENT ON COLUMN plates.ledgers.high_seq IS
    'Highest number received: a delivery that starts above it needs no look into the blocks.';
COMMENT ON COLUMN plates.ledgers.received IS 'How many numbers were received, refused ones too.';

CREATE TABLE plates.received_blocks (
    ledger_id integer NOT NULL REFERENCES plates.ledgers,
    block     bigint NOT NULL,
    offsets   bytea STORAGE EXTERNAL NOT NULL,
    digests   bytea STORAGE EXTERNAL NOT NULL
);
CREATE INDEX received_blocks_block ON plates.received_blocks (ledger_id, block);
COMMENT ON TABLE plates.received_blocks IS
    'Numbers received with the digest of each payload; many rows per block, never changed.';
COMMENT ON COLUMN plates.received_blocks.block IS 'seq >> 9.';
COMMENT ON COLUMN plates.received_blocks.offsets IS
    'Unsigned 16-bit little-endian: seq minus the first number of the block.';
COMMENT ON COLUMN plates.received_blocks.digests IS
    'First 16 bytes of the SHA-256 of each payload, in the order of offsets.';

CREATE TABLE plates.refused_observations (
    id          uuid PRIMARY KEY,
    source      text NOT NULL,
    boot        uuid,
    seq         bigint,
    kind        text NOT NULL CHECK (kind IN ('rejected', 'conflict')),
    reason      text NOT NULL,
    digest      bytea NOT NULL,
    payload     bytea NOT NULL,
    received_at timestamptz NOT NULL,
    UNIQUE NULLS NOT DISTINCT (source, boot, seq, digest)
);
COMMENT ON TABLE plates.refused_observations IS
    'What was sent but could not be stored as a read; kept whole, acknowledged to the worker.';
COMMENT ON COLUMN plates.refused_observations.kind IS
    'conflict: the number was received before with another payload, which stands.';
"""

_READS = """
CREATE TABLE plates.reads (
    ledger_id       integer NOT NULL,
    seq             bigint NOT NULL,
    id              uuid NOT NULL,
    observed_at     timestamptz NOT NULL,
    received_at     timestamptz NOT NULL,
    decided_at      timestamptz NOT NULL,
    first_seen_at   timestamptz NOT NULL,
    last_seen_at    timestamptz NOT NULL,
    box_x           smallint NOT NULL,
    box_y           smallint NOT NULL,
    box_w           smallint NOT NULL,
    box_h           smallint NOT NULL,
    frame_w         smallint NOT NULL,
    frame_h         smallint NOT NULL,
    frames          integer NOT NULL,
    agreeing        integer NOT NULL,
    confidence      real NOT NULL,
    uncertain       boolean NOT NULL,
    clock_suspect   boolean NOT NULL,
    direction       smallint NOT NULL,
    clock_offset_ms integer,
    plate           text COLLATE "C" NOT NULL,
    raw_text        text NOT NULL,
    camera          text COLLATE "C" NOT NULL,
    characters      bytea NOT NULL,
    picture         bytea,
    crop            bytea
) PARTITION BY RANGE (observed_at);
COMMENT ON TABLE plates.reads IS
    'One row per vehicle that passed a camera; a partition per UTC day, written by COPY only.';
COMMENT ON COLUMN plates.reads.id IS
    'UUIDv7 of observed_at, source, boot and seq: the worker knows it too. Not indexed: its own '
    'time finds it.';
COMMENT ON COLUMN plates.reads.observed_at IS
    'By the worker''s clock, uncorrected; clock_offset_ms says how far that was off.';
COMMENT ON COLUMN plates.reads.clock_offset_ms IS
    'Centre minus worker at delivery; NULL within a second.';
COMMENT ON COLUMN plates.reads.clock_suspect IS
    'Before 2015, or more than five minutes ahead even so corrected.';
COMMENT ON COLUMN plates.reads.box_x IS 'Left edge of the plate, pixels of the frame.';
COMMENT ON COLUMN plates.reads.direction IS
    '0 unknown, 1 approaching, 2 receding, 3 left, 4 right.';
COMMENT ON COLUMN plates.reads.frames IS 'Frames that showed the plate; agreeing: that read it so.';
COMMENT ON COLUMN plates.reads.characters IS 'One byte per character of plate: posterior x 200.';
COMMENT ON COLUMN plates.reads.picture IS 'SHA-256 of the JPEG of the vehicle; crop: of the plate.';
CREATE INDEX reads_plate ON plates.reads (plate, observed_at);
CREATE INDEX reads_camera ON plates.reads (camera, observed_at);
CREATE INDEX reads_observed_at ON plates.reads (observed_at);
CREATE TABLE plates.reads_default PARTITION OF plates.reads DEFAULT;
COMMENT ON TABLE plates.reads_default IS
    'Reads with no day of their own: absurd clocks and footage older than the kept days. '
    'Emptied of a day when that day gets its partition.';

CREATE TABLE plates.plates (
    plate text COLLATE "C" PRIMARY KEY
);
CREATE INDEX plates_reversed ON plates.plates (reverse(plate) COLLATE "C");
COMMENT ON TABLE plates.plates IS
    'Every plate ever read: patterns are searched here, not over the reads.';

CREATE FUNCTION plates.ensure_day(day date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name text := format('reads_%s', to_char(day, 'YYYYMMDD'));
    low timestamptz := day::timestamp AT TIME ZONE 'UTC';
    high timestamptz := (day + 1)::timestamp AT TIME ZONE 'UTC';
BEGIN
    PERFORM pg_advisory_xact_lock(71748303, 1);  -- one maker of days at a time
    IF to_regclass('plates.' || name) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE plates.%I (LIKE plates.reads INCLUDING ALL)', name);
    EXECUTE format(
        'WITH moved AS (DELETE FROM plates.reads_default '
        'WHERE observed_at >= %L AND observed_at < %L RETURNING *) '
        'INSERT INTO plates.%I SELECT * FROM moved', low, high, name);
    EXECUTE format(
        'ALTER TABLE plates.reads ATTACH PARTITION plates.%I FOR VALUES FROM (%L) TO (%L)',
        name, low, high);
END $$;
COMMENT ON FUNCTION plates.ensure_day IS
    'Makes the partition of a UTC day, taking over what the default partition holds of it.';
"""

_HOTLIST = """
CREATE TABLE plates.hotlist (
    sole     boolean PRIMARY KEY DEFAULT true CHECK (sole),
    revision bigint NOT NULL
);
INSERT INTO plates.hotlist (revision) VALUES (0);
COMMENT ON TABLE plates.hotlist IS
    'The revision of the hot-list. Every writer of entries updates it first, so revisions commit '
    'in order and a matcher that has seen one has missed none before it.';

CREATE TABLE plates.entries (
    id           uuid PRIMARY KEY,
    number       bigint GENERATED ALWAYS AS IDENTITY,
    revision     bigint NOT NULL,
    plate        text COLLATE "C" NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('plate', 'pattern')),
    reason       text NOT NULL,
    category     text NOT NULL,
    severity     text NOT NULL,
    case_ref     text NOT NULL DEFAULT '',
    instructions text NOT NULL DEFAULT '',
    valid_from   timestamptz NOT NULL,
    valid_until  timestamptz CHECK (valid_until >= valid_from),
    created_by   text NOT NULL,
    created_at   timestamptz NOT NULL
);
CREATE INDEX entries_plate ON plates.entries (plate);
CREATE INDEX entries_revision ON plates.entries (revision, number);
COMMENT ON COLUMN plates.entries.number IS
    'Small and dense: the place of the entry in the matchers'' arrays.';
COMMENT ON COLUMN plates.entries.revision IS 'Of the hot-list when the entry last changed.';
COMMENT ON COLUMN plates.entries.plate IS
    'Never changes. In a pattern ? is one character and * any run of them.';
COMMENT ON COLUMN plates.entries.valid_until IS 'First moment at which it no longer matches.';

CREATE TABLE plates.matches (
    id          uuid PRIMARY KEY,
    read_id     uuid NOT NULL,
    observed_at timestamptz NOT NULL,
    entry_id    uuid NOT NULL REFERENCES plates.entries,
    kind        text NOT NULL CHECK (kind IN ('exact', 'near', 'pattern')),
    cost        real NOT NULL,
    verify      boolean NOT NULL,
    differences jsonb NOT NULL DEFAULT '[]',
    matched_at  timestamptz NOT NULL
);
CREATE INDEX matches_entry ON plates.matches (entry_id, observed_at);
COMMENT ON COLUMN plates.matches.read_id IS
    'No foreign key: partitions of reads are dropped when their days are over.';
COMMENT ON COLUMN plates.matches.cost IS '0 the same text; towards 1 an unlikely confusion.';
COMMENT ON COLUMN plates.matches.verify IS 'The text alone does not carry the match.';
"""
