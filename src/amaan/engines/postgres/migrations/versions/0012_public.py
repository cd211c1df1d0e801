"""subject access, complaint, appeal"""

from __future__ import annotations

from alembic import op

revision = "0012_public"
down_revision = "0011_misuse"


def upgrade() -> None:
    op.execute("""
SELECT 1;
""")
