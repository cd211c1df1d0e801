"""Entries that could not wait for the log: a file of lines, each on disk before life goes on."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import structlog

from amaan.trust.audit import rules

_log = structlog.get_logger(__name__)

Take = Callable[[Sequence[bytes]], Awaitable[int]]


class LateFile:
    """``DIR/audit-late.jsonl``: a leaf a line, as it will stand in the log. One process writes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._taken = path.with_suffix(".taken")
        self._lock = asyncio.Lock()  # of the file
        self._handing = asyncio.Lock()
        self._count = len(_leaves(path)) + len(_leaves(self._taken))

    @property
    def count(self) -> int:
        """How many entries wait for the log."""
        return self._count

    async def keep(self, leaf: bytes) -> None:
        """Return once the leaf is on disk (fsync). Raises OSError."""
        async with self._lock:
            await asyncio.to_thread(_append, self._path, leaf)
            self._count += 1

    async def hand_over(self, take: Take) -> None:
        """Give the entries to ``take``; forget them when it returns, keep them when it raises.

        Killed in between it gives them again: ``take`` knows those it has. A last line that was
        cut off by a crash is left out; nobody was let go on by it.
        """
        async with self._handing:
            async with self._lock:
                if not self._taken.exists():
                    if not self._path.exists():
                        return
                    self._path.rename(self._taken)
            leaves = await asyncio.to_thread(_leaves, self._taken)
            if leaves:
                await take(leaves)
                _log.warning("audit.late_written", entries=len(leaves))
            self._taken.unlink()
            self._count = max(0, self._count - len(leaves))


def _append(path: Path, leaf: bytes) -> None:
    """Put a line on disk, whole or not at all. A half one of before is left behind its own end."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        fresh = size == 0
        is_cut = not fresh and os.pread(descriptor, 1, size - 1) != b"\n"
        line = b"\n" * is_cut + leaf + b"\n"
        try:
            if os.write(descriptor, line) != len(line):
                raise OSError(errno.ENOSPC, "the disk is full")
            os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, size)  # who was not let go on by it must not stand there
            raise
    finally:
        os.close(descriptor)
    if fresh:
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _leaves(path: Path) -> list[bytes]:
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    found = []
    for line in lines:
        try:
            if line and rules.record_of(line).late:
                found.append(line)
        except ValueError:
            _log.warning("audit.late_line_damaged", bytes=len(line))
    return found
