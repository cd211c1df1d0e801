"""retention classes, holds, receipts"""

from __future__ import annotations

from alembic import op

revision = "0010_retention"
down_revision = "0009_authority"


def upgrade() -> None:
    op.execute("""
SELECT 1;
""")
