"""A real `amaan up` on loopback, in a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import httpx
import psutil

from amaan.app.bench.people import credentials
from amaan.app.folder import DataFolder
from amaan.kernel.errors import AmaanError

START_LIMIT_S = 300.0  # a million entries are loaded before the first answer
STOP_LIMIT_S = 30.0
SAMPLE_EVERY_S = 0.25


class BenchError(AmaanError):
    """A measurement that did not come about."""

    code: ClassVar[str] = "bench-failed"


@dataclass(frozen=True, slots=True)
class RunningCentre:
    """Where it answers, and its process."""

    url: str
    pid: int
    data: Path

    @property
    def worker_token(self) -> str:
        """What workers show."""
        return DataFolder(self.data).worker_token.read_text().strip()

    def sign_in(self, client: httpx.Client) -> str:
        """Return the session cookie (name=value) of the officer (see ``people``)."""
        answer = client.post(f"{self.url}/api/trust/sessions", json=credentials(self.data))
        answer.raise_for_status()
        return "; ".join(f"{name}={value}" for name, value in answer.cookies.items())


@contextmanager
def folder(data: Path | None) -> Iterator[Path]:
    """Lend the folder given, kept afterwards, or a fresh one that is removed."""
    if data is not None:
        data.mkdir(parents=True, exist_ok=True)
        yield data.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="amaan-bench-", ignore_cleanup_errors=True) as fresh:
        yield Path(fresh)


@contextmanager
def running_centre(data: Path, workers: int = 0) -> Iterator[RunningCentre]:
    """Run a centre with so many camera workers on a free port; stop it at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    command = [sys.executable, "-m", "amaan.app", "up", "--data", str(data)]
    command += ["--workers", str(workers)]
    environment = {
        **os.environ,
        "AMAAN_LOG_LEVEL": "warning",
        "AMAAN_CAMERAS__LOOPBACK": "true",
        "AMAAN_CONSOLE__RATES__ENABLED": "false",
    }
    with (data / "bench-centre.out").open("ab") as output:
        process = subprocess.Popen(  # noqa: S603  our own program
            [*command, "--port", str(port)], stdout=output, stderr=output, env=environment
        )
    centre = RunningCentre(f"http://127.0.0.1:{port}", process.pid, data)
    try:
        _wait_until_ready(centre, process)
        yield centre
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_ready(centre: RunningCentre, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            said = (centre.data / "bench-centre.out").read_text(errors="replace")[-2000:]
            raise BenchError(f"the centre ended with exit code {process.returncode}:\n{said}")
        with suppress(httpx.TransportError):
            if httpx.get(f"{centre.url}/api/health", timeout=5).status_code == 200:
                return
        time.sleep(0.2)
    raise BenchError("the centre did not become ready")


class Watcher:
    """Samples memory and processor time of the centre, and of its PostgreSQL, while it runs."""

    def __init__(self, centre: RunningCentre) -> None:
        self._process = psutil.Process(centre.pid)
        first_line = (centre.data / "postgres" / "postmaster.pid").read_text().splitlines()[0]
        self._postmaster = psutil.Process(int(first_line))
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._backends: dict[int, tuple[float, float]] = {}  # first and latest seen, by pid
        self.peak_rss_bytes = 0
        self.cpu_s = 0.0
        self.postgres_cpu_s = 0.0

    def __enter__(self) -> Watcher:
        self._cpu_before = _cpu(self._process)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self.cpu_s = _cpu(self._process) - self._cpu_before
        self.postgres_cpu_s = sum(latest - first for first, latest in self._backends.values())

    def _watch(self) -> None:
        while True:
            with suppress(psutil.Error):
                rss = self._process.memory_info().rss
                self.peak_rss_bytes = max(self.peak_rss_bytes, rss)
            with suppress(psutil.Error):
                for process in (self._postmaster, *self._postmaster.children()):
                    used = _cpu(process)
                    first, _ = self._backends.get(process.pid, (used, used))
                    self._backends[process.pid] = first, used
            if self._stop.wait(SAMPLE_EVERY_S):
                return


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
