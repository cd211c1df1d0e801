"""Two sites with a camera each, and at each everything that is seen there."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import psycopg

from amaan.kernel.engines import BlobStore
from amaan.kernel.ids import new_id

GATE, PORT = "GATE", "PORT"
PICTURE, CROP, FILM = b"\xff\xd8\xff\xe0 vehicle ", b"\xff\xd8\xff\xe0 plate ", b"\0\0\0 ftypisom "


@dataclass(frozen=True)
class Place:
    """What is at one site, by its id or code."""

    site: str
    camera: str
    plate: str
    read: UUID
    match: UUID
    alarm: UUID
    clip: UUID


@dataclass(frozen=True)
class Town:
    """``entry`` is on the hot-list for both places."""

    gate: Place
    port: Place
    entry: UUID


async def build(dsn: str, blobs: BlobStore, now: datetime) -> Town:
    """Put everything there, as the owner: at ``now`` two vehicles passed and were wanted."""
    entry = new_id(now)
    with psycopg.connect(dsn, autocommit=True) as owner:
        owner.execute("INSERT INTO plates.ledgers (source, boot) VALUES ('w', gen_random_uuid())")
        # An entry from before authorities: the check that newer ones need one is not for it.
        owner.execute("SET session_replication_role = replica")
        owner.execute("ALTER TABLE plates.entries DROP CONSTRAINT entries_under_authority")
        owner.execute(
            "INSERT INTO plates.entries (id, revision, plate, kind, reason, category, severity, "
            "valid_from, created_by, created_at) "
            "VALUES (%s, 1, 'ABC*', 'pattern', 'stolen', 'stolen', 'high', %s, 'x', %s)",
            [entry, now, now],
        )
        gate = await _place(owner, blobs, GATE, entry, now)
        port = await _place(owner, blobs, PORT, entry, now)
    return Town(gate, port, entry)


async def _place(
    owner: psycopg.Connection[tuple[object, ...]],
    blobs: BlobStore,
    site: str,
    entry: UUID,
    now: datetime,
) -> Place:
    at = now - timedelta(seconds=1)
    place = Place(site, f"{site}-A", f"ABC{len(site)}{ord(site[0])}", *(new_id(at) for _ in "1234"))
    hashes = []
    for content in (PICTURE, CROP, FILM):
        whole = content + site.encode()
        hashes.append(hashlib.sha256(whole).hexdigest())
        await blobs.put(hashes[-1], whole)
    owner.execute(
        "INSERT INTO city.sites (code, name, name_ur, kind, lon, lat, created_at, updated_at) "
        "VALUES (%s, %s, '', 'other', 67, 24, %s, %s)",
        [site, site, now, now],
    )
    owner.execute(
        "INSERT INTO city.cameras (code, name, site, address_sealed, address_redacted, enabled, "
        "read_plates, analysis_fps, created_at, updated_at) "
        "VALUES (%s, %s, %s, 'sealed', 'rtsp://***', true, true, 5, %s, %s)",
        [place.camera, place.camera, site, now, now],
    )
    owner.execute(
        "INSERT INTO video.camera_states (camera, worker, state, reason, since, fps, width, "
        "height, skipped_frames, reconnects) "
        "VALUES (%s, 'worker-1', 'up', '', %s, 5, 1, 1, 0, 0)",
        [place.camera, now],
    )
    owner.execute(
        "INSERT INTO video.clips (id, camera, start_at, end_at, state, reason, digest, "
        "size_bytes, wanted_at) VALUES (%s, %s, %s, %s, 'ready', '', %s, %s, %s)",
        [place.clip, place.camera, at, now, hashes[2], len(FILM + site.encode()), now],
    )
    owner.execute(
        "INSERT INTO plates.reads (ledger_id, seq, id, observed_at, received_at, decided_at, "
        "first_seen_at, last_seen_at, box_x, box_y, box_w, box_h, frame_w, frame_h, frames, "
        "agreeing, confidence, uncertain, clock_suspect, direction, plate, raw_text, camera, "
        "characters, picture, crop) SELECT max(ledger_id), %s, %s, %s, %s, %s, %s, %s, 0, 0, 1, 1, "
        "1, 1, 1, 1, 1, false, false, 0, %s, %s, %s, %s, %s, %s FROM plates.ledgers",
        [
            *(ord(site[0]), place.read, at, at, at, at, at, place.plate, place.plate),
            *(place.camera, bytes(len(place.plate))),
            *(bytes.fromhex(digest) for digest in hashes[:2]),
        ],
    )
    owner.execute("INSERT INTO plates.plates VALUES (%s)", [place.plate])
    owner.execute(
        "INSERT INTO plates.matches (id, read_id, observed_at, entry_id, kind, cost, verify, "
        "matched_at, camera) VALUES (%s, %s, %s, %s, 'pattern', 0, false, %s, %s)",
        [place.match, place.read, at, entry, now, place.camera],
    )
    owner.execute(
        "INSERT INTO alarms.alarms (id, kind, state, severity, title, raised_at, observed_at, "
        "last_observed_at, subject, place, match_id, clip_id) "
        "VALUES (%s, 'plate_match', 'raised', 'high', %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            *(place.alarm, f"{place.plate} at {site}", now, at, at, f"pattern {place.plate}"),
            *(place.camera, place.match, place.clip),
        ],
    )
    owner.execute("INSERT INTO alarms.causes VALUES (%s, %s)", [place.match, place.alarm])
    return place
