"""The simulator as a process of its own beside the centre: started, kept, ended."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

from amaan.kernel.errors import AmaanError
from amaan.simulation.serving import Ports

HOST = "127.0.0.1"
USUAL_PORTS = (8554, 8555, 8556)  # RTSP, MJPEG, ONVIF
START_LIMIT_S = 60.0
STOP_LIMIT_S = 3.0
AGAIN_S = 1.0
LOG_BYTES = 5 << 20


class SimulatorError(AmaanError):
    """The simulated cameras do not come up."""

    code = "simulator"


def free_ports(usual: Sequence[int] = USUAL_PORTS) -> tuple[int, ...]:
    """Return ports on which nobody listens: the usual ones where they are free."""
    sockets = []
    try:
        for port in usual:
            sock = socket.socket()
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                sock.bind((HOST, port))
            except OSError:
                sock.bind((HOST, 0))
            sockets.append(sock)
        return tuple(int(sock.getsockname()[1]) for sock in sockets)
    finally:
        for sock in sockets:
            sock.close()


class Simulator:
    """`amaan simulate` on fixed ports; begun again when it dies, until ``stop``."""

    def __init__(self, folder: Path, ports: Ports, password_file: Path, log: Path) -> None:
        self._command = [
            *(sys.executable, "-m", "amaan.app", "simulate", "--folder", str(folder)),
            *("--host", ports.host, "--port", str(ports.rtsp), "--mjpeg-port", str(ports.http)),
            *("--onvif-port", str(ports.onvif)),
            *("--password-file", str(password_file), "--parent-pid", str(os.getpid())),
        ]
        self._ports, self._log = ports, log
        self._process: subprocess.Popen[bytes] | None = None
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="simulator", daemon=True)

    def start(self) -> None:
        """Start it; it answers within seconds (see ``wait``)."""
        self._begin()
        self._thread.start()

    def wait(self) -> None:
        """Return once the cameras answer. Raises SimulatorError, saying where the log lies."""
        until = time.monotonic() + START_LIMIT_S
        while time.monotonic() < until:
            with suppress(OSError), closing(socket.create_connection((HOST, self._ports.rtsp), 1)):
                return
            if self._process is not None and self._process.poll() not in (None, 0):
                break
            time.sleep(0.05)
        raise SimulatorError(f"the simulated cameras do not answer; see {self._log}")

    def stop(self) -> None:
        """End it within STOP_LIMIT_S."""
        self._ending.set()
        process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _begin(self) -> None:
        if self._log.is_file() and self._log.stat().st_size > LOG_BYTES:
            self._log.unlink()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  our own program
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the demo, which ends it
            )

    def _keep(self) -> None:
        while self._process is not None:
            self._process.wait()
            if self._ending.wait(AGAIN_S):
                return
            self._begin()
