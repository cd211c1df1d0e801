"""the road network"""

from __future__ import annotations

revision = "0020_roads"
down_revision = "0019_alarm_sources"


def upgrade() -> None:
    pass
