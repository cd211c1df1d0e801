"""Blobs as files: written beside, flushed to disk, then moved into place."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from io import BufferedWriter
from itertools import chain, islice
from pathlib import Path

from amaan.kernel.engines import StoredBlob
from amaan.kernel.errors import InvalidError, NotFoundError, UnavailableError

_DIGEST = re.compile(r"[0-9a-f]{64}")
_PARTIAL = re.compile(r"\.[0-9a-f]{64}\.[0-9a-f]{8}")
_WALKED_AT_ONCE = 1_000
_PIECE_BYTES = 256 * 1024
INCOMING = "incoming"  # what is being kept and has no name yet


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

    async def keep(self, chunks: AsyncIterator[bytes]) -> StoredBlob:
        """Store what comes under its SHA-256; nothing where the chunks break off."""
        incoming = self._directory / INCOMING
        partial = incoming / secrets.token_hex(16)
        hashed, size = hashlib.sha256(), 0
        try:
            await asyncio.to_thread(incoming.mkdir, mode=0o700, exist_ok=True)
            with await asyncio.to_thread(partial.open, "xb") as file:
                async for chunk in chunks:
                    hashed.update(chunk)
                    size += len(chunk)
                    await asyncio.to_thread(file.write, chunk)
                await asyncio.to_thread(_sync_file, file)
            digest = hashed.hexdigest()
            await asyncio.to_thread(self._move_in, partial, self._path(digest))
        except OSError as error:
            raise UnavailableError(f"the blob cannot be stored: {error.strerror}") from error
        finally:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
        return StoredBlob(digest, datetime.now(UTC), size)

    def _move_in(self, partial: Path, path: Path) -> None:
        self._make_folders(path.parent)
        partial.replace(path)
        _sync_folder(path.parent)

    async def pieces(
        self, digest: str, first: int = 0, last: int | None = None
    ) -> AsyncIterator[bytes]:
        """Yield the bytes from ``first`` to ``last`` (included); NotFoundError when absent."""
        try:
            file = await asyncio.to_thread(self._path(digest).open, "rb")
        except FileNotFoundError as error:
            raise NotFoundError("there are no bytes with that digest") from error
        with file:
            await asyncio.to_thread(file.seek, first)
            left = None if last is None else last - first + 1
            while left is None or left > 0:
                most = _PIECE_BYTES if left is None else min(_PIECE_BYTES, left)
                piece = await asyncio.to_thread(file.read, most)
                if not piece:
                    return
                left = None if left is None else left - len(piece)
                yield piece

    async def delete(self, digest: str) -> None:
        """Forget the bytes; idempotent."""
        await asyncio.to_thread(self._path(digest).unlink, missing_ok=True)

    async def measure(self, digest: str) -> int | None:
        """Return the size in bytes; None when absent."""
        try:
            return (await asyncio.to_thread(self._path(digest).stat)).st_size
        except FileNotFoundError:
            return None

    async def discard(self, digest: str, put_before: datetime) -> bool:
        """Forget the bytes unless they were put (again) since; tell whether they are gone."""
        return await asyncio.to_thread(self._discard, self._path(digest), put_before)

    async def each(self, put_before: datetime) -> AsyncIterator[StoredBlob]:
        """Walk over everything that was last put before a moment; in no order."""
        walk = self._walk(put_before)
        while batch := await asyncio.to_thread(lambda: list(islice(walk, _WALKED_AT_ONCE))):
            for stored in batch:
                yield stored

    async def tidy(self, begun_before: datetime) -> int:
        """Remove what broken-off puts and discards left behind; return how many."""
        return await asyncio.to_thread(self._tidy, begun_before)

    def _files(self) -> Iterator[Path]:
        for folder in self._directory.glob("??/??"):
            with suppress(FileNotFoundError):
                yield from folder.iterdir()

    def _walk(self, put_before: datetime) -> Iterator[StoredBlob]:
        for path in self._files():
            if not _DIGEST.fullmatch(path.name):
                continue
            with suppress(FileNotFoundError):
                status = path.stat()
                put_at = datetime.fromtimestamp(status.st_mtime, UTC)
                if put_at < put_before:
                    yield StoredBlob(path.name, put_at, status.st_size)

    def _tidy(self, begun_before: datetime) -> int:
        gone = 0
        named = (path for path in self._files() if _PARTIAL.fullmatch(path.name))
        for path in chain(named, (self._directory / INCOMING).glob("*")):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < begun_before.timestamp():
                    path.unlink()
                    gone += 1
        return gone

    @staticmethod
    def _discard(path: Path, put_before: datetime) -> bool:
        """Take the file out of sight, then look again: a put that came first is put back.

        A put that comes after finds no file and writes its own.
        """
        hidden = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            path.rename(hidden)
        except FileNotFoundError:
            return True
        if hidden.stat().st_mtime >= put_before.timestamp():
            hidden.rename(path)
            return False
        hidden.unlink()
        _sync_folder(path.parent)
        return True

    def _path(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise InvalidError("a digest is 64 lower-case hexadecimal digits", field="digest")
        return self._directory / digest[:2] / digest[2:4] / digest

    def _put(self, path: Path, digest: str, content: bytes) -> None:
        if hashlib.sha256(content).hexdigest() != digest:
            raise InvalidError("the bytes do not have that SHA-256", field="digest")
        with suppress(FileNotFoundError, NotADirectoryError):
            os.utime(path)  # put again just now: ``discard`` leaves it alone
            if path.exists():  # else it was quicker
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


def _sync_file(file: BufferedWriter) -> None:
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
