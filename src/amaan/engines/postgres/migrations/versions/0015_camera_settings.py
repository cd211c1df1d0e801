"""how each camera is reached and recorded"""

from __future__ import annotations

revision = "0015_camera_settings"
down_revision = "0014_walls"


def upgrade() -> None:
    pass
