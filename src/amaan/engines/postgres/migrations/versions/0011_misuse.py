"""what detectors know and find"""

from __future__ import annotations

from alembic import op

revision = "0011_misuse"
down_revision = "0010_retention"


def upgrade() -> None:
    op.execute("""
SELECT 1;
""")
