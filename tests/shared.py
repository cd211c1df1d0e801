"""Where the real test data lies, beside the repository; absent on most machines."""

from __future__ import annotations

from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parent.parent.parent / "shared"


def shared_data(*parts: str) -> Path:
    """Return a path under shared/data, or skip the test, saying so."""
    path = _ROOT.joinpath("data", *parts)
    if not path.exists():
        pytest.skip(f"real test data absent: shared/data/{'/'.join(parts)}")
    return path
