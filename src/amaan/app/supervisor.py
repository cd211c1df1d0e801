"""Starts camera workers, starts them again when they die, and ends those a killed centre left."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import psutil
import structlog

from amaan.app.folder import DataFolder
from amaan.city.networks import OWN_SHELL, CameraNetworks
from amaan.kernel.tasks import run_all

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 15.0
STABLE_AFTER_S = 30.0
STOP_LIMIT_S = 4.0
LOG_BYTES = 10 << 20

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Local:
    name: str
    starts: int = 0
    process: asyncio.subprocess.Process | None = None
    last_exit: int | None = None


class Supervisor:
    """Looks after the local workers; ``run`` it once the centre answers."""

    def __init__(
        self,
        folder: DataFolder,
        names: Sequence[str],
        url: str,
        networks: CameraNetworks = OWN_SHELL,
    ) -> None:
        self._networks = networks
        self._folder = folder
        self._url = url
        self._workers = [_Local(name) for name in names]

    def starts(self) -> dict[str, int]:
        """Return how often each worker was started."""
        return {worker.name: worker.starts for worker in self._workers}

    def down(self) -> list[str]:
        """Return the names of workers that do not run now."""
        return [
            worker.name
            for worker in self._workers
            if worker.process is None or worker.process.returncode is not None
        ]

    async def run(self) -> None:
        """Keep all workers running until cancelled, then end them within STOP_LIMIT_S."""
        await run_all(self._keep(worker) for worker in self._workers)

    async def _keep(self, worker: _Local) -> None:
        wait_s = FIRST_WAIT_S
        loop = asyncio.get_running_loop()
        await asyncio.to_thread(end_stale, self._pid_file(worker.name), worker.name)
        while True:
            began = loop.time()
            try:
                await self._run_once(worker)
            except OSError as error:
                _log.error("worker.cannot_start", worker=worker.name, error=str(error))
            lived_s = loop.time() - began
            wait_s = FIRST_WAIT_S if lived_s >= STABLE_AFTER_S else wait_s
            _log.warning(
                "worker.ended",
                worker=worker.name,
                exit_code=worker.last_exit,
                lived_s=round(lived_s, 1),
                again_in_s=wait_s,
            )
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, LONGEST_WAIT_S)

    async def _run_once(self, worker: _Local) -> None:
        own = self._folder.worker(worker.name)
        own.mkdir(parents=True, exist_ok=True)
        networks = self._networks.model_dump_json()
        with _open_log(self._folder.logs / f"{worker.name}.log") as log:
            process = await asyncio.create_subprocess_exec(
                *self._command(worker.name),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, "AMAAN_WORKER_VIDEO__NETWORKS": networks},
                start_new_session=True,  # Ctrl-C is for the centre, which ends its workers itself
            )
        worker.process = process
        worker.starts += 1
        self._pid_file(worker.name).write_text(f"{process.pid}\n")
        _log.info("worker.started", worker=worker.name, pid=process.pid, starts=worker.starts)
        try:
            worker.last_exit = await process.wait()
        except asyncio.CancelledError:
            await _end(process)
            self._pid_file(worker.name).unlink(missing_ok=True)
            raise

    def _command(self, name: str) -> list[str]:
        return [
            *(sys.executable, "-m", "amaan.app", "worker"),
            *("--centre", self._url),
            *("--token-file", str(self._folder.worker_token)),
            *("--key-file", str(self._folder.key)),
            *("--name", name),
            *("--data", str(self._folder.worker(name))),
            *("--parent-pid", str(os.getpid())),
        ]

    def _pid_file(self, name: str) -> Path:
        return self._folder.worker(name) / "worker.pid"


def end_stale(pid_file: Path, name: str) -> bool:
    """End the worker that a killed centre left behind; True when there was one."""
    try:
        process = psutil.Process(int(pid_file.read_text()))
        command = process.cmdline()
    except (OSError, ValueError, psutil.Error):
        return False
    # The pid may belong to somebody else by now.
    if "worker" not in command or str(pid_file.parent) not in command:
        return False
    _log.warning("worker.stale_ended", worker=name, pid=process.pid)
    with suppress(psutil.NoSuchProcess):
        process.terminate()
        try:
            process.wait(STOP_LIMIT_S)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(STOP_LIMIT_S)
    pid_file.unlink(missing_ok=True)
    return True


async def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_LIMIT_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


def _open_log(path: Path) -> BinaryIO:
    """Open a worker's log for appending; one that has grown large is put aside first."""
    with suppress(OSError):
        if path.stat().st_size > LOG_BYTES:
            path.replace(path.with_suffix(".log.1"))
    return path.open("ab")
