"""Blobs as files: written beside, flushed to disk, then moved into place."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import secrets
from contextlib import suppress
from pathlib import Path

from amaan.kernel.errors import InvalidError, NotFoundError, UnavailableError

_DIGEST = re.compile(r"[0-9a-f]{64}")


class DiskBlobs:
    """The engine behind ``kernel.engines.BlobStore``, in a folder of its own."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)

    async def put(self, digest: str, content: bytes) -> None:
        """Store durably; idempotent. InvalidError if content does not hash to digest."""
        await asyncio.to_thread(self._put, self._path(digest), digest, content)

    async def get(self, digest: str) -> bytes:
        """Return the bytes; NotFoundError when absent."""
        path = self._path(digest)
        try:
            return await asyncio.to_thread(path.read_bytes)
        except FileNotFoundError as error:
            raise NotFoundError("there are no bytes with that digest") from error
        except OSError as error:
            raise UnavailableError(f"the blob folder does not answer: {error.strerror}") from error

    async def delete(self, digest: str) -> None:
        """Forget the bytes; idempotent."""
        await asyncio.to_thread(self._path(digest).unlink, missing_ok=True)

    def _path(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise InvalidError("a digest is 64 lower-case hexadecimal digits", field="digest")
        return self._directory / digest[:2] / digest[2:4] / digest

    def _put(self, path: Path, digest: str, content: bytes) -> None:
        if hashlib.sha256(content).hexdigest() != digest:
            raise InvalidError("the bytes do not have that SHA-256", field="digest")
        if path.exists():
            return
        partial = path.with_name(f".{digest}.{secrets.token_hex(4)}")
        try:
            self._make_folders(path.parent)
            with partial.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
            _sync_folder(path.parent)
        except OSError as error:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
            raise UnavailableError(f"the blob cannot be stored: {error.strerror}") from error

    def _make_folders(self, folder: Path) -> None:
        if folder.is_dir():
            return
        folder.mkdir(parents=True, exist_ok=True)
        _sync_folder(folder.parent)
        _sync_folder(self._directory)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
