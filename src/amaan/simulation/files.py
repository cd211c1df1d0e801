"""Where the demo city's own data lies inside the package."""

from __future__ import annotations

import json
from pathlib import Path

from amaan.kernel.errors import InvalidError


def data_path(name: str) -> Path:
    """Return the path of a file of `simulation/data`."""
    return Path(__file__).parent / "data" / name


def read_json(name: str) -> object:
    """Return a data file parsed; InvalidError names the file when it is absent or not JSON."""
    try:
        return json.loads(data_path(name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidError(f"the demo city's {name} cannot be read: {error}") from error
