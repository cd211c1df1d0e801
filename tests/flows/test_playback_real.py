"""A real RTSP camera, `amaan up` with its own worker: recorded, broken, killed, played, proven."""

from __future__ import annotations

import hashlib
import io
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import av
import httpx
import pytest
from tests.films import make_film
from tests.flows.centre import AMAAN, active_authority, officer, person, running_centre, signed_in
from tests.flows.real_streams import Streams, numbers_in, real_streams

from amaan.video.events import wire_time

FPS, GOP_MS, SEGMENT_S = 10, 1000, 4
AWAY_S = 3  # so long nobody answers at the camera's address
LOST_MS = 1500  # of a killed process: a part of 0.8 s, and what was on its way to it
LIMIT_S = 40.0

pytestmark = pytest.mark.timeout(240)

Gap = tuple[int, int, str]


@dataclass(frozen=True)
class Story:
    """Moments are Unix milliseconds. Picture n of the camera is due at n / FPS Unix seconds."""

    url: str
    data: Path
    streams: Streams
    client: httpx.Client
    begun_ms: int

    @property
    def edge(self) -> Path:
        (ledger,) = self.data.glob("workers/*/ledger.sqlite")
        return ledger.parent

    def timeline(self) -> tuple[list[list[int]], list[Gap]]:
        """Return what the timeline shows as recorded, and as not."""
        end = round(time.time() * 1000)
        asked = {"cameras": "CAM", "from": at(self.begun_ms), "to": at(end), "width": "4000"}
        answer = self.client.get("/api/video/timeline", params=asked)
        assert answer.status_code == 200, answer.text
        (camera,) = answer.json()["cameras"]
        causes = answer.json()["causes"]
        return camera["spans"], [(since, to, causes[cause]) for since, to, cause in camera["gaps"]]

    def recorded_since(self, moment_ms: int, lasting_ms: int) -> list[int] | None:
        """Return the span that begins after a moment, once it is so long."""
        for span in self.timeline()[0]:
            if span[0] >= moment_ms and span[1] - span[0] >= lasting_ms:
                return span
        return None

    def gaps_between(self, one: list[int], other: list[int]) -> list[Gap]:
        """Return what is told of the time between two recorded spans: all of it, or fail."""
        told = [gap for gap in self.timeline()[1] if one[1] <= gap[0] and gap[1] <= other[0]]
        edges = [one[1], *(edge for gap in told for edge in gap[:2]), other[0]]
        assert edges[::2] == edges[1::2], f"not told gaplessly: {one} {told} {other}"
        return told

    def segments(self, since: int, to: int) -> list[tuple[Path, str]]:
        """Return the worker's finished files that meet a time, and their hashes by its ledger."""
        with closing(sqlite3.connect(self.edge / "ledger.sqlite")) as ledger:
            rows = ledger.execute(
                "SELECT path, sha256 FROM segments WHERE start_ms < ? AND end_ms > ?"
                " ORDER BY start_ms",
                [to, since],
            ).fetchall()
        return [(self.edge / "video" / path, digest) for path, digest in rows]

    def check(self) -> subprocess.CompletedProcess[str]:
        command = [str(AMAAN), "video", "check", "--deep", "--data", str(self.data)]
        return subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S)


def at(moment_ms: float) -> str:
    return wire_time(datetime.fromtimestamp(moment_ms / 1000, UTC)) or ""


def until(look: Callable[[], Any], what: str) -> Any:
    """Return what is found, once it is."""
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.25)
    raise AssertionError(f"not within {LIMIT_S:.0f} s: {what}")


def pictures_of(film: bytes) -> list[int]:
    """Return the running numbers of a film's pictures; every one of them decodes."""
    seen = numbers_in(film)
    with av.open(io.BytesIO(film), "r") as opened:
        assert sum(1 for _ in opened.decode(video=0)) == len(seen)
    return seen


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("story")
    data = folder / "centre"
    film = make_film(
        folder / "film.mp4",
        frames=FPS * 30,
        fps=FPS,
        gop=FPS,
        options={"bf": "0", "sc_threshold": "0"},
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AMAAN_WORKER_VIDEO__SEGMENT_S", str(SEGMENT_S))
        with (
            real_streams({"path": "/street", "file": str(film)}, auth="digest") as streams,
            running_centre(data, "--workers", "1") as url,
            closing(officer(url, data)) as client,
        ):
            begun_ms = round(time.time() * 1000)
            with closing(signed_in(url, data)) as office:
                place = {"lon": 67.03, "lat": 24.86}
                site = {"code": "GATE", "name": "Gate", "kind": "corridor", **place}
                assert office.post("/api/city/sites", json=site).status_code == 201
                camera = {"code": "CAM", "name": "Cam", "site": "GATE", "read_plates": False}
                address = streams.url("/street")
                answer = office.post("/api/city/cameras", json={**camera, "address": address})
                assert answer.status_code == 201, answer.text
            yield Story(url, data, streams, client, begun_ms)


def test_recorded_broken_killed_played_exported_held_and_proven(story: Story) -> None:
    first = until(lambda: story.recorded_since(0, 3 * SEGMENT_S * 1000), "a recording")
    _plays_every_picture(story, first)
    scope = {"cameras": ["CAM"], "since": at(first[0]), "until": at(first[1]), "uses": ["export"]}
    authority = active_authority(story.url, story.data, story.client, **scope)
    held = (first[0] + 500, first[0] + 6000)
    _hold(story, authority, held)

    second = _after_the_camera_was_away(story)
    _after_the_worker_was_killed(story, second)

    _exported_as_logged(story, authority, first)
    _copied_hash_for_hash(story, held)
    _proven_until_a_byte_changes(story)


def _plays_every_picture(story: Story, span: list[int]) -> None:
    opening = {"cameras": ["CAM"], "from": at(span[0]), "to": at(span[1])}
    opened = story.client.post("/api/video/playback", json=opening)
    assert opened.status_code == 201, opened.text
    where, seen = at(span[0] + 1200), list[int]()
    while len(seen) < 2 * SEGMENT_S * FPS:  # across at least one segment's end
        asked = {"grant": opened.json()["id"], "at": where, "most_s": "3"}
        answer = story.client.get("/api/video/playback/CAM/piece", params=asked)
        assert answer.status_code == 200, answer.text
        seen += pictures_of(answer.content)
        where = answer.headers["amaan-next"]
    assert seen == list(range(seen[0], seen[0] + len(seen)))
    due_ms = seen[0] * 1000 / FPS
    assert span[0] + 1200 - 2 * GOP_MS < due_ms <= span[0] + 1200


def _after_the_camera_was_away(story: Story) -> list[int]:
    """Return what is recorded after it."""
    before = story.timeline()[0][-1]
    story.streams.ask("stop")
    time.sleep(AWAY_S)
    story.streams.ask("start")
    stopped = before[1]
    back: list[int] = until(
        lambda: story.recorded_since(stopped, 2 * GOP_MS), "recording after the stop"
    )
    (before,) = [span for span in story.timeline()[0] if span[0] == before[0]]
    gaps = story.gaps_between(before, back)
    assert {cause for _, _, cause in gaps} <= {"link", "camera"}
    sent = story.streams.ask("sent")
    assert isinstance(sent, list)
    (old, new) = [one for one in sent if one["path"] == "/street"][-2:]
    assert abs(gaps[0][0] - old["next"] * 1000 / FPS) <= GOP_MS
    assert abs(gaps[-1][1] - new["first"] * 1000 / FPS) <= GOP_MS
    return back


def _after_the_worker_was_killed(story: Story, before: list[int]) -> None:
    worker = int((story.edge / "worker.pid").read_text())
    killed_ms = time.time() * 1000
    os.kill(worker, signal.SIGKILL)
    after = until(
        lambda: story.recorded_since(round(killed_ms), 2 * GOP_MS), "recording after the kill"
    )
    (before,) = [span for span in story.timeline()[0] if span[0] == before[0]]
    (gap,) = story.gaps_between(before, after)
    assert gap[2] == "restart"
    assert killed_ms - LOST_MS <= gap[0] <= killed_ms + 1000 / FPS
    new = story.streams.ask("sent")
    assert isinstance(new, list)
    assert abs(gap[1] - new[-1]["first"] * 1000 / FPS) <= GOP_MS


def _exported_as_logged(story: Story, authority: str, span: list[int]) -> None:
    wish = {"cameras": ["CAM"], "from": at(span[0] + 2500), "to": at(span[0] + 9500)}
    asked = story.client.post(
        "/api/video/exports", json={**wish, "authority": authority, "reason": "the court asks"}
    )
    assert asked.status_code == 202, asked.text
    path = f"/api/video/exports/{asked.json()['id']}"

    def settled() -> dict[str, Any] | None:
        found: dict[str, Any] = story.client.get(path).json()
        return found if found["state"] != "making" else None

    made = until(settled, "the export")
    assert made["state"] == "ready", made
    got = story.client.get(f"{path}/content")
    digest = hashlib.sha256(got.content).hexdigest()
    pictures = pictures_of(got.content)
    assert pictures == list(range(pictures[0], pictures[0] + len(pictures)))
    assert len(pictures) >= 7 * FPS
    with closing(person(story.url, story.data, "auditor", "auditor")) as reader:
        for action in ("make_export", "get_export_content"):
            asked_for = {"action": action, "limit": 10}
            log = reader.get("/api/trust/audit/entries", params=asked_for).json()["items"]
            assert digest in [entry["details"].get("sha256") for entry in log], action


def _hold(story: Story, authority: str, span: tuple[int, int]) -> None:
    scope = {"plates": None, "cameras": ["CAM"], "since": at(span[0]), "until": at(span[1])}
    review = wire_time(datetime.now(UTC) + timedelta(days=30))
    hold = {"authority": authority, "case_ref": "FIR 1/2026", "reason": "needed by the court"}
    answer = story.client.post(
        "/api/trust/holds", json={**hold, "scope": scope, "review_at": review}
    )
    assert answer.status_code == 201, answer.text


def _copied_hash_for_hash(story: Story, held: tuple[int, int]) -> None:
    segments = story.segments(*held)
    assert len(segments) >= 2
    blobs = story.data / "blobs"
    copies = [blobs / digest[:2] / digest[2:4] / digest for _, digest in segments]
    until(lambda: all(copy.exists() for copy in copies), "the held segments' copies")
    assert [copy.read_bytes() for copy in copies] == [path.read_bytes() for path, _ in segments]


def _proven_until_a_byte_changes(story: Story) -> None:
    proven = story.check()
    assert proven.returncode == 0, proven.stderr
    path, _ = story.segments(0, round(time.time() * 1000))[2]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    refuted = story.check()
    assert refuted.returncode == 4, refuted.stdout
    assert path.name in refuted.stderr
    assert "not those that were written" in refuted.stderr
