"""hot-list entries, matches and alarms under an authority"""

from __future__ import annotations

from alembic import op

revision = "0013_plates_authority"
down_revision = "0012_public"


def upgrade() -> None:
    op.execute("""
SELECT 1;
""")
