"""alarms that are not of plates"""

from __future__ import annotations

revision = "0019_alarm_sources"
down_revision = "0018_devices"


def upgrade() -> None:
    pass
