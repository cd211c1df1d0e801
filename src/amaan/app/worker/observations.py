"""A read as it goes over the wire, with its pictures as JPEG."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

import cv2
import orjson

from amaan.video.events import wire_time
from amaan.video.model import Image
from amaan.vision.model import PlateRead


@dataclass(frozen=True, slots=True)
class Jpeg:
    """Encoded picture and its SHA-256."""

    content: bytes
    digest: str


def encode_jpeg(image: Image, quality: int, widest: int | None = None) -> Jpeg | None:
    """Scale down to ``widest`` and encode; None for a picture without pixels."""
    if image.size == 0:
        return None
    height, width = image.shape[:2]
    scaled = image
    if widest is not None and width > widest:
        size = (widest, max(1, round(height * widest / width)))
        scaled = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(image.dtype)
    done, encoded = cv2.imencode(".jpg", scaled, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        return None
    content = encoded.tobytes()
    return Jpeg(content, hashlib.sha256(content).hexdigest())


def encode_read(camera: str, read: PlateRead, picture: Jpeg | None, crop: Jpeg | None) -> bytes:
    """Return the read as JSON, without the boot and seq that the spool gives it."""
    return orjson.dumps(
        {
            "camera": camera,
            "observed_at": _time(read.observed_at),
            "decided_at": _time(read.decided_at),
            "first_seen_at": _time(read.first_seen_at),
            "last_seen_at": _time(read.last_seen_at),
            "plate": read.text,
            "raw_text": read.raw_text[:256],
            "confidence": _share(read.confidence),
            "characters": [_share(value) for value in read.characters],
            "box": [read.box.x, read.box.y, read.box.w, read.box.h],
            "frame_size": [read.frame_width, read.frame_height],
            "direction": read.direction.value,
            "frames": read.frames,
            "agreeing": read.agreeing,
            "uncertain": read.uncertain,
            "picture": picture.digest if picture else None,
            "crop": crop.digest if crop else None,
        }
    )


def _time(at: datetime) -> str | None:
    return wire_time(at)


def _share(value: float) -> float:
    return round(min(1.0, max(0.0, float(value))), 4)
