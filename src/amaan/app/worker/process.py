"""The worker as a process: alone in its folder, ended by signals or by its supervisor's end."""

from __future__ import annotations

import fcntl
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from amaan.kernel.errors import ConflictError, InvalidError

_SECRET_LARGEST_BYTES = 4096


class WorkerFolderBusyError(ConflictError):
    """Another worker uses the folder."""

    code = "worker-folder-busy"


class SecretFileError(InvalidError):
    """A file that should hold a secret does not."""

    code = "secret-file"


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Hold the folder for this process alone; the kernel lets go of it however we end."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "worker.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise WorkerFolderBusyError(
                f"another worker runs in {folder}: stop it, or give this one its own --data"
            ) from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def read_secret(path: Path) -> str:
    """Return a one-line secret. SecretFileError names the file, never its content."""
    try:
        with path.open("rb") as file:
            text = file.read(_SECRET_LARGEST_BYTES).decode("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it holds no plain text"
        raise SecretFileError(f"cannot read {path}: {reason}") from error
    if not text or not text.isprintable():
        raise SecretFileError(f"{path} is empty or holds no token")
    return text


def orphaned(parent_pid: int | None) -> bool:
    """Tell whether the supervisor that started this process is gone."""
    return parent_pid is not None and os.getppid() != parent_pid


def stop_on_signals(stopping: threading.Event) -> None:
    """Set ``stopping`` on SIGTERM and SIGINT; a second signal ends the process at once."""

    def stop(number: int, frame: FrameType | None) -> None:
        if stopping.is_set():
            os._exit(128 + number)
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
