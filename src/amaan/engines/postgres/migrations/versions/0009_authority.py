"""authorities, their documents and decisions"""

from __future__ import annotations

from alembic import op

revision = "0009_authority"
down_revision = "0008_audit"


def upgrade() -> None:
    op.execute("""
SELECT 1;
""")
