"""what is wrong with a camera, and since when"""

from __future__ import annotations

revision = "0017_camera_conditions"
down_revision = "0016_recordings"


def upgrade() -> None:
    pass
