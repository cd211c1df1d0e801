"""What the real recorder wrote at a worker is looked at, taken out and copied through the centre.

Real centre, real channel, real ledger and journal; the sound and B-frames of a real coder.
"""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import av
import httpx
import pytest
from tests.films import make_film, numbers
from tests.flows.centre import active_authority, officer, running_centre, signed_in
from tests.recordings import book_of, record_all, recording

from amaan.app.worker.channel import Answerer, WorkerChannel
from amaan.app.worker.footage import FootageAnswers
from amaan.video.events import wire_time
from amaan.video.recording.ledger import Ledger
from amaan.video.settings import VideoSettings
from amaan.video.streams import open_file

CAMERA, WORKER, LONG_S = "CAM-A", "roadside-1", 40


@dataclass
class Story:
    """A centre, and a worker that recorded twice, an hour ago, with a minute between."""

    url: str
    data: Path
    book: Ledger
    officer: httpx.Client
    start: datetime

    def at(self, seconds: float) -> str:
        return wire_time(self.start + timedelta(seconds=seconds)) or ""

    def grant(self) -> str:
        body = {"cameras": [CAMERA], "from": self.at(-600), "to": self.at(1200)}
        answer = self.officer.post("/api/video/playback", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])


def _sounding(folder: Path) -> Path:
    """Return numbered pictures with B-frames, a keyframe each second, and a tone beside them."""
    silent = make_film(folder / "silent.mp4", frames=LONG_S * 10, options={"bf": "2"})
    film = folder / "film.mp4"
    subprocess.run(
        [
            *("ffmpeg", "-v", "error", "-i", str(silent), "-f", "lavfi", "-t", str(LONG_S)),
            *("-i", "sine=frequency=440:sample_rate=16000", "-c:v", "copy", "-c:a", "aac"),
            str(film),
        ],
        check=True,
    )
    return film


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    data, edge = tmp_path_factory.mktemp("centre"), tmp_path_factory.mktemp("edge")
    film = _sounding(edge)
    before = os.environ.get("AMAAN_REMOTE_WORKERS")
    os.environ["AMAAN_REMOTE_WORKERS"] = f'["{WORKER}"]'
    try:
        with running_centre(data, "--workers", "0") as url:
            with closing(signed_in(url, data)) as office:
                site = {"code": "GATE", "name": "G", "kind": "corridor", "lon": 67.03, "lat": 24.86}
                assert office.post("/api/city/sites", json=site).status_code == 201
                camera = {"code": CAMERA, "name": "A", "site": "GATE"}
                camera["address"] = "rtsp://127.0.0.1/x"
                assert office.post("/api/city/cameras", json=camera).status_code == 201
            start = (datetime.now(UTC) - timedelta(hours=1)).replace(microsecond=0)
            for later_s in (0, 100):
                recorder = recording(edge, CAMERA, segment_s=15.0)
                source = open_file(film, VideoSettings(), audio=True)
                record_all(recorder, source, start.timestamp() + later_s)
                recorder.close()
            book, token = book_of(edge), (data / "worker-token").read_text().strip()
            _tell(url, token, book)
            answerer = Answerer()
            FootageAnswers(book, edge / "cuts", 0, lambda *_: None).register(answerer)
            channel = WorkerChannel(url, token, WORKER, answerer)
            channel.start()
            deadline = time.monotonic() + 10
            while not channel.connected and time.monotonic() < deadline:
                time.sleep(0.05)
            with closing(officer(url, data)) as client:
                yield Story(url, data, book, client, start)
            channel.stop(2.0)
    finally:
        os.environ.pop("AMAAN_REMOTE_WORKERS")
        if before is not None:
            os.environ["AMAAN_REMOTE_WORKERS"] = before


def _tell(url: str, token: str, book: Ledger) -> None:
    body = {"worker": WORKER, "ledger": book.id, "entries": book.untold(500)}
    headers = {"Authorization": f"Bearer {token}"}
    answer = httpx.post(f"{url}/api/video/journal", json=body, headers=headers, timeout=20)
    assert answer.status_code == 200, answer.text
    book.told(answer.json()["applied"])
    assert book.waiting() == 0


def test_playing_on_from_piece_to_piece_shows_all_of_it_and_leaps_over_the_gap(
    story: Story,
) -> None:
    grant, at, seen = story.grant(), story.at(0), {}
    for _ in range(60):
        answer = story.officer.get(
            f"/api/video/playback/{CAMERA}/piece", params={"grant": grant, "at": at, "most_s": 4}
        )
        assert answer.status_code == 200, answer.text
        assert answer.headers["amaan-mime"].endswith(', mp4a.40.2"')
        begins = datetime.fromisoformat(answer.headers["amaan-start"]) - story.start
        pictures = numbers(answer.content)
        for media_s, number in pictures:
            moment = begins.total_seconds() + media_s - pictures[0][0]
            assert moment % 100 == pytest.approx(number / 10, abs=0.01)
            seen[round(moment, 1)] = number
        if not answer.headers["amaan-next"]:
            break
        assert answer.headers["amaan-next"] > at
        at = answer.headers["amaan-next"]
    whole = [n / 10 for n in range(LONG_S * 10)]
    assert sorted(seen) == [*whole, *(round(100 + one, 1) for one in whole)]


def test_a_thumbnail_comes_of_any_moment(story: Story) -> None:
    answer = story.officer.get(
        f"/api/video/playback/{CAMERA}/thumbnail",
        params={"grant": story.grant(), "at": story.at(17.3), "width": 160},
    )
    assert answer.status_code == 200, answer.text
    assert story.at(16.5) <= answer.headers["amaan-start"] <= story.at(18)  # a keyframe a second
    with av.open(io.BytesIO(answer.content), "r", format="jpeg_pipe") as picture:
        assert next(picture.decode(video=0)).width == 160


def test_an_export_over_segments_and_a_gap_keeps_pictures_sound_and_times(story: Story) -> None:
    bounds = {"cameras": [CAMERA], "since": story.at(0), "until": story.at(200), "uses": ["export"]}
    authority = active_authority(story.url, story.data, story.officer, **bounds)
    body = {
        "cameras": [CAMERA],
        "from": story.at(10),
        "to": story.at(120),
        "authority": authority,
        "reason": "asked for by the court",
    }
    asked = story.officer.post("/api/video/exports", json=body)
    assert asked.status_code == 202, asked.text
    made: dict[str, object] = {"state": "making"}
    deadline = time.monotonic() + 30
    while made["state"] == "making" and time.monotonic() < deadline:
        time.sleep(0.2)
        made = story.officer.get(f"/api/video/exports/{asked.json()['id']}").json()
    assert made["state"] == "ready", made
    got = story.officer.get(f"/api/video/exports/{made['id']}/content")
    files = made["files"]
    assert isinstance(files, list)
    assert hashlib.sha256(got.content).hexdigest() == files[0]["sha256"]
    pictures = numbers(got.content)
    found = [number for _, number in pictures]
    assert set(range(100, LONG_S * 10)) <= set(found[:310])
    offset = pictures[0][0] - found[0] / 10
    for media_s, number in pictures:
        assert (media_s - offset) % 100 == pytest.approx(number / 10, abs=0.01)
    with av.open(io.BytesIO(got.content), "r") as film:
        heard = [float(frame.time or 0) for frame in film.decode(audio=0)]
    assert heard[-1] == pytest.approx(pictures[-1][0], abs=0.5)
    assert sum(b - a > 1 for a, b in pairwise(heard)) == 1


def test_what_a_hold_names_arrives_byte_for_byte(story: Story) -> None:
    bounds = {"cameras": [CAMERA], "since": story.at(0), "until": story.at(60), "uses": ["export"]}
    hold = {
        "authority": active_authority(story.url, story.data, story.officer, **bounds),
        "case_ref": "FIR 1/2026",
        "reason": "needed by the court",
        "scope": {
            "plates": None,
            "cameras": [CAMERA],
            "since": story.at(5),
            "until": story.at(35),
        },
        "review_at": wire_time(datetime.now(UTC) + timedelta(days=30)),
    }
    answer = story.officer.post("/api/trust/holds", json=hold)
    assert answer.status_code == 201, answer.text
    begin_ms = round(story.start.timestamp() * 1000)
    wanted = story.book.segments(CAMERA, "main", begin_ms + 5_000, begin_ms + 35_000)
    assert len(wanted) >= 2
    blobs = story.data / "blobs"
    deadline = time.monotonic() + 40
    for one in wanted:
        digest = str(one.sha256)
        path = blobs / digest[:2] / digest[2:4] / digest
        while not path.exists() and time.monotonic() < deadline:
            time.sleep(0.3)
        assert path.read_bytes() == one.path.read_bytes()
