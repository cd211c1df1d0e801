"""the application's role and row-level security"""

from __future__ import annotations

from alembic import op

revision = "0014_walls"
down_revision = "0013_plates_authority"


def upgrade() -> None:
    op.execute("""
SELECT 1;
""")
