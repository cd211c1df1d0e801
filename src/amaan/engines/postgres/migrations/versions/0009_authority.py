"""authorities, their documents and decisions"""

from __future__ import annotations

from alembic import op

revision = "0009_authority"
down_revision = "0008_audit"


def upgrade() -> None:
    op.execute(_DOCUMENTS)
    op.execute(_AUTHORITIES)
    op.execute(_WALLS)
    op.execute(_QUESTIONS)


_DOCUMENTS = """
CREATE TABLE trust.documents (
    sha256      bytea PRIMARY KEY CHECK (length(sha256) = 32),
    type        text NOT NULL CHECK (type IN ('application/pdf', 'image/jpeg', 'image/png')),
    size_bytes  integer NOT NULL CHECK (size_bytes BETWEEN 1 AND 10485760),
    uploaded_by uuid NOT NULL REFERENCES trust.accounts (id),
    uploaded_at timestamptz NOT NULL
);
COMMENT ON TABLE trust.documents IS
    'Papers behind authorities; their bytes lie in the blob store under this digest.';
COMMENT ON COLUMN trust.documents.type IS 'By the first bytes, not by what the sender said.';
"""

_AUTHORITIES = """
CREATE TABLE trust.authorities (
    id                   uuid PRIMARY KEY,
    number               bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    state                text NOT NULL CHECK (state IN (
        'requested', 'active', 'refused', 'revoked', 'withdrawn', 'expired', 'sealed')),
    purpose              text NOT NULL CHECK (purpose <> ''),
    case_ref             text NOT NULL CHECK (case_ref <> ''),
    grounds              text NOT NULL CHECK (grounds <> ''),
    document_sha256      bytea NOT NULL REFERENCES trust.documents (sha256),
    document_name        text NOT NULL,
    plates               text[] COLLATE "C" CHECK (cardinality(plates) > 0),
    cameras              text[] COLLATE "C" CHECK (cardinality(cameras) > 0),
    sites                text[] COLLATE "C" CHECK (cardinality(sites) > 0),
    bounds               double precision[] CHECK (cardinality(bounds) = 4),
    since                timestamptz,
    until                timestamptz CHECK (until > since),
    uses                 text[] NOT NULL CHECK (
        cardinality(uses) > 0 AND uses <@ ARRAY['search', 'entry']),
    expires_at           timestamptz NOT NULL CHECK (expires_at > requested_at),
    emergency            boolean NOT NULL,
    emergency_until      timestamptz,
    replaces             uuid REFERENCES trust.authorities (id),
    beyond_tier          boolean NOT NULL,
    requested_by         uuid NOT NULL REFERENCES trust.accounts (id),
    requested_at         timestamptz NOT NULL,
    decision             text CHECK (decision IN ('approved', 'refused')),
    decided_by           uuid REFERENCES trust.accounts (id),
    decided_at           timestamptz,
    decision_reason      text,
    beyond_tier_approved boolean NOT NULL DEFAULT false,
    active_since         timestamptz,
    ended_at             timestamptz,

    CONSTRAINT authorities_two_persons CHECK (decided_by <> requested_by),
    CONSTRAINT authorities_whole_decision CHECK (
        num_nulls(decision, decided_by, decided_at, decision_reason) IN (0, 4)),
    CONSTRAINT authorities_active_is_approved CHECK (
        state <> 'active' OR decision IS NOT DISTINCT FROM 'approved'
        OR (emergency AND decision IS NULL)),
    CONSTRAINT authorities_approved_is_active CHECK (
        decision IS DISTINCT FROM 'approved'
        OR state NOT IN ('requested', 'refused', 'sealed')),
    CONSTRAINT authorities_refused CHECK (
        decision IS DISTINCT FROM 'refused' OR state IN ('refused', 'sealed')),
    CONSTRAINT authorities_emergency_ends CHECK (
        emergency = (emergency_until IS NOT NULL)
        AND (NOT emergency OR active_since IS NOT NULL)),
    CONSTRAINT authorities_emergency_day CHECK (
        emergency_until <= active_since + interval '24 hours' AND emergency_until <= expires_at),
    CONSTRAINT authorities_unapproved_is_sealed CHECK (
        state = 'active'
        OR (emergency AND decision IS DISTINCT FROM 'approved') = (state = 'sealed')),
    CONSTRAINT authorities_ended CHECK (
        (state IN ('refused', 'revoked', 'withdrawn', 'expired', 'sealed'))
        = (ended_at IS NOT NULL)),
    CONSTRAINT authorities_began CHECK (CASE
        WHEN state IN ('requested', 'refused') THEN active_since IS NULL
        WHEN state IN ('active', 'revoked', 'sealed') THEN active_since IS NOT NULL
        ELSE true END),
    CONSTRAINT authorities_tier CHECK (
        CASE WHEN decision IS NOT DISTINCT FROM 'approved'
        THEN beyond_tier_approved = beyond_tier ELSE NOT beyond_tier_approved END),
    CONSTRAINT authorities_scope_is_bounded CHECK (
        plates IS NOT NULL OR (uses = ARRAY['search'] AND since IS NOT NULL
        AND until IS NOT NULL AND num_nonnulls(cameras, sites, bounds) > 0)),
    CONSTRAINT authorities_emergency_replaces_none CHECK (NOT emergency OR replaces IS NULL)
);
CREATE INDEX authorities_due ON trust.authorities
    (least(emergency_until, expires_at)) WHERE state IN ('requested', 'active');
CREATE INDEX authorities_case ON trust.authorities (case_ref) WHERE emergency;
COMMENT ON TABLE trust.authorities IS
    'The recorded lawful basis of plate searches and hot-list entries. Never deleted.';
COMMENT ON COLUMN trust.authorities.id IS 'UUIDv7 of requested_at.';
COMMENT ON COLUMN trust.authorities.state IS
    'As last written: what time alone has ended since is told by comparing the ends (see '
    'trust.authority_end), never by this column.';
COMMENT ON COLUMN trust.authorities.plates IS
    'Normalised; ? is one character, * any run. Null: every plate of a bounded area and time.';
COMMENT ON COLUMN trust.authorities.cameras IS 'Codes; null asks nothing. So with sites, bounds.';
COMMENT ON COLUMN trust.authorities.bounds IS 'West, south, east, north in degrees.';
COMMENT ON COLUMN trust.authorities.since IS 'Of the reads that may be seen; until: excluded.';
COMMENT ON COLUMN trust.authorities.emergency_until IS
    'End of an emergency that nobody approves: at most 24 h after it began.';
COMMENT ON COLUMN trust.authorities.replaces IS
    'The authority whose scope this one changes; that one stands until this one is approved.';
COMMENT ON COLUMN trust.authorities.beyond_tier IS
    'Asks for reads older than a role reaches back by itself; only a senior approves that.';
COMMENT ON COLUMN trust.authorities.decided_by IS
    'Who approved or refused; never who asked. Others'' acts stand in authority_changes.';
COMMENT ON COLUMN trust.authorities.active_since IS
    'Null: never was. An emergency is active from its request.';

CREATE TABLE trust.authority_changes (
    authority uuid NOT NULL REFERENCES trust.authorities (id),
    number    integer NOT NULL,
    at        timestamptz NOT NULL,
    by        uuid REFERENCES trust.accounts (id),
    change    text NOT NULL CHECK (change IN (
        'requested', 'declared', 'approved', 'refused', 'revoked', 'withdrawn', 'expired',
        'sealed', 'replaced')),
    reason    text NOT NULL,
    PRIMARY KEY (authority, number)
);
COMMENT ON TABLE trust.authority_changes IS 'Every step of every authority, never changed.';
COMMENT ON COLUMN trust.authority_changes.by IS 'Null: time.';
"""

_WALLS = """
CREATE FUNCTION trust.guard_authority() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.decision IS NOT NULL OR NEW.ended_at IS NOT NULL
            OR NEW.state <> (CASE WHEN NEW.emergency THEN 'active' ELSE 'requested' END)
        THEN
            RAISE EXCEPTION 'an authority begins as a request, or as an unapproved emergency'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.ended_at IS NOT NULL THEN
        RAISE EXCEPTION 'an authority that has ended never changes'
            USING ERRCODE = 'check_violation';
    END IF;
    IF (NEW.id, NEW.number, NEW.purpose, NEW.case_ref, NEW.grounds, NEW.document_sha256,
        NEW.document_name, NEW.plates, NEW.cameras, NEW.sites, NEW.bounds, NEW.since, NEW.until,
        NEW.uses, NEW.expires_at, NEW.emergency, NEW.emergency_until, NEW.replaces,
        NEW.beyond_tier, NEW.requested_by, NEW.requested_at)
        IS DISTINCT FROM
       (OLD.id, OLD.number, OLD.purpose, OLD.case_ref, OLD.grounds, OLD.document_sha256,
        OLD.document_name, OLD.plates, OLD.cameras, OLD.sites, OLD.bounds, OLD.since, OLD.until,
        OLD.uses, OLD.expires_at, OLD.emergency, OLD.emergency_until, OLD.replaces,
        OLD.beyond_tier, OLD.requested_by, OLD.requested_at)
    THEN
        RAISE EXCEPTION 'what was requested never changes: request another authority'
            USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.decision IS NOT NULL AND
       (NEW.decision, NEW.decided_by, NEW.decided_at, NEW.decision_reason,
        NEW.beyond_tier_approved)
        IS DISTINCT FROM
       (OLD.decision, OLD.decided_by, OLD.decided_at, OLD.decision_reason,
        OLD.beyond_tier_approved)
    THEN
        RAISE EXCEPTION 'a decision never changes' USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.active_since IS NOT NULL AND NEW.active_since IS DISTINCT FROM OLD.active_since THEN
        RAISE EXCEPTION 'when an authority began never changes' USING ERRCODE = 'check_violation';
    END IF;
    IF NOT (CASE OLD.state
        WHEN 'requested' THEN NEW.state IN ('active', 'refused', 'withdrawn', 'expired')
        WHEN 'active' THEN NEW.state IN ('revoked', 'withdrawn', 'expired', 'sealed')
            OR (NEW.state = 'active' AND OLD.decision IS NULL)
        ELSE false END)
    THEN
        RAISE EXCEPTION 'an authority that is % cannot be %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION trust.guard_authority IS
    'What was requested stays, states move along allowed edges only, what has ended stays ended.';
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON trust.authorities
    FOR EACH ROW EXECUTE FUNCTION trust.guard_authority();

CREATE FUNCTION trust.keep_authority() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is not allowed', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER keep BEFORE DELETE OR TRUNCATE ON trust.authorities
    FOR EACH STATEMENT EXECUTE FUNCTION trust.keep_authority();
CREATE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE ON trust.authority_changes
    FOR EACH STATEMENT EXECUTE FUNCTION trust.keep_authority();
CREATE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE ON trust.documents
    FOR EACH STATEMENT EXECUTE FUNCTION trust.keep_authority();
"""

_QUESTIONS = """
CREATE FUNCTION trust.authority_end(a trust.authorities) RETURNS timestamptz
LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN a.ended_at IS NOT NULL THEN a.ended_at
        WHEN a.state = 'requested' THEN '-infinity'
        WHEN a.emergency AND a.decision IS NULL THEN a.emergency_until
        ELSE a.expires_at END
$$;
COMMENT ON FUNCTION trust.authority_end IS
    'First moment at which it allows nothing, as far as is known now.';

CREATE FUNCTION trust.is_sealed(authority uuid, at timestamptz) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT EXISTS (
        SELECT FROM trust.authorities a
        WHERE a.id = authority AND a.emergency AND a.decision IS DISTINCT FROM 'approved'
        AND (a.state = 'sealed' OR a.emergency_until <= at))
$$;
COMMENT ON FUNCTION trust.is_sealed IS
    'Whether nobody may see what was found under an authority: an emergency that nobody approved '
    'in time. Rooms above ask it in their own queries; false for null.';
"""
