"""grants, site groups, second factors"""

from __future__ import annotations

from alembic import op

revision = "0007_accounts"
down_revision = "0006_alarms"


def upgrade() -> None:
    op.execute(_GRANTS)
    op.execute(_SESSIONS)
    op.execute(_FACTORS)


_GRANTS = """
ALTER TABLE trust.accounts
    ADD COLUMN kind text NOT NULL DEFAULT 'operational'
        CHECK (kind IN ('operational', 'administrator', 'auditor')),
    ADD COLUMN must_change_password boolean NOT NULL DEFAULT false,
    ADD COLUMN created_by text NOT NULL DEFAULT 'system',
    ADD CONSTRAINT accounts_id_kind UNIQUE (id, kind);
COMMENT ON COLUMN trust.accounts.kind IS
    'Which grants may hang on it: the key of trust.grants, so that administrator and auditor are '
    'held alone whatever two transactions do at the same time.';
COMMENT ON COLUMN trust.accounts.must_change_password IS
    'The password was given by somebody else: only changing it is possible.';
COMMENT ON COLUMN trust.accounts.created_by IS 'Actor: account:<uuid> or system:<task>.';

CREATE TABLE trust.site_groups (
    code       text PRIMARY KEY CHECK (code ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
    name       text NOT NULL,
    sites      text[] NOT NULL,
    changed_at timestamptz NOT NULL
);
COMMENT ON COLUMN trust.site_groups.sites IS
    'Codes of city.sites, without a foreign key: trust knows no room above it. An unknown code '
    'reaches nothing.';

CREATE TABLE trust.grants (
    account    uuid NOT NULL,
    role       text NOT NULL CHECK (role IN (
        'call_taker', 'video_operator', 'dispatcher', 'supervisor', 'responder', 'investigator',
        'approving_officer', 'senior_approving_officer', 'auditor', 'administrator')),
    site_group text REFERENCES trust.site_groups (code),
    kind       text NOT NULL GENERATED ALWAYS AS (
        CASE WHEN role IN ('administrator', 'auditor') THEN role ELSE 'operational' END) STORED,
    granted_at timestamptz NOT NULL,
    granted_by text NOT NULL,
    CONSTRAINT grants_once UNIQUE NULLS NOT DISTINCT (account, role, site_group),
    CONSTRAINT grants_held_alone
        FOREIGN KEY (account, kind) REFERENCES trust.accounts (id, kind),
    CONSTRAINT grants_watch_everywhere CHECK (kind = 'operational' OR site_group IS NULL),
    CONSTRAINT grants_not_to_oneself CHECK (granted_by <> 'account:' || account::text)
);
COMMENT ON COLUMN trust.grants.site_group IS 'Null: everywhere.';
COMMENT ON COLUMN trust.grants.granted_by IS
    'Actor: account:<uuid>, never the account itself, or system:<task>.';
CREATE INDEX grants_site_group ON trust.grants (site_group) WHERE site_group IS NOT NULL;

UPDATE trust.accounts SET kind = CASE
    WHEN 'administrator' = ANY (roles) THEN 'administrator'
    WHEN 'auditor' = ANY (roles) THEN 'auditor'
    ELSE 'operational' END;
INSERT INTO trust.grants (account, role, granted_at, granted_by)
    SELECT DISTINCT a.id, r.role, a.created_at, 'system:migration'
    FROM trust.accounts a, unnest(a.roles) AS r (role)
    WHERE a.kind = 'operational' OR r.role = a.kind;
ALTER TABLE trust.accounts DROP COLUMN roles;
"""

_SESSIONS = """
ALTER TABLE trust.sessions
    ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    ADD COLUMN address text NOT NULL DEFAULT '',
    ADD COLUMN agent text NOT NULL DEFAULT '',
    ADD COLUMN method text NOT NULL DEFAULT 'password'
        CHECK (method IN ('password', 'totp', 'passkey', 'oidc')),
    ADD COLUMN strong boolean NOT NULL DEFAULT false,
    DROP CONSTRAINT sessions_ended_by_check,
    ADD CONSTRAINT sessions_ended_by_check CHECK (ended_by IN (
        'sign_out', 'password_changed', 'revoked', 'disabled', 'reset'));
ALTER TABLE trust.sessions ALTER COLUMN id DROP DEFAULT;
COMMENT ON COLUMN trust.sessions.id IS 'What lists and the audit log call it; opens nothing.';
COMMENT ON COLUMN trust.sessions.address IS 'Network address that signed in.';
COMMENT ON COLUMN trust.sessions.agent IS 'The browser''s name for itself, cut to 200 characters.';
COMMENT ON COLUMN trust.sessions.method IS 'The last thing that was shown to prove who it is.';
COMMENT ON COLUMN trust.sessions.strong IS 'A second factor was shown, or two in one (a passkey).';
"""

_FACTORS = """
CREATE TABLE trust.totps (
    account       uuid PRIMARY KEY REFERENCES trust.accounts (id),
    secret_sealed text NOT NULL,
    created_at    timestamptz NOT NULL,
    confirmed_at  timestamptz,
    last_step     bigint NOT NULL DEFAULT 0
);
COMMENT ON COLUMN trust.totps.secret_sealed IS
    'Under the key in the data folder, for purpose trust/totp/<account>.';
COMMENT ON COLUMN trust.totps.confirmed_at IS 'Null: shown, not yet in use.';
COMMENT ON COLUMN trust.totps.last_step IS
    'The 30 s step of the newest code that was taken: no code of it or before counts again.';

CREATE TABLE trust.recovery_codes (
    account   uuid NOT NULL REFERENCES trust.accounts (id),
    code_hash bytea NOT NULL,
    used_at   timestamptz,
    PRIMARY KEY (account, code_hash)
);
COMMENT ON COLUMN trust.recovery_codes.code_hash IS
    'SHA-256: a code is random and has more than 112 bits.';

CREATE TABLE trust.passkeys (
    id            uuid PRIMARY KEY,
    account       uuid NOT NULL REFERENCES trust.accounts (id),
    credential_id bytea NOT NULL UNIQUE,
    public_key    bytea NOT NULL,
    sign_count    bigint NOT NULL,
    rp_id         text NOT NULL,
    name          text NOT NULL,
    transports    text[] NOT NULL,
    backed_up     boolean NOT NULL,
    created_at    timestamptz NOT NULL,
    last_used_at  timestamptz,
    refused_at    timestamptz
);
COMMENT ON COLUMN trust.passkeys.public_key IS 'COSE key.';
COMMENT ON COLUMN trust.passkeys.sign_count IS
    'Grows with each use on most keys; one that falls back was copied. 0 for ever: does not count.';
COMMENT ON COLUMN trust.passkeys.rp_id IS 'Host name that it was made for; it works on no other.';
COMMENT ON COLUMN trust.passkeys.refused_at IS 'Set when its counter fell back: signs in no more.';
CREATE INDEX passkeys_account ON trust.passkeys (account);

CREATE TABLE trust.oidc_bindings (
    account  uuid PRIMARY KEY REFERENCES trust.accounts (id),
    issuer   text NOT NULL,
    subject  text NOT NULL,
    bound_at timestamptz NOT NULL,
    UNIQUE (issuer, subject)
);
COMMENT ON TABLE trust.oidc_bindings IS
    'Made at the first sign-in through the provider: a name given to somebody else there later '
    'opens nothing here.';

CREATE TABLE trust.tickets (
    ticket_hash bytea PRIMARY KEY,
    purpose     text NOT NULL CHECK (purpose IN ('register', 'sign_in', 'oidc')),
    account     uuid REFERENCES trust.accounts (id),
    sealed      text NOT NULL,
    expires_at  timestamptz NOT NULL
);
COMMENT ON TABLE trust.tickets IS
    'Challenges that were given out; deleted by the first answer, good or bad.';
COMMENT ON COLUMN trust.tickets.sealed IS
    'Challenge, origin and what else the answer is held against, as JSON.';
CREATE INDEX tickets_expires_at ON trust.tickets (expires_at);
"""
