"""the application's role and row-level security"""

from __future__ import annotations

from alembic import op

from amaan.engines.postgres.migrations.walling import (
    CONFIGURES,
    EVERYWHERE,
    SOMETHING,
    at_camera,
    at_site,
    for_all,
    seen,
    wall,
)

revision = "0014_walls"
down_revision = "0013_plates_authority"

SCHEMAS = "kernel, trust, city, video, plates, alarms"

# Table -> privileges that the application lacks there, of SELECT, INSERT, UPDATE, DELETE.
WITHHELD = {
    "kernel.schema_version": "INSERT, UPDATE, DELETE",
    "trust.audit_entries": "UPDATE, DELETE",
    "trust.audit_tree": "INSERT, DELETE",
    "trust.audit_nodes": "UPDATE, DELETE",
    "trust.audit_checkpoints": "UPDATE, DELETE",
    "trust.audit_cosignatures": "UPDATE, DELETE",
    "plates.reads": "UPDATE, DELETE",  # a day ends by plates.drop_day, as the owner
    "plates.received_blocks": "UPDATE, DELETE",
    "plates.dropped_days": "INSERT, UPDATE, DELETE",
    "plates.condemned_plates": "INSERT, UPDATE, DELETE",
    "trust.retention_classes": "INSERT, DELETE",
    "trust.holds": "DELETE",
    "trust.hold_reviews": "UPDATE, DELETE",
    "trust.receipts": "UPDATE, DELETE",
    "trust.receipts_audited": "UPDATE, DELETE",
    "trust.misuse_findings": "DELETE",
    "trust.misuse_evidence": "UPDATE, DELETE",
    "trust.requests": "DELETE",
    "trust.request_steps": "UPDATE, DELETE",
}


def upgrade() -> None:
    for statements in (_ROLE, _GRANTS.format(schemas=SCHEMAS), _SCOPE, _MATCHES, _REVERSED):
        op.execute(statements)
    for table, privileges in WITHHELD.items():
        op.execute(f"REVOKE {privileges} ON {table} FROM amaan_app")
    op.execute(_PARTITIONS)
    for table, policies in _POLICIES.items():
        wall(table, policies)


# Roles belong to the whole server: another database of Amaan may have made this one.
_ROLE = """
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'amaan_app') THEN
        BEGIN
            CREATE ROLE amaan_app LOGIN NOINHERIT;
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN NULL;
            WHEN insufficient_privilege THEN
                RAISE EXCEPTION 'the role amaan_app is missing and % may not make it: as an '
                    'administrator of the server run CREATE ROLE amaan_app LOGIN NOINHERIT; '
                    'GRANT amaan_app TO %', current_user, quote_ident(current_user)
                    USING ERRCODE = 'insufficient_privilege';
        END;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'amaan_app'
               AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication))
    THEN
        RAISE EXCEPTION 'the role amaan_app may too much: it is to be neither superuser, nor '
            'bypass row-level security, nor make roles or databases, nor replicate'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NOT pg_has_role(current_user, 'amaan_app', 'SET') THEN
        BEGIN
            EXECUTE format('GRANT amaan_app TO %I WITH INHERIT FALSE, SET TRUE', current_user);
        EXCEPTION WHEN insufficient_privilege THEN
            RAISE EXCEPTION '% may not take up the role amaan_app: as an administrator of the '
                'server run GRANT amaan_app TO %', current_user, quote_ident(current_user)
                USING ERRCODE = 'insufficient_privilege';
        END;
    END IF;
END $$;
"""

_GRANTS = """
GRANT USAGE ON SCHEMA {schemas} TO amaan_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schemas} TO amaan_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schemas} TO amaan_app;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA {schemas} FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {schemas} TO amaan_app;
"""

# The default privileges are for the partitions of days to come. Reads are written by COPY straight
# into their partition: COPY refuses a table with row-level security, and partitions have none, as
# nobody but the owner reads them. Whoever reads goes through plates.reads and its policy.
_PARTITIONS = """
DO $$
DECLARE
    part regclass;
BEGIN
    FOR part IN SELECT inhrelid::regclass FROM pg_inherits
        WHERE inhparent = 'plates.reads'::regclass
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM amaan_app; GRANT INSERT ON %s TO amaan_app',
                       part, part);
    END LOOP;
END $$;
ALTER DEFAULT PRIVILEGES IN SCHEMA plates GRANT INSERT ON TABLES TO amaan_app;
"""

# What the three settings say is set for each transaction by engines/postgres/database.py.
_SCOPE = """
CREATE FUNCTION kernel.sees_everywhere() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(current_setting('amaan.sites', true) = '*', false);
COMMENT ON FUNCTION kernel.sees_everywhere IS
    'Whether whoever asks sees the operational rows of every site.';

CREATE FUNCTION kernel.sees_something() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(current_setting('amaan.sites', true) <> '', false);
COMMENT ON FUNCTION kernel.sees_something IS
    'Whether whoever asks works at some site at all: administrators and auditors do not.';

CREATE FUNCTION kernel.configures() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(current_setting('amaan.configures', true) = 'on', false);
COMMENT ON FUNCTION kernel.configures IS
    'Whether whoever asks sees what stands where of every site, and how it does.';

CREATE FUNCTION kernel.sites_in_scope() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE
RETURN string_to_array(coalesce(current_setting('amaan.sites', true), ''), ',');
COMMENT ON FUNCTION kernel.sites_in_scope IS 'Codes of the sites in scope; {*} for every one.';

CREATE FUNCTION city.cameras_in_scope() RETURNS SETOF text LANGUAGE sql STABLE PARALLEL SAFE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT c.code FROM city.cameras c WHERE c.site = ANY (kernel.sites_in_scope());
END;
COMMENT ON FUNCTION city.cameras_in_scope IS
    'Codes of the cameras of the sites in scope; none where the scope is every site.';

GRANT EXECUTE ON FUNCTION kernel.sees_everywhere, kernel.sees_something, kernel.configures,
    kernel.sites_in_scope, city.cameras_in_scope TO amaan_app;
"""

_MATCHES = """
ALTER TABLE plates.matches ADD COLUMN IF NOT EXISTS camera text COLLATE "C";
UPDATE plates.matches m SET camera = r.camera FROM plates.reads r
    WHERE m.camera IS NULL AND r.observed_at = m.observed_at AND r.id = m.read_id;
COMMENT ON COLUMN plates.matches.camera IS
    'Of the read, for row-level security. Null: the read was no longer kept when it was asked.';
"""

# Under row-level security an index serves only conditions of functions that are leakproof, which
# comparing is and reverse() is not: so its result becomes a column.
_REVERSED = """
ALTER TABLE plates.plates
    ADD COLUMN reversed text COLLATE "C" GENERATED ALWAYS AS (reverse(plate)) STORED;
DROP INDEX plates.plates_reversed;
CREATE INDEX plates_reversed ON plates.plates (reversed);
COMMENT ON COLUMN plates.plates.reversed IS 'For patterns of which only the end is known.';
"""

_POLICIES = {
    # Whoever acts may announce; what was announced only the centre itself reads.
    "kernel.outbox": {
        "SELECT": (EVERYWHERE, ""),
        "DELETE": (EVERYWHERE, ""),
        "INSERT": ("", "true"),
    },
    "kernel.failed_deliveries": for_all(EVERYWHERE),
    "city.sites": seen(at_site("code"), CONFIGURES),
    "city.cameras": seen(at_site("site"), CONFIGURES),
    "video.workers": seen(f"{SOMETHING} OR {CONFIGURES}", EVERYWHERE),
    "video.camera_states": seen(f"{CONFIGURES} OR {at_camera('camera')}", EVERYWHERE),
    "video.clips": for_all(at_camera("camera")),
    "plates.reads": for_all(at_camera("camera")),
    "plates.refused_observations": for_all(EVERYWHERE),
    "plates.plates": for_all(SOMETHING),
    "plates.entries": for_all(SOMETHING),
    "plates.matches": for_all(at_camera("camera")),
    "alarms.alarms": for_all(at_camera("place")),
    "alarms.causes": for_all(
        f"{EVERYWHERE} OR EXISTS (SELECT FROM alarms.alarms a WHERE a.id = alarm_id)"
    ),
}
