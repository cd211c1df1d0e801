"""which recorded days changed, so that a timeline reads only those"""

from __future__ import annotations

from alembic import op

from amaan.engines.postgres.migrations.walling import EVERYWHERE, admit, at_camera, seen

revision = "0023_recorded_streams"
down_revision = "0022_camera_log_days"


def upgrade() -> None:
    op.execute(_STREAMS)
    admit("video.recorded_streams", seen(at_camera("camera"), EVERYWHERE), withheld="DELETE")


_STREAMS = """
SET LOCAL amaan.sites = '*';
CREATE TABLE video.recorded_streams (
    stream  text NOT NULL CHECK (stream IN ('main', 'sub')),
    camera  text COLLATE "C" NOT NULL,
    changed bigint NOT NULL,
    shrunk  bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (stream, camera)
) WITH (fillfactor = 50);
COMMENT ON TABLE video.recorded_streams IS
    'How often the packed days of a camera''s stream have changed: whoever keeps a copy of them '
    'in memory sees here whether it is still right.';
COMMENT ON COLUMN video.recorded_streams.changed IS
    'Counts up with each day that is written or removed. Its row stays locked until the writer '
    'has committed: who reads a number sees all that it counts.';
COMMENT ON COLUMN video.recorded_streams.shrunk IS
    'What changed was when a day was removed last: an older copy is to be read anew, whole.';

ALTER TABLE video.recorded_days ADD COLUMN changed bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN video.recorded_days.changed IS
    'Its stream''s number of changes when it was written last.';
INSERT INTO video.recorded_streams (stream, camera, changed)
    SELECT DISTINCT stream, camera, 0 FROM video.recorded_days;
CREATE INDEX recorded_days_changed ON video.recorded_days (camera, stream, changed);

CREATE FUNCTION video.count_day() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        UPDATE video.recorded_streams SET changed = changed + 1, shrunk = changed + 1
            WHERE stream = OLD.stream AND camera = OLD.camera;
        RETURN OLD;
    END IF;
    INSERT INTO video.recorded_streams AS s (stream, camera, changed)
        VALUES (NEW.stream, NEW.camera, 1)
        ON CONFLICT (stream, camera) DO UPDATE SET changed = s.changed + 1
        RETURNING s.changed INTO NEW.changed;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION video.count_day IS 'No day is written or removed without its being counted.';
CREATE TRIGGER count_day BEFORE INSERT OR UPDATE OR DELETE ON video.recorded_days
    FOR EACH ROW EXECUTE FUNCTION video.count_day();
"""
