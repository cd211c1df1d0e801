from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from amaan.app.supervisor import end_stale


@pytest.fixture
def pid_file(tmp_path: Path) -> Path:
    own = tmp_path / "workers" / "worker-1"
    own.mkdir(parents=True)
    return own / "worker.pid"


def _sleeper(*arguments: str, deaf: bool = False) -> subprocess.Popen[bytes]:
    ignore = "signal.signal(signal.SIGTERM, signal.SIG_IGN);" if deaf else ""
    code = f"import signal,time,sys;{ignore}print('up', flush=True);time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    return process


def test_worker_that_a_killed_centre_left_is_ended(pid_file: Path) -> None:
    stale = _sleeper("worker", "--data", str(pid_file.parent))
    pid_file.write_text(f"{stale.pid}\n")
    assert end_stale(pid_file, "worker-1")
    stale.wait(timeout=1)
    assert not psutil.pid_exists(stale.pid)
    assert not pid_file.exists()


def test_process_that_took_the_number_of_a_dead_worker_is_left_alone(pid_file: Path) -> None:
    stranger = _sleeper("something", "else")
    pid_file.write_text(f"{stranger.pid}\n")
    assert not end_stale(pid_file, "worker-1")
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


@pytest.mark.parametrize(
    "content",
    [None, "", "x", "999999999", "-1", str(os.getpid())],
    ids=["absent", "empty", "letters", "nobody", "negative", "ourselves"],
)
def test_pid_file_that_names_no_worker_is_nothing_to_end(
    pid_file: Path, content: str | None
) -> None:
    if content is not None:
        pid_file.write_text(content)
    assert not end_stale(pid_file, "worker-1")
