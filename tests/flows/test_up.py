"""`amaan up` as a real process: begins, answers, survives kills, ends cleanly."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil
import pytest
from tests.flows.centre import AMAAN, first_password, free_port, signed_in, wait_until_healthy

from amaan.app.serving import Exit

CANARY = "hunter2-canary"


def _start(data: Path, port: int, *more: str) -> subprocess.Popen[bytes]:
    data.mkdir(parents=True, exist_ok=True)
    with (data / "up.out").open("ab") as output:
        return subprocess.Popen(
            [AMAAN, "up", "--data", str(data), "--port", str(port), *more],
            stdout=output,
            stderr=output,
        )


def _wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _processes_of(data: Path) -> list[psutil.Process]:
    """Return every process that names the folder on its command line or works in it."""
    found = []
    for process in psutil.process_iter():
        try:
            if str(data) in " ".join(process.cmdline()) or process.cwd().startswith(str(data)):
                found.append(process)
        except psutil.Error:
            continue
    return [p for p in found if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.slow
def test_centre_begins_answers_and_ends_cleanly_with_all_it_started(tmp_path: Path) -> None:
    data, port = tmp_path / "data", free_port()
    url = f"http://127.0.0.1:{port}"
    process = _start(data, port, "--workers", "1")
    try:
        wait_until_healthy(url, process)
        username, password = first_password(data)
        assert (data / "first-sign-in.txt").stat().st_mode & 0o777 == 0o600
        assert (data / "worker-token").stat().st_mode & 0o777 == 0o600
        assert (data / "secret.key").stat().st_mode & 0o777 == 0o600
        site = {"code": "S", "name": "S", "kind": "other", "lon": 67, "lat": 24.8}
        address = f"rtsp://admin:{CANARY}@127.0.0.1:9/x"
        camera = {"code": "S-A", "name": "A", "site": "S", "address": address}
        with (
            contextlib.closing(signed_in(url, data)) as client,
            client.stream("GET", "/api/console/events") as stream,
        ):
            client.post("/api/city/sites", json=site).raise_for_status()
            client.post("/api/city/cameras", json=camera).raise_for_status()
            assert stream.headers["content-type"].startswith("text/event-stream")
            assert next(stream.iter_lines()).startswith("retry:")
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=15) == Exit.CLEAN
    finally:
        process.kill()
    assert _processes_of(data) == []
    printed = (data / "up.out").read_text()
    assert printed.count(password) == 1
    assert username in printed
    logs = "".join(path.read_text() for path in (data / "logs").iterdir())
    assert CANARY not in logs + printed
    assert password not in logs


@pytest.mark.slow
def test_killed_centre_begins_again_with_its_data_and_without_strays(tmp_path: Path) -> None:
    data, port = tmp_path / "data", free_port()
    url = f"http://127.0.0.1:{port}"
    first = _start(data, port)
    try:
        wait_until_healthy(url, first)
    finally:
        first.send_signal(signal.SIGKILL)
        first.wait()
    second = _start(data, port)
    try:
        wait_until_healthy(url, second)
        signed_in(url, data).close()
        assert (data / "up.out").read_text().count("first sign-in") == 1
        postmaster = (data / "postgres" / "postmaster.pid").read_text().split()[0]
        os.kill(int(postmaster), signal.SIGKILL)
        with httpx.Client(base_url=url, timeout=30) as client:
            statuses = [client.get("/api/health").json()["status"] for _ in range(3)]
        assert statuses[-1] == "ok"
        worker = data / "workers" / "worker-1" / "worker.pid"
        killed = worker.read_text()
        os.kill(int(killed), signal.SIGKILL)
        _wait(lambda: worker.read_text() not in ("", killed))
        second.send_signal(signal.SIGINT)
        assert second.wait(timeout=15) == Exit.CLEAN
    finally:
        second.kill()
        second.wait()
    assert _processes_of(data) == []


@pytest.mark.slow
def test_centre_works_on_a_database_by_connection_string(tmp_path: Path, dsn: str) -> None:
    data, port = tmp_path / "data", free_port()
    url = f"http://127.0.0.1:{port}"
    process = _start(data, port, "--workers", "0", "--database", f"{dsn} password={CANARY}")
    try:
        wait_until_healthy(url, process)
        signed_in(url, data).close()
        assert not (data / "postgres").exists()
        assert CANARY not in " ".join(psutil.Process(process.pid).cmdline())
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=15) == Exit.CLEAN
    finally:
        process.kill()
        process.wait()


def _fails(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [AMAAN, "up", *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stderr


def test_taken_port_is_named_before_anything_is_started(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, said = _fails("--data", str(tmp_path / "data"), "--port", str(port))
    assert code == Exit.PORT_TAKEN
    assert f"127.0.0.1:{port}" in said
    assert not (tmp_path / "data" / "postgres").exists()


def test_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, said = _fails("--data", str(tmp_path / "file"), "--port", "0")
    assert code == Exit.FOLDER_UNUSABLE
    assert str(tmp_path / "file") in said


def test_second_centre_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    from amaan.app.folder import DataFolder

    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    with folder.held():
        code, said = _fails("--data", str(folder.root), "--port", "0")
    assert code == Exit.FOLDER_IN_USE
    assert str(os.getpid()) in said


@pytest.mark.parametrize(
    "dsn",
    [
        f"postgresql://amaan:{CANARY}@127.0.0.1:1/amaan",
        f"host=127.0.0.1 port=1 password={CANARY}",
        f"not a {CANARY} dsn",
    ],
)
def test_database_that_does_not_answer_is_named_without_its_password(
    tmp_path: Path, dsn: str
) -> None:
    code, said = _fails("--data", str(tmp_path), "--port", "0", "--database", dsn)
    assert code == Exit.DATABASE_UNAVAILABLE
    assert CANARY not in said


def test_wrong_option_is_refused(tmp_path: Path) -> None:
    code, _ = _fails("--data", str(tmp_path), "--port", "70000")
    assert code == 2
