"""who may: accounts, sessions, worker tokens"""

from __future__ import annotations

from alembic import op

revision = "0002_trust"
down_revision = "0001_kernel"


def upgrade() -> None:
    op.execute("""
CREATE SCHEMA trust;

CREATE TABLE trust.accounts (
    id                  uuid PRIMARY KEY,
    username            text NOT NULL UNIQUE CHECK (username = lower(username)),
    display_name        text NOT NULL,
    password_hash       text NOT NULL,
    roles               text[] NOT NULL,
    failed_attempts     integer NOT NULL DEFAULT 0,
    locked_until        timestamptz,
    disabled_at         timestamptz,
    created_at          timestamptz NOT NULL,
    password_changed_at timestamptz NOT NULL
);
COMMENT ON COLUMN trust.accounts.password_hash IS 'argon2id, PHC string with its own parameters.';
COMMENT ON COLUMN trust.accounts.failed_attempts IS
    'In a row; back to 0 by a sign-in that succeeds or when a lock ends.';
COMMENT ON COLUMN trust.accounts.disabled_at IS 'Set: may not sign in, sessions are over.';

CREATE TABLE trust.sessions (
    token_hash   bytea PRIMARY KEY,
    account      uuid NOT NULL REFERENCES trust.accounts (id),
    created_at   timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    ends_at      timestamptz NOT NULL,
    ended_at     timestamptz,
    ended_by     text CHECK (ended_by IN ('sign_out', 'password_changed'))
);
COMMENT ON COLUMN trust.sessions.token_hash IS
    'SHA-256 of the cookie, so that a stolen database signs nobody in.';
COMMENT ON COLUMN trust.sessions.last_seen_at IS
    'Written at most once a minute: idle time is known to a minute.';
COMMENT ON COLUMN trust.sessions.ends_at IS 'Ends then however busy.';
CREATE INDEX sessions_account ON trust.sessions (account) WHERE ended_at IS NULL;

CREATE TABLE trust.worker_tokens (
    token_hash bytea PRIMARY KEY,
    name       text NOT NULL,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz
);
COMMENT ON TABLE trust.worker_tokens IS
    'What camera workers show the centre. Hashed: the token itself stands in a file only.';
""")
