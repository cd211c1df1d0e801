"""A worker at the roadside, played by the test: says over HTTP what a real one would say."""

from __future__ import annotations

import hashlib
import tempfile
import time
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from threading import Event, Lock, Thread
from uuid import uuid4

import av
import cv2
import httpx
import numpy as np

from amaan.video.model import Image

WIDTH, HEIGHT = 1280, 720
BOX = (556, 470, 168, 46)
CLIP_FPS, CLIP_S = 25, 12


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _plate(image: Image, text: str, box: tuple[int, int, int, int]) -> None:
    x, y, w, h = box
    cv2.rectangle(image, (x, y), (x + w, y + h), (208, 222, 228), -1)
    cv2.rectangle(image, (x, y), (x + w, y + h), (40, 40, 40), max(1, h // 20))
    scale, thick = h / 40, max(2, h // 16)
    (wide, high), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, thick)
    at = (x + (w - wide) // 2, y + (h + high) // 2)
    cv2.putText(image, text, at, cv2.FONT_HERSHEY_SIMPLEX, scale, (24, 22, 20), thick, cv2.LINE_AA)


def street(text: str, shift: int = 0) -> Image:
    """Draw a road and the front of a car whose plate shows a text."""
    rows = np.linspace(150, 60, HEIGHT).astype(np.uint8)
    image = np.ascontiguousarray(np.repeat(np.repeat(rows[:, None, None], WIDTH, 1), 3, 2))
    road = np.array([[0, HEIGHT], [520, 260], [760, 260], [WIDTH, HEIGHT]], np.int32)
    cv2.fillPoly(image, [road], (74, 70, 66))
    for start in range(280, HEIGHT, 90):
        cv2.line(image, (640, start), (640, start + 46), (190, 200, 200), 3 + start // 160)
    x, y, w, h = BOX
    x += shift
    body = np.array(
        [[x - 150, y + 110], [x - 130, y - 30], [x - 60, y - 130], [x + w + 60, y - 130]]
    )
    body = np.vstack([body, [[x + w + 130, y - 30], [x + w + 150, y + 110]]]).astype(np.int32)
    cv2.fillPoly(image, [body], (226, 222, 214))
    glass = np.array(
        [[x - 50, y - 40], [x - 20, y - 116], [x + w + 20, y - 116], [x + w + 50, y - 40]]
    )
    cv2.fillPoly(image, [glass.astype(np.int32)], (62, 54, 46))
    for lamp in (x - 96, x + w + 96):
        cv2.circle(image, (lamp, y + 4), 24, (200, 232, 244), -1, cv2.LINE_AA)
    _plate(image, text, (x, y, w, h))
    return image


def _jpeg(image: Image) -> bytes:
    done, encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 88])
    assert done
    return encoded.tobytes()


def film(text: str) -> bytes:
    """Encode the car driving past, 12 s of H.264 as a worker cuts it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        with av.open(str(path), "w", options={"movflags": "faststart"}) as out:
            stream = out.add_stream("libx264", rate=Fraction(CLIP_FPS))
            stream.width, stream.height, stream.pix_fmt = WIDTH // 2, HEIGHT // 2, "yuv420p"
            stream.options = {"preset": "ultrafast", "crf": "30"}
            for index in range(0, CLIP_FPS * CLIP_S):
                small = cv2.resize(street(text, index - 150), (WIDTH // 2, HEIGHT // 2))
                image = np.asarray(small, np.uint8)
                out.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
            out.mux(stream.encode(None))
        return path.read_bytes()


class Roadside:
    """One worker speaking to a centre with the worker token."""

    def __init__(self, url: str, token: str, name: str = "roadside-1") -> None:
        self.name = name
        self.cameras: dict[str, tuple[str, str]] = {}  # code to state and reason
        self.wrong: dict[str, str] = {}  # code to the condition that it is in
        self._boot = str(uuid4())
        self._sequence = 0
        headers = {"Authorization": f"Bearer {token}"}
        self._client = httpx.Client(base_url=url, headers=headers, timeout=20)
        self._wanted: dict[str, dict[str, str]] = {}
        self._lock = Lock()
        self._ended = Event()
        self._heart = Thread(target=self._live, daemon=True)

    def start(self) -> None:
        """Report every second from now on, as a worker does."""
        self._heart.start()

    def close(self) -> None:
        """Stop reporting and speaking."""
        self._ended.set()
        if self._heart.ident is not None:
            self._heart.join()
        self._client.close()

    def _live(self) -> None:
        while not self._ended.wait(1.0):
            self.beat()

    def wanted(self, camera: str) -> dict[str, str]:
        """Wait for the clip that the centre wants from a camera."""
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            with self._lock:
                found = [each for each in self._wanted.values() if each["camera"] == camera]
            if found:
                return found[-1]
            time.sleep(0.1)
        raise AssertionError(f"the centre wants no clip of {camera}")

    def picture(self, image: Image) -> str:
        """Deliver a picture and return its digest."""
        content = _jpeg(image)
        digest = hashlib.sha256(content).hexdigest()
        headers = {"Content-Type": "image/jpeg"}
        answer = self._client.put(
            f"/api/plates/pictures/{digest}", content=content, headers=headers
        )
        assert answer.status_code == 204, answer.text
        return digest

    def passes(
        self, plate: str, camera: str, *, ago_s: float = 0.3, shown: str | None = None
    ) -> None:
        """Report that a vehicle passed a camera; ``shown`` is what its picture shows."""
        image = street(shown or plate)
        x, y, w, h = BOX
        at = datetime.now(UTC) - timedelta(seconds=ago_s)
        self._sequence += 1
        read = {
            "boot": self._boot,
            "seq": self._sequence,
            "camera": camera,
            "observed_at": _time(at),
            "decided_at": _time(at + timedelta(milliseconds=120)),
            "first_seen_at": _time(at - timedelta(seconds=1)),
            "last_seen_at": _time(at + timedelta(milliseconds=400)),
            "plate": plate,
            "raw_text": f"{plate[:3]}-{plate[3:]}",
            "confidence": 0.93,
            "characters": [0.99 - 0.02 * (index % 4) for index in range(len(plate))],
            "box": list(BOX),
            "frame_size": [WIDTH, HEIGHT],
            "direction": "approaching",
            "frames": 9,
            "agreeing": 8,
            "uncertain": False,
            "picture": self.picture(image),
            "crop": self.picture(image[y - 6 : y + h + 6, x - 10 : x + w + 10]),
        }
        body = {"worker": self.name, "sent_at": _time(datetime.now(UTC)), "reads": [read]}
        answer = self._client.post("/api/plates/observations", json=body)
        assert answer.status_code == 200, answer.text
        assert answer.json()["accepted"] == 1, answer.text

    def beat(self) -> list[dict[str, str]]:
        """Report every camera's state once; return the clips that the centre wants."""
        now = _time(datetime.now(UTC))
        items = [
            {
                "camera": code,
                "state": state,
                "reason": reason,
                "since": now,
                "fps": 24.9 if state == "up" else 0.0,
                "width": WIDTH,
                "height": HEIGHT,
                "last_frame_at": now if state == "up" else None,
                "conditions": [
                    {"kind": self.wrong[code], "since": now, "detail": "20% of the scene is seen"}
                ]
                if code in self.wrong
                else [],
            }
            for code, (state, reason) in self.cameras.items()
        ]
        body = {
            "worker": self.name,
            "boot": self._boot,
            "sent_at": now,
            "spool": {"pending": 0, "state": "ok", "reason": ""},
            "cameras": items,
        }
        answer = self._client.post("/api/video/heartbeat", json=body)
        assert answer.status_code == 200, answer.text
        wanted: list[dict[str, str]] = answer.json()["wanted_clips"]
        with self._lock:
            self._wanted = {clip["id"]: clip for clip in wanted}
        return wanted

    def deliver(self, clip: dict[str, str], content: bytes) -> None:
        """Deliver a clip that was wanted."""
        headers = {"Content-Type": "video/mp4", "Amaan-Sha256": hashlib.sha256(content).hexdigest()}
        answer = self._client.put(
            f"/api/video/clips/{clip['id']}", content=content, headers=headers
        )
        assert answer.status_code == 204, answer.text

    def regret(self, clip: dict[str, str], reason: str) -> None:
        """Say why there will be no clip."""
        answer = self._client.post(
            f"/api/video/clips/{clip['id']}/failure", json={"reason": reason}
        )
        assert answer.status_code == 204, answer.text
