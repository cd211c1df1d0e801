"""How a table is walled: who sees its rows, and what the application may not do to it."""

from __future__ import annotations

from collections.abc import Mapping

from alembic import op

Policies = Mapping[str, tuple[str, str]]
"""SQL command (SELECT, INSERT, UPDATE, DELETE, ALL) -> USING and WITH CHECK, "" for none."""

# Each call stands in a subquery of its own, so that it is evaluated once a query and not once a
# row; the codes of cameras become a hash table the first time one is looked up.
EVERYWHERE = "(SELECT kernel.sees_everywhere())"
SOMETHING = "(SELECT kernel.sees_something())"
CONFIGURES = "(SELECT kernel.configures())"


def at_camera(column: str) -> str:
    """Rows of a camera, to who works at its site."""
    return f"{EVERYWHERE} OR {column} IN (SELECT city.cameras_in_scope())"


def at_site(column: str) -> str:
    """Rows of a site, to who works there or configures."""
    return f"{EVERYWHERE} OR {CONFIGURES} OR {column} IN (SELECT unnest(kernel.sites_in_scope()))"


def for_all(condition: str) -> dict[str, tuple[str, str]]:
    """One condition for seeing and writing."""
    return {"ALL": (condition, condition)}


def seen(condition: str, written: str) -> dict[str, tuple[str, str]]:
    """Rows seen under one condition, and written under another."""
    return {
        "SELECT": (condition, ""),
        "INSERT": ("", written),
        "UPDATE": (written, written),
        "DELETE": (written, ""),
    }


def wall(table: str, policies: Policies) -> None:
    """Put row-level security before a table."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    for command, (using, check) in policies.items():
        op.execute(
            f"CREATE POLICY {command.lower()}_in_scope ON {table} FOR {command}"
            + (f" USING ({using})" if using else "")
            + (f" WITH CHECK ({check})" if check else "")
        )


def admit(table: str, policies: Policies, *, withheld: str = "") -> None:
    """Let the application at a table made after 0014, behind its wall.

    ``withheld``: privileges it lacks there, such as "UPDATE, DELETE" where rows only grow.
    """
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO amaan_app")
    if withheld:
        op.execute(f"REVOKE {withheld} ON {table} FROM amaan_app")
    wall(table, policies)
