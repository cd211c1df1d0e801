"""The paper behind the demo's authority: a picture that says of itself that it is none."""

from __future__ import annotations

import cv2
import numpy as np

LINES = (
    "DEMONSTRATION ORDER",
    "This is no lawful order. It stands where one is",
    "uploaded, so that the demo's searches and hot-list",
    "rest on a request and an approval, as real ones do.",
)
SIZE = (1240, 620)  # width, height in pixels
MIME = "image/png"


def order() -> bytes:
    """Return the order as PNG; the same bytes each time."""
    page = np.full((SIZE[1], SIZE[0], 3), 255, np.uint8)
    cv2.rectangle(page, (30, 30), (SIZE[0] - 30, SIZE[1] - 30), (60, 60, 60), 3)
    for number, line in enumerate(LINES):
        place, scale = (80, 150 + 110 * number), 1.9 if number == 0 else 1.25
        cv2.putText(page, line, place, cv2.FONT_HERSHEY_SIMPLEX, scale, (30, 30, 30), 2)
    done, picture = cv2.imencode(".png", page)
    assert done, "OpenCV writes PNG"
    return picture.tobytes()
