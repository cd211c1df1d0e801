"""Bulky items as files in a folder: ``<boot order>-<seq>-<boot>.<kind>``.

The folder is the index: no row has to agree with it, and a file taken away gives its room back at
once, which a row in a database does not.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import threading
from collections import Counter, OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from amaan.engines.spool.errors import SpoolFullError

_PARTIAL = ".part"
_Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class KeptFile:
    """One item beside the database."""

    boot: str
    seq: int
    kind: str
    path: Path
    size: int


class KeptFiles:
    """Files of all boots in order of age; the oldest go first when room is needed. Thread-safe."""

    def __init__(self, folder: Path, limit_bytes: int, reserve_bytes: int) -> None:
        self._folder = folder
        self._limit_bytes = limit_bytes
        self._reserve_bytes = reserve_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[_Key, KeptFile] = OrderedDict()
        self._counts: Counter[str] = Counter()
        self._bytes = 0
        self.dropped = 0
        folder.mkdir(parents=True, exist_ok=True)
        self.last_order = self._load()

    def _load(self) -> int:
        orders = [0]
        for path in sorted(self._folder.iterdir()):
            if path.name.endswith(_PARTIAL):
                path.unlink(missing_ok=True)
                continue
            order, seq, rest = (*path.stem.split("-", 2), "", "")[:3]
            if not (order.isdecimal() and seq.isdecimal()):
                continue
            kept = KeptFile(rest, int(seq), path.suffix[1:], path, path.stat().st_size)
            self._add(kept)
            orders.append(int(order))
        return max(orders)

    def write(self, order: int, boot: str, seq: int, kind: str, payload: bytes) -> None:
        """Return once the file and its name are on disk; SpoolFullError when they cannot be."""
        if not self._make_room(len(payload)):
            raise SpoolFullError(f"no room on the disk for a {kind} of {len(payload)} bytes")
        path = self._folder / f"{order:08d}-{seq:010d}-{boot}.{kind}"
        partial = path.with_name(path.name + _PARTIAL)
        try:
            _write_durably(partial, path, payload)
        except OSError as error:
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)
            word = "no room on the disk" if error.errno == errno.ENOSPC else "the disk fails"
            raise SpoolFullError(f"{word} for a {kind}: {error.strerror}") from error
        with self._lock:
            self._add(KeptFile(boot, seq, kind, path, len(payload)))

    def _add(self, kept: KeptFile) -> None:
        self._kept[kept.boot, kept.seq] = kept
        self._counts[kept.kind] += 1
        self._bytes += kept.size

    def _make_room(self, size: int) -> bool:
        while self.bytes + size > self._limit_bytes:
            if not self.drop_oldest(1):
                return False
        while self.free_bytes() - size < self._reserve_bytes:
            if not self.drop_oldest(size):
                return False
        return True

    def free_bytes(self) -> int:
        """Return what the disk under the folder has left."""
        return shutil.disk_usage(self._folder).free

    def drop_oldest(self, at_least_bytes: int) -> int:
        """Give up the oldest files to that sum; return how many went (0: there were none)."""
        gone = freed = 0
        while freed < at_least_bytes:
            with self._lock:
                if not self._kept:
                    break
                key = next(iter(self._kept))
            kept = self._take(key)
            if kept is not None:
                gone += 1
                freed += max(kept.size, 1)
        self.dropped += gone
        return gone

    def drop_older(self, before_s: float) -> int:
        """Give up files written before a moment (Unix seconds); return how many."""
        gone = 0
        with self._lock:
            kept = list(self._kept.items())
        for key, file in kept:  # in order of age
            with contextlib.suppress(FileNotFoundError):
                if file.path.stat().st_mtime >= before_s:
                    break
            gone += self._take(key) is not None
        return gone

    def _take(self, key: _Key) -> KeptFile | None:
        with self._lock:
            kept = self._kept.pop(key, None)
            if kept is None:
                return None
            self._counts[kept.kind] -= 1
            self._bytes -= kept.size
        kept.path.unlink(missing_ok=True)
        return kept

    def oldest(self, kind: str, limit: int) -> list[tuple[KeptFile, bytes]]:
        """Return the oldest files of a kind with their bytes."""
        with self._lock:
            chosen = self._first(self._kept.values(), kind, limit)
        return self._with_bytes(chosen)

    def newest(self, kind: str, limit: int) -> list[tuple[KeptFile, bytes]]:
        """Return the newest files of a kind with their bytes, newest first."""
        with self._lock:
            chosen = self._first(reversed(self._kept.values()), kind, limit)
        return self._with_bytes(chosen)

    @staticmethod
    def _first(files: Iterable[KeptFile], kind: str, limit: int) -> list[KeptFile]:
        return list(islice((kept for kept in files if kept.kind == kind), limit))

    def _with_bytes(self, chosen: Iterable[KeptFile]) -> list[tuple[KeptFile, bytes]]:
        found = []
        for kept in chosen:
            try:
                found.append((kept, kept.path.read_bytes()))
            except FileNotFoundError:
                self._take((kept.boot, kept.seq))
        return found

    def forget(self, keys: Iterable[_Key]) -> None:
        """Remove files that the centre holds; unknown ones are passed over."""
        for key in keys:
            self._take(key)

    @property
    def bytes(self) -> int:
        """Sum of the files' sizes."""
        return self._bytes

    def count(self, kind: str) -> int:
        """Return how many files of a kind wait."""
        with self._lock:
            return self._counts[kind]


def _write_durably(partial: Path, path: Path, payload: bytes) -> None:
    with partial.open("wb") as file:
        file.write(payload)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make names in the folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
