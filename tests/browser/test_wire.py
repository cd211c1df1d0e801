"""The window's types of what goes over the wire, held to what the centre says of itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from tests.browser.conftest import Town
from tests.flows.centre import START_LIMIT_S

WEB = Path(__file__).parents[2] / "web"

pytestmark = [pytest.mark.browser, pytest.mark.timeout(int(START_LIMIT_S) + 120)]


def test_types_of_the_window_fit_the_openapi_of_the_centre(place: Town) -> None:
    described = WEB / "checks" / "openapi.json"
    described.write_bytes(httpx.get(f"{place.url}/api/openapi.json", timeout=60).content)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    run = subprocess.run(
        ["npm", "run", "--silent", "wire"],
        cwd=WEB,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
