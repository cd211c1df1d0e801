"""Disk set by, so that a full disk can still be drained.

Forgetting shipped reads writes to SQLite's log, and emptying that log may grow the database: on
a disk filled to the last byte neither succeeds and the spool would stay full for ever. So a file
is kept that gives way when the disk is full; new reads wait until it is back.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


class Ballast:
    """A file of a given size, in place or thrown out."""

    def __init__(self, path: Path, size_bytes: int) -> None:
        self._path = path
        self._size_bytes = size_bytes
        self._in_place = size_bytes == 0 or (
            path.exists() and path.stat().st_blocks * 512 >= size_bytes
        )

    def take_in(self) -> bool:
        """Put it in place if it is not; tell whether it is."""
        if self._in_place:
            return True
        try:
            with self._path.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, self._size_bytes)
        except OSError:
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)
            return False
        self._in_place = True
        return True

    def throw_out(self) -> bool:
        """Give its room back; tell whether it was there."""
        if not self._in_place or self._size_bytes == 0:
            return False
        self._path.unlink(missing_ok=True)
        self._in_place = False
        return True
