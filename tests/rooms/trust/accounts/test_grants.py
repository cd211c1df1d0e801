"""What the database itself holds about grants, whoever writes to it."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

import psycopg
import pytest


@pytest.fixture
def owner(dsn: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        yield connection


def account(owner: psycopg.Connection, kind: str = "operational") -> UUID:
    made = uuid4()
    owner.execute(
        "INSERT INTO trust.accounts (id, username, display_name, password_hash, kind, created_at, "
        "password_changed_at) VALUES (%s, %s, 'x', 'x', %s, now(), now())",
        [made, made.hex, kind],
    )
    return made


def grant(
    owner: psycopg.Connection, to: UUID, role: str, group: str | None = None, by: str = "system:x"
) -> None:
    owner.execute(
        "INSERT INTO trust.grants (account, role, site_group, granted_at, granted_by) "
        "VALUES (%s, %s, %s, now(), %s)",
        [to, role, group, by],
    )


@pytest.mark.parametrize("alone", ["administrator", "auditor"])
def test_role_that_watches_over_others_is_held_alone(owner: psycopg.Connection, alone: str) -> None:
    watching, operating = account(owner, alone), account(owner)
    grant(owner, watching, alone)
    grant(owner, operating, "supervisor")
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        grant(owner, watching, "supervisor")
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        grant(owner, operating, alone)
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        owner.execute("UPDATE trust.accounts SET kind = 'operational' WHERE id = %s", [watching])
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        owner.execute("UPDATE trust.grants SET role = 'supervisor' WHERE account = %s", [watching])


def test_role_that_watches_over_others_is_held_everywhere(owner: psycopg.Connection) -> None:
    owner.execute("INSERT INTO trust.site_groups VALUES ('north', 'North', '{A}', now())")
    with pytest.raises(psycopg.errors.CheckViolation):
        grant(owner, account(owner, "auditor"), "auditor", "north")


def test_nobody_grants_to_himself(owner: psycopg.Connection) -> None:
    one, other = account(owner), account(owner)
    grant(owner, one, "supervisor", by=f"account:{other}")
    with pytest.raises(psycopg.errors.CheckViolation):
        grant(owner, one, "investigator", by=f"account:{one}")


def test_same_grant_is_held_once(owner: psycopg.Connection) -> None:
    one = account(owner)
    grant(owner, one, "supervisor")
    with pytest.raises(psycopg.errors.UniqueViolation):
        grant(owner, one, "supervisor")


def test_role_and_group_that_are_not_there_are_refused(owner: psycopg.Connection) -> None:
    one = account(owner)
    with pytest.raises(psycopg.errors.CheckViolation):
        grant(owner, one, "king")
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        grant(owner, one, "supervisor", "nowhere")
