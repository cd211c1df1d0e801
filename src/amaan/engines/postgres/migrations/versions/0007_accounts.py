"""grants, site groups, second factors"""

from __future__ import annotations

from alembic import op

revision = "0007_accounts"
down_revision = "0006_alarms"


def upgrade() -> None:
    op.execute("""
SELECT 1;
""")
