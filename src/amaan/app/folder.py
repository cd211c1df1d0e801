"""The data folder: what lies where, and that only one centre uses it at a time."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from amaan.kernel.errors import AmaanError, ConflictError


class FolderUnusableError(AmaanError):
    """The data folder cannot be made or written."""

    code: ClassVar[str] = "data-folder-unusable"


class FolderInUseError(ConflictError):
    """Another centre works in this data folder."""

    code: ClassVar[str] = "data-folder-in-use"


@dataclass(frozen=True, slots=True)
class DataFolder:
    """Paths under ``amaan up --data``."""

    root: Path

    @property
    def postgres(self) -> Path:
        """The embedded server's own folder."""
        return self.root / "postgres"

    @property
    def blobs(self) -> Path:
        """Pictures and clips by digest."""
        return self.root / "blobs"

    @property
    def key(self) -> Path:
        """The sealing key; without it camera addresses must be typed in again."""
        return self.root / "secret.key"

    @property
    def audit_key(self) -> Path:
        """What signs the audit log's checkpoints."""
        return self.root / "audit.key"

    @property
    def audit_checkpoint(self) -> Path:
        """The checkpoint signed last: what is signed next must continue it."""
        return self.root / "audit.checkpoint"

    @property
    def audit_late(self) -> Path:
        """Entries that could not wait for the audit log."""
        return self.root / "audit-late.jsonl"

    @property
    def worker_token(self) -> Path:
        """What local workers show the centre."""
        return self.root / "worker-token"

    @property
    def first_sign_in(self) -> Path:
        """The first run's user name and password."""
        return self.root / "first-sign-in.txt"

    @property
    def demo_people(self) -> Path:
        """User names and passwords of the demo's people."""
        return self.root / "demo-people.txt"

    @property
    def logs(self) -> Path:
        """Log files of centre and workers."""
        return self.root / "logs"

    @property
    def running(self) -> Path:
        """``centre.json``: address and process id while a centre runs."""
        return self.root / "centre.json"

    def worker(self, name: str) -> Path:
        """Return a local worker's own folder."""
        return self.root / "workers" / name

    def prepare(self) -> None:
        """Make the folder, private where that is possible. Raises FolderUnusableError."""
        try:
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.logs.mkdir(exist_ok=True, mode=0o700)
            probe = self.root / f".write-{os.getpid()}"
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            raise FolderUnusableError(
                f"the data folder {self.root} cannot be written: {error.strerror}"
            ) from error

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep the folder to this centre. Raises FolderInUseError, naming the other process."""
        path = self.root / "centre.lock"
        with path.open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                file.seek(0)
                other = file.read().strip() or "unknown"
                raise FolderInUseError(
                    f"another centre (process {other}) works in {self.root}: stop it, or give "
                    "another --data"
                ) from error
            file.truncate(0)
            file.write(f"{os.getpid()}\n")
            file.flush()
            yield

    def is_held(self) -> bool:
        """Tell whether a centre works here."""
        try:
            with (self.root / "centre.lock").open("r") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    def announce(self, url: str) -> None:
        """Write ``centre.json``, whole or not at all."""
        fresh = self.running.with_suffix(".new")
        fresh.write_text(json.dumps({"url": url, "pid": os.getpid()}) + "\n")
        fresh.replace(self.running)

    def withdraw(self) -> None:
        """Remove ``centre.json``."""
        self.running.unlink(missing_ok=True)


def write_private(path: Path, text: str) -> None:
    """Write a file that only we may read (0600), flushed to disk, whole or not at all."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
