"""hot-list entries, matches, alarms and clips under their authority"""

from __future__ import annotations

from alembic import op

revision = "0013_plates_authority"
down_revision = "0012_public"


def upgrade() -> None:
    op.execute(_ENTRIES)
    op.execute(_FOUND)


# Entries from before stand under no authority, so none may match any more: they are ended here,
# stay on record, and are written anew under an authority where they are still wanted.
_ENTRIES = """
UPDATE plates.entries
SET valid_from = least(valid_from, now()), valid_until = now()
WHERE valid_until IS NULL OR valid_until > now();
UPDATE plates.entries SET revision = (SELECT revision + 1 FROM plates.hotlist);
UPDATE plates.hotlist SET revision = revision + 1;

ALTER TABLE plates.entries
    ADD COLUMN authority uuid,
    ADD COLUMN authority_until timestamptz,
    ADD CONSTRAINT entries_under_authority CHECK (
        authority IS NOT NULL AND authority_until IS NOT NULL) NOT VALID;
CREATE INDEX entries_authority ON plates.entries (authority);
COMMENT ON CONSTRAINT entries_under_authority ON plates.entries IS
    'Not valid of entries from before authorities: those have ended and never change.';
COMMENT ON COLUMN plates.entries.authority IS
    'trust.authorities; the trigger checks it, as a foreign key would lock that row a million '
    'times for a file of a million entries.';
COMMENT ON COLUMN plates.entries.authority_until IS
    'When the authority ends, as last heard: the entry matches before the sooner of this and '
    'valid_until. A match is written only where the authority itself still stands.';

CREATE FUNCTION plates.check_entries_authority() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    bad uuid;
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT n.authority INTO bad
        FROM (SELECT authority, max(authority_until) AS until FROM new_entries GROUP BY 1) n
        LEFT JOIN trust.authorities a ON a.id = n.authority
        WHERE a.id IS NULL OR a.state <> 'active' OR NOT 'entry' = ANY (a.uses)
            OR n.until > trust.authority_end(a) LIMIT 1;
    ELSE
        SELECT n.authority INTO bad
        FROM (SELECT e.authority, max(e.authority_until) AS until
            FROM new_entries e JOIN old_entries o ON o.id = e.id
            WHERE e.authority IS DISTINCT FROM o.authority
                OR e.authority_until > o.authority_until GROUP BY 1) n
        LEFT JOIN trust.authorities a ON a.id = n.authority
        WHERE a.id IS NULL OR a.state <> 'active' OR NOT 'entry' = ANY (a.uses)
            OR n.until > trust.authority_end(a) LIMIT 1;
    END IF;
    IF FOUND THEN
        RAISE EXCEPTION 'no active authority % for hot-list entries stands so long', bad
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION plates.check_entries_authority IS
    'New and longer entries need an active authority for entries that lasts as long.';
CREATE TRIGGER authority_of_new AFTER INSERT ON plates.entries
    REFERENCING NEW TABLE AS new_entries
    FOR EACH STATEMENT EXECUTE FUNCTION plates.check_entries_authority();
CREATE TRIGGER authority_of_changed AFTER UPDATE ON plates.entries
    REFERENCING OLD TABLE AS old_entries NEW TABLE AS new_entries
    FOR EACH STATEMENT EXECUTE FUNCTION plates.check_entries_authority();

CREATE FUNCTION plates.keep_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the plate of a hot-list entry never changes'
        USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER keep BEFORE UPDATE ON plates.entries FOR EACH ROW
    WHEN ((NEW.id, NEW.plate, NEW.kind, NEW.created_by, NEW.created_at)
        IS DISTINCT FROM (OLD.id, OLD.plate, OLD.kind, OLD.created_by, OLD.created_at))
    EXECUTE FUNCTION plates.keep_entry();
"""

_FOUND = """
ALTER TABLE plates.matches
    ADD COLUMN authority uuid,
    ADD COLUMN sealed_at timestamptz;
CREATE INDEX matches_read ON plates.matches (read_id);
CREATE INDEX matches_authority ON plates.matches (authority) WHERE authority IS NOT NULL;
COMMENT ON COLUMN plates.matches.authority IS
    'The entry''s authority at the moment of matching; null from before authorities.';
COMMENT ON COLUMN plates.matches.sealed_at IS
    'Set: found under an emergency that nobody approved; nobody sees it. Queries also ask '
    'trust.is_sealed, so that nothing waits for this.';

ALTER TABLE alarms.alarms
    ADD COLUMN authority uuid,
    ADD COLUMN sealed_at timestamptz;
CREATE INDEX alarms_authority ON alarms.alarms (authority) WHERE authority IS NOT NULL;
COMMENT ON COLUMN alarms.alarms.authority IS 'Of its first match.';
COMMENT ON COLUMN alarms.alarms.sealed_at IS 'As in plates.matches.';

ALTER TABLE video.clips ADD COLUMN authority uuid;
COMMENT ON COLUMN video.clips.authority IS
    'What it was asked under; nobody sees it while trust.is_sealed says so. Null: asked freely.';
"""
