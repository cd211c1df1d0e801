"""what stands at a site besides cameras, and what it tells"""

from __future__ import annotations

revision = "0018_devices"
down_revision = "0017_camera_conditions"


def upgrade() -> None:
    pass
