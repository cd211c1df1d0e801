from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import pytest

from amaan.engines.blobs.disk import DiskBlobs
from amaan.kernel.engines import BlobStore
from amaan.kernel.errors import InvalidError, NotFoundError, UnavailableError

CONTENT = b"\xff\xd8 a picture"
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return DiskBlobs(tmp_path / "blobs")


async def test_stored_bytes_come_back(blobs: BlobStore) -> None:
    await blobs.put(DIGEST, CONTENT)
    await blobs.put(DIGEST, CONTENT)
    assert await blobs.get(DIGEST) == CONTENT


async def test_bytes_under_another_digest_are_refused(blobs: BlobStore) -> None:
    with pytest.raises(InvalidError):
        await blobs.put(hashlib.sha256(b"other").hexdigest(), CONTENT)
    with pytest.raises(NotFoundError):
        await blobs.get(DIGEST)


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "\n"])
async def test_digest_that_could_leave_the_folder_is_refused(blobs: BlobStore, digest: str) -> None:
    with pytest.raises(InvalidError):
        await blobs.get(digest)
    with pytest.raises(InvalidError):
        await blobs.put(digest, CONTENT)


async def test_delete_forgets_and_may_be_repeated(blobs: BlobStore) -> None:
    await blobs.put(DIGEST, CONTENT)
    await blobs.delete(DIGEST)
    await blobs.delete(DIGEST)
    with pytest.raises(NotFoundError):
        await blobs.get(DIGEST)


async def test_many_writers_of_the_same_bytes_leave_one_file(
    blobs: BlobStore, tmp_path: Path
) -> None:
    await asyncio.gather(*(blobs.put(DIGEST, CONTENT) for _ in range(20)))
    assert [p.name for p in (tmp_path / "blobs").rglob("*") if p.is_file()] == [DIGEST]


async def test_folder_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path / "blobs")
    (tmp_path / "blobs" / DIGEST[:2]).write_text("in the way")
    with pytest.raises(UnavailableError):
        await blobs.put(DIGEST, CONTENT)
