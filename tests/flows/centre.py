"""A real `amaan up` on loopback, for stories that need every process."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

AMAAN = Path(sys.executable).with_name("amaan")
START_LIMIT_S = 60.0


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def wait_until_healthy(url: str, process: subprocess.Popen[bytes]) -> None:
    """Return when the centre answers; fail with its exit code when it has died."""
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise AssertionError(f"amaan up ended with exit code {process.returncode}")
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{url}/api/health", timeout=2).status_code == 200:
                return
        time.sleep(0.1)
    raise AssertionError("the centre did not become healthy")


def first_password(data: Path) -> tuple[str, str]:
    """Return the first-run username and password that `up` wrote down."""
    lines = (data / "first-sign-in.txt").read_text().splitlines()
    found = {
        key.strip().lower(): value.strip() for key, _, value in (x.partition(":") for x in lines)
    }
    return found["username"], found["password"]


def signed_in(url: str, data: Path) -> httpx.Client:
    """Return a client with the first-run account's session."""
    client = httpx.Client(base_url=url, timeout=20, headers={"Origin": url})
    username, password = first_password(data)
    answer = client.post("/api/trust/sessions", json={"username": username, "password": password})
    assert answer.status_code == 201, answer.text
    return client


@contextlib.contextmanager
def running_centre(data: Path, *arguments: str) -> Iterator[str]:
    """Run `amaan up` on a free port and yield its address; stop it cleanly at the end."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    data.mkdir(parents=True, exist_ok=True)
    with (data / "up.out").open("ab") as output:
        process = subprocess.Popen(
            [AMAAN, "up", "--data", str(data), "--port", str(port), *arguments],
            stdout=output,
            stderr=output,
        )
        try:
            wait_until_healthy(url, process)
            yield url
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise
