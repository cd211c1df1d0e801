"""incidents, their timeline, pursuits"""

from __future__ import annotations

revision = "0021_incidents"
down_revision = "0020_roads"


def upgrade() -> None:
    pass
