"""`amaan cameras` on a folder whose centre does not run."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.flows.centre import AMAAN

CANARY = "hunter2-canary"
SITES = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [67.02, 24.85]},
            "properties": {"code": "RZ-01", "name": "Gate", "kind": "red_zone"},
        }
    ],
}


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="amaan-test-") as name:
        yield Path(name)


def _cameras(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [AMAAN, "cameras", *arguments, "--data", str(folder / "data")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.slow
def test_files_are_taken_listed_and_reported_without_passwords(folder: Path) -> None:
    (folder / "sites.geojson").write_text(json.dumps(SITES))
    (folder / "cameras.csv").write_text(
        "code,name,site,address\n"
        f"A,East,RZ-01,rtsp://admin:{CANARY}@10.0.0.5/1\n"
        f"B,West,RZ-01,exec://admin:{CANARY}@10.0.0.5/1\n"
    )
    assert _cameras(folder, "sites", str(folder / "sites.geojson")).returncode == 0
    taken = _cameras(folder, "import", str(folder / "cameras.csv"))
    assert taken.returncode == 3
    assert "1 cameras taken, 1 lines refused" in taken.stdout
    assert "line 3, address" in taken.stderr
    listed = _cameras(folder, "list", "--json")
    (camera,) = json.loads(listed.stdout)
    assert camera["address"] == "rtsp://admin:***@10.0.0.5/1"
    for done in (taken, listed):
        assert CANARY not in done.stdout + done.stderr
    (folder / "broken.csv").write_text("code\n")
    broken = _cameras(folder, "import", str(folder / "broken.csv"))
    assert broken.returncode == 3
    assert "heading lacks" in broken.stderr
    assert not (folder / "data" / "postgres" / "postmaster.pid").exists()
