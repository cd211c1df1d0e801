"""what detectors know and find"""

from __future__ import annotations

from alembic import op

revision = "0011_misuse"
down_revision = "0010_retention"


def upgrade() -> None:
    op.execute(_FACTS)
    op.execute(_FINDINGS)
    op.execute(_WALLS)


_FACTS = """
CREATE TABLE trust.declared_vehicles (
    account     uuid NOT NULL REFERENCES trust.accounts (id),
    plate       text NOT NULL CHECK (plate ~ '^[A-Z0-9]{1,16}$'),
    whose       text NOT NULL CHECK (whose IN ('own', 'household')),
    declared_at timestamptz NOT NULL,
    PRIMARY KEY (account, plate)
);
COMMENT ON TABLE trust.declared_vehicles IS
    'Vehicles of those who work here and their households, as they declared them to an auditor. '
    'Only detectors of misuse look at them.';

CREATE TABLE trust.shifts (
    account   uuid NOT NULL REFERENCES trust.accounts (id),
    starts_at timestamptz NOT NULL,
    ends_at   timestamptz NOT NULL,
    PRIMARY KEY (account, starts_at),
    CHECK (ends_at > starts_at AND ends_at <= starts_at + interval '24 hours')
);
COMMENT ON TABLE trust.shifts IS
    'The roster. Where somebody has no shift within ten days, no detector judges their hours.';

CREATE TABLE trust.sensitive_places (
    id       uuid PRIMARY KEY,
    name     text NOT NULL CHECK (name <> ''),
    kind     text NOT NULL CHECK (kind IN ('worship', 'protest', 'other')),
    bounds   double precision[] CHECK (cardinality(bounds) = 4),
    lon      double precision,
    lat      double precision,
    radius_m double precision CHECK (radius_m > 0),
    since    timestamptz NOT NULL,
    until    timestamptz NOT NULL CHECK (until > since),
    added_at timestamptz NOT NULL,
    CHECK (num_nulls(lon, lat, radius_m) = CASE WHEN bounds IS NULL THEN 0 ELSE 3 END)
);
COMMENT ON COLUMN trust.sensitive_places.bounds IS
    'West, south, east, north in degrees; null for a circle.';
COMMENT ON COLUMN trust.sensitive_places.since IS
    'Reads between since and until are what may not be gathered there.';
CREATE INDEX sensitive_places_until ON trust.sensitive_places (until);
"""

_FINDINGS = """
CREATE TABLE trust.misuse_findings (
    id          uuid PRIMARY KEY,
    detector    text NOT NULL CHECK (detector IN (
        'repeated_target', 'own_vehicle', 'colleagues_vehicle', 'lone_after_hours', 'off_shift',
        'copied_reasons', 'sensitive_place', 'bulk_export')),
    actor       text NOT NULL CHECK (actor LIKE 'account:%'),
    subject     text NOT NULL,
    since       timestamptz NOT NULL,
    until       timestamptz NOT NULL CHECK (until >= since),
    explanation text NOT NULL CHECK (explanation <> ''),
    found_at    timestamptz NOT NULL,
    decision    text CHECK (decision IN ('explained', 'referred')),
    note        text NOT NULL DEFAULT '',
    reviewed_at timestamptz,
    reviewed_by uuid REFERENCES trust.accounts (id),
    CONSTRAINT findings_whole_review CHECK (
        num_nulls(decision, reviewed_at, reviewed_by) IN (0, 3)
        AND (decision IS NULL) = (note = '')),
    CONSTRAINT findings_not_by_oneself CHECK (actor <> 'account:' || reviewed_by::text)
);
COMMENT ON COLUMN trust.misuse_findings.actor IS 'As the audit log names the account.';
COMMENT ON COLUMN trust.misuse_findings.subject IS
    'What it is about, alike from night to night: what is found again joins the finding.';
COMMENT ON COLUMN trust.misuse_findings.since IS
    'Of the first entry it stands on; until: of the last.';
CREATE INDEX findings_matter ON trust.misuse_findings (detector, actor);
CREATE INDEX findings_open ON trust.misuse_findings (id) WHERE decision IS NULL;

CREATE TABLE trust.misuse_evidence (
    finding  uuid NOT NULL REFERENCES trust.misuse_findings (id),
    position bigint NOT NULL CHECK (position >= 0),
    PRIMARY KEY (finding, position)
);
COMMENT ON COLUMN trust.misuse_evidence.position IS
    'In the audit log. No foreign key: the log stands by itself.';

CREATE TABLE trust.misuse_runs (
    until    timestamptz NOT NULL,
    nightly  boolean NOT NULL,
    since    timestamptz NOT NULL,
    ran_at   timestamptz NOT NULL,
    entries  bigint NOT NULL,
    raised   integer NOT NULL,
    PRIMARY KEY (until, nightly)
);
COMMENT ON COLUMN trust.misuse_runs.nightly IS
    'Up to the last of these the log was judged without a gap; the next night goes on there. A run '
    'out of turn, of a command, moves that by nothing.';
"""

_WALLS = """
CREATE FUNCTION trust.keep_reviewed_finding() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.decision IS NOT NULL
        OR (NEW.id, NEW.detector, NEW.actor, NEW.subject, NEW.found_at)
            IS DISTINCT FROM (OLD.id, OLD.detector, OLD.actor, OLD.subject, OLD.found_at)
    THEN
        RAISE EXCEPTION 'a finding stays, and once reviewed stays as it is'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER findings_stay BEFORE UPDATE OR DELETE ON trust.misuse_findings
    FOR EACH ROW EXECUTE FUNCTION trust.keep_reviewed_finding();

CREATE FUNCTION trust.keep_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'evidence of a finding stays' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER evidence_stays BEFORE UPDATE OR DELETE ON trust.misuse_evidence
    FOR EACH ROW EXECUTE FUNCTION trust.keep_evidence();
"""
