"""how long it is kept how cameras stood"""

from __future__ import annotations

from alembic import op

revision = "0022_camera_log_days"
down_revision = "0021_incidents"


def upgrade() -> None:
    op.execute("""
INSERT INTO trust.retention_classes (name, days, least, most, about) VALUES
    ('camera_log', 400, 31, 1825,
     'How cameras stood and what was wrong with them, from its end; what lasts stays.');
CREATE INDEX camera_log_ended ON video.camera_log (until);
GRANT DELETE ON video.camera_log TO amaan_app;
""")
