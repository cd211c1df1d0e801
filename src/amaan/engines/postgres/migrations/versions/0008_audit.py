"""the audit log: entries, tree, checkpoints"""

from __future__ import annotations

from alembic import op

revision = "0008_audit"
down_revision = "0007_accounts"


def upgrade() -> None:
    for statements in (_ENTRIES, _TREE, _STAYS):
        op.execute(statements)


_ENTRIES = """
CREATE TABLE trust.audit_entries (
    position   bigint PRIMARY KEY CHECK (position >= 0),
    at         timestamptz NOT NULL,
    actor      text NOT NULL,
    username   text,
    action     text NOT NULL,
    permission text,
    outcome    text NOT NULL CHECK (outcome IN ('begun', 'allowed', 'denied', 'failed')),
    authority  uuid,
    plates     text[] NOT NULL DEFAULT '{}',
    late       boolean NOT NULL DEFAULT false,
    leaf       bytea NOT NULL,
    leaf_hash  bytea NOT NULL CHECK (octet_length(leaf_hash) = 32)
);
COMMENT ON TABLE trust.audit_entries IS
    'Who did what, written before it was answered. Never changed, never deleted.';
COMMENT ON COLUMN trust.audit_entries.position IS
    'Index of the leaf in the Merkle tree: from 0 without gaps, in commit order.';
COMMENT ON COLUMN trust.audit_entries.leaf IS
    'Canonical JSON, the truth. Every other column is derived from it, to find it by; '
    'amaan audit verify checks that they agree.';
COMMENT ON COLUMN trust.audit_entries.leaf_hash IS 'SHA-256(0x00 || leaf), as in RFC 6962.';
COMMENT ON COLUMN trust.audit_entries.plates IS
    'Plates that were asked for, upper case without separators; patterns as they are.';
COMMENT ON COLUMN trust.audit_entries.late IS
    'Kept in a file while the log did not answer, and written afterwards.';
CREATE INDEX audit_entries_at ON trust.audit_entries (at);
CREATE INDEX audit_entries_actor ON trust.audit_entries (actor, position);
CREATE INDEX audit_entries_username ON trust.audit_entries (username, position)
    WHERE username IS NOT NULL;
CREATE INDEX audit_entries_action ON trust.audit_entries (action, position);
CREATE INDEX audit_entries_authority ON trust.audit_entries (authority, position)
    WHERE authority IS NOT NULL;
CREATE INDEX audit_entries_refused ON trust.audit_entries (outcome, position)
    WHERE outcome IN ('denied', 'failed');
CREATE INDEX audit_entries_plates ON trust.audit_entries USING gin (plates)
    WHERE plates <> '{}';
CREATE UNIQUE INDEX audit_entries_late ON trust.audit_entries (leaf_hash) WHERE late;
"""

_TREE = """
CREATE TABLE trust.audit_tree (
    single   boolean PRIMARY KEY DEFAULT true CHECK (single),
    size     bigint NOT NULL,
    frontier bytea[] NOT NULL
) WITH (fillfactor = 50);
INSERT INTO trust.audit_tree (size, frontier) VALUES (0, '{}');
COMMENT ON TABLE trust.audit_tree IS
    'One row: how far the tree has grown. Its lock makes writers follow each other.';
COMMENT ON COLUMN trust.audit_tree.frontier IS
    'Hashes of the complete subtrees, widest first: one for each bit set in size.';

CREATE TABLE trust.audit_nodes (
    level smallint NOT NULL,
    index bigint NOT NULL,
    hash  bytea NOT NULL,
    PRIMARY KEY (level, index)
);
COMMENT ON TABLE trust.audit_nodes IS
    'Complete subtrees of every fourth level (level 4, 8, ...), so that a proof reads little: '
    'what lies between is hashed from at most 8 of them, or of the leaves.';

CREATE TABLE trust.audit_checkpoints (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at     timestamptz NOT NULL,
    size   bigint NOT NULL,
    note   text NOT NULL
);
CREATE INDEX audit_checkpoints_size ON trust.audit_checkpoints (size);
COMMENT ON COLUMN trust.audit_checkpoints.note IS
    'C2SP signed note over origin, size and root. Size and root count only as read from it.';
COMMENT ON COLUMN trust.audit_checkpoints.size IS 'To find it by.';

CREATE TABLE trust.audit_cosignatures (
    number  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    witness text NOT NULL,
    size    bigint NOT NULL,
    at      timestamptz NOT NULL,
    note    text NOT NULL
);
CREATE INDEX audit_cosignatures_witness ON trust.audit_cosignatures (witness, size);
COMMENT ON TABLE trust.audit_cosignatures IS
    'Checkpoints that came back with a witness'' signature (C2SP cosignature/v1).';
"""

_STAYS = """
CREATE FUNCTION trust.refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is never changed (%.%)', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER stays BEFORE UPDATE OR DELETE OR TRUNCATE ON trust.audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION trust.refuse_audit_change();
CREATE TRIGGER stays BEFORE UPDATE OR DELETE OR TRUNCATE ON trust.audit_nodes
    FOR EACH STATEMENT EXECUTE FUNCTION trust.refuse_audit_change();
CREATE TRIGGER stays BEFORE UPDATE OR DELETE OR TRUNCATE ON trust.audit_checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION trust.refuse_audit_change();
CREATE TRIGGER stays BEFORE UPDATE OR DELETE OR TRUNCATE ON trust.audit_cosignatures
    FOR EACH STATEMENT EXECUTE FUNCTION trust.refuse_audit_change();
CREATE TRIGGER stays BEFORE DELETE OR TRUNCATE ON trust.audit_tree
    FOR EACH STATEMENT EXECUTE FUNCTION trust.refuse_audit_change();

CREATE FUNCTION trust.audit_tree_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.size <= OLD.size OR NOT NEW.single THEN
        RAISE EXCEPTION 'the audit tree only grows' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER grows BEFORE UPDATE ON trust.audit_tree
    FOR EACH ROW EXECUTE FUNCTION trust.audit_tree_grows();
"""
