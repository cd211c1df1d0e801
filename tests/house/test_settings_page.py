"""Every setting is described, and the page of settings is current."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_page_of_settings_is_current() -> None:
    script = ROOT / "scripts/settings_page.py"
    ran = subprocess.run([sys.executable, script, "--check"], check=False, cwd=ROOT)
    assert ran.returncode == 0, "run `python scripts/settings_page.py`"
