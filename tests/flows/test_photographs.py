"""Real photographs, made into a video, go through `watch` and the whole path to the console."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.flows.centre import AMAAN, active_authority, officer, running_centre, signed_in
from tests.flows.photographs import Photograph, labelled, write_video
from tests.shared import shared_data

NAMES = ["images/eu1.jpg", "images/eu5.jpg", "images/eu9.jpg"]


@pytest.fixture(scope="module")
def photographs() -> list[Photograph]:
    return labelled(shared_data("plates", "openalpr-eu"), NAMES)


@pytest.fixture(scope="module")
def video(photographs: list[Photograph], tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("photographs") / "street.mp4"
    write_video(photographs, target)
    return target


@pytest.fixture(scope="module")
def watched(video: Path) -> list[dict[str, Any]]:
    ran = subprocess.run(
        [AMAAN, "watch", str(video), "--json", "--as-fast-as-possible"],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return [json.loads(line) for line in ran.stdout.splitlines()]


def test_watch_reads_the_plates_of_real_photographs_once_each(
    photographs: list[Photograph], watched: list[dict[str, Any]]
) -> None:
    plates = [read["plate"] for read in watched]
    exact = [photograph.text for photograph in photographs if photograph.text in plates]
    assert len(exact) >= 2, f"read {plates}"
    assert all(plates.count(text) == 1 for text in exact)
    assert all(read["agreeing"] >= 2 for read in watched if read["plate"] in exact)


@pytest.mark.slow
def test_hot_listed_photograph_becomes_an_alarm_with_picture_and_clip(
    video: Path, watched: list[dict[str, Any]], tmp_path: Path
) -> None:
    wanted = [read["plate"] for read in watched if read["agreeing"] >= 2]
    data = tmp_path / "data"
    with (
        running_centre(data, "--workers", "1") as url,
        closing(signed_in(url, data)) as office,
        closing(officer(url, data)) as client,
    ):
        authority = active_authority(url, data, client, plates=wanted)
        _list(client, wanted, authority)
        _add(office, video)
        alarm = _awaited(client, wanted)
        assert alarm["match"]["kind"] == "exact"
        for kind in ("picture", "crop"):
            answer = _tried(client, f"/api/plates/reads/{alarm['read']['id']}/{kind}")
            assert answer.headers["content-type"] == "image/jpeg"
            assert answer.content[:2] == b"\xff\xd8"
        clip = _ready_clip(client, alarm["id"])
        content = client.get(f"/api/video/clips/{clip}/content", headers={"Range": "bytes=0-99"})
        assert content.status_code == 206
        assert content.content[4:8] == b"ftyp"
        found = client.get(
            "/api/plates/reads",
            params={"plate": alarm["read"]["plate"], "match": "exact", "authority": authority},
        )
        assert [read["id"] for read in found.json()["items"]] == [alarm["read"]["id"]]


def _list(client: httpx.Client, plates: list[str], authority: str) -> None:
    for plate in plates:
        reason = "test of the whole path"
        entry = {"plate": plate, "reason": reason, "category": "stolen", "severity": "high"}
        entry["authority"] = authority
        answer = client.post("/api/plates/entries", json=entry)
        assert answer.status_code == 201, answer.text


def _add(client: httpx.Client, video: Path) -> None:
    site = {"code": "T-01", "name": "Test", "kind": "other", "lon": 67.03, "lat": 24.85}
    assert client.post("/api/city/sites", json=site).status_code == 201
    row = io.StringIO()
    table = csv.writer(row)
    table.writerow(["code", "name", "site", "address"])
    table.writerow(["T-01-A", "Street", "T-01", str(video)])
    report = client.post(
        "/api/city/cameras/import",
        content=row.getvalue(),
        headers={"Content-Type": "text/csv"},
    )
    assert report.json()["accepted"] == 1, report.text


def _awaited(client: httpx.Client, plates: list[str]) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for alarm in client.get("/api/alarms", params={"state": "open"}).json()["items"]:
            if alarm["read"]["plate"] in plates:
                found: dict[str, Any] = alarm
                return found
        time.sleep(0.3)
    raise AssertionError("no alarm came")


def _tried(client: httpx.Client, path: str) -> httpx.Response:
    """Pictures follow their read; allow them some seconds."""
    for _ in range(50):
        if (answer := client.get(path)).status_code == 200:
            return answer
        time.sleep(0.2)
    raise AssertionError(f"{path}: {answer.status_code}")


def _ready_clip(client: httpx.Client, alarm: str) -> str:
    for _ in range(150):
        clip = client.get(f"/api/alarms/{alarm}").json()["clip"]
        assert clip["state"] != "unavailable", clip["reason"]
        if clip["state"] == "ready":
            return str(clip["id"])
        time.sleep(0.2)
    raise AssertionError("the clip did not come")
