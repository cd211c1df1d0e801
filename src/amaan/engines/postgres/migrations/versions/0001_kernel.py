"""events between rooms: outbox, cursors, failed deliveries"""

from __future__ import annotations

from alembic import op

revision = "0001_kernel"
down_revision = None


def upgrade() -> None:
    op.execute("""
CREATE TABLE kernel.outbox (
    position    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name        text NOT NULL CHECK (name ~ '^[a-z_]+\\.[a-z_]+$'),
    key         text NOT NULL,
    occurred_at timestamptz NOT NULL,
    payload     jsonb NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE kernel.outbox IS 'Events, written in the transaction that made them true.';
COMMENT ON COLUMN kernel.outbox.position IS
    'Grows in commit order: taken under an advisory lock that is held to the commit. Has gaps.';
COMMENT ON COLUMN kernel.outbox.key IS 'Id of the thing that the event is about.';
CREATE INDEX outbox_recorded_at ON kernel.outbox USING brin (recorded_at);

CREATE TABLE kernel.cursors (
    subscriber text PRIMARY KEY,
    position   bigint NOT NULL,
    moved_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON COLUMN kernel.cursors.position IS
    'The last event handled; moved in the transaction of the handler.';

CREATE TABLE kernel.failed_deliveries (
    subscriber text NOT NULL,
    position   bigint NOT NULL,
    name       text NOT NULL,
    key        text NOT NULL,
    payload    jsonb NOT NULL,
    attempts   integer NOT NULL,
    error      text NOT NULL,
    failed_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (subscriber, position)
);
COMMENT ON TABLE kernel.failed_deliveries IS
    'Events that a subscriber gave up on, kept whole for a person to look at.';
""")
