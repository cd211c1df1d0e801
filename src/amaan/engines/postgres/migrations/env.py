"""Alembic's entry: runs on the connection that ``migrate`` hands over, nowhere else."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from alembic import context
from alembic.runtime.migration import MigrationContext, MigrationInfo
from sqlalchemy import Connection, text

connection: Connection = context.config.attributes["connection"]


def _tell(
    ctx: MigrationContext,
    step: MigrationInfo,
    heads: Collection[object],
    run_args: Mapping[str, object],
) -> None:
    del ctx, heads, run_args
    context.config.attributes["progress"](", ".join(step.up_revision_ids))


connection.execute(text("CREATE SCHEMA IF NOT EXISTS kernel"))
connection.commit()
context.configure(
    connection=connection,
    version_table="schema_version",
    version_table_schema="kernel",
    transaction_per_migration=True,
    on_version_apply=_tell,
)
with context.begin_transaction():
    context.run_migrations()
