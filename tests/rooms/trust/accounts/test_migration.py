from __future__ import annotations

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from amaan.engines.postgres.embedded import EmbeddedPostgres
from amaan.engines.postgres.migrate import MIGRATIONS


def _migrate(dsn: str, to: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["progress"] = lambda _: None
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(dsn), poolclass=NullPool
    )
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, to)
    engine.dispose()


def test_roles_of_before_become_grants(postgres_server: EmbeddedPostgres) -> None:
    name = "test_accounts_migration"
    with psycopg.connect(postgres_server.dsn("postgres"), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            dsn = postgres_server.dsn(name)
            _migrate(dsn, "0006_alarms")
            with psycopg.connect(dsn) as connection:
                for username, roles in (
                    ("root", ["administrator", "supervisor"]),
                    ("officer", ["supervisor", "investigator", "supervisor"]),
                    ("none", []),
                ):
                    connection.execute(
                        "INSERT INTO trust.accounts (id, username, display_name, password_hash, "
                        "roles, created_at, password_changed_at) "
                        "VALUES (gen_random_uuid(), %s, 'x', 'x', %s, now(), now())",
                        [username, roles],
                    )
                connection.execute(
                    "INSERT INTO trust.sessions (token_hash, account, created_at, last_seen_at, "
                    "ends_at) SELECT '\\x01', id, now(), now(), now() FROM trust.accounts "
                    "WHERE username = 'root'"
                )
            _migrate(dsn, "0007_accounts")
            with psycopg.connect(dsn) as connection:
                found = connection.execute(
                    "SELECT a.username, a.kind, array_agg(g.role ORDER BY g.role) "
                    "FROM trust.accounts a LEFT JOIN trust.grants g ON g.account = a.id "
                    "GROUP BY 1, 2 ORDER BY 1"
                ).fetchall()
                sessions = connection.execute(
                    "SELECT id IS NOT NULL, method, strong FROM trust.sessions"
                ).fetchall()
        finally:
            server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    assert found == [
        ("none", "operational", [None]),
        ("officer", "operational", ["investigator", "supervisor"]),
        ("root", "administrator", ["administrator"]),
    ]
    assert sessions == [(True, "password", False)]
