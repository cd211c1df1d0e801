"""segments and gaps, as workers tell them; exports"""

from __future__ import annotations

revision = "0016_recordings"
down_revision = "0015_camera_settings"


def upgrade() -> None:
    pass
