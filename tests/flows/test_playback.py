"""Recordings at a worker are looked at, taken out and brought home through the channel."""

from __future__ import annotations

import hashlib
import io
import os
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import httpx
import numpy as np
import pytest
from tests.films import make_film, read_number
from tests.flows.centre import active_authority, officer, person, running_centre, signed_in
from tests.flows.recorder import Recorder

from amaan.video.events import wire_time

FPS, LONG_S, SHOWINGS = 10, 20, 6


@dataclass
class Story:
    """A centre, a worker that recorded two minutes an hour ago, and who looks at them."""

    url: str
    data: Path
    recorder: Recorder
    office: httpx.Client
    officer: httpx.Client
    start: datetime

    def opened(self, *cameras: str, client: httpx.Client | None = None) -> str:
        """Open two hours of playback around the recording; return the grant."""
        body = {
            "cameras": list(cameras or ("CAM-A",)),
            "from": wire_time(self.start - timedelta(hours=1)),
            "to": wire_time(self.start + timedelta(hours=1)),
        }
        answer = (client or self.officer).post("/api/video/playback", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def at(self, seconds: float) -> str:
        return wire_time(self.start + timedelta(seconds=seconds)) or ""

    def entries(self, action: str) -> list[dict[str, object]]:
        """Return what the audit log says of an action, newest first."""
        with closing(person(self.url, self.data, f"auditor{time.time_ns()}", "auditor")) as reader:
            answer = reader.get("/api/trust/audit/entries", params={"action": action, "limit": 100})
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    data = tmp_path_factory.mktemp("centre")
    film = make_film(data / "film.mp4", frames=FPS * LONG_S, fps=FPS, gop=FPS)
    before = os.environ.get("AMAAN_REMOTE_WORKERS")
    os.environ["AMAAN_REMOTE_WORKERS"] = '["roadside-1"]'
    try:
        with (
            running_centre(data, "--workers", "0") as url,
            closing(signed_in(url, data)) as office,
            closing(officer(url, data)) as asker,
        ):
            site = {"code": "GATE", "name": "Gate", "kind": "corridor", "lon": 67.03, "lat": 24.86}
            assert office.post("/api/city/sites", json=site).status_code == 201
            for code in ("CAM-A", "CAM-B"):
                camera = {
                    "code": code,
                    "name": code,
                    "site": "GATE",
                    "address": "rtsp://127.0.0.1/x",
                }
                made = office.post("/api/city/cameras", json=camera)
                assert made.status_code == 201, made.text
            recorder = Recorder(url, (data / "worker-token").read_text().strip(), film)
            start = (datetime.now(UTC) - timedelta(hours=1)).replace(microsecond=0)
            for code in ("CAM-A", "CAM-B"):
                end = recorder.record(code, start, SHOWINGS)
                recorder.miss(code, end, end + timedelta(seconds=60), "link")
            recorder.tell()
            channel = recorder.channel()
            channel.start()
            time.sleep(1)
            yield Story(url, data, recorder, office, asker, start)
            channel.stop(2.0)
    finally:
        os.environ.pop("AMAAN_REMOTE_WORKERS")
        if before is not None:
            os.environ["AMAAN_REMOTE_WORKERS"] = before


def numbers_of(film: bytes) -> list[int]:
    """Return the numbers that a film's pictures carry."""
    with av.open(io.BytesIO(film), "r") as opened:
        return [
            read_number(np.asarray(frame.to_ndarray(format="bgr24"), np.uint8))
            for frame in opened.decode(video=0)
        ]


def test_the_timeline_shows_what_the_worker_told(story: Story) -> None:
    asked = {"cameras": "CAM-A", "from": story.at(-600), "to": story.at(3600), "width": "4000"}
    answer = story.officer.get("/api/video/timeline", params=asked)
    assert answer.status_code == 200, answer.text
    (camera,) = answer.json()["cameras"]
    start = round(story.start.timestamp() * 1000)
    end = start + SHOWINGS * LONG_S * 1000
    assert camera["spans"] == [[start, end]]
    link = answer.json()["causes"].index("link")
    assert camera["gaps"] == [[end, end + 60_000, link]]


def test_a_piece_begins_with_the_keyframe_at_or_before_the_moment(story: Story) -> None:
    asked = {"grant": story.opened(), "at": story.at(23.4), "most_s": "2"}
    answer = story.officer.get("/api/video/playback/CAM-A/piece", params=asked)
    assert answer.status_code == 200, answer.text
    assert datetime.fromisoformat(answer.headers["amaan-start"]) == story.start + timedelta(
        seconds=23
    )
    assert answer.headers["amaan-mime"].startswith("video/mp4")
    assert numbers_of(answer.content)[0] == 3 * FPS


def test_pieces_need_a_playback_opened_for_them(story: Story) -> None:
    grant = story.opened("CAM-A")

    def code(camera: str, at: str, granted: str = grant) -> tuple[int, str]:
        asked = {"grant": granted, "at": at}
        answer = story.officer.get(f"/api/video/playback/{camera}/piece", params=asked)
        return answer.status_code, answer.json()["code"]

    refused = (403, "playback-not-granted")
    assert code("CAM-B", story.at(5)) == refused
    assert code("CAM-A", story.at(7200)) == refused
    assert code("CAM-A", story.at(5), "00000000-0000-0000-0000-000000000007") == refused
    with closing(person(story.url, story.data, "another", "video_operator")) as other:
        theirs = story.opened("CAM-A", client=other)
    assert code("CAM-A", story.at(5), theirs) == refused
    assert code("CAM-A", story.at(130)) == (404, "not-recorded")


def test_one_opening_is_one_entry_however_many_pieces_follow(story: Story) -> None:
    grant = story.opened("CAM-A", "CAM-B")
    for second in range(8):
        asked = {"grant": grant, "at": story.at(second * 2), "most_s": "2"}
        answer = story.officer.get("/api/video/playback/CAM-B/piece", params=asked)
        assert answer.status_code == 200
    opened = [entry for entry in story.entries("open_playback") if entry["outcome"] == "allowed"]
    details = opened[0]["details"]
    assert isinstance(details, dict)
    assert details["cameras"] == ["CAM-A", "CAM-B"]
    assert story.entries("get_piece") == [] or all(
        entry["outcome"] != "allowed" for entry in story.entries("get_piece")
    )


def test_a_thumbnail_is_a_jpeg_of_the_width_asked_for(story: Story) -> None:
    asked = {"grant": story.opened(), "at": story.at(47), "width": "160"}
    answer = story.officer.get("/api/video/playback/CAM-A/thumbnail", params=asked)
    assert answer.headers["content-type"] == "image/jpeg"
    assert story.at(45) <= answer.headers["amaan-start"] <= story.at(47)
    with av.open(io.BytesIO(answer.content), "r") as made:
        assert made.streams.video[0].width == 160


def _export(story: Story, authority: str | None, **changes: object) -> httpx.Response:
    body = {
        "cameras": ["CAM-A", "CAM-B"],
        "from": story.at(21),
        "to": story.at(27),
        "authority": authority,
        "reason": "asked for by the court",
    }
    return story.officer.post("/api/video/exports", json=body | changes)


def _settled(story: Story, export: str) -> dict[str, object]:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        found = story.officer.get(f"/api/video/exports/{export}").json()
        if found["state"] != "making":
            return dict(found)
        time.sleep(0.2)
    raise AssertionError("the export was not made")


def _authority(story: Story, **scope: object) -> str:
    bounds = {
        "cameras": ["CAM-A", "CAM-B"],
        "since": story.at(0),
        "until": story.at(60),
        "uses": ["export"],
    }
    return active_authority(story.url, story.data, story.officer, **(bounds | scope))


def test_an_export_is_cut_without_recoding_and_its_hash_is_in_the_log_twice(story: Story) -> None:
    authority = _authority(story)
    asked = _export(story, authority)
    assert asked.status_code == 202, asked.text
    made = _settled(story, asked.json()["id"])
    assert made["state"] == "ready"
    files = made["files"]
    assert isinstance(files, list)
    assert [file["camera"] for file in files] == ["CAM-A", "CAM-B"]
    path = f"/api/video/exports/{made['id']}/content"
    got = story.officer.get(path, params={"camera": "CAM-B"})
    assert hashlib.sha256(got.content).hexdigest() == files[1]["sha256"]
    assert len(got.content) == files[1]["size_bytes"]
    numbers = numbers_of(got.content)
    assert numbers == list(range(10, 70))
    for action in ("make_export", "get_export_content"):
        told = [entry["details"] for entry in story.entries(action)]
        logged = [one.get("sha256") for one in told if isinstance(one, dict)]
        assert files[1]["sha256"] in logged, action


def test_an_export_needs_an_authority_that_covers_all_of_it(story: Story) -> None:
    def code(answer: httpx.Response) -> tuple[int, str]:
        return answer.status_code, answer.json()["code"]

    assert code(_export(story, None)) == (403, "authority-needed")
    assert code(_export(story, _authority(story, cameras=["CAM-A"]))) == (
        403,
        "authority-not-covering",
    )
    late = _authority(story, since=story.at(25))
    assert code(_export(story, late)) == (403, "authority-not-covering")
    search = _authority(story, uses=["search"])
    assert code(_export(story, search)) == (403, "authority-not-covering")
    good = _authority(story)
    assert code(_export(story, good, cameras=["NOWHERE"])) == (422, "export-invalid")
    assert code(_export(story, good, reason=" ")) == (422, "export-invalid")


def test_another_persons_export_is_not_there(story: Story) -> None:
    made = _settled(story, _export(story, _authority(story)).json()["id"])
    with closing(person(story.url, story.data, "colleague", "investigator")) as other:
        assert other.get(f"/api/video/exports/{made['id']}").status_code == 404
        assert other.get(f"/api/video/exports/{made['id']}/content").status_code == 404
        assert other.get("/api/video/exports").json()["items"] == []


def test_what_a_hold_names_is_copied_to_the_centre_hash_for_hash(story: Story) -> None:
    authority = _authority(story)
    hold = {
        "authority": authority,
        "case_ref": "FIR 1/2026",
        "reason": "needed by the court",
        "scope": {
            "plates": None,
            "cameras": ["CAM-A"],
            "since": story.at(25),
            "until": story.at(55),
        },
        "review_at": wire_time(datetime.now(UTC) + timedelta(days=30)),
    }
    answer = story.officer.post("/api/trust/holds", json=hold)
    assert answer.status_code == 201, answer.text
    wanted = [one for one in story.recorder.recorded if one.camera == "CAM-A"][1:3]
    blobs = story.data / "blobs"
    paths = [blobs / one.sha256[:2] / one.sha256[2:4] / one.sha256 for one in wanted]
    deadline = time.monotonic() + 40
    while not all(path.exists() for path in paths) and time.monotonic() < deadline:
        time.sleep(0.3)
    assert [path.read_bytes() for path in paths] == [one.content for one in wanted]


def test_marks_tell_times_and_no_plates(story: Story) -> None:
    asked = {"cameras": "CAM-A", "from": story.at(0), "to": story.at(3600)}
    answer = story.officer.get("/api/video/timeline/marks", params=asked)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"alarms": [], "reads": [], "bucket_ms": 14_000}
