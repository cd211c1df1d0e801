"""retention classes, holds, receipts, and the end of a day of reads"""

from __future__ import annotations

from alembic import op

revision = "0010_retention"
down_revision = "0009_authority"


def upgrade() -> None:
    for part in (
        _SIGHT,
        _CLASSES,
        _HOLDS,
        _RECEIPTS,
        _BLOBS,
        _DAYS,
        _STAYS,
        _DROP,
        _OVERDUE,
        _FORGET,
    ):
        op.execute(part)


# Row-level security hides rows from whoever does not say that it is the system, from an owner
# that is no superuser too. What deletes by not finding a row must see them all, or refuse.
_SIGHT = """
CREATE FUNCTION trust.sees_everything() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF coalesce(current_setting('amaan.sites', true), '') <> '*' THEN
        RAISE EXCEPTION 'only the system deletes what is over: it must see every site'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN true;
END $$;
COMMENT ON FUNCTION trust.sees_everything IS 'True, or an error; asked by what deletes.';
"""

_CLASSES = """
CREATE TABLE trust.retention_classes (
    name       text PRIMARY KEY CHECK (name ~ '^[a-z_]+$'),
    days       integer NOT NULL,
    least      integer NOT NULL CHECK (least >= 1),
    most       integer NOT NULL,
    about      text NOT NULL,
    changed_at timestamptz,
    changed_by uuid REFERENCES trust.accounts (id),
    reason     text,
    CHECK (days BETWEEN least AND most),
    CHECK (num_nulls(changed_at, changed_by, reason) IN (0, 3))
);
COMMENT ON TABLE trust.retention_classes IS 'How many days each kind of record is kept.';
COMMENT ON COLUMN trust.retention_classes.least IS
    'Bounds that no account may leave; a change of law is a migration.';
COMMENT ON COLUMN trust.retention_classes.changed_at IS 'Null: as delivered.';
INSERT INTO trust.retention_classes (name, days, least, most, about) VALUES
    ('reads', 30, 1, 90, 'Plate reads that matched no entry, their pictures and plates.'),
    ('hits', 365, 30, 1825, 'Plate reads that matched a hot-list entry, and their pictures.'),
    ('pictures', 30, 1, 90,
     'Pictures that no record refers to. Others go with their reads, clips and documents.'),
    ('clips', 30, 1, 365, 'Recordings cut out for alarms. The alarm stays and says so.'),
    ('alarms', 365, 30, 1825, 'Alarms with their decisions.'),
    ('refused_observations', 30, 1, 90, 'What workers sent and the centre could not store.'),
    ('failed_deliveries', 30, 7, 90, 'Events between rooms that a room gave up on.'),
    ('outbox', 14, 1, 90, 'Events between rooms that every room has handled.'),
    ('sessions', 90, 30, 365, 'Ended sign-ins: when, from where.'),
    ('documents', 2555, 365, 7300, 'Papers behind authorities, counted from the authority''s end.'),
    ('public_requests', 1095, 365, 3650, 'Requests and complaints of the public.'),
    ('audit', 2555, 2555, 36500,
     'The audit log. Not the nightly run''s: a log without its beginning proves nothing.');

CREATE TABLE trust.retention_runs (
    id          uuid PRIMARY KEY,
    started_at  timestamptz NOT NULL,
    ended_at    timestamptz,
    asked_by    text NOT NULL,
    failed      text
);
COMMENT ON COLUMN trust.retention_runs.ended_at IS
    'Null: running, or killed; what it did not do is done by the next.';
COMMENT ON COLUMN trust.retention_runs.asked_by IS 'clock, or system:cli:<user>.';
COMMENT ON COLUMN trust.retention_runs.failed IS 'Names of the classes that met an error.';
"""

_HOLDS = """
CREATE TABLE trust.holds (
    id             uuid PRIMARY KEY,
    authority      uuid NOT NULL REFERENCES trust.authorities (id),
    case_ref       text NOT NULL CHECK (case_ref <> ''),
    reason         text NOT NULL CHECK (reason <> ''),
    plates         text[] COLLATE "C" CHECK (cardinality(plates) > 0),
    cameras        text[] COLLATE "C" CHECK (cardinality(cameras) > 0),
    since          timestamptz NOT NULL,
    until          timestamptz NOT NULL CHECK (until > since),
    review_at      timestamptz NOT NULL,
    placed_at      timestamptz NOT NULL,
    placed_by      uuid NOT NULL REFERENCES trust.accounts (id),
    released_at    timestamptz,
    released_by    uuid REFERENCES trust.accounts (id),
    release_reason text,
    CONSTRAINT holds_narrow CHECK (num_nonnulls(plates, cameras) > 0),
    CONSTRAINT holds_two_persons CHECK (released_by <> placed_by),
    CONSTRAINT holds_whole_release CHECK (
        num_nulls(released_at, released_by, release_reason) IN (0, 3) AND release_reason <> ''),
    CONSTRAINT holds_reviewed CHECK (
        review_at > placed_at)
);
COMMENT ON TABLE trust.holds IS
    'What must not be deleted though its days are over: reads, their pictures, clips and alarms.';
COMMENT ON COLUMN trust.holds.authority IS 'Was active when the hold was placed.';
COMMENT ON COLUMN trust.holds.plates IS 'Normalised, exact; null: every plate of the cameras.';
COMMENT ON COLUMN trust.holds.since IS 'Of observed_at; until: excluded.';
COMMENT ON COLUMN trust.holds.review_at IS
    'At most 180 days after it was placed or last reviewed. Overdue, it goes on holding.';
COMMENT ON COLUMN trust.holds.released_by IS 'Another person than the one who placed it.';

CREATE TABLE trust.hold_reviews (
    hold      uuid NOT NULL REFERENCES trust.holds (id),
    at        timestamptz NOT NULL,
    by        uuid NOT NULL REFERENCES trust.accounts (id),
    reason    text NOT NULL CHECK (reason <> ''),
    review_at timestamptz NOT NULL,
    PRIMARY KEY (hold, at),
    CONSTRAINT hold_reviews_far CHECK (review_at > at AND review_at <= at + interval '180 days')
);
COMMENT ON TABLE trust.hold_reviews IS 'Every time somebody looked whether a hold is needed still.';

CREATE FUNCTION trust.guard_hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a hold is released, never deleted' USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.released_at IS NOT NULL OR NEW.review_at > NEW.placed_at + interval '180 days' THEN
            RAISE EXCEPTION 'a hold begins unreleased, to be reviewed within 180 days'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.released_at IS NOT NULL
        OR (NEW.id, NEW.authority, NEW.case_ref, NEW.reason, NEW.since, NEW.until,
            NEW.placed_at, NEW.placed_by)
        IS DISTINCT FROM (OLD.id, OLD.authority, OLD.case_ref, OLD.reason, OLD.since, OLD.until,
            OLD.placed_at, OLD.placed_by)
        OR NEW.plates IS DISTINCT FROM OLD.plates OR NEW.cameras IS DISTINCT FROM OLD.cameras
    THEN
        RAISE EXCEPTION 'what a hold holds never changes: release it and place another'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER holds_guarded BEFORE INSERT OR UPDATE OR DELETE ON trust.holds
    FOR EACH ROW EXECUTE FUNCTION trust.guard_hold();
"""

_RECEIPTS = """
CREATE TABLE trust.receipts (
    id         uuid PRIMARY KEY,
    number     bigint NOT NULL UNIQUE CHECK (number > 0),
    class      text NOT NULL REFERENCES trust.retention_classes (name),
    things     text NOT NULL,
    at         timestamptz NOT NULL,
    since      timestamptz,
    until      timestamptz,
    removed    bigint NOT NULL CHECK (removed >= 0),
    kept       bigint NOT NULL CHECK (kept >= 0),
    partitions text[] NOT NULL,
    blobs      bigint NOT NULL,
    blob_bytes bigint NOT NULL,
    note       text NOT NULL
);
COMMENT ON TABLE trust.receipts IS
    'What was deleted, written and signed in the transaction that deleted it.';
COMMENT ON COLUMN trust.receipts.number IS 'Without gaps: a missing one was taken away.';
COMMENT ON COLUMN trust.receipts.things IS 'What was counted: reads, plates, files, clips ...';
COMMENT ON COLUMN trust.receipts.kept IS
    'Rows of the same range that stay: younger by a corrected clock, hits, or held.';
COMMENT ON COLUMN trust.receipts.note IS
    'Signed note (C2SP): the truth. The other columns repeat it for lists.';

CREATE TABLE trust.receipts_audited (
    receipt uuid PRIMARY KEY REFERENCES trust.receipts (id),
    at      timestamptz NOT NULL
);
COMMENT ON TABLE trust.receipts_audited IS
    'Receipts that the audit log knows: the log has transactions of its own, so a run that was '
    'killed in between tells it the next time.';

CREATE FUNCTION trust.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is written once and never changed', TG_TABLE_NAME
        USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER receipts_stand BEFORE UPDATE OR DELETE OR TRUNCATE ON trust.receipts
    FOR EACH STATEMENT EXECUTE FUNCTION trust.refuse_change();
CREATE TRIGGER receipts_audited_stand BEFORE UPDATE OR DELETE OR TRUNCATE
    ON trust.receipts_audited FOR EACH STATEMENT EXECUTE FUNCTION trust.refuse_change();
CREATE TRIGGER hold_reviews_stand BEFORE UPDATE OR DELETE OR TRUNCATE ON trust.hold_reviews
    FOR EACH STATEMENT EXECUTE FUNCTION trust.refuse_change();
"""

_BLOBS = """
CREATE TABLE trust.condemned_blobs (
    digest       bytea NOT NULL,
    class        text NOT NULL,
    condemned_at timestamptz NOT NULL,
    size_bytes   bigint,
    PRIMARY KEY (digest)
);
COMMENT ON TABLE trust.condemned_blobs IS
    'Blobs whose record is gone, until the file is gone too or another record refers to it.';
COMMENT ON COLUMN trust.condemned_blobs.size_bytes IS
    'Measured just before the file is taken away, so that a run killed in between counts it still.';

CREATE TABLE trust.removed_documents (
    sha256     bytea PRIMARY KEY REFERENCES trust.documents (sha256),
    removed_at timestamptz NOT NULL
);
COMMENT ON TABLE trust.removed_documents IS
    'Papers whose days were over: the bytes are gone, that they were there stays.';

ALTER TABLE video.clips DROP CONSTRAINT clips_state_check;
ALTER TABLE video.clips ADD CONSTRAINT clips_state_check
    CHECK (state IN ('wanted', 'ready', 'unavailable', 'expired'));
CREATE INDEX clips_ready ON video.clips (end_at) WHERE state = 'ready';

CREATE FUNCTION trust.unreferred_blobs(digests bytea[]) RETURNS SETOF bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH asked AS (SELECT DISTINCT unnest(digests) AS digest)
    SELECT digest FROM asked WHERE trust.sees_everything()
    EXCEPT SELECT picture FROM plates.reads WHERE picture IS NOT NULL
    EXCEPT SELECT crop FROM plates.reads WHERE crop IS NOT NULL
    EXCEPT SELECT decode(digest, 'hex') FROM video.clips WHERE digest IS NOT NULL
    EXCEPT (SELECT sha256 FROM trust.documents EXCEPT SELECT sha256 FROM trust.removed_documents)
$$;
COMMENT ON FUNCTION trust.unreferred_blobs IS
    'Those of the digests that no record refers to. One hashed pass over all reads, as pictures '
    'have no index: asked once a night for all at once. As the owner, who sees every site: a row '
    'that row-level security hid would cost its picture.';
"""

_DAYS = """
CREATE TABLE plates.dropped_days (
    day        date PRIMARY KEY,
    dropped_at timestamptz NOT NULL
);
COMMENT ON TABLE plates.dropped_days IS
    'Days that are over: they never get a partition again. What stays of them, and what comes '
    'late for them, lies in the default partition.';

CREATE TABLE plates.forgotten (
    sole     boolean PRIMARY KEY DEFAULT true CHECK (sole),
    revision bigint NOT NULL
);
INSERT INTO plates.forgotten (revision) VALUES (0);
COMMENT ON TABLE plates.forgotten IS
    'Grows when plates are taken out of plates.plates. Writers of reads hold it FOR SHARE and '
    'forget which plates they know to be there when it has grown.';

CREATE TABLE plates.condemned_plates (
    plate text COLLATE "C" PRIMARY KEY
);
COMMENT ON TABLE plates.condemned_plates IS
    'Plates of removed reads, until it is seen whether another read or entry has them.';

CREATE OR REPLACE FUNCTION plates.ensure_day(day date) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name text := format('reads_%s', to_char(day, 'YYYYMMDD'));
    low timestamptz := day::timestamp AT TIME ZONE 'UTC';
    high timestamptz := (day + 1)::timestamp AT TIME ZONE 'UTC';
BEGIN
    PERFORM pg_advisory_xact_lock(71748303, 1);  -- one maker of days at a time
    IF to_regclass('plates.' || name) IS NOT NULL
        OR EXISTS (SELECT FROM plates.dropped_days d WHERE d.day = ensure_day.day)
    THEN
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
    'Makes the partition of a UTC day, taking over what the default partition holds of it; not '
    'of a day that is over.';
"""

_STAYS = """
CREATE FUNCTION trust.is_held(plate text, camera text, observed_at timestamptz) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM trust.holds h WHERE h.released_at IS NULL
        AND (h.cameras IS NULL OR is_held.camera = ANY (h.cameras))
        AND is_held.observed_at >= h.since AND is_held.observed_at < h.until
        AND (h.plates IS NULL OR is_held.plate = ANY (h.plates) OR EXISTS (
            SELECT FROM plates.entries e JOIN plates.matches m ON m.entry_id = e.id
            WHERE e.plate = ANY (h.plates) AND m.observed_at = is_held.observed_at)))
$$;
COMMENT ON FUNCTION trust.is_held IS
    'Whether a hold keeps such a read, or one that met the entry of a held plate though it was '
    'read otherwise. Asked of the table itself, by whoever deletes.';

CREATE FUNCTION trust.clip_is_held(camera text, start_at timestamptz, end_at timestamptz)
RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM trust.holds h WHERE h.released_at IS NULL
        AND h.since < clip_is_held.end_at AND h.until > clip_is_held.start_at
        AND (h.cameras IS NULL OR clip_is_held.camera = ANY (h.cameras))
        AND (h.plates IS NULL OR EXISTS (
            SELECT FROM plates.reads r WHERE r.camera = clip_is_held.camera
            AND r.observed_at >= clip_is_held.start_at AND r.observed_at <= clip_is_held.end_at
            AND (r.plate = ANY (h.plates) OR trust.is_held(r.plate, r.camera, r.observed_at)))))
$$;
COMMENT ON FUNCTION trust.clip_is_held IS
    'Whether a hold keeps a clip: of its cameras and time, or showing one of its plates.';

CREATE FUNCTION plates.moment(r plates.reads) RETURNS timestamptz
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN r.clock_suspect OR abs(r.clock_offset_ms::bigint) >= 2147483647
        THEN r.received_at
        ELSE r.observed_at + coalesce(r.clock_offset_ms, 0) * interval '1 millisecond' END
$$;
COMMENT ON FUNCTION plates.moment IS
    'When a read truly was, as far as is known: a worker''s clock that was off is put right, and '
    'an absurd one gives way to the time of arrival. Its days count from here.';
"""

_DROP = """
CREATE FUNCTION plates.drop_day(
    day date, reads_before timestamptz, hits_before timestamptz, at timestamptz,
    OUT removed bigint, OUT kept bigint, OUT pictures bigint, OUT ids bytea
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name text := format('reads_%s', to_char(day, 'YYYYMMDD'));
    low timestamptz := day::timestamp AT TIME ZONE 'UTC';
    high timestamptz := (day + 1)::timestamp AT TIME ZONE 'UTC';
    holding boolean;
BEGIN
    PERFORM trust.sees_everything();
    IF high > reads_before THEN
        RAISE EXCEPTION 'the day % is not over', day USING ERRCODE = 'check_violation';
    END IF;
    PERFORM pg_advisory_xact_lock(71748303, 2);  -- one that ends days at a time
    -- By the table and not by to_regclass, whose cache an advisory lock does not refresh.
    IF NOT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'plates' AND c.relname = name)
    THEN
        RETURN;
    END IF;
    LOCK TABLE trust.holds IN SHARE MODE;  -- a hold placed now waits, and finds them gone
    EXECUTE format('LOCK TABLE plates.%I IN SHARE MODE', name);
    holding := EXISTS (SELECT FROM trust.holds h
        WHERE h.released_at IS NULL AND h.since < high AND h.until > low);
    EXECUTE format(
        'CREATE TEMPORARY TABLE staying ON COMMIT DROP AS SELECT r.* FROM plates.%I r WHERE '
        'plates.moment(r) >= $1 OR ($3 AND trust.is_held(r.plate, r.camera, r.observed_at)) '
        'OR (plates.moment(r) >= $2 AND EXISTS '
        '(SELECT FROM plates.matches m WHERE m.read_id = r.id))', name)
        USING reads_before, hits_before, holding;
    EXECUTE format(
        'SELECT count(*), '
        'sha256(coalesce(string_agg(uuid_send(r.id), NULL ORDER BY r.id), ''''::bytea)) '
        'FROM plates.%I r WHERE NOT EXISTS (SELECT FROM pg_temp.staying s WHERE s.id = r.id)',
        name) INTO removed, ids;
    EXECUTE format(
        'INSERT INTO trust.condemned_blobs (digest, class, condemned_at) '
        'SELECT DISTINCT digest, ''reads'', $1 FROM plates.%I r '
        'CROSS JOIN LATERAL (VALUES (r.picture), (r.crop)) AS p(digest) WHERE digest IS NOT NULL '
        'AND NOT EXISTS (SELECT FROM pg_temp.staying s WHERE s.id = r.id) '
        'ON CONFLICT DO NOTHING', name) USING at;
    GET DIAGNOSTICS pictures = ROW_COUNT;
    EXECUTE format(
        'INSERT INTO plates.condemned_plates SELECT DISTINCT plate FROM plates.%I '
        'ON CONFLICT DO NOTHING', name);
    DELETE FROM plates.matches m WHERE m.observed_at >= low AND m.observed_at < high
        AND NOT EXISTS (SELECT FROM pg_temp.staying s WHERE s.id = m.read_id);
    SELECT count(*) INTO kept FROM pg_temp.staying;
    PERFORM pg_advisory_xact_lock(71748303, 1);
    -- From here on nobody else reads: detached, what stays fits the default partition.
    EXECUTE format('ALTER TABLE plates.reads DETACH PARTITION plates.%I', name);
    INSERT INTO plates.reads_default SELECT * FROM pg_temp.staying;
    EXECUTE format('DROP TABLE plates.%I', name);
    DROP TABLE pg_temp.staying;
    INSERT INTO plates.dropped_days (day, dropped_at) VALUES (day, at) ON CONFLICT DO NOTHING;
END $$;
COMMENT ON FUNCTION plates.drop_day IS
    'Ends a UTC day of reads: drops its partition, after what must stay has moved to the default '
    'partition. ids: SHA-256 over the removed reads'' ids, 16 bytes each, ascending. All null: '
    'there was no such partition.';
"""

_OVERDUE = """
CREATE FUNCTION plates.forget_overdue(
    reads_before timestamptz, hits_before timestamptz, at timestamptz, most integer,
    OUT removed bigint, OUT pictures bigint, OUT ids bytea,
    OUT since timestamptz, OUT until timestamptz
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM trust.sees_everything();
    LOCK TABLE trust.holds IN SHARE MODE;
    CREATE TEMPORARY TABLE going ON COMMIT DROP AS
        SELECT r.ctid AS place, r.id, r.observed_at, r.plate, r.picture, r.crop
        FROM plates.reads_default r
        WHERE plates.moment(r) < reads_before
        AND NOT trust.is_held(r.plate, r.camera, r.observed_at)
        AND (plates.moment(r) < hits_before OR NOT EXISTS
            (SELECT FROM plates.matches m WHERE m.read_id = r.id))
        LIMIT most FOR UPDATE;
    DELETE FROM plates.reads_default r USING pg_temp.going g WHERE r.ctid = g.place;
    DELETE FROM plates.matches m USING pg_temp.going g WHERE m.read_id = g.id;
    SELECT count(*), sha256(coalesce(string_agg(uuid_send(id), NULL ORDER BY id), '')),
        min(observed_at), max(observed_at)
        INTO removed, ids, since, until FROM pg_temp.going;
    INSERT INTO trust.condemned_blobs (digest, class, condemned_at)
        SELECT DISTINCT digest, 'reads', at FROM pg_temp.going
        CROSS JOIN LATERAL (VALUES (picture), (crop)) AS p(digest) WHERE digest IS NOT NULL
        ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS pictures = ROW_COUNT;
    INSERT INTO plates.condemned_plates SELECT DISTINCT plate FROM pg_temp.going
        ON CONFLICT DO NOTHING;
    DROP TABLE pg_temp.going;
END $$;
COMMENT ON FUNCTION plates.forget_overdue IS
    'Deletes at most so many overdue reads of the default partition.';

CREATE FUNCTION plates.count_overdue(reads_before timestamptz, hits_before timestamptz)
RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT count(*) FROM plates.reads_default r WHERE plates.moment(r) < reads_before
    AND NOT trust.is_held(r.plate, r.camera, r.observed_at)
    AND (plates.moment(r) < hits_before OR NOT EXISTS
        (SELECT FROM plates.matches m WHERE m.read_id = r.id))
$$;
COMMENT ON FUNCTION plates.count_overdue IS 'How many forget_overdue would delete in all.';
"""

_FORGET = """
CREATE FUNCTION plates.forget_plates(most integer) RETURNS TABLE (taken bigint, removed bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    batch text[];
BEGIN
    PERFORM trust.sees_everything();
    UPDATE plates.forgotten SET revision = revision + 1;  -- first: waits for writers of reads
    WITH chosen AS (
        DELETE FROM plates.condemned_plates WHERE plate IN
            (SELECT plate FROM plates.condemned_plates ORDER BY plate LIMIT most)
        RETURNING plate)
    SELECT array_agg(plate) INTO batch FROM chosen;
    taken := coalesce(cardinality(batch), 0);
    DELETE FROM plates.plates p WHERE p.plate = ANY (batch)
        AND NOT EXISTS (SELECT FROM plates.reads r WHERE r.plate = p.plate)
        AND NOT EXISTS (SELECT FROM plates.entries e WHERE e.plate = p.plate);
    GET DIAGNOSTICS removed = ROW_COUNT;
    IF taken = 0 THEN
        TRUNCATE plates.condemned_plates;  -- leaves no text behind in dead rows
    END IF;
    RETURN NEXT;
END $$;
COMMENT ON FUNCTION plates.forget_plates IS
    'Takes so many condemned plates, and removes those that no read and no entry has any more. '
    'With none left it empties the list''s file too.';

CREATE FUNCTION plates.rewrite_remains() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    most constant real := 3e6;
BEGIN
    ANALYZE plates.reads;
    ANALYZE plates.plates;
    ANALYZE plates.condemned_plates;
    -- Last, as its locks stand to the end.
    IF (SELECT reltuples FROM pg_class WHERE oid = 'plates.plates'::regclass) < most THEN
        CLUSTER plates.plates USING plates_pkey;
    END IF;
    IF (SELECT reltuples FROM pg_class WHERE oid = 'plates.reads_default'::regclass) < most THEN
        CLUSTER plates.reads_default USING reads_default_observed_at_idx;
    END IF;
END $$;
COMMENT ON FUNCTION plates.rewrite_remains IS
    'Writes the tables that rows were deleted from anew, so that no dead row holds a plate, where '
    'they are small enough to stand still for it; autovacuum sees to larger ones. The planner''s '
    'statistics hold samples of plates: taken anew, of what is still there.';
"""
