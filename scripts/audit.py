"""Asks whether a pinned dependency has a known weakness: clean, found, or INCOMPLETE.

``python scripts/audit.py [--allow-incomplete]`` reads requirements/*.txt and the console's lock.
Exit codes: 0 every package was looked up and none has a known weakness; 1 a weakness is known;
3 some source did not answer, so nothing may be concluded (0 with ``--allow-incomplete``, for a
place without a way out). pip-audit alone says "none found" where a source knows no package.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIMIT_S = 600
FOUND, INCOMPLETE = 1, 3


@dataclass
class Findings:
    """What was looked up, what is weak, and what nobody answered for."""

    asked: int = 0
    weak: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)

    def verdict(self) -> int:
        """Return the exit code."""
        if self.weak:
            return FOUND
        return INCOMPLETE if self.unanswered or not self.asked else 0


def _answer(command: list[str], folder: Path) -> object:
    """Return a program's JSON answer, None where there is none."""
    try:
        ran = subprocess.run(
            command, cwd=folder, check=False, capture_output=True, text=True, timeout=LIMIT_S
        )
        return json.loads(ran.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None


def read_pip(answer: object, name: str, found: Findings) -> None:
    """Take pip-audit's answer for one file."""
    dependencies = answer.get("dependencies") if isinstance(answer, dict) else None
    if not dependencies:
        found.unanswered.append(f"{name}: no answer")
        return
    for one in dependencies:
        if "skip_reason" in one:
            found.unanswered.append(f"{name}: {one['name']}")
            continue
        found.asked += 1
        for weakness in one.get("vulns", ()):
            fixed = ", ".join(weakness.get("fix_versions", ())) or "no version yet"
            found.weak.append(f"{one['name']} {one['version']}: {weakness['id']} (mended: {fixed})")


def read_npm(answer: object, found: Findings) -> None:
    """Take npm audit's answer."""
    if not isinstance(answer, dict) or "vulnerabilities" not in answer:
        found.unanswered.append("web/package-lock.json: no answer")
        return
    found.asked += 1
    for name, one in answer["vulnerabilities"].items():
        found.weak.append(f"{name} (npm): {one.get('severity', 'unknown')}")


def main() -> int:
    """Ask every source; print the verdict; return the exit code."""
    found = Findings()
    tool = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "-f", "json"]
    for file in sorted((ROOT / "requirements").glob("*.txt")):
        answer = _answer([*tool, "--progress-spinner", "off", "-r", str(file)], ROOT)
        read_pip(answer, file.name, found)
    read_npm(_answer(["npm", "audit", "--json"], ROOT / "web"), found)
    for line in found.weak:
        print(f"WEAK {line}")
    if found.unanswered:
        shown = "; ".join(found.unanswered[:5])
        print(f"audit: INCOMPLETE: no answer for {len(found.unanswered)}: {shown} ...")
        print("audit: nothing may be concluded; run it where the sources of weaknesses answer")
    verdict = found.verdict()
    if verdict == 0:
        print(f"audit: {found.asked} packages looked up, no known weakness")
    return 0 if verdict == INCOMPLETE and "--allow-incomplete" in sys.argv else verdict


if __name__ == "__main__":
    sys.exit(main())
