"""House rules that no linter knows. Each names the fault that taught it.

Run as ``python scripts/tidy.py``; exits 1 and lists every place when a rule is broken.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MAX_FILE_LINES = 500  # a 3,300-line file is where a reader gives up
MAX_FUNCTION_LINES = 70
VAGUE = {"utils", "util", "helpers", "helper", "manager", "common", "core", "misc"}
PUBLIC_FILES = {
    *("model", "events", "service", "ports", "guards", "sealing", "address", "networks", "trail"),
    *("addresses", "roles"),
}
ROOMS = {
    *("console", "simulation", "incidents", "alarms", "plates", "vision"),
    *("video", "city", "trust"),
}


@dataclass(frozen=True)
class Rule:
    """A pattern that may not stand in a file, and why."""

    name: str
    pattern: re.Pattern[str]
    suffixes: tuple[str, ...]
    why: str


def _rule(name: str, pattern: str, suffixes: str, why: str) -> Rule:
    return Rule(name, re.compile(pattern), tuple(suffixes.split()), why)


TEXT_RULES = (
    _rule(
        "biometrics",
        r"(?i)face_?(?:embed|recogn|encod|match|id_)|facenet|arcface|insightface|person_?search"
        r"|person_?re_?id|re_?identif|gait_|mediapipe|deepface|face_recognition",
        ".py .ts .tsx .sql .toml .txt",
        "Amaan never identifies or follows people by face or body (docs/decisions/0003)",
    ),
    _rule(
        "machine path",
        r"(?:^|[^\w.])/(?:work|farm|root)/[a-z]",
        ".py .ts .tsx .md .toml .sh .json .css .txt",
        "a path of one machine works on no other",
    ),
    _rule(
        "address outside",
        r"https?://(?:fonts|cdn|unpkg|tile|api\.mapbox|[\w.]*jsdelivr|[\w.]*googleapis)",
        ".py .ts .tsx .css .html .json",
        "no request leaves the machine: no CDN, font or tile server",
    ),
    _rule(
        "unsafe loading",
        r"\bimport pickle\b|\byaml\.load\(|\bshell=True\b|\beval\(|\bexec\(",
        ".py",
        "code that runs its input was the way into other systems of this kind",
    ),
    _rule(
        "left for later",
        r"\b(?:TODO|FIXME|XXX)\b|NotImplementedError|# type: ignore|@ts-ignore|@ts-expect-error",
        ".py .ts .tsx",
        "finish it or write the gap in the docs",
    ),
)
SKIP = (
    "requirements/",
    "web/package-lock.json",
    "scripts/tidy.py",
    "scripts/biometrics.py",
    "tests/house/",
)


def tracked() -> list[Path]:
    """Return the files that git tracks or would track, as paths from the root."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return [Path(line) for line in listing.splitlines() if (ROOT / line).is_file()]


def text_faults(path: Path, text: str) -> Iterator[str]:
    """Yield the places where a forbidden pattern stands."""
    if str(path).startswith(SKIP):
        return
    for rule in TEXT_RULES:
        if path.suffix in rule.suffixes:
            for number, line in enumerate(text.splitlines(), 1):
                if rule.pattern.search(line):
                    yield f"{path}:{number}: {rule.name}: {rule.why}"


def shape_faults(path: Path, text: str) -> Iterator[str]:
    """Yield files and functions too long, and names that say nothing."""
    if path.suffix in {".py", ".ts", ".tsx", ".css"} and "generated" not in path.parts:
        lines = text.count("\n")
        if lines > MAX_FILE_LINES:
            yield f"{path}: {lines} lines; at most {MAX_FILE_LINES}"
    if path.stem.lower() in VAGUE and path.parts[0] != "stubs":  # those names are others'
        yield f"{path}: a name that says nothing; name the noun"
    if path.suffix != ".py":
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            length = node.end_lineno - node.lineno + 1
            if length > MAX_FUNCTION_LINES:
                yield f"{path}:{node.lineno}: {node.name} has {length} lines"


def privacy_faults(path: Path, text: str) -> Iterator[str]:
    """Yield imports of another room's private files (what is not in PUBLIC_FILES)."""
    parts = path.parts
    if path.suffix != ".py" or parts[:2] != ("src", "amaan") or parts[2] == "app":
        return
    own = parts[2].removesuffix(".py")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module:
            room, _, file = node.module.removeprefix("amaan.").partition(".")
            foreign = node.module.startswith("amaan.") and room in ROOMS - {own}
            if (
                foreign and file and not PUBLIC_FILES.intersection(file.split("."))
            ):  # or a chamber's
                yield f"{path}:{node.lineno}: {node.module} is private to {room}"


def main() -> int:
    """Check every tracked file; return the exit code."""
    faults: list[str] = []
    for path in tracked():
        if path.name == "uv.lock":
            faults.append(f"{path}: carries a registry's address")
        try:
            text = (ROOT / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for check in (text_faults, shape_faults, privacy_faults):
            faults.extend(check(path, text))
    for fault in faults:
        print(fault)
    print(f"tidy: {len(faults)} fault(s)" if faults else "tidy: clean")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
