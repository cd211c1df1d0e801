"""Measure the figures of docs/benchmarks.md on this machine and write them down.

``python scripts/bench.py [--only NAME ...] [--quick]``. Each measurement is a command that a
reader can repeat; its JSON answer goes into ``docs/benchmarks.json`` with machine, command and
date, and the tables between the markers of docs/benchmarks.md are drawn anew from that file.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
AMAAN = Path(sys.executable).with_name("amaan")
RESULTS = ROOT / "docs/benchmarks.json"
PAGE = ROOT / "docs/benchmarks.md"
PLATES = ROOT.parent / "shared/data/plates"
CLIPS = ROOT.parent / "shared/data/video"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


@dataclass(frozen=True)
class Measurement:
    """A command whose last line of output is one JSON object."""

    name: str
    title: str
    arguments: tuple[str, ...]
    quick: tuple[str, ...] = ()
    needs: Path | None = None
    script: str = ""  # run instead of ``amaan``


def _plates(name: str) -> Measurement:
    folder = PLATES / name
    command = ("plates", "evaluate", str(folder), "--json")
    return Measurement(f"plates-{name}", f"Plates: {name}", command, ("--limit", "20"), folder)


MEASUREMENTS = (
    Measurement("ingest", "Ingest", ("bench", "ingest", "--json"), ("--seconds", "10")),
    Measurement("search", "Search", ("bench", "search", "--json"), ("--reads", "1000000")),
    Measurement("audit", "Audit log", ("bench", "audit", "--json"), ("--entries", "50000")),
    Measurement("live", "Live alarm", ("bench", "live", "--json"), ("--seconds", "60")),
    Measurement("viewing", "Live video", ("bench", "viewing", "--json"), ("--seconds", "10")),
    Measurement(
        "timeline",
        "Timeline",
        ("bench", "timeline", "--json"),
        ("--cameras", "100", "--queries", "20"),
    ),
    Measurement(
        "seeking",
        "Seeking",
        ("bench", "seeking", "--json"),
        ("--cameras", "4", "--seconds", "60", "--queries", "50"),
    ),
    Measurement(
        "seeking-browser",
        "Seeking in a browser",
        (),
        ("--cameras", "4", "--seconds", "60", "--queries", "20"),
        script="scripts/seeking.py",
    ),
    Measurement(
        "pursuit",
        "Next cameras",
        ("bench", "pursuit", "--json"),
        ("--nodes", "20000", "--queries", "50"),
    ),
    Measurement(
        "judging", "Judging cameras", ("bench", "judging", str(CLIPS), "--json"), needs=CLIPS
    ),
    Measurement(
        "recording",
        "Recording",
        ("bench", "recording", "--json"),
        ("--cameras", "8", "--seconds", "20"),
    ),
    *(
        _plates(name)
        for name in ("pakistan-crops", "openalpr-eu", "openalpr-us", "openalpr-br", "indian-cars")
    ),
)


def machine() -> str:
    """Return processor, cores, memory and system in one line."""
    model = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    memory = f"{pages / 2**30:.0f} GiB"
    system = f"{platform.system()}, Python {platform.python_version()}"
    return f"{model}, {os.cpu_count()} cores, {memory}, {system}"


def shown(item: Measurement) -> str:
    """Return the command as a reader would type it from the repository's root."""
    program = f"python {item.script}" if item.script else "amaan"
    return " ".join([program, *item.arguments]).replace(str(ROOT.parent), "..")


def measure(item: Measurement, quick: bool) -> dict[str, Any] | None:
    """Run one measurement; None when its data is absent or it failed (said on the terminal)."""
    if item.needs is not None and not item.needs.exists():
        print(f"{item.name}: left out, its data is absent", flush=True)
        return None
    if quick:
        item = replace(item, arguments=(*item.arguments, *item.quick))
    print(f"{item.name}: {shown(item)}", flush=True)
    began = time.monotonic()
    program = [sys.executable, str(ROOT / item.script)] if item.script else [str(AMAAN)]
    command = [*program, *item.arguments]
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    lines = ran.stdout.strip().splitlines()
    if ran.returncode or not lines:
        print(f"{item.name}: failed with exit code {ran.returncode}", flush=True)
        return None
    print(f"{item.name}: {time.monotonic() - began:.0f} s: {lines[-1]}", flush=True)
    return {
        "title": item.title,
        "command": shown(item),
        "machine": machine(),
        "date": datetime.now(UTC).date().isoformat(),
        "figures": json.loads(lines[-1]),
    }


def drawn(results: dict[str, Any]) -> str:
    """Return the measured tables as Markdown."""
    parts = []
    for item in MEASUREMENTS:
        if (result := results.get(item.name)) is None:
            continue
        rows = "\n".join(f"| {key} | {_cell(value)} |" for key, value in _flat(result["figures"]))
        parts.append(
            f"### {result['title']}\n\n`{result['command']}`, {result['date']}, "
            f"{result['machine']}\n\n| figure | measured |\n|---|---|\n{rows}\n"
        )
    return "\n".join(parts)


def _flat(figures: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for key, value in figures.items():
        if isinstance(value, dict):
            rows += _flat(value, f"{prefix}{key} ")
        else:
            rows.append((f"{prefix}{key}", value))
    return rows


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.3f}".rstrip("0").rstrip(".")
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def main() -> int:
    """Measure what was asked for, keep the rest of the results as they were."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", choices=[item.name for item in MEASUREMENTS])
    parser.add_argument("--quick", action="store_true", help="small runs; results are not kept")
    options = parser.parse_args()
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    failed = False
    for item in MEASUREMENTS:
        if options.only and item.name not in options.only:
            continue
        result = measure(item, options.quick)
        failed = failed or (result is None and (item.needs is None or item.needs.exists()))
        if result and not options.quick:
            results[item.name] = result
            RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    page = PAGE.read_text()
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n\n{drawn(results)}\n{END}{after}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
