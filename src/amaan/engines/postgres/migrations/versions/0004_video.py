"""streams: workers, camera health, clips"""

from __future__ import annotations

from alembic import op

revision = "0004_video"
down_revision = "0003_city"


def upgrade() -> None:
    op.execute("CREATE SCHEMA video")
