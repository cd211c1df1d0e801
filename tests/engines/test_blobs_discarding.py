"""Bytes that are taken away are gone, and none that were just put again."""

from __future__ import annotations

import asyncio
import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from amaan.engines.blobs.disk import DiskBlobs

NOW = datetime.now(UTC)
OLD = NOW - timedelta(days=40)


def put_at(folder: Path, digest: str, at: datetime) -> Path:
    path = folder / "blobs" / digest[:2] / digest[2:4] / digest
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


async def kept(folder: Path, content: bytes, at: datetime) -> str:
    digest = hashlib.sha256(content).hexdigest()
    await DiskBlobs(folder / "blobs").put(digest, content)
    put_at(folder, digest, at)
    return digest


def files(folder: Path) -> list[Path]:
    return [path for path in (folder / "blobs").rglob("*") if path.is_file()]


async def test_discarded_bytes_are_gone_and_again_is_no_fault(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path / "blobs")
    digest = await kept(tmp_path, b"old", OLD)
    assert await blobs.measure(digest) == 3
    assert await blobs.discard(digest, NOW)
    assert await blobs.discard(digest, NOW)
    assert await blobs.measure(digest) is None
    assert files(tmp_path) == []


async def test_bytes_put_again_since_stay(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path / "blobs")
    digest = await kept(tmp_path, b"old", OLD)
    await blobs.put(digest, b"old")
    assert not await blobs.discard(digest, NOW - timedelta(hours=1))
    assert await blobs.get(digest) == b"old"


async def test_put_beside_a_discard_never_loses_the_bytes(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path / "blobs")
    for number in range(200):
        content = b"picture %d" % number
        digest = await kept(tmp_path, content, OLD)
        await asyncio.gather(
            blobs.discard(digest, NOW - timedelta(hours=1)), blobs.put(digest, content)
        )
        assert await blobs.get(digest) == content


async def test_walk_finds_what_is_old_and_nothing_else(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path / "blobs")
    old = [await kept(tmp_path, b"old %d" % number, OLD) for number in range(3)]
    await kept(tmp_path, b"young", NOW)
    found = [stored async for stored in blobs.each(NOW - timedelta(days=30))]
    assert sorted(stored.digest for stored in found) == sorted(old)
    assert {stored.size_bytes for stored in found} == {5}


async def test_leavings_of_a_broken_off_put_are_removed_once_they_are_old(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path / "blobs")
    digest = await kept(tmp_path, b"whole", NOW)
    path = put_at(tmp_path, digest, NOW)
    half, fresh = (path.with_name(f".{digest}.{end}") for end in ("0123abcd", "89abcdef"))
    half.write_bytes(b"ha")
    fresh.write_bytes(b"fr")
    os.utime(half, (OLD.timestamp(), OLD.timestamp()))
    assert await blobs.tidy(NOW - timedelta(days=1)) == 1
    assert sorted(files(tmp_path)) == sorted([path, fresh])
