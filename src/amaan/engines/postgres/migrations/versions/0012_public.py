"""subject access, complaint, appeal"""

from __future__ import annotations

from alembic import op

revision = "0012_public"
down_revision = "0011_misuse"


def upgrade() -> None:
    op.execute(_REQUESTS)
    op.execute(_FORGETTING)
    op.execute(_WALLS)


_REQUESTS = """
CREATE TABLE trust.requests (
    id            uuid PRIMARY KEY,
    reference     text NOT NULL UNIQUE,
    kind          text NOT NULL CHECK (kind IN ('access', 'complaint')),
    state         text NOT NULL CHECK (state IN (
        'received', 'verified', 'answered', 'refused', 'appealed', 'upheld', 'dismissed')),
    asker_sealed  text NOT NULL,
    matter_sealed text NOT NULL,
    received_at   timestamptz NOT NULL,
    due_at        timestamptz NOT NULL,
    changed_at    timestamptz,
    answered_by   uuid REFERENCES trust.accounts (id),
    decided_by    uuid REFERENCES trust.accounts (id),
    CONSTRAINT requests_answered CHECK (
        (state IN ('received', 'verified')) = (answered_by IS NULL)),
    CONSTRAINT requests_decided CHECK (
        (state IN ('upheld', 'dismissed')) = (decided_by IS NOT NULL)),
    CONSTRAINT requests_two_persons CHECK (decided_by <> answered_by)
);
COMMENT ON COLUMN trust.requests.reference IS 'What the person quotes; tells nothing by itself.';
COMMENT ON COLUMN trust.requests.asker_sealed IS
    'Name and contact, under the key that lies outside the database.';
COMMENT ON COLUMN trust.requests.matter_sealed IS 'Plate and text, likewise.';
COMMENT ON COLUMN trust.requests.due_at IS
    'By when the answer is owed; moved on by an appeal only.';
COMMENT ON COLUMN trust.requests.answered_by IS 'Who answered or refused at first.';
COMMENT ON COLUMN trust.requests.decided_by IS 'Who decided the appeal: never the same person.';
CREATE INDEX requests_state ON trust.requests (state, id);

CREATE TABLE trust.request_steps (
    request     uuid NOT NULL REFERENCES trust.requests (id),
    number      integer NOT NULL CHECK (number > 0),
    at          timestamptz NOT NULL,
    by          uuid NOT NULL REFERENCES trust.accounts (id),
    state       text NOT NULL,
    text_sealed text NOT NULL,
    PRIMARY KEY (request, number)
);
COMMENT ON COLUMN trust.request_steps.state IS 'What the request became by it.';
"""

_WALLS = """
CREATE FUNCTION trust.keep_request() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND trust.forgets(TG_RELID) THEN
        RETURN OLD;
    END IF;
    IF TG_OP = 'DELETE' OR OLD.state IN ('upheld', 'dismissed')
        OR (NEW.id, NEW.reference, NEW.kind, NEW.received_at)
            IS DISTINCT FROM (OLD.id, OLD.reference, OLD.kind, OLD.received_at)
        OR (OLD.answered_by IS NOT NULL AND NEW.answered_by IS DISTINCT FROM OLD.answered_by)
        OR (OLD.state, NEW.state) NOT IN (
            ('received', 'verified'), ('received', 'refused'), ('verified', 'answered'),
            ('verified', 'refused'), ('answered', 'appealed'), ('refused', 'appealed'),
            ('appealed', 'upheld'), ('appealed', 'dismissed'))
    THEN
        RAISE EXCEPTION 'a request goes on step by step and stays on record'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER requests_go_on BEFORE UPDATE OR DELETE ON trust.requests
    FOR EACH ROW EXECUTE FUNCTION trust.keep_request();

CREATE FUNCTION trust.keep_request_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND trust.forgets(TG_RELID) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the history of a request stays' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER request_steps_stay BEFORE UPDATE OR DELETE ON trust.request_steps
    FOR EACH ROW EXECUTE FUNCTION trust.keep_request_step();
"""

_FORGETTING = """
CREATE FUNCTION trust.forgets(relation oid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(current_setting('amaan.forgetting', true), '') = 'on'
        AND relowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)
    FROM pg_class WHERE oid = relation
$$;
COMMENT ON FUNCTION trust.forgets IS
    'Whether retention is at work, as the owner: what otherwise stays on record may go.';

CREATE FUNCTION trust.forget_requests(before timestamptz, most integer) RETURNS SETOF uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    gone uuid[];
BEGIN
    PERFORM trust.sees_everything();
    PERFORM set_config('amaan.forgetting', 'on', true);
    SELECT array_agg(id) INTO gone FROM (
        SELECT r.id FROM trust.requests r WHERE r.changed_at < before
        AND r.state IN ('answered', 'refused', 'upheld', 'dismissed') LIMIT most FOR UPDATE) q;
    DELETE FROM trust.request_steps WHERE request = ANY (gone);
    DELETE FROM trust.requests WHERE id = ANY (gone);
    PERFORM set_config('amaan.forgetting', 'off', true);
    RETURN QUERY SELECT unnest(gone);
END $$;
COMMENT ON FUNCTION trust.forget_requests IS
    'Deletes requests of the public that were answered or decided before a moment; one that '
    'waits for its answer stays.';
"""
